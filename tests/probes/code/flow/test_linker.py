"""What an import means, for Python's rules and for those of JavaScript's resolvers."""

from __future__ import annotations

import pytest

from assay.probes.code.engine import EngineOptions, SourceFile
from assay.probes.code.linking.linker import Absent, Linker
from assay.probes.code.project import Project
from tests.probes.code.flow.apps import app, view_of


def linker(*paths: str, configuration: dict[str, str] | None = None) -> Linker:
    return Linker(paths, (configuration or {}).get)


@pytest.mark.parametrize(
    ("module", "importer", "meant"),
    [
        (".models", "app/routes.py", "app/models.py"),
        ("..db", "app/api/routes.py", "app/db.py"),
        (".", "app/routes.py", "app/__init__.py"),
        ("app.models", "app/routes.py", "app/models.py"),
        ("models", "app/api/routes.py", "app/models.py"),
        ("core.config", "services/tax/main.py", "services/tax/src/core/config.py"),
        ("requests", "app/routes.py", Absent.LIBRARY),
        ("app.nowhere", "app/routes.py", Absent.MISSING),
        ("....beyond", "app/routes.py", Absent.MISSING),
        ("plain.inner", "app/routes.py", "plain/inner"),
    ],
)
def test_a_python_import_means_the_file_that_python_would_load(module: str, importer: str, meant: str | Absent) -> None:
    files = linker(
        "app/__init__.py",
        "app/models.py",
        "app/db.py",
        "app/routes.py",
        "app/api/routes.py",
        "services/tax/main.py",
        "services/tax/src/core/config.py",
        "plain/inner/leaf.py",
    )
    assert files.python(module, importer) == meant


@pytest.mark.parametrize(
    ("module", "importer", "meant"),
    [
        ("celery", "shop/celery.py", Absent.LIBRARY),
        ("celery", "shop/tasks/mail.py", Absent.LIBRARY),
        ("shop.celery", "shop/tasks/mail.py", "shop/celery.py"),
        (".celery", "shop/__init__.py", "shop/celery.py"),
        ("jwt", "other/service.py", Absent.LIBRARY),
        ("django.conf", "config/urls.py", Absent.LIBRARY),
        ("logging", "shop/tasks/mail.py", Absent.LIBRARY),
        ("celery", "loose/tasks.py", Absent.LIBRARY),
        ("secrets", "loose/tasks.py", "loose/secrets.py"),
        ("redis.client", "shop/tasks/mail.py", "redis/client.py"),
    ],
)
def test_inside_a_package_the_name_of_a_library_is_never_a_module_beside_the_file_that_asks(
    module: str, importer: str, meant: str | Absent
) -> None:
    files = linker(
        "shop/__init__.py",
        "shop/celery.py",
        "shop/logging.py",
        "shop/tasks/__init__.py",
        "shop/tasks/mail.py",
        "config/__init__.py",
        "config/urls.py",
        "config/django/__init__.py",
        "config/settings/jwt.py",
        "other/service.py",
        "loose/celery.py",
        "loose/secrets.py",
        "loose/tasks.py",
        "redis/__init__.py",
        "redis/client.py",
    )
    assert files.python(module, importer) == meant


@pytest.mark.parametrize(
    ("module", "certain"),
    [("app.models", True), (".models", True), ("app.nowhere", True), ("elsewhere", False), ("models", False)],
)
def test_an_import_is_certain_where_it_means_the_same_wherever_the_project_is_started(
    module: str, *, certain: bool
) -> None:
    paths = ("app/__init__.py", "app/models.py", "app/main.py", "other/elsewhere.py")
    files = Linker(paths, lambda _path: None, imported=lambda folder: folder == "app")
    assert files.is_certain(module, "app/main.py") is certain


def test_a_module_of_python_is_meant_where_another_folder_has_one_of_its_name() -> None:
    assert linker("app/main.py", "scripts/calendar.py").python("calendar", "app/main.py") is Absent.LIBRARY


def test_of_two_modules_of_the_same_name_the_one_nearest_to_the_importer_is_meant() -> None:
    files = linker("a/core/db.py", "b/core/db.py", "a/main.py", "b/main.py")
    assert files.python("core.db", "a/main.py") == "a/core/db.py"
    assert files.python("core.db", "b/main.py") == "b/core/db.py"


@pytest.mark.parametrize(
    ("module", "meant"),
    [
        ("./db", "web/src/db.ts"),
        ("./db.js", "web/src/db.ts"),
        ("./routes", "web/src/routes/index.ts"),
        ("@/db", "web/src/db.ts"),
        ("~lib/math", "web/src/lib/math.ts"),
        ("@shop/tools", "packages/tools/src/index.ts"),
        ("@shop/tools/deep", "packages/tools/src/deep.ts"),
        ("express", Absent.LIBRARY),
        ("./gone", Absent.MISSING),
    ],
)
def test_a_javascript_specifier_means_the_file_that_the_project_configures(module: str, meant: str | Absent) -> None:
    files = linker(
        "web/src/index.ts",
        "web/src/db.ts",
        "web/src/routes/index.ts",
        "web/src/lib/math.ts",
        "packages/tools/src/index.ts",
        "packages/tools/src/deep.ts",
        configuration={
            "web/tsconfig.json": '{"extends": "./tsconfig.base.json", /* a comment */ "compilerOptions": {},}',
            "web/tsconfig.base.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["src/*"],'
            ' "~lib/*": ["src/lib/*"]}}}',
            "packages/tools/package.json": '{"name": "@shop/tools", "main": "dist/index.js"}',
        },
    )
    assert files.javascript(module, "web/src/index.ts") == meant


def test_a_configuration_that_extends_itself_ends() -> None:
    files = linker("a.ts", configuration={"tsconfig.json": '{"extends": "./tsconfig.json"}'})
    assert files.javascript("x", "a.ts") is Absent.LIBRARY


def test_an_annotation_is_read_in_the_file_of_the_dependency_that_states_it() -> None:
    files = app("identity")
    project = Project([SourceFile(path=path, read=text.encode) for path, text in files.items()], EngineOptions())
    gated = project._gated()
    project._wire(gated)
    assert [trace.broken for _, trace in project._run(list(project._served(gated))) if trace.broken] == []


_USERS = "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/users')\ndef users():\n    return []\n"


def test_a_module_of_a_package_that_cannot_be_imported_cannot_be_imported_either() -> None:
    files = {
        "app/__init__.py": "",
        "app/api/__init__.py": "from . import broken\n",
        "app/api/broken.py": "def f(:\n",
        "app/api/users.py": _USERS,
    }
    unimportable = {one.file: one.reason for one in view_of(files).unimportable}
    assert unimportable["app/api/users.py"].startswith("`app.api` cannot be imported")


def test_a_module_beside_the_broken_init_of_an_outermost_folder_may_be_loaded_from_inside() -> None:
    files = {"app/__init__.py": "from . import broken\n", "app/broken.py": "def f(:\n", "app/users.py": _USERS}
    assert "app/users.py" not in {one.file for one in view_of(files).unimportable}


def test_a_folder_named_like_a_module_of_python_takes_nothing_down() -> None:
    files = {
        "app/__init__.py": "",
        "app/logging/__init__.py": "def setup():\n    pass\n",
        "app/users.py": "import logging\nfrom logging.handlers import RotatingFileHandler\n" + _USERS,
    }
    assert view_of(files).unimportable == ()


def test_a_package_that_extends_its_path_may_have_modules_that_are_installed() -> None:
    shared = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
    for init, missing in (("", True), (shared, False)):
        files = {"shop/__init__.py": init, "shop/users.py": "from shop.sdk import client\n" + _USERS}
        assert bool(view_of(files).unimportable) is missing
