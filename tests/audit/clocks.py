"""A clock that a test sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class SetClock:
    """Stands still until it is told to move; both sides move together."""

    moment: datetime
    seconds: float = 0.0

    @classmethod
    def today(cls) -> SetClock:
        """A clock that stands at the present, so that its keys have a partition."""
        return cls(datetime.now(UTC))

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.seconds

    def move(self, step: timedelta) -> None:
        """Let time pass."""
        self.moment += step
        self.seconds += step.total_seconds()
