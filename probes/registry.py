"""Every database probe there is, in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.database.postgres import select_one, write_roundtrip

if TYPE_CHECKING:
    from assay.probes.database.postgres.session import PostgresSession
    from assay.probes.model import Probe, Target

PROBES: Final[tuple[Probe[PostgresSession], ...]] = (select_one.PROBE, write_roundtrip.PROBE)
"""The first one opens the session that the others use."""


def probes_for(target: Target, *, write: bool) -> tuple[Probe[PostgresSession], ...]:
    """The probes that may run on `target`; those that write only if `write` asks and the target names a table."""
    return tuple(probe for probe in PROBES if not probe.writes or (write and target.write_table is not None))
