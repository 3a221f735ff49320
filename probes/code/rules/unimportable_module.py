"""A module of the project cannot be imported, and what it declares is never served.

It does not parse, uses an undefined name at module level, or imports something of the project that does not exist.

## Why this is a defect
Importing it raises. Where the import is inside `try`, the program starts without it and often with a substitute;
where it is not, the program does not start.

## What to do
Repair the module. Importing every module once in a test finds this at once.

## Known limits
A Python module is judged for the Python version that the project asks for. Modules of other packages are not looked
at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.wiring import unserved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined


def _check(examined: Examined) -> Iterator[Violation]:
    lost = unserved(examined.view).unimportable
    for module in examined.view.unimportable:
        flows = [flow for flow in lost if flow.endpoint.at.file == module.file]
        yield Violation(
            at=module.at,
            message=f"{module.file} cannot be imported: {module.reason}",
            flow=flows[0] if flows else None,
            related=tuple(Evidence(at=flow.endpoint.at, message=f"{flow.endpoint.title} is lost") for flow in flows),
            confidence=None if flows else Confidence.MEDIUM,
        )


RULE: Final = Rule(
    id="unimportable-module",
    summary="a module of the project cannot be imported",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.UNWIRED,),
)
