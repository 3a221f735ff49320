"""A write endpoint reports success and what it was given reaches no store.

Nothing is written at all; or it is added to a session that is closed without a commit; or a commit comes with
nothing added; or the statement is built and never executed.

## Why this is a defect
The caller was told that the data is kept. It is gone, and nobody will notice before it is needed.

## What to do
Write, commit, and only then answer. Let a write that fails reach the caller as an error.

## Known limits
A write in a library that the scan does not know is not seen; the endpoint is then `unknown` rather than lossy where
the library was given the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import answer_place, because, says_placeholder, served_with
from assay.probes.code.rules.twins import Twins
from assay.probes.code.view import Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import EndpointFlow


def _check(examined: Examined) -> Iterator[Violation]:
    twins = Twins(examined.view)
    for flow in served_with(examined, Verdict.LOSSY):
        if not says_placeholder(examined.view, flow):
            reason = because(flow, "no store is written")
            twin, related = twins.naming(flow)
            yield Violation(
                at=answer_place(flow, Cause.NORMAL),
                message=f"{flow.endpoint.title} reports success and keeps nothing: {reason}{twin}",
                flow=flow,
                related=(*_lost(flow), *related),
            )


def _lost(flow: EndpointFlow) -> Iterator[Evidence]:
    """What looks like a write and is none."""
    for effect in flow.effects:
        if effect.kind is EffectKind.STORE_WRITE and effect.committed is False:
            yield Evidence(at=effect.at, message="written here and never committed")
        elif effect.kind is EffectKind.DROPPED:
            yield Evidence(at=effect.at, message="built here and never executed")


RULE: Final = Rule(
    id="success-without-write",
    summary="a write endpoint reports success and stores nothing",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.LOSSY,),
)
