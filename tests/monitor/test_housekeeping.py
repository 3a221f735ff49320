"""History, partitions, scans and events reach a real store, and wait while it is away."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from assay.audit.errors import StoreUnavailable
from assay.audit.events import (
    PartitionsCreated,
    PartitionsLow,
    ReadinessChanged,
    ScanFailed,
    ScanFinished,
    ServiceStarted,
)
from assay.audit.model import Severity, StateChange, TargetState
from assay.audit.recorder import Recorder
from assay.audit.store import Store
from assay.core.clock import SystemClock
from assay.monitor import scanning
from assay.monitor.history import MAX_MINUTES, History
from assay.monitor.housekeeping import Housekeeping, Pulse
from assay.monitor.journal import Journal
from assay.monitor.metrics import Metrics
from assay.monitor.readiness import ReadinessRules
from assay.monitor.scan_process import ScanLimits, run_scan
from assay.monitor.scanning import ScanPlan, Scans
from assay.monitor.snapshot import Board, SchemaStanding, Snapshot
from assay.probes.model import Measurement, ProbeResult, Reason, Status
from tests.monitor.clocks import HandClock, clock_at
from tests.monitor.told import ToldJournal
from tests.plugins.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

RULES = ReadinessRules(interval_seconds=15)
NOW = datetime.now(UTC).replace(second=5, microsecond=0)


def _nobody() -> str:
    return f"postgresql://u:sesame@127.0.0.1:{free_port()}/x"


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def _result(seconds: float, status: Status = Status.PASS, **changes: object) -> ProbeResult:
    result = ProbeResult(
        target="database",
        probe="select-1",
        status=status,
        reason=None if status is Status.PASS else Reason.REFUSED,
        message="",
        started_at=NOW,
        duration_seconds=seconds,
        timeout_seconds=5,
        measurements=(Measurement(name="query", value=seconds, unit="seconds"),),
    )
    return replace(result, **changes)  # type: ignore[arg-type]


def _metrics() -> Metrics:
    return Metrics(board=Board(Snapshot()), rules=RULES, clock=HandClock(), counts=None)


def _scans(
    store: Store | None, journal: Journal, metrics: Metrics, plan: ScanPlan | None = None, *, code: str = ""
) -> Scans:
    return Scans(plan, store=store, journal=journal, metrics=metrics, clock=SystemClock(), scanner=_program(code))


async def test_all_runs_of_a_minute_are_one_row_that_grows(store_database: str) -> None:
    history = History(instance="one", clock=clock_at(NOW))
    async with Store(store_database) as store:
        history.add(_result(0.2))
        await history.store(store)
        history.add(_result(0.4, Status.FAIL))
        history.add(_result(0.3, started_at=NOW + timedelta(minutes=1)))
        await history.store(store)
    query = """
        SELECT passed, failed, duration_lowest_seconds, duration_mean_seconds, duration_highest_seconds, last_status,
               reason, measurements FROM assay.probe_results WHERE kind = 'rollup' ORDER BY timestamp
    """
    first, second = _rows(store_database, query)
    assert first[:2] == (1, 1)
    assert first[2:5] == pytest.approx((0.2, 0.3, 0.4))
    assert first[5:7] == ("fail", "refused")
    assert first[7] == {"query": {"unit": "seconds", "lowest": 0.2, "highest": 0.4, "last": 0.4}}
    assert second[:2] == (1, 0)


async def test_history_waits_while_the_store_is_away_and_is_stored_once(store_database: str) -> None:
    history = History(instance="one", clock=clock_at(NOW))
    history.add(_result(0.2))
    history.changed(StateChange(target="database", from_state=None, to_state=TargetState.UP, timestamp=NOW))
    async with Store(_nobody()) as away:
        with pytest.raises(StoreUnavailable):
            await history.store(away)
    async with Store(store_database) as store:
        await history.store(store)
        await history.store(store)
    assert sorted(_rows(store_database, "SELECT kind, target FROM assay.probe_results")) == [
        ("rollup", "database"),
        ("state_change", "database"),
    ]


async def test_history_that_waits_is_bounded() -> None:
    history = History(instance="one", clock=clock_at(NOW))
    for number in range(MAX_MINUTES + 10):
        history.add(_result(0.1, target=f"t{number}"))
    assert len(history._minutes) == MAX_MINUTES


async def test_minutes_that_are_over_and_stored_are_let_go(store_database: str) -> None:
    history = History(instance="one", clock=clock_at(NOW))
    history.add(_result(0.1, started_at=NOW - timedelta(hours=1)))
    history.add(_result(0.1))
    async with Store(store_database) as store:
        await history.store(store)
    assert len(history._minutes) == 1


async def test_partitions_are_made_ahead_and_what_was_made_is_told(store_database: str) -> None:
    with psycopg.connect(store_database) as connection:
        query = "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind = 'r'"
        names = connection.execute(query).fetchall()
        for (name,) in names:
            connection.execute(f"DROP TABLE {name}")
    journal = ToldJournal()
    async with Store(store_database) as store:
        await _housekeeping(store, journal).make_partitions()
    (made,) = journal.of(PartitionsCreated)
    assert {name.removeprefix("assay.") for name in made.names} == {name.removeprefix("assay.") for (name,) in names}
    assert journal.of(PartitionsLow) == []


def _housekeeping(store: Store, journal: Journal, board: Board | None = None) -> Housekeeping:
    clock = SystemClock()
    return Housekeeping(
        store,
        board=board or Board(Snapshot()),
        journal=journal,
        history=History(instance="one", clock=clock),
        scans=_scans(store, journal, _metrics()),
        clock=clock,
    )


async def test_a_store_that_is_away_holds_up_housekeeping_and_breaks_nothing() -> None:
    board = Board(Snapshot(schema=SchemaStanding.CURRENT))
    async with Store(_nobody()) as store:
        keep = _housekeeping(store, ToldJournal(), board)
        await keep.look_at_schema()
        await keep.make_partitions()
        await keep.store_history()
        await keep.refresh_scans()
    assert board.current.schema is SchemaStanding.CURRENT


async def test_a_schema_that_may_not_be_read_is_unknown(store_database: str) -> None:
    name = f"u{NOW.timestamp():.0f}"
    with psycopg.connect(store_database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'sesame'")
    address = store_database.split("@", 1)[1]
    board = Board(Snapshot())
    try:
        async with Store(f"postgresql://{name}:sesame@{address}") as store:
            await _housekeeping(store, ToldJournal(), board).look_at_schema()
    finally:
        with psycopg.connect(store_database, autocommit=True) as connection:
            connection.execute(f"DROP ROLE {name}")
    assert board.current.schema is SchemaStanding.UNKNOWN


async def test_a_change_of_readiness_is_told_once_and_nothing_before_the_start_is_over() -> None:
    journal, clock = ToldJournal(), HandClock()
    board = Board(Snapshot(schema=SchemaStanding.CURRENT))
    pulse = Pulse(board=board, rules=RULES, journal=journal, clock=clock)
    await pulse.beat()
    assert journal.events == []
    board.start_is_over()
    await pulse.beat()
    await pulse.beat()
    board.drain()
    pulse.look()
    told = [(event.from_status, event.to_status, event.reasons) for event in journal.of(ReadinessChanged)]
    assert told == [(None, "pass", ()), ("pass", "fail", ("draining",))]


@pytest.mark.parametrize(
    ("schema", "severity"), [(SchemaStanding.CURRENT, Severity.INFO), (SchemaStanding.BEHIND, Severity.ERROR)]
)
async def test_a_drain_is_no_error_unless_something_else_fails_too(schema: SchemaStanding, severity: Severity) -> None:
    journal, clock = ToldJournal(), HandClock()
    board = Board(Snapshot(schema=schema, heartbeat_at=clock.monotonic()))
    board.drain()
    Pulse(board=board, rules=RULES, journal=journal, clock=clock).look()
    (event,) = journal.of(ReadinessChanged)
    assert (event.to_status, event.severity) == ("fail", severity)


async def test_events_are_recorded_in_the_order_in_which_they_were_posted(store_database: str) -> None:
    async with Store(store_database) as store:
        journal = Journal(Recorder(store, clock=SystemClock()), clock=SystemClock())
        for number in range(20):
            journal.post(ServiceStarted(version=str(number), environment="development", targets=0))
        assert await journal.settle(20)
    query = "SELECT payload->>'version' FROM assay.system_events WHERE event_type = 'service.started' ORDER BY id"
    assert [version for (version,) in _rows(store_database, query)] == [str(number) for number in range(20)]


def _program(code: str) -> Callable[[Path, ScanLimits], Awaitable[bytes]]:
    """Another program in the scanner's place: what the service does with its ending is the matter here."""

    async def run(path: Path, limits: ScanLimits) -> bytes:
        return await run_scan(path, limits, command=(sys.executable, "-c", code))

    return run


def _printing(document: dict[str, object]) -> str:
    return f"print({json.dumps(document)!r})"


DOCUMENT: dict[str, object] = {
    "version": 1,
    "service": "clinic",
    "endpoints": [{"verdict": "mock"}, {"verdict": "real"}],
    "findings": [{"rule": "volatile-state"}],
    "skipped": [],
    "summary": {"by_verdict": {"mock": 1, "real": 1}, "findings": {"volatile-state": 1}},
}


def _plan(path: Path, timeout_seconds: float = 30) -> ScanPlan:
    return ScanPlan(path=path, service="clinic", limits=ScanLimits(timeout_seconds=timeout_seconds, memory_bytes=2**30))


async def test_a_scheduled_scan_is_stored_counted_and_told(store_database: str, tmp_path: Path) -> None:
    code = _printing(DOCUMENT)
    journal, metrics = ToldJournal(), _metrics()
    async with Store(store_database) as store:
        await _scans(store, journal, metrics, _plan(tmp_path), code=code).run_scheduled()
    (told,) = journal.of(ScanFinished)
    assert (told.service, told.endpoints, told.bad, told.findings) == ("clinic", 2, {"mock": 1}, 1)
    ((key, origin),) = _rows(store_database, "SELECT id::text, origin FROM assay.scan_runs")
    assert (key, origin) == (told.run_id, "schedule")
    labels = {"service": "clinic", "verdict": "mock"}
    assert metrics.registry.get_sample_value("assay_scan_endpoints", labels) == 1


async def test_a_scan_whose_store_is_away_waits_and_is_stored_later(store_database: str, tmp_path: Path) -> None:
    code = _printing(DOCUMENT)
    journal = ToldJournal()
    async with Store(_nobody()) as away, Store(store_database) as store:
        scans = _scans(away, journal, _metrics(), _plan(tmp_path), code=code)
        await scans.run_scheduled()
        assert [told.run_id for told in journal.of(ScanFinished)] == [""]
        await scans.refresh(store)
        await scans.refresh(store)
    assert _rows(store_database, "SELECT service, status FROM assay.scan_runs") == [("clinic", "finished")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit(3)", "crash"),
        ("print('no json')", "invalid_output"),
        ("print('{}')", "invalid_output"),
        ("import time; time.sleep(600)", "timeout"),
    ],
)
async def test_a_scan_that_fails_is_told_and_stored_with_its_reason(
    code: str, reason: str, store_database: str, tmp_path: Path
) -> None:
    journal = ToldJournal()
    async with Store(store_database) as store:
        await _scans(store, journal, _metrics(), _plan(tmp_path, timeout_seconds=2), code=code).run_scheduled()
    assert [told.reason for told in journal.of(ScanFailed)] == [reason]
    ((status, stored),) = _rows(store_database, "SELECT status, reason FROM assay.scan_runs")
    assert status == "failed"
    assert stored.startswith(f"{reason}: ")


async def test_two_scans_never_run_at_the_same_time(tmp_path: Path) -> None:
    mark = tmp_path / "running"
    code = (
        "import os, sys, time\n"
        f"handle = os.open({str(mark)!r}, os.O_CREAT | os.O_EXCL)\n"
        f"time.sleep(0.3); os.unlink({str(mark)!r})\n" + _printing(DOCUMENT)
    )
    journal = ToldJournal()
    scans = _scans(None, journal, _metrics(), _plan(tmp_path), code=code)
    await asyncio.gather(scans.run_scheduled(), scans.run_scheduled())
    assert len(journal.of(ScanFinished)) == 2
    assert journal.of(ScanFailed) == []


async def test_what_another_replica_took_in_is_shown_and_does_not_replace_what_is_newer(
    store_database: str, tmp_path: Path
) -> None:
    code = _printing(DOCUMENT)
    async with Store(store_database) as store:
        await _scans(store, ToldJournal(), _metrics(), _plan(tmp_path), code=code).run_scheduled()
        metrics = _metrics()
        other = _scans(store, ToldJournal(), metrics)
        await other.refresh(store)
        mock, real = ({"service": "clinic", "verdict": verdict} for verdict in ("mock", "real"))
        assert metrics.registry.get_sample_value("assay_scan_endpoints", mock) == 1
        newer = scanning.read_content(json.dumps({**DOCUMENT, "endpoints": [{"verdict": "real"}] * 3}).encode())
        other.taken_in(newer, run_id="x")
        await other.refresh(store)
        assert metrics.registry.get_sample_value("assay_scan_endpoints", real) == 3
        assert metrics.registry.get_sample_value("assay_scan_endpoints", mock) == 0
