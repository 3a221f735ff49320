"""Apps and routers in the interpreter: what is declared on them, mounted on them, and put into them as values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import application, classes, resources, views
from assay.probes.code.flow.lineage import lineage, method_of
from assay.probes.code.flow.refs import (
    BundleRef,
    ClassRef,
    CombinatorRef,
    DeclarationRef,
    FunctionRef,
    InstanceRef,
    ObjectRef,
    RouteRef,
    RouterRef,
)
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value
from assay.probes.code.flow.web import argument, status_of, text_of
from assay.probes.code.frameworks.base import Arg, Framework, HandlerAt, Role, RouteValueRow
from assay.probes.code.linking.wiring import UNKNOWN_PREFIX, Mounted, Route, Router

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.frameworks.base import MountRow, PlugInRow, RouterKind, RouteRow, SubRouterRow

_LAST: Final = 1_000
_LOADERS: Final = re.compile(
    r"(^|\.)(import_module|__import__|import_string|module_from_spec|entry_points|load_module)\b"
)
_NAMED: Final = {"*": "ANY"}
INITIALISE: Final = "__init__"


# --- making -----------------------------------------------------------------------------------------------------------


def make(
    machine: Machine, framework: Framework, kind: RouterKind, arguments: Arguments, frame: Frame, site: Site
) -> Value:
    """Call what makes an app or router."""
    router = machine.wiring.add(Router(framework, kind.kind, kind.role, site))
    _initialise(machine, router, kind, arguments, frame, site)
    return Value(refs=(RouterRef(router),))


def _initialise(
    machine: Machine, router: Router, kind: RouterKind, arguments: Arguments, frame: Frame, site: Site
) -> None:
    arguments = spelled_out(arguments)
    router.prefix = _prefix(kind.prefix, arguments) or router.prefix
    if not router.prefix and argument(kind.prefix, arguments) is None:
        name = text_of(argument(kind.named, arguments))
        router.prefix = f"/{name}" if name else ""
    router.dependencies = _dependencies(arguments) or router.dependencies
    router.provides = _provides(arguments.keywords.get("dependencies"))
    application.given_at_creation(router, kind, arguments)
    for arg in kind.takes:
        take(machine, router, argument(arg, arguments) or NOTHING, frame, site)
    for onto in routers_in(argument(kind.onto, arguments) or NOTHING):
        _mount_on(machine, onto, Mounted("", router, site))
    if kind.plug_ins is not None:
        _let_plug_in(machine, router, kind.plug_ins, argument(kind.plug_ins.given, arguments) or NOTHING, frame, site)


def _let_plug_in(machine: Machine, router: Router, row: PlugInRow, given: Value, frame: Frame, site: Site) -> None:
    """Each object of the project's own that the application is given adds to it what it serves."""
    for one in elements(given):
        if any(isinstance(ref, InstanceRef) for ref in one.refs):
            child = machine.wiring.add(Router(router.framework, row.kind, Role.ROUTER, site))
            _mount_on(machine, router, Mounted("", child, site))
            machine.method(one, row.member, Arguments([Value(refs=(RouterRef(child),))]), frame, site, None)


def of_class(machine: Machine, ref: ClassRef, arguments: Arguments, frame: Frame, site: Site) -> tuple[Ref, ...]:
    """The router that an object of a project class is, where the class derives from a library's router."""
    for name in lineage(machine, ref).libraries:
        made = machine.web.routers.get(name)
        if made is not None:
            framework, kind = made
            router = machine.wiring.add(Router(framework, kind.kind, kind.role, site))
            if method_of(machine, ref, INITIALISE) is None:
                _initialise(machine, router, kind, arguments, frame, site)
            return (RouterRef(router),)
    return ()


def spelled_out(arguments: Arguments) -> Arguments:
    """The arguments with those of a `**options` that is known whole among them."""
    options = arguments.keywords.get("**")
    if options is None or not options.fields:
        return arguments
    return Arguments(arguments.positional, {**options.fields, **arguments.keywords}, arguments.spread, arguments.nodes)


def _dependencies(arguments: Arguments) -> tuple[Value, ...]:
    given = arguments.keywords.get("dependencies")
    return tuple(given.fields.values()) if given is not None and not _provides(given) else ()


def _provides(given: Value | None) -> dict[str, Value]:
    """What gives parameters by their names (`dependencies={"session": Provide(f)}`)."""
    return {key: one for key, one in given.fields.items() if key.isidentifier()} if given is not None else {}


def _prefix(arg: Arg | None, arguments: Arguments) -> str:
    found = argument(arg, arguments)
    if found is None or _is_callable(found) or routers_in(found):
        return ""
    if not found and arg is not None and arg.keyword in arguments.keywords:
        return UNKNOWN_PREFIX
    return text_of(found)


def _is_callable(value: Value) -> bool:
    return any(isinstance(ref, FunctionRef | CombinatorRef | ClassRef) for ref in value.refs)


def routers_in(value: Value) -> list[Router]:
    """The routers among a value and everything below it, in order."""
    return [ref.router for one in elements(value) for ref in one.refs if isinstance(ref, RouterRef)]


def elements(value: Value) -> Iterator[Value]:
    """It and every value below it, in order, also of a list that is too wide for fields."""
    yield value
    for key in sorted(value.fields, key=_numeric):
        yield from elements(value.fields[key])
    for ref in value.refs:
        if isinstance(ref, BundleRef):
            for item in ref.items:
                yield from elements(item)


def _numeric(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (_LAST, key)


# --- members ----------------------------------------------------------------------------------------------------------


def member(machine: Machine, ref: RouterRef, name: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """Call a member of an app or router."""
    router = ref.router
    framework = router.framework
    arguments = spelled_out(arguments)
    if name == INITIALISE:
        kind = next(kind for kind in framework.routers if kind.kind == router.kind)
        _initialise(machine, router, kind, arguments, frame, site)
        return NOTHING
    resource = resources.member(machine, ref, name, arguments, frame, site)
    if resource is not None:
        return resource
    for sub in framework.sub_routers:
        if sub.member == name and router.kind in sub.on and len(arguments.positional) >= sub.least:
            return _sub_router(machine, router, sub, arguments, site)
    for row in framework.routes:
        if row.member == name and router.kind in row.on and len(arguments.positional) >= row.least:
            return _declare(machine, router, row, arguments, frame, site)
    started = application.registered(router, name, arguments, site)
    if started is not None:
        return started
    result = NOTHING
    for mount in framework.mounts:
        if mount.member == name and router.kind in mount.on:
            _mount(machine, router, mount, arguments, frame, site)
            result = Value(refs=(ref,))
    for middleware in framework.middleware:
        if middleware.member == name and router.kind in middleware.on:
            before = router.hooks if middleware.hooks else router.before
            if middleware.decorates and not arguments.positional:
                return Value(refs=(DeclarationRef(before.append, site),))
            before.extend(one for one in arguments.positional if _is_callable(one))
            result = Value(refs=(ref,))
            if middleware.decorates:
                return arguments.at(0) or result
    for error in framework.error_handlers:
        if error.member == name and router.kind in error.on and error.function is HandlerAt.DECORATED:
            return Value(refs=(DeclarationRef(_ignore, site),))
    return result


def _ignore(_value: Value) -> None:
    """An error handler changes no verdict as long as it answers an error."""


def _sub_router(machine: Machine, router: Router, row: SubRouterRow, arguments: Arguments, site: Site) -> Value:
    kind = next(kind for kind in router.framework.routers if kind.kind == row.kind)
    child = Router(router.framework, kind.kind, Role.ROUTER, site, prefix=_prefix(row.prefix, arguments))
    if not child.prefix and row.named is not None:
        child.prefix = f"/{text_of(argument(row.named, arguments))}"
    machine.wiring.add(child)
    router.mounts.append(Mounted("", child, site))
    return Value(refs=(RouterRef(child),))


class _Declared:
    """What a row reads from the call that declares a route: its routes, once the handler is known."""

    def __init__(
        self,
        machine: Machine,
        framework: Framework,
        row: RouteRow | RouteValueRow,
        arguments: Arguments,
        frame: Frame,
        site: Site,
    ) -> None:
        self._machine, self._frame = machine, frame
        self._framework, self._site = framework, site
        self._paths = _paths(argument(row.path, arguments)) if row.path is not None else [""]
        self._listed = _methods(argument(row.methods_from, arguments))
        self._methods = self._listed or row.methods
        self._of_objects = row.of_objects if isinstance(row, RouteValueRow) and not self._listed else ()
        self._status = status_of(argument(row.status, arguments))
        self._dependencies = _dependencies(arguments)
        self._provides = _provides(arguments.keywords.get("dependencies"))

    def routes(self, handler: Value, before: tuple[Value, ...] = ()) -> Iterator[Route]:
        """A route for each path and, of a view, for each of its methods."""
        found = views.handlers(self._machine, handler, self._listed, self._frame, self._site)
        is_object = any(isinstance(ref, InstanceRef | ObjectRef) for ref in handler.refs)
        methods = self._of_objects if is_object and self._of_objects else self._methods
        for path in self._paths:
            for one in found or (views.Handled(methods, handler, self._site),):
                yield Route(
                    one.methods,
                    path,
                    one.handler,
                    before,
                    one.site,
                    self._framework,
                    self._status,
                    self._dependencies,
                    self._provides,
                    declared=self._site,
                    doubtful=self._machine.doubt > 0,
                )


def _declare(machine: Machine, router: Router, row: RouteRow, arguments: Arguments, frame: Frame, site: Site) -> Value:
    declared = _Declared(machine, router.framework, row, arguments, frame, site)

    def register(handler: Value, before: tuple[Value, ...] = ()) -> None:
        for route in declared.routes(handler, before):
            route.after = len(router.mounts)
            router.routes.append(route)

    if row.handler is HandlerAt.DECORATED:
        return Value(refs=(DeclarationRef(register, site),))
    if row.handler is HandlerAt.LAST_FUNCTION:
        first = 0 if row.path is None else 1
        functions = [one for given in arguments.positional[first:] for one in _functions(given)]
        register(functions[-1] if functions else NOTHING, tuple(functions[:-1]))
    else:
        register(argument(row.handler, arguments) or NOTHING)
    return Value(refs=(RouterRef(router),)) if row.chains else NOTHING


def _functions(value: Value) -> list[Value]:
    numbered = [value.fields[key] for key in sorted(value.fields, key=_numeric) if key.isdigit() or key == "[]"]
    return numbered if numbered and not _is_callable(value) else [value]


def _paths(value: Value | None) -> list[str]:
    if value is not None and value.fields and value.lit is None:
        return [text_of(one) for one in _functions(value)]
    return [text_of(value)]


def _methods(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    texts = [one.lit.text for one in (value, *value.fields.values()) if one.lit is not None]
    return tuple(dict.fromkeys(_NAMED.get(text, text.upper()) for text in texts if text.isalpha() or text in _NAMED))


# --- mounting ---------------------------------------------------------------------------------------------------------


def _mount(machine: Machine, router: Router, row: MountRow, arguments: Arguments, frame: Frame, site: Site) -> None:
    given = arguments.all() if row.routers is None else [argument(row.routers, arguments) or NOTHING]
    prefix = _prefix(row.prefix, arguments)
    overrides = row.overrides_prefix and bool(prefix)
    if row.by_text:
        given = [_named(machine, one, frame) for one in given]
    for value in given:
        if row.onto:
            for onto in routers_in(value):
                _mount_on(machine, onto, Mounted(prefix, router, site, overrides))
        else:
            take(machine, router, value, frame, site, Mounted(prefix, router, site, overrides))
        if row.plugin and _is_callable(value):
            _plug_in(machine, router, row, prefix, value, arguments, frame, site)


def _named(machine: Machine, value: Value, frame: Frame) -> Value:
    """What a text names by its module and its name there; any other value as it stands."""
    module, _, name = text_of(value).rpartition(".")
    target = machine.modules.linker.python(module, frame.module.path) if module else None
    return (machine.modules.exported(target, name) if isinstance(target, str) else None) or value


def _mount_on(machine: Machine, router: Router, one: Mounted) -> None:
    known = any(mount.router is one.router and mount.prefix == one.prefix for mount in router.mounts)
    if one.router is not router and not known:
        router.mounts.append(one._replace(doubtful=machine.doubt > 0))


def take(
    machine: Machine, router: Router, value: Value, frame: Frame, site: Site, mount: Mounted | None = None
) -> None:
    """Put everything that is wired in a value into a router: routers are mounted, routes become its own."""
    how = mount or Mounted("", router, site)
    if found_while_running(value):
        machine.wiring.is_open = True
    pair = router.framework.pairs
    for one in elements(value):
        if pair is not None and {"0", "1"} <= one.fields.keys() and one.fields["0"].lit is not None:
            declared = _Declared(
                machine, router.framework, pair, Arguments([one.fields["0"], one.fields["1"]]), frame, site
            )
            router.routes.extend(replace(route, after=len(router.mounts)) for route in declared.routes(one.fields["1"]))
        for ref in one.refs:
            if isinstance(ref, RouterRef):
                _mount_on(machine, router, how._replace(router=ref.router))
            elif isinstance(ref, RouteRef):
                for route in ref.routes:
                    route.taken = True
                    router.routes.append(replace(route, after=len(router.mounts)))
            elif isinstance(ref, ClassRef):
                _take_controller(machine, router, ref, how)


def found_while_running(value: Value) -> bool:
    """It comes out of a module whose name is only known while the application runs."""
    return any(one.kind is Kind.UNKNOWN and _LOADERS.search(one.name) for one in value.all_atoms())


def _take_controller(machine: Machine, router: Router, ref: ClassRef, how: Mounted) -> None:
    libraries = lineage(machine, ref).libraries
    row = next((machine.web.controllers[name] for name in libraries if name in machine.web.controllers), None)
    if row is None:
        return
    framework, controller = row
    prefix = text_of(classes.class_member(machine, ref, Value(refs=(ref,)), controller.prefix, how.site))
    child = machine.wiring.add(Router(framework, framework.routers[-1].kind, Role.ROUTER, how.site, prefix=prefix))
    child.provides = _provides(classes.class_member(machine, ref, Value(refs=(ref,)), "dependencies", how.site))
    for one in lineage(machine, ref).classes:
        for route in machine.web.declared_in.get((one.file, one.index), ()):
            route.taken = True
            child.routes.append(replace(route))
    _mount_on(machine, router, how._replace(router=child))


def _plug_in(
    machine: Machine,
    router: Router,
    row: MountRow,
    prefix: str,
    plugin: Value,
    arguments: Arguments,
    frame: Frame,
    site: Site,
) -> None:
    child = machine.wiring.add(Router(router.framework, row.plugin, Role.ROUTER, site))
    router.mounts.append(Mounted(prefix, child, site))
    machine.invoke(plugin, Arguments([Value(refs=(RouterRef(child),)), *arguments.positional[1:]]), frame, site)


# --- routes as values -------------------------------------------------------------------------------------------------


def route_value(
    machine: Machine, framework: Framework, row: RouteValueRow, arguments: Arguments, frame: Frame, site: Site
) -> Value:
    """Call what makes a route that waits for a router."""
    declared = _Declared(machine, framework, row, spelled_out(arguments), frame, site)

    def made(handler: Value) -> Value:
        routes = tuple(declared.routes(handler))
        for route in routes:
            machine.wiring.loose.append(route)
        return Value(None, handler.fields, (*handler.refs, RouteRef(routes)))

    if row.handler is HandlerAt.DECORATED:
        return Value(refs=(DeclarationRef(made, site),))
    handler = argument(row.handler, arguments) if isinstance(row.handler, Arg) else None
    return Value(refs=made(handler or NOTHING).refs[-1:])
