"""An earlier route answers every request that this one is meant for.

The same path is declared twice, or `/:id` stands before `/statistics`, and the framework takes the first that fits.

## Why this is a defect
The later handler never runs, although it looks as wired as the others. The earlier one gets `statistics` as an id.

## What to do
Declare the fixed path first, or delete the route that is not meant.

## Known limits
Converters and patterns in a path (`/<int:id>`) are judged where the scan knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.wiring import unserved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    for flow in unserved(examined.view).shadowed:
        first = f"{flow.unwired.at.file}:{flow.unwired.at.line}" if flow.unwired else "an earlier one"
        yield Violation(
            at=flow.endpoint.at,
            message=f"{flow.endpoint.title} is never reached: the route at {first} answers first",
            flow=flow,
            related=(flow.unwired,) if flow.unwired else (),
        )


RULE: Final = Rule(
    id="shadowed-route",
    summary="an earlier route answers every request for this one",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.UNWIRED,),
)
