"""The way to the store: pooled connections, transactions that commit, and deadlines that hold.

Every operation is one `Store.begin()`: the transaction is committed when its block ends, and the block cannot last
longer than its deadline, whatever the server does. What is raised is an error of this package that says "now not" or
"never".
"""

from __future__ import annotations

import asyncio
import select
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Self, cast

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine

from assay.audit.address import APPLICATION_NAME, check_server, check_url, masked_url
from assay.audit.deadline import SocketCut
from assay.audit.documents import dumps
from assay.audit.errors import StoreUnavailable, UnavailableReason, UnsupportedServer
from assay.audit.failures import translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from psycopg.abc import AdaptContext
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.pool import PoolProxiedConnection

_LONGER_THAN_ANY_DEADLINE: Final = 86_400.0


class _Connection(psycopg.AsyncConnection[tuple[object, ...]]):
    """A connection that is given up when its task is cancelled.

    The driver's own way asks the server to cancel and waits for it: 5 s and more when the server is frozen. The
    connection is of no use to the store after that either way.
    """

    async def cancel_safe(self, *, timeout: float = 0.0) -> None:  # noqa: ARG002, ASYNC109 - the driver's signature
        with SocketCut(self.pgconn.socket) as cut:
            cut.cut()


class Store:
    """Assay's own tables on PostgreSQL. One per process; safe to share between tasks of one event loop.

    No connection is made before the first operation. There is no ping before use: a look at the idle socket tells
    without a round trip that the server closed it, and what the look cannot see (a frozen server) a ping would not
    survive either.

    Raises:
        InvalidStoreUrl: `url` cannot be parsed.
    """

    def __init__(
        self, url: str, *, pool_size: int = 5, deadline_seconds: float = 5.0, connect_timeout_seconds: float = 3.0
    ) -> None:
        check_url(url)
        self._url = url
        self._deadline_seconds = deadline_seconds
        self._connect_timeout_seconds = connect_timeout_seconds
        given = conninfo_to_dict(url).get("options") or ""
        self._options = f"{given} -c statement_timeout={round(deadline_seconds * 1000)} -c timezone=UTC".strip()
        self._engine = _make_engine(self._connect, pool_size)

    @property
    def masked_url(self) -> str:
        """The address with its password masked, for people to read."""
        return masked_url(self._url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every idle connection. The store may be used again afterwards."""
        await self._engine.dispose()

    async def ping(self, *, deadline_seconds: float | None = None) -> None:
        """One round trip.

        Raises:
            StoreUnavailable: there was no answer, or not in time.
        """
        async with self.begin(deadline_seconds=deadline_seconds) as connection:
            await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def begin(self, *, deadline_seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end of the block, rolled back if the block raises.

        Waiting for a connection, the block's statements and the commit together end at the deadline. When it is the
        commit that did not answer in time, it may have happened: what is written must be safe to write again.

        Raises:
            StoreUnavailable: the store cannot do it now.
            StoreRejected: the server will never take a statement of the block.
            UnsupportedServer: the server is too old.
        """
        limit = self._deadline_seconds if deadline_seconds is None else deadline_seconds
        deadline = asyncio.get_running_loop().time() + limit
        try:
            async with self._acquired(deadline) as connection, connection.begin():
                if limit > self._deadline_seconds:
                    await connection.execute(text(f"SET LOCAL statement_timeout = {round(limit * 1000)}"))
                yield connection
        except (StatementError, PoolTimeout, psycopg.Error, _DeadlinePassed) as error:
            if isinstance(error, _DeadlinePassed) or asyncio.get_running_loop().time() >= deadline:
                raise StoreUnavailable(UnavailableReason.TIMEOUT, f"no answer within {limit:g} s") from error
            raise translate(error) from error

    @asynccontextmanager
    async def _acquired(self, deadline: float) -> AsyncIterator[AsyncConnection]:
        connection = self._engine.connect()
        try:
            async with asyncio.timeout_at(deadline):
                await connection.start()
        except TimeoutError as error:
            raise _DeadlinePassed from error
        try:
            with SocketCut(await _descriptor(connection)) as cut:
                timer = asyncio.get_running_loop().call_at(deadline, cut.cut)
                try:
                    yield connection
                finally:
                    await connection.close()  # rolls back what is open: still under the timer
                    timer.cancel()
        finally:
            await connection.close()

    async def _connect(self, *_: object, **arguments: object) -> _Connection:
        """A new connection. Of SQLAlchemy's arguments only the type adapters count: libpq parses the address itself."""
        connection = await _Connection.connect(
            self._url,
            context=cast("AdaptContext", arguments["context"]),
            prepare_threshold=None,  # a prepared statement would outlive a migration, and breaks behind a pooler
            connect_timeout=max(1, round(self._connect_timeout_seconds)),
            application_name=APPLICATION_NAME,
            options=self._options,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
        try:
            check_server(connection)
        except UnsupportedServer:
            await connection.close()
            raise
        return connection


class _DeadlinePassed(Exception):  # noqa: N818 - inside only: no connection was to be had in time
    pass


async def _descriptor(connection: AsyncConnection) -> int:
    return cast("_Connection", (await connection.get_raw_connection()).driver_connection).pgconn.socket


def _make_engine(connect: Callable[..., Awaitable[_Connection]], pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        "postgresql+psycopg://",
        connect_args={"async_creator_fn": connect},
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_LONGER_THAN_ANY_DEADLINE,
        use_native_hstore=False,
        json_serializer=dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _look_at_idle_socket)
    return engine


def _look_at_idle_socket(connection: PoolProxiedConnection, *_: object) -> None:
    """An idle server says nothing: a socket that can be read holds a farewell or an end of file. Take another."""
    poll = select.poll()
    poll.register(cast("_Connection", connection.driver_connection).pgconn.socket, select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError("the server closed the idle connection")
