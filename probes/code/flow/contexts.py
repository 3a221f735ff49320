"""Context managers: what `with` enters, and what happens at its end.

A manager of the project has its `__enter__` and `__exit__` run; while the block runs, it is kept under a name that no
source can have. A transaction of a store commits when its block ends without an exception.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import queries, shapes, store_calls
from assay.probes.code.flow.lineage import has_method
from assay.probes.code.flow.refs import HandleRef, InstanceRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import Value, literal
from assay.probes.code.syntax import Attr, Await, Call, Lit, LitKind, Name, TName

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.syntax import Expr, Target, With

_ENTERS: Final = ("__aenter__", "__enter__")
_EXITS: Final = ("__aexit__", "__exit__")
_DETAILS: Final = 3


@cache
def _call_on(name: str, member: str) -> Call:
    """The call of a member on the kept manager: one node for all, so that its other outcomes are known by it."""
    return Call(Attr(Name(name, 0), member, 0), (), (), 0)


def _kept(index: int, line: int) -> str:
    return f"\0with:{line}:{index}"


def enter(machine: Machine, expression: Expr, frame: Frame, index: int) -> Value:
    """What `with` binds: what a generator yields, what `__enter__` gives, else the manager itself."""
    site = frame.site(expression.line)
    manager = machine.evaluate(expression.value if isinstance(expression, Await) else expression, frame)
    shapes.check_entered(machine, manager, site)
    if isinstance(expression, Await):
        manager = queries.fire(machine, manager.shaped(None), frame, site)
    yielded = manager.fields.get("\0yield")
    if yielded is not None:
        return yielded
    name = _method(machine, manager, _ENTERS)
    if not name:
        frame.state.vars[_kept(index, expression.line)] = manager
        return manager
    kept = _kept(index, expression.line)
    frame.state.vars[kept] = manager
    entered = machine.method(manager, name, Arguments(), frame, site, _call_on(kept, name))
    after = frame.state.vars.get(kept, manager)
    place = expression.value if isinstance(expression, Await) else expression
    if after is not manager and isinstance(place, Name | Attr):
        machine.store_back(place, manager, after, frame)
    return entered or after


def leave(machine: Machine, statement: With, entered: tuple[Value, ...], frame: Frame) -> None:
    """The ends of a `with` block, the innermost first."""
    for index, (expression, target) in reversed(list(enumerate(statement.items))):
        manager = frame.state.vars.pop(_kept(index, expression.line), None)
        if manager is None or frame.state.dead:
            continue
        current = _current(machine, manager, expression, target, entered[index], frame)
        name = _method(machine, current, _EXITS)
        site = frame.site(statement.line)
        if name:
            nothing = literal(Lit(LitKind.NONE, "None", expression.line), frame.site(expression.line))
            machine.method(current, name, Arguments([nothing] * _DETAILS), frame, site, None)
        for ref in current.refs:
            if isinstance(ref, HandleRef):
                store_calls.leave(machine, ref, frame, site)


def _current(
    machine: Machine, manager: Value, expression: Expr, target: Target | None, entered: Value, frame: Frame
) -> Value:
    """The manager as the block has left it."""
    mine = [ref for ref in manager.refs if isinstance(ref, InstanceRef)]
    if not mine:
        return manager
    place = expression.value if isinstance(expression, Await) else expression
    if isinstance(target, TName) and any(ref in entered.refs for ref in mine):
        place = Name(target.id, expression.line)
    if not isinstance(place, Name | Attr):
        return manager
    now = machine.evaluate(place, frame)
    return now if any(ref in now.refs for ref in mine) else manager


def _method(machine: Machine, value: Value, names: tuple[str, ...]) -> str:
    """Which of these methods the value's class has."""
    return next((name for name in names for ref in value.refs if has_method(machine, ref, name)), "")
