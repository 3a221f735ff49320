"""Networks that misbehave on purpose: a proxy that goes deaf or drips, listeners that stay silent or let no one in."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, closing, contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_POLL_SECONDS = 0.02
_CHUNK = 65_536


class Mode(StrEnum):
    """What a proxy does with what it receives."""

    PASS_ON = "pass on"
    HOLE = "hole"
    """Acknowledged by the kernel, never passed on: also the news that one side has closed."""
    DRIP = "drip"
    """The server's answers reach the client one byte every `drip_seconds`."""


class Proxy:
    """A TCP proxy on loopback in front of a server; its mode may change at any time, also for open connections."""

    def __init__(self, upstream_port: int, mode: Mode = Mode.PASS_ON, *, drip_seconds: float = 0.05) -> None:
        self.mode = mode
        self._upstream = ("127.0.0.1", upstream_port)
        self._drip_seconds = drip_seconds
        self._stopped = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_POLL_SECONDS)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def cut(self) -> None:
        """Close every open connection on both sides, as a restart of a balancer does."""
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening, close everything, and wait for the threads."""
        self._stopped.set()
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            with suppress(OSError):  # a timeout to look whether to stop, or the end of the listener
                client, _ = self._listener.accept()
                server = socket.create_connection(self._upstream)
                self._sockets += [client, server]
                self._start(self._to_server, client, server)
                self._start(self._to_client, server, client)

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        self._forward(client, server, drips=False)

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        self._forward(server, client, drips=True)

    def _forward(self, source: socket.socket, sink: socket.socket, *, drips: bool) -> None:
        with closing(source), suppress(OSError):
            source.settimeout(None)
            while data := source.recv(_CHUNK):
                self._pass_on(data, sink, drips=drips)
            self._wait_out_of_hole()
            sink.shutdown(socket.SHUT_WR)

    def _pass_on(self, data: bytes, sink: socket.socket, *, drips: bool) -> None:
        self._wait_out_of_hole()
        if self.mode is Mode.DRIP and drips:
            for byte in data:
                sink.sendall(bytes([byte]))
                if self._stopped.wait(self._drip_seconds):
                    return
        else:
            sink.sendall(data)

    def _wait_out_of_hole(self) -> None:
        while self.mode is Mode.HOLE and not self._stopped.wait(_POLL_SECONDS):
            pass


@contextmanager
def proxy(upstream_port: int, mode: Mode = Mode.PASS_ON, *, drip_seconds: float = 0.05) -> Iterator[Proxy]:
    """A proxy for the length of a block."""
    made = Proxy(upstream_port, mode, drip_seconds=drip_seconds)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def silent_listener() -> Iterator[int]:
    """A port whose connections are made by the kernel and never answered by anybody."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield listener.getsockname()[1]


@contextmanager
def unreachable_listener() -> Iterator[int]:
    """A port whose queue is full: the kernel drops every further SYN, as a firewall does."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port: int = listener.getsockname()[1]
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex(("127.0.0.1", port))
        yield port


@contextmanager
def answering_listener(answer: bytes) -> Iterator[int]:
    """A port that reads once and answers every connection with the same bytes, then closes it."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_POLL_SECONDS)
        thread = threading.Thread(target=_answer, args=(listener, answer, stopped), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            thread.join(5)


def _answer(listener: socket.socket, answer: bytes, stopped: threading.Event) -> None:
    while not stopped.is_set():
        with suppress(OSError):
            client, _ = listener.accept()
            with client:
                client.settimeout(1)
                client.recv(_CHUNK)
                client.sendall(answer)
