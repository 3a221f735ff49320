"""A note in the code says that persistence is still to be done, where an endpoint passes by.

`TODO`, `FIXME` or words such as "would save to the database", in a function that an endpoint runs.

## Why this is reported
The author knew. It is often the shortest explanation of a mock or of a write that keeps nothing.

## What to do
Do it, or refuse honestly with 501 until then.

## Known limits
Only notes that speak of data being kept, fetched or replaced are reported, and only in functions that the scan saw
an endpoint run: a general `TODO` is nobody's business here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Location, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import EndpointFlow

_GATE: Final = re.compile(rb"to-?do|fixme|xxx|hack|would|in a real|in production|for now|simulat", re.IGNORECASE)
_MARK: Final = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|\bto-?do:", re.IGNORECASE)
_KEPT: Final = re.compile(
    r"\b(?:sav(?:e|ed|ing)|stor(?:e|ed|ing|age)|persist\w*|databases?|db|tables?|insert\w*|quer(?:y|ies|ying)|sql|orm"
    r"|fetch\w*|load\w*|writ(?:e|ten|ing)|commit\w*|mock\w*|fake|dummy|sample|hard-?coded|in-memory"
    r"|real (?:data|implementation))\b",
    re.IGNORECASE,
)
_OWNS_UP: Final = re.compile(
    r"\b(?:would (?:be )?(?:sav|stor|persist|quer|fetch|insert|writ|load|com)\w*"
    r"|in a real (?:app|application|system|implementation)|in production,? (?:this|we|you|it) (?:would|should)"
    r"|simulat\w+ (?:a |the )?(?:database|db|query|save|store|data))\b",
    re.IGNORECASE,
)
_HONEST: Final = (Verdict.STATIC, Verdict.UNIMPLEMENTED)


def _check(examined: Examined) -> Iterator[Violation]:
    passed: dict[str, list[tuple[int, EndpointFlow]]] = {}
    for flow in examined.view.endpoints:
        if flow.endpoint.body not in _HONEST:
            for at in _places(flow):
                passed.setdefault(at.file, []).append((at.line, flow))
    for file, lines in sorted(passed.items()):
        facts = examined.view.facts(file) if _GATE.search(examined.view.source(file)) else None
        if facts:
            yield from _notes(facts, file, lines)


def _places(flow: EndpointFlow) -> Iterator[Location]:
    """Where the analysis saw the endpoint pass by."""
    if flow.handler_at:
        yield flow.handler_at
    yield from (effect.at for effect in flow.effects)
    yield from (answer.at for answer in flow.answers)


def _notes(facts: FileFacts, file: str, passed: list[tuple[int, EndpointFlow]]) -> Iterator[Violation]:
    for comment in facts.comments:
        for offset, text in enumerate(comment.text.splitlines() or [comment.text]):
            line = comment.line + offset
            if _speaks_of_persistence(text):
                flow = _endpoint_at(facts, line, passed)
                if flow:
                    note = text.strip()[:120]
                    yield Violation(
                        at=Location(file=file, line=line),
                        message=f"{flow.endpoint.title} passes a note that persistence is missing: {note}",
                        flow=flow,
                    )


def _speaks_of_persistence(text: str) -> bool:
    return bool(_OWNS_UP.search(text) or (_MARK.search(text) and _KEPT.search(text)))


def _endpoint_at(facts: FileFacts, line: int, passed: list[tuple[int, EndpointFlow]]) -> EndpointFlow | None:
    """The first endpoint that was seen in the innermost function around a line."""
    around = [function for function in facts.functions if function.line <= line <= function.end_line]
    if not around:
        return None
    inner = max(around, key=lambda function: function.line)
    return next((flow for at, flow in passed if inner.line <= at <= inner.end_line), None)


RULE: Final = Rule(
    id="todo-persistence",
    summary="a note says that persistence is missing where an endpoint passes",
    severity=Severity.WARNING,
    check=_check,
)
