"""Functions that declare or mount routes, told by their shape.

An application factory, a plugin, a `register_routes(app)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.refs import RouterRef
from assay.probes.code.flow.values import Site, Value
from assay.probes.code.frameworks.base import HandlerAt
from assay.probes.code.linking.wiring import Router
from assay.probes.code.syntax import Attr, Bind, Call, Expr, Fn, Lit, LitKind, Name, Seq, TName
from assay.probes.code.walk import expressions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import Function
    from assay.probes.code.flow.web import WebModels
    from assay.probes.code.frameworks.base import Framework, RouterKind
    from assay.probes.code.linking.module import Module

_NOT_ENTERED: Final = frozenset({"__init__", "constructor"})


def entry_functions(module: Module, web: WebModels) -> Iterator[tuple[int, dict[str, Value | None]]]:
    """Each top-level function that makes an app or declares on a parameter, with routers for those parameters."""
    makers = sorted(name.rpartition(".")[2] for name in web.routers)
    for index, function in enumerate(module.facts.functions):
        if function.enclosing is not None or function.owner is not None or function.name in _NOT_ENTERED:
            continue
        receivers, makes = _shape(function, frozenset(makers), web, module.facts.language)
        if not receivers and not makes:
            continue
        given: dict[str, Value | None] = {}
        for param in function.params:
            kind = receivers.get(param.name)
            if kind is not None:
                router = Router(kind[0], kind[1].kind, kind[1].role, Site(module.path, function.line), placeholder=True)
                given[param.name] = Value(refs=(RouterRef(router),))
        if makes or given:
            yield index, given


def _shape(
    function: Function, makers: frozenset[str], web: WebModels, language: str
) -> tuple[dict[str, tuple[Framework, RouterKind]], bool]:
    """The parameters on which routes are declared, and whether an app or router is made inside."""
    params = {param.name for param in function.params}
    known: dict[str, Expr | None] = dict.fromkeys(params)
    for one in function.body:
        if isinstance(one, Bind) and isinstance(one.target, TName):
            known[one.target.id] = one.value
    receivers: dict[str, tuple[Framework, RouterKind]] = {}
    makes = False
    for call in (one for one in expressions_of(function.body) if isinstance(one, Call)):
        if isinstance(call.fn, Attr) and isinstance(call.fn.base, Name) and call.fn.base.id in params:
            found = _declares(call.fn.name, call.args, web, language, known)
            if found is not None:
                receivers.setdefault(call.fn.base.id, found)
        name = call.fn.id if isinstance(call.fn, Name) else call.fn.name if isinstance(call.fn, Attr) else ""
        makes = makes or name in makers
    return receivers, makes


def _declares(
    member: str, arguments: tuple[Expr, ...], web: WebModels, language: str, known: dict[str, Expr | None]
) -> tuple[Framework, RouterKind] | None:
    if not arguments:
        return None
    first = arguments[0]
    is_path = isinstance(first, Lit) and first.kind is LitKind.STR and first.text.startswith("/")
    for framework in web.by_name.values():
        if language not in framework.languages:
            continue
        routes = is_path and any(
            row.member == member
            and len(arguments) >= row.least
            and (row.handler is not HandlerAt.LAST_FUNCTION or _may_handle(arguments[-1], known))
            for row in framework.routes
        )
        if routes or any(row.member == member for row in framework.mounts):
            return framework, framework.routers[0]
    return None


def _may_handle(value: Expr, known: dict[str, Expr | None]) -> bool:
    """The value may be a function: what a client sends along, an object or a parameter, is none.

    `known` are the names of the function it stands in, with what they are bound to; a parameter is bound to nothing.
    """
    match value:
        case Fn():
            return True
        case Name(id=name):
            bound = known.get(name)
            return name not in known or (isinstance(bound, Fn | Call) and _may_handle(bound, known))
        case Attr():
            base: Expr = value
            while isinstance(base, Attr):
                base = base.base
            return isinstance(base, Name) and base.id not in known
        case Call(fn=fn, args=args):
            return any(_may_handle(one, known) for one in args or (fn,))
        case Seq(items=items):
            return _may_handle(items[-1], known)
        case _:
            return False
