"""Writes `docs/metrics.md` from the catalogue: `python -m assay.monitor.metrics_page > docs/metrics.md`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from assay.monitor.metrics_catalogue import CATALOGUE, Kind

if TYPE_CHECKING:
    from assay.monitor.metrics_catalogue import Declared

_HEAD: Final = """# Metrics

Generated from `monitor/metrics_catalogue.py` by `python -m assay.monitor.metrics_page`; do not edit.

`GET /metrics` answers in the Prometheus text format, or in OpenMetrics where `Accept` asks for it. A scrape touches
no database: everything is in memory already. Every name begins with `assay_`, times and durations are in seconds, and
no label holds a host or the name of a user. A metric about a target appears with the first result and leaves with the
target.

There is no metric about leadership: every replica probes every target and does its own housekeeping, which is safe to
do twice.

| metric | type | labels | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(_row(metric) for metric in CATALOGUE)


def _row(metric: Declared) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "-"
    kind = "state set" if metric.kind is Kind.STATE_SET else metric.kind.value
    buckets = f" Buckets: {', '.join(f'{bucket:g}' for bucket in metric.buckets)}." if metric.buckets else ""
    return f"| `{metric.name}` | {kind} | {labels} | {metric.help}{buckets} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
