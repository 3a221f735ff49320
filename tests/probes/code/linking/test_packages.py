"""A name that a package of the project shares with a library means the library, unless the folder is a root."""

from __future__ import annotations

import pytest

from tests.probes.code.endpoints import served, unserved

MAIN = """
from fastapi import FastAPI
from app.{name} import routes
from app.core.logging import logger

app = FastAPI()
app.include_router(routes.router)
"""
ROUTES = """
import logging
from {name} import Something
from fastapi import APIRouter

router = APIRouter()


@router.get("/x")
def x(): ...
"""


def _package(name: str) -> dict[str, str]:
    return {
        "main.py": MAIN.format(name=name),
        "app/__init__.py": "",
        f"app/{name}/__init__.py": "from .things import Other",
        f"app/{name}/things.py": "Other = 1",
        f"app/{name}/routes.py": ROUTES.format(name=name),
        "app/core/__init__.py": "",
        "app/core/logging.py": "import logging\n\nlogger = logging.getLogger()",
    }


@pytest.mark.parametrize("name", ["graphql", "redis"])
def test_a_library_is_not_taken_for_a_folder_of_its_name_inside_a_package(name: str) -> None:
    assert served(_package(name)) == ["GET /x"]


def test_a_module_of_the_standard_library_is_not_taken_for_a_file_of_its_name_inside_a_package() -> None:
    files = {
        "main.py": "from app.routes import app",
        "app/__init__.py": "",
        "app/logging.py": "logger = 1",
        "app/routes.py": """
            from logging import getLogger
            from fastapi import FastAPI

            app = FastAPI()

            @app.get("/x")
            def x(): ...
        """,
    }
    assert served(files) == ["GET /x"]


def test_a_folder_from_which_its_modules_are_imported_is_a_root_although_a_package_too() -> None:
    files = {
        "tests_like.py": "from app.main import app",
        "app/__init__.py": "",
        "app/main.py": """
            from config import settings
            from core import things
            from database import engine
            from api.gone import router
            from fastapi import FastAPI

            app = FastAPI()
            app.include_router(router)

            @app.get("/x")
            def x(): ...
        """,
        "app/config.py": "settings = 1",
        "app/core.py": "things = 1",
        "app/database.py": "engine = 1",
        "app/api/__init__.py": "",
    }
    assert unserved(files) == ["GET /x"]
