"""A scan is a process with limits that hold, and nothing of it outlives it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.monitor.scan_process import ScanEnd, ScanFailedError, ScanLimits, run_scan

if TYPE_CHECKING:
    from collections.abc import Callable

ROOMY = ScanLimits(timeout_seconds=30, memory_bytes=2 * 2**30)


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def _failure(code: str, limits: ScanLimits = ROOMY) -> ScanFailedError:
    with pytest.raises(ScanFailedError) as caught:
        await run_scan(Path(), limits, command=_python(code))
    return caught.value


def _gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has waited for yet has ended as well."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return True


def _eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


async def test_what_the_scan_writes_is_its_document() -> None:
    assert await run_scan(Path(), ROOMY, command=_python("print('{}', end='')")) == b"{}"


async def test_a_scan_that_takes_too_long_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(600)"
    )
    failure = await _failure(code, ScanLimits(timeout_seconds=3, memory_bytes=2 * 2**30))
    assert failure.end is ScanEnd.TIMEOUT
    for pid in pids.read_text(encoding="utf-8").split():
        assert _eventually(lambda pid=pid: _gone(int(pid))), f"{pid} outlived the scan"  # type: ignore[misc]


async def test_a_scan_that_needs_too_much_memory_fails_by_itself_and_says_so() -> None:
    limits = ScanLimits(timeout_seconds=30, memory_bytes=256 * 2**20)
    assert (await _failure("bytearray(512 * 2**20)", limits)).end is ScanEnd.MEMORY


async def test_a_scan_runs_at_low_priority() -> None:
    told = await run_scan(Path(), ROOMY, command=_python("import os; print(os.nice(0))"))
    assert int(told) >= os.nice(0) + 10 or int(told) == 19


async def test_a_scan_sees_no_variable_that_may_hold_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:sesame@h/x")
    monkeypatch.setenv("ASSAY_STORE_URL", "postgresql://u:sesame@h/x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sesame")
    told = await run_scan(Path(), ROOMY, command=_python("import os; print(dict(os.environ))"))
    assert b"sesame" not in told
    assert b"PATH" in told


async def test_a_scan_that_crashes_says_how_with_secrets_masked() -> None:
    code = "import sys; sys.stderr.write('cannot reach postgresql://u:sesame@h/x'); sys.exit(3)"
    failure = await _failure(code)
    assert failure.end is ScanEnd.CRASH
    assert "exit code 3" in str(failure)
    assert "sesame" not in str(failure)


async def test_a_scan_that_is_refused_is_told_apart_from_one_that_crashed() -> None:
    assert (await _failure("import sys; sys.exit(2)")).end is ScanEnd.REFUSED


async def test_a_scan_that_is_killed_says_by_which_signal() -> None:
    failure = await _failure("import os; os.kill(os.getpid(), 9)")
    assert (failure.end, "signal 9" in str(failure)) == (ScanEnd.CRASH, True)


async def test_a_scan_that_writes_without_end_is_stopped() -> None:
    code = "import sys\nwhile True: sys.stdout.buffer.write(b'x' * 2**20)"
    assert (await _failure(code)).end is ScanEnd.OUTPUT_TOO_LARGE
