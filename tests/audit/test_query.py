from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.types.json import Jsonb

from assay.audit.errors import InvalidQuery
from assay.audit.events import PartitionsLow
from assay.audit.keys import derived_key, first_key
from assay.audit.model import AuditEntry, AuditOutcome, Severity
from assay.audit.query import AuditFilter, EventFilter, list_audit_logs, list_events
from assay.audit.recorder import Recorder
from assay.core.clock import SystemClock
from tests.audit.clocks import SetClock

if TYPE_CHECKING:
    from assay.audit.model import EventRecord
    from assay.audit.store import Store

_NOON = datetime.now(UTC).replace(microsecond=0)
_OURS = EventFilter(source="tests")


def _insert(url: str, count: int, *, start: datetime = _NOON, step: timedelta = timedelta(seconds=1)) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO assay.system_events (id, event_type, source, severity, payload, timestamp)"
            " VALUES (%s, %s, 'tests', %s, %s, %s)",
            [
                (
                    derived_key(moment := start + number * step, str(number)),
                    ("a.even", "a.odd")[number % 2],
                    list(Severity)[number % 5],
                    Jsonb({"number": number}),
                    moment,
                )
                for number in range(count)
            ],
        )


def _numbers(records: tuple[EventRecord, ...]) -> list[object]:
    return [record.payload["number"] for record in records]


async def _all_numbers(store: Store, wanted: EventFilter, limit: int) -> list[object]:
    numbers: list[object] = []
    cursor: str | None = None
    while True:
        page = await list_events(store, wanted, limit=limit, cursor=cursor)
        numbers += _numbers(page.items)
        if (cursor := page.next_cursor) is None:
            return numbers


@pytest.mark.parametrize("limit", [1, 7, 10, 1000])
async def test_pages_together_are_every_row_once_newest_first(store: Store, store_url: str, limit: int) -> None:
    _insert(store_url, 30)
    assert await _all_numbers(store, _OURS, limit) == list(range(29, -1, -1))


async def test_rows_of_the_same_moment_are_told_apart_by_their_key(store: Store, store_url: str) -> None:
    _insert(store_url, 25, step=timedelta(0))
    assert sorted(map(str, await _all_numbers(store, _OURS, 4))) == sorted(map(str, range(25)))


async def test_rows_that_are_added_meanwhile_shift_no_page(store: Store, store_url: str) -> None:
    _insert(store_url, 10)
    first = await list_events(store, _OURS, limit=4)
    _insert(store_url, 5, start=_NOON + timedelta(minutes=1))
    second = await list_events(store, _OURS, limit=4, cursor=first.next_cursor)
    assert _numbers(first.items) + _numbers(second.items) == [9, 8, 7, 6, 5, 4, 3, 2]


async def test_filters_narrow_the_list_and_join_with_and(store: Store, store_url: str) -> None:
    _insert(store_url, 20)
    assert await _all_numbers(store, EventFilter(event_type="a.odd", source="tests"), 5) == list(range(19, 0, -2))
    errors = EventFilter(source="tests", severities=(Severity.ERROR, Severity.CRITICAL))
    assert await _all_numbers(store, errors, 5) == [19, 18, 14, 13, 9, 8, 4, 3]
    window = EventFilter(source="tests", since=_NOON + timedelta(seconds=5), until=_NOON + timedelta(seconds=8))
    assert await _all_numbers(store, window, 5) == [7, 6, 5]
    assert await _all_numbers(store, EventFilter(source="nobody"), 5) == []


async def test_audit_rows_are_found_by_each_of_their_filters(store: Store) -> None:
    clock = SetClock.today()
    recorder = Recorder(store, clock=clock)
    key = await recorder.audit(
        AuditEntry(
            actor="ada",
            action="token.created",
            target="token/ci",
            outcome=AuditOutcome.SUCCESS,
            request_id="req-7",
            source_ip="10.0.0.7",
            after={"scopes": ["read"]},
        )
    )
    clock.move(timedelta(seconds=1))
    await recorder.audit(AuditEntry(actor="bob", action="x.y", target="z", outcome=AuditOutcome.DENIED))
    for wanted in (
        AuditFilter(actor="ada"),
        AuditFilter(action="token.created"),
        AuditFilter(target="token/ci"),
        AuditFilter(request_id="req-7"),
        AuditFilter(actor="ada", outcome=AuditOutcome.SUCCESS),
    ):
        (record,) = (await list_audit_logs(store, wanted)).items
        assert record.id == key
        assert (record.source_ip, record.after) == ("10.0.0.7", {"scopes": ["read"]})
        assert record.outcome is AuditOutcome.SUCCESS
    assert (await list_audit_logs(store, AuditFilter(outcome=AuditOutcome.DENIED))).items[0].actor == "bob"


async def test_a_filter_with_characters_that_no_text_can_hold_finds_nothing_and_does_not_fail(store: Store) -> None:
    for text in ("a\0b", "\ud800"):
        assert (await list_events(store, EventFilter(event_type=text))).items == ()


@pytest.mark.parametrize("limit", [0, -1, 1001])
async def test_a_limit_that_cannot_be_is_refused_with_what_it_may_be(store: Store, limit: int) -> None:
    with pytest.raises(InvalidQuery, match="1 to 1000"):
        await list_events(store, limit=limit)


async def test_the_first_and_the_last_time_there_is_are_fine(store: Store, store_url: str) -> None:
    _insert(store_url, 3)
    everything = EventFilter(
        source="tests", since=datetime.min.replace(tzinfo=UTC), until=datetime.max.replace(tzinfo=UTC)
    )
    assert await _all_numbers(store, everything, 5) == [2, 1, 0]


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(InvalidQuery, match="no time zone"):
        await list_events(store, EventFilter(since=datetime(2026, 1, 1)))  # noqa: DTZ001 - the mistake that is tested


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!", "AAAA", "\u00e9", "A" * 42, "A" * 5000, base64.b64encode(b"\1" * 31).decode()]
)
async def test_what_is_no_cursor_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(InvalidQuery, match="the cursor"):
        await list_events(store, cursor=cursor)


async def test_a_cursor_is_of_use_only_for_the_list_and_the_filters_it_was_given_for(
    store: Store, store_url: str
) -> None:
    _insert(store_url, 5)
    cursor = (await list_events(store, _OURS, limit=2)).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidQuery, match="other filters"):
        await list_events(store, EventFilter(source="else"), cursor=cursor)
    with pytest.raises(InvalidQuery, match="other filters"):
        await list_audit_logs(store, cursor=cursor)
    changed = cursor[:6] + ("A" if cursor[6] != "A" else "B") + cursor[7:]
    with pytest.raises(InvalidQuery, match="cursor"):
        await list_events(store, _OURS, cursor=changed)


def _plan(url: str, condition: str) -> str:
    with psycopg.connect(url) as connection:
        query = (
            f"EXPLAIN SELECT * FROM assay.system_events WHERE {condition} ORDER BY timestamp DESC, id DESC LIMIT 100"
        )
        return "\n".join(row[0] for row in connection.execute(query))


def test_a_query_since_a_time_leaves_out_the_partitions_before_it(store_url: str) -> None:
    since = datetime.now(UTC) + timedelta(days=4)
    key = first_key(since - timedelta(days=1))
    plan = _plan(store_url, f"timestamp >= '{since}' AND id >= '{key}'")
    days = [f"system_events_p{since + timedelta(days=each):%Y%m%d}" for each in (-2, -1, 0, 1)]
    assert [day in plan for day in days] == [False, True, True, True]


def test_the_newest_rows_are_read_from_an_index(store_url: str) -> None:
    with psycopg.connect(store_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO assay.system_events (event_type, source, payload)"
            " SELECT 'a.b', 's' || n % 7, '{}' FROM generate_series(1, 5000) AS n"
        )
        connection.execute("ANALYZE assay.system_events")
    today = f"system_events_p{datetime.now(UTC):%Y%m%d}"
    for condition in ("true", "source = 's3'", "(timestamp, id) < (now(), '0199a0a0-0000-7000-8000-000000000000')"):
        plan = _plan(store_url, condition)
        assert f"Seq Scan on {today}" not in plan, plan
        assert "Index Scan" in plan, plan


async def test_a_row_that_was_recorded_long_after_it_happened_is_found_by_when_it_happened(store: Store) -> None:
    happened = datetime.now(UTC) - timedelta(days=40)
    entry = EventFilter(since=happened - timedelta(hours=1), until=happened + timedelta(hours=1))
    recorder = Recorder(store, clock=SystemClock())
    await recorder.record(PartitionsLow(days_ahead=1), timestamp=happened)
    (record,) = (await list_events(store, entry)).items
    assert record.timestamp == happened
