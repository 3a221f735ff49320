"""Endpoints as aligned tables for people: one row per endpoint, or mock versus real per service and component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Verdict
from assay.probes.code.reporters.base import count_by_service, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.probes.code.model import ScanReport

_NOT_REAL: Final = (Verdict.MOCK, Verdict.LOSSY, Verdict.FALLBACK, Verdict.VOLATILE)
_OUT_OF_USE: Final = (Verdict.UNWIRED, Verdict.BROKEN)
_LONGEST_CELL: Final = 60


def endpoint_table(report: ScanReport) -> str:
    """METHOD PATH VERDICT CONFIDENCE WHERE."""
    rows = [
        (
            "|".join(endpoint.methods),
            endpoint.path,
            f"{endpoint.verdict} (debatable)" if endpoint.debatable else endpoint.verdict.value,
            endpoint.confidence.value,
            f"{endpoint.at.file}:{endpoint.at.line}",
        )
        for endpoint in report.endpoints
    ]
    return _table(("METHOD", "PATH", "VERDICT", "CONFIDENCE", "WHERE"), rows)


def service_table(report: ScanReport) -> str:
    """Per service and component: how many endpoints are real, how many only look so, how many cannot be used."""
    rows = [(name, *_shares(counts)) for name, counts in count_by_service(report).items()]
    if len(rows) > 1:
        totals = [sum(int(row[column]) for row in rows) for column in range(1, len(rows[0]))]
        rows.append(("total", *map(str, totals)))
    return _table(("SERVICE", "ENDPOINTS", "REAL", "NOT REAL", *_columns(), "OTHER"), rows, numbers_from=1)


def _columns() -> tuple[str, ...]:
    return tuple(verdict.value.upper() for verdict in (*_NOT_REAL, *_OUT_OF_USE))


def _shares(counts: dict[str, int]) -> tuple[str, ...]:
    named = [counts.get(verdict, 0) for verdict in (*_NOT_REAL, *_OUT_OF_USE)]
    real, total = counts.get(Verdict.REAL, 0), sum(counts.values())
    not_real = sum(named[: len(_NOT_REAL)])
    return tuple(str(number) for number in (total, real, not_real, *named, total - real - sum(named)))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], *, numbers_from: int | None = None) -> str:
    cells = [[_clipped(printable(cell)) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return "".join(f"{'  '.join(_padded(row, widths, numbers_from)).rstrip()}\n" for row in cells)


def _padded(row: Sequence[str], widths: Sequence[int], numbers_from: int | None) -> Iterator[str]:
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.rjust(width) if numbers_from is not None and column >= numbers_from else cell.ljust(width)


def _clipped(cell: str) -> str:
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 3]}..."
