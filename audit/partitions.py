"""Daily partitions of the record tables: made ahead of time, and watched.

There is no default partition: a record without a place is an error that is seen (`partition_missing`) rather than a
row in the wrong place, which would block making the right one.
"""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from assay.audit.tables import PARTITIONED

if TYPE_CHECKING:
    from assay.audit.store import Store
    from assay.core.clock import Clock

WARN_BELOW_DAYS: Final = 3
"""With fewer days ahead than this, `partitions.low` is due."""

_ENSURE: Final = text("SELECT assay.ensure_partitions(:days)")
_NAMES: Final = text("""
    SELECT parent.relname, partition.relname
    FROM pg_inherits
    JOIN pg_class AS parent ON parent.oid = inhparent
    JOIN pg_class AS partition ON partition.oid = inhrelid
    WHERE parent.relnamespace = to_regnamespace('assay') AND NOT inhdetachpending
""")


async def ensure_partitions(store: Store, ahead_days: int = 7) -> tuple[str, ...]:
    """Make what is missing of one partition a day from yesterday to `ahead_days` days from now, and name what was made.

    The days are those of the server's clock in UTC. Safe to repeat and to run at the same time elsewhere;
    does not hold up inserts or queries.

    Raises:
        StoreUnavailable: it cannot be done now (`locked` where a lock was not free within 2 s).
    """
    async with store.begin() as connection:
        return tuple((await connection.execute(_ENSURE, {"days": ahead_days})).scalars())


async def partition_runway(store: Store, clock: Clock) -> int:
    """For how many days after today, without a gap, every record table has a partition; -1 when today has none.

    Raises:
        StoreUnavailable: it cannot be read now.
    """
    async with store.begin() as connection:
        rows = (await connection.execute(_NAMES)).all()
    names = {(parent, partition) for parent, partition in rows}
    day, ahead = clock.now().astimezone(UTC).date(), -1
    while all((table.name, partition_name(table.name, day)) in names for table in PARTITIONED):
        day, ahead = day + timedelta(days=1), ahead + 1
    return ahead


def partition_name(table: str, day: date) -> str:
    """The name of the partition of a day."""
    return f"{table}_p{day:%Y%m%d}"
