from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.core.clock import SystemClock
from assay.probes.database.postgres.connection import close_session, open_session
from assay.probes.database.postgres.session import PostgresSession
from assay.probes.database.resolver import Resolver
from assay.probes.runner import Run
from tests.probes.database.support import target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.plugins.postgres import PostgresServer

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@asynccontextmanager
async def opened(url: str, *, seconds: float = 5.0) -> AsyncIterator[PostgresSession]:
    run = Run(seconds, SystemClock())
    connection = await open_session(url, run, Resolver())
    try:
        yield PostgresSession(connection=connection, target=target(url), run=run)
    finally:
        close_session(connection)


async def setting(session: PostgresSession, name: str) -> str:
    ((value,),) = await session.rows("SELECT setting FROM pg_catalog.pg_settings WHERE name = %s", [name])
    return str(value)


async def test_a_transaction_says_whose_it_is_and_has_its_limits(any_server: PostgresServer) -> None:
    async with opened(any_server.url()) as session, session.transaction():
        assert await setting(session, "application_name") == "assay-probe"
        assert await setting(session, "transaction_read_only") == "on"
        assert await setting(session, "client_connection_check_interval") == "500"
        assert all(4000 < limit < 5000 for limit in [int(await setting(session, name)) for name in LIMITS])


async def test_no_setting_stays_on_a_session_that_a_pooler_may_hand_on(any_server: PostgresServer) -> None:
    async with opened(any_server.url()) as session:
        async with session.transaction():
            await session.rows("SELECT 1")
        assert [await setting(session, name) for name in LIMITS] == ["0", "0", "0"]
        assert await setting(session, "transaction_read_only") == "off"


async def test_a_read_only_transaction_writes_nothing(database: str) -> None:
    async with opened(database) as session:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            async with session.transaction():
                await session.rows("CREATE TABLE t ()")


async def test_a_transaction_that_ends_with_an_error_is_rolled_back_and_the_session_goes_on(database: str) -> None:
    async with opened(database) as session:
        with pytest.raises(psycopg.errors.UndefinedColumn):
            async with session.transaction(read_only=False):
                await session.rows("CREATE TABLE t (); SELECT missing FROM t")
        async with session.transaction():
            assert await session.rows("SELECT to_regclass('t')") == [(None,)]


async def test_the_error_of_a_statement_is_told_and_not_that_of_its_rollback(database: str) -> None:
    async with opened(database) as session:
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with session.transaction():
                await session.rows("SELECT 1 / 0")
        async with session.transaction():
            assert await session.rows("SELECT 1") == [(1,)]


async def test_a_lock_that_somebody_holds_ends_the_wait_before_the_deadline(database: str) -> None:
    with psycopg.connect(database) as holder:
        holder.execute("CREATE TABLE t ()")
        holder.commit()
        holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        async with opened(database, seconds=1.5) as session:
            with pytest.raises((psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)):
                async with session.transaction():
                    await session.rows("SELECT count(*) FROM t")
            assert session.run.remaining() > 0
