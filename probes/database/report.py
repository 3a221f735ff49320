"""The results of one target for people, as a table, and for programs, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from assay import __version__
from assay.probes.model import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.probes.model import Measurement, Phase, ProbeResult, ServerInfo, Target

VERSION: Final = 1
_WORST_FIRST: Final = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.PASS)
_HEADER: Final = ("CHECK", "STATUS", "TIME", "MEASURED", "VALUE", "WARN", "FAIL")
_GAP: Final = "  "


def worst(results: Sequence[ProbeResult]) -> Status:
    """The status of all of them together: fail, unknown, warn, pass, in this order."""
    found = {result.status for result in results}
    return next((status for status in _WORST_FIRST if status in found), Status.UNKNOWN)


def as_json(target: Target, results: Sequence[ProbeResult]) -> str:
    """One JSON object, as docs/probes.md describes it."""
    server = _server(results)
    document = {
        "version": VERSION,
        "tool": {"name": "assay", "version": __version__},
        "target": {
            "name": target.name,
            "engine": target.engine,
            "url": target.masked_url,
            "timeout_seconds": target.timeout_seconds,
        },
        "server": None if server is None else {"version": server.version, "role": server.role},
        "status": worst(results),
        "checks": [_check(result) for result in results],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_text(target: Target, results: Sequence[ProbeResult]) -> str:
    """A table of the checks with their thresholds, the phases of the time, and what was not well."""
    server = _server(results)
    told = f"PostgreSQL {server.version}, {server.role}" if server else "no session on the server"
    lines = [f"{target.name}  {target.masked_url}", told, "", *_table(results), ""]
    lines += [f"phases: {', '.join(_phases(result.phases))}" for result in results[:1] if result.phases]
    lines += [f"{result.probe}: {_why(result)}" for result in results if result.status is not Status.PASS]
    return "\n".join([*lines, _summary(results)]) + "\n"


def _server(results: Sequence[ProbeResult]) -> ServerInfo | None:
    return next((result.server for result in results if result.server is not None), None)


def _check(result: ProbeResult) -> dict[str, object]:
    return {
        "name": result.probe,
        "status": result.status,
        "reason": result.reason,
        "message": result.message,
        "started_at": result.started_at.isoformat(),
        "duration_seconds": round(result.duration_seconds, 6),
        "timeout_seconds": round(result.timeout_seconds, 6),
        "overrun_seconds": round(result.overrun_seconds, 6),
        "phases": {phase: round(seconds, 6) for phase, seconds in result.phases},
        "measurements": [_measurement(measurement) for measurement in result.measurements],
    }


def _measurement(measurement: Measurement) -> dict[str, object]:
    bounds = measurement.threshold
    return {
        "name": measurement.name,
        "value": round(measurement.value, 6),
        "unit": measurement.unit,
        "status": Status.PASS if bounds is None else bounds.judge(measurement.value),
        "threshold": None if bounds is None else {"warn": bounds.warn, "fail": bounds.fail, "below": bounds.below},
    }


def _table(results: Sequence[ProbeResult]) -> list[str]:
    rows = [_HEADER, *(row for result in results for row in _rows(result))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    return [_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _rows(result: ProbeResult) -> list[tuple[str, ...]]:
    head = (result.probe, str(result.status), _quantity(result.duration_seconds, "seconds"))
    measured = [_cells(measurement) for measurement in result.measurements] or [("-", "-", "-", "-")]
    return [(*(head if number == 0 else ("", "", "")), *cells) for number, cells in enumerate(measured)]


def _cells(measurement: Measurement) -> tuple[str, ...]:
    bounds = measurement.threshold
    sign = "<=" if bounds is not None and bounds.below else ">="
    limits = (None, None) if bounds is None else (bounds.warn, bounds.fail)
    told = ("-" if limit is None else f"{sign} {_quantity(limit, measurement.unit)}" for limit in limits)
    return (measurement.name, _quantity(measurement.value, measurement.unit), *told)


def _quantity(value: float, unit: str) -> str:
    if unit != "seconds":
        return f"{value:.4g} {unit}"
    return f"{value:.3g} s" if value >= 1 else f"{value * 1000:.3g} ms"


def _phases(phases: Sequence[tuple[Phase, float]]) -> list[str]:
    return [f"{phase} {_quantity(seconds, 'seconds')}" for phase, seconds in phases]


def _why(result: ProbeResult) -> str:
    late = f", {_quantity(result.overrun_seconds, 'seconds')} after its deadline" if result.overrun_seconds else ""
    return f"{result.status} ({result.reason}{late}): {result.message}"


def _summary(results: Sequence[ProbeResult]) -> str:
    counts = [(status, sum(result.status is status for result in results)) for status in _WORST_FIRST]
    noun = "check" if len(results) == 1 else "checks"
    return f"{len(results)} {noun}: {', '.join(f'{count} {status}' for status, count in counts if count)}"
