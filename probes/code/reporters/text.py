"""The scan for people: `path:line:column: severity[rule] message`, then what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity
from assay.probes.code.reporters.base import (
    Format,
    Style,
    count_severities,
    count_skipped,
    count_verdicts,
    printable,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.gate import FailOn
    from assay.probes.code.model import Confidence, Endpoint, Finding, Location, ScanReport

_COLOURS: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_RELATED_SHOWN: Final = 5


def _render(report: ScanReport, fail_on: FailOn, style: Style) -> str:
    lines = [*_findings(report, style), *_unexplained(report, fail_on, style)]
    if lines:
        lines.append("")
    lines.extend(_summary(report, fail_on))
    return "\n".join(lines) + "\n"


def _findings(report: ScanReport, style: Style) -> Iterator[str]:
    for finding in report.findings:
        yield _line(finding.at, finding.severity, finding.rule, _message(finding), style)
        for step in finding.related[:_RELATED_SHOWN]:
            yield printable(f"    {step.at.file}:{step.at.line}: {step.message}")
        if len(finding.related) > _RELATED_SHOWN:
            yield f"    and {len(finding.related) - _RELATED_SHOWN} more"


def _message(finding: Finding) -> str:
    debatable = finding.endpoint is not None and finding.endpoint.debatable
    return finding.message + _hedge(finding.confidence, debatable=debatable)


def _hedge(confidence: Confidence, *, debatable: bool) -> str:
    words = [] if confidence.value == "high" else [f"{confidence} confidence"]
    return f" ({', '.join([*words, *(['debatable'] if debatable else [])])})" if words or debatable else ""


def _unexplained(report: ScanReport, fail_on: FailOn, style: Style) -> Iterator[str]:
    """Endpoints that fail the build and that no finding speaks of, so that no failure is without a line."""
    spoken_of = {finding.endpoint.fingerprint for finding in report.findings if finding.endpoint}
    related = {step.at for finding in report.findings for step in finding.related}
    for endpoint in fail_on.endpoints(report):
        if endpoint.fingerprint not in spoken_of and endpoint.at not in related:
            yield _line(endpoint.at, Severity.ERROR, endpoint.verdict.value, _why(endpoint), style)


def _why(endpoint: Endpoint) -> str:
    told = (*endpoint.reasons, *(step.message for step in endpoint.evidence[-1:]))
    reason = next(iter(told), f"its verdict is {endpoint.verdict}")
    return f"{endpoint.title}: {reason}"


def _line(at: Location, severity: Severity, rule: str, message: str, style: Style) -> str:
    label = f"{severity}[{rule}]"
    coloured = f"\x1b[{_COLOURS[severity]}m{label}\x1b[0m" if style.colour else label
    return f"{printable(at.file)}:{at.line}:{at.column}: {coloured} {printable(message)}"


def _summary(report: ScanReport, fail_on: FailOn) -> Iterator[str]:
    endpoints = _counted(len(report.endpoints), "endpoint")
    verdicts = f": {told(count_verdicts(report))}" if report.endpoints else ""
    yield f"{endpoints} in {_counted(report.files_scanned, 'file')}{verdicts}"
    severities = told(count_severities(report))
    yield _counted(len(report.findings), "finding") + (f": {severities}" if severities else "")
    if report.suppressed:
        yield f"{len(report.suppressed)} suppressed"
    skipped = count_skipped(report.skipped)
    if skipped:
        yield f"{_counted(sum(skipped.values()), 'file')} not examined: {printable(told(skipped))}"
    failing = len(fail_on.endpoints(report)), len(fail_on.findings(report))
    if any(failing):
        yield f"failing: {_counted(failing[0], 'endpoint')}, {_counted(failing[1], 'finding')}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


FORMAT: Final = Format(name="text", render=_render)
