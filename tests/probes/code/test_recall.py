"""What a scan gives from its cache is what it would find now, and nothing that can go wrong with the cache is seen."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.entry import main
from assay.probes.code import recall
from assay.probes.code import scan as fresh
from assay.probes.code.intake.snapshot import snapshot
from assay.probes.code.recall import scan_or_recall
from assay.probes.code.request import ScanRequest
from tests.probes.code.trees import git, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.probes.code.model import ScanReport
    from assay.probes.code.request import Place, Result

APP: Final = """from fastapi import FastAPI
from app.db import rows

app = FastAPI()


@app.get("/orders")
def orders():
    return rows()
"""
DB: Final = """import psycopg


def rows():
    with psycopg.connect("") as connection:
        return connection.execute("SELECT id FROM orders").fetchall()
"""
MOCK: Final = "def rows():\n    return [{'id': 1, 'total': 10}, {'id': 2, 'total': 20}]\n"


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = write_tree(
        tmp_path / "outer" / "shop",
        {
            "app/__init__.py": "",
            "app/main.py": APP,
            "app/db.py": DB,
            "app/other.py": MOCK,
            "schema.sql": "CREATE TABLE orders (id int);\n",
            "node_modules/a/index.js": "x\n",
            ".gitignore": "*.log\n",
            "secret/generated.py": "x = 1\n",
        },
    )
    git(tmp_path / "outer", "init", "-q", "-b", "main")
    return root


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The scans that were really done; the cache is new, and takes what has just been written."""
    done: list[str] = []
    real = fresh.result_of

    def counted(request: ScanRequest, place: Place, *rest: object) -> Result:
        done.append(str(request.root))
        return real(request, place, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(fresh, "result_of", counted)
    monkeypatch.setattr(recall, "_RACE_NS", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return done


def _later(folder: Path) -> None:
    """Wait for the next tick of the clock that files are stamped with."""
    probe = folder.parent.parent / "tick"
    probe.touch()
    before = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == before:
        probe.touch()


def _report(root: Path, **options: object) -> ScanReport:
    _later(root)
    return replace(scan_or_recall(ScanRequest(root=root), **options).report, time="")  # type: ignore[arg-type]


def _now(root: Path) -> ScanReport:
    return replace(fresh.scan(ScanRequest(root=root)).report, time="")


def test_where_nothing_has_changed_the_last_result_is_given_again(tree: Path, scans: list[str]) -> None:
    first = _report(tree)
    assert [one.verdict for one in first.endpoints] == ["real"]
    assert _report(tree) == first == _now(tree)
    assert len(scans) == 2  # the second is that of `_now`


def _same_size_and_time(root: Path) -> None:
    file = root / "app" / "db.py"
    before = file.stat()
    file.write_text(DB.replace("FROM orders", "FROM ordres"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _folder_instead(root: Path) -> None:
    (root / "app" / "db.py").unlink()
    (root / "app" / "db.py").mkdir()


CHANGES: Final[dict[str, Callable[[Path], object]]] = {
    "a source file": lambda root: (root / "app" / "db.py").write_text(MOCK),
    "a source file, of the same size and with its time set back": _same_size_and_time,
    "a new file": lambda root: (root / "app" / "more.py").write_text(APP),
    "a file is gone": lambda root: (root / "app" / "db.py").unlink(),
    "a file has another name": lambda root: (root / "app" / "db.py").rename(root / "app" / "data.py"),
    "an ignore file": lambda root: (root / ".gitignore").write_text("app/other.py\n"),
    "an ignore file above": lambda root: (root.parent / ".gitignore").write_text("other.py\n"),
    "git's own ignore file": lambda root: (root.parent / ".git" / "info" / "exclude").write_text("other.py\n"),
    "a schema beside the code": lambda root: (root / "schema.sql").write_text("CREATE TABLE others (id int);\n"),
    "a manifest": lambda root: (root / "app" / "pyproject.toml").write_text("[project]\nname='a'\n"),
    "the settings": lambda root: (root / "assay.toml").write_text('[scan]\nexclude = ["app/other.py"]\n'),
    "the settings above": lambda root: (root.parent / "assay.toml").write_text('[scan]\nservice = "x"\n'),
    "what is counted among packages": lambda root: (root / "node_modules" / "a" / "b.js").write_text("x\n"),
    "a link": lambda root: (root / "linked.py").symlink_to(root / "app" / "db.py"),
    "a folder that is a repository of its own": lambda root: (root / "app" / ".git").mkdir(),
    "a file that is a folder": _folder_instead,
    "a module that is left out": lambda root: (root / "secret" / "generated.py").rename(root / "secret" / "made.py"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_has_changed_is_seen(what: str, tree: Path, scans: list[str]) -> None:
    _report(tree)
    _later(tree)
    CHANGES[what](tree)
    assert _report(tree) == _now(tree)
    assert len(scans) == 3


def test_what_is_brought_in_by_the_settings_is_seen_when_it_changes(tree: Path, scans: list[str]) -> None:
    write_tree(tree, {"assay.toml": '[scan]\ninclude = ["node_modules/own/"]\n', "node_modules/own/a.py": MOCK})
    assert _report(tree).files_scanned > 3
    _later(tree)
    (tree / "node_modules" / "own" / "a.py").write_text(APP)
    assert _report(tree) == _now(tree)
    assert len(scans) == 3


def test_another_day_is_another_scan(tree: Path, scans: list[str]) -> None:
    clock = Clock()
    _report(tree, clock=clock)
    clock.time += timedelta(hours=1)
    assert _report(tree, clock=clock)
    assert len(scans) == 1
    clock.time += timedelta(days=1)
    _report(tree, clock=clock)
    assert len(scans) == 2


@pytest.mark.usefixtures("scans")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["app/main.py", "app/db.py", "b.sql"]), st.sampled_from([APP, DB, MOCK, "", "x = 1\n"])
        ),
        max_size=6,
    )
)
def test_after_any_edits_it_is_what_a_scan_finds(tree: Path, edits: list[tuple[str, str]]) -> None:
    for name, text in edits:
        _later(tree)
        (tree / name).write_text(text)
        assert _report(tree) == _now(tree)
        assert _report(tree) == _now(tree)


def test_what_changed_a_moment_ago_is_not_kept(tree: Path, scans: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "_RACE_NS", 3_600_000_000_000)
    _report(tree)
    _report(tree)
    assert len(scans) == 2


def _kept(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache" / "assay" / "scans").iterdir()
    return file


@pytest.mark.parametrize("spoiled", [b"", b"x", bytes(200)])
def test_a_spoiled_cache_is_no_cache(spoiled: bytes, tree: Path, scans: list[str], tmp_path: Path) -> None:
    first = _report(tree)
    file = _kept(tmp_path)
    file.write_bytes(file.read_bytes()[:32] + spoiled)
    assert _report(tree) == first
    assert _report(tree) == first
    assert len(scans) == 2


def test_a_cache_that_others_may_write_is_not_believed(tree: Path, scans: list[str], tmp_path: Path) -> None:
    _report(tree)
    file = _kept(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o666)
    _report(tree)
    assert len(scans) == 2


def test_without_a_place_for_the_cache_the_scan_is_done(
    tree: Path, scans: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    first = _report(tree)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", _no_home)
    assert _report(tree) == first
    assert len(scans) == 2


def _no_home() -> Path:
    raise RuntimeError("there is no home")


def test_the_cache_holds_a_bounded_number_of_results(
    tree: Path, scans: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "_KEPT", 2)
    for name in ("a", "b", "c"):
        shutil.copytree(tree, tmp_path / "outer" / name)
        _report(tmp_path / "outer" / name)
    assert len(list((tmp_path / "cache" / "assay" / "scans").iterdir())) == 2
    assert len(scans) == 3


@pytest.mark.usefixtures("scans")
def test_no_secret_is_in_the_cache(tree: Path, tmp_path: Path) -> None:
    (tree / "app" / "db.py").write_text('URL = "postgresql://app:hunter2@db.example.org/shop"\n')
    assert [one.rule for one in _report(tree).findings].count("hardcoded-credentials") == 1
    assert b"hunter2" not in _kept(tmp_path).read_bytes()


def test_the_commands_share_the_cache_and_can_be_told_not_to(
    tree: Path, scans: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", "--no-cache", str(tree)]) == 0
    assert not (tmp_path / "cache").exists()
    assert main(["scan", str(tree)]) == 0
    assert main(["endpoints", str(tree)]) == 0
    assert main(["explain", "GET", "/orders", str(tree)]) == 0
    assert len(scans) == 2
    assert main(["scan", "--no-cache", str(tree)]) == 0
    assert len(scans) == 3
    assert "GET /orders: real" in capsys.readouterr().out


def test_a_tree_that_is_too_large_to_look_at_is_scanned_every_time(
    tree: Path, scans: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.probes.code.intake.snapshot._ENTRIES", 3)
    assert snapshot(str(tree), whole=False) is None
    _report(tree)
    _report(tree)
    assert len(scans) == 2
