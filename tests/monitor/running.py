"""The real service as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from tests.plugins.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONG = 30.0
"""Seconds after which a test gives up waiting: a bound for safety, not an expectation."""
FAST = {
    "ASSAY_PROBE_INTERVAL_SECONDS": "0.5",
    "ASSAY_PROBE_TIMEOUT_SECONDS": "0.5",
    "ASSAY_READINESS_GRACE_SECONDS": "0",
}


@dataclass
class RunningService:
    """A service that was started; `log` is what it wrote to standard error."""

    process: subprocess.Popen[bytes]
    port: int
    log_file: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.base}{path}", timeout=5)

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Ask again and again until it is so."""
        deadline = time.monotonic() + LONG
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except httpx.HTTPError:
                pass
            assert self.process.poll() is None or "stopped" in what, self.log
            time.sleep(0.02)
        raise AssertionError(f"waited {LONG} s for: {what}\n{self.log}")

    def wait_ready(self, code: int = 200) -> None:
        self.wait_for(lambda: self.get("/readyz").status_code == code, f"/readyz is {code}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the result is the exit code."""
        self.process.send_signal(number)
        return self.process.wait(LONG)


@contextmanager
def running(directory: Path, *words: str, **environ: str) -> Iterator[RunningService]:
    """Start `assay serve` in `directory` with these variables only; it is killed in the end if it still runs."""
    port, log = free_port(), directory / "log"
    variables = {"PATH": os.environ["PATH"], "HOME": str(directory), **environ}
    command = [sys.executable, "-m", "assay", "serve", "--port", str(port), *words]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=directory, env=variables, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
    service = RunningService(process, port, log)
    try:
        yield service
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
