"""Every rule finds exactly the marked lines of its bad fixture, and nothing in its good one.

A fixture is a small application below `tests/fixtures/scan`, in RULE/bad|good/LANGUAGE. A line with `expect: RULE` is
found by that rule; several are parted by commas. No other line is found by any rule. A line with `todo-expect: RULE` is
a known gap: it is not found yet, and the test fails when it is.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from assay.probes.code.request import ScanRequest
from assay.probes.code.rules import RULES
from assay.probes.code.rules.base import About, Rule
from assay.probes.code.rules.pages import rule_pages
from assay.probes.code.scan import scan

ROOT: Final = Path(__file__).parents[4]
FIXTURES: Final = ROOT / "tests" / "fixtures" / "scan"
PYTHON_ONLY: Final = {
    "unimportable-module",  # whether a TypeScript module loads is decided by its bundler
    "mock-auth",  # what Express runs before a handler is not followed
    "create-all-at-startup",  # the rest are about libraries of Python
    "drop-all",
    "commit-after-response",
    "non-atomic-writes",
    "commit-missing",
    "second-engine",
    "orphaned-database",
    "missing-model",
    "never-written-table",
    "hardcoded-content",
    "unbounded-connection",
}
MARK: Final = re.compile(r"(todo-)?expect: ([\w-]+(?:, [\w-]+)*)")
CODE_RULES: Final = [rule for rule in RULES if rule.about is not About.SCAN]


def fixtures() -> list[tuple[str, str]]:
    return [
        (rule.id, language)
        for rule in CODE_RULES
        for language in ("python", "typescript")
        if not (language == "typescript" and rule.id in PYTHON_ONLY)
    ]


def marked(folder: Path, *, gaps: bool = False) -> set[tuple[str, int, str]]:
    return {
        (path.relative_to(folder).as_posix(), number, rule)
        for path in folder.rglob("*.*")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for found in MARK.finditer(line)
        for rule in found[2].split(", ")
        if bool(found[1]) is gaps
    }


def found(folder: Path, elsewhere: Path) -> set[tuple[str, int, str]]:
    """What a scan finds; in a copy, because Assay's own settings leave the fixtures out."""
    root = shutil.copytree(folder, elsewhere / "project")
    return {(one.at.file, one.at.line, one.rule) for one in scan(ScanRequest(root=root)).report.findings}


@pytest.mark.parametrize(("rule", "language"), fixtures())
def test_a_rule_finds_exactly_the_marked_lines(rule: str, language: str, tmp_path: Path) -> None:
    folder = FIXTURES / rule / "bad" / language
    expected = marked(folder)
    assert rule in {name for _, _, name in expected | marked(folder, gaps=True)}, "the fixture marks no line"
    assert found(folder, tmp_path) == expected


@pytest.mark.parametrize(("rule", "language"), fixtures())
def test_nothing_is_found_where_all_is_well(rule: str, language: str, tmp_path: Path) -> None:
    folder = FIXTURES / rule / "good" / language
    assert marked(folder) == set()
    assert list(folder.rglob("*.*")) != [], "there is no fixture"
    assert found(folder, tmp_path) == set()


def test_every_fixture_belongs_to_a_rule() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == {rule.id for rule in CODE_RULES}


def test_every_rule_is_one_file_named_after_it_and_listed_once() -> None:
    folder = ROOT / "probes" / "code" / "rules"
    files = {path.stem.replace("_", "-") for path in folder.glob("*.py") if "RULE: Final = Rule(" in path.read_text()}
    names = [rule.id for rule in RULES]
    assert files == set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_s_page_says_why_and_what_to_do_and_what_is_not_seen(rule: Rule) -> None:
    page = rule_pages()[f"{rule.id}.md"]
    assert page.startswith(f"# {rule.id} ({rule.severity})")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings in (
        ["Why this is a defect", "What to do", "Known limits"],
        ["Why this is reported", "What to do", "Known limits"],
    )


def test_the_pages_in_the_documentation_are_current() -> None:
    folder = ROOT / "docs" / "rules"
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert written == rule_pages(), "run `make docs`"
