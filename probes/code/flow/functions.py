"""Functions of the project are interpreted where they are called."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import failures, shapes, streams
from assay.probes.code.flow.arguments import parameters
from assay.probes.code.flow.lineage import receiver_name
from assay.probes.code.flow.refs import ContainerRef, FunctionRef, HandleRef, InstanceRef
from assay.probes.code.flow.state import Arguments, Completion, Frame, State
from assay.probes.code.flow.superclass import is_super, self_name
from assay.probes.code.flow.trace import BudgetExhaustedError
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, join, join_all
from assay.probes.code.libraries import is_library
from assay.probes.code.syntax import Attr, Call, Expr, Item, Name
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.probes.code.facts import Function
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.summaries import Outcome


_COMPLETIONS: Final = 8
_NOT_KNOWN: Final = frozenset({Kind.UNKNOWN, Kind.MEMORY})


def call_function(
    machine: Machine, ref: FunctionRef, arguments: Arguments, frame: Frame, site: Site, node: object = None
) -> Value:
    """Call a function of the project: its normal value; its other outcomes become forks of the caller."""
    value, completions, inner = machine.run_function(ref, arguments, site, frame)
    if inner is None:
        return value
    _write_back(machine, ref, inner, arguments, frame, node)
    alive = [one for one in completions if one.failure is None]
    for one in completions:
        if one.failure is not None:
            failures.rise(machine, one.failure, frame)
    if not alive:
        frame.state.dead = True
        return NOTHING
    normal = [one for one in alive if one.cause is Cause.NORMAL]
    if not normal:
        normal = [one for one in alive if one.cause is Cause.EMPTY] or alive
        if normal[0].cause is not Cause.EMPTY and frame.state.cause is Cause.NORMAL:
            failed = any(one.cause is Cause.STORE_FAILURE for one in alive)
            frame.state.cause = Cause.STORE_FAILURE if failed else normal[0].cause
    if node is not None and frame.state.cause is Cause.NORMAL:
        for cause in dict.fromkeys(one.cause for one in alive if one not in normal):
            other = join_all([one.value for one in alive if one.cause is cause])
            frame.forks.append((id(node), cause, _given_back(machine, inner, other, arguments)))
    if len(normal) > 1:
        frame.tails[id(node)] = _at_most(normal, _COMPLETIONS)
    return _given_back(machine, inner, value, arguments)


def _given_back(machine: Machine, inner: Frame, value: Value, arguments: Arguments) -> Value:
    """What the caller holds: of a call that nobody wrote so, it is not certain what a coroutine has become."""
    if inner.function is None:
        return value
    if arguments.written:
        return shapes.called(machine, inner.function, value)
    return value.shaped(None) if inner.function.is_async or inner.function.is_generator else value


def run_function(
    machine: Machine, ref: FunctionRef, arguments: Arguments, site: Site, caller: Frame | None
) -> tuple[Value, list[Completion], Frame | None]:
    """Interpret a function body."""
    module = machine.modules.get(ref.file)
    key = (ref.file, ref.index)
    if module is None or not machine.may_enter(key, ref.frame):
        if (
            caller is not None
            and module is not None
            and _tries_again(machine, module.facts.functions[ref.index], caller)
        ):
            caller.state.dead = True
            return NOTHING, [], None
        return machine.unknown(NOTHING, arguments, site, machine.not_entered(key)), [], None
    function = module.facts.functions[ref.index]
    frame = Frame(module, function, ref.frame, lasting=machine.lasting)
    frame.at = site if is_library(ref.file) else None
    frame.state = State(parameters(machine, ref, function, arguments, frame))
    return machine.summarised(
        ref, frame, site, caller, partial(_interpreted, machine, ref, arguments, frame, site, caller)
    )


def _interpreted(
    machine: Machine, ref: FunctionRef, arguments: Arguments, frame: Frame, site: Site, caller: Frame | None
) -> Outcome:
    """Interpret the body of a function whose frame is prepared."""
    key, function = (ref.file, ref.index), frame.module.facts.functions[ref.index]
    machine.enter(key, frame, site, caller)
    try:
        ends = machine.execute(function.body, frame, [frame.state])
    except BudgetExhaustedError:
        if caller is None or not machine.goes_on(caller):
            raise
        return machine.unknown(NOTHING, arguments, site, ""), [], None
    finally:
        machine.leave(key)
    frame.falls_through = bool(ends)
    for end in ends:
        frame.completions.append(Completion(NOTHING, end.cause, frame.site(function.end_line)))
        frame.state = end
    completions = _simplified(frame.completions)
    normal = [one for one in completions if one.failure is None and one.cause is Cause.NORMAL]
    normal = normal or [one for one in completions if one.failure is None]
    values = [one.value for one in normal]
    value = _promised(machine, function, shapes.returned(function, join_all(values), values), frame)
    if frame.yielded is not None:
        value = streams.of(frame, frame.yielded)
        completions = [Completion(value, Cause.NORMAL, site)]
    return value, completions, frame


def _tries_again(machine: Machine, function: Function, caller: Frame) -> bool:
    """A function calls itself where something has failed: it ends as it ends without that call."""
    failed = caller.state.cause in {Cause.STORE_FAILURE, Cause.FAILURE}
    return failed and any(one.function is function for one in machine.stack)


def _promised(machine: Machine, function: Function, value: Value, frame: Frame) -> Value:
    """What a function gives whose result is not known but is said to be a session or a connection of a store."""
    if not function.annotation or value.refs or value.fields or function.is_generator:
        return value
    if any(one.kind not in _NOT_KNOWN for one in value.atoms):
        return value
    said = machine.annotated(function.annotation, frame, function.line)
    handles = tuple(one for one in said.refs if isinstance(one, HandleRef) and one.model is None)
    return value.with_refs(handles) if handles else value


def _simplified(completions: Sequence[Completion]) -> list[Completion]:
    """One completion for each line and cause, at most so many that no answer is lost: what is too much is joined."""
    seen: dict[tuple[str, int, bool], int] = {}
    kept: list[Completion] = []
    for one in completions:
        key = (one.cause.value, one.site.line, one.failure is None)
        if key in seen:
            index = seen[key]
            kept[index].value = join(kept[index].value, one.value)
        else:
            seen[key] = len(kept)
            kept.append(one)
    return _at_most(kept, _COMPLETIONS * 2)


def _at_most(completions: list[Completion], count: int) -> list[Completion]:
    """The first completions; of those behind them each is joined to the last that ends in the same way."""
    kept = completions[:count]
    for one in completions[count:]:
        ends = one.cause, one.failure is None
        last = next((known for known in reversed(kept) if (known.cause, known.failure is None) == ends), None)
        if last is None:
            kept.append(one)
        elif one.failure is None:
            kept[kept.index(last)] = replace(last, value=join(last.value, one.value))
    return kept


def _write_back(
    machine: Machine, ref: FunctionRef, inner: Frame, arguments: Arguments, frame: Frame, node: object
) -> None:
    """What the callee did to the objects it was given is seen by the caller."""
    function = inner.function
    if function is None or not isinstance(node, Call):
        return
    if ref.receiver is not None and isinstance(node.fn, Attr):
        final = inner.state.vars.get(receiver_name(function, python=inner.module.is_python))
        if final is not None and final is not ref.receiver:
            _store_back(machine, node.fn.base, final, ref.receiver, frame)
    params = function.params[1:] if ref.receiver is not None and inner.module.is_python else function.params
    for param, given, expression in zip(params, arguments.positional, arguments.nodes, strict=False):
        final = inner.state.vars.get(param.name)
        if final is not None and final is not given and (final.fields or final.refs) and given.refs:
            same = any(ref_ in final.refs for ref_ in given.refs if isinstance(ref_, ContainerRef | InstanceRef))
            if same:
                _store_back(machine, expression, final, given, frame)


def _store_back(machine: Machine, place: Expr, final: Value, before: Value, frame: Frame) -> None:
    if is_super(place):
        place = Name(self_name(frame), place.line)
    if isinstance(place, Name) and place.id == "super":
        place = Name(self_name(frame), place.line)
    if isinstance(place, Name | Attr | Item):
        held = machine.evaluate(place, frame)
        if held.refs or not before.refs:
            machine.store_back(place, held, final, frame)
