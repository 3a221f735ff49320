"""A store failure is caught and not passed on, and the caller is told of a success.

This is about failures beside the main answer: an audit entry, a counter, a second table. Where the whole answer
becomes a substitute, `fallback-on-db-error` says so.

## Why this is a defect
Part of what the endpoint promises did not happen, and only a log line knows.

## What to do
Pass the failure on, or tell the caller which part failed.

## Known limits
Writes that are meant to be lossy (statistics) are reported as well: say so in a suppression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.model import Location
    from assay.probes.code.rules.base import Examined

_SAID_ELSEWHERE: Final = (Verdict.FALLBACK, Verdict.MOCK, Verdict.LOSSY)


def _check(examined: Examined) -> Iterator[Violation]:
    seen: set[Location] = set()
    for flow in examined.view.endpoints:
        if flow.endpoint.body in _SAID_ELSEWHERE or flow.endpoint.verdict is Verdict.UNWIRED:
            continue
        for failure in flow.swallowed:
            if failure.answers_ok and failure.at not in seen:
                seen.add(failure.at)
                library = failure.library or "the store"
                yield Violation(
                    at=failure.at,
                    message=f"{flow.endpoint.title} answers success although a call to {library} failed",
                    flow=flow,
                    related=(Evidence(at=failure.effect, message="this call may fail"),),
                )


RULE: Final = Rule(
    id="swallowed-db-error",
    summary="a store failure is caught and success is answered",
    severity=Severity.WARNING,
    check=_check,
)
