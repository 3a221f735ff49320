"""How bad a drop is told to be depends on what stands around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.model import Severity
from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan

if TYPE_CHECKING:
    from pathlib import Path

APP = """
from fastapi import FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base
import os

engine = create_engine(os.environ["DATABASE_URL"])
Base = declarative_base()
app = FastAPI()
{drop}

@app.get("/ping")
def ping():
    return "pong"
"""


def severities(folder: Path, drop: str) -> list[Severity]:
    (folder / "app.py").write_text(APP.format(drop=drop))
    return [one.severity for one in scan(ScanRequest(root=folder)).report.findings if one.rule == "drop-all"]


def test_a_drop_at_every_start_is_an_error(tmp_path: Path) -> None:
    assert severities(tmp_path, "Base.metadata.drop_all(engine)") == [Severity.ERROR]


def test_a_drop_behind_a_test_of_the_environment_is_a_warning(tmp_path: Path) -> None:
    assert severities(tmp_path, 'if os.environ.get("FRESH"):\n    Base.metadata.drop_all(engine)') == [Severity.WARNING]


def test_a_drop_in_a_script_guard_is_nothing(tmp_path: Path) -> None:
    assert severities(tmp_path, 'if __name__ == "__main__":\n    Base.metadata.drop_all(engine)') == []
