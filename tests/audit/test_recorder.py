from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from assay.audit.errors import StoreUnavailable, UnavailableReason
from assay.audit.events import PartitionsCreated, ProbeFailed, ServiceDraining, TargetStateChanged
from assay.audit.model import AuditEntry, AuditOutcome, Severity, TargetState
from assay.audit.outbox import Recording
from assay.audit.recorder import Recorder
from assay.audit.store import Store
from assay.core.clock import SystemClock
from tests.audit.clocks import SetClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.plugins.postgres import PostgresServer

_CLOCK = SystemClock()


def _probe_failed(target: str = "orders", message: str = "no answer") -> ProbeFailed:
    return ProbeFailed(
        target=target,
        probe="select-1",
        status="fail",
        reason="timeout_query",
        message=message,
        duration_seconds=5.0,
        timeout_seconds=5.0,
    )


def _down(target: str = "orders") -> TargetStateChanged:
    return TargetStateChanged(
        target=target, from_state=TargetState.UP, to_state=TargetState.DOWN, probe="select-1", reason="refused"
    )


_ENTRY = AuditEntry(actor="ada", action="probe.triggered", target="target/orders", outcome=AuditOutcome.ACCEPTED)


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def _types(url: str) -> list[str]:
    """In the order they were written: by transaction, and by place within it."""
    query = "SELECT event_type FROM assay.system_events WHERE source <> 'schema' ORDER BY xmin::text::bigint, ctid"
    return [row[0] for row in _rows(url, query)]


def _balanced(recorder: Recorder) -> bool:
    counts = recorder.counts
    return counts.accepted == counts.stored + counts.spooled + counts.rejected


@asynccontextmanager
async def _running(recorder: Recorder) -> AsyncIterator[None]:
    task = asyncio.create_task(recorder.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _settled(recorder: Recorder) -> None:
    async with asyncio.timeout(60):
        while recorder.counts.spooled or recorder.unavailable_reason:  # noqa: ASYNC110 - seen from outside only
            await asyncio.sleep(0.02)


async def test_an_event_is_committed_before_record_returns(store: Store, store_url: str) -> None:
    recorder = Recorder(store, clock=_CLOCK, instance="one")
    assert await recorder.record(_down(), metadata={"run_id": "r1"}) is Recording.STORED
    rows = _rows(
        store_url,
        "SELECT source, severity, payload->>'to_state', metadata FROM assay.system_events"
        " WHERE event_type = 'target.state_changed'",
    )
    assert rows == [("probes", "error", "down", {"instance": "one", "run_id": "r1"})]
    assert _balanced(recorder)


async def test_the_time_and_the_severity_of_an_event_can_be_told(store: Store, store_url: str) -> None:
    earlier = datetime.now(UTC) - timedelta(hours=1)
    recorder = Recorder(store, clock=_CLOCK)
    await recorder.record(_probe_failed(), severity=Severity.CRITICAL, timestamp=earlier)
    rows = _rows(store_url, "SELECT severity, timestamp FROM assay.system_events WHERE event_type = 'probe.failed'")
    assert rows == [("critical", earlier)]


async def test_an_audit_row_is_committed_before_audit_returns(store: Store, store_url: str) -> None:
    entry = AuditEntry(
        actor="ada",
        action="probe.triggered",
        target="target/orders",
        outcome=AuditOutcome.SUCCESS,
        request_id="req-1",
        source_ip="::1",
        before={"state": "up"},
        after={"password": "hunter2"},
    )
    key = await Recorder(store, clock=_CLOCK).audit(entry)
    rows = _rows(
        store_url,
        "SELECT id, actor, outcome, request_id, host(source_ip), before, after FROM assay.audit_logs"
        " WHERE action = 'probe.triggered'",
    )
    assert rows == [(key, "ada", "success", "req-1", "::1", {"state": "up"}, {"password": "***"})]


async def test_a_source_that_is_no_address_is_kept_beside_the_row(store: Store, store_url: str) -> None:
    entry = AuditEntry(
        actor="a" * 500, action="x.y", target="t\0", outcome=AuditOutcome.DENIED, source_ip="unix:/run/assay.sock"
    )
    await Recorder(store, clock=_CLOCK).audit(entry)
    query = "SELECT length(actor), target, source_ip, metadata->>'source' FROM assay.audit_logs WHERE action = 'x.y'"
    assert _rows(store_url, query) == [(200, "t\ufffd", None, "unix:/run/assay.sock")]


@pytest.mark.parametrize("message", ["a\0b", "\ud800", "x" * 1_000_000, "postgresql://u:hunter2@h/d refused"])
async def test_no_text_can_keep_an_event_from_being_stored(store: Store, store_url: str, message: str) -> None:
    assert await Recorder(store, clock=_CLOCK).record(_probe_failed(message=message)) is Recording.STORED
    ((size, text),) = _rows(
        store_url,
        "SELECT octet_length(payload::text), payload->>'message' FROM assay.system_events"
        " WHERE event_type = 'probe.failed'",
    )
    assert size < 70_000
    assert "hunter2" not in text


async def test_callers_at_the_same_time_share_a_transaction(store: Store, store_url: str) -> None:
    recorder = Recorder(store, clock=_CLOCK)
    results = await asyncio.gather(*(recorder.record(_probe_failed(f"t{number}")) for number in range(200)))
    assert set(results) == {Recording.STORED}
    ((rows, transactions),) = _rows(
        store_url,
        "SELECT count(*), count(DISTINCT xmin::text) FROM assay.system_events WHERE event_type = 'probe.failed'",
    )
    assert rows == 200
    assert transactions < 20
    assert recorder.counts.stored == recorder.counts.accepted == 200


async def test_what_happens_while_the_server_is_stopped_is_stored_in_order_once_it_is_back(
    own_server: PostgresServer, own_url: str
) -> None:
    async with Store(own_url) as store:
        recorder = Recorder(store, clock=_CLOCK)
        async with _running(recorder):
            await recorder.record(PartitionsCreated(names=("before",)))
            own_server.stop()
            assert await recorder.record(_down()) is Recording.SPOOLED
            assert recorder.unavailable_reason is UnavailableReason.REFUSED
            assert await recorder.record(_probe_failed()) is Recording.SPOOLED
            assert await recorder.audit_or_spool(_ENTRY) is Recording.SPOOLED
            assert _balanced(recorder)
            own_server.start()
            await _settled(recorder)
            assert await recorder.record(ServiceDraining(cause="SIGTERM", grace_seconds=5.0)) is Recording.STORED
    assert _types(own_url) == [
        "partitions.created",
        "target.state_changed",
        "store.unavailable",
        "probe.failed",
        "store.recovered",
        "service.draining",
    ]
    assert _rows(own_url, "SELECT count(*) FROM assay.audit_logs WHERE actor = 'ada'") == [(1,)]
    ((recovered,),) = _rows(own_url, "SELECT payload FROM assay.system_events WHERE event_type = 'store.recovered'")
    assert recovered["spooled"] == 4
    assert recovered["dropped"] == 0
    assert recovered["away_seconds"] > 0
    assert _balanced(recorder)
    assert recorder.counts.stored == recorder.counts.accepted == 7


async def test_a_full_outbox_keeps_the_oldest_and_counts_every_drop(own_server: PostgresServer, own_url: str) -> None:
    async with Store(own_url) as store:
        recorder = Recorder(store, clock=_CLOCK, outbox_limit=10)
        own_server.stop()
        results = [await recorder.record(_probe_failed(f"t{number}")) for number in range(30)]
        results += [await recorder.record(_down(f"t{number}")) for number in range(5)]
        counts = recorder.counts
        assert (counts.accepted, counts.stored, counts.spooled, counts.rejected) == (36, 0, 10, 26)
        assert results.count(Recording.REJECTED) == 26
        assert results[30:].count(Recording.SPOOLED) == 2  # the last fifth is for changes of state
        own_server.start()
        assert await recorder.flush()
    ((dropped,),) = _rows(own_url, "SELECT payload FROM assay.system_events WHERE event_type = 'outbox.dropped'")
    assert dropped["dropped"] == 26
    assert dropped["by_type"] == {"probe.failed": 23, "target.state_changed": 3}
    assert dropped["first_at"] <= dropped["last_at"]
    ((recovered,),) = _rows(own_url, "SELECT payload FROM assay.system_events WHERE event_type = 'store.recovered'")
    assert recovered["dropped"] == 26
    assert _balanced(recorder)
    stored = _rows(own_url, "SELECT payload->>'target' FROM assay.system_events WHERE event_type = 'probe.failed'")
    assert sorted(stored) == [(f"t{number}",) for number in range(7)]


async def test_a_frozen_server_keeps_one_caller_waiting_once_and_nobody_after_that(
    own_server: PostgresServer, own_url: str
) -> None:
    async with Store(own_url) as store:
        recorder = Recorder(store, clock=_CLOCK, deadline_seconds=0.4)
        await recorder.record(_down())
        own_server.freeze()
        started = time.monotonic()
        assert await recorder.record(_down()) is Recording.SPOOLED
        assert 0.4 <= time.monotonic() - started < 2.0
        started = time.monotonic()
        for _ in range(100):
            assert await recorder.record(_down()) is Recording.SPOOLED
        assert time.monotonic() - started < 0.4
        assert recorder.unavailable_reason is UnavailableReason.TIMEOUT
        own_server.thaw()
        assert await recorder.flush()
        assert recorder.unavailable_reason is None
    count = "SELECT count(*) FROM assay.system_events WHERE event_type = 'target.state_changed'"
    assert _rows(own_url, count) == [(102,)]


async def test_a_write_whose_commit_was_not_heard_of_is_there_once(own_server: PostgresServer, own_url: str) -> None:
    """The server had the rows when it froze and commits them when it wakes up; writing them again changes nothing."""
    async with Store(own_url) as store:
        recorder = Recorder(store, clock=_CLOCK, deadline_seconds=0.3)
        for _ in range(5):
            writing = asyncio.gather(*(recorder.record(_down()) for _ in range(20)))
            own_server.freeze()
            await writing
            own_server.thaw()
            assert await recorder.flush()
    count = "SELECT count(*), count(DISTINCT id) FROM assay.system_events WHERE event_type = 'target.state_changed'"
    assert _rows(own_url, count) == [(100, 100)]
    assert _balanced(recorder)


async def test_an_action_is_refused_while_its_audit_row_cannot_be_stored(
    own_server: PostgresServer, own_url: str
) -> None:
    async with Store(own_url) as store:
        recorder = Recorder(store, clock=_CLOCK)
        own_server.stop()
        with pytest.raises(StoreUnavailable) as caught:
            await recorder.audit(_ENTRY)
        assert caught.value.reason is UnavailableReason.REFUSED
        assert (recorder.counts.spooled, recorder.counts.rejected) == (0, 1)
        assert _balanced(recorder)


async def test_a_row_without_a_partition_waits_until_there_is_one_and_holds_up_no_other(
    store: Store, store_url: str
) -> None:
    recorder = Recorder(store, clock=_CLOCK)
    today = datetime.now(UTC).strftime("%Y%m%d")
    with psycopg.connect(store_url) as connection:
        connection.execute(f"DROP TABLE assay.system_events_p{today}")
    assert await recorder.record(_down()) is Recording.SPOOLED
    assert recorder.unavailable_reason is UnavailableReason.PARTITION_MISSING
    await recorder.audit_or_spool(_ENTRY)
    assert not await recorder.flush()
    assert _rows(store_url, "SELECT count(*) FROM assay.audit_logs WHERE actor = 'ada'") == [(1,)]
    with psycopg.connect(store_url) as connection:
        connection.execute("SELECT assay.ensure_partitions(1)")
    assert await recorder.flush()
    assert _types(store_url) == ["target.state_changed", "store.unavailable", "store.recovered"]


async def test_an_audit_row_without_a_partition_is_refused_with_what_to_do(store: Store, store_url: str) -> None:
    today = datetime.now(UTC).strftime("%Y%m%d")
    with psycopg.connect(store_url) as connection:
        connection.execute(f"DROP TABLE assay.audit_logs_p{today}")
    with pytest.raises(StoreUnavailable, match=r"no partition of relation .*run `assay db upgrade`") as caught:
        await Recorder(store, clock=_CLOCK).audit(_ENTRY)
    assert caught.value.reason is UnavailableReason.PARTITION_MISSING


async def test_a_record_that_the_store_will_never_take_is_turned_away_alone_and_counted(
    store: Store, store_url: str
) -> None:
    recorder = Recorder(store, clock=_CLOCK)
    tomorrow_week = datetime.now(UTC) + timedelta(days=9)
    results = await asyncio.gather(
        recorder.record(_down("a")),
        recorder.record(_down("b"), timestamp=tomorrow_week),
        recorder.record(_down("c")),
    )
    assert list(results) == [Recording.STORED, Recording.REJECTED, Recording.STORED]
    query = "SELECT payload->'by_type' FROM assay.system_events WHERE event_type = 'outbox.dropped'"
    assert _rows(store_url, query) == [({"target.state_changed": 1},)]
    assert recorder.counts.rejected == 1
    assert _balanced(recorder)


async def test_a_caller_that_is_cancelled_leaves_its_record_behind(own_server: PostgresServer, own_url: str) -> None:
    async with Store(own_url) as store:
        recorder = Recorder(store, clock=_CLOCK, deadline_seconds=30)
        async with _running(recorder):
            await recorder.record(_down("first"))
            own_server.freeze()
            caller = asyncio.create_task(recorder.record(_down("second")))
            await asyncio.sleep(0.1)
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
            own_server.thaw()
            await _settled(recorder)
    query = "SELECT payload->>'target' FROM assay.system_events WHERE event_type = 'target.state_changed' ORDER BY id"
    assert _rows(own_url, query) == [("first",), ("second",)]


async def test_the_length_of_an_outage_is_that_of_the_clock(own_server: PostgresServer, own_url: str) -> None:
    clock = SetClock.today()
    async with Store(own_url) as store:
        recorder = Recorder(store, clock=clock)
        own_server.stop()
        await recorder.record(_down())
        clock.move(timedelta(minutes=3))
        own_server.start()
        assert await recorder.flush()
    query = "SELECT payload->'away_seconds' FROM assay.system_events WHERE event_type = 'store.recovered'"
    assert _rows(own_url, query) == [(180,)]
