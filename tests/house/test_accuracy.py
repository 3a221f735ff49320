"""The figures of docs/accuracy.md come from the scorer's counts, and name no repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.probes.code.trees import write_tree
from tools import accuracy

if TYPE_CHECKING:
    from pathlib import Path

SCORER = """
FAKE = {"mock"}

class Score:
    def __init__(self):
        self.n = dict.fromkeys(("labels", "found", "phantoms", "clear", "exact", "decided"), 0)

    def add(self, label, got):
        if label is None:
            self.n["phantoms"] += 1
            return
        self.n["labels"] += 1
        self.n["found"] += got is not None
        self.n["clear"] += 1
        self.n["exact"] += got is not None and got["body"] == label["body"]
        self.n["decided"] += got is not None

    def precision(self, name):
        return (1, 2) if name == "fake" else (0, 0)

    recall = precision

def match(labels, predictions):
    by_line = {got["line"]: got for got in predictions}
    for label in labels:
        yield label, by_line.pop(label["line"], None)
    for got in by_line.values():
        yield None, got
"""
APP = """from fastapi import FastAPI
app = FastAPI()
@app.get("/health")
def health():
    return {"status": "ok"}
@app.get("/orders/{number}")
def order(number: int):
    return {"total": 42, "average": 3.5, "updated": "2025-01-15"}
"""


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    rows = [
        {"repo": "secret/name", "commit": "0123456789", "file": "main.py", "line": line, "framework": "fastapi"}
        | {"body": body, "body_severity": "clear"}
        for line, body in ((3, "static"), (6, "real"))
    ]
    text = "\n".join(json.dumps(row) for row in rows)
    return write_tree(tmp_path / "labels", {"evaluate.py": SCORER, "endpoints.jsonl": text})


def test_the_tables_count_what_a_scan_of_the_trees_says(labels: Path, tmp_path: Path) -> None:
    write_tree(tmp_path / "trees" / "secret+name@01234567", {"main.py": APP})
    tables = accuracy.figures(labels, tmp_path / "trees", "")
    assert "| Python, fastapi | 2 | 1.000 | 0 | 0.500 | 1.000 | 0.500 / 0.500 | - / - | - / - | - / - |" in tables
    assert "| high | 0 of 1 (0.000) | 1 of 1 (1.000) |" in tables
    assert "secret" not in tables


def test_a_tree_that_is_not_there_is_named(labels: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no tree secret\+name@01234567"):
        accuracy.figures(labels, tmp_path, "")


def test_the_page_keeps_its_text_around_the_figures() -> None:
    begin, end = accuracy._BEGIN, accuracy._END
    assert accuracy.written(f"a\n{begin}\nold\n{end}\nb", "new") == f"a\n{begin}\n\nnew\n\n{end}\nb"
    with pytest.raises(SystemExit, match="has no place for figures"):
        accuracy.written("a\nb", "new")
