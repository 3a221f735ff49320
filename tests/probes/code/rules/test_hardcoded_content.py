"""Content in the code is told of where a table is for the same, and not where it only looks alike."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan

BAD: Final = Path(__file__).parents[3] / "fixtures" / "scan" / "hardcoded-content" / "bad" / "python"
HANDLER: Final = '@app.get("/courses")\ndef courses():\n    return COURSES'


def told(tmp_path: Path, old: str, new: str) -> bool:
    """Whether the content of the bad application is told of after a change in all its files."""
    root = shutil.copytree(BAD, tmp_path / "project")
    assert any(old in one.read_text() for one in root.glob("*.py"))
    for one in root.glob("*.py"):
        one.write_text(one.read_text().replace(old, new))
    return "hardcoded-content" in {one.rule for one in scan(ScanRequest(root=root)).report.findings}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('    {"title": "Paper", "level": "first", "hours": 8},\n', ""),
        ('"hours"', '"colour"'),
        ("Course", "Journey"),
        (HANDLER, HANDLER.replace("app.get", "unknown.get")),
        (
            HANDLER,
            HANDLER.replace("()", "(session: Session = Depends(get_session))").replace(
                "return COURSES", "return [*COURSES, *session.query(Course).all()]"
            ),
        ),
        (
            HANDLER,
            "from kit import rows\n\n\n" + HANDLER.replace("return COURSES", "return [*COURSES, *rows(Course)]"),
        ),
    ],
    ids=["few", "other-fields", "other-table", "not-served", "beside-the-rows", "beside-what-may-be-rows"],
)
def test_what_only_looks_alike_is_not_told_of(tmp_path: Path, old: str, new: str) -> None:
    assert not told(tmp_path, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return COURSES", "return [one for one in COURSES if one['hours'] > 9]"),
        ("return COURSES", "return {'items': COURSES, 'total': len(COURSES)}"),
        ("COURSES = [", "import math\n\nCOURSES = ["),
        ('"/courses"', '"/catalogue"'),
    ],
    ids=["filtered", "wrapped", "other-line", "other-path"],
)
def test_the_form_of_the_answer_hides_nothing(tmp_path: Path, old: str, new: str) -> None:
    assert told(tmp_path, old, new)
