"""A new session can be opened, and `SELECT 1` returns one row that is 1.

The session is the probe's own and new each time: a pool would reuse sockets that were authenticated long ago, and hide
a broken name, certificate, password or connection limit; an exhausted pool would report a healthy database as down.

## Measures
- `connect`: seconds until the session was open (name, connection, TLS, authentication); a warning from 2 s on.
- `query`: seconds from the open session to the answer, with the start of its transaction; a warning from 1 s on.

## Fails
With the reason why no session could be opened, `timeout_query` where the answer did not come in time,
`unexpected_result` where it was not 1.

## Known limits
A server that answers says nothing about whether it can write: see `write-roundtrip`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.model import Measurement, Outcome, Phase, Probe, ServerInfo, Threshold

if TYPE_CHECKING:
    from assay.probes.database.postgres.session import PostgresSession

_CONNECT: Final = Threshold(warn=2.0)
_QUERY: Final = Threshold(warn=1.0)


async def _evaluate(session: PostgresSession) -> Outcome:
    async with session.transaction():
        rows = await session.rows("SELECT 1, pg_catalog.pg_is_in_recovery()")
    if len(rows) != 1 or rows[0][0] != 1:
        return Outcome.fail(f"SELECT 1 returned {rows[:2]!r}")
    spent = dict(session.run.phases())
    query = spent.pop(Phase.QUERY, 0.0)
    return Outcome.ok(
        Measurement(name="connect", value=sum(spent.values()), unit="seconds", threshold=_CONNECT),
        Measurement(name="query", value=query, unit="seconds", threshold=_QUERY),
        server=ServerInfo(version=session.server_version, role="standby" if rows[0][1] else "primary"),
    )


PROBE: Final = Probe(
    name="select-1",
    summary="a new session can be opened and SELECT 1 returns 1",
    evaluate=_evaluate,
)
