"""A suppression needs a rule and a reason, may end, and is never silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from assay.probes.code.gate import DEFAULT
from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan
from assay.probes.code.suppressions import find_suppressions
from tests.probes.code.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from assay.probes.code.model import ScanReport

APP = """from fastapi import FastAPI
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine("sqlite:///x.db")


{above}@app.get("/patients"){behind}
def patients():
    with engine.connect() as connection:
        connection.execute(text("SELECT * FROM patients"))
    return [{{"name": "Ann Lee", "age": 42}}, {{"name": "Bob Ray", "age": 7}}]{answer}
"""


@dataclass(frozen=True)
class StoppedClock:
    """It is noon on 1 May 2030."""

    def now(self) -> datetime:
        return datetime(2030, 5, 1, 12, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def report(root: Path, *, above: str = "", behind: str = "", answer: str = "") -> ScanReport:
    write_tree(root, {"app.py": APP.format(above=above, behind=behind, answer=answer)})
    return scan(ScanRequest(root=root), clock=StoppedClock()).report


def rules(found: ScanReport) -> list[tuple[str, int]]:
    return [(finding.rule, finding.at.line) for finding in found.findings]


def test_without_a_suppression_the_mock_fails_the_build(tmp_path: Path) -> None:
    found = report(tmp_path)
    assert rules(found) == [("mock-data", 12)]
    assert DEFAULT.endpoints(found)


@pytest.mark.parametrize(
    "where",
    [
        {"answer": "  # assay: ignore[mock-data] the list is fixed by law"},
        {"behind": "  # assay: ignore[mock-data] the list is fixed by law"},
        {"above": "# assay: ignore[mock-data] the list is fixed by law until=2030-05-01\n# a word more\n\n"},
    ],
    ids=["behind the answer", "behind the route", "above the route, until today"],
)
def test_a_suppression_with_a_reason_accepts_the_finding_and_its_endpoint(
    tmp_path: Path, where: dict[str, str]
) -> None:
    found = report(tmp_path, **where)
    assert not DEFAULT.endpoints(found)
    assert not DEFAULT.findings(found)
    assert {one.reason for one in found.suppressed} == {"the list is fixed by law"}
    assert [endpoint.fingerprint in {one.fingerprint for one in found.suppressed} for endpoint in found.endpoints] == [
        True
    ]
    assert [endpoint.verdict.value for endpoint in found.endpoints] == ["mock"]


def test_a_suppression_that_is_used_is_a_note(tmp_path: Path) -> None:
    found = report(tmp_path, answer="  # assay: ignore[mock-data] fixed by law until=2031-01-01")
    (note,) = found.findings
    assert (note.rule, note.severity.value, note.at.line) == ("weakened-configuration", "note", 12)
    assert note.message == "mock-data is suppressed here until 2031-01-01: fixed by law"


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# assay: ignore[mock-data]", "gives no reason"),
        ("# assay: ignore[mock-data] until=2031-01-01", "gives no reason"),
        ("# assay: ignore[] because", "names no rule"),
        ("# assay: ignore[mock-date] because", "names `mock-date`, which is no rule of the code"),
        (
            "# assay: ignore[weakened-configuration] because",
            "names `weakened-configuration`, which is no rule of the code",
        ),
        ("# assay: ignore[mock-data] because until=soon", "has an end that is no date: until=soon"),
        ("# assay: ignore[mock-data] because until=2030-04-30", "ended on 2030-04-30"),
    ],
)
def test_a_suppression_that_is_wrong_or_over_suppresses_nothing_and_is_a_warning(
    tmp_path: Path, comment: str, problem: str
) -> None:
    found = report(tmp_path, answer=f"  {comment}")
    assert [rule for rule, _ in rules(found)] == ["mock-data", "invalid-suppression"]
    assert problem in found.findings[1].message
    assert found.findings[1].severity.value == "warning"
    assert found.suppressed == ()
    assert DEFAULT.endpoints(found)


def test_a_suppression_that_is_not_needed_is_a_note(tmp_path: Path) -> None:
    found = report(
        tmp_path,
        answer="  # assay: ignore[mock-data,volatile-state] because",
        above="# assay: ignore[volatile-state] b\n",
    )
    assert [rule for rule, _ in rules(found)] == ["unused-suppression", "weakened-configuration"]
    assert found.findings[0].severity.value == "note"


def test_comments_of_both_languages_are_read_and_code_is_not() -> None:
    source = b"""const a = 1 // assay: ignore[mock-data] one
/* assay: ignore[mock-data] two */
const b = 2
{/* assay: ignore[mock-data] three */}
const c = assay: ignore[mock-data] none
 * assay: ignore[mock-data] four
"""
    found = [(one.at.line, one.speaks_of, one.reason) for one in find_suppressions("x.ts", source)]
    assert found == [(1, 1, "one"), (2, 3, "two"), (4, 5, "three"), (6, 6, "four")]
