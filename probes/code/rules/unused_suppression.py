"""A suppression suppresses nothing: what it was written for is no longer found.

## Why this is reported
It would silently hide the next defect on that line.

## What to do
Delete the comment.

## Known limits
A suppression in a file that is itself left out of the scan is not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Severity
from assay.probes.code.rules.base import About, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    for suppression in examined.suppressions:
        valid = suppression.problem(rule_ids=examined.rule_ids, today=examined.today) is None
        if valid and not suppression.used:
            yield Violation(at=suppression.at, message=f"nothing here is suppressed by {', '.join(suppression.rules)}")


RULE: Final = Rule(
    id="unused-suppression",
    summary="a suppression is not needed any more",
    severity=Severity.NOTE,
    check=_check,
    about=About.SCAN,
)
