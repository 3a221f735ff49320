"""An endpoint answers with data that somebody invented.

Stored data is expected from it, and what it sends is a literal, a sample, a random number or a constant empty list.
The store is not asked, or it is asked and its answer does not reach the response.

## Why this is a defect
Whoever calls it takes the numbers for true. It works in every demonstration and in every test that looks at the
shape of the answer, so nothing but the data itself ever gives it away. Often the real one exists and nobody serves
it; then the finding names it.

## What to do
Answer with what the store returns. Until that exists, refuse honestly with 501.

## Known limits
Constants that are the truth (a list of countries, a version, an enumeration) are meant to be `static`. Where the
scan takes one for invented data, suppress it with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import answer_place, because, says_placeholder, served_with
from assay.probes.code.rules.twins import Twins
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    twins = Twins(examined.view)
    for flow in served_with(examined, Verdict.MOCK):
        if not says_placeholder(examined.view, flow):
            reason = because(flow, "what it answers comes from no store")
            twin, related = twins.naming(flow)
            yield Violation(
                at=answer_place(flow, Cause.NORMAL),
                message=f"{flow.endpoint.title} answers with invented data: {reason}{twin}",
                flow=flow,
                related=related,
            )


RULE: Final = Rule(
    id="mock-data",
    summary="an endpoint answers with invented data",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.MOCK,),
)
