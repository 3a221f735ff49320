"""Documentation names only what exists, and the project speaks of itself alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*[\w-]|[\w-]+\.(?:md|toml|yml|py|txt|sh))`|\]\(([^)#:]+)(?:#[^)]*)?\)")
ELSEWHERE = {"assay.toml"}  # files of the user's, not of this repository


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def _named_paths(document: Path) -> set[str]:
    return {first or second for first, second in PATH.findall(document.read_text())} - ELSEWHERE


@pytest.mark.parametrize("document", _tracked("*.md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_named_in_a_document_exists(document: Path) -> None:
    names = {name for name in _named_paths(document) if re.match(r"[\w.]", name) and not name.startswith("http")}
    missing = {
        name
        for name in names
        if not any((base / name).exists() for base in (ROOT, document.parent, ROOT / "probes" / "code"))
        and (name.split("/")[0] in {path.name for path in ROOT.iterdir()} or name.endswith(".md"))
    }
    assert missing == set()


def test_the_search_for_paths_finds_links_and_code_spans() -> None:
    text = "see `docs/none.md`, [page](docs/nothing.md#part) and `audit/events.py`, not `x = 1` or `a/b c`"
    assert {a or b for a, b in PATH.findall(text)} == {"docs/none.md", "docs/nothing.md", "audit/events.py"}


def test_no_file_carries_a_path_of_the_machine_it_was_written_on() -> None:
    home = re.compile(r"(?:^|[\s\"'=:(])(?:/root/|/home/\w+/|/Users/\w+/|" + re.escape(str(ROOT)) + r")")
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in _tracked(
            "*.py", "*.md", "*.toml", "*.yml", "*.sh", "*.ts", "*.js", "*.txt", ".ci/run", "Makefile", "Dockerfile"
        )
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if home.search(line)
    }
    assert found == set()


INDEX = re.compile(r"index[-_]url|\bregistry\b\s*=\s*\"?https?:|https?://\S*/simple[/]")


def test_no_file_names_a_package_index() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in _tracked("*.toml", "*.txt", "*.sh", "*.yml", "*.cfg", ".ci/run", "Makefile", "Dockerfile", "*.json")
        if INDEX.search(path.read_text(errors="replace"))
    }
    assert found == set()


@pytest.mark.parametrize(
    "line", ["pip install --index{}url x", "registry = https{}//x.example", "https{}//x.example/simple/a"]
)
def test_the_search_for_package_indexes_finds_one(line: str) -> None:
    assert INDEX.search(line.format("-" if "index" in line else ":"))
