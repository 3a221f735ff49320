"""Abstract values: where data comes from (atoms), field by field, and what can be called or looked into (refs).

A value is immutable; an update makes a new one. Trees are bounded in depth and width: what lies deeper is joined
into its parent, and the atoms that moved are marked `COLLAPSED`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.syntax import Lit, LitKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assay.probes.code.flow.refs import Ref


class Kind(StrEnum):
    """What a piece of data is made of."""

    ROW = "row"
    COUNT = "count"
    WRITTEN = "written"
    """What a write gave back, or an object that was handed to one."""
    REQUEST = "request"
    DERIVED = "derived"
    """The request after a computation."""
    LITERAL = "literal"
    MEMORY = "memory"
    FILE = "file"
    ENV = "env"
    HOST = "host"
    CLOCK = "clock"
    UUID = "uuid"
    RANDOM = "random"
    EXTERNAL = "external"
    EXCEPTION = "exception"
    TOKEN = "token"  # noqa: S105 - a kind of origin: a signed or hashed value
    PAGE = "page"
    UNKNOWN = "unknown"


STORED: Final = frozenset({Kind.ROW, Kind.COUNT, Kind.WRITTEN})

_WHOLE: Final = frozenset({Kind.EXTERNAL, Kind.FILE, Kind.UNKNOWN})
_CHOOSES: Final = STORED | {Kind.EXTERNAL, Kind.FILE, Kind.UNKNOWN}
THROUGH_UNKNOWN: Final = 1
COLLAPSED: Final = 2
DEFAULT: Final = 4
IDENTITY: Final = 8
"""Comes from the authentication of the caller.

The user row of a dependency is no proof that an endpoint serves data.
"""

INVENTED: Final = 16
"""Its authors declare it to be invented, by a name or a comment where it is made; a computation does not hide it."""

SAME: Final = 32
"""Records that a function gives for whatever entity it is asked; a computation does not hide it."""

STAND_IN: Final = 64
"""Given only where another service is not configured."""

DATE: Final = "date"
ZERO: Final = "zero"
BLANK: Final = "blank"
_DATE: Final = re.compile(r"(19|20)\d\d-\d\d")
_ELEMENTS: Final = frozenset({"InstanceRef", "HandleRef", "FunctionRef", "RouterRef"})
_WIRED: Final = frozenset({"RouterRef", "RouteRef"})
_DEPTH: Final = 5
_WIDTH: Final = 48
_REFS: Final = 6
_ATOMS: Final = 24


class Site(NamedTuple):
    """A place in the source."""

    file: str
    line: int


class Atom(NamedTuple):
    """One origin. `name` tells which: `sqlalchemy:users`, `body`, `num`, a memory site, a callee."""

    kind: Kind
    name: str = ""
    marks: int = 0


class Shape(NamedTuple):
    """What a value certainly is in Python, whatever way control took: a built-in type, or an object of one class.

    `of` tells which class; `inner` is what awaiting a coroutine gives.
    """

    name: str
    of: tuple[str, int] | None = None
    inner: Shape | None = None


class Value:
    """One abstract value. `lit` is set while it is exactly one known constant, `shape` while its type is certain."""

    __slots__ = ("atoms", "depth", "fields", "lit", "number", "refs", "shape")

    number: int
    """What equal values share, once somebody asked (`summaries.py`)."""

    def __init__(
        self,
        atoms: Mapping[Atom, Site] | None = None,
        fields: Mapping[str, Value] | None = None,
        refs: tuple[Ref, ...] = (),
        lit: Lit | None = None,
        shape: Shape | None = None,
    ) -> None:
        self.shape = shape
        self.atoms: Mapping[Atom, Site] = atoms or {}
        self.fields: Mapping[str, Value] = fields or {}
        self.refs = refs
        self.lit = lit
        self.depth: int = 1 + max([child.depth for child in fields.values()]) if fields else 1

    def with_field(self, key: str, value: Value, *, weak: bool = False) -> Value:
        """The same with one field set; `weak` joins it with what is there."""
        old = self.fields.get(key)
        fields = {**self.fields, key: join(old, value) if weak and old is not None else value}
        return bounded(Value(self.atoms, fields, self.refs, None, self.shape))

    def with_atoms(self, atoms: Mapping[Atom, Site]) -> Value:
        """The same with more origins."""
        return Value({**atoms, **self.atoms}, self.fields, self.refs) if atoms else self

    def with_refs(self, refs: tuple[Ref, ...]) -> Value:
        """The same with these refs instead of its own."""
        return Value(self.atoms, self.fields, refs, self.lit, self.shape if refs == self.refs else None)

    def shaped(self, shape: Shape | None) -> Value:
        """The same, of this certain type or of none."""
        return self if shape == self.shape else Value(self.atoms, self.fields, self.refs, self.lit, shape)

    def kinds(self) -> set[Kind]:
        """The kinds of its own atoms, fields left out."""
        return {atom.kind for atom in self.atoms}

    def walk(self) -> Iterator[Value]:
        """It and every value below it."""
        yield self
        for child in self.fields.values():
            yield from child.walk()

    def all_atoms(self) -> dict[Atom, Site]:
        """The atoms of the whole tree."""
        found: dict[Atom, Site] = {}
        for value in self.walk():
            for atom, site in value.atoms.items():
                found.setdefault(atom, site)
        return found

    def elements(self) -> Value:
        """What iterating over it gives: its numbered fields and the shared element, else its own atoms."""
        parts = [value for key, value in self.fields.items() if key == "[]" or key.isdigit()]
        if not parts:
            others = [value for key, value in self.fields.items() if key != "*"]
            return Value(self.atoms or (join_all(others).all_atoms() if others else {}), None, _element_refs(self.refs))
        own = carried(self.atoms)
        return join_all(parts).with_atoms(own)

    def __bool__(self) -> bool:
        return bool(self.atoms or self.fields or self.refs or self.lit)


def carried(atoms: Mapping[Atom, Site]) -> dict[Atom, Site]:
    """The origins that a computation keeps: all but literals, and of those the ones known to be invented."""
    kept = INVENTED | SAME
    return {one: site for one, site in atoms.items() if one.kind is not Kind.LITERAL or one.marks & kept}


def choosing(value: Value) -> dict[Atom, Site]:
    """The origins that reach what a value chooses among constants: data from elsewhere, not what the client asks."""
    return {one: site for one, site in value.all_atoms().items() if one.kind in _CHOOSES}


def _element_refs(refs: tuple[Ref, ...]) -> tuple[Ref, ...]:
    """Of a list of mapped objects each element is one; a container is not its own element."""
    return tuple(ref for ref in refs if type(ref).__name__ in _ELEMENTS)


NOTHING: Final = Value()


def atom(kind: Kind, site: Site, name: str = "", marks: int = 0) -> Value:
    """A value of one origin."""
    return Value({Atom(kind, name, marks): site})


def literal(lit: Lit, site: Site) -> Value:
    """The value of a literal.

    Its atom is named by the literal's kind; `date` for a text that is one, `blank` for an empty one, `zero` for 0.
    """
    return Value({Atom(Kind.LITERAL, _literal_name(lit)): site}, lit=lit)


def _literal_name(lit: Lit) -> str:
    if lit.kind is LitKind.STR and _DATE.match(lit.text):
        return DATE
    if lit.kind is LitKind.NUM and not lit.text.strip("0._"):
        return ZERO
    if lit.kind is LitKind.STR and not lit.text:
        return BLANK
    return lit.kind.value


def text_literal(text: str, site: Site) -> Value:
    """The value of a known string."""
    return literal(Lit(LitKind.STR, text, site.line), site)


def of_ref(ref: Ref) -> Value:
    """A value that is one ref."""
    return Value(refs=(ref,))


def join(first: Value | None, second: Value | None) -> Value:
    """Either of two values; fields that only one has are kept."""
    if first is None or first is second:
        return NOTHING if second is None else second
    if not first or second is None or not second:
        return _either(first, second)
    atoms = first.atoms if not second.atoms else _merged(first.atoms, second.atoms)
    if bool(first.fields) is not bool(second.fields):
        first, second = _beside(first, second), _beside(second, first)
    lit = first.lit if same_literal(first, second) else None
    shape = first.shape if first.shape == second.shape else None
    return bounded(Value(atoms, _joined_fields(first, second), _joined_refs(first.refs, second.refs), lit, shape))


def _beside(value: Value, other: Value) -> Value:
    """A value with fields beside one that came from elsewhere as a whole: each field may have come from there too."""
    whole = {one: site for one, site in other.atoms.items() if one.kind in _WHOLE}
    if not value.fields or not whole:
        return value
    fields = {key: child if child.fields else child.with_atoms(whole) for key, child in value.fields.items()}
    return Value(value.atoms, fields, value.refs)


def _either(first: Value, second: Value | None) -> Value:
    """One of two values of which another is not known or was not given: its type is certain only in the last case."""
    if second is None:
        return first
    return (first or second).shaped(None)


def same_literal(first: Value, second: Value) -> bool:
    """Both are the same known constant."""
    one, other = first.lit, second.lit
    return one is not None and other is not None and (one.kind, one.text) == (other.kind, other.text)


def _merged(first: Mapping[Atom, Site], second: Mapping[Atom, Site]) -> Mapping[Atom, Site]:
    merged = {**second, **first}
    if len(merged) <= _ATOMS:
        return merged
    kept = sorted(merged.items(), key=lambda item: (item[0], item[1]))
    per_kind: dict[Kind, int] = {}
    bounded_atoms: dict[Atom, Site] = {}
    for one, site in kept:
        per_kind[one.kind] = per_kind.get(one.kind, 0) + 1
        if per_kind[one.kind] <= _ATOMS // 6:
            bounded_atoms[one] = site
    return bounded_atoms


def _joined_fields(first: Value, second: Value) -> Mapping[str, Value]:
    if not second.fields:
        return _unsure(first.fields)
    if not first.fields:
        return _unsure(second.fields)
    fields = dict(_unsure(first.fields))
    for key, value in second.fields.items():
        fields[key] = join(first.fields[key], value) if key in fields else value.shaped(None)
    return fields


def _unsure(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """Fields that only one of two values has: what else may stand there is not known."""
    if all(value.shape is None for value in fields.values()):
        return fields
    return {key: value.shaped(None) for key, value in fields.items()}


def _joined_refs(first: tuple[Ref, ...], second: tuple[Ref, ...]) -> tuple[Ref, ...]:
    if not second or first == second:
        return first
    known = {(type(ref), ref) for ref in first}
    refs = first + tuple(ref for ref in second if (type(ref), ref) not in known)
    return refs[:_REFS] + tuple(ref for ref in refs[_REFS:] if type(ref).__name__ in _WIRED)


def join_all(values: Iterable[Value]) -> Value:
    """Any of these values."""
    result: Value | None = None
    for value in values:
        result = join(result, value)
    return NOTHING if result is None else result


def bounded(value: Value) -> Value:
    """The value cut to the depth and width that trees may have."""
    if value.depth <= _DEPTH and len(value.fields) <= _WIDTH:
        return value
    return _cut(value, _DEPTH)


def _cut(value: Value, depth: int) -> Value:
    if value.depth <= depth and len(value.fields) <= _WIDTH:
        return value
    if depth <= 1 or len(value.fields) > _WIDTH:
        return flat(value, COLLAPSED)
    fields = {key: _cut(child, depth - 1) for key, child in value.fields.items()}
    return Value(value.atoms, fields, value.refs, None, value.shape)


def flat(value: Value, mark: int = 0) -> Value:
    """All origins of the tree in one node, marked."""
    return Value({Atom(one.kind, one.name, one.marks | mark): site for one, site in value.all_atoms().items()})


def marked(value: Value, mark: int) -> Value:
    """The same tree with every atom marked; refs stay."""
    fields = {key: marked(child, mark) for key, child in value.fields.items()}
    atoms = {Atom(one.kind, one.name, one.marks | mark): site for one, site in value.atoms.items()}
    return Value(atoms, fields, value.refs, value.lit, value.shape)


def mixed(values: Iterable[Value]) -> Value:
    """What a computation over these values gives: their origins in one node, the request as `DERIVED`."""
    found: dict[Atom, Site] = {}
    for value in values:
        for one, site in value.all_atoms().items():
            kept = Atom(Kind.DERIVED, one.name, one.marks) if one.kind is Kind.REQUEST else one
            found.setdefault(kept, site)
    return Value(carried(found) or found)


def is_unset(value: Value | None) -> bool:
    """Nothing is there, or a `None` that waits for something."""
    if value is None or not value:
        return True
    return value.lit is not None and value.lit.kind is LitKind.NONE


def truth(value: Value) -> bool | None:
    """Whether it is true where that is certain: a known constant, or an object that is always there."""
    if value.lit is None:
        return None
    match value.lit.kind:
        case LitKind.NONE | LitKind.EMPTY:
            return False
        case LitKind.BOOL:
            return value.lit.text.lower() == "true"
        case LitKind.STR:
            return bool(value.lit.text)
        case LitKind.NUM:
            return value.lit.text.strip("0.") != ""
