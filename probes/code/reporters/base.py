"""What a format is, and what formats share."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.model import Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from assay.probes.code.gate import FailOn
    from assay.probes.code.model import ScanReport, Skipped

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


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
    counted = Counter(endpoint.verdict for endpoint in report.endpoints)
    return {verdict.value: counted[verdict] for verdict in Verdict if counted[verdict]}


def count_severities(report: ScanReport) -> dict[str, int]:
    """Findings by severity, worst first; severities that do not occur are absent."""
    counted = Counter(finding.severity for finding in report.findings)
    return {severity.value: counted[severity] for severity in Severity if counted[severity]}


def count_rules(report: ScanReport) -> dict[str, int]:
    """Findings by rule, by name."""
    return dict(sorted(Counter(finding.rule for finding in report.findings).items()))


def count_by_service(report: ScanReport) -> dict[str, dict[str, int]]:
    """Endpoints by component (as `service/component`) and verdict, by name."""
    counted: dict[str, Counter[Verdict]] = {}
    for endpoint in report.endpoints:
        name = report.service if endpoint.component == "." else f"{report.service}/{endpoint.component}"
        counted.setdefault(name, Counter())[endpoint.verdict] += 1
    return {
        name: {verdict.value: verdicts[verdict] for verdict in Verdict if verdicts[verdict]}
        for name, verdicts in sorted(counted.items())
    }


def count_skipped(skipped: Iterable[Skipped]) -> dict[str, int]:
    """Files that were not examined by reason, most first; details in brackets or behind a colon do not part them."""
    counted: Counter[str] = Counter()
    for one in skipped:
        counted[re.split(r" \(|: ", one.reason, maxsplit=1)[0]] += one.counted
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def told(counts: Mapping[str, int]) -> str:
    """`3 mock, 2 real`."""
    return ", ".join(f"{count} {name}" for name, count in counts.items())
