"""Is this process fit to be sent requests: a pure function of the snapshot and the time.

Only the service's own databases count; a monitored target that is down is what the service is there to report.
Hysteresis lies in the state of the databases (`judgement.py`); on top of it a database that was good before may fail
for `grace_seconds` before the load balancer is told, because a short failover would otherwise take every replica out
at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from assay.audit.model import TargetState
from assay.monitor.snapshot import SchemaStanding
from assay.probes.model import Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from assay.monitor.snapshot import DatabaseView, Snapshot
    from assay.probes.model import Reason

_STALE_AFTER_INTERVALS: Final = 3


class CheckName(StrEnum):
    """The checks of `/readyz`, in the order in which they are told."""

    DATABASE = "database"
    SCHEMA = "schema"
    SCHEDULER = "scheduler"
    SNAPSHOT = "snapshot"
    DRAIN = "drain"


class Code(StrEnum):
    """Why a check is not simply `pass`: a closed list, fit for machines."""

    DATABASE_URL_MISSING = "database_url_missing"
    DATABASE_URL_INVALID = "database_url_invalid"
    DATABASE_URL_NOT_FOR_PRODUCTION = "database_url_not_for_production"
    DATABASE_EMBEDDED = "database_embedded"
    DATABASE_NOT_CHECKED = "database_not_checked"
    DATABASE_UNHEALTHY = "database_unhealthy"
    DATABASE_FAILING = "database_failing"
    DATABASE_DEGRADED = "database_degraded"
    DATABASE_UNKNOWN = "database_unknown"
    SCHEMA_NOT_CHECKED = "schema_not_checked"
    SCHEMA_BEHIND = "schema_behind"
    SCHEMA_NEWER = "schema_newer"
    SCHEMA_UNKNOWN = "schema_unknown"
    SCHEDULER_NOT_STARTED = "scheduler_not_started"
    SCHEDULER_STALLED = "scheduler_stalled"
    SNAPSHOT_STALE = "snapshot_stale"
    DRAINING = "draining"


class DatabaseHealth(StrEnum):
    """The word for the service's own database."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    NOT_CONFIGURED = "not-configured"


@dataclass(frozen=True, kw_only=True)
class ReasonCode:
    """One reason. `target` names which own database, `cause` is the probe's own reason."""

    code: Code
    target: str | None = None
    cause: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One check. One that is `fixed` counts even when it is asked to be left out."""

    name: CheckName
    status: Status
    reasons: tuple[ReasonCode, ...] = ()
    fixed: bool = False


@dataclass(frozen=True, kw_only=True)
class ReadinessRules:
    """The bounds, in seconds."""

    interval_seconds: float
    grace_seconds: float = 30.0
    heartbeat_seconds: float = 10.0

    @property
    def stale_after_seconds(self) -> float:
        """From this age on the snapshot says nothing any more."""
        return _STALE_AFTER_INTERVALS * self.interval_seconds


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """All checks at one moment."""

    checks: tuple[CheckResult, ...]
    database: DatabaseHealth

    def counted(self, excluded: Collection[str] = ()) -> tuple[CheckResult, ...]:
        """The checks that count when some are asked to be left out."""
        return tuple(check for check in self.checks if check.fixed or check.name not in excluded)

    def status(self, excluded: Collection[str] = ()) -> Status:
        """Fail if a check fails, else warn if one does not pass, else pass."""
        statuses = {check.status for check in self.counted(excluded)}
        if Status.FAIL in statuses:
            return Status.FAIL
        return Status.PASS if statuses <= {Status.PASS} else Status.WARN


def readiness(snapshot: Snapshot, rules: ReadinessRules, now: float) -> Readiness:
    """Judge the snapshot at the time `now` of the monotonic clock."""
    checks = (
        _database(snapshot, rules, now),
        _schema(snapshot),
        _scheduler(snapshot, rules, now),
        _snapshot(snapshot, rules, now),
        _drain(snapshot),
    )
    return Readiness(checks=checks, database=_health(snapshot))


def is_alive(snapshot: Snapshot, now: float, limit_seconds: float) -> bool:
    """False only when the scheduler has surely stopped for `limit_seconds` while the process is not draining."""
    return snapshot.draining or snapshot.heartbeat_at is None or now - snapshot.heartbeat_at <= limit_seconds


def _database(snapshot: Snapshot, rules: ReadinessRules, now: float) -> CheckResult:
    if snapshot.problem is not None:
        reason = ReasonCode(code=Code(snapshot.problem.value))
        return CheckResult(name=CheckName.DATABASE, status=Status.FAIL, reasons=(reason,), fixed=True)
    judged = [_one_database(view, rules, now) for view in snapshot.databases]
    reasons = [reason for _, reason in judged if reason is not None]
    if snapshot.embedded:
        reasons.append(ReasonCode(code=Code.DATABASE_EMBEDDED))
    statuses = {status for status, _ in judged}
    worst = next((status for status in (Status.FAIL, Status.WARN) if status in statuses), Status.PASS)
    return CheckResult(name=CheckName.DATABASE, status=worst, reasons=tuple(reasons))


def _one_database(view: DatabaseView, rules: ReadinessRules, now: float) -> tuple[Status, ReasonCode | None]:
    match view.state:
        case None:
            return Status.FAIL, ReasonCode(code=Code.DATABASE_NOT_CHECKED, target=view.name)
        case TargetState.UP:
            return Status.PASS, None
        case TargetState.DEGRADED:
            return Status.WARN, ReasonCode(code=Code.DATABASE_DEGRADED, target=view.name, cause=view.reason)
        case TargetState.UNKNOWN:
            return Status.WARN, ReasonCode(code=Code.DATABASE_UNKNOWN, target=view.name, cause=view.reason)
        case TargetState.DOWN if _in_grace(view, rules, now):
            return Status.WARN, ReasonCode(code=Code.DATABASE_FAILING, target=view.name, cause=view.reason)
        case TargetState.DOWN:
            return Status.FAIL, ReasonCode(code=Code.DATABASE_UNHEALTHY, target=view.name, cause=view.reason)


def _in_grace(view: DatabaseView, rules: ReadinessRules, now: float) -> bool:
    """A database that never was good has no grace."""
    if not view.was_good or view.failing_since is None:
        return False
    return now - view.failing_since < rules.grace_seconds


def _schema(snapshot: Snapshot) -> CheckResult:
    judged: dict[SchemaStanding, tuple[Status, Code | None]] = {
        SchemaStanding.NOT_CHECKED: (Status.FAIL, Code.SCHEMA_NOT_CHECKED),
        SchemaStanding.CURRENT: (Status.PASS, None),
        SchemaStanding.BEHIND: (Status.FAIL, Code.SCHEMA_BEHIND),
        SchemaStanding.NEWER: (Status.WARN, Code.SCHEMA_NEWER),
        SchemaStanding.UNKNOWN: (Status.WARN, Code.SCHEMA_UNKNOWN),
    }
    status, code = judged[snapshot.schema]
    return CheckResult(name=CheckName.SCHEMA, status=status, reasons=() if code is None else (ReasonCode(code=code),))


def _scheduler(snapshot: Snapshot, rules: ReadinessRules, now: float) -> CheckResult:
    if snapshot.heartbeat_at is None:
        return _failed(CheckName.SCHEDULER, Code.SCHEDULER_NOT_STARTED)
    if now - snapshot.heartbeat_at > rules.heartbeat_seconds:
        return _failed(CheckName.SCHEDULER, Code.SCHEDULER_STALLED)
    return CheckResult(name=CheckName.SCHEDULER, status=Status.PASS)


def _snapshot(snapshot: Snapshot, rules: ReadinessRules, now: float) -> CheckResult:
    taken_at = snapshot.taken_at()
    if taken_at is None or now - taken_at > rules.stale_after_seconds:
        return _failed(CheckName.SNAPSHOT, Code.SNAPSHOT_STALE)
    return CheckResult(name=CheckName.SNAPSHOT, status=Status.PASS)


def _drain(snapshot: Snapshot) -> CheckResult:
    if snapshot.draining:
        return _failed(CheckName.DRAIN, Code.DRAINING)
    return CheckResult(name=CheckName.DRAIN, status=Status.PASS)


def _failed(name: CheckName, code: Code) -> CheckResult:
    return CheckResult(name=name, status=Status.FAIL, reasons=(ReasonCode(code=code),))


def _health(snapshot: Snapshot) -> DatabaseHealth:
    """`not-configured` also stands for: not looked at yet. One of several that is down makes the word `unhealthy`."""
    states = {view.state for view in snapshot.databases}
    if snapshot.problem is not None:
        return DatabaseHealth.NOT_CONFIGURED
    if TargetState.DOWN in states:
        return DatabaseHealth.UNHEALTHY
    if not states or None in states:
        return DatabaseHealth.NOT_CONFIGURED
    return DatabaseHealth.HEALTHY
