"""Members of the project's enumerations: a name that none of them has raises, also where it is only told to a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import (
    ENUMS,
    facts_of,
    has_dynamic_members,
    knows_bases,
    lineage,
    parses,
)
from assay.probes.code.syntax import Bind, Def, Eval, Lit, Name, TName

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import ClassRef
    from assay.probes.code.flow.values import Site

_MIXED_IN: Final = frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.object"})
_OWN: Final = frozenset({"mro", "name", "value"})
_HARMLESS: Final = frozenset({"unique", "verify"})


def check_member(machine: Machine, ref: ClassRef, name: str, site: Site) -> None:
    """Reading a member that the enumeration does not have can only fail."""
    if name.startswith("_") or name in _OWN or not _is_closed(machine, ref):
        return
    known = lineage(machine, ref)
    if any(name in _named(machine, one) for one in known.classes) or has_dynamic_members(machine, ref, name):
        return
    machine.breaks(site, f"`{facts_of(machine, ref).name}` has no member `{name}`")


def _is_closed(machine: Machine, ref: ClassRef) -> bool:
    """Everything that makes its members is seen."""
    known = lineage(machine, ref)
    if not known.libraries or any(one not in ENUMS and one not in _MIXED_IN for one in known.libraries):
        return False
    if not any(one in ENUMS for one in known.libraries) or not knows_bases(machine, ref):
        return False
    return parses(machine, known.classes) and all(_is_plain(machine, one) for one in known.classes)


def _is_plain(machine: Machine, ref: ClassRef) -> bool:
    """The class body only binds names, and no decorator adds any."""
    facts = facts_of(machine, ref)
    decorators = {one.id if isinstance(one, Name) else getattr(one, "name", "") for one in facts.decorators}
    plain = all(
        isinstance(one, Def)
        or (isinstance(one, Bind) and isinstance(one.target, TName))
        or (isinstance(one, Eval) and isinstance(one.value, Lit))
        for one in facts.body
    )
    return plain and decorators <= _HARMLESS and len(decorators) == len(facts.decorators)


def _named(machine: Machine, ref: ClassRef) -> frozenset[str]:
    facts = facts_of(machine, ref)
    bound = {one.target.id for one in facts.body if isinstance(one, Bind) and isinstance(one.target, TName)}
    return frozenset(bound | {name for name, _ in facts.methods})
