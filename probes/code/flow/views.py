"""Class-based views: a class whose methods are handlers, each a route of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow import classes, instances
from assay.probes.code.flow.lineage import facts_of, lineage, method_of
from assay.probes.code.flow.refs import ClassRef, FunctionRef, RequestRef, ResponseRef, ViewRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, atom
from assay.probes.code.libraries import is_library

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.frameworks.base import Framework, ViewRow


class Handled(NamedTuple):
    """One handler of a registration: its methods, what is called, and the line that stands for it."""

    methods: tuple[str, ...]
    handler: Value
    site: Site


def view_row(machine: Machine, ref: ClassRef) -> tuple[Framework, ViewRow] | None:
    """What the class is as a view, if it is one."""
    libraries = lineage(machine, ref).libraries
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
    return Value(refs=(ViewRef(ref, instance(machine, ref, row, rest, frame, site), arguments.at(0, "actions")),))


def instance(
    machine: Machine, ref: ClassRef, row: tuple[Framework, ViewRow], arguments: Arguments, frame: Frame, site: Site
) -> Value:
    """An object of the view; each request has one of its own, so it outlives none."""
    saved, machine.lasting = machine.lasting, False
    try:
        made = instances.make(machine, ref, arguments, frame, site, exact=True)
    finally:
        machine.lasting = saved
    if row[1].responds:
        made = made.with_refs((*made.refs, ResponseRef(row[0].name)))
    if row[1].request:
        made = made.with_field(row[1].request, Value(refs=(RequestRef(row[0].name),)))
    if row[1].path:
        made = made.with_field(row[1].path, atom(Kind.REQUEST, site, "path"))
    return made


def handlers(
    machine: Machine, handler: Value, listed: tuple[str, ...], frame: Frame, site: Site
) -> tuple[Handled, ...]:
    """The handlers of a view; nothing where the value is none. `listed` are the methods that the registration names."""
    for ref in handler.refs:
        if isinstance(ref, ViewRef):
            row = view_row(machine, ref.of)
            if row is not None and ref.actions is not None and ref.actions.fields:
                return _listed_actions(machine, ref, site)
            return _methods(machine, ref.of, row[1], ref.instance, listed, site) if row is not None else ()
        if isinstance(ref, ClassRef):
            row = view_row(machine, ref)
            if row is not None:
                made = instance(machine, ref, row, Arguments(), frame, site)
                return _methods(machine, ref, row[1], made, listed, site)
    return ()


def _methods(
    machine: Machine, ref: ClassRef, row: ViewRow, made: Value, listed: tuple[str, ...], site: Site
) -> tuple[Handled, ...]:
    if row.dispatch:
        found = method_of(machine, ref, row.dispatch)
        methods = listed or _own_methods(machine, ref) or (row.methods[0].upper(),)
        return (handled(machine, ref, found, methods, made, site),)
    listed = listed or (allowed(machine, ref) if row.path else ())
    found_methods = []
    for name in row.methods:
        found = method_of(machine, ref, name)
        if found is not None and (not listed or name.upper() in listed):
            found_methods.append(handled(machine, ref, found, (name.upper(),), made, site))
    return tuple(found_methods)


def _listed_actions(machine: Machine, view: ViewRef, site: Site) -> tuple[Handled, ...]:
    """The actions that a registration names for each HTTP method (`as_view({"get": "list"})`)."""
    actions = view.actions.fields if view.actions is not None else {}
    found_actions = []
    for method, action in actions.items():
        name = action.lit.text if action.lit is not None else ""
        found = method_of(machine, view.of, name)
        if found is not None:
            made = view.instance.with_field("action", action)
            found_actions.append(handled(machine, view.of, found, (method.upper(),), made, site))
    return tuple(found_actions)


def allowed(machine: Machine, ref: ClassRef) -> tuple[str, ...]:
    """The methods to which a class restricts itself."""
    value = classes.class_member(machine, ref, Value(refs=(ref,)), "http_method_names", Site(ref.file, 1))
    return tuple(one.lit.text.upper() for one in value.fields.values() if one.lit is not None)


def spelled(pattern: str) -> str:
    """The path that a regular expression describes: its named groups are parameters, the rest stays as it is."""
    text = _NAMED_GROUP.sub(r"<\1>", pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
    return _ESCAPED.sub(r"\1", text[:-1] if text.endswith("/?") else text)


_NAMED_GROUP: Final = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.|\([^()]*\))*\)")
_ESCAPED: Final = re.compile(r"\\([-./_])")


def _own_methods(machine: Machine, ref: ClassRef) -> tuple[str, ...]:
    """What the class's field `methods` lists."""
    value = classes.class_member(machine, ref, Value(refs=(ref,)), "methods", Site(ref.file, 1))
    texts = [one.lit.text for one in value.fields.values() if one.lit is not None]
    return tuple(text.upper() for text in texts)


def handled(
    machine: Machine,
    ref: ClassRef,
    found: tuple[ClassRef, int] | None,
    methods: tuple[str, ...],
    made: Value,
    site: Site,
) -> Handled:
    """A handler stands at its method, an inherited one at the class, and one of a library's class where it is used."""
    place = site if is_library(ref.file) else Site(ref.file, facts_of(machine, ref).line)
    if found is None:
        return Handled(methods, NOTHING, place)
    owner, index = found
    module = machine.modules.get(owner.file)
    if module is not None and (owner.file, owner.index) == (ref.file, ref.index) and not is_library(ref.file):
        place = Site(ref.file, module.facts.functions[index].line)
    return Handled(methods, Value(refs=(FunctionRef(owner.file, index, owner.frame, made),)), place)
