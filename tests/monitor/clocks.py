"""A clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class HandClock:
    """Time stands still until `advance`."""

    seconds: float = 1000.0

    def now(self) -> datetime:
        return _EPOCH + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


def clock_at(moment: datetime) -> HandClock:
    """A clock that stands at this moment."""
    return HandClock(seconds=(moment - _EPOCH).total_seconds())
