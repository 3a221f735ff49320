"""An endpoint commits a row before it writes the rows that belong to it.

A row is written and committed; then a row of another table that refers to it is written and committed on its own.

## Why this is a defect
A crash, a timeout or a constraint between the two commits leaves half: an order without items, a user without a
profile. The client is told of an error, tries again, and makes a second half.

## What to do
Write all that belongs together in one transaction: `flush` where an id is needed, and commit once at the end.

## Known limits
Rows are seen to belong together where data of the first write is among what the second writes. Logs, notifications,
tokens and the like may be lost alone and are left out. Where another service is called in between, the commits may be
parted on purpose: nothing is said.
One finding for each endpoint, with its first such commit; endpoints that share it share the finding.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.view import Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.model import Location
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import Effect, EndpointFlow

_ASIDE: Final = re.compile(
    r"log|audit|event|histor|notif|token|session|activit|metric|stat(?:s|istic)|analytic|track|outbox|job|task|email"
    r"|webhook|cache",
    re.IGNORECASE,
)


def _check(examined: Examined) -> Iterator[Violation]:
    found: dict[Location, Violation] = {}
    for flow in examined.view.endpoints:
        if flow.endpoint.verdict is Verdict.UNWIRED:
            continue
        parted = next(_parted(flow), None)
        if parted is not None:
            first, commit, second = parted
            message = (
                f"{flow.endpoint.title} commits `{first.target}` before it writes `{second.target}`, which belongs to"
                " it: a failure in between leaves half"
            )
            related = (
                Evidence(at=first.at, message=f"`{first.target}` is written"),
                Evidence(at=commit.at, message="and committed on its own"),
            )
            found.setdefault(
                commit.at,
                Violation(at=second.at, message=message, flow=flow, related=related, confidence=Confidence.MEDIUM),
            )
    yield from found.values()


def _parted(flow: EndpointFlow) -> Iterator[tuple[Effect, Effect, Effect]]:
    """A write, the commit after it, and a later committed write that rests on it."""
    effects = [one for one in flow.effects if one.cause is Cause.NORMAL and not one.after_response]
    for position, second in enumerate(effects):
        if second.kind is not EffectKind.STORE_WRITE or not second.committed or not _matters(second.target):
            continue
        for index, first in enumerate(effects[:position]):
            if first.kind is not EffectKind.STORE_WRITE or first.target not in second.rests_on:
                continue
            between = effects[index + 1 : position]
            commit = next((one for one in between if _commits(one, first)), None)
            if commit and _matters(first.target) and not any(one.kind is EffectKind.EXTERNAL for one in between):
                yield first, commit, second
                break


def _commits(effect: Effect, write: Effect) -> bool:
    return effect.kind is EffectKind.COMMIT and effect.library == write.library


def _matters(target: str) -> bool:
    return bool(target) and not _ASIDE.search(target)


RULE: Final = Rule(
    id="non-atomic-writes",
    summary="rows that belong together are committed one by one",
    severity=Severity.WARNING,
    check=_check,
)
