"""Reads the records, newest first, page by page with a cursor that no insert can shift.

The order is (timestamp, id), both descending. A cursor is the place of the last row of a page, together with a digest
of the filters it belongs to; it is opaque to callers and checked when it comes back.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sqlalchemy import select, tuple_

from assay.audit.cursor import Place, decode_cursor, encode_cursor, filter_digest
from assay.audit.documents import clean_text
from assay.audit.errors import InvalidQuery
from assay.audit.keys import first_key
from assay.audit.model import (
    AuditOutcome,
    AuditRecord,
    EventRecord,
    ResultKind,
    ResultRecord,
    ScanRecord,
    ScanStatus,
    Severity,
)
from assay.audit.results import result_record
from assay.audit.scans import scan_record, select_scans
from assay.audit.tables import PARTITIONED, audit_logs, probe_results, scan_runs, system_events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import ColumnElement, RowMapping, Select, Table

    from assay.audit.store import Store

MAX_LIMIT: Final = 1000

_FIRST_DAY: Final = datetime(1970, 1, 2, tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """One page, newest first. `next_cursor` asks for the rows after it; it is absent on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """Which events: `since` <= timestamp < `until`; `None` and empty mean any; several severities mean any of them."""

    since: datetime | None = None
    until: datetime | None = None
    event_type: str | None = None
    source: str | None = None
    severities: tuple[Severity, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which audit rows: `since` <= timestamp < `until`; `None` means any."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None
    target: str | None = None
    outcome: AuditOutcome | None = None
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ResultFilter:
    """Which rows of `probe_results`: `since` <= timestamp < `until`; `None` means any."""

    since: datetime | None = None
    until: datetime | None = None
    kind: ResultKind | None = None
    target: str | None = None
    probe: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScanFilter:
    """Which scan runs: `since` <= timestamp < `until`; `None` means any."""

    since: datetime | None = None
    until: datetime | None = None
    service: str | None = None
    commit: str | None = None
    status: ScanStatus | None = None


Filter = EventFilter | AuditFilter | ResultFilter | ScanFilter


async def list_events(
    store: Store, wanted: EventFilter | None = None, *, limit: int = 100, cursor: str | None = None
) -> Page[EventRecord]:
    """A page of `system_events`. Raises InvalidQuery, StoreUnavailable."""
    return await _page(store, system_events, wanted or EventFilter(), _event_record, limit=limit, cursor=cursor)


async def list_audit_logs(
    store: Store, wanted: AuditFilter | None = None, *, limit: int = 100, cursor: str | None = None
) -> Page[AuditRecord]:
    """A page of `audit_logs`. Raises InvalidQuery, StoreUnavailable."""
    return await _page(store, audit_logs, wanted or AuditFilter(), _audit_record, limit=limit, cursor=cursor)


async def list_results(
    store: Store, wanted: ResultFilter | None = None, *, limit: int = 100, cursor: str | None = None
) -> Page[ResultRecord]:
    """A page of `probe_results`. Raises InvalidQuery, StoreUnavailable."""
    return await _page(store, probe_results, wanted or ResultFilter(), result_record, limit=limit, cursor=cursor)


async def list_scans(
    store: Store, wanted: ScanFilter | None = None, *, limit: int = 100, cursor: str | None = None
) -> Page[ScanRecord]:
    """A page of `scan_runs`. Raises InvalidQuery, StoreUnavailable."""
    return await _page(store, scan_runs, wanted or ScanFilter(), scan_record, limit=limit, cursor=cursor)


async def _page(
    store: Store, table: Table, wanted: Filter, make: Callable[[RowMapping], T], *, limit: int, cursor: str | None
) -> Page[T]:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQuery(f"limit is {limit}; it may be 1 to {MAX_LIMIT}")
    belongs_to = filter_digest(table.name, wanted)
    statement = _statement(table, wanted).limit(limit + 1)
    if cursor is not None:
        place = decode_cursor(cursor, belongs_to)
        statement = statement.where(tuple_(table.c.timestamp, table.c.id) < tuple_(place.timestamp, place.id))
    async with store.begin() as connection:
        rows = (await connection.execute(statement)).mappings().all()
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=tuple(make(row) for row in shown),
        next_cursor=encode_cursor(Place(shown[-1]["timestamp"], shown[-1]["id"]), belongs_to) if more else None,
    )


def _statement(table: Table, wanted: Filter) -> Select[Any]:
    """The columns are chosen by the table; the conditions are named like the fields of the filter."""
    statement = select_scans() if table is scan_runs else select(table)
    for each in fields(wanted):
        value = getattr(wanted, each.name)
        if value is not None and value != ():
            statement = statement.where(*_conditions(table, each.name, value))
    return statement.order_by(table.c.timestamp.desc(), table.c.id.desc())


def _conditions(table: Table, name: str, value: datetime | str | tuple[Severity, ...]) -> Iterator[ColumnElement[bool]]:
    match name, value:
        case "since", datetime():
            yield table.c.timestamp >= _aware(name, value)
            if (
                table in PARTITIONED
            ):  # a row is written at most a day before its timestamp: older partitions need no look
                yield table.c.id >= first_key(max(value, _FIRST_DAY) - timedelta(days=1))
        case "until", datetime():
            yield table.c.timestamp < _aware(name, value)
        case "severities", tuple():
            yield table.c.severity.in_(value)
        case _, str():
            yield table.c[name] == clean_text(value)
        case _:
            raise AssertionError(f"the filter has no {name}")


def _aware(name: str, value: datetime) -> datetime:
    if value.tzinfo is None:
        raise InvalidQuery(f"{name} is {value.isoformat()}, which has no time zone; add one, for example Z")
    return value


def _event_record(row: RowMapping) -> EventRecord:
    return EventRecord(**{**row, "severity": Severity(row["severity"])})


def _audit_record(row: RowMapping) -> AuditRecord:
    address = row["source_ip"]
    told = None if address is None else str(address)
    return AuditRecord(**{**row, "outcome": AuditOutcome(row["outcome"]), "source_ip": told})
