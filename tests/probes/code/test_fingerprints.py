"""A fingerprint is the same in the next scan, and no two of one report are equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan
from tests.probes.code.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

APP = """from fastapi import FastAPI

app = FastAPI()


@app.get("/a")
def a():
    return [{"id": 1, "name": "Ann"}]


@app.get("/b")
def b():
    return [{"id": 1, "name": "Ann"}]
"""
SECRETS = 'A = "postgresql://app:hunter2@db.example.org/x"\nB = 1\nA = "postgresql://app:hunter2@db.example.org/x"\n'


def fingerprints(root: Path, app: str, secrets: str = SECRETS) -> list[str]:
    write_tree(root, {"app.py": app, "settings.py": secrets})
    report = scan(ScanRequest(root=root)).report
    return [*(one.fingerprint for one in report.endpoints), *(one.fingerprint for one in report.findings)]


def test_moving_code_and_changing_blanks_changes_no_fingerprint(tmp_path: Path) -> None:
    moved = "# a comment\n\n" + APP.replace('"id": 1', '"id":  1').replace("def b", "\n\ndef b").replace(
        "\n\n\ndef b", "\ndef b"
    )
    assert fingerprints(tmp_path / "a", APP) == fingerprints(tmp_path / "b", moved, f"\n\n{SECRETS}")


def test_equal_findings_have_fingerprints_of_their_own(tmp_path: Path) -> None:
    found = fingerprints(tmp_path, APP)
    assert len(found) == len(set(found)) == 6


def test_a_fingerprint_does_not_depend_on_a_secret(tmp_path: Path) -> None:
    other = SECRETS.replace("hunter2", "correct-horse")
    assert fingerprints(tmp_path / "a", APP) == fingerprints(tmp_path / "b", APP, other)
