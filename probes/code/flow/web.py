"""Web frameworks in the interpreter: routers that record what is declared on them, requests, responses, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import application, failures
from assay.probes.code.flow.machine import Arguments, Failure, Reply
from assay.probes.code.flow.refs import (
    AnswerRef,
    ClassRef,
    CombinatorRef,
    DeclarationRef,
    FunctionRef,
    InjectedRef,
    LibRef,
    RequestRef,
    ResponseRef,
    RouterRef,
    TextRef,
)
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, atom, join, join_all
from assay.probes.code.frameworks.base import Arg, HandlerAt, Role
from assay.probes.code.linking.wiring import UNKNOWN_PREFIX, Route, Router, joined
from assay.probes.code.view import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.probes.code.flow.machine import Frame, Machine
    from assay.probes.code.flow.refs import NextRef
    from assay.probes.code.frameworks.base import (
        AnswerRow,
        Framework,
        MountRow,
        ResponseMember,
        RouterKind,
        RouteRow,
        SubRouterRow,
    )

UNKNOWN_STATUS: Final = 0
_OK: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
_CLIENT: Final = range(400, 500)
_REFUSED: Final = 501


class WebModels:
    """The rows of all frameworks, by what they are asked for."""

    def __init__(self, frameworks: Iterable[Framework]) -> None:
        self.routers: dict[str, tuple[Framework, RouterKind]] = {}
        self.tags: dict[str, tuple[Framework, RouterKind]] = {}
        self.answers: dict[str, tuple[Framework, AnswerRow]] = {}
        self.injectors: set[str] = set()
        self.current_apps: dict[str, str] = {}
        self._requests: dict[str, str] = {}
        self.request_types: dict[str, str] = {}
        self.response_types: dict[str, str] = {}
        self.by_name = {framework.name: framework for framework in frameworks}
        for framework in self.by_name.values():
            for kind in framework.routers:
                self.routers.update(dict.fromkeys(kind.makes, (framework, kind)))
                self.tags.update(dict.fromkeys(kind.tags, (framework, kind)))
            self.answers.update({row.makes: (framework, row) for row in framework.answers})
            self.injectors.update(framework.injectors)
            self.current_apps.update(dict.fromkeys(framework.current_apps, framework.name))
            self._requests.update(dict.fromkeys(framework.request_objects, framework.name))
            self.request_types.update(dict.fromkeys(framework.request_types, framework.name))
            self.response_types.update(dict.fromkeys(framework.response_types, framework.name))

    def value(self, path: str) -> Value | None:
        """A name of a framework that is the request itself."""
        name = self._requests.get(path)
        return None if name is None else Value(refs=(RequestRef(name),))


def library_call(machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site) -> Value | None:
    """Call something of a web framework, or `None` where no row says what it is."""
    made = machine.web.routers.get(path)
    if made is not None:
        return _make_router(machine, made[0], made[1], arguments, site)
    answer = machine.web.answers.get(path)
    if answer is not None:
        return _answer(machine, answer[1], arguments, frame, site)
    if path in machine.web.injectors:
        scope = arguments.at(None, "scope")
        early = scope is not None and scope.lit is not None and scope.lit.text == "function"
        return Value(refs=(InjectedRef(arguments.at(0, "dependency"), early),))
    return None


def _make_router(machine: Machine, framework: Framework, kind: RouterKind, arguments: Arguments, site: Site) -> Value:
    router = Router(framework, kind.kind, kind.role, site, prefix=_prefix(kind.prefix, arguments))
    router.dependencies = _dependencies(arguments)
    application.given_at_creation(router, kind, arguments)
    machine.wiring.add(router)
    return Value(refs=(RouterRef(router),))


def _dependencies(arguments: Arguments) -> tuple[Value, ...]:
    given = arguments.keywords.get("dependencies")
    return tuple(given.fields.values()) if given is not None else ()


def argument(arg: Arg | None, arguments: Arguments) -> Value | None:
    """The argument that a row points at."""
    if arg is None:
        return None
    if arg.keyword == "**" and arguments.keywords:
        return Value(None, arguments.keywords)
    found = arguments.at(arg.position, arg.keyword)
    return found.fields.get(arg.field) if arg.field and found is not None else found


def text_of(value: Value | None) -> str:
    """A path or prefix as text; what is not known of it is a placeholder."""
    if value is None:
        return ""
    if value.lit is not None:
        return value.lit.text if value.lit.kind.value == "str" else ""
    known = next((ref.prefix for ref in value.refs if isinstance(ref, TextRef)), None)
    if known is not None:
        return f"{known}{UNKNOWN_PREFIX}"
    return UNKNOWN_PREFIX if value.atoms else ""


def _prefix(arg: Arg | None, arguments: Arguments) -> str:
    found = argument(arg, arguments)
    return "" if found is None or _is_callable(found) or _routers(found) else text_of(found)


def _is_callable(value: Value) -> bool:
    return any(isinstance(ref, FunctionRef | CombinatorRef | ClassRef) for ref in value.refs)


def _routers(value: Value) -> list[Router]:
    return [ref.router for one in value.walk() for ref in one.refs if isinstance(ref, RouterRef)]


def router_member(machine: Machine, ref: RouterRef, name: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """Call a member of an app or router."""
    router = ref.router
    framework = router.framework
    for sub in framework.sub_routers:
        if sub.member == name and router.kind in sub.on and len(arguments.positional) == 1:
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
            if middleware.decorates and not arguments.positional:
                return Value(refs=(DeclarationRef(router.before.append, site),))
            router.before.extend(one for one in arguments.positional if _is_callable(one))
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
    machine.wiring.add(child)
    router.mounts.append(("", child, site))
    return Value(refs=(RouterRef(child),))


def _declare(machine: Machine, router: Router, row: RouteRow, arguments: Arguments, frame: Frame, site: Site) -> Value:
    paths = _paths(argument(row.path, arguments)) if row.path is not None else [""]
    methods = _methods(argument(row.methods_from, arguments)) or row.methods
    status = status_of(argument(row.status, arguments))
    dependencies = _dependencies(arguments)

    def register(handler: Value, before: tuple[Value, ...] = ()) -> None:
        for path in paths:
            after = len(router.mounts)
            route = Route(methods, path, handler, before, site, router.framework, status, dependencies, after)
            router.routes.append(route)

    if row.handler is HandlerAt.DECORATED:
        return Value(refs=(DeclarationRef(register, site),))
    if row.handler is HandlerAt.LAST_FUNCTION:
        first = 0 if row.path is None else 1
        functions = [one for given in arguments.positional[first:] for one in _functions(given)]
        register(functions[-1] if functions else NOTHING, tuple(functions[:-1]))
    else:
        register(argument(row.handler, arguments) or NOTHING)
    del machine, frame
    return Value(refs=(RouterRef(router),)) if row.chains else NOTHING


def _functions(value: Value) -> list[Value]:
    numbered = [value.fields[key] for key in sorted(value.fields, key=_numeric) if key.isdigit() or key == "[]"]
    return numbered if numbered and not _is_callable(value) else [value]


def _numeric(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (1_000, key)


def _paths(value: Value | None) -> list[str]:
    if value is not None and value.fields and value.lit is None:
        return [text_of(one) for one in _functions(value)]
    return [text_of(value)]


def _methods(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    texts = [one.lit.text for one in (value, *value.fields.values()) if one.lit is not None]
    return tuple(dict.fromkeys(text.upper() for text in texts if text.isalpha()))


def status_of(value: Value | None) -> int | None:
    """The status that a value stands for; `UNKNOWN_STATUS` where that is not known."""
    if value is None:
        return None
    if value.lit is not None and value.lit.text.isdigit():
        return int(value.lit.text)
    for ref in value.refs:
        if isinstance(ref, LibRef):
            name = ref.path.removesuffix(".value").rpartition(".")[2]
            digits = "".join(one for one in name if one.isdigit())
            return int(digits) if digits else _named_status(name)
    return UNKNOWN_STATUS


_NAMED: Final = {
    "OK": 200, "CREATED": 201, "ACCEPTED": 202, "NO_CONTENT": 204, "BAD_REQUEST": 400, "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404, "CONFLICT": 409, "UNPROCESSABLE_ENTITY": 422, "INTERNAL_SERVER_ERROR": 500,
    "NOT_IMPLEMENTED": 501,
    "SERVICE_UNAVAILABLE": 503,
}  # fmt: skip


def _named_status(name: str) -> int:
    return _NAMED.get(name.upper(), UNKNOWN_STATUS)


def _mount(machine: Machine, router: Router, row: MountRow, arguments: Arguments, frame: Frame, site: Site) -> None:
    given = arguments.all() if row.routers is None else [argument(row.routers, arguments) or NOTHING]
    prefix = _prefix(row.prefix, arguments)
    for value in given:
        for child in _routers(value):
            if child is not router and not any(one is child and own == prefix for own, one, _ in router.mounts):
                router.mounts.append((prefix, child, site))
                if row.overrides_prefix and prefix:
                    child.prefix = ""
        if row.plugin and _is_callable(value):
            _plug_in(machine, router, row, prefix, value, arguments, frame, site)


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
    router.mounts.append((prefix, child, site))
    machine.invoke(plugin, Arguments([Value(refs=(RouterRef(child),)), *arguments.positional[1:]]), frame, site)


def request_member(machine: Machine, ref: RequestRef, name: str, frame: Frame, site: Site) -> Value:
    """Read a member of the request."""
    framework = machine.web.by_name[ref.framework]
    for row in framework.request:
        if row.member == name:
            return atom(Kind.REQUEST, site, row.part.value)
    del frame
    if name == "app":
        return application.serving(machine, ref.framework)
    return atom(Kind.REQUEST, site, "user" if name in {"user", "userId", "auth", "session"} else "header")


def request_call(machine: Machine, ref: RequestRef, name: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """Call a member of the request."""
    framework = machine.web.by_name[ref.framework]
    for row in framework.request:
        if row.member == name:
            return atom(Kind.REQUEST, site, row.part.value)
    del arguments, frame
    return atom(Kind.REQUEST, site, "header")


def answer_kind(status: int | None, default: int | None = None) -> AnswerKind:
    """What a status means; one that is not known is an error, for success is written as a literal."""
    code = status if status is not None else default or 200
    if code in _OK:
        return AnswerKind.OK
    if code in _REDIRECTS:
        return AnswerKind.REDIRECT
    if code == _REFUSED:
        return AnswerKind.REFUSED
    return AnswerKind.CLIENT_ERROR if code in _CLIENT else AnswerKind.SERVER_ERROR


def response_member(
    machine: Machine, ref: ResponseRef, name: str, arguments: Arguments, frame: Frame, site: Site
) -> Value:
    """Call a member of the response object: set its status, or answer."""
    framework = machine.web.by_name[ref.framework]
    row = next((row for row in framework.response if row.member == name), None)
    if row is None:
        return Value(refs=(ref,))
    status = ref.status
    if isinstance(row.status, int):
        status = row.status
    elif row.status is not None:
        found = argument(row.status, arguments)
        status = status_of(found) if found is not None else status
    if row.content is None and not row.ends:
        return Value(refs=(ref._replace(status=status),))
    _respond(machine, row, status, arguments, frame, site)
    return Value(refs=(AnswerRef(status),)) if framework.answers_by_return else NOTHING


def _respond(
    machine: Machine, row: ResponseMember, status: int | None, arguments: Arguments, frame: Frame, site: Site
) -> None:
    content = argument(row.content, arguments) or NOTHING
    if row.renders:
        content = content.with_atoms(atom(Kind.PAGE, site).atoms)
    kind = AnswerKind.REDIRECT if row.redirects else answer_kind(status)
    content = machine.fired(content, frame, site)
    machine.reply(Reply(kind, content, status, frame.state.cause, site))


def passed_on(machine: Machine, ref: NextRef, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """`next(error)` is an error; `next()` goes on to the next function."""
    del ref
    error = arguments.at(0)
    if error is not None and not (error.lit is not None and error.lit.kind.value == "none"):
        machine.reply(Reply(AnswerKind.SERVER_ERROR, NOTHING, 500, frame.state.cause, site))
    return NOTHING


def _answer(machine: Machine, row: AnswerRow, arguments: Arguments, frame: Frame, site: Site) -> Value:
    status = row.status if isinstance(row.status, int) else row.status_default
    if isinstance(row.status, Arg):
        found = argument(row.status, arguments)
        status = status_of(found) if found is not None else row.status_default
    content = argument(row.content, arguments) or NOTHING
    value = Value(None, {"content": content}, (AnswerRef(status, row.raises),))
    if row.throws:
        machine.fail(Failure(value, (row.makes,), frame.state.cause, site), frame)
    return value


def full_path(prefix: str, path: str) -> str:
    """A path below a prefix."""
    return joined(prefix, path)


Registration = "Callable[[Value], None]"
__all__ = [
    "WebModels",
    "answer_kind",
    "failures",
    "join",
    "join_all",
    "library_call",
    "passed_on",
    "request_call",
    "request_member",
    "response_member",
    "router_member",
    "text_of",
]
