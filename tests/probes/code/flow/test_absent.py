"""A name that a module of the project lacks fails where it is read, unless a library of the module's name is meant."""

from __future__ import annotations

from tests.probes.code.endpoints import view

SERVICE = """
from fastapi import FastAPI
import faces
app = FastAPI()

@app.post("/encodings")
def encodings(one: dict):
    return {"found": faces.encode(one)}
"""


def _verdict(files: dict[str, str]) -> str:
    (flow,) = view(files).endpoints
    return str(flow.endpoint.verdict)


def test_a_name_that_the_module_beside_it_lacks_is_broken() -> None:
    assert _verdict({"service/main.py": SERVICE, "service/faces.py": "def compare(one):\n    return one\n"}) == "broken"


def test_a_module_of_another_program_is_not_the_library_of_its_name() -> None:
    other = {"src/faces.py": "def compare(one):\n    return one\n", "service/faces/main.py": SERVICE}
    assert _verdict(other) != "broken"


def test_a_script_in_a_folder_of_a_librarys_name_imports_the_library() -> None:
    assert _verdict({"service/faces/__init__.py": "", "service/faces/main.py": SERVICE}) != "broken"


def test_what_a_long_start_up_makes_in_the_end_is_mounted() -> None:
    slow = "    one = 1\n" * 30_000
    main = f"""
from fastapi import APIRouter, FastAPI

router = APIRouter()


@router.get("/orders")
def orders():
    return []


def warm_up():
{slow}    return one


def create_app():
    warm_up()
    app = FastAPI()
    app.include_router(router, prefix="/v1")
    return app
"""
    (flow,) = view({"main.py": main}).endpoints
    assert (flow.endpoint.path, str(flow.endpoint.verdict)) == ("/v1/orders", str(flow.endpoint.body))
