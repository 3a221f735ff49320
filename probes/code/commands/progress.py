"""A line on stderr while a scan takes longer than a second, on a terminal only."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_QUIET_SECONDS: Final = 1.0
_EVERY_SECONDS: Final = 0.2


@contextmanager
def progress_on_stderr() -> Iterator[Callable[[int], None]]:
    """Gives what is to be told how many files were read; whatever is on the line is gone when the context ends."""
    state = [0]

    def tell(files: int) -> None:
        state[0] = files

    if not sys.stderr.isatty():
        yield tell
        return
    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(done, state), daemon=True)
    ticker.start()
    try:
        yield tell
    finally:
        done.set()
        ticker.join()


def _tick(done: threading.Event, state: list[int]) -> None:
    start = time.monotonic()
    if done.wait(_QUIET_SECONDS):
        return
    while not done.wait(_EVERY_SECONDS):
        sys.stderr.write(f"\rscanning: {state[0]} files read, {time.monotonic() - start:.0f} s\x1b[K")
        sys.stderr.flush()
    sys.stderr.write("\r\x1b[K")
