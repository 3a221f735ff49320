"""A result is there at its deadline, whatever server, network and resolver do, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.core.clock import SystemClock
from assay.probes.database import check
from assay.probes.database.check import check_target
from assay.probes.database.resolver import Resolver
from assay.probes.model import Outcome, Phase, Probe, Reason, Status
from tests.plugins.network import Mode, proxy, silent_listener, unreachable_listener
from tests.plugins.postgres import make_server
from tests.probes.database.support import (
    LATE_SECONDS,
    assert_no_session_stays,
    nothing_leaks,
    open_descriptors,
    probe_sessions,
    target,
    through,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from assay.probes.database.postgres.session import PostgresSession
    from assay.probes.model import ProbeResult
    from tests.plugins.postgres import PostgresServer

DEADLINE_SECONDS = 0.3
ROOMY_SECONDS = 1.5
"""A deadline that leaves a loaded machine the time to open the session first."""


@pytest.fixture(scope="module")
def server(pg18_bin: Path) -> Iterator[PostgresServer]:
    """A server that these tests may freeze."""
    made = make_server(pg18_bin)
    made.start()
    yield made
    made.stop(signal.SIGQUIT)
    shutil.rmtree(made.data_dir.parent, ignore_errors=True)


@pytest.fixture
def thawed(server: PostgresServer) -> Iterator[PostgresServer]:
    yield server
    server.thaw()


def use_probe(monkeypatch: pytest.MonkeyPatch, evaluate: Callable[[PostgresSession], Awaitable[Outcome]]) -> None:
    """Check targets with one probe of the test's own in place of the registry's."""
    probe = Probe(name="own", summary="a probe of the test's own", evaluate=evaluate)
    monkeypatch.setattr(check, "probes_for", lambda _target, *, write: (probe,) * (2 if write else 1))


async def sleep_on_the_server(session: PostgresSession) -> Outcome:
    async with session.transaction():
        await session.rows("SELECT pg_sleep(60)")
    return Outcome.ok()


async def sleep_without_a_limit(session: PostgresSession) -> Outcome:
    """As a probe would that forgets the limits of a transaction."""
    await session.rows("SELECT pg_sleep(2)")
    return Outcome.ok()


async def checked(url: str, *, seconds: float = DEADLINE_SECONDS, resolver: Resolver | None = None) -> ProbeResult:
    """The one result of a check that leaks nothing."""
    with nothing_leaks():
        results = await check_target(target(url, timeout_seconds=seconds), resolver=resolver or Resolver())
    assert len(results) == 1
    return results[0]


def assert_timeout(result: ProbeResult, reason: Reason) -> None:
    assert (result.status, result.reason) == (Status.FAIL, reason), result.message
    assert result.duration_seconds >= result.timeout_seconds * 0.8
    assert result.overrun_seconds < LATE_SECONDS


async def test_a_server_that_is_frozen_before_the_connection(thawed: PostgresServer) -> None:
    thawed.freeze()
    assert_timeout(await checked(thawed.url()), Reason.TIMEOUT_CONNECT)
    thawed.thaw()
    assert_no_session_stays(thawed)


async def freeze_during(server: PostgresServer, url: str, *, whole_server: bool) -> ProbeResult:
    checking = asyncio.ensure_future(checked(url, seconds=2 * ROOMY_SECONDS))
    while not (sessions := _sleeping_backends(server)):  # noqa: ASYNC110 - another process tells nobody
        await asyncio.sleep(0.01)
    if whole_server:
        server.freeze()
    else:
        os.kill(sessions[0], signal.SIGSTOP)
    return await checking


def _sleeping_backends(server: PostgresServer) -> list[int]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%%' AND state = 'active'", prepare=False
        ).fetchall()
    return [int(row[0]) for row in rows]


@pytest.mark.parametrize("whole_server", [True, False])
async def test_a_server_that_freezes_during_the_query(
    thawed: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    whole_server: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    use_probe(monkeypatch, sleep_on_the_server)
    result = await freeze_during(thawed, thawed.url(), whole_server=whole_server)
    assert_timeout(result, Reason.TIMEOUT_QUERY)
    assert Phase.QUERY in dict(result.phases)
    thawed.thaw()
    for pid in thawed.backend_pids():
        os.kill(pid, signal.SIGCONT)
    assert_no_session_stays(thawed)


async def test_a_query_that_takes_too_long_is_ended_by_the_server_before_the_deadline(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_probe(monkeypatch, sleep_on_the_server)
    result = await checked(server.url(), seconds=ROOMY_SECONDS)
    assert (result.status, result.reason, result.overrun_seconds) == (Status.FAIL, Reason.TIMEOUT_QUERY, 0)
    assert "statement timeout" in result.message
    assert_no_session_stays(server)


async def test_after_a_query_that_the_server_ended_the_next_probe_still_has_its_session(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_probe(monkeypatch, sleep_on_the_server)
    results = await check_target(target(server.url(), timeout_seconds=ROOMY_SECONDS), write=True)
    assert [result.reason for result in results] == [Reason.TIMEOUT_QUERY, Reason.TIMEOUT_QUERY]


async def test_a_probe_without_limits_of_its_own_is_ended_by_the_guard(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_probe(monkeypatch, sleep_without_a_limit)
    assert_timeout(await checked(server.url(), seconds=ROOMY_SECONDS), Reason.TIMEOUT_QUERY)
    assert_no_session_stays(server)


async def test_the_connection_falls_into_a_hole_during_the_query(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy(server.port) as hole:

        async def fall(session: PostgresSession) -> Outcome:
            async with session.transaction():
                hole.mode = Mode.HOLE
                await session.rows("SELECT 1")
            return Outcome.ok()

        use_probe(monkeypatch, fall)
        results = await check_target(target(through(server.url(), server, hole.port), timeout_seconds=ROOMY_SECONDS))
        assert_timeout(results[0], Reason.TIMEOUT_QUERY)
        # The news that the client left never arrives: the server ends the session by its own limits.
        assert probe_sessions(server) <= 1
        assert_no_session_stays(server)


async def test_the_hole_is_there_before_the_connection(server: PostgresServer) -> None:
    with proxy(server.port, Mode.HOLE) as hole:
        result = (await check_target(target(through(server.url(), server, hole.port), timeout_seconds=0.3)))[0]
        assert_timeout(result, Reason.TIMEOUT_CONNECT)


async def test_a_server_that_answers_one_byte_at_a_time(server: PostgresServer) -> None:
    with proxy(server.port, Mode.DRIP, drip_seconds=0.05) as slow:
        result = (await check_target(target(through(server.url(), server, slow.port), timeout_seconds=0.3)))[0]
        assert_timeout(result, Reason.TIMEOUT_CONNECT)
    assert_no_session_stays(server)


async def test_a_query_whose_answer_arrives_one_byte_at_a_time(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy(server.port, drip_seconds=0.05) as slow:

        async def drip(session: PostgresSession) -> Outcome:
            slow.mode = Mode.DRIP
            await session.rows("SELECT repeat('x', 1000)")
            return Outcome.ok()

        use_probe(monkeypatch, drip)
        result = (await check_target(target(through(server.url(), server, slow.port), timeout_seconds=ROOMY_SECONDS)))[
            0
        ]
        assert_timeout(result, Reason.TIMEOUT_QUERY)
    assert_no_session_stays(server)


async def test_a_listener_that_accepts_and_says_nothing() -> None:
    with silent_listener() as port:
        assert_timeout(await checked(f"postgresql://u@127.0.0.1:{port}/d"), Reason.TIMEOUT_CONNECT)


async def test_a_network_that_drops_the_first_packet() -> None:
    with unreachable_listener() as port:
        result = await checked(f"postgresql://u@127.0.0.1:{port}/d")
    assert_timeout(result, Reason.TIMEOUT_CONNECT)
    assert list(dict(result.phases)) == [Phase.CONNECT]


async def test_a_resolver_that_is_silent() -> None:
    silence = threading.Event()

    def wait(_: str) -> tuple[str, ...]:
        silence.wait(30)
        return ()

    resolver = Resolver(lookup=wait)
    results = await check_target(target("postgresql://u@h/d", timeout_seconds=DEADLINE_SECONDS), resolver=resolver)
    silence.set()
    assert_timeout(results[0], Reason.DNS)
    assert list(dict(results[0].phases)) == [Phase.DNS]


async def test_a_host_that_hangs_leaves_time_for_the_next_one(server: PostgresServer) -> None:
    with silent_listener() as port:
        url = server.url().replace("@127.0.0.1", f"@127.0.0.1:{port},127.0.0.1")
        result = await checked(url, seconds=2 * ROOMY_SECONDS)
    assert result.status is Status.PASS, result.message
    assert ROOMY_SECONDS * 0.9 < result.duration_seconds < 2 * ROOMY_SECONDS


async def test_hosts_that_all_hang_share_one_deadline() -> None:
    with silent_listener() as one, silent_listener() as other, silent_listener() as third:
        result = await checked(f"postgresql://u@127.0.0.1:{one},127.0.0.1:{other},127.0.0.1:{third}/d")
    assert_timeout(result, Reason.TIMEOUT_CONNECT)
    assert result.message.count("no answer") == 3


async def test_cancelling_the_caller_leaves_no_socket_and_no_session(
    thawed: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_probe(monkeypatch, sleep_on_the_server)
    before = open_descriptors()
    checking = asyncio.ensure_future(check_target(target(thawed.url(), timeout_seconds=30)))
    while not _sleeping_backends(thawed):  # noqa: ASYNC110 - another process tells nobody
        await asyncio.sleep(0.01)
    thawed.freeze()
    checking.cancel()
    started = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await checking
    assert time.monotonic() - started < LATE_SECONDS
    assert open_descriptors() == before
    thawed.thaw()
    assert_no_session_stays(thawed)


async def test_cancelling_the_caller_while_it_connects_leaves_no_socket() -> None:
    with silent_listener() as port:
        before = open_descriptors()
        checking = asyncio.ensure_future(check_target(target(f"postgresql://u@127.0.0.1:{port}/d", timeout_seconds=30)))
        await asyncio.sleep(0.05)
        assert open_descriptors() > before
        checking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await checking
        assert open_descriptors() == before


async def test_a_probe_that_does_not_return_is_abandoned_with_its_session_ended(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(session: PostgresSession) -> Outcome:
        await session.rows("SELECT 1")
        for _ in range(4):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                continue
        return Outcome.ok()

    use_probe(monkeypatch, never)
    before = open_descriptors()
    started = time.monotonic()
    results = await check_target(target(server.url(), timeout_seconds=ROOMY_SECONDS), write=True)
    assert time.monotonic() - started < ROOMY_SECONDS + 2 * LATE_SECONDS
    assert [result.status for result in results] == [Status.UNKNOWN, Status.UNKNOWN]
    assert [result.reason for result in results] == [Reason.INTERNAL, Reason.NOT_RUN]
    assert open_descriptors() == before
    assert_no_session_stays(server)


async def test_all_probes_together_keep_the_time_that_the_caller_gives(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_probe(monkeypatch, sleep_on_the_server)
    started = time.monotonic()
    results = await check_target(
        target(server.url(), timeout_seconds=ROOMY_SECONDS), write=True, clock=SystemClock(), within_seconds=2.0
    )
    assert time.monotonic() - started < 2.0 + LATE_SECONDS
    assert [result.reason for result in results] == [Reason.TIMEOUT_QUERY, Reason.TIMEOUT_QUERY]
    assert results[1].timeout_seconds < ROOMY_SECONDS
