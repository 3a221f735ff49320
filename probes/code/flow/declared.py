"""Data that is invented where it is made: `mock_users = [...]`, a comment above a literal, one list for every id.

The first two are declared by the authors; the third is seen: a function is given an entity's identifier of the request,
and the records that it returns are literals whatever it is given.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.values import INVENTED, NOTHING, SAME, Atom, Kind, Value
from assay.probes.code.syntax import LitKind

if TYPE_CHECKING:
    from assay.probes.code.facts import FileFacts, Function
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.linking.module import Module

_NAME: Final = re.compile(
    r"(^|_)(mock(ed|s)?|dummy|fake|sample|demo)(_|$)|^(mock|dummy|fake|sample|demo)[A-Z]", re.IGNORECASE
)
_SAID: Final = re.compile(
    r"\b(mock(ed|s)?|dummy|fake|hard-?coded|stub(bed)?|place-?holder (data|values?|response|results?|implementation)"
    r"|(sample|demo|simulated) (data|values?|response|results?|records?)"
    r"|in (a )?(real|production|prod)\b.{0,40}\b(would|should|use|query|fetch|call|come)"
    r"|would (query|fetch|be (fetched|calculated|computed|stored)|come from)"
    r"|for now,? (just )?(return|use|we)|replace with (real|actual))\b",
    re.IGNORECASE,
)
_MADE: Final = frozenset({Kind.LITERAL, Kind.RANDOM})
_NEAR: Final = 2
_RECORDS: Final = 2
_NAMES_ENTITY: Final = re.compile(r"(^|_)(id|uuid|slug)$")
_REQUEST: Final = frozenset({Kind.REQUEST, Kind.DERIVED})


def by_name(name: str, value: Value) -> Value:
    """The value of a name; structured literals are marked where the name says that they are invented."""
    return marked(value) if value.fields and _NAME.search(name) else value


def by_comment(frame: Frame, line: int, value: Value) -> Value:
    """The value of a statement; its literals are marked where a comment at or just above it says so."""
    return marked(value) if value.fields and line in _declaring(frame.module) else value


def by_function(function: Function | None, value: Value) -> Value:
    """What a function gives; its literals are marked where its name says that they are invented."""
    return marked(value) if function is not None and value and _NAME.search(function.name) else value


def by_entity(machine: Machine, frame: Frame, value: Value) -> Value:
    """What a function gives; literal records are marked where it was asked for those of one entity."""
    if frame.function is None or not _are_records(value) or not _is_called_by_another(machine, frame):
        return value
    named = [param.name for param in frame.function.params if _NAMES_ENTITY.search(param.name)]
    asked = any(frame.state.vars.get(name, NOTHING).kinds() & _REQUEST for name in named)
    return marked(value, SAME) if asked else value


def _is_called_by_another(machine: Machine, frame: Frame) -> bool:
    """A function of the project calls it: it is not the handler."""
    return len(machine.stack) > 1 and machine.stack[-1] is frame and machine.stack[-2].function is not None


def _are_records(value: Value) -> bool:
    """Two or more elements of texts and numbers, literal all through."""
    elements = [one for key, one in value.fields.items() if key.isdigit()]
    if len(elements) < _RECORDS or len(elements) != len(value.fields):
        return False
    return all(
        len(one.fields) > 1
        and {atom.kind for atom in one.all_atoms()} == {Kind.LITERAL}
        and {LitKind.STR.value, LitKind.NUM.value} <= {atom.name for atom in one.all_atoms()}
        for one in elements
    )


def is_sample(value: Value) -> bool:
    """Something that was made up may be in it: more than nothing, a flag, or an object to go on with."""
    told = value.lit is not None and value.lit.kind in {LitKind.NUM, LitKind.STR}
    return bool(value.fields) or told or any(one.kind is Kind.RANDOM for one in value.atoms)


def marked(value: Value, mark: int = INVENTED) -> Value:
    """The same tree with its literals and random values marked."""
    atoms = {
        Atom(one.kind, one.name, one.marks | mark) if one.kind in _MADE else one: site
        for one, site in value.atoms.items()
    }
    return Value(atoms, {key: marked(child, mark) for key, child in value.fields.items()}, value.refs, value.lit)


def _declaring(module: Module) -> frozenset[int]:
    """The lines at which a statement stands under such a comment, or beside it; found once for each module."""
    if module.declaring is None:
        module.declaring = _lines(module.facts)
    return module.declaring


def _lines(facts: FileFacts) -> frozenset[int]:
    lines = {one.line + one.text.count("\n") for one in facts.comments}
    ends: dict[int, int] = {}
    for line in sorted(lines, reverse=True):
        ends[line] = ends.get(line + 1, line)
    found: set[int] = set()
    for comment in facts.comments:
        if _SAID.search(comment.text):
            last = ends[comment.line + comment.text.count("\n")]
            found.update((comment.line, *range(last + 1, last + 1 + _NEAR)))
    return frozenset(found)
