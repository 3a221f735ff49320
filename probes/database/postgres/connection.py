"""Opens one session on a PostgreSQL server, its phases measured apart, and gives it back without waiting for anybody.

libpq is driven step by step: its state after each step tells which phase the time until the next one belongs to.
Between the steps the wait is ours and ends at the deadline at once.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from psycopg import AsyncConnection, OperationalError, pq

from assay.probes.database.postgres import address, wire
from assay.probes.database.postgres.classify import reason_of
from assay.probes.database.postgres.errors import ConnectionNotMadeError, InvalidTargetError
from assay.probes.model import Phase, Reason
from assay.probes.runner import DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg.pq.abc import PGconn

    from assay.probes.database.postgres.address import Address, Endpoint
    from assay.probes.database.resolver import Resolver
    from assay.probes.runner import Run

    _Failure = tuple[Endpoint, ConnectionNotMadeError]

_PHASES: Final[Mapping[int, Phase | None]] = {
    pq.ConnStatus.NEEDED: Phase.CONNECT,
    pq.ConnStatus.STARTED: Phase.CONNECT,
    pq.ConnStatus.MADE: None,
    pq.ConnStatus.SSL_STARTUP: Phase.TLS,
}
"""The phase that waits in each state of libpq. `MADE`, before and after TLS, belongs to neither; the rest is `AUTH`."""

_ANSWERED: Final = frozenset({Reason.AUTH, Reason.MISSING_DATABASE, Reason.PERMISSION})
"""Who gets one of these from a server has found it: the next server of the URL is not asked."""

_PEEK_BYTES: Final = 16 * 1024


async def open_session(url: str, run: Run, resolver: Resolver) -> AsyncConnection:
    """A session in autocommit mode on the first server of `url` that takes one, within the deadline of `run`.

    Each server, and each address of its name, gets an equal share of the time that is left when its turn comes. The
    caller ends the session with `close_session`.

    Raises:
        InvalidTargetError: the URL cannot be used.
        ConnectionNotMadeError: no server took the session; says what each one answered.
        DeadlineExceededError: the deadline passed first.
    """
    parsed = address.parse(url)
    failures: list[_Failure] = []
    try:
        async with asyncio.timeout_at(run.deadline):
            endpoints = await _resolved(parsed, run, resolver, failures)
            connection = await _first(parsed, endpoints, run, failures)
    except TimeoutError as error:
        raise DeadlineExceededError(_answers(failures)) from error
    if connection is None:
        raise _summary(failures)
    return connection


async def _first(
    parsed: Address, endpoints: list[Endpoint], run: Run, failures: list[_Failure]
) -> AsyncConnection | None:
    attempts = [(endpoint, asked) for asked in parsed.passes for endpoint in endpoints]
    for index, (endpoint, asked) in enumerate(attempts):
        conninfo = parsed.conninfo(endpoint, asked, timeout_seconds=run.timeout_seconds)
        left = len(attempts) - index
        try:
            async with asyncio.timeout(run.remaining() / left if left > 1 else None):
                return await _session(conninfo, run)
        except ConnectionNotMadeError as error:
            failures.append((endpoint, error))
            if error.reason in _ANSWERED:
                break
        except TimeoutError:
            phase = run.phase or Phase.CONNECT
            failures.append((endpoint, ConnectionNotMadeError("no answer", reason=Reason.TIMEOUT_CONNECT, phase=phase)))
    return None


def close_session(connection: AsyncConnection) -> None:
    """End the session without waiting: what cannot be sent to the server at once is not sent."""
    pgconn = connection.pgconn
    with suppress(OperationalError):  # no socket any more
        loop, fileno = asyncio.get_running_loop(), pgconn.socket
        loop.remove_reader(fileno)  # an abandoned probe may still wait, and the number will be another connection's
        loop.remove_writer(fileno)
    pgconn.finish()


async def _resolved(parsed: Address, run: Run, resolver: Resolver, failures: list[_Failure]) -> list[Endpoint]:
    """The endpoints with their addresses; those whose names have none are added to `failures`."""
    found: list[Endpoint] = []
    for index, endpoint in enumerate(parsed.endpoints):
        if not endpoint.needs_lookup:
            found.append(endpoint)
            continue
        run.enter(Phase.DNS)
        left = len(parsed.endpoints) - index
        try:
            async with asyncio.timeout(run.remaining() / left if left > 1 else None):
                addresses = await resolver.resolve(endpoint.host)
        except OSError as error:  # a TimeoutError is one
            message = f"host name not resolved: {error.strerror or error or 'no answer'}"
            failures.append((endpoint, ConnectionNotMadeError(message, reason=Reason.DNS, phase=Phase.DNS)))
        else:
            found += [dataclasses.replace(endpoint, address=each) for each in addresses]
    return found


async def _session(conninfo: str, run: Run) -> AsyncConnection:
    pgconn = await _connect(conninfo, run)
    try:
        connection = AsyncConnection(pgconn)
        await connection.set_autocommit(True)
    except BaseException:
        pgconn.finish()
        raise
    connection.prepare_threshold = None
    return connection


async def _connect(conninfo: str, run: Run) -> PGconn:
    run.enter(Phase.CONNECT)
    pgconn = pq.PGconn.connect_start(conninfo.encode())
    try:
        _check_started(pgconn)
        await _driven(pgconn, run)
    except BaseException:
        pgconn.finish()
        raise
    pgconn.nonblocking = 1
    return pgconn


async def _driven(pgconn: PGconn, run: Run) -> None:
    """Take libpq from step to step until the session is open."""
    sqlstate: str | None = None
    polled: int = pq.PollingStatus.WRITING  # what libpq wants to be taken for its first answer
    while polled in {pq.PollingStatus.READING, pq.PollingStatus.WRITING}:
        run.enter(_PHASES.get(pgconn.status, Phase.AUTH) or run.phase or Phase.CONNECT)
        await _ready(pgconn.socket, writing=polled == pq.PollingStatus.WRITING)
        if run.phase is Phase.AUTH and not pgconn.ssl_in_use:
            sqlstate = _peek_sqlstate(pgconn.socket) or sqlstate
        polled = pgconn.connect_poll()
    if polled != pq.PollingStatus.OK:
        raise _not_made(_message(pgconn), run.phase or Phase.CONNECT, sqlstate)


def _check_started(pgconn: PGconn) -> None:
    if pgconn.status != pq.ConnStatus.BAD:
        return
    if not pgconn.error_message:
        message = "libpq could not begin, which it does without memory or descriptors"
        raise ConnectionNotMadeError(message, reason=Reason.INTERNAL, phase=Phase.CONNECT)
    text = _message(pgconn)
    if text.startswith("connection to server"):
        raise _not_made(text, Phase.CONNECT, None)
    raise InvalidTargetError(f"the address cannot be used: {text}")


def _not_made(text: str, phase: Phase, sqlstate: str | None) -> ConnectionNotMadeError:
    message = _without_prefix(text)
    return ConnectionNotMadeError(message, reason=reason_of(message, phase, sqlstate), phase=phase)


def _message(pgconn: PGconn) -> str:
    return pgconn.get_error_message("utf-8").strip()


def _without_prefix(text: str) -> str:
    """What libpq says behind `connection to server at "..." failed:`; of several tries the last, without its hint."""
    lines = [line for line in text.splitlines() if line and not line[0].isspace()]
    last = lines[-1] if lines else text
    return last.partition(" failed: ")[2] or last


async def _ready(fileno: int, *, writing: bool) -> None:
    """Return when the socket can be read from, or written to."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    add, remove = (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
    add(fileno, _resolve, ready)
    try:
        await ready
    finally:
        remove(fileno)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _peek_sqlstate(fileno: int) -> str | None:
    """The code of an error that waits in the socket; what waits is left for libpq."""
    with socket.socket(fileno=os.dup(fileno)) as duplicate:
        try:
            return wire.sqlstate_of(duplicate.recv(_PEEK_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:
            return None


def _summary(failures: list[_Failure]) -> ConnectionNotMadeError:
    """One error for all: why the one that got furthest ended, and every server's answer in the text."""
    order = list(Phase)
    _, furthest = max(failures, key=lambda failure: order.index(failure[1].phase))
    message = str(furthest) if len(failures) == 1 else _answers(failures)
    return ConnectionNotMadeError(message, reason=furthest.reason, phase=furthest.phase)


def _answers(failures: list[_Failure]) -> str:
    return "; ".join(f"{endpoint}: {error}" for endpoint, error in failures)
