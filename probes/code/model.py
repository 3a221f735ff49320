"""The values the scanner speaks in: endpoints with verdicts, findings, what was not examined.

In this package a plain value is a `NamedTuple`, written with keywords: its class is made in a sixth of the time that
a frozen dataclass takes, and every scan waits for more than a hundred of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What an endpoint is. `UNWIRED` and `BROKEN` are verdicts of the endpoint, never of its body."""

    UNWIRED = "unwired"
    BROKEN = "broken"
    MOCK = "mock"
    LOSSY = "lossy"
    FALLBACK = "fallback"
    VOLATILE = "volatile"
    REAL = "real"
    UNIMPLEMENTED = "unimplemented"
    STATIC = "static"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure a verdict or finding is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class SeverityRank(IntEnum):
    """Severities in order, for comparing and sorting."""

    NOTE = 0
    WARNING = 1
    ERROR = 2


class Location(NamedTuple):
    """A place in the scanned tree: path relative to its root with forward slashes, line and column from 1."""

    file: str
    line: int
    column: int = 1


class Evidence(NamedTuple):
    """One step of the chain that proves a verdict."""

    at: Location
    message: str


class TableUse(NamedTuple):
    """A table, collection or key space that an endpoint uses; `table` is empty where only the library is known."""

    library: str
    table: str
    reads: bool
    writes: bool


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One HTTP endpoint with its verdicts.

    `methods` are upper-case names in order of declaration, or `("ANY",)`, or `("WS",)`; `path` is the full path with
    every mount prefix. `at` is the route declaration. `body` is what the handler is meant to do; `verdict` what a
    client meets.
    """

    methods: tuple[str, ...]
    path: str
    at: Location
    framework: str
    handler: str
    component: str
    body: Verdict
    verdict: Verdict
    broken: bool = False
    confidence: Confidence = Confidence.LOW
    debatable: bool = False
    flags: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why the verdict is what it is, one short sentence each, most important first."""
    tables: tuple[TableUse, ...] = ()
    fingerprint: str = ""

    @property
    def title(self) -> str:
        """`GET /path`."""
        return f"{'|'.join(self.methods)} {self.path}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One defect at one place, made by one rule."""

    rule: str
    severity: Severity
    confidence: Confidence
    at: Location
    message: str
    endpoint: Endpoint | None = None
    related: tuple[Evidence, ...] = ()
    fingerprint: str = ""


class Skipped(NamedTuple):
    """A file, or a folder with everything in it, that was not examined, and why.

    `counted` is how many files this entry stands for.
    """

    file: str
    reason: str
    counted: int = 1


class Suppressed(NamedTuple):
    """A finding or an endpoint that the project chose not to be told of, with its reason."""

    fingerprint: str
    reason: str
    until: str | None = None


class Analysis(NamedTuple):
    """What the engine found in a set of source files, in a stable order."""

    endpoints: tuple[Endpoint, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    imports_web_framework: bool
    """A file imports a web framework that Assay knows: no endpoint at all then means that the scan did not see them."""


@dataclass(frozen=True, kw_only=True)
class ScanReport:
    """A whole scan of one root, ready for a reporter."""

    root: str
    service: str
    repository: str | None
    commit: str | None
    branch: str | None
    time: str
    endpoints: tuple[Endpoint, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    suppressed: tuple[Suppressed, ...] = ()
    imports_web_framework: bool = False
    files_scanned: int = 0
    configuration: str = ""
    """SHA-256 of what decides the report besides the commit: settings, what was named, the version of the scanner."""
    notes: tuple[str, ...] = field(default=())
    """What the reader should know about the scan itself, one sentence each."""
