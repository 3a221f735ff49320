"""The same kind of thing is kept in a database by one endpoint, and in memory or in a local file by another.

Orders are rows of a table for one endpoint, and items of a list, or lines of a JSON file, for another.

## Why this is a defect
Neither place knows all: what one endpoint saves the other does not list, numbers are given twice, and a restart loses
one half. It mostly is a change that stopped half way, and whoever reads only one side takes it for done.

## What to do
Let all of these endpoints use the table, bring over what the other place still holds, and delete that place.

## Known limits
The two are brought together by name: a memory or file `orders`, `orders_db`, `order_store` and a table or model
`orders` or `Order`. A cache is none, because an endpoint that also uses the store keeps no state of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Evidence, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import FILES, name_of_memory, served_with, state_of, thing_of
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import Effect, EndpointFlow

_STORE: Final = (EffectKind.STORE_WRITE, EffectKind.STORE_READ)


def _check(examined: Examined) -> Iterator[Violation]:
    tables = _tables(examined)
    if not tables:
        return
    seen: set[tuple[str, str]] = set()
    for flow in served_with(examined, Verdict.VOLATILE):
        effect = state_of(flow)
        if effect is None or not effect.target:
            continue
        name = (
            effect.target.rpartition("/")[2] if effect.kind in FILES else name_of_memory(examined.view, effect.target)
        )
        kept = tables.get(thing_of(name))
        if kept is None or (effect.target, kept[1].target) in seen:
            continue
        seen.add((effect.target, kept[1].target))
        other, at = kept
        yield Violation(
            at=effect.at,
            message=f"{flow.endpoint.title} keeps in `{name}` what {other.endpoint.title} keeps in `{at.target}`",
            flow=flow,
            related=(Evidence(at=at.at, message=f"here `{at.target}` is used"),),
        )


def _tables(examined: Examined) -> dict[str, tuple[EndpointFlow, Effect]]:
    """What served endpoints keep in stores, each with the first that writes it, else the first that reads it."""
    found: dict[str, tuple[EndpointFlow, Effect]] = {}
    for kind in _STORE:
        for flow in examined.view.endpoints:
            if flow.endpoint.verdict is not Verdict.UNWIRED:
                for effect in flow.of_kind(kind):
                    thing = thing_of(effect.target)
                    if thing and effect.library != "redis":
                        found.setdefault(thing, (flow, effect))
    return found


RULE: Final = Rule(
    id="dual-storage",
    summary="endpoints keep the same kind of thing in a database and in memory or a file",
    severity=Severity.WARNING,
    check=_check,
)
