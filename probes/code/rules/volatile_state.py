"""An endpoint keeps its state in process memory.

A list at module level, an attribute of a singleton, a map, where a database is expected.

## Why this is a defect
The caller is told that the data was saved. A restart or a new release loses it, and a second worker never had it.

## What to do
Write to the database before answering, and let a failed write reach the caller as an error.

## Known limits
A cache in front of a store is no state of its own and is not reported where the store is written as well. Of state in
a local file `file-persistence` speaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import FILES, answer_place, name_of_memory, served_with, state_of
from assay.probes.code.rules.twins import Twins
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    twins = Twins(examined.view)
    for flow in served_with(examined, Verdict.VOLATILE):
        effect = state_of(flow)
        if effect is None or effect.kind not in FILES:
            at = effect.at if effect else answer_place(flow, Cause.NORMAL)
            name = f" (`{name_of_memory(examined.view, effect.target)}`)" if effect and effect.target else ""
            message = f"{flow.endpoint.title} keeps its state in process memory{name}"
            twin, related = twins.naming(flow)
            yield Violation(at=at, message=f"{message}{twin}", flow=flow, related=related)


RULE: Final = Rule(
    id="volatile-state",
    summary="an endpoint keeps its state in process memory",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.VOLATILE,),
)
