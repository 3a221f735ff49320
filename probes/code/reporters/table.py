"""Endpoints as aligned tables for people: one row per endpoint, or mock versus real per service and component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Verdict
from assay.probes.code.reporters.base import by_service, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.probes.code.model import ScanReport
    from assay.probes.code.reporters.base import ServiceSummary

_NOT_REAL: Final = (Verdict.MOCK, Verdict.LOSSY, Verdict.FALLBACK, Verdict.VOLATILE)
_UNUSABLE: Final = (Verdict.UNWIRED, Verdict.BROKEN)
_LONGEST_CELL: Final = 60
_LONGEST_NAME: Final = 28
_WIDTH: Final = 80
_TABLES_SHOWN: Final = 12
_NOTHING: Final = "no endpoint was found\n"
_LEGEND: Final = (
    "NOT REAL: mock, lossy, fallback or volatile. UNUSABLE: unwired or broken.\n"
    "SHARE: real ones among those that are meant to serve or keep stored data.\n"
)


def endpoint_table(report: ScanReport) -> str:
    """METHOD PATH VERDICT CONFIDENCE WHERE."""
    if not report.endpoints:
        return _NOTHING
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
    """Mock versus real: one row per component of the service, then its verdicts and tables; 80 columns wide."""
    services = by_service(report)
    if not services:
        return _NOTHING
    counts = [_numbers(one) for one in services]
    rows = [(_clipped_name(one.component), *_cells(numbers)) for one, numbers in zip(services, counts, strict=True)]
    if len(rows) > 1:
        rows.append(("total", *_cells([sum(column) for column in zip(*counts, strict=True)])))
    table = _table(("COMPONENT", "ENDPOINTS", "REAL", "NOT REAL", "UNUSABLE", "OTHER", "SHARE"), rows, numbers_from=1)
    details = ["\n".join(_details(one)) + "\n" for one in services]
    return "\n".join([f"service {printable(report.service)}\n", table, *details, _LEGEND])


def _numbers(one: ServiceSummary) -> list[int]:
    """Endpoints, real, not real, unusable, others; the last are those that are meant to be real."""
    not_real, unusable = (sum(one.verdicts.get(name, 0) for name in names) for names in (_NOT_REAL, _UNUSABLE))
    return [one.endpoints, one.real, not_real, unusable, one.endpoints - one.real - not_real - unusable, one.expected]


def _cells(numbers: Sequence[int]) -> tuple[str, ...]:
    *shown, expected = numbers
    return *(str(number) for number in shown), f"{numbers[1] / expected:.0%}" if expected else "-"


def _clipped_name(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"...{name[3 - _LONGEST_NAME :]}"


def _details(one: ServiceSummary) -> Iterator[str]:
    yield printable(one.component)
    yield from _wrapped("verdicts", [f"{count} {verdict}" for verdict, count in one.verdicts.items()])
    for label, libraries in (("reads", one.reads), ("writes", one.writes)):
        if not libraries:
            yield f"  {label:<10}no store"
        for library, tables in libraries.items():
            yield from _wrapped(label, [f"{library}:", *_some(tables)], first_parted=False)


def _some(tables: Sequence[str]) -> list[str]:
    if not tables:
        return ["tables not known"]
    more = len(tables) - _TABLES_SHOWN
    return [*tables[:_TABLES_SHOWN], *([f"{more} more"] if more > 0 else [])]


def _wrapped(label: str, words: Sequence[str], *, first_parted: bool = True) -> Iterator[str]:
    """`label   one, two, ...`, broken before column 80; `first_parted`: a comma follows the first word too."""
    line = f"  {label:<10}"
    for number, word in enumerate(words):
        comma = "" if number == len(words) - 1 or (number == 0 and not first_parted) else ","
        text = f"{printable(word)}{comma} "
        if len(line) + len(text) > _WIDTH + 1 and line.strip() not in {"", label}:
            yield line.rstrip()
            line = " " * 12
        line += text
    yield line.rstrip()


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], *, numbers_from: int | None = None) -> str:
    cells = [[_clipped(printable(cell)) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return "".join(f"{'  '.join(_padded(row, widths, numbers_from)).rstrip()}\n" for row in cells)


def _padded(row: Sequence[str], widths: Sequence[int], numbers_from: int | None) -> Iterator[str]:
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.rjust(width) if numbers_from is not None and column >= numbers_from else cell.ljust(width)


def _clipped(cell: str) -> str:
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 3]}..."
