"""A team's own class becomes a store in three lines; what is wrong in them is told, and so is that they are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assay.core.command import UsageError
from assay.probes.code.intake.config import load_settings
from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan
from assay.probes.code.stores.declared import DeclaredStore
from tests.probes.code.trees import write_tree

GUIDE = Path(__file__).parents[4] / "docs/scan.md"
APP = """
from fastapi import FastAPI
from pydantic import BaseModel
from company.storage import Table

app = FastAPI()


class Note(BaseModel):
    text: str


class Notes(Table):
    def titles(self):
        return [one["text"] for one in self.search(kind="note")]


notes = Notes("notes")
plain = Table("plain")


@app.get("/notes/{key}")
def one(key: str):
    return notes.get(key)


@app.get("/titles")
def titles():
    return {"titles": notes.titles()}


@app.post("/notes")
def add(note: Note):
    plain.put(note.model_dump())
    return {"success": True}


@app.post("/drafts")
def draft(note: Note):
    notes.prepare(note)
    return {"success": True}
"""
STORAGE = """
class Table:
    def __init__(self, name):
        self.name = name

    def get(self, key):
        return transport(self.name, key)

    def search(self, **filters):
        return transport(self.name, filters)

    def put(self, record):
        transport(self.name, record)

    def prepare(self, record):
        return None


def transport(*given):
    return None
"""


def example() -> str:
    """The configuration that the guide shows."""
    found = re.search(r"```toml\n(\[\[scan\.stores\]\].*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def verdicts(root: Path) -> dict[str, str]:
    report = scan(ScanRequest(root=root)).report
    return {f"{'/'.join(one.methods)} {one.path}": str(one.verdict) for one in report.endpoints}


def test_the_example_of_the_guide_makes_endpoints_real_that_go_through_the_named_methods(tmp_path: Path) -> None:
    write_tree(tmp_path, {"app.py": APP, "company/storage.py": STORAGE})
    without = verdicts(tmp_path)
    assert "real" not in without.values()
    write_tree(tmp_path, {"assay.toml": example()})
    assert verdicts(tmp_path) == {
        "GET /notes/{key}": "real",
        "GET /titles": "real",
        "POST /notes": "real",
        "POST /drafts": without["POST /drafts"],
    }


def test_a_class_of_a_library_can_be_declared_where_its_code_is_not_at_hand(tmp_path: Path) -> None:
    write_tree(tmp_path, {"app.py": APP, "assay.toml": example()})
    assert verdicts(tmp_path)["GET /titles"] == "real"
    assert verdicts(tmp_path)["POST /notes"] == "real"


def test_a_class_of_the_same_name_in_another_module_is_no_store(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {"app.py": APP.replace("company.storage", "other"), "other.py": STORAGE, "assay.toml": example()},
    )
    assert "real" not in verdicts(tmp_path).values()


@pytest.mark.parametrize("name", ["assay.toml", "pyproject.toml"])
def test_stores_are_read_from_either_file_and_told_in_the_report(tmp_path: Path, name: str) -> None:
    text = example() if name == "assay.toml" else example().replace("[[scan.", "[[tool.assay.scan.")
    write_tree(tmp_path, {"app.py": APP, name: text})
    settings = load_settings(tmp_path, top=None, chosen=None, rules=frozenset())
    assert settings.stores == (DeclaredStore("company.storage.Table", ("get", "search"), ("put", "remove")),)
    (note,) = [one for one in scan(ScanRequest(root=tmp_path)).report.findings if one.rule == "weakened-configuration"]
    assert (note.at.file, note.at.line) == (name, 2)
    assert "company.storage.Table is a store: reads by get, search; writes by put, remove" in note.message


def test_a_store_that_the_caller_declares_is_no_note(tmp_path: Path) -> None:
    write_tree(tmp_path, {"app.py": APP, "ci/own.toml": example()})
    report = scan(ScanRequest(root=tmp_path, config=tmp_path / "ci/own.toml")).report
    assert {one.rule for one in report.findings} & {"weakened-configuration"} == set()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("stores = 1", "`stores` is 1, and may be a list of tables"),
        ("stores = ['app.Table']", '`stores`, entry 1 is "app.Table", and may be a table'),
        ("stores = [{ class = 'Table', reads = ['get'] }]", '`class` is "Table", and is a dotted name'),
        ("stores = [{ reads = ['get'] }]", "`class` is null, and is a dotted name"),
        ("stores = [{ class = 'app.Table' }]", "`app.Table` has neither `reads` nor `writes`"),
        (
            "stores = [{ class = 'app.Table', reads = 'get' }]",
            '`reads` is "get", and may be a list of names of methods',
        ),
        ("stores = [{ class = 'app.Table', reads = ['a b'] }]", '`reads` is ["a b"], and may be a list'),
        ("stores = [{ class = 'app.Table', reads = ['get'], writes = ['get'] }]", "`get` stands in `reads` and in"),
        ("stores = [{ class = 'app.Table', read = ['get'] }]", "`read` is no key of a store; those are class, reads"),
        ("python = 3.12", '`python` is 3.12, and may be the version it runs on such as "3.12"'),
        ("python = '4'", '`python` is "4", and may be the version it runs on such as "3.12"'),
    ],
)
def test_what_is_wrong_is_named_with_what_may_be(tmp_path: Path, entry: str, message: str) -> None:
    write_tree(tmp_path, {"assay.toml": f"[scan]\n{entry}\n"})
    with pytest.raises(UsageError) as raised:
        load_settings(tmp_path, top=None, chosen=None, rules=frozenset())
    assert message in str(raised.value)


NEWER = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a():\n    return [*b for b in ()]\n"


def test_the_python_that_is_named_decides_for_which_one_a_module_is_judged_and_is_told(tmp_path: Path) -> None:
    write_tree(tmp_path, {"app.py": APP, "assay.toml": '[scan]\npython = "3.99"\n'})
    report = scan(ScanRequest(root=tmp_path)).report
    assert [one.message for one in report.findings if one.rule == "weakened-configuration"] == [
        "the project says that it runs on Python 3.99; its modules are judged for that"
    ]
    write_tree(tmp_path, {"app.py": NEWER})
    assert verdicts(tmp_path)["GET /a"] != "unwired"
    told = {one.file: one.reason for one in scan(ScanRequest(root=tmp_path)).report.skipped}
    assert told["app.py"] == "it is not known whether it can be imported: needs Python 3.15"
    write_tree(tmp_path, {"assay.toml": '[scan]\npython = "3.8"\n'})
    assert verdicts(tmp_path)["GET /a"] == "unwired"
