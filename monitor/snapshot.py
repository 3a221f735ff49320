"""What the process knows of itself at this moment: one frozen value in memory, replaced whole.

Health answers, metrics and events are functions of it and of the time, so that none of them ever waits for a
database. Times are readings of the monotonic clock in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.audit.model import TargetState
    from assay.monitor.settings import DatabaseProblem
    from assay.probes.model import Reason


class SchemaStanding(StrEnum):
    """How the store's schema relates to this build."""

    NOT_CHECKED = "not_checked"
    """Nobody could look yet."""
    CURRENT = "current"
    BEHIND = "behind"
    NEWER = "newer"
    UNKNOWN = "unknown"
    """The database answered, but not what its schema is."""


@dataclass(frozen=True, kw_only=True)
class DatabaseView:
    """What is known of one database of the service's own.

    `failing_since` is when the present trouble began: the first failed round. It ends with the first good round, or,
    where the state has become `down`, only with the state, so that a recovery does not look worse than the failure did.
    """

    name: str
    state: TargetState | None = None
    reason: Reason | None = None
    checked_at: float | None = None
    failing_since: float | None = None
    was_good: bool = False


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The service's own condition. `databases` are its own, never the monitored targets."""

    problem: DatabaseProblem | None = None
    embedded: bool = False
    databases: tuple[DatabaseView, ...] = ()
    schema: SchemaStanding = SchemaStanding.NOT_CHECKED
    heartbeat_at: float | None = None
    """When the scheduler last ran its own tick; `None` before it started."""
    started: bool = False
    """The first round of the own databases and the first look at the schema have ended, however they ended."""
    draining: bool = False

    def taken_at(self) -> float | None:
        """When the oldest part was last refreshed; `None` while a part of it never was."""
        if not self.databases:
            return self.heartbeat_at
        times = [view.checked_at for view in self.databases]
        return None if None in times else min(time for time in times if time is not None)


class Board:
    """Holds the current snapshot. Written and read from the event loop only."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.current = snapshot

    def set_database(self, view: DatabaseView) -> None:
        """Replace what is known of one own database; others are ignored, so that no monitored target gets in."""
        views = tuple(view if known.name == view.name else known for known in self.current.databases)
        self.current = replace(self.current, databases=views)

    def database(self, name: str) -> DatabaseView | None:
        """What is known of one own database, `None` where the name is not one of them."""
        return next((view for view in self.current.databases if view.name == name), None)

    def set_schema(self, standing: SchemaStanding) -> None:
        """What the last look at the schema found."""
        self.current = replace(self.current, schema=standing)

    def beat(self, now: float) -> None:
        """The scheduler is alive."""
        self.current = replace(self.current, heartbeat_at=now)

    def start_is_over(self) -> None:
        """The first looks have ended."""
        self.current = replace(self.current, started=True)

    def drain(self) -> None:
        """The process is about to stop: there is no way back."""
        self.current = replace(self.current, draining=True)
