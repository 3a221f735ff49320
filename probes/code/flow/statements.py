"""Statements: structured control flow over states, with exceptions caught where a `try` is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import branches, contexts, declared, failures, lists, queries, shapes, store_calls, web
from assay.probes.code.flow.bindings import bind, write_into
from assay.probes.code.flow.definitions import define, import_names
from assay.probes.code.flow.refs import CodedRef, RouterRef
from assay.probes.code.flow.state import Completion, State
from assay.probes.code.flow.values import NOTHING, STAND_IN, Kind, Value, join, literal, mixed
from assay.probes.code.syntax import (
    Attr,
    Await,
    Bind,
    Call,
    Def,
    Delete,
    Eval,
    Expr,
    If,
    ImportStmt,
    Item,
    Jump,
    Lit,
    LitKind,
    Loop,
    Raise,
    Return,
    Seq,
    Stmt,
    TName,
    TPath,
    Try,
    With,
)
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.syntax import Expr, Target

_UNROLLED: Final = 100
_PASSES: Final = 2
_STATUSES: Final = range(100, 600)
_DELETED: Final = Lit(LitKind.NONE, "", 0)


def execute(machine: Machine, body: Sequence[Stmt], frame: Frame, states: list[State]) -> list[State]:
    """Run statements one after the other in every state; states of the same cause are joined after each."""
    if not frame.module.is_python:
        _hoist(machine, body, frame, states)
    for statement in body:
        if not states:
            return []
        after: list[State] = []
        for state in states:
            after.extend(_statement(machine, statement, frame, state))
        states = merge(after)
    return states


def merge(states: list[State]) -> list[State]:
    """One state per cause; what a variable holds is the join of what it held."""
    alive = [state for state in states if not state.dead]
    if len(alive) < _PASSES:
        for state in alive:
            state.override = {}
        return alive
    by_cause: dict[Cause, State] = {}
    for state in alive:
        known = by_cause.get(state.cause)
        state.override = {}
        if known is None:
            by_cause[state.cause] = state
        else:
            known.unserved = known.unserved and state.unserved
            held = known.vars
            changed = [(name, value) for name, value in state.vars.items() if held.get(name) is not value]
            for name, value in changed:
                held[name] = join(held.get(name), value)
    return list(by_cause.values())


def _hoist(machine: Machine, body: Sequence[Stmt], frame: Frame, states: list[State]) -> None:
    for statement in body:
        if isinstance(statement, Def) and statement.function is not None and frame.function is not None:
            for state in states:
                frame.state = state
                define(machine, statement, frame)


def _statement(machine: Machine, statement: Stmt, frame: Frame, state: State) -> list[State]:
    """Run one statement; where a call in its head has other outcomes, once more for each of those."""
    machine.step()
    frame.state = state
    outer_forks, frame.forks = frame.forks, []
    happened = len(machine.trace.events)
    head = _evaluate_head(machine, statement, frame)
    if isinstance(statement, Eval) and head.values and shapes.is_coroutine(head.values[0]):
        del machine.trace.events[happened:]  # nobody awaits it, so it never runs
    forks, frame.forks = frame.forks, outer_forks
    branches_: list[State] = []
    if state.cause is Cause.NORMAL:
        for node, cause, value in forks:
            fork = state.fork(cause)
            fork.override[node] = value
            fork.dead = False
            branches_.append(fork)
    after = [] if state.dead else _finish(machine, statement, head, frame, state)
    for fork in branches_:
        after.extend(_statement(machine, statement, frame, fork))
    return after


class _Head:
    """What the head of a statement evaluated to."""

    __slots__ = ("decision", "values")

    def __init__(self, values: tuple[Value, ...] = (), decision: branches.Decision | None = None) -> None:
        self.values = values
        self.decision = decision


def _evaluate_head(machine: Machine, statement: Stmt, frame: Frame) -> _Head:
    match statement:
        case If(test=test):
            return _Head(decision=branches.decide(machine, test, frame))
        case Bind(value=value) | Eval(value=value) | Return(value=value):
            return _Head((machine.evaluate(value, frame),))
        case Raise(value=value):
            return _Head((machine.evaluate(value, frame),) if value is not None else ())
        case Loop(iterated=iterated):
            found, site = machine.evaluate(iterated, frame), frame.site(statement.line)
            if statement.target is not None:
                shapes.check_parts(machine, found, site)
            return _Head((store_calls.iterated(machine, found, frame, site),))
        case With(items=items):
            return _Head(tuple(_entered(machine, items, frame)))
        case _:
            return _Head()


def _entered(machine: Machine, items: tuple[tuple[Expr, Target | None], ...], frame: Frame) -> Iterator[Value]:
    """What each item of a `with` binds; a later item sees what an earlier one has bound."""
    for index, (expression, target) in enumerate(items):
        value = contexts.enter(machine, expression, frame, index)
        if target is not None and index + 1 < len(items):
            bind(machine, target, value, frame)
        yield value


def _finish(machine: Machine, statement: Stmt, head: _Head, frame: Frame, state: State) -> list[State]:
    match statement:
        case Bind():
            _bound(machine, statement, head.values[0], frame)
        case Return(value=node):
            _returned(machine, node, head.values[0], frame, statement.line)
            return []
        case Raise():
            failures.raised(machine, statement, head.values[0] if head.values else None, frame)
            return []
        case If():
            return _branched(machine, statement, head.decision, frame, state)
        case Loop():
            return _looped(machine, statement, head.values[0], frame, state)
        case Try():
            return failures.tried(machine, statement, frame, state)
        case With():
            return _with(machine, statement, head.values, frame, state)
        case Def():
            if frame.function is None or frame.module.is_python or statement.function is None:
                define(machine, statement, frame)
        case ImportStmt():
            if not import_names(machine, statement, frame):
                return []
        case Jump():
            frame.jumps.append(state)
            return []
        case Delete(place=place):
            _deleted(machine, place, frame)
        case Eval():
            pass
    return [] if state.dead else [state]


def _bound(machine: Machine, statement: Bind, value: Value, frame: Frame) -> None:
    if statement.operator:
        value = _augmented(machine, statement, value, frame)
    elif not value and statement.annotation:
        value = machine.annotated(statement.annotation, frame, statement.line)
    value = declared.by_comment(frame, statement.line, value)
    if isinstance(statement.target, TName):
        value = declared.by_name(statement.target.id, value)
    bind(machine, statement.target, value, frame, declares=bool(statement.declares))
    if frame.function is None:
        frame.module.values[id(statement.value)] = value


def _augmented(machine: Machine, statement: Bind, value: Value, frame: Frame) -> Value:
    match statement.target:
        case TName(id=name):
            old = machine.lookup(name, frame, statement.line)
        case TPath(place=place):
            old = machine.evaluate(place, frame)
        case _:
            return value
    if machine.lasting and lists.is_list(old) and lists.is_list(value):
        joined = [*lists.items(old), *lists.items(value)]
        return lists.of_items(joined, frame.site(statement.line), lasting=True, like=old)
    if old.fields or value.fields or any(isinstance(ref, RouterRef) for ref in value.refs):
        return join(old, value)
    counted = frame.looping if value.lit is not None else ()
    return mixed((old, value, *counted)).with_refs(old.refs)


def _returned(machine: Machine, node: Expr, value: Value, frame: Frame, line: int) -> None:
    value = (
        queries.fire(machine, value, frame, frame.site(line)) if frame.function and frame.function.is_async else value
    )
    value = declared.by_function(frame.function, declared.by_comment(frame, line, _coded(node, value)))
    value = declared.by_entity(machine, frame, value)
    value = declared.marked(value, STAND_IN) if frame.state.unserved and declared.is_sample(value) else value
    call = node.value if isinstance(node, Await) else node
    tails = frame.tails.pop(id(call), None) if isinstance(call, Call) else None
    cause = frame.state.cause
    if tails:
        for tail in tails:
            frame.completions.append(Completion(tail.value, cause, tail.site))
    else:
        frame.completions.append(Completion(value, cause, frame.site(line)))


def _coded(node: Expr, value: Value) -> Value:
    """A body and a status that are returned as a pair keep together, whatever the value is joined with later."""
    if not isinstance(node, Seq) or not {"0", "1"} <= value.fields.keys():
        return value
    status = web.status_of(value.fields["1"])
    if status is None or status not in _STATUSES:
        return value
    return value.with_refs((*value.refs, CodedRef(status)))


def _branched(
    machine: Machine, statement: If, decision: branches.Decision | None, frame: Frame, state: State
) -> list[State]:
    known = decision.truth if decision else None
    if known is not None:
        return machine.execute(statement.then if known else statement.other, frame, [state])
    gate = decision.gate if decision and state.cause is Cause.NORMAL else None
    then, other = state, state.fork()
    if gate is not None and decision is not None:
        (then if decision.gate_branch else other).cause = gate
    unserved = state.unserved
    if decision is not None and decision.unserved is not None:
        (then if decision.unserved else other).unserved = True
    machine.doubt += 1
    completed = len(frame.completions)
    after_then = machine.execute(statement.then, frame, [then])
    after_other = machine.execute(statement.other, frame, [other])
    machine.doubt -= 1
    if decision is not None and decision.unserved is not None:
        _continued(frame, after_then, after_other, outer=unserved, completed=completed)
    if gate is Cause.NOT_CONFIGURED and decision is not None and decision.gate_branch and not statement.other:
        for one in after_then:
            one.cause = Cause.NORMAL if one.cause is gate else one.cause  # what was missing has been made
    if gate is not None:
        for states, opposite in ((after_then, after_other), (after_other, after_then)):
            for one in states:
                if one.cause is gate and not opposite:
                    one.cause = Cause.NORMAL  # a guard: what goes on behind it is the only way there is
    return [*after_then, *after_other]


def _continued(frame: Frame, after_then: list[State], after_other: list[State], *, outer: bool, completed: int) -> None:
    """What both branches go on to is as before; where the one that has the service answered, the other has none."""
    answered = any(one.failure is None for one in frame.completions[completed:])
    if answered and not (after_then and after_other):
        return
    for one in (*after_then, *after_other):
        one.unserved = outer


def _looped(machine: Machine, statement: Loop, iterated: Value, frame: Frame, state: State) -> list[State]:
    outer, frame.jumps = frame.jumps, []
    known = lists.known_items(iterated) if machine.lasting and statement.target is not None else []
    frame.looping.append(Value(iterated.all_atoms()))
    if 0 < len(known) <= _UNROLLED:
        after = _unrolled(machine, statement, known, frame, state)
    else:
        after = _repeated(machine, statement, iterated, frame, state)
    frame.looping.pop()
    after = merge([*after, *frame.jumps])
    frame.jumps = outer
    return machine.execute(statement.other, frame, after) if statement.other else after


def _unrolled(machine: Machine, statement: Loop, items: list[Value], frame: Frame, state: State) -> list[State]:
    states = [state]
    for item in items:
        for one in states:
            frame.state = one
            if statement.target is not None:
                bind(machine, statement.target, item, frame, declares=True)
        states = merge([*machine.execute(statement.body, frame, states), *frame.jumps])
        frame.jumps = []
    return states


def _repeated(machine: Machine, statement: Loop, iterated: Value, frame: Frame, state: State) -> list[State]:
    reached = [state]
    for _ in range(_PASSES):
        before = [one.fork() for one in reached]
        entered = [one.fork() for one in reached]
        for one in entered:
            frame.state = one
            if statement.target is not None:
                bind(machine, statement.target, _iterated(iterated), frame, declares=True)
        after = machine.execute(statement.body, frame, entered)
        reached = merge([*before, *after])
        if not _grew(before, reached):
            break
    return reached


def _iterated(value: Value) -> Value:
    if value.atoms and all(one.kind is Kind.LITERAL for one in value.atoms) and not value.fields:
        return NOTHING
    return value.elements()


def _grew(before: list[State], after: list[State]) -> bool:
    known = {state.cause: state.vars for state in before}
    return any(
        known.get(state.cause, {}).get(name) is not value for state in after for name, value in state.vars.items()
    )


def _with(machine: Machine, statement: With, entered: tuple[Value, ...], frame: Frame, state: State) -> list[State]:
    for (_, target), value in zip(statement.items, entered, strict=True):
        if target is not None:
            bind(machine, target, value, frame)
    before = len(frame.completions)
    after = machine.execute(statement.body, frame, [state])
    returned = not after and any(one.failure is None for one in frame.completions[before:])
    for one in [state.fork(frame.state.cause)] if returned else after:
        frame.state = one
        contexts.leave(machine, statement, entered, frame)
    return [one for one in after if not one.dead]


def _deleted(machine: Machine, place: Expr, frame: Frame) -> None:
    if isinstance(place, Attr | Item):
        base = machine.evaluate(place.base, frame)
        key = machine.evaluate(place.key, frame) if isinstance(place, Item) else NOTHING
        gone = literal(_DELETED, frame.site(place.line)).with_atoms(key.all_atoms())
        held = place.base if isinstance(place, Item) else None
        write_into(machine, base, gone, frame, frame.site(place.line), removes=True, place=held)
