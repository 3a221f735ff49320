"""What an endpoint writes is committed only after its answer was sent.

The commit stands behind the `yield` of a dependency, or in a background task, and nothing commits before the handler
returns.

## Why this is a defect
FastAPI sends the answer before it runs what stands behind the `yield` of a dependency (up to 0.105 and since 0.118).
When that commit fails (a deferred constraint, a lost connection, a full disk) the client already holds a success, and
what it was told is saved is gone. A client that reads its own write at once may not find it.

## What to do
Commit before the handler returns. Where the dependency should do it, `Depends(get_session, scope="function")` ends it
before the answer is sent.

## Known limits
One finding for each such commit, with the first endpoints that rest on it. The installed version of FastAPI is not
known to the scan. A commit inside a middleware is not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.view import Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.model import Location
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import Effect, EndpointFlow

_SHOWN: Final = 3


def _check(examined: Examined) -> Iterator[Violation]:
    found: dict[Location, list[tuple[EndpointFlow, Effect]]] = {}
    for flow in examined.view.endpoints:
        if flow.endpoint.verdict is Verdict.UNWIRED or flow.endpoint.framework != "fastapi":
            continue
        for write, commit in _late(flow):
            found.setdefault(commit.at, []).append((flow, write))
    for at in sorted(found):
        late = list({flow.endpoint: (flow, write) for flow, write in reversed(found[at])}.values())[::-1]
        first = late[0][0].endpoint.title
        others = f" and {len(late) - 1} more" if len(late) > 1 else ""
        yield Violation(
            at=at,
            message=f"{first}{others}: answered before what is written is committed here, so a failed commit is told"
            " as success",
            related=tuple(
                Evidence(at=write.at, message=f"{flow.endpoint.title} writes here") for flow, write in late[:_SHOWN]
            ),
            confidence=Confidence.HIGH,
        )


def _late(flow: EndpointFlow) -> Iterator[tuple[Effect, Effect]]:
    """Writes before the answer, each with the commit after it, where no commit comes before."""
    for index, write in enumerate(flow.effects):
        if write.kind is not EffectKind.STORE_WRITE or write.after_response or write.cause is not Cause.NORMAL:
            continue
        commits = [
            one
            for one in flow.effects[index:]
            if one.kind is EffectKind.COMMIT and one.library == write.library and one.cause is Cause.NORMAL
        ]
        if commits and all(one.after_response for one in commits):
            yield write, commits[0]


RULE: Final = Rule(
    id="commit-after-response",
    summary="what an endpoint writes is committed only after its answer was sent",
    severity=Severity.WARNING,
    check=_check,
)
