"""Resources: a class whose methods are actions, each a route at the collection or at one of its objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow import classes, views
from assay.probes.code.flow.lineage import facts_of, lineage, method_of
from assay.probes.code.flow.refs import ClassRef, LibRef, RouterRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import NOTHING, Site, Value, text_literal
from assay.probes.code.flow.web import argument, text_of
from assay.probes.code.frameworks.base import Role
from assay.probes.code.linking.wiring import Mounted, Route, Router
from assay.probes.code.syntax import Attr, Call, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.frameworks.base import ActionRow, Framework, ResourceRow, Tables
    from assay.probes.code.syntax import Expr

_ADDS: Final = frozenset({"append", "extend", "insert"})
_VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})


class Action(NamedTuple):
    """One action of a resource: the method that is called, the line that stands for it, and where it is served."""

    name: str
    methods: tuple[str, ...]
    path: str
    detail: bool
    line: int | None = None


def member(machine: Machine, ref: RouterRef, name: str, arguments: Arguments, frame: Frame, site: Site) -> Value | None:
    """Give a resource to a router; `None` where the member does something else."""
    router = ref.router
    tables = router.framework.tables
    if tables is not None and name in _ADDS:
        routers = [one.router for given in arguments.all() for part in given.walk() for one in _router_refs(part)]
        router.mounts.extend(Mounted("", one, one.site) for one in routers)
        return NOTHING
    for row in tables.resources if tables is not None else ():
        if row.member == name and router.kind in row.on and tables is not None:
            _register(machine, router, row, tables, arguments, frame, site)
            return NOTHING
    return None


def _router_refs(value: Value) -> Iterator[RouterRef]:
    return (ref for ref in value.refs if isinstance(ref, RouterRef))


def _register(
    machine: Machine,
    router: Router,
    row: ResourceRow,
    tables: Tables,
    arguments: Arguments,
    frame: Frame,
    site: Site,
) -> None:
    prefix = views.spelled(text_of(argument(row.prefix, arguments))).strip("/")
    given = argument(row.view, arguments) or NOTHING
    for ref in given.refs:
        view = views.view_row(machine, ref) if isinstance(ref, ClassRef) else None
        if isinstance(ref, ClassRef) and view is not None:
            path = f"{prefix}{row.trailing}" if prefix else ""
            child = machine.wiring.add(
                Router(router.framework, router.kind, Role.ROUTER, site, prefix=path, approximate=True)
            )
            made = views.instance(machine, ref, view, Arguments(), frame, site)
            child.routes.extend(_routes(machine, ref, made, tables, router.framework, row.trailing, site))
            router.mounts.append(Mounted("", child, site))


def _routes(
    machine: Machine, ref: ClassRef, made: Value, tables: Tables, framework: Framework, trailing: str, site: Site
) -> Iterator[Route]:
    allowed = views.allowed(machine, ref)
    key = _lookup(machine, ref, site)
    extra = list(_extra(machine, ref, tables))
    standard = [Action(one.name, (one.method,), "", one.detail) for one in tables.standard]
    ordered = [*(one for one in (*standard, *extra) if not one.detail), *(one for one in standard if one.detail)]
    for action in (*ordered, *(one for one in extra if one.detail)):
        methods = tuple(one for one in action.methods if not allowed or one in allowed)
        found = method_of(machine, ref, action.name)
        if found is None or not methods:
            continue
        parts = [f"{{{key}}}"] if action.detail else []
        path = "".join(f"{part}{trailing}" for part in (*parts, *([action.path] if action.path else [])))
        held = made.with_field("action", text_literal(action.name, site))
        one = views.handled(machine, ref, found, methods, held, site)
        place = one.site if action.line is None else Site(found[0].file, action.line)
        own = (found[0].file, found[0].index) == (ref.file, ref.index)
        yield Route(methods, path, one.handler, (), place if own else one.site, framework, declared=site)


def _lookup(machine: Machine, ref: ClassRef, site: Site) -> str:
    """What the path calls one object of the resource."""
    for name in ("lookup_url_kwarg", "lookup_field"):
        text = text_of(classes.class_member(machine, ref, Value(refs=(ref,)), name, site))
        if text:
            return text
    return "pk"


def _extra(machine: Machine, ref: ClassRef, tables: Tables) -> Iterator[Action]:
    """The methods that are decorated as actions; a second one may take over another HTTP method of the first."""
    seen: dict[str, Action] = {}
    for owner in lineage(machine, ref).classes:
        module = machine.modules.get(owner.file)
        for name, index in facts_of(machine, owner).methods:
            if module is None or name in seen:
                continue
            for node in module.facts.functions[index].decorators:
                found = _action(machine, node, name, owner, tables) or _mapped(node, name, seen)
                if found is not None:
                    seen[name] = found
    yield from seen.values()


def _action(machine: Machine, node: Expr, name: str, owner: ClassRef, tables: Tables) -> Action | None:
    if not isinstance(node, Call):
        return None
    callee = machine.evaluate_lasting(node.fn, owner.frame)
    paths = {one.path for one in callee.refs if isinstance(one, LibRef)}
    row: ActionRow | None = next((row for row in tables.actions if row.makes in paths), None)
    if row is None:
        return None
    given = {key: machine.evaluate_lasting(value, owner.frame) for key, value in node.kwargs}
    listed = given.get("methods") or (machine.evaluate_lasting(node.args[0], owner.frame) if node.args else NOTHING)
    methods = tuple(one.lit.text.upper() for one in listed.fields.values() if one.lit is not None) or ("GET",)
    detail = row.detail
    if detail is None:
        told = given.get("detail")
        detail = told is not None and told.lit is not None and told.lit.text == "True"
    return Action(name, methods, _spelled(text_of(given.get("url_path"))) or name, detail, node.line)


def _spelled(path: str) -> str:
    """A path of an action, whose parameters are written as a regular expression."""
    return views.spelled(path).strip("/")


def _mapped(node: Expr, name: str, seen: dict[str, Action]) -> Action | None:
    """`@first.mapping.delete`: another HTTP method of an action that stands above."""
    if not (isinstance(node, Attr) and node.name in _VERBS and isinstance(node.base, Attr)):
        return None
    first = node.base.base
    if node.base.name != "mapping" or not isinstance(first, Name) or first.id not in seen:
        return None
    return seen[first.id]._replace(name=name, methods=(node.name.upper(),), line=node.line)
