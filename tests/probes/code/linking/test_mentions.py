"""A router that nothing mounts is proven to be lost where nothing in the project can load its module."""

from __future__ import annotations

import pytest

from tests.probes.code.flow.apps import view_of

_LOST = """
from fastapi import APIRouter

router = APIRouter()


@router.get("/lost")
def lost():
    return ["pdf"]
"""
_MAIN = """
from fastapi import FastAPI
{}
app = FastAPI()


@app.get("/formats")
def formats():
    return ["pdf"]
"""


def _confidence(files: dict[str, str]) -> str:
    lost = [flow.endpoint for flow in view_of(files).endpoints if flow.endpoint.path.endswith("/lost")]
    assert [str(one.verdict) for one in lost] == ["unwired"]
    return str(lost[0].confidence)


def test_a_module_that_nothing_names_is_proven_to_be_lost() -> None:
    main = _MAIN.format("from shop import unusual_routes_v2  # not unusual_routes\n")
    files = {"shop/main.py": main, "shop/unusual_routes.py": _LOST, "shop/unusual_routes_v2.py": ""}
    assert _confidence(files) == "high"


@pytest.mark.parametrize(
    "naming",
    [
        "from shop import unusual_routes",
        "import shop.unusual_routes",
        "from shop import (\n    other,\n    unusual_routes,\n)",
        "from shop import (\n    other, unusual_routes)",
        'PLUGINS = ["shop.unusual_routes:router"]',
        'PLUGINS = {"unusual_routes": "/lost"}',
    ],
)
def test_a_module_that_is_named_may_be_mounted_in_a_way_that_was_not_followed(naming: str) -> None:
    files = {"shop/main.py": _MAIN.format(naming), "shop/unusual_routes.py": _LOST, "shop/other.py": ""}
    assert _confidence(files) == "medium"


def test_a_project_that_loads_modules_by_computed_names_may_load_any() -> None:
    finder = "import pkgutil\n\n\ndef plugins(path):\n    return [one.name for one in pkgutil.iter_modules([path])]\n"
    files = {"shop/main.py": _MAIN.format(""), "shop/finder.py": finder, "shop/unusual_routes.py": _LOST}
    assert _confidence(files) == "medium"


def test_a_package_goes_by_the_name_of_its_folder() -> None:
    lost = {"shop/unusual/__init__.py": _LOST}
    assert _confidence({"shop/main.py": _MAIN.format(""), **lost}) == "high"
    assert _confidence({"shop/main.py": _MAIN.format("from shop import unusual"), **lost}) == "medium"


def test_a_router_beside_which_no_application_is_known_may_be_served_elsewhere() -> None:
    assert _confidence({"shop/main.py": _MAIN.format(""), "desk/unusual_routes.py": _LOST}) == "medium"


def test_the_file_of_the_application_is_loaded_though_nothing_names_it() -> None:
    assert _confidence({"shop/main.py": _MAIN.format("") + _LOST}) == "medium"
