"""An endpoint answers success with substitute data when the store fails, is not configured, or is empty.

The substitute is sample data, a constant, an empty list, or what memory still holds.

## Why this is a defect
The database is down and every client sees a normal answer. Nobody is paged, and what is shown is not true. An empty
list in place of an error even looks like a deletion.

## What to do
Let the failure reach the caller as 503 or 500. An empty result of an empty table is true; sample data in its place
is not.

## Known limits
A cache that is told to be one, and is marked as stale in the answer, is still reported: say so in a suppression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import answer_place, because, served_with
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined

_CAUSES: Final = (Cause.STORE_FAILURE, Cause.NOT_CONFIGURED, Cause.EMPTY, Cause.FAILURE)


def _check(examined: Examined) -> Iterator[Violation]:
    for flow in served_with(examined, Verdict.FALLBACK):
        reason = because(flow, "the failure of the store becomes a success")
        yield Violation(
            at=answer_place(flow, *_CAUSES),
            message=f"{flow.endpoint.title} hides that the store gave nothing: {reason}",
            flow=flow,
            related=tuple(Evidence(at=one.at, message="the failure is caught here") for one in flow.swallowed),
        )


RULE: Final = Rule(
    id="fallback-on-db-error",
    summary="a store failure is answered with substitute data",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.FALLBACK,),
)
