from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from assay.probes.database.guard import SocketGuard, guarded
from assay.probes.runner import DeadlineExceededError
from tests.probes.database.support import LATE_SECONDS, open_descriptors

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(0)
        yield one, other


async def test_a_read_that_waits_returns_at_the_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 0.1
    with pytest.raises(DeadlineExceededError), guarded(pair[0].fileno(), deadline=deadline):
        raise ConnectionError(await loop.sock_recv(pair[0], 1))
    assert 0 <= loop.time() - deadline < LATE_SECONDS


async def test_an_error_before_the_deadline_is_the_blocks_own(pair: tuple[socket.socket, socket.socket]) -> None:
    with (
        pytest.raises(LookupError),
        guarded(pair[0].fileno(), deadline=asyncio.get_running_loop().time() + 60),
    ):
        raise LookupError


async def test_a_socket_whose_block_ended_in_time_stays_open(pair: tuple[socket.socket, socket.socket]) -> None:
    loop = asyncio.get_running_loop()
    with guarded(pair[0].fileno(), deadline=loop.time() + 0.02) as guard:
        pass
    await asyncio.sleep(0.05)
    assert not guard.fired
    pair[1].send(b"x")
    assert pair[0].recv(1) == b"x"


async def test_a_connection_that_got_the_same_descriptor_number_since_is_not_shut() -> None:
    watched, peer = socket.socketpair()
    number = watched.fileno()
    guard = SocketGuard(number)
    watched.close()
    other, its_peer = socket.socketpair()
    with peer, other, its_peer:
        assert number in {other.fileno(), its_peer.fileno()}
        guard.fire()
        assert peer.recv(1) == b""
        its_peer.send(b"x")
        assert other.recv(1) == b"x"
    guard.close()


async def test_the_duplicate_is_given_back_exactly_once(pair: tuple[socket.socket, socket.socket]) -> None:
    before = open_descriptors()
    guard = SocketGuard(pair[0].fileno())
    assert open_descriptors() == before + 1
    guard.close()
    guard.close()
    guard.fire()
    assert open_descriptors() == before
