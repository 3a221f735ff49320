"""The metrics are those of the catalogue, true at the moment of the scrape, and free of what has gone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from assay.audit.model import TargetState
from assay.audit.recorder import RecordCounts
from assay.monitor.metrics import Exposition, Metrics, ScanFigures
from assay.monitor.metrics_catalogue import CATALOGUE, Kind
from assay.monitor.metrics_page import page
from assay.monitor.readiness import ReadinessRules
from assay.monitor.snapshot import Board, DatabaseView, SchemaStanding, Snapshot
from assay.probes.model import Engine, Phase, ProbeResult, Reason, ServerInfo, Status, Target
from tests.monitor.clocks import HandClock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.core import Metric

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
TARGET = Target(name="database", engine=Engine.POSTGRESQL, url="postgresql://assay:sesame@db.internal/app")
GOOD = DatabaseView(name="database", state=TargetState.UP, checked_at=1000.0, was_good=True)
HEALTHY = Snapshot(databases=(GOOD,), schema=SchemaStanding.CURRENT, heartbeat_at=1000.0, started=True)


def _metrics(board: Board | None = None) -> Metrics:
    counts = RecordCounts(accepted=7, stored=4, spooled=2, rejected=1)
    rules = ReadinessRules(interval_seconds=15)
    return Metrics(board=board or Board(HEALTHY), rules=rules, clock=HandClock(), counts=lambda: counts)


def _result(status: Status = Status.PASS, reason: Reason | None = None, **changes: object) -> ProbeResult:
    result = ProbeResult(
        target="database",
        probe="select-one",
        status=status,
        reason=reason,
        message="host db.internal did not answer",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        duration_seconds=0.02,
        timeout_seconds=5.0,
        phases=((Phase.CONNECT, 0.01), (Phase.QUERY, 0.005)),
        server=ServerInfo(version="18.1", role="primary"),
    )
    return replace(result, **changes)  # type: ignore[arg-type]


def _samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = parse_text(asyncio.run(Exposition(metrics.registry).render(""))[0].decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return _samples(metrics).get((name, tuple(sorted(labels.items()))))


def _filled() -> Metrics:
    metrics = _metrics()
    metrics.saw(TARGET, _result())
    metrics.saw(TARGET, _result(Status.FAIL, Reason.REFUSED))
    metrics.set_state("database", TargetState.DOWN)
    metrics.job_began(0.002)
    metrics.set_scan(_figures({"mock": 2}, {"volatile-state": 1}))
    return metrics


def _figures(by_verdict: dict[str, int], by_rule: dict[str, int]) -> ScanFigures:
    return ScanFigures(
        service="clinic", taken_at=datetime(2026, 1, 1, tzinfo=UTC), by_verdict=by_verdict, by_rule=by_rule
    )


def _openmetrics(metrics: Metrics) -> Iterable[Metric]:
    body, content_type = asyncio.run(Exposition(metrics.registry).render(OPENMETRICS))
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    return list(parse_openmetrics(body.decode()))  # type: ignore[no-untyped-call]


def test_the_page_of_metrics_is_current() -> None:
    assert (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8") == page()


def test_what_is_exposed_is_what_the_catalogue_declares_with_its_type_and_labels() -> None:
    suffix = {"counter": "_total", "info": "_info"}
    exposed = {family.name + suffix.get(family.type, ""): family for family in _openmetrics(_filled())}
    assert exposed.keys() == {metric.name for metric in CATALOGUE}
    for metric in CATALOGUE:
        family = exposed[metric.name]
        kind = Kind.STATE_SET if family.type == "stateset" else family.type
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert (kind, labels, family.documentation) == (metric.kind, set(metric.labels), metric.help)


def test_a_result_is_counted_timed_and_told_by_phase() -> None:
    metrics = _metrics()
    metrics.saw(TARGET, _result())
    probe = {"target": "database", "probe": "select-one"}
    assert _value(metrics, "assay_probe_success", **probe) == 1
    assert _value(metrics, "assay_probe_runs_total", **probe) == 1
    assert _value(metrics, "assay_probe_timeout_seconds", **probe) == 5
    assert _value(metrics, "assay_probe_interval_seconds", **probe) == TARGET.interval_seconds
    assert _value(metrics, "assay_probe_phase_duration_seconds", **probe, phase="connect") == 0.01
    assert _value(metrics, "assay_probe_duration_seconds_count", **probe) == 1
    info = {"target": "database", "engine": "postgresql", "server_version": "18.1", "role": "primary"}
    assert _value(metrics, "assay_target_info", **info) == 1


def test_a_failure_is_counted_by_its_reason_and_leaves_the_last_success_where_it_was() -> None:
    metrics = _metrics()
    metrics.saw(TARGET, _result())
    later = datetime(2026, 1, 2, tzinfo=UTC)
    metrics.saw(TARGET, _result(Status.FAIL, Reason.REFUSED, started_at=later, phases=((Phase.CONNECT, 0.3),)))
    probe = {"target": "database", "probe": "select-one"}
    assert _value(metrics, "assay_probe_success", **probe) == 0
    assert _value(metrics, "assay_probe_failures_total", **probe, reason="refused") == 1
    assert _value(metrics, "assay_probe_last_run_timestamp_seconds", **probe) == later.timestamp()
    assert _value(metrics, "assay_probe_last_success_timestamp_seconds", **probe) == _result().started_at.timestamp()
    assert _value(metrics, "assay_probe_phase_duration_seconds", **probe, phase="query") is None


def test_exactly_one_state_of_a_target_is_set_and_none_before_it_was_judged() -> None:
    metrics = _metrics()
    assert not any(name == "assay_target_state" for name, _ in _samples(metrics))
    metrics.set_state("database", TargetState.UP)
    metrics.set_state("database", TargetState.DEGRADED)
    states = {dict(labels)["assay_target_state"]: value for (name, labels), value in _samples(metrics).items()
              if name == "assay_target_state"}  # fmt: skip
    assert states == {"up": 0, "degraded": 1, "down": 0, "unknown": 0}


def test_a_target_that_is_removed_leaves_no_series_behind() -> None:
    metrics = _filled()
    metrics.saw(replace(TARGET, name="other"), _result(target="other"))
    metrics.forget_target("database")
    targets = {dict(labels).get("target") for _, labels in _samples(metrics)}
    assert targets == {None, "other"}


def test_a_rule_without_findings_any_more_has_no_series_and_a_verdict_without_endpoints_is_zero() -> None:
    metrics = _filled()
    metrics.set_scan(_figures({"real": 2}, {"hard-coded-dsn": 3}))
    assert _value(metrics, "assay_scan_endpoints", service="clinic", verdict="mock") == 0
    assert _value(metrics, "assay_scan_endpoints", service="clinic", verdict="real") == 2
    assert _value(metrics, "assay_scan_findings", service="clinic", rule="volatile-state") is None
    assert _value(metrics, "assay_scan_findings", service="clinic", rule="hard-coded-dsn") == 3


def test_readiness_is_that_of_the_moment_of_the_scrape() -> None:
    board = Board(HEALTHY)
    metrics = _metrics(board)
    assert _value(metrics, "assay_ready") == 1
    board.drain()
    assert _value(metrics, "assay_ready") == 0
    assert _value(metrics, "assay_readiness_check", check="drain") == 0
    assert _value(metrics, "assay_readiness_check", check="database") == 1


def test_the_account_of_records_adds_up() -> None:
    metrics = _metrics()
    names = ("accepted_total", "stored_total", "rejected_total", "spooled")
    accepted, stored, rejected, spooled = (_value(metrics, f"assay_records_{name}") for name in names)
    assert (accepted, stored, rejected, spooled) == (7, 4, 1, 2)


def test_without_a_store_no_account_of_records_is_claimed() -> None:
    rules = ReadinessRules(interval_seconds=15)
    metrics = Metrics(board=Board(HEALTHY), rules=rules, clock=HandClock(), counts=None)
    assert not any(name.startswith("assay_records") for name, _ in _samples(metrics))


def test_counters_of_the_scheduler_are_there_from_the_start() -> None:
    metrics = _metrics()
    assert _value(metrics, "assay_scheduler_skipped_total", reason="overlap") == 0
    assert _value(metrics, "assay_scheduler_skipped_total", reason="misfire") == 0


def test_no_address_reaches_the_exposition() -> None:
    text = asyncio.run(Exposition(_filled().registry).render(""))[0].decode()
    assert "db.internal" not in text
    assert "sesame" not in text


async def test_scrapes_that_come_together_share_one_rendering() -> None:
    metrics = _filled()
    exposition = Exposition(metrics.registry)
    one, two = exposition.render(""), exposition.render("")
    tasks = [asyncio.ensure_future(one), asyncio.ensure_future(two)]
    await asyncio.sleep(0)
    assert len(exposition._rendering) == 1
    first, second = await asyncio.gather(*tasks)
    assert first[0] is second[0]
    assert not exposition._rendering
