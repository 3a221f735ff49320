"""A row that was committed can be read back.

`SELECT 1` passes on a read-only replica, on a full disk, and after a failover to an empty server. Writing a row does
not.

A row with a new token is inserted and committed, read in a transaction of its own, deleted and committed. It runs only
where writing was asked for, and only on a target that names a table for it:

```sql
CREATE TABLE probe_writes (token uuid PRIMARY KEY, written_at timestamptz NOT NULL DEFAULT now());
GRANT SELECT, INSERT, DELETE ON probe_writes TO prober;
```

A table with any other columns is left alone: it may be somebody's data. Rows that a run could not delete are deleted by
a later one when they are an hour old.

## Measures
- `write`: seconds from the start to the commit of the insert; a warning from 1 s on.
- `round_trip`: seconds from the start to the commit of the delete; a warning from 2 s on.

## Fails
`read_only` where the server takes no writes, `unexpected_result` where the row was not found or not deleted,
`timeout_query` where the deadline passed. A missing or different table, or a missing right, is unknown: it says nothing
about the server.

## Known limits
The row is read on the session that wrote it: behind a proxy that sends reads elsewhere, so is the delay of replication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import sql

from assay.core.ids import uuid7
from assay.probes.database.postgres.errors import InvalidTargetError
from assay.probes.model import Measurement, Outcome, Probe, Threshold

if TYPE_CHECKING:
    from assay.probes.database.postgres.session import PostgresSession

_WRITE: Final = Threshold(warn=1.0)
_ROUND_TRIP: Final = Threshold(warn=2.0)
_COLUMNS: Final = [("token", "uuid"), ("written_at", "timestamp with time zone")]
_COLUMNS_OF: Final = """
SELECT attname::text, pg_catalog.format_type(atttypid, NULL)
FROM pg_catalog.pg_attribute
JOIN pg_catalog.pg_class ON pg_class.oid = attrelid
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = %s AND relname = %s AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
ORDER BY attname
"""
_INSERT: Final = sql.SQL("INSERT INTO {table} (token, written_at) VALUES ({token}, pg_catalog.now())")
_SELECT: Final = sql.SQL("SELECT token FROM {table} WHERE token = {token}")
_DELETE: Final = sql.SQL("DELETE FROM {table} WHERE token = {token} RETURNING token")
_DELETE_STALE: Final = sql.SQL(
    "DELETE FROM {table} WHERE token IN (SELECT token FROM {table} "
    "WHERE written_at < pg_catalog.now() - interval '1 hour' ORDER BY token LIMIT 1000)"
)


async def _evaluate(session: PostgresSession) -> Outcome:
    schema, name = _parts(session.target.write_table)
    table = sql.Identifier(schema, name)
    key, started = uuid7(), session.run.elapsed()
    token = sql.Literal(key)
    async with session.transaction(read_only=False):
        await _refuse_foreign_table(session, schema, name)
        await session.rows(_INSERT.format(table=table, token=token))
    written = session.run.elapsed()
    async with session.transaction():
        found = await session.rows(_SELECT.format(table=table, token=token))
    async with session.transaction(read_only=False):
        deleted = await session.rows(_DELETE.format(table=table, token=token))
        await session.rows(_DELETE_STALE.format(table=table))
    if found != [(key,)] or deleted != found:
        return Outcome.fail(f"committed one row, read {len(found)} back and deleted {len(deleted)}")
    return Outcome.ok(
        Measurement(name="write", value=written - started, unit="seconds", threshold=_WRITE),
        Measurement(name="round_trip", value=session.run.elapsed() - started, unit="seconds", threshold=_ROUND_TRIP),
    )


def _parts(table: str | None) -> tuple[str, str]:
    schema, dot, name = (table or "").partition(".")
    if not (schema and dot and name) or "." in name:
        raise InvalidTargetError(f"write_table is {table!r}: it has to be schema.table, without quotes")
    return schema, name


async def _refuse_foreign_table(session: PostgresSession, schema: str, name: str) -> None:
    columns = await session.rows(_COLUMNS_OF, [schema, name])
    if not columns:
        raise InvalidTargetError(f"there is no table {schema}.{name} to write to: create it as docs/probes.md says")
    if columns != _COLUMNS:
        told = ", ".join(f"{column} {kind}" for column, kind in columns)
        raise InvalidTargetError(f"{schema}.{name} is no table for this probe, nothing was written: it has {told}")


PROBE: Final = Probe(
    name="write-roundtrip",
    summary="a row that was committed can be read back",
    evaluate=_evaluate,
    writes=True,
)
