"""A server that speaks PostgreSQL's protocol and lies: for answers that a real server never gives."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_POLL_SECONDS = 0.02
_INT4 = 23


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def _ready(state: bytes) -> bytes:
    return _message(b"Z", state)


_GREETING = (
    _message(b"R", bytes(4))
    + _message(b"S", b"server_version\0" + b"18.0\0")
    + _message(b"S", b"client_encoding\0UTF8\0")
    + _ready(b"I")
)


def _described(columns: int) -> bytes:
    field = (
        b"c\0"
        + bytes(6)
        + _INT4.to_bytes(4, "big")
        + (4).to_bytes(2, "big")
        + (0xFFFFFFFF).to_bytes(4, "big")
        + bytes(2)
    )
    return _message(b"T", columns.to_bytes(2, "big") + field * columns)


def _row(values: Sequence[bytes]) -> bytes:
    cells = b"".join(len(value).to_bytes(4, "big") + value for value in values)
    return _message(b"D", len(values).to_bytes(2, "big") + cells)


@contextmanager
def lying_server(rows: Sequence[Sequence[bytes]], *, endless: bool = False) -> Iterator[int]:
    """A port that lets everybody in and answers each `SELECT 1` with `rows`, or with their repetition without end."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_POLL_SECONDS)
        thread = threading.Thread(target=_serve, args=(listener, rows, endless, stopped), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            thread.join(5)


def _serve(
    listener: socket.socket,
    rows: Sequence[Sequence[bytes]],
    endless: bool,  # noqa: FBT001 - a thread's argument
    stopped: threading.Event,
) -> None:
    while not stopped.is_set():
        with suppress(OSError):
            client, _ = listener.accept()
            with client:
                client.settimeout(5)
                client.recv(4096)
                client.sendall(_GREETING)
                while request := client.recv(4096):
                    _answer(client, request, rows, endless=endless, stopped=stopped)


def _answer(
    client: socket.socket,
    request: bytes,
    rows: Sequence[Sequence[bytes]],
    *,
    endless: bool,
    stopped: threading.Event,
) -> None:
    if b"SELECT 1" not in request:
        client.sendall(_message(b"C", b"BEGIN\0") + _ready(b"I" if b"COMMIT" in request else b"T"))
        return
    client.sendall(_described(len(rows[0]) if rows else 1))
    client.sendall(b"".join(map(_row, rows)))
    while endless and not stopped.wait(0.001):
        client.sendall(b"".join(map(_row, rows)) * 100)
    client.sendall(_message(b"C", b"SELECT\0") + _ready(b"T"))
