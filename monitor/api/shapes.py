"""The shapes of the answers, as they stand in the OpenAPI document."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, JsonValue
from starlette.requests import Request

from assay.audit.model import AuditRecord, EventRecord, ScanRecord
from assay.audit.query import MAX_LIMIT, Page
from assay.monitor.probing import TargetView
from assay.probes.model import ProbeResult

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="how many rows at most")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")]
Since = Annotated[datetime | None, Query(description="only rows from this time on (RFC 3339, with a zone)")]
Until = Annotated[datetime | None, Query(description="only rows before this time (RFC 3339, with a zone)")]
Word = Annotated[str | None, Query(max_length=500)]

RowT = TypeVar("RowT")
ItemT = TypeVar("ItemT", bound=BaseModel)


class PageOut(BaseModel, Generic[ItemT]):
    """One page, newest first. `next_cursor` asks for the rows after it and is null on the last page."""

    items: list[ItemT]
    next_cursor: str | None


class MeasurementOut(BaseModel):
    """One measured quantity in a base unit."""

    name: str
    value: float
    unit: str


class ResultOut(BaseModel):
    """The last run of one probe. `phases` are seconds in each phase that was reached."""

    probe: str
    status: str
    reason: str | None
    message: str
    started_at: datetime
    duration_seconds: float
    timeout_seconds: float
    overrun_seconds: float
    phases: dict[str, float]
    measurements: list[MeasurementOut]


class TargetOut(BaseModel):
    """A target as it stands. `state` is null before the first round, `changed_at` is when it came into that state."""

    target: str
    engine: str
    state: str | None
    changed_at: datetime | None
    interval_seconds: float
    timeout_seconds: float
    server_version: str | None
    role: str | None
    results: list[ResultOut]


class TargetsOut(BaseModel):
    """Every target, in the order of the configuration."""

    items: list[TargetOut]


class EventOut(BaseModel):
    """One row of `system_events`."""

    id: UUID
    event_type: str
    source: str
    severity: str
    payload: dict[str, JsonValue]
    timestamp: datetime
    metadata: dict[str, JsonValue]
    recorded_at: datetime


class AuditOut(BaseModel):
    """One row of `audit_logs`."""

    id: UUID
    actor: str
    action: str
    target: str
    outcome: str
    request_id: str | None
    source_ip: str | None
    before: dict[str, JsonValue] | None
    after: dict[str, JsonValue] | None
    timestamp: datetime
    metadata: dict[str, JsonValue]
    recorded_at: datetime


class ScanOut(BaseModel):
    """One run of a scan; `GET /v1/scans/{id}` has its document where it finished."""

    id: UUID
    service: str
    repository: str | None
    commit: str | None
    branch: str | None
    configuration_digest: str
    origin: str
    status: str
    reason: str | None
    endpoints: int
    by_verdict: dict[str, JsonValue]
    findings: dict[str, JsonValue]
    skipped: int
    document_bytes: int
    tool_version: str
    timestamp: datetime
    recorded_at: datetime


class StoredScanOut(BaseModel):
    """Which run a scan is, and whether this request made it."""

    id: UUID
    service: str
    created: bool


def target_out(view: TargetView) -> TargetOut:
    """The shape of a target."""
    server = next((result.server for result in view.results if result.server is not None), None)
    return TargetOut(
        target=view.target.name,
        engine=view.target.engine,
        state=view.state,
        changed_at=view.changed_at,
        interval_seconds=view.target.interval_seconds,
        timeout_seconds=view.target.timeout_seconds,
        server_version=None if server is None else server.version,
        role=None if server is None else server.role,
        results=[_result_out(result) for result in view.results],
    )


def _result_out(result: ProbeResult) -> ResultOut:
    return ResultOut(
        probe=result.probe,
        status=result.status,
        reason=result.reason,
        message=result.message,
        started_at=result.started_at,
        duration_seconds=result.duration_seconds,
        timeout_seconds=result.timeout_seconds,
        overrun_seconds=result.overrun_seconds,
        phases={phase.value: seconds for phase, seconds in result.phases},
        measurements=[
            MeasurementOut(name=measurement.name, value=measurement.value, unit=measurement.unit)
            for measurement in result.measurements
        ],
    )


def event_out(record: EventRecord) -> EventOut:
    """The shape of an event."""
    return EventOut.model_validate(record, from_attributes=True)


def audit_out(record: AuditRecord) -> AuditOut:
    """The shape of an audit row."""
    return AuditOut.model_validate(record, from_attributes=True)


def scan_out(record: ScanRecord) -> ScanOut:
    """The shape of a scan run."""
    return ScanOut.model_validate(record, from_attributes=True)


def page_out(page: Page[RowT], make: Callable[[RowT], ItemT]) -> PageOut[ItemT]:
    """The shape of a page."""
    return PageOut(items=_made(page.items, make), next_cursor=page.next_cursor)


def _made(rows: Iterable[RowT], make: Callable[[RowT], ItemT]) -> list[ItemT]:
    return [make(row) for row in rows]


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Say in the `Link` header where the next page is, relative to this one."""
    if cursor is not None:
        query = request.url.include_query_params(cursor=cursor).query
        response.headers["Link"] = f'<?{query}>; rel="next"'
