"""Records events and audit rows: committed before the caller goes on, or kept in memory until the store is back.

Rows go to the store through one queue, in the order they were accepted; whoever holds the lock writes all that waits
in one transaction, so that concurrent callers share a commit. Writing is safe to repeat: a row keeps its key, and a key
that is there is left alone. At every moment `accepted == stored + spooled + rejected`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from sqlalchemy.dialects.postgresql import insert

from assay.audit.errors import StoreRejected, StoreUnavailable, UnavailableReason
from assay.audit.events import OutboxDropped, StoreRecovered, StoreUnavailableSeen
from assay.audit.keys import first_key
from assay.audit.outbox import Outbox, Recording, Waiting
from assay.audit.rows import audit_row, event_row
from assay.audit.tables import audit_logs, system_events
from assay.core.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncConnection

    from assay.audit.documents import JsonObject
    from assay.audit.events import Event
    from assay.audit.model import AuditEntry, Severity
    from assay.audit.store import Store
    from assay.core.clock import Clock

_LOG: Final = logging.getLogger("assay.audit")
_BATCH: Final = 500
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class RecordCounts:
    """`accepted` counts all that was handed in; it is always `stored + spooled + rejected`."""

    accepted: int
    stored: int
    spooled: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class _Away:
    since: float
    reason: UnavailableReason


@dataclass(kw_only=True)
class _Drops:
    first_at: datetime
    last_at: datetime
    by_type: Counter[str] = field(default_factory=Counter)


class Recorder:
    """One per process. `run()` is its background task; without it, what is spooled waits for the next `flush()`.

    `outbox_limit` rows and about `outbox_bytes` bytes wait in memory at most. `deadline_seconds` is how long one
    write may keep a caller waiting. `instance` names this process in each event's metadata.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        outbox_limit: int = 10_000,
        outbox_bytes: int = 64 * 1024 * 1024,
        deadline_seconds: float = 2.0,
        instance: str | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._metadata: JsonObject = {} if instance is None else {"instance": instance}
        self._outbox = Outbox(outbox_limit, outbox_bytes)
        self._lock = asyncio.Lock()
        self._work = asyncio.Event()
        self._hint = asyncio.Event()
        self._away: _Away | None = None
        self._drops: _Drops | None = None
        self._waited = 0
        self._accepted = self._stored = self._rejected = 0

    @property
    def counts(self) -> RecordCounts:
        """The account of all records since the start of the process."""
        return RecordCounts(
            accepted=self._accepted, stored=self._stored, spooled=len(self._outbox), rejected=self._rejected
        )

    @property
    def unavailable_reason(self) -> UnavailableReason | None:
        """Why records wait in memory at the moment; `None` while they are committed as they come."""
        return self._away.reason if self._away else None

    async def record(
        self,
        event: Event,
        *,
        severity: Severity | None = None,
        metadata: JsonObject | None = None,
        timestamp: datetime | None = None,
    ) -> Recording:
        """Record that something happened, at `timestamp` (now); the result says what became of it.

        Returns after the commit while the store is there, at once while it is away. Never raises for the store's sake.
        """
        return await self._take(self._event(event, severity=severity, metadata=metadata, timestamp=timestamp))

    async def audit_or_spool(self, entry: AuditEntry) -> Recording:
        """Record an action that cannot be refused any more, such as the stop of the service."""
        row = audit_row(entry, key=uuid7(), timestamp=self._clock.now())
        return await self._take(Waiting(table=audit_logs, row=row, label=entry.action, weighty=True))

    async def audit(self, entry: AuditEntry) -> UUID:
        """Record an action before it is answered; the result is the row's key. The row is committed, or this raises.

        Raises:
            StoreUnavailable: the row cannot be stored now: the action must be refused.
            StoreRejected: the row can never be stored.
        """
        self._accepted += 1
        try:
            async with self._store.begin(deadline_seconds=self._deadline_seconds) as connection:
                key = await insert_audit(connection, entry, timestamp=self._clock.now())
        except BaseException:
            self._rejected += 1
            raise
        self._stored += 1
        self._hint.set()
        return key

    async def flush(self) -> bool:
        """Try to store all that waits, once; whether nothing waits any more.

        Lasts one deadline at most while the store is away.
        """
        await self._drain(retry=True)
        return not self._outbox

    async def run(self) -> None:
        """Store what waits as soon as the store is back. Runs until it is cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            pause = _FIRST_PAUSE_SECONDS
            while not await self.flush():
                self._hint.clear()
                await _wait(self._hint, pause * random.uniform(0.8, 1.2))  # noqa: S311 - spreads retries, hides nothing
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _event(
        self,
        event: Event,
        *,
        severity: Severity | None = None,
        metadata: JsonObject | None = None,
        timestamp: datetime | None = None,
        own: bool = False,
    ) -> Waiting:
        row = event_row(
            event,
            key=uuid7(),
            timestamp=timestamp or self._clock.now(),
            severity=severity,
            metadata={**self._metadata, **(metadata or {})},
        )
        return Waiting(table=system_events, row=row, label=event.event_type, weighty=event.weighty, own=own)

    async def _take(self, waiting: Waiting) -> Recording:
        if not self._accept(waiting):
            return Recording.REJECTED
        try:
            if self._away is None:
                await self._drain(until=waiting)
        finally:
            if self._outbox:
                self._work.set()
        return waiting.state

    def _accept(self, waiting: Waiting) -> bool:
        self._accepted += 1
        if self._outbox.add(waiting):
            return True
        self._reject(waiting)
        return False

    def _reject(self, waiting: Waiting) -> None:
        waiting.state = Recording.REJECTED
        self._rejected += 1
        if waiting.own:
            return
        now = self._clock.now()
        self._drops = self._drops or _Drops(first_at=now, last_at=now)
        self._drops.last_at = now
        self._drops.by_type[waiting.label] += 1

    async def _drain(self, *, until: Waiting | None = None, retry: bool = False) -> None:
        """Write what waits, oldest first, until `until` is settled, nothing waits, or the store is found away."""
        async with self._lock:
            while batch := self._outbox.head(_BATCH):
                settled = until is not None and until.state is not Recording.SPOOLED
                if (settled and not batch[0].own) or (self._away and not retry):
                    return
                try:
                    await self._write_batch(batch)
                except StoreUnavailable as error:
                    self._went_away(error)
                    return
                if len(self._outbox) == 0:
                    self._came_back()

    async def _write_batch(self, batch: Sequence[Waiting]) -> None:
        try:
            await self._write(batch)
        except StoreRejected:
            await self._write_one_by_one(batch)
        except StoreUnavailable as error:
            if error.reason is not UnavailableReason.PARTITION_MISSING:
                raise
            await self._write_one_by_one(batch)
        else:
            self._settle(batch)

    async def _write_one_by_one(self, batch: Sequence[Waiting]) -> None:
        """One bad row does not hold up the others: it is turned away, or kept where its partition may still be made."""
        kept: StoreUnavailable | None = None
        for waiting in batch:
            try:
                await self._write([waiting])
            except StoreRejected as error:
                self._give_up(waiting, error)
            except StoreUnavailable as error:
                if error.reason is not UnavailableReason.PARTITION_MISSING:
                    raise
                if self._is_past(waiting):
                    self._give_up(waiting, error)
                else:
                    kept = error
            else:
                self._settle([waiting])
        if kept:
            raise kept

    async def _write(self, batch: Sequence[Waiting]) -> None:
        async with self._store.begin(deadline_seconds=self._deadline_seconds) as connection:
            for table, rows in groupby(batch, key=lambda waiting: waiting.table):
                statement = insert(table).on_conflict_do_nothing(index_elements=["id"])
                await connection.execute(statement, [waiting.row for waiting in rows])

    def _settle(self, batch: Sequence[Waiting]) -> None:
        for waiting in batch:
            waiting.state = Recording.STORED
        self._outbox.remove(batch)
        self._stored += len(batch)
        self._waited += len(batch) if self._away else 0

    def _give_up(self, waiting: Waiting, error: Exception) -> None:
        _LOG.error("a %s record is turned away: %s", waiting.label, error)
        self._outbox.remove([waiting])
        self._reject(waiting)

    def _is_past(self, waiting: Waiting) -> bool:
        """Whether no partition will be made any more for the day in the row's key: they are made from yesterday on."""
        key: UUID = waiting.row["id"]
        return key < first_key(self._clock.now() - timedelta(days=2))

    def _went_away(self, error: StoreUnavailable) -> None:
        if self._away is None:
            self._away = _Away(since=self._clock.monotonic(), reason=error.reason)
            self._waited = 0
            _LOG.warning("records wait in memory: %s", error)
            self._accept(self._event(StoreUnavailableSeen(reason=error.reason, message=str(error)), own=True))
        else:
            self._away = _Away(since=self._away.since, reason=error.reason)
        self._work.set()

    def _came_back(self) -> None:
        """Give account of what happened; the account is written like any other record, and only then all is well."""
        drops, away = self._drops, self._away
        self._drops = self._away = None
        dropped = drops.by_type.total() if drops else 0
        if drops:
            event = OutboxDropped(
                dropped=dropped, by_type=dict(drops.by_type), first_at=drops.first_at, last_at=drops.last_at
            )
            self._accept(self._event(event, own=True))
        if away:
            seconds = self._clock.monotonic() - away.since
            _LOG.warning(
                "the store is back after %.1f s: %d records stored, %d dropped", seconds, self._waited, dropped
            )
            recovered = StoreRecovered(away_seconds=round(seconds, 3), spooled=self._waited, dropped=dropped)
            self._accept(self._event(recovered, own=True))


async def insert_audit(connection: AsyncConnection, entry: AuditEntry, *, timestamp: datetime) -> UUID:
    """Add an audit row to a transaction, so that a change and its record are committed together or not at all."""
    key = uuid7()
    await connection.execute(insert(audit_logs).values(audit_row(entry, key=key, timestamp=timestamp)))
    return key


async def _wait(signal: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await signal.wait()
    except TimeoutError:
        return  # nobody gave a hint: time to look again
