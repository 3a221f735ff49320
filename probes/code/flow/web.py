"""Web frameworks in the interpreter: routers that record what is declared on them, requests, responses, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import application
from assay.probes.code.flow.refs import AnswerRef, HandleRef, InjectedRef, LibRef, RequestRef, ResponseRef, TextRef
from assay.probes.code.flow.state import Arguments, Failure
from assay.probes.code.flow.trace import Reply
from assay.probes.code.flow.values import IDENTITY, NOTHING, Kind, Site, Value, atom
from assay.probes.code.frameworks.base import Arg, HandlerAt, Part
from assay.probes.code.linking.wiring import UNKNOWN_PREFIX, Route
from assay.probes.code.view import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import NextRef
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.frameworks.base import (
        AnswerRow,
        ControllerRow,
        Framework,
        ResponseMember,
        RouterKind,
        RouteValueRow,
        TableRow,
        ViewRow,
    )
    from assay.probes.code.linking.wiring import Route

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
        self.views: dict[str, tuple[Framework, ViewRow]] = {}
        self.controllers: dict[str, tuple[Framework, ControllerRow]] = {}
        self.values: dict[str, tuple[Framework, RouteValueRow]] = {}
        self.declared_in: dict[tuple[str, int], list[Route]] = {}
        """The routes that the methods of a class were decorated as, by the class."""
        self.transparent: set[int] = set()
        """The decorators, as nodes, by which a framework takes note of a function and gives it back unchanged."""
        self.lines: dict[str, tuple[Framework, TableRow]] = {}
        self.includes: dict[str, Framework] = {}
        self.wraps: set[str] = set()
        self.nested: dict[str, Framework] = {}
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
            self.views.update({row.base: (framework, row) for row in framework.views})
            self.controllers.update({row.base: (framework, row) for row in framework.controllers})
            self.values.update({name: (framework, row) for row in framework.values for name in row.makes})
            self._add_tables(framework)
            self._requests.update(dict.fromkeys(framework.request_objects, framework.name))
            self.request_types.update(dict.fromkeys(framework.request_types, framework.name))
            self.response_types.update(dict.fromkeys(framework.response_types, framework.name))
        self._named: dict[str, list[str]] = {}
        for path in self.answers:
            self._named.setdefault(path.rpartition(".")[2], []).append(path)
        self.view_members = frozenset(row.member for _, row in self.views.values())
        self.value_names = frozenset(name.rpartition(".")[2] for name in self.values)
        self.decorating = frozenset(
            row.member for one in self.by_name.values() for row in one.routes if row.handler is HandlerAt.DECORATED
        )

    def _add_tables(self, framework: Framework) -> None:
        tables = framework.tables
        if tables is not None:
            self.lines.update({name: (framework, row) for row in tables.entries for name in row.makes})
            self.includes.update(dict.fromkeys(tables.includes, framework))
            self.wraps.update(tables.wraps)
            self.nested.update(dict.fromkeys(tables.nested, framework))

    def value(self, path: str) -> Value | None:
        """A name of a framework that is the request itself."""
        name = self._requests.get(path)
        return None if name is None else Value(refs=(RequestRef(name),))

    def answer_named(self, name: str, packages: frozenset[str]) -> str | None:
        """The answer of one of these packages that this name means where its import was forgotten."""
        return next((path for path in self._named.get(name, ()) if path.partition(".")[0] in packages), None)


def library_call(machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site) -> Value | None:
    """Call something of a web framework, or `None` where no row says what it is."""
    answer = machine.web.answers.get(path)
    if answer is not None:
        return _answer(machine, answer[1], arguments, frame, site)
    if path in machine.web.injectors:
        scope = arguments.at(None, "scope")
        early = scope is not None and scope.lit is not None and scope.lit.text == "function"
        return Value(refs=(InjectedRef(arguments.at(0, "dependency"), early),))
    return None


def argument(arg: Arg | None, arguments: Arguments) -> Value | None:
    """The argument that a row points at."""
    if arg is None:
        return None
    if arg.keyword == "**" and arguments.keywords:
        return Value(None, arguments.keywords)
    if arg.rest:
        rest = arguments.positional[arg.position or 0 :]
        return Value(None, {str(index): one for index, one in enumerate(rest)}) if rest else None
    found = arguments.at(arg.position, arg.keyword)
    return found.fields.get(arg.field) if arg.field and found is not None else found


def text_of(value: Value | None) -> str:
    """A path or prefix as text; what is not known of it is a placeholder."""
    if value is None:
        return ""
    if value.lit is not None:
        return value.lit.text if value.lit.kind.value == "str" else ""
    known = next((ref for ref in value.refs if isinstance(ref, TextRef)), None)
    if known is not None:
        return known.prefix if known.usual else f"{known.prefix}{UNKNOWN_PREFIX}"
    return UNKNOWN_PREFIX if value.atoms else ""


def status_of(value: Value | None) -> int | None:
    """The number that a status is; `None` where there is none, `UNKNOWN_STATUS` where it is not known."""
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


def request_member(machine: Machine, ref: RequestRef, name: str, frame: Frame, site: Site) -> Value:
    """Read a member of the request."""
    framework = machine.web.by_name[ref.framework]
    for row in framework.request:
        if row.member == name:
            machine.trace.asked = machine.trace.asked or (row.part is not Part.HEADER and not machine.trace.guarding)
            return _caller(row.handle, name, site) or atom(Kind.REQUEST, site, row.part.value)
    del frame
    if name == "app":
        return application.serving(machine, ref.framework)
    return atom(Kind.REQUEST, site, "user" if name in {"user", "userId", "auth", "session"} else "header")


def _caller(kind: str, name: str, site: Site) -> Value | None:
    """The row of the caller, where the request holds that."""
    if not kind:
        return None
    library = kind.partition(".")[0]
    return Value(atom(Kind.ROW, site, f"{library}:{name}", IDENTITY).atoms, None, (HandleRef(kind, library, name),))


def request_call(machine: Machine, ref: RequestRef, name: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """Call a member of the request."""
    framework = machine.web.by_name[ref.framework]
    for row in framework.request:
        if row.member == name:
            machine.trace.asked = machine.trace.asked or (row.part is not Part.HEADER and not machine.trace.guarding)
            return atom(Kind.REQUEST, site, row.part.value)
    del arguments, frame
    return atom(Kind.REQUEST, site, "header")


def own_request(machine: Machine, ref: ResponseRef, name: str, site: Site) -> Value | None:
    """A member of a view that gives a part of the request; `None` where it is another one."""
    rows = machine.web.by_name[ref.framework].own_request
    return next((atom(Kind.REQUEST, site, row.part.value) for row in rows if row.member == name), None)


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
    if row.renders:
        content = content.with_atoms(atom(Kind.PAGE, site).atoms)
    value = Value(None, {"content": content}, (AnswerRef(status, row.raises),))
    if row.throws:
        machine.fail(Failure(value, (row.makes,), frame.state.cause, site), frame)
    return value
