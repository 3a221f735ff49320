"""What a function of the project gives and does for given parameters, kept while one endpoint runs.

A function that is called again with equal parameters, under the same circumstances, is not interpreted again: what it
gave is given again, and what it did is recorded once more. This makes no difference to what is seen, and code that asks
for the same session, settings or conversion in every line stays within the steps of its endpoint. A summary counts as
one step. It is forgotten when the endpoint's run ends, so that none depends on which others were examined before it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from assay.probes.code.flow.refs import FunctionRef
from assay.probes.code.flow.state import Completion, Frame, State
from assay.probes.code.flow.trace import NAMED, SETS
from assay.probes.code.flow.values import Value
from assay.probes.code.libraries import is_library

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.flow.trace import Event, Reply, Swallow
    from assay.probes.code.flow.values import Site

Outcome: TypeAlias = "tuple[Value, list[Completion], Frame | None]"
"""What interpreting a function gives: its normal value, every completion, and its frame."""

_HELD: Final = 12
_NUMBERS: Final = 200_000


class _Incomparable(Exception):  # noqa: N818 - it is no error of ours
    """Two such values may differ although they look the same: a closure whose variables change."""


class Numbers:
    """Numbers of values: equal ones have the same."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}
        self._next = 0

    def of(self, value: Value) -> int:
        """Its number.

        Raises:
            _Incomparable: it holds a closure.
        """
        try:
            return value.number
        except AttributeError:
            pass
        key = (
            tuple(value.atoms.items()),
            tuple([(name, self.of(child)) for name, child in value.fields.items()]),
            tuple([self._part(ref) for ref in value.refs]),
            value.lit,
            value.shape,
        )
        number = self._known.get(key)
        if number is None:
            if len(self._known) >= _NUMBERS:
                self._known.clear()
            number = self._next = self._next + 1
            self._known[key] = number
        value.number = number
        return number

    def _part(self, part: object) -> Hashable:
        if isinstance(part, FunctionRef):
            if part.frame.function is not None:
                raise _Incomparable
            receiver = None if part.receiver is None else self.of(part.receiver)
            return (FunctionRef, part.file, part.index, id(part.frame), receiver)
        if isinstance(part, Value):
            return (Value, self.of(part))
        if isinstance(part, tuple):
            return (type(part), *[self._part(one) for one in part])
        return part  # refs are compared by what they are


class Summary(NamedTuple):
    """One outcome, with everything that was recorded on the way.

    `start` are the parameters; `depth` is how much deeper the stack became.
    """

    value: Value
    completions: tuple[Completion, ...]
    frame: Frame
    start: dict[str, Value]
    events: tuple[Event, ...]
    replies: tuple[Reply, ...]
    swallows: tuple[Swallow, ...]
    broken: tuple[tuple[Site, str], ...]
    named: tuple[dict[Hashable, object], ...]
    sets: tuple[set[Hashable], ...]
    asked: bool
    depth: int


class _Record:
    """What one call does, told apart from what was done before it."""

    def __init__(self, machine: Interpreter, frame: Frame) -> None:
        trace = machine.trace
        self._machine, self._trace, self._frame = machine, trace, frame
        self.start = dict(frame.state.vars)
        self._lists = [len(one) for one in (trace.events, trace.replies, trace.swallows, trace.broken, trace.deferred)]
        self._named = [getattr(trace, name) for name in NAMED]
        self._sets = [getattr(trace, name) for name in SETS]
        self._flags = trace.asked, trace.cut, trace.deep
        self._marks = machine.changes, dict(trace.held), set(trace.autocommits)
        self._refused, self._active = len(machine.refused), frozenset(machine.active)
        self._deepest, machine.deepest = machine.deepest, len(machine.stack)
        for name in NAMED:
            setattr(trace, name, {})
        for name in SETS:
            setattr(trace, name, set())
        trace.asked = trace.cut = trace.deep = False

    def end(self) -> None:
        """Put what was recorded to the rest."""
        machine, trace = self._machine, self._trace
        self._mine = tuple([getattr(trace, name) for name in NAMED]), tuple([getattr(trace, name) for name in SETS])
        self._asked, self._cut = trace.asked, trace.cut or trace.deep
        for name, old in zip(NAMED, self._named, strict=True):
            for one, place in getattr(trace, name).items():
                old.setdefault(one, place)
            setattr(trace, name, old)
        for name, old in zip(SETS, self._sets, strict=True):
            old.update(getattr(trace, name))
            setattr(trace, name, old)
        asked, cut, deep = self._flags
        trace.asked, trace.cut, trace.deep = asked or trace.asked, cut or trace.cut, deep or trace.deep
        self._depth = machine.deepest - len(machine.stack)
        machine.deepest = max(self._deepest, machine.deepest)

    @property
    def is_whole(self) -> bool:
        """It depends on nothing but its parameters, and all that it did is on record."""
        machine, trace = self._machine, self._trace
        outside = any(one is None or one in self._active for one in machine.refused[self._refused :])
        same = self._marks == (machine.changes, trace.held, trace.autocommits)
        return same and not self._cut and not outside and len(trace.deferred) == self._lists[-1]

    def summary(self, value: Value, completions: list[Completion]) -> Summary:
        """What it gave and did."""
        trace = self._trace
        events, replies, swallows, broken, _ = self._lists
        return Summary(
            value,
            tuple([_copy(one) for one in completions]),
            _finished(self._frame),
            self.start,
            tuple([replace(one) for one in trace.events[events:]]),
            tuple(trace.replies[replies:]),
            tuple(trace.swallows[swallows:]),
            tuple(trace.broken[broken:]),
            *self._mine,
            self._asked,
            self._depth,
        )


class Summaries:
    """The summaries of one run."""

    def __init__(self) -> None:
        self._numbers = Numbers()
        self._known: dict[Hashable, Summary] = {}
        self._seen: set[Hashable] = set()

    def differ(self, old: Value | None, new: Value) -> bool:
        """Two values are not equal, or it is not known that they are."""
        try:
            return old is not new and (old is None or self._numbers.of(old) != self._numbers.of(new))
        except _Incomparable:
            return True

    def forget(self) -> None:
        """Another run begins."""
        self._known.clear()
        self._seen.clear()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Begin without any summary, and go on with those of before."""
        before = self._known, self._seen
        self._known, self._seen = {}, set()
        try:
            yield
        finally:
            self._known, self._seen = before

    def outcome(
        self,
        machine: Interpreter,
        ref: FunctionRef,
        frame: Frame,
        site: Site,
        caller: Frame | None,
        run: Callable[[], Outcome],
    ) -> Outcome:
        """Run a function whose frame is prepared, or give what it gave before."""
        key = self._key(machine, ref, frame, site)
        if key is None:
            return run()
        known = self._known.get(key)
        if known is None and key not in self._seen:
            self._seen.add(key)  # most calls are made once: what the first one did is not worth keeping
            return run()
        if known is None:
            return self._recorded(machine, key, frame, run)
        if not _fits(machine, known):
            return run()
        return _repeated(machine, known, ref, frame, site, caller)

    def _key(self, machine: Interpreter, ref: FunctionRef, frame: Frame, site: Site) -> Hashable | None:
        """All that the outcome depends on; `None` where it is not known to be all."""
        trace, function = machine.trace, frame.function
        if machine.lasting or ref.frame.function is not None or function is None or function.is_generator:
            return None
        if len(trace.held) > _HELD or any(one.after_yield for one in machine.stack):
            return None
        try:
            parameters = tuple([(name, self._numbers.of(value)) for name, value in frame.state.vars.items()])
            held = tuple([(place, self._numbers.of(value)) for place, value in trace.held.items()])
        except _Incomparable:
            return None
        return (
            ref.file, ref.index, parameters, held, site if is_library(ref.file) else None, machine.down, machine.strict,
            machine.is_quiet, machine.doubt > 0, trace.guarding, machine.changes, frozenset(trace.autocommits),
            bool(machine.stack) and machine.stack[-1].function is not None,
        )  # fmt: skip

    def _recorded(self, machine: Interpreter, key: Hashable, frame: Frame, run: Callable[[], Outcome]) -> Outcome:
        record = _Record(machine, frame)
        try:
            value, completions, inner = outcome = run()
        finally:
            record.end()
        if inner is frame and record.is_whole and self._stays(value, frame, record.start):
            self._known[key] = record.summary(value, completions)
        return outcome

    def _stays(self, value: Value, frame: Frame, start: dict[str, Value]) -> bool:
        """Nothing that it gives, or has put into what it was given, is a closure with variables of this very call."""
        try:
            for one in (value, *(frame.state.vars[name] for name in start if name in frame.state.vars)):
                self._numbers.of(one)
        except _Incomparable:
            return False
        return True


def _fits(machine: Interpreter, known: Summary) -> bool:
    """Nothing that the summary holds would be cut off here, because the stack is deep or a function is running."""
    calls = known.named[NAMED.index("calls")]
    return machine.has_room(known.depth) and not any(key in machine.active for key in calls)


def _repeated(
    machine: Interpreter, known: Summary, ref: FunctionRef, frame: Frame, site: Site, caller: Frame | None
) -> Outcome:
    machine.step()
    trace = machine.trace
    trace.calls.setdefault((ref.file, ref.index), (site, caller.name if caller else ""))
    for name, notes in zip(NAMED, known.named, strict=True):
        told = getattr(trace, name)
        for one, place in notes.items():
            told.setdefault(one, place)
    for name, parts in zip(SETS, known.sets, strict=True):
        getattr(trace, name).update(parts)
    trace.events.extend([replace(one) for one in known.events])
    trace.replies.extend(known.replies)
    trace.swallows.extend(known.swallows)
    trace.broken.extend(known.broken)
    trace.asked = trace.asked or known.asked
    now = frame.state.vars
    frame.state = State(
        {
            name: now[name] if known.start.get(name) is value else value
            for name, value in known.frame.state.vars.items()
        },
        known.frame.state.cause,
    )
    frame.falls_through = known.frame.falls_through
    return known.value, [_copy(one) for one in known.completions], frame


def _finished(frame: Frame) -> Frame:
    """What is asked of a function's frame when it has ended."""
    kept = Frame(frame.module, frame.function, frame.parent, lasting=frame.lasting)
    kept.state = State(dict(frame.state.vars), frame.state.cause)
    kept.falls_through = frame.falls_through
    return kept


def _copy(one: Completion) -> Completion:
    failure = None if one.failure is None else replace(one.failure)
    return Completion(one.value, one.cause, one.site, failure)
