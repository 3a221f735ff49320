"""A second process for half of the work: a copy of this one, made where it stands, that sends back plain values.

Nothing is guessed of it: where it cannot be made, or ends without an answer, this process does all of the work, with
the same result. It is made on Linux only, where the copy costs milliseconds and is safe while no other thread runs.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Plain: TypeAlias = "str | int | bool | Sequence[Plain] | None"
"""What goes from one process to the other."""

_LENGTH: Final = 8


class Gone(Exception):  # noqa: N818 - it is no error of ours
    """The other process ended before it answered."""


class Channel:
    """One end of the line between the two."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads = reads
        self._writes = writes

    def send(self, value: Plain) -> None:
        """Send one value.

        Raises:
            Gone: nobody reads it.
        """
        data = marshal.dumps(value)  # type: ignore[arg-type]  # it knows lists and tuples, not sequences
        waiting = memoryview(len(data).to_bytes(_LENGTH, "little") + data)
        try:
            while waiting:
                waiting = waiting[os.write(self._writes, waiting) :]
        except OSError as error:
            raise Gone from error

    def receive(self) -> Any:  # noqa: ANN401 - what the other end sent
        """Wait for one value.

        Raises:
            Gone: there will be none.
        """
        return marshal.loads(self._read(int.from_bytes(self._read(_LENGTH), "little")))  # noqa: S302 - our own

    def _read(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size:
            part = os.read(self._reads, min(size, 1_000_000))
            if not part:
                raise Gone
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Hang up."""
        os.close(self._reads)
        os.close(self._writes)


def processors() -> int:
    """How many processes may usefully work at once."""
    if sys.platform != "linux":
        return 1
    return len(os.sched_getaffinity(0))


@contextmanager
def twin(work: Callable[[Channel], None]) -> Iterator[Channel | None]:
    """A copy of this process that does `work`, as long as the context lasts; `None` where there can be none."""
    if sys.platform != "linux" or threading.active_count() > 1:
        yield None
        return
    ours, theirs = _line()
    try:
        copy = os.fork()
    except OSError:  # too many processes: this one is enough
        for end in (ours, theirs):
            end.close()
        yield None
        return
    if copy == 0:
        ours.close()
        _work_and_end(work, theirs)
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        with suppress(ProcessLookupError):
            os.kill(copy, signal.SIGKILL)
        os.waitpid(copy, 0)


def _line() -> tuple[Channel, Channel]:
    down_read, down_write = os.pipe()
    up_read, up_write = os.pipe()
    return Channel(up_read, down_write), Channel(down_read, up_write)


def _work_and_end(work: Callable[[Channel], None], channel: Channel) -> None:
    """Nothing of the copy's own end is seen: no message, no second flush of what was printed."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work(channel)
    except BaseException:  # noqa: BLE001 - whatever it is, the other process finds out that there is no answer
        os._exit(1)
    os._exit(0)
