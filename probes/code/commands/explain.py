"""Explain a rule, or the verdict of one endpoint.

assay explain RULE                  the page of a rule
assay explain METHOD PATH [ROOT]    the verdict of an endpoint with the steps that prove it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.core.command import ExitCode, UsageError
from assay.core.redact import mask_secrets
from assay.probes.code.commands.console import write_stdout
from assay.probes.code.commands.paths import add_common_options, request_for
from assay.probes.code.commands.progress import progress_on_stderr
from assay.probes.code.gate import did_you_mean
from assay.probes.code.intake.reading import Unreadable, read_source
from assay.probes.code.model import Verdict
from assay.probes.code.recall import scan_or_recall
from assay.probes.code.reporters.base import printable
from assay.probes.code.rules import RULES

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from assay.core.command import CommandContext
    from assay.probes.code.model import Endpoint, Location, ScanReport

_REASONS: Final = 2


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("words", nargs="+", metavar="RULE | METHOD PATH [ROOT]", help="what to explain")
    add_common_options(parser)


def run(arguments: Namespace, context: CommandContext) -> int:  # noqa: ARG001 - the common shape of a command
    """Print the page or the chain."""
    match arguments.words:
        case [rule]:
            return _explain_rule(rule)
        case [method, path]:
            return _explain_endpoint(method, path, ".", arguments)
        case [method, path, root]:
            return _explain_endpoint(method, path, root, arguments)
        case _:
            raise UsageError("explain takes one rule, or a method, a path and at most one folder")


def _explain_rule(name: str) -> int:
    rule = next((rule for rule in RULES if rule.id == name), None)
    if rule is None:
        raise UsageError(f"`{name}` is no rule{did_you_mean(name, (rule.id for rule in RULES))}")
    write_stdout(rule.page)
    return ExitCode.OK


def _explain_endpoint(method: str, path: str, root: str, arguments: Namespace) -> int:
    request = request_for([root], arguments.config)
    with progress_on_stderr() as progress:
        report = scan_or_recall(request, keep=not arguments.no_cache, progress=progress).report
    found = [one for one in report.endpoints if one.path == path and _answers(one, method.upper())]
    if not found:
        titles = [one.title for one in report.endpoints]
        hint = did_you_mean(f"{method.upper()} {path}", titles) if titles else "; it has no endpoint at all"
        raise UsageError(f"{root} has no endpoint {method.upper()} {mask_secrets(path)}{printable(hint)}")
    read = _Source(request.root)
    write_stdout("\n".join(line for one in found for line in _chain(one, report, read)) + "\n")
    return ExitCode.OK


def _answers(endpoint: Endpoint, method: str) -> bool:
    return method in endpoint.methods or "ANY" in (method, *endpoint.methods)


class _Source:
    """Lines of the scanned files, for showing what a step is about."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, Sequence[str]] = {}

    def line(self, at: Location) -> str:
        if at.file not in self._known:
            source = read_source(str(self._root / at.file))
            self._known[at.file] = (
                [] if isinstance(source, Unreadable) else source.decode("utf-8", "replace").splitlines()
            )
        lines = self._known[at.file]
        return mask_secrets(lines[at.line - 1].strip()) if 0 < at.line <= len(lines) else ""


def _chain(endpoint: Endpoint, report: ScanReport, source: _Source) -> Iterator[str]:
    hedges = [f"{endpoint.confidence} confidence", *(["debatable"] if endpoint.debatable else [])]
    yield printable(f"{endpoint.title}: {endpoint.verdict} ({', '.join(hedges)})")
    yield from _because(endpoint)
    shown = None
    for step in endpoint.evidence:
        yield printable(f"  {step.at.file}:{step.at.line} {step.message}")
        text = source.line(step.at) if step.at != shown else ""
        shown = step.at
        if text:
            yield printable(f"      {text}")
    for finding in report.findings:
        if finding.endpoint == endpoint:
            yield printable(f"  {finding.severity}[{finding.rule}] {finding.message}")
    for suppressed in report.suppressed:
        if suppressed.fingerprint == endpoint.fingerprint:
            yield printable(f"  suppressed: {suppressed.reason}")


def _because(endpoint: Endpoint) -> Iterator[str]:
    """The reasons; where a client never meets the body, that of the verdict first and then what the body is."""
    hidden = endpoint.verdict in {Verdict.UNWIRED, Verdict.BROKEN}
    first, rest = (endpoint.reasons[:1], endpoint.reasons[1:]) if hidden else (endpoint.reasons, ())
    if first:
        yield printable(f"  because {'; '.join(first[:_REASONS])}")
    if endpoint.body is not endpoint.verdict:
        why = f", because {'; '.join(rest[:_REASONS])}" if rest else ""
        yield printable(f"  as it is written: {endpoint.body}{why}")
