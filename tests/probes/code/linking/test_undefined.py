"""A module that uses a name which nothing binds cannot be imported; everything that may bind one is heard."""

from __future__ import annotations

import pytest

from tests.probes.code.endpoints import view

IMPORTED = "from made import TITLE, helper\n"
APP = """
from fastapi import FastAPI

from routes import router

app = FastAPI()
app.include_router(router)
"""
ROUTES = """
from fastapi import APIRouter

router = APIRouter()
{code}

@router.get("/units")
def units():
    return ["piece"]
"""


def lost(code: str, **more: str) -> list[str]:
    """What is said of modules that cannot be imported where this stands in one that is imported."""
    files = {"main.py": APP, "routes.py": ROUTES.format(code=code)}
    files.update({name.replace("__", "/") + ".py": text for name, text in more.items()})
    return [one.cause for one in view(files).unimportable if one.file == "routes.py"]


@pytest.mark.parametrize(
    "code",
    [
        "log = logging.getLogger(__name__)",
        "LIMIT = min(9, missing)",
        "class Row(missing):\n    pass",
        "class Row:\n    size = missing + 1",
        "@missing\ndef helper():\n    pass",
        "def helper(size=missing):\n    pass",
        "if missing:\n    pass",
        "for one in missing:\n    pass",
        "with missing as stream:\n    pass",
        "SIZES = {}\nSIZES[missing] = 1",
        "SIZES = {'a': [f'{missing}']}",
        "NAMES = [one for one in missing]",
        "KNOWN = missing or 1",
    ],
)
def test_a_name_that_nothing_binds_keeps_a_module_from_being_imported(code: str) -> None:
    name = "logging" if "logging" in code else "missing"
    assert lost(code) == [f"`{name}` is not defined"]


@pytest.mark.parametrize(
    "code",
    [
        "SIZES = [missing for missing in (1, 2)]\nFIRST = missing",
        "try:\n    LIMIT = missing\nexcept NameError:\n    LIMIT = 1",
        "if router.prefix:\n    LIMIT = missing",
        "def helper():\n    return missing",
        "helper = lambda: missing",
        "KNOWN = 1 or missing",
        "KNOWN = 1 if router else missing",
        "SIZES = [missing for one in ()]",
        "def fill():\n    global missing\n    missing = 1\n\nfill()\nLIMIT = missing",
        "globals()['missing'] = 1\nLIMIT = missing",
        "exec('missing = 1')\nLIMIT = missing",
        "from somewhere import *\nLIMIT = missing",
        "import sys\nif sys.argv:\n    sys.exit(0)\nLIMIT = missing",
        "@profile\ndef helper():\n    pass",
        "TITLE = _('units')",
        "def helper(size: missing):\n    pass",
        "class Box[missing](list[missing]):\n    pass",
        "PATH = __file__ + __name__",
        "match router:\n    case [missing]:\n        LIMIT = missing",
        "if (missing := 1):\n    LIMIT = missing",
        "while router.prefix:\n    LIMIT = missing",
    ],
)
def test_what_may_bind_a_name_or_may_not_run_is_heard(code: str) -> None:
    assert lost(code) == []


def test_a_name_that_is_put_among_the_built_in_ones_is_defined() -> None:
    assert lost("LIMIT = missing") != []
    assert lost("LIMIT = missing", setup="import builtins\nbuiltins.missing = 1\n") == []


def test_an_annotation_is_evaluated_by_a_python_that_does_and_not_where_it_is_kept_as_text() -> None:
    code = "def helper(size: missing):\n    pass"
    old = {"pyproject.toml": '[project]\nrequires-python = ">=3.11"\n'}
    files = {"main.py": APP, "routes.py": ROUTES.format(code=code), **old}
    assert [one.cause for one in view(files).unimportable] != []
    files["routes.py"] = "from __future__ import annotations\n" + ROUTES.format(code=code)
    assert [one.cause for one in view(files).unimportable] == []


@pytest.mark.parametrize(
    "made",
    [
        "def shown(text):\n    return lambda one: one\n\n\n@shown(TITLE := 'Elements')\ndef helper():\n    pass\n",
        "print(TITLE := 'Elements')\n\n\ndef helper():\n    pass\n",
        "if (TITLE := 'Elements'):\n    def helper():\n        pass\n",
        "globals()['TITLE'] = 'Elements'\n\n\ndef helper():\n    pass\n",
        "import sys\n\nsetattr(sys.modules[__name__], 'TITLE', 1)\n\n\ndef helper():\n    pass\n",
    ],
)
def test_a_name_that_an_expression_binds_can_be_imported(made: str) -> None:
    assert lost(IMPORTED, made=made) == []


def test_a_name_that_only_a_function_binds_cannot_be_imported() -> None:
    made = "def helper():\n    TITLE = 1\n    if (other := 2):\n        return TITLE + other\n"
    assert lost(IMPORTED, made=made) == ["`made` has no name `TITLE`"]
