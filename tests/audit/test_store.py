from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from assay.audit.errors import (
    InvalidStoreUrl,
    StoreRejected,
    StoreUnavailable,
    UnavailableReason,
    UnsupportedServer,
)
from assay.audit.store import Store
from tests.plugins.postgres import PostgresServer, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection

_SLACK_SECONDS = 1.0
"""How far behind its deadline an operation may return on a busy machine; without the guard it is many seconds."""


async def _backend(connection: AsyncConnection) -> int:
    return int(await connection.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_a_block_that_ends_is_committed_and_one_that_raises_is_not(store: Store, store_url: str) -> None:
    async with store.begin() as connection:
        await connection.execute(text("INSERT INTO assay.probe_writes (token) VALUES (gen_random_uuid())"))
    with pytest.raises(RuntimeError, match="changed my mind"):  # noqa: PT012 - the block is what is tested
        async with store.begin() as connection:
            await connection.execute(text("INSERT INTO assay.probe_writes (token) VALUES (gen_random_uuid())"))
            raise RuntimeError("changed my mind")
    with psycopg.connect(store_url) as other:
        assert other.execute("SELECT count(*) FROM assay.probe_writes").fetchone() == (1,)


async def test_nothing_listens_and_the_reason_is_refused() -> None:
    async with Store(f"postgresql://u:hunter2@127.0.0.1:{free_port()}/d") as store:
        with pytest.raises(StoreUnavailable) as caught:
            await store.ping()
    assert caught.value.reason is UnavailableReason.REFUSED
    assert "hunter2" not in str(caught.value)


async def test_a_wrong_password_is_auth_and_a_missing_database_is_said_so(pg18: PostgresServer) -> None:
    reasons = []
    for url in (pg18.url(password="wrong"), pg18.url("absent")):
        async with Store(url) as store:
            with pytest.raises(StoreUnavailable) as caught:
                await store.ping()
        reasons.append(caught.value.reason)
    assert reasons == [UnavailableReason.AUTH, UnavailableReason.MISSING_DATABASE]


async def test_a_database_without_the_schema_is_unavailable_for_its_schema(database: str) -> None:
    async with Store(database) as store:
        with pytest.raises(StoreUnavailable) as caught:
            async with store.begin() as connection:
                await connection.execute(text("SELECT 1 FROM assay.system_events"))
    assert caught.value.reason is UnavailableReason.SCHEMA


async def test_a_read_only_server_is_unavailable_and_says_so(store: Store) -> None:
    with pytest.raises(StoreUnavailable) as caught:  # noqa: PT012 - the block is what is tested
        async with store.begin() as connection:
            await connection.execute(text("SET TRANSACTION READ ONLY"))
            await connection.execute(text("DELETE FROM assay.probe_writes"))
    assert caught.value.reason is UnavailableReason.READ_ONLY


async def test_a_wrong_statement_is_rejected_with_its_state(store: Store) -> None:
    with pytest.raises(StoreRejected) as caught:
        async with store.begin() as connection:
            await connection.execute(text("SELECT 1 / 0"))
    assert caught.value.sqlstate == "22012"


async def test_an_error_does_not_tell_the_parameters(store: Store) -> None:
    with pytest.raises(StoreRejected) as caught:
        async with store.begin() as connection:
            await connection.execute(text("SELECT CAST(:secret AS integer) / 0"), {"secret": 42424242})
    assert "42424242" not in str(caught.value)
    assert "42424242" not in str(caught.value.__cause__)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://u:hunter2@h/d",
        "postgresql://u:hun%zzter2@h/d",
        "postgresql://u:hun ter2@h:notaport/d",
        "postgresql://u:hunter2@h:notaport/d",
        "host",
    ],
)
def test_an_address_that_cannot_be_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidStoreUrl) as caught:
        Store(url)
    assert not any(part in str(caught.value) for part in ("hun", "ter2"))
    assert "postgresql://user:password@host" in str(caught.value)


async def test_an_address_keeps_its_own_options(store_url: str) -> None:
    async with Store(f"{store_url}?options=-c%20work_mem%3D5MB") as store, store.begin() as connection:
        assert await connection.scalar(text("SHOW work_mem")) == "5MB"
        assert await connection.scalar(text("SHOW application_name")) == "assay-store"
        assert await connection.scalar(text("SHOW timezone")) == "UTC"


async def test_a_server_that_is_too_old_is_refused_by_its_version(
    monkeypatch: pytest.MonkeyPatch, store_url: str
) -> None:
    monkeypatch.setattr("assay.audit.address.OLDEST_MAJOR", 99)
    async with Store(store_url) as store:
        with pytest.raises(UnsupportedServer, match=r"PostgreSQL 18.* needs 99 or later"):
            await store.ping()


async def test_idle_connections_that_the_server_closed_are_replaced_unnoticed(
    own_server: PostgresServer, own_url: str
) -> None:
    async with Store(own_url, pool_size=2) as store:
        async with store.begin() as one, store.begin() as two:
            pids = {await _backend(one), await _backend(two)}
        own_server.stop()
        own_server.start()
        for _ in range(3):
            async with store.begin() as connection:
                assert await _backend(connection) not in pids


async def test_a_killed_backend_is_a_lost_connection_and_the_next_operation_works(
    pg18: PostgresServer, store: Store
) -> None:
    with pytest.raises(StoreUnavailable) as caught:  # noqa: PT012 - the block is what is tested
        async with store.begin() as connection:
            pid = await _backend(connection)
            with psycopg.connect(pg18.url()) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            await connection.execute(text("SELECT 1"))
    assert caught.value.reason is UnavailableReason.SHUTTING_DOWN
    await store.ping()


async def test_a_frozen_server_cannot_hold_an_operation_beyond_its_deadline(
    own_server: PostgresServer, own_url: str
) -> None:
    async with Store(own_url) as store:
        await store.ping()
        own_server.freeze()
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            await store.ping(deadline_seconds=0.5)
        assert caught.value.reason is UnavailableReason.TIMEOUT
        assert 0.5 <= time.monotonic() - started < 0.5 + _SLACK_SECONDS
        own_server.thaw()
        await store.ping()


async def test_a_frozen_server_cannot_hold_a_new_connection_beyond_the_deadline(
    own_server: PostgresServer, own_url: str
) -> None:
    async with Store(own_url) as store:
        own_server.freeze()
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            await store.ping(deadline_seconds=0.5)
        assert caught.value.reason is UnavailableReason.TIMEOUT
        assert time.monotonic() - started < 0.5 + _SLACK_SECONDS


async def test_a_server_frozen_in_a_transaction_cannot_hold_the_rollback(
    own_server: PostgresServer, own_url: str
) -> None:
    async with Store(own_url) as store:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:  # noqa: PT012 - the block is what is tested
            async with store.begin(deadline_seconds=0.5) as connection:
                await connection.execute(text("SELECT 1"))
                own_server.freeze()
                raise RuntimeError("changed my mind")
        assert caught.value.reason is UnavailableReason.TIMEOUT
        assert time.monotonic() - started < 0.5 + _SLACK_SECONDS


async def test_a_task_that_is_cancelled_while_the_server_is_frozen_ends_at_once(
    own_server: PostgresServer, own_url: str
) -> None:
    async with Store(own_url) as store:
        await store.ping()
        own_server.freeze()
        task = asyncio.create_task(store.ping(deadline_seconds=60))
        await asyncio.sleep(0.1)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < _SLACK_SECONDS
        own_server.thaw()
        await store.ping()


async def test_a_pool_that_is_used_up_is_a_timeout_at_the_deadline(store_url: str) -> None:
    async with Store(store_url, pool_size=1) as store, store.begin():
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            await store.ping(deadline_seconds=0.3)
        assert caught.value.reason is UnavailableReason.TIMEOUT
        assert time.monotonic() - started < 0.3 + _SLACK_SECONDS


async def test_a_slow_statement_ends_at_the_deadline_and_the_server_gives_up_too(store_url: str) -> None:
    async with Store(store_url, deadline_seconds=0.5) as store:
        with pytest.raises(StoreUnavailable) as caught:
            async with store.begin() as connection:
                await connection.execute(text("SELECT pg_sleep(30)"))
        assert caught.value.reason is UnavailableReason.TIMEOUT
    with psycopg.connect(store_url) as other:
        row = other.execute(
            "SELECT count(*) FROM pg_sleep(1), pg_stat_activity"
            " WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()"
            " AND datname = current_database()"
        ).fetchone()
    assert row == (0,)


async def test_a_longer_deadline_is_told_to_the_server(store_url: str) -> None:
    async with Store(store_url, deadline_seconds=0.3) as store, store.begin(deadline_seconds=20) as connection:
        assert await connection.scalar(text("SELECT 1 FROM pg_sleep(0.6)")) == 1


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def test_a_port_that_accepts_and_says_nothing_is_a_timeout(silent_port: int) -> None:
    async with Store(f"postgresql://u@127.0.0.1:{silent_port}/d") as store:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            await store.ping(deadline_seconds=0.4)
    assert caught.value.reason is UnavailableReason.TIMEOUT
    assert time.monotonic() - started < 0.4 + _SLACK_SECONDS


async def test_a_deadline_never_cuts_a_connection_that_took_over_the_descriptor(store_url: str) -> None:
    """The guard keeps a descriptor of its own: whoever gets the number of a closed one is left alone."""
    async with Store(store_url, pool_size=1) as store:
        with pytest.raises(StoreUnavailable):  # noqa: PT012 - the block is what is tested
            async with store.begin(deadline_seconds=0.4) as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                assert isinstance(driver, psycopg.AsyncConnection)
                number = driver.pgconn.socket
                driver.pgconn.finish()
                ours, theirs = socket.socketpair()
                if ours.fileno() != number:
                    os.dup2(ours.fileno(), number)
                await asyncio.sleep(0.6)
                await connection.execute(text("SELECT 1"))
        theirs.sendall(b"still here")
        assert os.read(number, 10) == b"still here"
        os.close(number) if ours.fileno() != number else None
        ours.close()
        theirs.close()


async def test_deadlines_of_any_length_leak_no_connection(store_url: str) -> None:
    luck = random.Random(7)
    async with Store(store_url, pool_size=2) as store:

        async def once() -> bool:
            try:
                await store.ping(deadline_seconds=luck.uniform(0.0, 0.03))
            except StoreUnavailable:
                return False
            return True

        results = [result for _ in range(30) for result in await asyncio.gather(*(once() for _ in range(8)))]
        assert set(results) == {True, False}
        async with store.begin(), store.begin() as connection:
            await connection.execute(text("SELECT 1"))


async def test_a_store_on_a_frozen_server_closes_at_once(own_server: PostgresServer, own_url: str) -> None:
    store = Store(own_url)
    await store.ping()
    own_server.freeze()
    started = time.monotonic()
    await store.close()
    assert time.monotonic() - started < _SLACK_SECONDS


async def test_a_crash_of_the_server_and_its_recovery_are_survived(own_url: str) -> None:
    async with Store(own_url) as store:
        async with store.begin() as connection:
            pid = await _backend(connection)
        os.kill(pid, signal.SIGKILL)  # the server ends every session and recovers
        async with asyncio.timeout(60):
            while True:
                try:
                    await store.ping()
                except StoreUnavailable:
                    await asyncio.sleep(0.05)
                else:
                    break
