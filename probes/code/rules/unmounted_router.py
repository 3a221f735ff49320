"""Routes are declared and never served.

Their router is included in no application, or stands in a branch that is never taken.

## Why this is a defect
The code looks finished, is reviewed and maintained, and no client can reach it. Often it is the real implementation,
and a mock is served in its place.

## What to do
Mount the router, or delete it.

## Known limits
An application that is put together outside the scanned folder (another repository, a plug-in loader) cannot be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.wiring import unserved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import EndpointFlow


def _check(examined: Examined) -> Iterator[Violation]:
    """One finding for all routes of a file that are unserved for the same reason."""
    groups: dict[tuple[str, str], list[EndpointFlow]] = {}
    for flow in unserved(examined.view).unmounted:
        reason = flow.unwired.message if flow.unwired else "is never mounted"
        groups.setdefault((flow.endpoint.at.file, reason), []).append(flow)
    for (_, reason), flows in groups.items():
        first = flows[0]
        others = f" (and {len(flows) - 1} more in this file)" if len(flows) > 1 else ""
        yield Violation(
            at=first.endpoint.at,
            message=f"{first.endpoint.title}{others} {reason}",
            flow=first,
            related=tuple(Evidence(at=flow.endpoint.at, message=flow.endpoint.title) for flow in flows[1:]),
        )


RULE: Final = Rule(
    id="unmounted-router",
    summary="routes are declared and never served",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.UNWIRED,),
)
