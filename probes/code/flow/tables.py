"""Tables of routes: each line of a table is a router of its own, and a table is served where another includes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import lists, routers, views
from assay.probes.code.flow.refs import CombinatorRef, FunctionRef, LibRef, ModuleRef, RouterRef, ViewRef
from assay.probes.code.flow.values import NOTHING, Site, Value
from assay.probes.code.flow.web import argument, text_of
from assay.probes.code.frameworks.base import Role
from assay.probes.code.linking.wiring import Mounted, Route, Router
from assay.probes.code.syntax import Bind, Call, TName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Arguments, Frame
    from assay.probes.code.frameworks.base import Framework, TableRow, Tables

_LINE: Final = "line"
_TABLE: Final = "table"
_ANY: Final = ("ANY",)
_WRAPPERS: Final = 6


def library_call(machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site) -> Value | None:
    """Call something that makes, includes or hands on a table of routes; `None` where no row says so."""
    line = machine.web.lines.get(path)
    if line is not None:
        return _line(machine, line[0], line[1], arguments, frame, site)
    framework = machine.web.includes.get(path)
    if framework is not None:
        return _included(machine, framework, arguments.at(0, "arg") or NOTHING, frame)
    if path in machine.web.wraps:
        return _list([one for given in arguments.all() for one in routers.routers_in(given)], site)
    framework = machine.web.nested.get(path)
    return None if framework is None else _nested(machine, framework, arguments, site)


def _list(found: list[Router], site: Site) -> Value:
    return lists.of_items([Value(refs=(RouterRef(one),)) for one in found], site, lasting=True)


def _line(
    machine: Machine, framework: Framework, row: TableRow, arguments: Arguments, frame: Frame, site: Site
) -> Value:
    text = text_of(argument(row.path, arguments))
    prefix = views.spelled(text) if row.is_pattern else text
    router = machine.wiring.add(Router(framework, _LINE, Role.ROUTER, site, prefix=prefix, approximate=row.is_pattern))
    target = argument(row.target, arguments) or NOTHING
    children = routers.routers_in(target)
    router.mounts.extend(Mounted("", child, site) for child in children)
    if not children and framework.tables is not None:
        router.routes.extend(_routes(machine, framework, framework.tables, target, frame, site))
    return Value(refs=(RouterRef(router),))


def _included(machine: Machine, framework: Framework, given: Value, frame: Frame) -> Value:
    """The table that a text, a module, a list, or one of these beside a name space means."""
    first = given.fields.get("0")
    if first is not None and (first.lit is not None or any(isinstance(ref, ModuleRef) for ref in first.refs)):
        given = first
    target = None
    if given.lit is not None:
        target = machine.modules.linker.python(given.lit.text, frame.module.path)
    for ref in given.refs:
        if isinstance(ref, ModuleRef):
            target = ref.path
    if isinstance(target, str):
        found = table(machine, framework, target)
        return NOTHING if found is None else Value(refs=(RouterRef(found),))
    return Value(
        refs=tuple(RouterRef(one) for one in routers.routers_in(first if first is not None and first.fields else given))
    )


def table(machine: Machine, framework: Framework, path: str) -> Router | None:
    """The table that a module holds, made once; `fill` puts into it what it holds."""
    known = machine.wiring.tables.get(path)
    module = machine.modules.get(path) if known is None and path.endswith(".py") else None
    if module is None or framework.tables is None:
        return known
    name = framework.tables.name
    lines = [
        one.line
        for one in module.facts.top
        if isinstance(one, Bind) and isinstance(one.target, TName) and one.target.id == name
    ]
    made = Router(framework, _TABLE, Role.ROUTER, Site(path, lines[0] if lines else 1))
    machine.wiring.tables[path] = machine.wiring.add(made)
    return made


def fill(machine: Machine) -> None:
    """Put the lines of every table into it, also of those that come up on the way.

    That comes last, because a table may include one that is being made.
    """
    filled: set[str] = set()
    while len(filled) < len(machine.wiring.tables):
        path = next(path for path in machine.wiring.tables if path not in filled)
        filled.add(path)
        router, module = machine.wiring.tables[path], machine.modules.get(path)
        if module is None or router.framework.tables is None:
            continue
        machine.modules.execute(module)
        value = machine.modules.name(module, router.framework.tables.name) or NOTHING
        router.mounts.extend(Mounted("", child, child.site) for child in dict.fromkeys(routers.routers_in(value)))


def _nested(machine: Machine, framework: Framework, arguments: Arguments, site: Site) -> Value:
    parent, lookup = text_of(arguments.at(1, "parent_prefix")), text_of(arguments.at(2, "lookup"))
    prefix = f"{parent.strip('/')}/{{{lookup or 'parent'}_pk}}/"
    router = Router(framework, framework.routers[-1].kind, Role.ROUTER, site, prefix=prefix)
    return Value(refs=(RouterRef(machine.wiring.add(router)),))


# --- what a line routes to --------------------------------------------------------------------------------------------


def _routes(
    machine: Machine, framework: Framework, tables: Tables, target: Value, frame: Frame, site: Site
) -> Iterator[Route]:
    for ref in target.refs:
        if isinstance(ref, ViewRef):
            for one in views.handlers(machine, Value(refs=(ref,)), (), frame, site):
                yield Route(one.methods, "", one.handler, (), one.site, framework, declared=site)
    for function in _functions(target):
        methods, place = _restricted(machine, tables, original(machine, function))
        yield Route(methods, "", Value(refs=(function,)), (), place, framework, declared=site)


def _functions(target: Value) -> Iterator[FunctionRef]:
    for ref in target.refs:
        if isinstance(ref, FunctionRef):
            yield ref
        elif isinstance(ref, CombinatorRef):
            for one in ref.functions:
                yield from _functions(one)


def original(machine: Machine, ref: FunctionRef) -> FunctionRef:
    """The function that decorators of the project stand round."""
    for _ in range(_WRAPPERS):
        outer = ref.frame.function
        held = [ref.frame.state.vars.get(param.name) for param in outer.params] if outer is not None else []
        inner = next((one for value in held if value is not None for one in _functions(value)), None)
        if inner is None:
            break
        ref = inner
    del machine
    return ref


def _restricted(machine: Machine, tables: Tables, ref: FunctionRef) -> tuple[tuple[str, ...], Site]:
    """The methods that a function is called for, and the line that stands for it."""
    module = machine.modules.get(ref.file)
    if module is None:
        return _ANY, Site(ref.file, 1)
    function = module.facts.functions[ref.index]
    methods: tuple[str, ...] = _ANY
    line = function.line
    for node in function.decorators:
        made = machine.evaluate_lasting(node.fn if isinstance(node, Call) else node, ref.frame)
        paths = {one.path for one in made.refs if isinstance(one, LibRef)}
        for row in tables.restricting:
            if row.makes not in paths:
                continue
            listed = NOTHING
            if isinstance(node, Call) and row.methods is not None:
                given = dict(node.kwargs).get(row.methods.keyword) or next(iter(node.args), None)
                listed = machine.evaluate_lasting(given, ref.frame) if given is not None else NOTHING
            texts = tuple(one.lit.text.upper() for one in listed.fields.values() if one.lit is not None)
            methods, line = texts or row.direct or row.default or methods, node.line
    return methods, Site(ref.file, line)
