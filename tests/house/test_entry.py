"""The command `assay`: what a user who mistypes, misses an extra or meets a bug is told."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

import pytest

from assay import entry
from assay.core.command import ExitCode, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def _command(monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
    def run(*_: object) -> NoReturn:
        raise failure

    module = SimpleNamespace(__doc__="A command.", configure=lambda _parser: None, run=run)
    monkeypatch.setitem(sys.modules, "a_command", module)
    monkeypatch.setitem(entry.COMMANDS, "broken", entry._Listed("a_command", "breaks", "service"))


def test_an_unknown_command_is_wrong_usage_and_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        entry.main(["sacn"])
    assert ended.value.code == ExitCode.USAGE
    assert "scan" in capsys.readouterr().err


def test_no_command_prints_the_overview() -> None:
    done = subprocess.run([sys.executable, "-m", "assay"], capture_output=True, text=True, check=False)
    assert all(name in done.stdout for name in entry.COMMANDS)


def test_wrong_usage_ends_with_2_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(monkeypatch, UsageError("ASSAY_PORT is `x`; it has to be a number"))
    assert entry.main(["broken"]) == ExitCode.USAGE
    assert capsys.readouterr().err == "assay: ASSAY_PORT is `x`; it has to be a number\n"


def test_a_bug_ends_with_3_and_hides_no_secret_in_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(monkeypatch, RuntimeError("postgresql://u:hunter2@h/d broke"))
    assert entry.main(["broken"]) == ExitCode.INTERNAL
    message = capsys.readouterr().err
    assert "Assay itself failed: RuntimeError" in message
    assert "hunter2" not in message


def test_a_missing_extra_is_named_with_the_way_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(monkeypatch, ModuleNotFoundError("No module named 'fastapi'", name="fastapi"))
    assert entry.main(["broken"]) == ExitCode.USAGE
    assert "pip install 'assay-ops[service]'" in capsys.readouterr().err


def test_a_missing_module_of_our_own_is_a_bug_not_a_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    _command(monkeypatch, ModuleNotFoundError("No module named 'assay.x'", name="assay.x"))
    assert entry.main(["broken"]) == ExitCode.INTERNAL


def test_garbage_is_collected_while_a_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Collection rests only while the command is imported: a long scan must not keep every cycle that it makes."""
    collected: list[bool] = []

    def run(*_: object) -> int:
        before = gc.get_stats()[0]["collections"]
        cycles: list[list[object]] = [[] for _ in range(3 * entry._YOUNG_OBJECTS)]
        for one in cycles:
            one.append(one)
        collected.append(gc.get_stats()[0]["collections"] > before)
        return 0

    module = SimpleNamespace(__doc__="A command.", configure=lambda _parser: None, run=run)
    monkeypatch.setitem(sys.modules, "a_command", module)
    monkeypatch.setitem(entry.COMMANDS, "collecting", entry._Listed("a_command", "makes cycles", None))
    assert entry.main(["collecting"]) == 0
    assert collected == [True]


def test_garbage_is_collected_after_a_command_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(entry.COMMANDS, "absent", entry._Listed("assay.no_such_command", "is not there", None))
    assert entry.main(["absent"]) == ExitCode.INTERNAL
    assert gc.isenabled()


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    _command(monkeypatch, KeyboardInterrupt())
    assert entry.main(["broken"]) == 130


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "assay", "scan", "--format", "json", str(tmp_path)]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
