"""Folders that the project's own code puts on `sys.path` are roots from which modules are imported."""

from __future__ import annotations

import pytest

from assay.probes.code.languages import language
from assay.probes.code.linking.path_changes import inserted_roots
from tests.probes.code.flow.apps import view_of

SETTINGS = "backend/config/settings.py"


def _roots(text: str, path: str = SETTINGS) -> tuple[str, ...]:
    source = f"import os, sys\nfrom pathlib import Path\n{text}".encode()
    return inserted_roots([path], lambda _path: source, lambda one: language("python").extract(one, source))


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        (
            'BASE_DIR = Path(__file__).resolve().parent.parent\nsys.path.insert(0, os.path.join(BASE_DIR, "apps"))',
            ("backend/apps",),
        ),
        ('BASE = Path(__file__).resolve().parents[1]\nsys.path.append(str(BASE / "apps"))', ("backend/apps",)),
        ("sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))", ("backend/config",)),
        ('sys.path.append(os.path.join(os.path.dirname(__file__), "..", "libs"))', ("backend/libs",)),
        ('ROOT = Path(__file__).parent.parent\nsys.path.append(f"{ROOT}/apps")', ("backend/apps",)),
        ('ROOT = os.path.dirname(__file__)\nsys.path.append(ROOT + "/apps")', ("backend/config/apps",)),
        ('def prepare():\n    sys.path.append(str(Path(__file__).parent.joinpath("x")))', ("backend/config/x",)),
        ("sys.path.insert(0, str(Path(__file__).parent.parent.parent))", ("",)),
    ],
)
def test_a_path_made_of_the_file_and_constants_is_the_folder_that_lies_there(text: str, roots: tuple[str, ...]) -> None:
    assert _roots(text) == roots


@pytest.mark.parametrize(
    "text",
    [
        'sys.path.insert(0, os.environ["EXTRA"])',
        'sys.path.append("/opt/vendor".format(1))',
        "sys.path.insert(0, str(Path(__file__).parents[9]))",
        "other.path.insert(0, os.path.dirname(__file__))",
        "sys.path.remove(os.path.dirname(__file__))",
        "A = B\nB = A\nsys.path.append(A)",
        'sys.path.append("libs")',
    ],
)
def test_a_path_that_cannot_be_told_is_left_out(text: str) -> None:
    assert _roots(text) == ()


PROJECT = {
    "backend/manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    "backend/config/__init__.py": "",
    "backend/config/urls.py": (
        'from django.urls import include, path\n\nurlpatterns = [path("api/accounts/", include("accounts.urls"))]\n'
    ),
    "backend/apps/__init__.py": "",
    "backend/apps/accounts/__init__.py": "",
    "backend/apps/accounts/models.py": (
        "from django.db import models\n\n\nclass Account(models.Model):\n    name = models.TextField()\n"
    ),
    "backend/apps/accounts/urls.py": (
        'from django.urls import path\n\nfrom .views import accounts\n\nurlpatterns = [path("", accounts)]\n'
    ),
    "backend/apps/accounts/views.py": (
        "from accounts.models import Account\nfrom django.http import JsonResponse\n\n\n"
        'def accounts(request):\n    return JsonResponse({"accounts": list(Account.objects.values())})\n'
    ),
}
ROOT_URLS = 'ROOT_URLCONF = "config.urls"\n'


def test_an_application_below_a_folder_on_the_path_is_served() -> None:
    settings = (
        "import os, sys\n\nBASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n"
        'sys.path.insert(0, os.path.join(BASE_DIR, "apps"))\n'
    )
    found = view_of({**PROJECT, SETTINGS: settings + ROOT_URLS}).endpoints
    assert [(one.endpoint.path, str(one.endpoint.verdict)) for one in found] == [("/api/accounts/", "real")]


def test_without_the_folder_on_the_path_the_application_is_not_served() -> None:
    found = view_of({**PROJECT, SETTINGS: ROOT_URLS}).endpoints
    assert [str(one.endpoint.verdict) for one in found] == ["unwired"]
