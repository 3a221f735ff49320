"""The success path of an endpoint can only fail.

It uses a name that nothing defines, calls a method that the project's own class does not have, builds a query and
never executes it, or uses a connection that is never opened.

## Why this is a defect
Every call ends in an error, and no test covers it.

## What to do
Follow the evidence: it names the step that cannot work.

## Known limits
Only what the project's own code decides is judged; attributes that are made at run time are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import because

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    for flow in examined.view.endpoints:
        if flow.endpoint.verdict is Verdict.BROKEN:
            steps = flow.endpoint.evidence
            yield Violation(
                at=steps[-1].at if steps else flow.endpoint.at,
                message=f"{flow.endpoint.title} can only fail: {because(flow, 'its success path cannot work')}",
                flow=flow,
            )


RULE: Final = Rule(
    id="broken-handler",
    summary="the success path of an endpoint can only fail",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.BROKEN,),
)
