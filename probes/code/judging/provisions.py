"""What a dependency gives and does, remembered: hundreds of endpoints ask for the same session and the same user.

A provision is what one function did when a framework called it. It is used again where everything that it could depend
on is the same: the function, the stores that are down, a strict run, whether the caller is being identified, and which
of its parameters stand in the path. One that leaves something behind is not remembered, and once something was left
behind for this request, nothing is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from assay.probes.code.flow.refs import FunctionRef
from assay.probes.code.flow.trace import NAMED, SETS
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.flow.refs import HandleRef
    from assay.probes.code.flow.trace import Trace
    from assay.probes.code.flow.values import Site, Value

Key = tuple[str, int, int, int, str, frozenset[str], bool, bool]


class Asked:
    """What a provision learned of the endpoint it was made for, and what it told of it."""

    __slots__ = ("ends_with_commit", "handles", "in_path", "takes_data")

    def __init__(self) -> None:
        self.in_path: dict[str, bool] = {}
        self.handles: list[HandleRef] = []
        self.takes_data = False
        self.ends_with_commit: Site | None = None
        """Where a session that was not followed to its opening is committed by what gives it."""

    def add(self, other: Asked) -> None:
        """What a provision inside this one learned and told."""
        self.in_path.update(other.in_path)
        self.handles.extend(other.handles)
        self.takes_data = self.takes_data or other.takes_data
        self.ends_with_commit = self.ends_with_commit or other.ends_with_commit


class Provision(NamedTuple):
    """What a function gave, and everything it did when it was called from a place."""

    value: Value
    trace: Trace
    asked: Asked
    steps: int
    ref: FunctionRef
    called: Site


class Provisions:
    """The provisions of one project."""

    def __init__(self) -> None:
        self._known: dict[Key, list[Provision]] = {}

    def find(self, key: Key, in_path: frozenset[str]) -> Provision | None:
        """The provision that was made under the same circumstances."""
        for one in self._known.get(key, ()):
            if all((name in in_path) is known for name, known in one.asked.in_path.items()):
                return one
        return None

    def keep(self, key: Key, provision: Provision) -> None:
        """Remember a provision, unless it left something behind or gave something that keeps a state."""
        if not (_leaves_something(provision.trace) or _keeps_state(provision.value)):
            self._known.setdefault(key, []).append(provision)


def _leaves_something(trace: Trace) -> bool:
    """On objects of this request, or in memory that outlives it."""
    return bool(trace.held) or any(event.kind is EffectKind.MEMORY_WRITE for event in (*trace.events, *trace.deferred))


def _keeps_state(value: Value) -> bool:
    """It holds a function with variables around it."""
    return any(isinstance(ref, FunctionRef) and ref.frame.function for part in value.walk() for ref in part.refs)


def key_of(machine: Interpreter, ref: FunctionRef, framework: str) -> Key:
    """What a provision by this function depends on, besides the path of its endpoint."""
    place = ref.file, ref.index, id(ref.frame), id(ref.receiver)
    return (*place, framework, machine.down, machine.strict, machine.trace.guarding)


def repeat(provision: Provision, trace: Trace, site: Site) -> None:
    """Record what a provision did, called from another place."""
    function, here = (provision.ref.file, provision.ref.index), (provision.called, "")
    calls = {
        key: (site, "") if key == function and call == here else call for key, call in provision.trace.calls.items()
    }
    add_to(trace, replace(provision.trace, calls=calls))


def add_to(trace: Trace, part: Trace) -> None:
    """Continue a record with what happened apart from it.

    Events after the answer are copied, because who asked for them decides whether they are seen in the answer.
    """
    trace.events.extend(part.events)
    trace.deferred.extend(replace(event) for event in part.deferred)
    trace.replies.extend(part.replies)
    trace.swallows.extend(part.swallows)
    trace.broken.extend(part.broken)
    for name in SETS:
        getattr(trace, name).update(getattr(part, name))
    trace.asked = trace.asked or part.asked
    trace.cut = trace.cut or part.cut
    trace.deep = trace.deep or part.deep
    trace.autocommits |= part.autocommits
    for name in NAMED:
        known = getattr(trace, name)
        for one, place in getattr(part, name).items():
            known.setdefault(one, place)
