"""The example holds one endpoint of every verdict, and the scanner says of each what the example's own table says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CLINIC = Path(__file__).parents[2] / "examples" / "clinic"
ROW = re.compile(
    r"^\| (?P<service>api|portal) \| (?P<method>[A-Z]+) (?P<path>\S+) \| (?P<verdict>\w+) \|", re.MULTILINE
)
VERDICTS = {"unwired", "broken", "mock", "lossy", "fallback", "volatile", "real", "unimplemented", "static", "unknown"}


def _told() -> dict[tuple[str, str, str], str]:
    rows = ROW.finditer((CLINIC / "README.md").read_text())
    return {(row["service"], row["method"], row["path"]): row["verdict"] for row in rows}


@pytest.fixture(scope="module")
def seen() -> dict[tuple[str, str, str], str]:
    """What a scan of the example says, by service, method and path."""
    done = subprocess.run(
        [sys.executable, "-m", "assay", "scan", "--format", "json", "--exit-zero", "."],
        cwd=CLINIC,
        capture_output=True,
        text=True,
        check=True,
    )
    endpoints = json.loads(done.stdout)["endpoints"]
    return {(item["file"].split("/")[0], item["method"], item["path"]): item["verdict"] for item in endpoints}


def test_the_table_of_the_example_has_every_verdict_in_both_languages() -> None:
    for service in ("api", "portal"):
        assert {verdict for (where, _, _), verdict in _told().items() if where == service} == VERDICTS


def test_the_scan_says_what_the_table_says(seen: dict[tuple[str, str, str], str]) -> None:
    assert seen == _told()
