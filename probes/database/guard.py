"""A deadline that holds: a timer that shuts the connection's socket down.

Cancelling a task that waits in psycopg makes the driver ask the server to cancel the query and wait for that, 6 to 11
seconds on a server that is frozen or unreachable. A socket that is shut down makes the driver return at once: measured
1 to 5 ms after the timer.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from assay.probes.runner import DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Iterator


class SocketGuard:
    """Holds a duplicate of a connection's descriptor and shuts the socket behind it down, at a deadline or on request.

    The duplicate names the same socket until `close`, also when the driver has closed its own descriptor and another
    connection got the same number since: so the guard can never shut somebody else's socket. `fired` tells that it was
    this guard that ended it.
    """

    def __init__(self, fileno: int) -> None:
        self.fired = False
        self._socket = socket.socket(fileno=os.dup(fileno))
        self._timer: asyncio.TimerHandle | None = None

    def arm(self, deadline: float) -> None:
        """Shut the socket at `deadline`, a time of the running event loop."""
        self._timer = asyncio.get_running_loop().call_at(deadline, self.fire)

    def fire(self) -> None:
        """Shut the socket down in both directions, now; harmless when it is shut or closed already."""
        self.fired = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop the timer and give the duplicate back; a second call does nothing."""
        if self._timer is not None:
            self._timer.cancel()
        self._socket.close()


@contextmanager
def guarded(fileno: int, *, deadline: float) -> Iterator[SocketGuard]:
    """A block whose socket is shut at `deadline`.

    Raises:
        DeadlineExceededError: the guard fired, whatever error the block made of that.
    """
    guard = SocketGuard(fileno)
    guard.arm(deadline)
    try:
        yield guard
    except Exception as error:
        if guard.fired:
            raise DeadlineExceededError from error
        raise
    finally:
        guard.close()
