"""A health endpoint says that all is well without having looked, or although it has seen that it is not.

It answers "healthy" when the database fails or is not configured; it says of the database that it is connected without
asking it; a readiness endpoint answers with a constant; or the only health endpoint of a service that lives from its
store never asks the store.

## Why this is a defect
A load balancer sends requests to a service that cannot serve them, and nobody is paged while the database is down.

## What to do
Ask what the service cannot work without, with a deadline, and answer 503 where it fails or is not configured. Whether
the process lives is another question: give it a path of its own (`/livez`) that asks nothing.

## Known limits
Health endpoints are known by their path. Words of a failure are English. A failure that is told in words with the
status 200 is not reported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.model import Location
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import Answer, AnsweredLiteral, EndpointFlow

_WELL: Final = re.compile(
    r"(?:ok(?:ay)?|healthy|up|alive|pass(?:ing)?|ready|online|operational|connected|running|true)[.!]?"
)
_HONEST: Final = re.compile(
    r"unhealthy|error|down|fail|degraded|unavailable|disconnect|unreachable|offline|unknown"
    r"|not[ _-]?(?:ready|connected|ok)"
)
_MISSING: Final = re.compile(
    r"not[ _-]?(?:configured|set|available|initiali[sz]ed)|unconfigured|disabled|missing|skipped"
)
_STATUS: Final = re.compile(r"status|health|healthy|ok|ready|state|success|", re.IGNORECASE)
_NEEDED: Final = re.compile(
    r"(?:database|db|postgres(?:ql)?|mysql|mongo(?:db)?|redis|cache|queue|broker|kafka|rabbitmq|storage|elasticsearch)"
    r"(?:_?(?:status|health|connection|connected|state|ok))?",
    re.IGNORECASE,
)
_READINESS: Final = re.compile(r"(?:^|/)(?:ready|readiness|readyz)(?:/|$)", re.IGNORECASE)
_LIVENESS: Final = re.compile(r"(?:^|/)(?:live|livez|liveness|ping|heartbeat)(?:/|$)", re.IGNORECASE)
_STORE: Final = (EffectKind.STORE_READ, EffectKind.STORE_WRITE)
_LOOKS: Final = (*_STORE, EffectKind.EXTERNAL, EffectKind.FILE_READ, EffectKind.MEMORY_READ)
_LOOKING: Final = frozenset({"row", "count", "external", "unknown", "memory", "host", "file"})
_FAILURES: Final = frozenset({Cause.STORE_FAILURE, Cause.NOT_CONFIGURED, Cause.FAILURE})


def _check(examined: Examined) -> Iterator[Violation]:
    served = [flow for flow in examined.view.endpoints if flow.endpoint.verdict is not Verdict.UNWIRED]
    needs_store = {_part(flow) for flow in served if not flow.about_itself and flow.of_kind(*_STORE)}
    health = [flow for flow in served if flow.about_itself]
    looked_after = {_part(flow) for flow in health if _looks(flow)}
    found: dict[Location, Violation] = {}
    for flow in health:
        for one in _of(flow, needs_store=_part(flow) in needs_store, alone=_part(flow) not in looked_after):
            found.setdefault(one.at, one)
    yield from found.values()


def _part(flow: EndpointFlow) -> str:
    return flow.endpoint.at.file.partition("/")[0] if "/" in flow.endpoint.at.file else ""


def _looks(flow: EndpointFlow) -> bool:
    found = bool(flow.of_kind(*_LOOKS)) or bool(flow.unresolved)
    return found or any(not _LOOKING.isdisjoint(answer.origins) for answer in flow.answers)


def _of(flow: EndpointFlow, *, needs_store: bool, alone: bool) -> Iterator[Violation]:
    for answer in _answers(flow, *_FAILURES):
        if _says_well(answer) and not any(_HONEST.search(one.text.lower()) for one in answer.literals):
            message = f"{flow.endpoint.title} answers that all is well when what it asks fails"
            yield _violation(flow, answer, message, Confidence.HIGH)
            return
    for answer in _answers(flow, Cause.NORMAL, Cause.NOT_CONFIGURED):
        missing = next((one for one in answer.literals if _NEEDED.fullmatch(one.name) and _is_missing(one)), None)
        if missing is not None and _says_well(answer):
            message = f"{flow.endpoint.title} answers that all is well although `{missing.name}` is not configured"
            yield _violation(flow, answer, message, Confidence.MEDIUM)
            return
    if not _looks(flow) and not flow.exhausted:
        yield from _blind(flow, needs_store=needs_store, alone=alone)


def _blind(flow: EndpointFlow, *, needs_store: bool, alone: bool) -> Iterator[Violation]:
    """It asks nothing."""
    for answer in _answers(flow, Cause.NORMAL):
        claimed = next((one for one in answer.literals if _NEEDED.fullmatch(one.name) and _is_well(one)), None)
        if claimed is not None:
            message = f"{flow.endpoint.title} says that `{claimed.name}` is well and never asks it"
            yield _violation(flow, answer, message, Confidence.HIGH)
        elif not needs_store or not _says_well(answer):
            continue
        elif _READINESS.search(flow.endpoint.path):
            message = f"{flow.endpoint.title} answers that the service is ready and asks nothing, not even its store"
            yield _violation(flow, answer, message, Confidence.HIGH)
        elif alone and not _LIVENESS.search(flow.endpoint.path):
            message = f"{flow.endpoint.title} answers that all is well, and no health endpoint asks the store"
            yield _violation(flow, answer, message, Confidence.HIGH)._replace(severity=Severity.NOTE)
        else:
            continue
        return


def _answers(flow: EndpointFlow, *causes: Cause) -> Iterator[Answer]:
    for answer in flow.answers:
        if answer.kind is AnswerKind.OK and answer.cause in causes:
            yield answer


def _says_well(answer: Answer) -> bool:
    return any(_STATUS.fullmatch(one.name) and _is_well(one) for one in answer.literals)


def _is_well(literal: AnsweredLiteral) -> bool:
    return bool(_WELL.fullmatch(literal.text.lower()))


def _is_missing(literal: AnsweredLiteral) -> bool:
    return bool(_MISSING.search(literal.text.lower()))


def _violation(flow: EndpointFlow, answer: Answer, message: str, confidence: Confidence) -> Violation:
    related = tuple(Evidence(at=one.effect, message="this call may fail") for one in flow.swallowed[:1])
    return Violation(at=answer.at, message=message, flow=flow, confidence=confidence, related=related)


RULE: Final = Rule(
    id="dishonest-health",
    summary="a health endpoint says that all is well without having looked",
    severity=Severity.WARNING,
    check=_check,
)
