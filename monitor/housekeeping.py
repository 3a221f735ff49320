"""What the service does for itself by the clock: looks at its schema, makes partitions, stores its history.

Every replica does all of it: each part is safe to do twice, also at the same time. While the store is away a part is
left out until its next turn, and said once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.audit.errors import AuditError, StoreRejected, StoreUnavailable, UnavailableReason, UnsupportedServer
from assay.audit.events import PartitionsCreated, PartitionsLow, ReadinessChanged
from assay.audit.partitions import WARN_BELOW_DAYS, ensure_partitions, partition_runway
from assay.audit.revisions import SchemaState, schema_status
from assay.monitor.logs import logger
from assay.monitor.readiness import readiness
from assay.monitor.snapshot import SchemaStanding
from assay.probes.model import Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.audit.store import Store
    from assay.core.clock import Clock
    from assay.monitor.history import History
    from assay.monitor.journal import Journal
    from assay.monitor.readiness import ReadinessRules
    from assay.monitor.scanning import Scans
    from assay.monitor.snapshot import Board

_LOG: Final = logger("assay.housekeeping")
_STANDING: Final = {
    SchemaState.MISSING: SchemaStanding.BEHIND,
    SchemaState.BEHIND: SchemaStanding.BEHIND,
    SchemaState.CURRENT: SchemaStanding.CURRENT,
    SchemaState.NEWER: SchemaStanding.NEWER,
}


class Pulse:
    """Shows that the scheduler is alive, and tells when what `/readyz` answers has changed."""

    def __init__(self, *, board: Board, rules: ReadinessRules, journal: Journal, clock: Clock) -> None:
        self._board = board
        self._rules = rules
        self._journal = journal
        self._clock = clock
        self._told: Status | None = None

    async def beat(self) -> None:
        """One tick of the scheduler."""
        self._board.beat(self._clock.monotonic())
        self.look()

    def look(self) -> None:
        """Tell a change of readiness; before the start is over there is nothing to tell."""
        if not (self._board.current.started or self._board.current.draining):
            return
        judged = readiness(self._board.current, self._rules, self._clock.monotonic())
        status = judged.status()
        if status != self._told:
            codes = tuple(reason.code.value for check in judged.checks for reason in check.reasons)
            failed = tuple(check.name.value for check in judged.checks if check.status is Status.FAIL)
            event = ReadinessChanged(from_status=self._told, to_status=status, reasons=codes, failed=failed)
            self._journal.post(event)
            self._told = status


class Housekeeping:
    """The parts that need the store."""

    def __init__(
        self, store: Store, *, board: Board, journal: Journal, history: History, scans: Scans, clock: Clock
    ) -> None:
        self._store = store
        self._board = board
        self._journal = journal
        self._history = history
        self._scans = scans
        self._clock = clock
        self._held_up: set[str] = set()
        self._runway: int | None = None

    async def look_at_schema(self) -> None:
        """Read the revision. While the store is away, what was known stays; where it may not be read, it is unknown."""
        try:
            async with self._store.begin() as connection:
                status = await schema_status(connection)
        except (StoreUnavailable, UnsupportedServer) as error:
            self._say_held_up("schema", error)
            if isinstance(error, StoreUnavailable) and error.reason is UnavailableReason.PERMISSION:
                self._board.set_schema(SchemaStanding.UNKNOWN)
            return
        except StoreRejected as error:
            _LOG.error("schema_not_readable", detail=str(error))
            self._board.set_schema(SchemaStanding.UNKNOWN)
            return
        self._held_up.discard("schema")
        standing = _STANDING[status.state]
        if standing is not self._board.current.schema:
            say = _LOG.info if standing is SchemaStanding.CURRENT else _LOG.warning
            say("schema", standing=standing, revision=status.revision, head=status.head)
        self._board.set_schema(standing)

    async def make_partitions(self) -> None:
        """Make the partitions of the week ahead, and warn where they are not there."""
        await self._unless_away("partitions", self._make_partitions)

    async def store_history(self) -> None:
        """Store rollups and changes of state."""
        await self._unless_away("history", lambda: self._history.store(self._store))

    async def refresh_scans(self) -> None:
        """Store a scan that had to wait, and show what other replicas took in."""
        await self._unless_away("scans", lambda: self._scans.refresh(self._store))

    async def _make_partitions(self) -> None:
        made = await ensure_partitions(self._store)
        if made:
            self._journal.post(PartitionsCreated(names=made))
        runway = await partition_runway(self._store, self._clock)
        if runway < WARN_BELOW_DAYS and runway != self._runway:
            self._journal.post(PartitionsLow(days_ahead=runway))
        self._runway = runway

    async def _unless_away(self, part: str, do: Callable[[], Awaitable[None]]) -> None:
        try:
            await do()
        except (StoreUnavailable, UnsupportedServer) as error:
            self._say_held_up(part, error)
        else:
            self._held_up.discard(part)

    def _say_held_up(self, part: str, error: AuditError) -> None:
        if part not in self._held_up:
            self._held_up.add(part)
            _LOG.warning("held_up", part=part, detail=str(error))
