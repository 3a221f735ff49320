"""A fake endpoint names the real one that nobody serves; a broken module is told once, with what it takes down."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assay.probes.code.intake.config import ScanSettings
from assay.probes.code.rules import RULES
from assay.probes.code.rules.base import Examined
from tests.probes.code.endpoints import found, served, view

if TYPE_CHECKING:
    from assay.probes.code.model import Finding

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Order(db.Model):
    name = db.Column(db.String)
"""
MAIN = """
from fastapi import FastAPI
import sample

app = FastAPI()
app.include_router(sample.router, prefix="/api")
"""
SAMPLE = """
from fastapi import APIRouter

router = APIRouter()


@router.get("/orders")
def orders():
    return [{"id": 1, "total": 19.99, "customer": "Jane Doe"}, {"id": 2, "total": 5.0, "customer": "John Doe"}]
"""
REAL = """
from fastapi import APIRouter
from models import Order

router = APIRouter()


@router.get("{path}")
def {name}():
    return [order.name for order in Order.query.all()]
"""


def _findings(files: dict[str, str], rule: str) -> list[Finding]:
    (one,) = [one for one in RULES if one.id == rule]
    settings = ScanSettings()
    examined = Examined(view(files), settings, "assay.toml", (), date(2026, 1, 1), frozenset())
    return list(one.findings(examined))


def _tree(path: str, name: str) -> dict[str, str]:
    real = REAL.replace("{path}", path).replace("{name}", name)
    return {"main.py": MAIN, "sample.py": SAMPLE, "models.py": MODELS, "stored.py": real}


@pytest.mark.parametrize(
    ("path", "name"), [("/api/orders", "stored"), ("/orders", "stored"), ("/v2/orders", "stored"), ("/all", "orders")]
)
def test_a_served_mock_names_its_real_twin_of_the_same_path_end_of_path_or_name(path: str, name: str) -> None:
    (only,) = _findings(_tree(path, name), "mock-data")
    assert f"the real GET {path} at stored.py:8 is never served" in only.message
    assert [one.at.file for one in only.related] == ["stored.py"]


@pytest.mark.parametrize(("path", "name"), [("/customers", "customers"), ("/orders/{number}", "one")])
def test_another_resource_is_no_twin(path: str, name: str) -> None:
    (only,) = _findings(_tree(path, name), "mock-data")
    assert "never served" not in only.message
    assert not only.related


def test_a_real_endpoint_that_is_served_is_no_twin() -> None:
    files = _tree("/stored/orders", "stored")
    files["main.py"] += "import stored\napp.include_router(stored.router)\n"
    (only,) = _findings(files, "mock-data")
    assert "never served" not in only.message


BROKEN = {
    "models.py": "from sqlalchemy import (\n",
    "users.py": "from models import User\n" + REAL.replace("{path}", "/users").replace("{name}", "users"),
    "orders.py": REAL.replace("{path}", "/orders").replace("{name}", "orders"),
    "main.py": """
        from fastapi import FastAPI
        app = FastAPI()
        try:
            import orders, users
            app.include_router(orders.router)
            app.include_router(users.router)
        except ImportError:
            pass

        @app.get("/health")
        def health():
            return {"status": "ok"}
    """,
}


def test_a_module_that_takes_others_down_is_told_once_with_the_endpoints_that_are_lost() -> None:
    (only,) = _findings(BROKEN, "unimportable-module")
    assert (only.at.file, only.at.line) == ("models.py", 1)
    assert "it takes down 2 modules and 2 endpoints" in only.message
    assert [one.message for one in only.related] == [
        "orders.py cannot be imported either",
        "users.py cannot be imported either",
        "GET /orders is lost",
        "GET /users is lost",
    ]


def test_what_an_application_that_cannot_be_imported_would_serve_stands_at_its_full_path_and_is_debatable() -> None:
    files = {
        "main.py": MAIN + "from nowhere.at import all\nfrom sample import missing\n",
        "sample.py": SAMPLE,
    }
    (only,) = view(files).endpoints
    assert (only.endpoint.title, only.endpoint.verdict.value) == ("GET /api/orders", "unwired")
    assert only.endpoint.debatable
    assert only.unwired is not None
    assert "cannot be imported: `sample` has no name `missing`" in only.unwired.message


def test_where_another_application_is_served_the_loss_of_one_is_not_debatable() -> None:
    files = {
        "main.py": MAIN + "from sample import missing\n",
        "sample.py": SAMPLE,
        "other.py": "from fastapi import FastAPI\napp = FastAPI()\n\n@app.get('/x')\ndef x():\n    return 1\n",
    }
    assert [flow.endpoint.debatable for flow in view(files).endpoints if flow.endpoint.verdict == "unwired"] == [False]


@pytest.mark.parametrize(
    ("condition", "debatable"),
    [
        ("if os.getenv('SAMPLES') == '1':", True),
        ("if sample:", False),
        ("if sample.router is not None:", False),
        ("if True:", False),
        ("for _ in range(1):", False),
    ],
)
def test_a_mock_that_is_mounted_on_a_condition_is_debatable(condition: str, debatable: bool) -> None:  # noqa: FBT001
    main = f"import os\nfrom fastapi import FastAPI\nimport sample\napp = FastAPI()\n{condition}\n"
    files = {"main.py": f"{main}    app.include_router(sample.router)\n", "sample.py": SAMPLE}
    (only,) = view(files).endpoints
    assert only.endpoint.verdict == "mock"
    assert ("conditional-mount" in only.endpoint.flags, only.endpoint.debatable) == (debatable, debatable)


def test_a_branch_under_a_literal_false_mounts_nothing() -> None:
    main = "from fastapi import FastAPI\nimport sample\napp = FastAPI()\nif False:\n"
    files = {"main.py": f"{main}    app.include_router(sample.router)\n", "sample.py": SAMPLE}
    assert served(files) == []
    assert [one.verdict for one in found(files)] == ["unwired"]
