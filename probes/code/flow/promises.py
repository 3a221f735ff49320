"""Promises: `then`, `catch` and `finally` run their callbacks with what the receiver gives or how it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import queries
from assay.probes.code.flow.state import Arguments, Catcher
from assay.probes.code.flow.trace import Swallow
from assay.probes.code.flow.values import NOTHING, Kind, Value, atom, join
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site
    from assay.probes.code.syntax import Attr, Call, Expr

_MEMBERS: Final = frozenset({"then", "catch", "finally"})


def is_promise_member(name: str, frame: Frame) -> bool:
    """The member of a promise, in JavaScript."""
    return name in _MEMBERS and not frame.module.is_python


def settle(machine: Machine, node: Call, fn: Attr, frame: Frame) -> Value:
    """`receiver.then(f, g)`, `receiver.catch(g)`, `receiver.finally(h)`."""
    site = frame.site(node.line)
    handler = _handler_node(node, fn.name)
    if handler is None:
        value = queries.fire(machine, machine.evaluate(fn.base, frame), frame, site)
        return _then(machine, node, fn.name, value, frame, site)
    catcher = Catcher(site, ((),))
    frame.catchers.append(catcher)
    value = queries.fire(machine, machine.evaluate(fn.base, frame), frame, site)
    frame.catchers.remove(catcher)
    if fn.name == "then":
        value = _then(machine, node, fn.name, value, frame, site)
    if frame.state.dead and catcher.caught:
        return _recover(machine, handler, catcher, frame, site)
    _handle(machine, node, handler, catcher, frame, site)
    return value


def _recover(machine: Machine, handler: Expr, catcher: Catcher, frame: Frame, site: Site) -> Value:
    """The receiver fails for certain: what the handler gives is the value, and control goes on because of it."""
    frame.state.dead = False
    cause = catcher.caught[-1].cause
    frame.state.cause = Cause.STORE_FAILURE if cause is Cause.STORE_FAILURE else Cause.FAILURE
    callback = machine.evaluate(handler, frame)
    value = machine.invoke(callback, Arguments([atom(Kind.EXCEPTION, site)]), frame, site)
    if not frame.state.dead and cause is Cause.STORE_FAILURE:
        machine.trace.swallows.extend(Swallow(site, one.site, one.library) for one in catcher.caught)
    return value


def _handler_node(node: Call, name: str) -> Expr | None:
    position = {"catch": 0, "then": 1}.get(name)
    return node.args[position] if position is not None and len(node.args) > position else None


def _then(machine: Machine, node: Call, name: str, value: Value, frame: Frame, site: Site) -> Value:
    if not node.args:
        return value
    callback = machine.evaluate(node.args[0], frame)
    if name == "finally":
        machine.invoke(callback, Arguments(), frame, site)
        return value
    result = machine.invoke(callback, Arguments([value]), frame, site, node)
    return queries.fire(machine, result, frame, site)


def _handle(machine: Machine, node: Call, handler: Expr, catcher: Catcher, frame: Frame, site: Site) -> None:
    if frame.state.cause is not Cause.NORMAL:
        return
    for cause in dict.fromkeys(one.cause for one in catcher.caught):
        group = [one for one in catcher.caught if one.cause is cause]
        saved = frame.state
        frame.state = saved.fork(Cause.STORE_FAILURE if cause is Cause.STORE_FAILURE else Cause.FAILURE)
        frame.state.dead = False
        callback = machine.evaluate(handler, frame)
        value = machine.invoke(callback, Arguments([atom(Kind.EXCEPTION, site)]), frame, site)
        survived = not frame.state.dead
        fork_cause = frame.state.cause
        frame.state = saved
        if survived:
            if cause is Cause.STORE_FAILURE:
                machine.trace.swallows.extend(Swallow(site, one.site, one.library) for one in group)
            frame.forks.append((id(node), fork_cause, join(value, NOTHING)))
