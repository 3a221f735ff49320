"""What a PostgreSQL probe looks through: one session, one run, and transactions that the server itself ends in time."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, LiteralString

from psycopg import Error, pq, sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from psycopg import AsyncConnection

    from assay.probes.model import Target
    from assay.probes.runner import Run

    Row = tuple[object, ...]

_VERSION: Final = re.compile(rb"[0-9][0-9a-zA-Z.]{0,31}")
_OPEN_TRANSACTION: Final = frozenset({pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR})
_CHECK_MILLISECONDS: Final = 500
_LARGEST_MARGIN_SECONDS: Final = 0.1

# SET LOCAL, not startup options: PgBouncer refuses those, and a plain SET would stay on its server connection for other
# clients. The server looks whether its client is still there on Linux only, from version 14 on; elsewhere the setting
# is refused.
_LIMITS: Final = """
SET LOCAL statement_timeout = {milliseconds};
SET LOCAL lock_timeout = {milliseconds};
SET LOCAL idle_in_transaction_session_timeout = {milliseconds};
SELECT pg_catalog.set_config('client_connection_check_interval', {check}, true)
WHERE pg_catalog.current_setting('client_connection_check_interval', true) IS NOT NULL AND pg_catalog.version() LIKE
'%linux%'
"""


@dataclass(frozen=True, kw_only=True)
class PostgresSession:
    """The session of one target during one run of one probe."""

    connection: AsyncConnection
    target: Target
    run: Run

    @property
    def server_version(self) -> str:
        """The version that the server reports, such as `18.4`; `unknown` where it reports none."""
        reported = self.connection.pgconn.parameter_status(b"server_version") or b""
        found = _VERSION.match(reported)  # behind it, Debian adds its own; anything else is no version
        return found[0].decode("ascii") if found else "unknown"

    @asynccontextmanager
    async def transaction(self, *, read_only: bool = True) -> AsyncIterator[None]:
        """A transaction that is committed at the end of the block and rolled back on an error.

        Statements and waits for locks end on the server shortly before the deadline of the run, so that neither a query
        nor a session outlives its probe, also when the network keeps the news of its end from the server.
        """
        done = False
        try:
            await self.connection.execute(sql.SQL("BEGIN READ ONLY;" if read_only else "BEGIN;") + self._limits())
            yield
            await self.connection.execute("COMMIT")
            done = True
        finally:
            if not done:
                await self._roll_back()

    async def rows(self, query: LiteralString | sql.Composed, parameters: Sequence[object] | None = None) -> list[Row]:
        """Every row that a statement returned; none for a statement that returns no rows."""
        cursor = await self.connection.execute(query, parameters)
        return await cursor.fetchall() if cursor.description else []

    def _limits(self) -> sql.Composed:
        left = self.run.remaining()
        milliseconds = max(1, int((left - min(_LARGEST_MARGIN_SECONDS, left / 10)) * 1000))
        check = sql.Literal(str(_CHECK_MILLISECONDS))
        return sql.SQL(_LIMITS).format(milliseconds=sql.Literal(milliseconds), check=check)

    async def _roll_back(self) -> None:
        if self.connection.pgconn.transaction_status in _OPEN_TRANSACTION:
            with suppress(Error):  # the error that brought us here is the one to tell
                await self.connection.execute("ROLLBACK")
