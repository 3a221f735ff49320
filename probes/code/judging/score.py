"""Literal answers: invented data, or a constant that is the truth? Three weak witnesses, none of which decides alone.

The shape of the answer, the words of the path and what the authors wrote about it are each worth some points; the
sum says mock above zero, static at or below it, and its size says how sure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow.values import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.judging.leaves import Leaf

_MARKERS: Final = re.compile(
    r"\b(mock(?:ed|s)?|place-?holders?|hard-?coded|dummy|fake|stub(?:bed)?|simulat(?:e|ed|ion)|sample data|demo data"
    r"|for now|todo|fixme"
    r"|in (?:an? )?(?:real|actual|production|prod)(?:[ -]\w+){0,3},?"
    r" (?:would|should|this|you|we|implement|use|send|store)"
    r"|would (?:query|fetch|typically|be (?:stored|fetched|calculated))"
    r"|not (?:yet )?implemented|scaffold|temporary|replace with|should (?:query|fetch|come from))\b",
    re.IGNORECASE,
)
_IDENTIFIERS: Final = re.compile(r"(?:mock|sample|dummy|fake|placeholder|demo)", re.IGNORECASE)
_RECORDS: Final = re.compile(
    r"dashboard|overview|summary|analytics|metrics|stats|statistics|history|logs?\b|alerts|usage|users?\b|orders?\b|invoices?|preferences|results"
    r"|database|/me\b|reports?|performance|activity|events|notifications|trends|revenue|customers|sessions|transactions|inventory|recommendations"
    r"|insights|tenants|accounts|payments|billing|campaigns|leads|tickets|jobs|tasks|projects|members|subscriptions?\b",
    re.IGNORECASE,
)
_CATALOGUE: Final = re.compile(
    r"templates?\b|formats?\b|types?\b|categories|providers|options|palettes|definitions|criteria|supported|available|schemas?\b|catalog|plans\b"
    r"|portals|capabilities|methods|languages|features|models\b|enums?|config\b|constants",
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(
    r"(^|/)(health[\w-]*|healthz|ready|readyz|readiness|live|livez|liveness|ping|version|info|docs|openapi[\w.]*|robots\.txt|favicon\.ico|status|heartbeat)/?$"
    r"|^/?$|^/api(/v\d+)?/?$|(^|/)caches?(/|$)",
    re.IGNORECASE,
)
HEALTH: Final = re.compile(
    r"(^|/)(health|healthz|health-?checks?|ready|readiness|readyz|live|liveness|livez|ping|heartbeat)(/|$)",
    re.IGNORECASE,
)
_MEASURES: Final = re.compile(
    r"total|count|avg|average|rate|score|percent|uptime|cost|used|active|current|amount|revenue|value|usage|size|duration|price|balance|growth|ratio",
    re.IGNORECASE,
)
_SOURCE: Final = re.compile(r"(^|_)source$", re.IGNORECASE)
_ENTITY: Final = re.compile(r"[{<:]\s*(?:\w+:)?\w*(?:id|uuid|slug|name|key|code)\b", re.IGNORECASE)
_LEAVES: Final = re.compile(r"(^|/)(log-?out|sign-?out)/?$", re.IGNORECASE)
_IDENTIFIER: Final = re.compile(r"(^|_)id$|Id$")
_HALF: Final = 0.5
_SOME: Final = 0.3
_TWO: Final = 2
_SURE: Final = 4.0
_FAIR: Final = 3.0


class Points(NamedTuple):
    """The sum, and why, most telling first."""

    total: float
    reasons: tuple[str, ...]


class Case(NamedTuple):
    """What the score looks at."""

    path: str
    data: tuple[Leaf, ...]
    every: tuple[Leaf, ...]
    words: str
    callee_words: str
    selects_nothing: bool
    unused_store: bool
    is_write: bool


def marker(text: str) -> str:
    """The first marker word, or an empty string."""
    found = _MARKERS.search(text) or _IDENTIFIERS.search(text)
    return found[0] if found else ""


def is_health(path: str) -> bool:
    """The path is one that tells of the service itself."""
    return bool(HEALTH.search(path))


def is_plain(path: str) -> bool:
    """Health, version, docs, the root: nothing that a store would be expected behind."""
    return bool(_PLAIN.search(path))


def has_entity(path: str) -> bool:
    """The path names one entity."""
    return bool(_ENTITY.search(path))


def score(case: Case) -> Points:
    """Add up the evidence."""
    data = case.data or case.every
    found = [*_invented(data), *_promised(case, data), *_static_evidence(case, data, len(data) or 1)]
    found.sort(key=lambda item: (-abs(item[0]), item[1]))
    return Points(sum(points for points, _ in found), tuple(reason for _, reason in found))


def _invented(data: tuple[Leaf, ...]) -> Iterator[tuple[float, str]]:
    """The shape of the answer."""
    if any(leaf.random for leaf in data):
        yield 3, "a reported value is random"
    measures = [leaf for leaf in data if leaf.number and _MEASURES.search(leaf.name)]
    if measures:
        yield 2 if len(measures) >= _TWO else 1, "measures are literal numbers"
    if data and sum(1 for leaf in data if leaf.number or leaf.date or leaf.random) / len(data) >= _HALF:
        yield 1.5, "most of the answer is literal numbers or dates"
    if any(leaf.date for leaf in data):
        yield 1.5, "a record has a literal date"
    if any(leaf.literal and _SOURCE.search(leaf.name) and "database" in leaf.text.lower() for leaf in data):
        yield 2, "a literal claims to come from a database"


def _promised(case: Case, data: tuple[Leaf, ...]) -> Iterator[tuple[float, str]]:
    """What the path, the authors and the parameters say."""
    own, below = marker(case.words), marker(case.callee_words)
    if own:
        yield 3, f"the handler calls itself `{own}`"
    elif below:
        yield 1.5, f"a function it calls says `{below}`"
    if is_plain(case.path):
        yield -5, "the path is about the service itself"
    else:
        if _RECORDS.search(case.path):
            yield 2, "the path promises records or measures"
        nothing_to_tell = case.is_write and all(leaf.text == "{}" for leaf in data)
        if data and all(leaf.nothing and not leaf.blank for leaf in data) and not nothing_to_tell:
            yield 2.5, "what should be records is always empty"
    if has_entity(case.path) and case.selects_nothing:
        yield 2, "the entity in the path selects nothing"
    if case.unused_store:
        yield 2, "a store is injected and not used"


def _static_evidence(case: Case, data: tuple[Leaf, ...], share: int) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    literal = [leaf for leaf in data if leaf.literal]
    derived = sum(1 for leaf in data if leaf.has(Kind.DERIVED))
    if derived:
        found.append((-4 if derived / share >= _HALF else -2, "the answer is computed from the request"))
    outside = sum(1 for leaf in data if leaf.outside)
    if outside:
        found.append((-4 if outside / share >= _SOME else -2, "the answer comes from outside the application"))
    if _CATALOGUE.search(case.path.rpartition("/")[2]) and not case.path.endswith(("/status", "/usage")):
        named = literal and not any(leaf.date or _IDENTIFIER.search(leaf.name) for leaf in literal)
        found.append((-4 if named else -3, "the path promises a catalogue"))
    told = any(not leaf.nothing for leaf in literal) or not case.unused_store
    if literal and told and not any(leaf.number or leaf.date for leaf in literal) and len(literal) == len(data):
        found.append((-1.5, "the answer is only text and flags"))
    if _LEAVES.search(case.path):
        found.append((-3, "ending a session needs no store"))
    return found


def sureness(total: float) -> str:
    """`high`, `medium` or `low`."""
    size = abs(total)
    return "high" if size >= _SURE else "medium" if size >= _FAIR else "low"
