"""What an endpoint is meant to do is judged although its success path can only fail."""

from __future__ import annotations

from tests.probes.code.flow.apps import view_of

_APP = """
from fastapi import APIRouter, FastAPI
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine("postgresql://localhost/app")


@app.get("/figures")
def figures():
    mock_figures = [{"name": "a", "total": 12}, {"name": "b", "total": 31}]
    return JSONResponse(status_code=200, content={"figures": mock_figures})


@app.get("/rows")
def rows():
    with engine.connect() as connection:
        found = connection.execute(text("SELECT total FROM figures")).fetchall()
    return JSONResponse(status_code=200, content={"figures": [row.total for row in found]})
"""


def test_a_forgotten_import_of_a_response_class_does_not_hide_what_would_be_answered() -> None:
    judged = {one.endpoint.path: one.endpoint for one in view_of({"main.py": _APP}).endpoints}
    assert {path: (str(one.verdict), str(one.body)) for path, one in judged.items()} == {
        "/figures": ("broken", "mock"),
        "/rows": ("broken", "real"),
    }
