"""Advisory locks on files (`flock`): the kernel releases them when their process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_POLL_SECONDS: Final = 0.02


class FileLock:
    """One lock on one file, not held at first. Two of them exclude each other in one process as well as in two."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def try_shared(self) -> bool:
        """Take it together with others, or answer that somebody has it alone."""
        return self._try(fcntl.LOCK_SH)

    def try_alone(self) -> bool:
        """Take it alone, or answer that somebody else has it."""
        return self._try(fcntl.LOCK_EX)

    def wait_shared(self, seconds: float) -> bool:
        """Take it together with others, within a time; `False` when it has passed."""
        return self._wait(fcntl.LOCK_SH, seconds)

    def wait_alone(self, seconds: float) -> bool:
        """Take it alone, within a time; `False` when it has passed."""
        return self._wait(fcntl.LOCK_EX, seconds)

    def is_held(self) -> bool:
        """Whether somebody else has it; not to be asked while holding it."""
        if self.try_alone():
            self.release()
            return False
        return True

    def release(self) -> None:
        """Let go of it, whether or not it is held."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of it for good."""
        os.close(self._descriptor)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(self, kind: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self._try(kind):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)  # flock knows no deadline, and a signal to end it would be the whole process's
        return True
