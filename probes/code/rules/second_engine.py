"""An application makes a second engine, or a second database object, for the database it already has one for.

A second `create_engine` or `create_async_engine` on the same address, a second `SQLAlchemy()` object, a route module
with an engine of its own, or a new engine with every request.

## Why this is a defect
Each engine has a pool of its own: the number of connections that the application is allowed doubles without anybody
having decided it, options (timeouts, isolation, echo) differ from one query to the next, a transaction cannot span
both, and models that hang on the second `SQLAlchemy()` are unknown to the first and to its migrations.

## What to do
Make one engine in one module, and import the session from there.

## Known limits
Addresses are compared by the setting or literal they come from. A synchronous and an asynchronous engine side by side
are not reported, nor are engines with `NullPool`, engines in scripts, commands and workers, and those that are made in
the branches of one condition. An engine that a function makes for itself at start-up is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Evidence, Location, Severity
from assay.probes.code.names import last_name
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.engines import engines
from assay.probes.code.rules.nodes import walk
from assay.probes.code.rules.serving import Serving
from assay.probes.code.syntax import Name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.probes.code.facts import Function
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.rules.engines import Engine
    from assay.probes.code.view import ProjectView

_FLASK: Final = "Flask-SQLAlchemy object"
_KINDS: Final = frozenset({"engine", "async engine", _FLASK, "pool"})
_MADE_ONCE: Final = frozenset({"lru_cache", "cache", "cached_property", "on_event", "asynccontextmanager"})


def _check(examined: Examined) -> Iterator[Violation]:
    view = examined.view
    serving = Serving(view)
    made = [one for one in engines(view) if one.kind in _KINDS and not _throws_away(one) and serving.runs(one.body)]
    found: dict[tuple[str, int], Violation] = {}
    functions = _Functions(view)
    for one in made:
        if functions.per_request(one):
            message = f"a new {one.kind} is made with every request, with a pool of its own"
            found[one.body.file, one.line] = _violation(one, message)
    lasting = [one for one in made if functions.lasts(one)]
    for application in view.applications:
        inside = [one for one in lasting if one.body.file in application]
        for first, second in _doubled(view, inside):
            message = f"a second {second.kind} beside the one in {first.body.file}:{first.line}"
            found.setdefault((second.body.file, second.line), _violation(second, message, first))
    yield from (found[key] for key in sorted(found))


def _violation(engine: Engine, message: str, first: Engine | None = None) -> Violation:
    at = Location(file=engine.body.file, line=engine.line)
    if first is None:
        return Violation(at=at, message=message, confidence=Confidence.HIGH)
    related = (Evidence(at=Location(file=first.body.file, line=first.line), message="the application's own"),)
    return Violation(at=at, message=message, related=related, confidence=Confidence.HIGH)


def _doubled(view: ProjectView, made: Sequence[Engine]) -> Iterator[tuple[Engine, Engine]]:
    """(the application's own, another one for the same database)."""
    with_routes = {flow.endpoint.at.file for flow in view.endpoints}
    for kind in sorted(_KINDS):
        same = [one for one in made if one.kind == kind]
        same.sort(key=lambda one: (one.body.file in with_routes, -_users(view, one), one.body.file, one.line))
        for position, second in enumerate(same):
            first = next((one for one in same[:position] if _same_database(one, second, with_routes)), None)
            if first is not None:
                yield first, second


def _same_database(first: Engine, second: Engine, with_routes: set[str]) -> bool:
    if first.body == second.body and first.held == second.held:
        return False
    if first.kind == _FLASK or (first.address and first.address == second.address):
        return True
    unknown = not first.address or not second.address
    return unknown and second.body.file in with_routes and first.body.file not in with_routes


def _users(view: ProjectView, engine: Engine) -> int:
    """How many files speak of the module in which it is made."""
    stem = engine.body.file.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2].encode()
    return sum(stem in view.source(file) for file in view.loaded)


def _throws_away(engine: Engine) -> bool:
    """It keeps no pool: for workers and scripts, and for a server-side pool."""
    return any(isinstance(node, Name) and node.id in ("NullPool", "StaticPool") for node in walk((engine.call,)))


class _Functions:
    """What the functions that make an engine are to the endpoints."""

    def __init__(self, view: ProjectView) -> None:
        self._view = view
        self._handlers = {flow.handler_at for flow in view.endpoints}
        self._effects: dict[str, set[int]] = {}
        for flow in view.endpoints:
            for effect in flow.effects:
                self._effects.setdefault(effect.at.file, set()).add(effect.at.line)

    def lasts(self, engine: Engine) -> bool:
        """It outlives the call that makes it: made at module level, or kept in a global name or an attribute."""
        function = self._of(engine)
        return function is None or "." in engine.held or engine.held in function.global_names

    def per_request(self, engine: Engine) -> bool:
        """It is made where a request is answered: in a handler, a dependency, or a function that queries for one."""
        function = self._of(engine)
        if function is None or self.lasts(engine) or function.enclosing is not None:
            return False
        if {last_name(one) for one in function.decorators} & _MADE_ONCE:
            return False
        lines = self._effects.get(engine.body.file, set())
        queries = any(function.line <= line <= function.end_line for line in lines)
        return queries or Location(file=engine.body.file, line=function.line) in self._handlers

    def _of(self, engine: Engine) -> Function | None:
        facts = self._view.facts(engine.body.file)
        return facts.functions[engine.body.function] if facts and engine.body.function is not None else None


RULE: Final = Rule(
    id="second-engine",
    summary="a second engine or database object beside the application's own",
    severity=Severity.WARNING,
    check=_check,
)
