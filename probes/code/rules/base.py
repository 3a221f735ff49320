"""What a rule is: it is given what a scan knows, and yields violations; it reads no file and prints nothing."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from assay.probes.code.model import Confidence, Finding, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from assay.probes.code.intake.config import ScanSettings
    from assay.probes.code.model import Evidence, Location
    from assay.probes.code.suppressions import Suppression
    from assay.probes.code.view import EndpointFlow, ProjectView


class About(StrEnum):
    """What a rule judges, which says when it can be asked.

    `FILES`: what files say by themselves, whoever serves them; `CODE`: the project with its endpoints; `SCAN`: what the
    project tells the scan, which cannot be suppressed.
    """

    FILES = "files"
    CODE = "code"
    SCAN = "scan"


class Examined(NamedTuple):
    """What a scan knows when its rules are asked.

    `suppressions` are known from the start; which of them are used only when the rules about the scan are asked.
    `settings_path` is the configuration file as the report names it. `beside` gives the texts that define or fill
    tables and are not scanned: SQL files, migrations, seeds.
    """

    view: ProjectView
    settings: ScanSettings
    settings_path: str
    suppressions: tuple[Suppression, ...]
    today: date
    rule_ids: frozenset[str]
    beside: Callable[[], tuple[bytes, ...]] = tuple


class Violation(NamedTuple):
    """One place where a rule is broken. Confidence and severity are the endpoint's and the rule's unless given."""

    at: Location
    message: str
    flow: EndpointFlow | None = None
    related: tuple[Evidence, ...] = ()
    confidence: Confidence | None = None
    severity: Severity | None = None


class Rule(NamedTuple):
    """One defect the scan knows. The docstring of the module that holds `check` is its page.

    `verdicts` are those of an endpoint that this rule explains: suppressing its finding there accepts the endpoint.
    """

    id: str
    summary: str
    severity: Severity
    check: Callable[[Examined], Iterable[Violation]]
    about: About = About.CODE
    verdicts: tuple[Verdict, ...] = ()

    @property
    def page(self) -> str:
        """Its documentation as Markdown, starting with its name."""
        text = (sys.modules[self.check.__module__].__doc__ or "").strip()
        return f"# {self.id} ({self.severity})\n\n{text}\n"

    def findings(self, examined: Examined) -> Iterator[Finding]:
        """What it finds, without fingerprints yet."""
        for violation in self.check(examined):
            endpoint = violation.flow.endpoint if violation.flow else None
            yield Finding(
                rule=self.id,
                severity=violation.severity or self.severity,
                confidence=violation.confidence or (endpoint.confidence if endpoint else Confidence.HIGH),
                at=violation.at,
                message=violation.message,
                endpoint=endpoint,
                related=violation.related,
            )
