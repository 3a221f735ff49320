"""The scan as JSON, version 1: a contract that other programs read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from assay import __version__
from assay.probes.code.reporters.base import (
    Format,
    Style,
    by_service,
    count_rules,
    count_skipped,
    count_verdicts,
)

if TYPE_CHECKING:
    from assay.probes.code.gate import FailOn
    from assay.probes.code.model import Endpoint, Evidence, Finding, ScanReport

VERSION: Final = 1

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


def as_json(report: ScanReport) -> dict[str, JsonValue]:
    """The report as the JSON object of version 1."""
    return {
        "version": VERSION,
        "tool": {"name": "assay", "version": __version__},
        "root": report.root,
        "service": report.service,
        "repository": report.repository,
        "commit": report.commit,
        "branch": report.branch,
        "time": report.time,
        "configuration": report.configuration,
        "endpoints": [_endpoint(endpoint) for endpoint in report.endpoints],
        "findings": [_finding(finding) for finding in report.findings],
        "skipped": [{"file": one.file, "reason": one.reason, "count": one.counted} for one in report.skipped],
        "suppressed": [
            {"fingerprint": one.fingerprint, "reason": one.reason, "until": one.until} for one in report.suppressed
        ],
        "summary": {
            "files": report.files_scanned,
            "endpoints": len(report.endpoints),
            "by_verdict": {**count_verdicts(report)},
            "by_service": by_service_json(report),
            "findings": {**count_rules(report)},
            "skipped": {**count_skipped(report.skipped)},
        },
    }


def by_service_json(report: ScanReport) -> dict[str, JsonValue]:
    """`summary.by_service`: each service or component by its name."""
    return {
        one.name: {
            "endpoints": one.endpoints,
            "by_verdict": {**one.verdicts},
            "expected_real": one.expected,
            "real_share": one.real_share,
            "reads": {library: list(tables) for library, tables in one.reads.items()},
            "writes": {library: list(tables) for library, tables in one.writes.items()},
        }
        for one in by_service(report)
    }


def _endpoint(endpoint: Endpoint) -> JsonValue:
    return {
        "method": endpoint.methods[0] if len(endpoint.methods) == 1 else list(endpoint.methods),
        "path": endpoint.path,
        "file": endpoint.at.file,
        "line": endpoint.at.line,
        "framework": endpoint.framework,
        "handler": endpoint.handler,
        "component": endpoint.component,
        "verdict": endpoint.verdict.value,
        "body": endpoint.body.value,
        "broken": endpoint.broken,
        "confidence": endpoint.confidence.value,
        "debatable": endpoint.debatable,
        "flags": list(endpoint.flags),
        "fingerprint": endpoint.fingerprint,
        "evidence": [_evidence(step) for step in endpoint.evidence],
        "reasons": list(endpoint.reasons),
        "tables": [
            {"library": use.library, "table": use.table, "reads": use.reads, "writes": use.writes}
            for use in endpoint.tables
        ],
    }


def _finding(finding: Finding) -> JsonValue:
    endpoint = finding.endpoint
    methods = endpoint.methods if endpoint else ()
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "file": finding.at.file,
        "line": finding.at.line,
        "column": finding.at.column,
        "endpoint": {"method": methods[0] if len(methods) == 1 else list(methods), "path": endpoint.path}
        if endpoint
        else None,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
        "related": [_evidence(step) for step in finding.related],
    }


def _evidence(step: Evidence) -> JsonValue:
    return {"file": step.at.file, "line": step.at.line, "message": step.message}


def _render(report: ScanReport, fail_on: FailOn, style: Style) -> str:  # noqa: ARG001 - the common shape of a format
    return json.dumps(as_json(report), indent=2) + "\n"


FORMAT: Final = Format(name="json", render=_render)
