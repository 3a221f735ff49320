"""The metrics of the service on one registry, filled as things happen and rendered without asking anybody.

What the snapshot and the recorder know already is read from them at the moment of the scrape, so that it cannot
disagree with `/readyz`. No label holds a host or the name of a user.
"""

from __future__ import annotations

import asyncio
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram, Info, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder

from assay import __version__
from assay.audit.model import TargetState
from assay.monitor import metrics_catalogue as declared
from assay.monitor.readiness import readiness
from assay.probes.code.model import Verdict
from assay.probes.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from prometheus_client.core import Metric
    from prometheus_client.metrics import MetricWrapperBase

    from assay.audit.recorder import RecordCounts
    from assay.core.clock import Clock
    from assay.monitor.metrics_catalogue import Declared
    from assay.monitor.readiness import ReadinessRules
    from assay.monitor.snapshot import Board
    from assay.probes.model import Phase, ProbeResult, Target

_WELL: Final = frozenset({Status.PASS, Status.WARN})


@dataclass(frozen=True, kw_only=True)
class ScanFigures:
    """What the newest finished scan of a service counted."""

    service: str
    taken_at: datetime
    by_verdict: Mapping[str, int]
    by_rule: Mapping[str, int]


class Metrics:
    """All metrics of one process. `counts` is the recorder's account, absent where nothing can be recorded."""

    def __init__(
        self, *, board: Board, rules: ReadinessRules, clock: Clock, counts: Callable[[], RecordCounts] | None
    ) -> None:
        # In OpenMetrics they would double the series of every counter and histogram.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library declares no type here
        self.registry = registry = CollectorRegistry(auto_describe=True)
        build = Info("assay_build", declared.BUILD_INFO.help, registry=registry)
        build.info({"version": __version__, "python_version": platform.python_version()})
        self._info = Info("assay_target", declared.TARGET_INFO.help, ["target"], registry=registry)
        self._state = Enum(
            declared.TARGET_STATE.name,
            declared.TARGET_STATE.help,
            ["target"],
            states=[state.value for state in TargetState],
            registry=registry,
        )
        self._success = _gauge(registry, declared.PROBE_SUCCESS)
        self._duration = _histogram(registry, declared.PROBE_DURATION)
        self._phase = _gauge(registry, declared.PROBE_PHASE_DURATION)
        self._timeout = _gauge(registry, declared.PROBE_TIMEOUT)
        self._interval = _gauge(registry, declared.PROBE_INTERVAL)
        self._runs = _counter(registry, declared.PROBE_RUNS)
        self._failures = _counter(registry, declared.PROBE_FAILURES)
        self._last_run = _gauge(registry, declared.PROBE_LAST_RUN)
        self._last_success = _gauge(registry, declared.PROBE_LAST_SUCCESS)
        self._overrun = _histogram(registry, declared.DEADLINE_OVERRUN)
        self._lateness = _histogram(registry, declared.SCHEDULER_LATENESS)
        self._skipped = _counter(registry, declared.SCHEDULER_SKIPPED)
        self._scan_endpoints = _gauge(registry, declared.SCAN_ENDPOINTS)
        self._scan_findings = _gauge(registry, declared.SCAN_FINDINGS)
        self._scan_last_run = _gauge(registry, declared.SCAN_LAST_RUN)
        self._of_targets: tuple[MetricWrapperBase, ...] = (
            *(self._info, self._state, self._success, self._duration, self._phase, self._timeout, self._interval),
            *(self._runs, self._failures, self._last_run, self._last_success),
        )
        for reason in ("overlap", "misfire"):
            self._skipped.labels(reason)
        registry.register(_ReadinessCollector(board, rules, clock))
        if counts is not None:
            registry.register(_RecordsCollector(counts))

    def saw(self, target: Target, result: ProbeResult) -> None:
        """One run of a probe ended."""
        labels = (result.target, result.probe)
        well = result.status in _WELL
        self._success.labels(*labels).set(well)
        self._duration.labels(*labels).observe(result.duration_seconds)
        self._timeout.labels(*labels).set(result.timeout_seconds)
        self._interval.labels(*labels).set(target.interval_seconds)
        self._runs.labels(*labels).inc()
        self._last_run.labels(*labels).set(result.started_at.timestamp())
        self._overrun.observe(result.overrun_seconds)
        if well:
            self._last_success.labels(*labels).set(result.started_at.timestamp())
        else:
            self._failures.labels(*labels, result.reason or result.status).inc()
        self._saw_phases(labels, dict(result.phases))
        if result.server is not None:
            said = {"engine": target.engine, "server_version": result.server.version, "role": result.server.role}
            self._info.labels(target.name).info(said)

    def _saw_phases(self, labels: tuple[str, str], phases: Mapping[Phase, float]) -> None:
        self._phase.remove_by_labels(dict(zip(declared.PROBE_PHASE_DURATION.labels, labels, strict=False)))
        for phase, seconds in phases.items():
            self._phase.labels(*labels, phase).set(seconds)

    def set_state(self, target: str, state: TargetState) -> None:
        """The target was judged."""
        self._state.labels(target).state(state)

    def forget_target(self, target: str) -> None:
        """The target is gone, and every series of it."""
        for metric in self._of_targets:
            metric.remove_by_labels({"target": target})

    def job_began(self, late_seconds: float) -> None:
        """A scheduled job began, so long after its time."""
        self._lateness.observe(max(0.0, late_seconds))

    def job_skipped(self, reason: str, times: int = 1) -> None:
        """Scheduled runs did not take place."""
        self._skipped.labels(reason).inc(times)

    def set_scan(self, figures: ScanFigures) -> None:
        """The newest scan of a service; a verdict without endpoints is 0, a rule without findings has no series."""
        for verdict in Verdict:
            self._scan_endpoints.labels(figures.service, verdict).set(figures.by_verdict.get(verdict, 0))
        self._scan_findings.remove_by_labels({"service": figures.service})
        for rule, count in figures.by_rule.items():
            self._scan_findings.labels(figures.service, rule).set(count)
        self._scan_last_run.labels(figures.service).set(figures.taken_at.timestamp())


class Exposition:
    """Renders the registry off the event loop; scrapes that come while one is rendered share it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._rendering: dict[str, asyncio.Task[bytes]] = {}

    async def render(self, accept: str) -> tuple[bytes, str]:
        """The exposition in the format that `accept` asks for, and its content type."""
        encode, content_type = choose_encoder(accept)
        task = self._rendering.get(content_type)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(encode, self._registry))
            self._rendering[content_type] = task
            task.add_done_callback(lambda _: self._rendering.pop(content_type))
        return await asyncio.shield(task), content_type


class _ReadinessCollector:
    def __init__(self, board: Board, rules: ReadinessRules, clock: Clock) -> None:
        self._board, self._rules, self._clock = board, rules, clock

    def collect(self) -> Iterator[Metric]:
        judged = readiness(self._board.current, self._rules, self._clock.monotonic())
        ready = judged.status() is not Status.FAIL
        yield GaugeMetricFamily(declared.READY.name, declared.READY.help, value=float(ready))
        checks = GaugeMetricFamily(
            declared.READINESS_CHECK.name, declared.READINESS_CHECK.help, labels=declared.READINESS_CHECK.labels
        )
        for check in judged.checks:
            checks.add_metric([check.name], float(check.status is not Status.FAIL))
        yield checks


class _RecordsCollector:
    def __init__(self, counts: Callable[[], RecordCounts]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        counts = self._counts()
        told = (
            (declared.RECORDS_ACCEPTED, counts.accepted),
            (declared.RECORDS_STORED, counts.stored),
            (declared.RECORDS_REJECTED, counts.rejected),
        )
        for metric, value in told:
            yield CounterMetricFamily(metric.name, metric.help, value=value)
        yield GaugeMetricFamily(declared.RECORDS_SPOOLED.name, declared.RECORDS_SPOOLED.help, value=counts.spooled)


def _gauge(registry: CollectorRegistry, metric: Declared) -> Gauge:
    return Gauge(metric.name, metric.help, metric.labels, registry=registry)


def _counter(registry: CollectorRegistry, metric: Declared) -> Counter:
    return Counter(metric.name, metric.help, metric.labels, registry=registry)


def _histogram(registry: CollectorRegistry, metric: Declared) -> Histogram:
    return Histogram(metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets)
