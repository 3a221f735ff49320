"""Class-based views: a class whose methods are handlers, each a route of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay.probes.code.flow import classes
from assay.probes.code.flow.machine import Arguments
from assay.probes.code.flow.refs import ClassRef, FunctionRef, RequestRef, ViewRef
from assay.probes.code.flow.values import NOTHING, Site, Value

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Frame, Machine
    from assay.probes.code.frameworks.base import Framework, ViewRow


class Handled(NamedTuple):
    """One handler of a registration: its methods, what is called, and the line that stands for it."""

    methods: tuple[str, ...]
    handler: Value
    site: Site


def view_row(machine: Machine, ref: ClassRef) -> tuple[Framework, ViewRow] | None:
    """What the class is as a view, if it is one."""
    libraries = classes.lineage(machine, ref).libraries
    return next((machine.web.views[name] for name in libraries if name in machine.web.views), None)


def as_view(
    machine: Machine, ref: ClassRef, member: str, arguments: Arguments, frame: Frame, site: Site
) -> Value | None:
    """The view that `Class.as_view(...)` gives; `None` where the member is another one."""
    if member not in machine.web.view_members:
        return None
    row = view_row(machine, ref)
    if row is None or row[1].member != member:
        return None
    rest = Arguments(arguments.positional[row[1].skips :], arguments.keywords, arguments.spread)
    return Value(refs=(ViewRef(ref, _instance(machine, ref, row, rest, frame, site)),))


def _instance(
    machine: Machine, ref: ClassRef, row: tuple[Framework, ViewRow], arguments: Arguments, frame: Frame, site: Site
) -> Value:
    """An object of the view; each request has one of its own, so it outlives none."""
    saved, machine.lasting = machine.lasting, False
    try:
        made = classes.make(machine, ref, arguments, frame, site, exact=True)
    finally:
        machine.lasting = saved
    if row[1].request:
        made = made.with_field(row[1].request, Value(refs=(RequestRef(row[0].name),)))
    return made


def handlers(
    machine: Machine, handler: Value, listed: tuple[str, ...], frame: Frame, site: Site
) -> tuple[Handled, ...]:
    """The handlers of a view; nothing where the value is none. `listed` are the methods that the registration names."""
    for ref in handler.refs:
        if isinstance(ref, ViewRef):
            row = view_row(machine, ref.of)
            return _methods(machine, ref.of, row[1], ref.instance, listed) if row is not None else ()
        if isinstance(ref, ClassRef):
            row = view_row(machine, ref)
            if row is not None:
                instance = _instance(machine, ref, row, Arguments(), frame, site)
                return _methods(machine, ref, row[1], instance, listed)
    return ()


def _methods(
    machine: Machine, ref: ClassRef, row: ViewRow, instance: Value, listed: tuple[str, ...]
) -> tuple[Handled, ...]:
    if row.dispatch:
        found = classes.method_of(machine, ref, row.dispatch)
        methods = listed or _own_methods(machine, ref) or (row.methods[0].upper(),)
        return (_handled(machine, ref, found, methods, instance),)
    handled = []
    for name in row.methods:
        found = classes.method_of(machine, ref, name)
        if found is not None and (not listed or name.upper() in listed):
            handled.append(_handled(machine, ref, found, (name.upper(),), instance))
    return tuple(handled)


def _own_methods(machine: Machine, ref: ClassRef) -> tuple[str, ...]:
    """What the class's field `methods` lists."""
    value = classes.class_member(machine, ref, Value(refs=(ref,)), "methods", Site(ref.file, 1))
    texts = [one.lit.text for one in value.fields.values() if one.lit is not None]
    return tuple(text.upper() for text in texts)


def _handled(
    machine: Machine, ref: ClassRef, found: tuple[ClassRef, int] | None, methods: tuple[str, ...], instance: Value
) -> Handled:
    """A handler stands at its method, an inherited one at the class."""
    line = classes.facts_of(machine, ref).line
    if found is None:
        return Handled(methods, NOTHING, Site(ref.file, line))
    owner, index = found
    module = machine.modules.get(owner.file)
    if module is not None and (owner.file, owner.index) == (ref.file, ref.index):
        line = module.facts.functions[index].line
    return Handled(methods, Value(refs=(FunctionRef(owner.file, index, owner.frame, instance),)), Site(ref.file, line))
