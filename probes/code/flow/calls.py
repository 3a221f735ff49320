"""Calls: what is called, and what comes back; a call of something that is not known gives what went in, marked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Import, ImportScope
from assay.probes.code.flow import absent, instances, opening, promises, shapes, signatures, store_calls, web
from assay.probes.code.flow.arguments import arguments_of
from assay.probes.code.flow.functions import call_function
from assay.probes.code.flow.methods import FANOUT
from assay.probes.code.flow.refs import (
    BoundRef,
    ClassRef,
    CombinatorRef,
    ContainerRef,
    DeclarationRef,
    FunctionRef,
    HandleRef,
    InstanceRef,
    LibRef,
    NextRef,
    ObjectRef,
    PendingRef,
    Ref,
    RequestRef,
    ResponseRef,
)
from assay.probes.code.flow.superclass import (
    bare_instance,
    is_super,
    next_method,
    parent_view,
    super_method,
    super_view,
)
from assay.probes.code.flow.values import NOTHING, THROUGH_UNKNOWN, Kind, Site, Value, atom, carried, flat, join_all
from assay.probes.code.syntax import Attr, Call, Expr, Lit, LitKind, Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Arguments, Frame


_REACHING: Final = (HandleRef, ClassRef, InstanceRef, FunctionRef, BoundRef, CombinatorRef)
"""What a library that is given it may reach a store through."""
_LOADERS: Final = {"require": "", "import": "*"}


def evaluate_call(machine: Machine, node: Call, frame: Frame) -> Value:
    """The value of a call."""
    fixed = frame.state.override.get(id(node))
    if fixed is not None:
        return fixed
    site = frame.site(node.line)
    if isinstance(node.fn, Attr):
        return _evaluate_member_call(machine, node, node.fn, frame, site)
    if isinstance(node.fn, Name) and node.fn.id == "super":
        return super_view(machine, node, frame)
    loaded = _loaded(machine, node, frame)
    if loaded is not None:
        return loaded
    callee = machine.evaluate(node.fn, frame)
    arguments = arguments_of(machine, node, frame)
    return NOTHING if frame.state.dead else machine.invoke(callee, arguments, frame, site, node)


def _evaluate_member_call(machine: Machine, node: Call, member: Attr, frame: Frame, site: Site) -> Value:
    """The value of `base.name(...)`."""
    if promises.is_promise_member(member.name, frame):
        return promises.settle(machine, node, member, frame)
    if isinstance(member.base, Name) and member.base.id == "super":
        return super_method(machine, node, member.name, frame)
    if member.name != "__new__":
        following = next_method(machine, member, frame)
        if following is not None:
            arguments = arguments_of(machine, node, frame)
            return NOTHING if frame.state.dead else machine.invoke(following, arguments, frame, site, node)
    base = _receiver(machine, member.base, frame)
    shapes.check_member(machine, base, member.name, site)
    absent.check_attribute(machine, member.base, base, member.name, frame, site)
    opening.check_opened(machine, member.base, base, frame, site)
    if member.name == "__new__":
        return bare_instance(machine, node, base, frame)
    arguments = arguments_of(machine, node, frame)
    return NOTHING if frame.state.dead else machine.method(base, member.name, arguments, frame, site, node)


def _loaded(machine: Machine, node: Call, frame: Frame) -> Value | None:
    """The module that `require("m")` or `import("m")` inside an expression gives."""
    if frame.module.is_python or not isinstance(node.fn, Name) or not node.args:
        return None
    name, text = _LOADERS.get(node.fn.id), node.args[0]
    if name is None or not isinstance(text, Lit) or text.kind is not LitKind.STR:
        return None
    return machine.modules.imported(Import(text.text, name, "", node.line, ImportScope.FUNCTION), frame.module)


def _receiver(machine: Machine, node: Expr, frame: Frame) -> Value:
    if is_super(node):
        return parent_view(machine, frame)
    return machine.evaluate(node, frame)


def invoke(
    machine: Machine, callee: Value, arguments: Arguments, frame: Frame, site: Site, node: object = None
) -> Value:
    """Call a value: every ref that it may be, joined; without any, what comes out is what went in, marked."""
    callables = [ref for ref in callee.refs if not isinstance(ref, ContainerRef | RequestRef)]
    if not callables:
        return unknown_call(machine, callee, arguments, site, _spelled(node))
    if arguments.written and not _fits(machine, callables, callee, arguments, frame, site, node):
        return NOTHING
    return join_all([machine.invoke_ref(ref, arguments, frame, site, node) for ref in callables[:FANOUT]])


def _fits(
    machine: Machine,
    callables: Sequence[Ref],
    callee: Value,
    arguments: Arguments,
    frame: Frame,
    site: Site,
    node: object,
) -> bool:
    """The call goes on: its arguments fit, or nothing is proven, or this run overlooks that they do not."""
    one = callables[0]
    if len(callables) > 1 or callee.atoms or not isinstance(one, FunctionRef | ClassRef):
        return True
    why = signatures.misfit(machine, one, arguments, frame, node)
    if why:
        machine.breaks(site, why)
    return not frame.state.dead


def _spelled(node: object) -> str:
    if not isinstance(node, Call):
        return ""
    parts: list[str] = []
    inner: Expr = node.fn
    while isinstance(inner, Attr):
        parts.append(inner.name)
        inner = inner.base
    if isinstance(inner, Name):
        parts.append(inner.id)
    return ".".join(reversed(parts))


def unknown_call(
    machine: Machine, callee: Value, arguments: Arguments, site: Site, name: str, *, outside: bool = False
) -> Value:
    """A call of something that is not known: everything that goes in may come out.

    What is `outside` belongs to a library, and reaches of the project what it is given.
    """
    if name:
        machine.trace.unresolved.setdefault(name, site)
        given = (part for one in arguments.all() for part in one.walk())
        if not outside or any(isinstance(ref, _REACHING) for part in given for ref in part.refs):
            machine.trace.unseen.setdefault(name, site)
    inputs = [callee, *arguments.all()]
    found = flat(join_all([Value(value.all_atoms()) for value in inputs]), THROUGH_UNKNOWN)
    if any(one.kind in {Kind.REQUEST, Kind.DERIVED} for one in found.atoms):
        machine.trace.handed_on.setdefault(name, site)
    return Value(carried(found.atoms)).with_atoms(atom(Kind.UNKNOWN, site, name).atoms)


def invoke_ref(
    machine: Machine, ref: Ref, arguments: Arguments, frame: Frame, site: Site, node: object = None
) -> Value:
    """Call one ref."""
    match ref:
        case FunctionRef():
            return call_function(machine, ref, arguments, frame, site, node)
        case ClassRef():
            return instances.make(machine, ref, arguments, frame, site, exact=True)
        case LibRef(path=path):
            return machine.library_call(path, arguments, frame, site, node)
        case ObjectRef(path=path):
            return machine.library_call(f"{path}.()", arguments, frame, site, node)
        case HandleRef():
            return store_calls.member(machine, Value(refs=(ref,)), ref, "()", arguments, frame, site) or NOTHING
        case PendingRef():
            return Value(refs=(ref,))
        case BoundRef(receiver=receiver, name=name):
            return machine.method(receiver, name, arguments, frame, site, node)
        case DeclarationRef(register=register):
            target = arguments.at(0) or NOTHING
            return register(target) or target
        case NextRef():
            return web.passed_on(machine, ref, arguments, frame, site)
        case CombinatorRef(functions=functions):
            loose = replace(arguments, written=False)
            return join_all([machine.invoke(one, loose, frame, site, node) for one in functions])
        case InstanceRef():
            return machine.method(Value(refs=(ref,)), "__call__", arguments, frame, site, node)
        case ResponseRef():
            return NOTHING
        case _:
            return NOTHING
