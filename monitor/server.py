"""The HTTP servers: uvicorn on sockets that were bound before anything else began, with signals left to the service."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn

from assay.core.command import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

_BACKLOG: Final = 2048
_FINISH_SECONDS: Final = 10
"""How long requests that are being answered may still take once the server stops."""


def listen(host: str, port: int, *, setting: str) -> socket.socket:
    """A socket that listens; port 0 takes any free one. `setting` is what the reader may change when it cannot be had.

    Raises:
        UsageError: the address cannot be had: somebody listens there, or it is none of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise UsageError(f"the host {host!r} is no address of this machine: {error.strerror}") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(_why(error, host, port, setting)) from error
    listener.settimeout(0)
    return listener


def _why(error: OSError, host: str, port: int, setting: str) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} of {host} is in use: stop what listens there, or choose another with {setting}"
        case errno.EACCES:
            return f"port {port} needs privileges that this process has not: choose one above 1023 with {setting}"
        case _:
            return f"cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}"


class HttpServer:
    """One application on one socket."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._listener = listener
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_FINISH_SECONDS,
                ws="none",
            )
        )
        self._serving: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Answer requests from the next turn of the loop on."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))

    async def stop(self) -> None:
        """Stop listening and let what is being answered finish, for ten seconds at most."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving


class _Uvicorn(uvicorn.Server):
    """Signals are the service's business: it drains first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the handlers as they are."""
        yield
