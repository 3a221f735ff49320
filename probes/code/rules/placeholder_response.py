"""An endpoint answers success with a placeholder.

Its answer says so itself: "not implemented", "coming soon", "placeholder", and the status is a success.

## Why this is a defect
A caller that looks at the status believes that the thing was done. Monitoring sees a healthy endpoint.

## What to do
Answer 501 until it is implemented; then the words do no harm.

## Known limits
The words are looked for in the statement that makes the answer, in English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import answer_place, says_placeholder, served_with
from assay.probes.code.rules.twins import Twins
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    twins = Twins(examined.view)
    for body in (Verdict.MOCK, Verdict.LOSSY):
        for flow in served_with(examined, body):
            if says_placeholder(examined.view, flow):
                twin, related = twins.naming(flow)
                yield Violation(
                    at=answer_place(flow, Cause.NORMAL),
                    message=f"{flow.endpoint.title} answers success with a placeholder{twin}",
                    flow=flow,
                    related=related,
                )


RULE: Final = Rule(
    id="placeholder-response",
    summary="an endpoint answers success with a placeholder",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.MOCK, Verdict.LOSSY),
)
