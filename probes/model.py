"""The values every probe speaks in: a target in, a result out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from assay.core.redact import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

SessionT = TypeVar("SessionT")
"""What a probe is given to look through: each engine has its own."""


class Status(StrEnum):
    """How a probe ended. `UNKNOWN`: the probe itself broke, or may not look; it says nothing about the target."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a probe did not pass: a closed list, fit to be a metric label."""

    DNS = "dns"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_QUERY = "timeout_query"
    TLS = "tls"
    AUTH = "auth"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    STARTING_UP = "starting_up"
    SHUTTING_DOWN = "shutting_down"
    READ_ONLY = "read_only"
    MISSING_DATABASE = "missing_database"
    PERMISSION = "permission"
    CONNECTION_LOST = "connection_lost"
    QUERY_ERROR = "query_error"
    UNEXPECTED_RESULT = "unexpected_result"
    THRESHOLD = "threshold"
    INVALID_TARGET = "invalid_target"
    NOT_RUN = "not_run"
    """An earlier check of the same target left no connection to run this one on."""
    INTERNAL = "internal"


class Engine(StrEnum):
    """What kind of system a target is."""

    POSTGRESQL = "postgresql"


class Phase(StrEnum):
    """The parts of a database probe's time, measured apart."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    QUERY = "query"


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """From which value on a measurement warns or fails; `None` never does. `below` turns the comparison round."""

    warn: float | None = None
    fail: float | None = None
    below: bool = False

    def judge(self, value: float) -> Status:
        """Pass, warn or fail; a value equal to a bound has reached it."""
        for bound, status in ((self.fail, Status.FAIL), (self.warn, Status.WARN)):
            if bound is not None and (value <= bound if self.below else value >= bound):
                return status
        return Status.PASS


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One measured quantity.

    `unit` is a base unit of Prometheus (seconds, bytes, ratio) or a plural noun (connections).
    """

    name: str
    value: float
    unit: str
    threshold: Threshold | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something to observe.

    `url` is a libpq URL and never appears in `repr`. `write_table` names, as `schema.table`, the only table that a
    probe may write to on this target; without it no probe writes.
    """

    name: str
    engine: Engine
    url: str = field(repr=False)
    timeout_seconds: float = 5.0
    interval_seconds: float = 15.0
    write_table: str | None = None

    @property
    def masked_url(self) -> str:
        """The address with its password masked, for people to read."""
        return mask_secrets(self.url)


@dataclass(frozen=True, kw_only=True)
class ServerInfo:
    """What the server said of itself. `role` is `primary` or `standby`."""

    version: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a probe's own judgement is; the runner makes a `ProbeResult` of it."""

    status: Status
    reason: Reason | None = None
    message: str = ""
    measurements: tuple[Measurement, ...] = ()
    server: ServerInfo | None = None

    @classmethod
    def ok(cls, *measurements: Measurement, message: str = "", server: ServerInfo | None = None) -> Outcome:
        """It passed, as far as the thresholds of the measurements agree (the runner asks them)."""
        return cls(status=Status.PASS, measurements=measurements, message=message, server=server)

    @classmethod
    def fail(cls, message: str, *, reason: Reason = Reason.UNEXPECTED_RESULT) -> Outcome:
        """The target is not what it should be."""
        return cls(status=Status.FAIL, reason=reason, message=message)

    @classmethod
    def unknown(cls, message: str, *, reason: Reason = Reason.INTERNAL) -> Outcome:
        """Nothing can be said about the target."""
        return cls(status=Status.UNKNOWN, reason=reason, message=message)


@dataclass(frozen=True, kw_only=True)
class Probe(Generic[SessionT]):
    """One check: `evaluate` looks through the session it is given and judges.

    Whatever it raises, the runner makes a result of it.
    `name` is kebab-case and a metric label. `writes` marks a probe that changes rows: it runs only where that was asked
    for, on a target that names a table for it.
    """

    name: str
    summary: str
    evaluate: Callable[[SessionT], Awaitable[Outcome]]
    writes: bool = False


@dataclass(frozen=True, kw_only=True)
class ProbeResult:
    """One run of one probe on one target, however it ended.

    `duration_seconds` runs from the start to the moment the result was made. `overrun_seconds` is how far that lies
    behind the deadline, 0 where the deadline was kept. `phases` hold only the phases that were reached.
    """

    target: str
    probe: str
    status: Status
    reason: Reason | None
    message: str
    started_at: datetime
    duration_seconds: float
    timeout_seconds: float
    overrun_seconds: float = 0.0
    phases: tuple[tuple[Phase, float], ...] = ()
    measurements: tuple[Measurement, ...] = ()
    server: ServerInfo | None = None
