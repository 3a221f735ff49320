"""A line on stderr while a scan takes longer than a second, on a terminal only.

A timer's signal writes it, not a thread: beside another thread the scan could not share its work with a second process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_QUIET_SECONDS: Final = 1.0
_EVERY_SECONDS: Final = 0.2
_ERASE: Final = b"\r\x1b[K"


@contextmanager
def progress_on_stderr() -> Iterator[Callable[[int], None]]:
    """Gives what is to be told how many files were read; whatever is on the line is gone when the context ends."""
    line = _Line()
    if sys.platform == "win32" or not sys.stderr.isatty() or threading.current_thread() is not threading.main_thread():
        yield line.read
        return
    before = signal.signal(signal.SIGALRM, lambda _signal, _frame: line.write())
    signal.setitimer(signal.ITIMER_REAL, _QUIET_SECONDS, _EVERY_SECONDS)
    try:
        yield line.read
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        line.erase()


class _Line:
    """What stands on the terminal."""

    def __init__(self) -> None:
        self._files = 0
        self._start = time.monotonic()
        self._shown = False

    def read(self, files: int) -> None:
        self._files = files

    def write(self) -> None:
        self._shown = True
        text = f"\rscanning: {self._files} files read, {time.monotonic() - self._start:.0f} s\x1b[K"
        os.write(sys.stderr.fileno(), text.encode())  # `sys.stderr` may be in the middle of a write

    def erase(self) -> None:
        if self._shown:
            os.write(sys.stderr.fileno(), _ERASE)
