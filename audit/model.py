"""The values the records speak in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from assay.audit.documents import JsonObject


class Severity(StrEnum):
    """How much an event matters, least first."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class TargetState(StrEnum):
    """What a target is after its probes' results were judged over time."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class ProbeStatus(StrEnum):
    """How one run of a probe ended."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class AuditOutcome(StrEnum):
    """How an audited action ended. `ACCEPTED`: begun on behalf of the actor, its end is told by an event."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"
    ACCEPTED = "accepted"


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """Who did what to what, and how it ended.

    `action` is `noun.verb` in the past (`token.created`, `probe.triggered`). `target` names the thing acted on.
    `before` and `after` hold what changed, without secrets. `source_ip` is an IP address; text that is none is kept
    in `metadata` instead.
    """

    actor: str
    action: str
    target: str
    outcome: AuditOutcome
    request_id: str | None = None
    source_ip: str | None = None
    before: JsonObject | None = None
    after: JsonObject | None = None
    metadata: JsonObject | None = None


@dataclass(frozen=True, kw_only=True)
class EventRecord:
    """One row of `system_events` as it was read. `timestamp`: when it happened; `recorded_at`: when it was written."""

    id: UUID
    event_type: str
    source: str
    severity: Severity
    payload: JsonObject
    timestamp: datetime
    metadata: JsonObject
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class AuditRecord:
    """One row of `audit_logs` as it was read."""

    id: UUID
    actor: str
    action: str
    target: str
    outcome: AuditOutcome
    request_id: str | None
    source_ip: str | None
    before: JsonObject | None
    after: JsonObject | None
    timestamp: datetime
    metadata: JsonObject
    recorded_at: datetime


class ResultKind(StrEnum):
    """What a row of `probe_results` is."""

    STATE_CHANGE = "state_change"
    ROLLUP = "rollup"


@dataclass(frozen=True, kw_only=True)
class StateChange:
    """A target went from one state to another at `timestamp`; `probe` is the check that decided, if one did."""

    target: str
    from_state: TargetState | None
    to_state: TargetState
    timestamp: datetime
    probe: str | None = None
    reason: str | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class MeasuredRange:
    """What one measurement was over the runs of a rollup, in its own `unit`."""

    name: str
    unit: str
    lowest: float
    highest: float
    last: float


@dataclass(frozen=True, kw_only=True)
class Rollup:
    """All runs of one check on one target whose start lies in the minute that begins at `minute`.

    `runs` is the sum of the four counts. Durations are seconds over all runs.
    """

    target: str
    probe: str
    minute: datetime
    passed: int
    warned: int
    failed: int
    unknown: int
    duration_lowest_seconds: float
    duration_mean_seconds: float
    duration_highest_seconds: float
    last_status: ProbeStatus
    last_reason: str | None = None
    measurements: tuple[MeasuredRange, ...] = ()

    @property
    def runs(self) -> int:
        """How many runs the rollup stands for."""
        return self.passed + self.warned + self.failed + self.unknown


@dataclass(frozen=True, kw_only=True)
class ResultRecord:
    """One row of `probe_results` as it was read: exactly one of `change` and `rollup` is there, as `kind` says."""

    id: UUID
    kind: ResultKind
    instance: str
    change: StateChange | None
    rollup: Rollup | None
    recorded_at: datetime


class ScanStatus(StrEnum):
    """How a scan ended: with a document, or with a reason why there is none."""

    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ScanRecord:
    """One run of a scan. `document_digest` is absent where the scan failed; `reason` then says why.

    `commit` is absent for a tree that is not at a commit. `by_verdict` and `findings` are the document's own summary.
    """

    id: UUID
    service: str
    repository: str | None
    commit: str | None
    branch: str | None
    configuration_digest: str
    origin: str
    status: ScanStatus
    reason: str | None
    endpoints: int
    by_verdict: JsonObject
    findings: JsonObject
    skipped: int
    document_digest: str | None
    document_bytes: int
    tool_version: str
    timestamp: datetime
    recorded_at: datetime


class Scope(StrEnum):
    """What a token may do. `ADMIN` includes `WRITE`, `WRITE` includes `READ`."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class Token:
    """A named API token, without its secret, which only its holder knows."""

    id: UUID
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def allows(self, scope: Scope) -> bool:
        """Whether the token may do what needs `scope`."""
        match scope:
            case Scope.READ:
                return bool(self.scopes)
            case Scope.WRITE:
                return bool(self.scopes & {Scope.WRITE, Scope.ADMIN})
            case Scope.ADMIN:
                return Scope.ADMIN in self.scopes
