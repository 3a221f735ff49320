"""Every metric that Assay exposes: name, kind, labels and meaning, each written once.

`metrics.py` makes the metrics from this list, `docs/metrics.md` is generated from it (`python -m
assay.monitor.metrics_page`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The types of the exposition formats."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"
    STATE_SET = "stateset"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One metric. `name` is as Prometheus stores it, with `_total` or `_info`; `labels` without `le`."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_TARGET: Final = ("target",)
_PROBE: Final = ("target", "probe")
_AROUND_A_TIMEOUT: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_LATENESS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0)


def _counter(name: str, text: str, *labels: str) -> Declared:
    return Declared(name=name, kind=Kind.COUNTER, help=text, labels=labels)


def _gauge(name: str, text: str, *labels: str) -> Declared:
    return Declared(name=name, kind=Kind.GAUGE, help=text, labels=labels)


def _histogram(name: str, text: str, *labels: str, buckets: tuple[float, ...]) -> Declared:
    return Declared(name=name, kind=Kind.HISTOGRAM, help=text, labels=labels, buckets=buckets)


def _info(name: str, text: str, *labels: str) -> Declared:
    return Declared(name=name, kind=Kind.INFO, help=text, labels=labels)


BUILD_INFO: Final = _info("assay_build_info", "What runs here; always 1.", "version", "python_version")
TARGET_INFO: Final = _info(
    "assay_target_info",
    "What a target said of itself when it last answered; always 1.",
    *("target", "engine", "server_version", "role"),
)
TARGET_STATE: Final = Declared(
    name="assay_target_state",
    kind=Kind.STATE_SET,
    labels=("target", "assay_target_state"),
    help="The state of a target after fall and rise: exactly one of up, degraded, down, unknown is 1.",
)
PROBE_SUCCESS: Final = _gauge(
    "assay_probe_success", "Whether the last run of the probe ended with pass or warn: 1, else 0.", *_PROBE
)
PROBE_DURATION: Final = _histogram(
    "assay_probe_duration_seconds", "How long runs of the probe took.", *_PROBE, buckets=_AROUND_A_TIMEOUT
)
PROBE_PHASE_DURATION: Final = _gauge(
    "assay_probe_phase_duration_seconds",
    "How long each phase of the last run took: dns, connect, tls, auth, query; absent where it was not reached.",
    *(*_PROBE, "phase"),
)
PROBE_TIMEOUT: Final = _gauge("assay_probe_timeout_seconds", "The absolute deadline of one run.", *_PROBE)
PROBE_INTERVAL: Final = _gauge("assay_probe_interval_seconds", "How often the probe is scheduled.", *_PROBE)
PROBE_RUNS: Final = _counter("assay_probe_runs_total", "Runs of the probe that ended, however they ended.", *_PROBE)
PROBE_FAILURES: Final = _counter(
    "assay_probe_failures_total",
    "Runs that ended with fail or unknown, by reason; a series begins with the first of its kind.",
    *(*_PROBE, "reason"),
)
PROBE_LAST_RUN: Final = _gauge("assay_probe_last_run_timestamp_seconds", "When the last run began.", *_PROBE)
PROBE_LAST_SUCCESS: Final = _gauge(
    "assay_probe_last_success_timestamp_seconds",
    "When the last run that ended with pass or warn began; absent before the first.",
    *_PROBE,
)
DEADLINE_OVERRUN: Final = _histogram(
    "assay_probe_deadline_overrun_seconds",
    "How far behind its deadline a run came back; 0 for the runs that kept it.",
    buckets=(0.0, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
)
SCHEDULER_LATENESS: Final = _histogram(
    "assay_scheduler_lateness_seconds", "How long after its time a scheduled job began.", buckets=_LATENESS
)
SCHEDULER_SKIPPED: Final = _counter(
    "assay_scheduler_skipped_total",
    "Runs that did not take place: overlap (the one before still ran), misfire (too late, or several merged into one).",
    "reason",
)
READY: Final = _gauge("assay_ready", "What /readyz answers: 1 for 200, 0 for 503.")
READINESS_CHECK: Final = _gauge(
    "assay_readiness_check", "Each check of /readyz: 1 for pass or warn, 0 for fail.", "check"
)
SCAN_ENDPOINTS: Final = _gauge(
    "assay_scan_endpoints", "Endpoints by verdict in the newest finished scan of the service.", "service", "verdict"
)
SCAN_FINDINGS: Final = _gauge(
    "assay_scan_findings", "Findings by rule in the newest finished scan of the service.", "service", "rule"
)
SCAN_LAST_RUN: Final = _gauge(
    "assay_scan_last_run_timestamp_seconds", "When the newest finished scan of the service was taken in.", "service"
)
RECORDS_ACCEPTED: Final = _counter("assay_records_accepted_total", "Events and audit rows handed in to be stored.")
RECORDS_STORED: Final = _counter("assay_records_stored_total", "Of these, committed to the store.")
RECORDS_REJECTED: Final = _counter(
    "assay_records_rejected_total", "Of these, turned away: refused, or no room while the store was away."
)
RECORDS_SPOOLED: Final = _gauge(
    "assay_records_spooled", "Events and audit rows that wait in memory; accepted = stored + rejected + spooled."
)

CATALOGUE: Final[tuple[Declared, ...]] = (
    BUILD_INFO,
    TARGET_INFO,
    TARGET_STATE,
    PROBE_SUCCESS,
    PROBE_DURATION,
    PROBE_PHASE_DURATION,
    PROBE_TIMEOUT,
    PROBE_INTERVAL,
    PROBE_RUNS,
    PROBE_FAILURES,
    PROBE_LAST_RUN,
    PROBE_LAST_SUCCESS,
    DEADLINE_OVERRUN,
    SCHEDULER_LATENESS,
    SCHEDULER_SKIPPED,
    READY,
    READINESS_CHECK,
    SCAN_ENDPOINTS,
    SCAN_FINDINGS,
    SCAN_LAST_RUN,
    RECORDS_ACCEPTED,
    RECORDS_STORED,
    RECORDS_REJECTED,
    RECORDS_SPOOLED,
)
"""In the order of the documentation."""
