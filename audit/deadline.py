"""A deadline that holds: the connection's socket is shut down from a timer.

A frozen server acknowledges on TCP level and never answers. Cancelling the driver does not end the wait, because the
driver then asks the same server to cancel. Shutting the socket down makes every pending read return at once.
"""

from __future__ import annotations

import os
import socket
from typing import Self


class SocketCut:
    """Holds a duplicate of a connection's descriptor, so that cutting never hits a descriptor that was reused since."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=os.dup(descriptor))

    def cut(self) -> None:
        """Shut the connection down in both directions. Safe to repeat, and after `release`."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # released, or no longer connected: there is nothing left to cut

    def release(self) -> None:
        """Give the duplicate back; the connection itself stays as it is."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
