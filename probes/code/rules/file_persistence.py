"""An endpoint keeps its data in a local file.

A JSON, CSV or text file beside the code is read, changed and written again, or grows with every request, where a
database is expected; or an endpoint answers with what others keep there.

## Why this is a defect
The file lives in one container: a release, a move to another machine or a second replica loses what callers were told
is saved. Two requests at once overwrite each other, and a crash in the middle of a write leaves half a file.

## What to do
Write to the database before answering. Documents and pictures belong in an object store, with their key in the
database.

## Known limits
A file whose path is made of the request (an upload) is reported where nothing else keeps what was given, and counts as
debatable. Files whose name says cache or log are not taken for data, nor is a file that no endpoint writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import FILES, served_with, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    for flow in served_with(examined, Verdict.VOLATILE):
        effect = state_of(flow)
        if effect is not None and effect.kind in FILES:
            name = f" (`{effect.target}`)" if effect.target else ""
            yield Violation(
                at=effect.at,
                message=f"{flow.endpoint.title} keeps its data in a local file{name}",
                flow=flow,
            )


RULE: Final = Rule(
    id="file-persistence",
    summary="an endpoint keeps its data in a local file",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.VOLATILE,),
)
