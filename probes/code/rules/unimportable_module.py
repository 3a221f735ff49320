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
    from collections.abc import Iterator, Sequence

    from assay.probes.code.model import Location
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import EndpointFlow, UnimportableModule


def _check(examined: Examined) -> Iterator[Violation]:
    """One finding for each place at fault, however many modules it takes down."""
    lost = unserved(examined.view).unimportable
    groups: dict[Location, list[UnimportableModule]] = {}
    for module in examined.view.unimportable:
        groups.setdefault(module.because, []).append(module)
    for because, modules in groups.items():
        files = {module.file for module in modules}
        flows = [flow for flow in lost if flow.endpoint.at.file in files or _stands_at(flow, because)]
        others = [module for module in modules if module.file != because.file]
        yield Violation(
            at=because,
            message=f"{because.file} cannot be imported: {modules[0].cause}{_taken_down(others, flows)}",
            flow=flows[0] if flows else None,
            related=(
                *(Evidence(at=one.at, message=f"{one.file} cannot be imported either") for one in others),
                *(Evidence(at=flow.endpoint.at, message=f"{flow.endpoint.title} is lost") for flow in flows),
            ),
            confidence=None if flows else Confidence.MEDIUM,
        )


def _stands_at(flow: EndpointFlow, because: Location) -> bool:
    return flow.unwired is not None and flow.unwired.at == because


def _taken_down(others: Sequence[UnimportableModule], flows: Sequence[EndpointFlow]) -> str:
    """How much else is lost through it, in words."""
    lost = [_counted(len(others), "module"), _counted(len(flows), "endpoint")]
    said = " and ".join(part for part in lost if part)
    return f"; it takes down {said}" if others or len(flows) > 1 else ""


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}" if number else ""


RULE: Final = Rule(
    id="unimportable-module",
    summary="a module of the project cannot be imported",
    severity=Severity.ERROR,
    check=_check,
    verdicts=(Verdict.UNWIRED,),
)
