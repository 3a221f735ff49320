"""A comment is meant to suppress a finding, and does not.

It gives no reason, names no rule or one that does not exist, has an end that is no date, or its day has passed.

## Why this is reported
The finding it was written for is reported again. A suppression without a reason cannot be judged by the next reader,
and one without an end is forgotten.

## What to do
Write the rule in brackets, then the reason, and if possible `until=YYYY-MM-DD`; or repair what was found.

## Known limits
Suppressions are read from comments only.
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
        problem = suppression.problem(rule_ids=examined.rule_ids, today=examined.today)
        if problem is not None:
            yield Violation(at=suppression.at, message=f"this suppression has no effect: it {problem}")


RULE: Final = Rule(
    id="invalid-suppression",
    summary="a suppression has no effect",
    severity=Severity.WARNING,
    check=_check,
    about=About.SCAN,
)
