"""What a generator gives: each piece that it yields is a part of the whole, and not one of several values.

Beside pieces with data from a store, another service or a call that is not known, those that were written down (what
frames the data, how far it has come) are no data. Where every piece is a text that was written down each stands apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.refs import ContainerRef
from assay.probes.code.flow.values import STORED, Kind, Value, join, join_all

if TYPE_CHECKING:
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.syntax import Yield

_PIECES: Final = 16
_YIELDED: Final = "\0yield"
_DATA: Final = STORED | {Kind.EXTERNAL, Kind.UNKNOWN, Kind.MEMORY, Kind.FILE, Kind.HOST}
_WRITTEN_DOWN: Final = frozenset({Kind.LITERAL, Kind.CLOCK, Kind.UUID})


def add(frame: Frame, node: Yield, value: Value) -> None:
    """A piece is yielded."""
    frame.yielded = join(frame.yielded, value)
    frame.pieces[id(node)] = join(frame.pieces.get(id(node)), value)


def of(frame: Frame, yielded: Value) -> Value:
    """What calling the generator gives: its pieces for a loop, and what it yields for a `with`."""
    pieces = list(frame.pieces.values())
    if 1 < len(pieces) <= _PIECES and all(_is_text(one) for one in pieces):
        return Value(None, {**{str(index): one for index, one in enumerate(pieces)}, _YIELDED: yielded})
    if any(_kinds(one) & _DATA for one in pieces):
        pieces = [one for one in pieces if not _is_written_down(one)]
    return Value(None, {"[]": join_all(pieces), _YIELDED: yielded})


def is_one(value: Value) -> bool:
    """A generator gives it."""
    return _YIELDED in value.fields


def _kinds(value: Value) -> set[Kind]:
    return {one.kind for one in value.all_atoms()}


def _is_written_down(value: Value) -> bool:
    return _kinds(value) <= _WRITTEN_DOWN and all(isinstance(ref, ContainerRef) for ref in value.refs)


def _is_text(value: Value) -> bool:
    return not value.fields and not value.refs and value.lit is not None
