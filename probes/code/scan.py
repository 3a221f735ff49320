"""One scan: a root and its configuration in, a `ScanReport` out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.core.clock import SystemClock
from assay.core.redact import mask_secrets
from assay.probes.code.asking import asked_early, findings_of
from assay.probes.code.engine import DEFAULT_OPTIONS, SourceFile, analyse, files_alone
from assay.probes.code.fingerprints import stamp_endpoints, stamp_findings
from assay.probes.code.intake.beside import Beside
from assay.probes.code.intake.components import Components
from assay.probes.code.intake.discovery import Repository, Selection, discover
from assay.probes.code.intake.ignores import Patterns
from assay.probes.code.intake.presence import Presence
from assay.probes.code.intake.reading import read_text
from assay.probes.code.memory import collecting_rarely
from assay.probes.code.model import SeverityRank, Suppressed
from assay.probes.code.request import Result, outcome_of, place_of
from assay.probes.code.rules import RULES, SUPPRESSIBLE
from assay.probes.code.rules.base import About, Examined
from assay.probes.code.suppressions import apply_suppressions, find_suppressions
from assay.probes.code.twin import processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from assay.core.clock import Clock
    from assay.probes.code.asking import Early
    from assay.probes.code.intake.config import ScanSettings
    from assay.probes.code.intake.discovery import DiscoveredFile, Discovery
    from assay.probes.code.intake.git import GitState
    from assay.probes.code.model import Endpoint, Evidence, Finding, Location
    from assay.probes.code.request import Place, ScanOutcome, ScanRequest
    from assay.probes.code.view import ProjectView


_SYSTEM_CLOCK: Final = SystemClock()
_CONFIGURATION_LIMIT_BYTES: Final = 1_000_000
_SHARED_BYTES: Final = 500_000
"""From here on a second process gains more than it costs."""


@collecting_rarely()
def scan(
    request: ScanRequest, *, clock: Clock = _SYSTEM_CLOCK, progress: Callable[[int], None] | None = None
) -> ScanOutcome:
    """Scan, and report in a stable order.

    Raises:
        UsageError: the configuration is wrong.
    """
    place, now = place_of(request), clock.now()
    return outcome_of(request, place, result_of(request, place, now, progress), now)


def result_of(
    request: ScanRequest, place: Place, now: datetime, progress: Callable[[int], None] | None = None
) -> Result:
    """Read the files and examine them; much faster where garbage is collected rarely (`memory.py`)."""
    root, git, settings = place
    found = _discover(request, root, git, settings, progress)
    options = DEFAULT_OPTIONS._replace(
        configuration=_ConfigurationReader(root),
        unseen=Presence(root, found.ignores),
        links=found.links,
        stores=settings.stores,
        python=settings.python,
        processes=processors() if sum(len(file.source) for file in found.files) >= _SHARED_BYTES else 1,
    )
    files = [_source_file(file) for file in found.files]
    known = partial(
        Examined,
        settings=settings,
        settings_path=_relative(settings.file, root),
        suppressions=tuple(one for file in found.files for one in find_suppressions(file.path, file.source)),
        today=now.astimezone(UTC).date(),
        rule_ids=SUPPRESSIBLE,
        beside=Beside(root, frozenset(file.path for file in found.files)),
    )
    with asked_early(lambda: known(view=files_alone(files, options)), options.processes) as early:
        view = analyse(files, options)
        judged = _judge(known(view=view), early, Components(root), _LineReader(found.files), options.processes)
    return Result(
        endpoints=judged.endpoints,
        findings=judged.findings,
        skipped=tuple(sorted({*found.skipped, *view.skipped})),
        suppressed=judged.suppressed,
        imports_web_framework=view.imports_web_framework,
        files_scanned=len(found.files),
        notes=tuple(_notes(found)),
    )


class _Judged(NamedTuple):
    endpoints: tuple[Endpoint, ...]
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]


class _ConfigurationReader:
    """Reads the few files that decide what an import means, and none that lies outside the root."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, path: str) -> str | None:
        place = self._root / path
        if not place.is_file():  # nearly always, and much cheaper than to resolve it
            return None
        inside = place.resolve().is_relative_to(self._root)
        return read_text(place, limit=_CONFIGURATION_LIMIT_BYTES) if inside else None


class _LineReader:
    """The text of a line of a file that was scanned, or an empty one."""

    def __init__(self, files: Iterable[DiscoveredFile]) -> None:
        self._sources = {file.path: file.source for file in files}
        self._lines: dict[str, list[str]] = {}

    def __call__(self, at: Location) -> str:
        if at.file not in self._lines:
            self._lines[at.file] = self._sources.get(at.file, b"").decode("utf-8", "replace").splitlines()
        lines = self._lines[at.file]
        return lines[at.line - 1] if 0 < at.line <= len(lines) else ""


def _discover(
    request: ScanRequest,
    root: Path,
    git: GitState | None,
    settings: ScanSettings,
    progress: Callable[[int], None] | None,
) -> Discovery:
    base = _relative(root, settings.folder) if settings.folder and settings.folder != root else ""
    return discover(
        str(root),
        named=request.named,
        selection=Selection(
            exclude=Patterns(settings.exclude), include=Patterns(settings.include), base=f"{base}/" if base else ""
        ),
        repository=Repository(top=git.top, exclude_file=git.exclude_file) if git else None,
        progress=progress,
    )


def _source_file(file: DiscoveredFile) -> SourceFile:
    return SourceFile(path=file.path, read=lambda: file.source)


def _judge(examined: Examined, early: Early, components: Components, line_at: _LineReader, processes: int) -> _Judged:
    """Ask the rules about the code, take out what is suppressed, then ask the rules about the scan itself."""
    endpoints = _endpoints(examined.view, components)
    told = [*findings_of(examined, About.CODE, processes), *early(examined)]
    findings = stamp_findings(_reported(told, endpoints), line_at)
    stay, gone, suppressions = apply_suppressions(
        findings, examined.suppressions, rule_ids=SUPPRESSIBLE, today=examined.today
    )
    about_scan = _reported(findings_of(examined._replace(suppressions=suppressions), About.SCAN), endpoints)
    suppressed = [suppressed for _, suppressed in gone]
    for finding, why in gone:
        suppressed.extend(_accepted(examined.view, endpoints, finding, why))
    return _Judged(
        endpoints=tuple(endpoints.values()),
        findings=(*stay, *stamp_findings(about_scan, line_at)),
        suppressed=tuple(sorted(set(suppressed), key=lambda one: (one.fingerprint, one.reason))),
    )


def _endpoints(view: ProjectView, components: Components) -> dict[Endpoint, Endpoint]:
    """The engine's endpoints, each with what is reported of it."""
    raw = [flow.endpoint for flow in view.endpoints]
    masked = [
        replace(one, component=components.of(one.at.file), evidence=_masked_evidence(one.evidence)) for one in raw
    ]
    return dict(zip(raw, stamp_endpoints(masked), strict=True))


def _reported(found: Iterable[Finding], endpoints: dict[Endpoint, Endpoint]) -> list[Finding]:
    """Findings as they are reported, in order."""
    reported = [
        replace(
            finding,
            message=mask_secrets(finding.message),
            related=_masked_evidence(finding.related),
            endpoint=endpoints[finding.endpoint] if finding.endpoint else None,
        )
        for finding in found
    ]
    return sorted(reported, key=_order)


def _order(finding: Finding) -> tuple[Location, int, str, str]:
    return finding.at, -SeverityRank[finding.severity.name], finding.rule, finding.message


def _accepted(
    view: ProjectView, endpoints: dict[Endpoint, Endpoint], finding: Finding, why: Suppressed
) -> Iterable[Suppressed]:
    """The endpoints whose verdict a suppressed finding explained: they are accepted with it."""
    verdicts = next(rule.verdicts for rule in RULES if rule.id == finding.rule)
    places = {step.at for step in finding.related}
    for flow in view.endpoints:
        endpoint = endpoints[flow.endpoint]
        explained = endpoint == finding.endpoint or endpoint.at in places
        if explained and endpoint.verdict in verdicts:
            yield why._replace(fingerprint=endpoint.fingerprint)


def _masked_evidence(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(step._replace(message=mask_secrets(step.message)) for step in evidence)


def _notes(found: Discovery) -> Iterable[str]:
    if not found.files:
        left_out = sum(one.counted for one in found.skipped)
        why = f"{left_out} were left out" if left_out else "there is none"
        yield f"no Python, TypeScript or JavaScript file was examined: {why}"


def _relative(path: Path | None, base: Path | None) -> str:
    """`path` as seen from `base`, with forward slashes, also where it lies outside."""
    if path is None or base is None:
        return ""
    parents = [base, *base.parents]
    for steps, parent in enumerate(parents):
        if path.resolve().is_relative_to(parent):
            return "/".join([".."] * steps + list(path.resolve().relative_to(parent).parts))
    return path.as_posix()
