"""The project's own configuration or a comment makes the scan see or fail less.

Files are excluded, a verdict is taken out of what fails a build, or a finding is suppressed.

## Why this is reported
Whoever sends a change may also change the configuration in it. This note keeps that in the report and in the review.
It never fails a build by default.

## What to do
Look at it. A caller that does not want to trust the project passes `--config FILE`, which replaces the project's
own.

## Known limits
It says what is weakened now, not since when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Location, Severity
from assay.probes.code.rules.base import About, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    for weakening in examined.settings.weakenings:
        yield Violation(at=Location(file=examined.settings_path, line=weakening.line), message=weakening.message)
    for suppression in examined.suppressions:
        if suppression.used:
            end = f" until {suppression.until}" if suppression.until else ""
            yield Violation(
                at=suppression.at,
                message=f"{', '.join(suppression.rules)} is suppressed here{end}: {suppression.reason}",
            )


RULE: Final = Rule(
    id="weakened-configuration",
    summary="the project makes the scan see or fail less",
    severity=Severity.NOTE,
    check=_check,
    about=About.SCAN,
)
