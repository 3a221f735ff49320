"""What a format is, and what formats share."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.model import Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from assay.probes.code.gate import FailOn
    from assay.probes.code.model import Endpoint, ScanReport, Skipped, TableUse

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_DATA: Final = frozenset({Verdict.REAL, Verdict.MOCK, Verdict.LOSSY, Verdict.FALLBACK, Verdict.VOLATILE})


class Style(NamedTuple):
    """How to write for a reader: with colours on a terminal."""

    colour: bool = False


class Format(NamedTuple):
    """One format: a report and what fails the build in, text that ends in a newline out."""

    name: str
    render: Callable[[ScanReport, FailOn, Style], str]


def printable(text: str) -> str:
    """The text without what would steer a terminal or turn the reading direction: names come from a hostile tree."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)


def count_verdicts(report: ScanReport) -> dict[str, int]:
    """Endpoints by verdict, in the order of the verdicts; verdicts that do not occur are absent."""
    return _counted(report.endpoints)


def count_severities(report: ScanReport) -> dict[str, int]:
    """Findings by severity, worst first; severities that do not occur are absent."""
    counted = Counter(finding.severity for finding in report.findings)
    return {severity.value: counted[severity] for severity in Severity if counted[severity]}


def count_rules(report: ScanReport) -> dict[str, int]:
    """Findings by rule, by name."""
    return dict(sorted(Counter(finding.rule for finding in report.findings).items()))


class ServiceSummary(NamedTuple):
    """The endpoints of one component: how many have which verdict, and what they read and write.

    `reads` and `writes` name the tables of each library, in order, that endpoints which are served use; a library whose
    tables are not known has none.
    """

    name: str
    component: str
    verdicts: dict[str, int]
    expected: int
    """How many are meant to serve or keep stored data, by their body."""
    reads: dict[str, tuple[str, ...]]
    writes: dict[str, tuple[str, ...]]

    @property
    def endpoints(self) -> int:
        """How many there are."""
        return sum(self.verdicts.values())

    @property
    def real(self) -> int:
        """How many are real for a client."""
        return self.verdicts.get(Verdict.REAL, 0)

    @property
    def real_share(self) -> float | None:
        """Which part of those that are meant to serve or keep stored data do; `None` where none is meant to."""
        return round(self.real / self.expected, 3) if self.expected else None


def by_service(report: ScanReport) -> tuple[ServiceSummary, ...]:
    """Endpoints by component (named `service/component`, or `service` for the root itself), in order of the names."""
    groups: dict[str, list[Endpoint]] = {}
    for endpoint in report.endpoints:
        groups.setdefault(endpoint.component or ".", []).append(endpoint)
    return tuple(_service(report.service, component, groups[component]) for component in sorted(groups))


def _service(service: str, component: str, endpoints: Sequence[Endpoint]) -> ServiceSummary:
    uses = [use for one in endpoints if one.verdict is not Verdict.UNWIRED for use in one.tables]
    return ServiceSummary(
        name=service if component == "." else f"{service}/{component}",
        component=component,
        verdicts=_counted(endpoints),
        expected=sum(endpoint.body in _DATA for endpoint in endpoints),
        reads=_by_library(use for use in uses if use.reads),
        writes=_by_library(use for use in uses if use.writes),
    )


def _by_library(uses: Iterable[TableUse]) -> dict[str, tuple[str, ...]]:
    tables: dict[str, set[str]] = {}
    for use in uses:
        tables.setdefault(use.library, set()).add(use.table)
    return {library: tuple(sorted(tables[library] - {""})) for library in sorted(tables)}


def _counted(endpoints: Iterable[Endpoint]) -> dict[str, int]:
    counted = Counter(endpoint.verdict for endpoint in endpoints)
    return {verdict.value: counted[verdict] for verdict in Verdict if counted[verdict]}


def count_skipped(skipped: Iterable[Skipped]) -> dict[str, int]:
    """Files that were not examined by reason, most first; details in brackets or behind a colon do not part them."""
    counted: Counter[str] = Counter()
    for one in skipped:
        counted[re.split(r" \(|: ", one.reason, maxsplit=1)[0]] += one.counted
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def told(counts: Mapping[str, int]) -> str:
    """`3 mock, 2 real`."""
    return ", ".join(f"{count} {name}" for name, count in counts.items())
