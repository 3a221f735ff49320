"""Classes whose methods are decorated as routes: a class-based router, a controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow import classes
from assay.probes.code.flow.lineage import facts_of
from assay.probes.code.flow.refs import DeclarationRef, FunctionRef, InstanceRef, RouteRef
from assay.probes.code.flow.values import Value
from assay.probes.code.syntax import Attr, Call, Expr, Name, TName

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import ClassRef
    from assay.probes.code.flow.state import Frame


def declare(machine: Machine, ref: ClassRef) -> None:
    """Declare the routes that the methods of a class are decorated as, each bound to an object of the class."""
    module = machine.modules.get(ref.file)
    if module is None:
        return
    for _, index in facts_of(machine, ref).methods:
        function = module.facts.functions[index]
        for node in reversed(function.decorators):
            if _may_declare(machine, node, ref.frame):
                _apply(machine, ref, index, node)


def _may_declare(machine: Machine, node: Expr, frame: Frame) -> bool:
    """The decorator may declare a route: told by its name, for evaluating every decorator would load half a project."""
    fn = node.fn if isinstance(node, Call) else node
    if isinstance(fn, Attr):
        return fn.name in machine.web.decorating
    return isinstance(fn, Name) and fn.id in machine.web.value_names and fn.id in frame.module.bindings


def _apply(machine: Machine, ref: ClassRef, index: int, node: Expr) -> None:
    decorator = _in_class(machine, ref, node)
    for one in decorator.refs:
        if not isinstance(one, DeclarationRef):
            continue
        instance = Value(refs=(InstanceRef(ref, exact=True),))
        method = Value(refs=(FunctionRef(ref.file, index, ref.frame, instance),))
        given = one.register(method)
        if given is None:
            machine.web.transparent.add(id(node))
        for made in given.refs if given is not None else ():
            if isinstance(made, RouteRef):
                machine.web.declared_in.setdefault((ref.file, ref.index), []).extend(made.routes)


def _in_class(machine: Machine, ref: ClassRef, node: Expr) -> Value:
    """The value of a decorator, which sees the names of the class body."""
    frame = ref.frame
    hidden = dict(frame.state.vars)
    for binding in facts_of(machine, ref).fields:
        if isinstance(binding.target, TName) and binding.target.id == _root(node):
            name = binding.target.id
            frame.state.vars[name] = classes.class_member(machine, ref, Value(), name, frame.site(binding.line))
    value = machine.evaluate(node, frame)
    frame.state.vars.clear()
    frame.state.vars.update(hidden)
    return value


def _root(node: Expr) -> str:
    while isinstance(node, Call | Attr):
        node = node.fn if isinstance(node, Call) else node.base
    return node.id if isinstance(node, Name) else ""
