"""The catalogue of events: every type that Assay writes to `system_events`, with its payload.

A new type is one frozen dataclass here and its place in `CATALOGUE`; `docs/events.md` is generated from both by
`make docs`, and a test says when it is not current.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from assay.audit.model import Severity, TargetState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """What every event has: a type, a source, and how much it matters unless the event itself knows better.

    `weighty` events are kept when the outbox is nearly full and ordinary ones are already turned away.
    """

    event_type: ClassVar[str]
    source: ClassVar[str]
    default_severity: ClassVar[Severity] = Severity.INFO
    weighty: ClassVar[bool] = True

    @property
    def severity(self) -> Severity:
        """How much this one matters."""
        return self.default_severity


@dataclass(frozen=True, kw_only=True)
class ServiceStarted(Event):
    """The service answers requests. `environment` is development or production, `targets` how many it observes."""

    event_type = "service.started"
    source = "service"

    version: str
    environment: str
    targets: int


@dataclass(frozen=True, kw_only=True)
class ServiceDraining(Event):
    """The service was told to stop, and `/readyz` is 503 until it has. `cause` is the signal's name or `request`."""

    event_type = "service.draining"
    source = "service"

    cause: str
    grace_seconds: float


@dataclass(frozen=True, kw_only=True)
class ServiceStopped(Event):
    """The service ended its work. `clean` is false where running probes, scans or records were given up."""

    event_type = "service.stopped"
    source = "service"

    uptime_seconds: float
    clean: bool

    @property
    def severity(self) -> Severity:
        """A warning where something was given up."""
        return Severity.INFO if self.clean else Severity.WARNING


@dataclass(frozen=True, kw_only=True)
class TargetStateChanged(Event):
    """A target went from one state to another. `probe` is what decided, `from_state` null for the first state.

    Severity: error for down, warning for degraded and unknown, info for up.
    """

    event_type = "target.state_changed"
    source = "probes"

    target: str
    from_state: TargetState | None
    to_state: TargetState
    probe: str | None
    reason: str | None
    message: str = ""

    @property
    def severity(self) -> Severity:
        """By the state that the target is in now."""
        match self.to_state:
            case TargetState.UP:
                return Severity.INFO
            case TargetState.DEGRADED | TargetState.UNKNOWN:
                return Severity.WARNING
            case TargetState.DOWN:
                return Severity.ERROR


@dataclass(frozen=True, kw_only=True)
class ProbeFailed(Event):
    """One run of a probe ended with `fail`, or with `unknown`, which says nothing about the target."""

    event_type = "probe.failed"
    source = "probes"
    default_severity = Severity.WARNING
    weighty = False

    target: str
    probe: str
    status: str
    reason: str | None
    message: str
    duration_seconds: float
    timeout_seconds: float


@dataclass(frozen=True, kw_only=True)
class ScanFinished(Event):
    """A scan of a service's code ended with a document. `bad` counts the verdicts that fail a build.

    Severity: warning where `bad` is not empty.
    """

    event_type = "scan.finished"
    source = "scans"

    service: str
    run_id: str
    commit: str | None
    endpoints: int
    bad: Mapping[str, int]
    findings: int
    skipped: int
    duration_seconds: float | None = None

    @property
    def severity(self) -> Severity:
        """A warning where a verdict is bad."""
        return Severity.WARNING if any(self.bad.values()) else Severity.INFO


@dataclass(frozen=True, kw_only=True)
class ScanFailed(Event):
    """A scan ended without a document: it crashed, ran out of time or memory, or its path cannot be read."""

    event_type = "scan.failed"
    source = "scans"
    default_severity = Severity.ERROR

    service: str
    reason: str
    message: str
    duration_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class ReadinessChanged(Event):
    """What `/readyz` answers changed. `reasons` are the codes of its answer, `failed` the checks that fail.

    Severity: error for fail, warning for warn, info for pass and where nothing fails but the wanted drain.
    """

    event_type = "readiness.changed"
    source = "readiness"

    from_status: str | None
    to_status: str
    reasons: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """By what `/readyz` answers now, and why."""
        if self.failed == ("drain",):
            return Severity.INFO
        return {"pass": Severity.INFO, "warn": Severity.WARNING}.get(self.to_status, Severity.ERROR)


@dataclass(frozen=True, kw_only=True)
class StoreUnavailableSeen(Event):
    """The store stopped taking records; from now on they wait in memory. Committed once the store is back."""

    event_type = "store.unavailable"
    source = "records"
    default_severity = Severity.ERROR

    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class StoreRecovered(Event):
    """The store takes records again. `spooled` had waited and are committed now, `dropped` were turned away meanwhile.

    Severity: error where records were dropped.
    """

    event_type = "store.recovered"
    source = "records"

    away_seconds: float
    spooled: int
    dropped: int

    @property
    def severity(self) -> Severity:
        """An error where records were lost."""
        return Severity.ERROR if self.dropped else Severity.INFO


@dataclass(frozen=True, kw_only=True)
class OutboxDropped(Event):
    """Records were turned away: the outbox was full, or the store will never take them. `by_type` counts them."""

    event_type = "outbox.dropped"
    source = "records"
    default_severity = Severity.ERROR

    dropped: int
    by_type: Mapping[str, int]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, kw_only=True)
class PartitionsCreated(Event):
    """Partitions for coming days were made. `names` are the new tables."""

    event_type = "partitions.created"
    source = "records"
    weighty = False

    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PartitionsLow(Event):
    """Soon there is no partition for a new record. `days_ahead` full days are left, -1 when today has none.

    Severity: critical below one day.
    """

    event_type = "partitions.low"
    source = "records"
    default_severity = Severity.WARNING

    days_ahead: int

    @property
    def severity(self) -> Severity:
        """Critical when tomorrow's records have no place."""
        return Severity.WARNING if self.days_ahead > 0 else Severity.CRITICAL


@dataclass(frozen=True, kw_only=True)
class SchemaUpgraded(Event):
    """The schema was migrated to a later revision. `from_revision` is null for the first migration."""

    event_type = "schema.upgraded"
    source = "schema"

    from_revision: str | None
    to_revision: str


@dataclass(frozen=True, kw_only=True)
class SchemaDowngraded(Event):
    """The schema was migrated back to an earlier revision."""

    event_type = "schema.downgraded"
    source = "schema"
    default_severity = Severity.WARNING

    from_revision: str
    to_revision: str


CATALOGUE: Final[tuple[type[Event], ...]] = (
    ServiceStarted,
    ServiceDraining,
    ServiceStopped,
    TargetStateChanged,
    ProbeFailed,
    ScanFinished,
    ScanFailed,
    ReadinessChanged,
    StoreUnavailableSeen,
    StoreRecovered,
    OutboxDropped,
    PartitionsCreated,
    PartitionsLow,
    SchemaUpgraded,
    SchemaDowngraded,
)
"""Every event type, in the order of the documentation."""
