"""An endpoint keeps its state in process memory or in a local file.

A list at module level, an attribute of a singleton, a map, a JSON file beside the code, where a database is
expected.

## Why this is a defect
The caller is told that the data was saved. A restart or a new release loses it, and a second worker never had it.

## What to do
Write to the database before answering, and let a failed write reach the caller as an error.

## Known limits
A cache in front of a store is no state of its own and is not reported where the store is written as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import answer_place, served_with
from assay.probes.code.view import Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.model import Location
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import EndpointFlow

_KINDS: Final = (EffectKind.MEMORY_WRITE, EffectKind.FILE_WRITE, EffectKind.MEMORY_READ, EffectKind.FILE_READ)


def _check(examined: Examined) -> Iterator[Violation]:
    for flow in served_with(examined, Verdict.VOLATILE):
        at, what = _state(flow)
        yield Violation(at=at, message=f"{flow.endpoint.title} keeps its state in {what}", flow=flow)


def _state(flow: EndpointFlow) -> tuple[Location, str]:
    for kind in _KINDS:
        for effect in flow.of_kind(kind):
            place = "a local file" if kind in (EffectKind.FILE_READ, EffectKind.FILE_WRITE) else "process memory"
            return effect.at, f"{place} (`{effect.target}`)" if effect.target else place
    return answer_place(flow, Cause.NORMAL), "process memory or a local file"


RULE: Final = Rule(
    id="volatile-state",
    summary="an endpoint keeps its state in process memory or a local file",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.VOLATILE,),
)
