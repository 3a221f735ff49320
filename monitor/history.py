"""What is kept of the results: changes of state, and one rollup a minute for all runs of a check on a target.

Rollups wait in memory and are stored by a job; storing one again replaces it, so that an unfinished minute may be
stored too. While the store is away a bounded number waits, and the oldest minutes are dropped first, with a line in
the log.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from assay.audit.model import MeasuredRange, ProbeStatus, Rollup, StateChange
from assay.audit.results import store_rollups, store_state_changes
from assay.monitor.logs import logger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.audit.store import Store
    from assay.core.clock import Clock
    from assay.probes.model import Measurement, ProbeResult

_LOG: Final = logger("assay.history")
_MINUTE: Final = timedelta(minutes=1)
_BATCH: Final = 500
MAX_MINUTES: Final = 50_000
"""How many rollups wait at most."""
MAX_CHANGES: Final = 10_000
"""How many changes of state wait at most."""


@dataclass(kw_only=True)
class _Minute:
    """The runs of one check on one target that began in one minute."""

    target: str
    probe: str
    minute: datetime
    complete_at: datetime
    counts: Counter[str] = field(default_factory=Counter)
    total_seconds: float = 0.0
    lowest: float = float("inf")
    highest: float = 0.0
    last_status: ProbeStatus = ProbeStatus.UNKNOWN
    last_reason: str | None = None
    ranges: dict[str, MeasuredRange] = field(default_factory=dict)
    waits: bool = True

    def add(self, result: ProbeResult) -> None:
        self.counts[result.status] += 1
        self.total_seconds += result.duration_seconds
        self.lowest = min(self.lowest, result.duration_seconds)
        self.highest = max(self.highest, result.duration_seconds)
        self.last_status = ProbeStatus(result.status.value)
        self.last_reason = result.reason
        for measurement in result.measurements:
            self.ranges[measurement.name] = _widened(self.ranges.get(measurement.name), measurement)
        self.waits = True

    def rollup(self) -> Rollup:
        return Rollup(
            target=self.target,
            probe=self.probe,
            minute=self.minute,
            passed=self.counts[ProbeStatus.PASS],
            warned=self.counts[ProbeStatus.WARN],
            failed=self.counts[ProbeStatus.FAIL],
            unknown=self.counts[ProbeStatus.UNKNOWN],
            duration_lowest_seconds=self.lowest,
            duration_mean_seconds=self.total_seconds / self.counts.total(),
            duration_highest_seconds=self.highest,
            last_status=self.last_status,
            last_reason=self.last_reason,
            measurements=tuple(self.ranges[name] for name in sorted(self.ranges)),
        )


class History:
    """Collects results and stores them. `instance` names this process from its start to its end."""

    def __init__(self, *, instance: str, clock: Clock) -> None:
        self._instance = instance
        self._clock = clock
        self._minutes: dict[tuple[datetime, str, str], _Minute] = {}
        self._changes: deque[StateChange] = deque(maxlen=MAX_CHANGES)

    def add(self, result: ProbeResult) -> None:
        """A probe ended."""
        minute = result.started_at.replace(second=0, microsecond=0)
        key = (minute, result.target, result.probe)
        if key not in self._minutes:
            self._make_room()
            slack = (
                timedelta(seconds=result.timeout_seconds) + _MINUTE
            )  # a run that began in the minute may end this late
            self._minutes[key] = _Minute(
                target=result.target, probe=result.probe, minute=minute, complete_at=minute + _MINUTE + slack
            )
        self._minutes[key].add(result)

    def changed(self, change: StateChange) -> None:
        """A target changed its state."""
        self._changes.append(change)

    async def store(self, store: Store) -> None:
        """Store what waits.

        Raises:
            StoreUnavailable: not all of it could be stored; it goes on waiting.
        """
        changes = tuple(self._changes)
        await store_state_changes(store, changes, instance=self._instance)
        for _ in changes:
            self._changes.popleft()
        waiting = [minute for minute in self._minutes.values() if minute.waits]
        for batch in _batches(waiting):
            counts = [minute.counts.total() for minute in batch]
            await store_rollups(store, [minute.rollup() for minute in batch], instance=self._instance)
            for minute, count in zip(batch, counts, strict=True):
                minute.waits = minute.counts.total() != count  # a result may have come in meanwhile
        self._forget_complete()

    def _forget_complete(self) -> None:
        now = self._clock.now()
        for key, minute in tuple(self._minutes.items()):
            if not minute.waits and minute.complete_at <= now:
                del self._minutes[key]

    def _make_room(self) -> None:
        if len(self._minutes) >= MAX_MINUTES:
            oldest = min(self._minutes)
            del self._minutes[oldest]
            _LOG.warning("rollup_dropped", minute=oldest[0].isoformat(), target=oldest[1], probe=oldest[2])


def _batches(minutes: list[_Minute]) -> Iterable[list[_Minute]]:
    return (minutes[start : start + _BATCH] for start in range(0, len(minutes), _BATCH))


def _widened(known: MeasuredRange | None, seen: Measurement) -> MeasuredRange:
    lowest, highest = (seen.value, seen.value) if known is None else (known.lowest, known.highest)
    return MeasuredRange(
        name=seen.name,
        unit=seen.unit,
        lowest=min(lowest, seen.value),
        highest=max(highest, seen.value),
        last=seen.value,
    )
