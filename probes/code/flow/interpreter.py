"""The interpreter as a whole: its state, its budget, and the parts put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import (
    bindings,
    calls,
    containers,
    expressions,
    failures,
    functions,
    library,
    library_calls,
    members,
    methods,
    queries,
    routers,
    scopes,
    shapes,
    statements,
    types,
)
from assay.probes.code.flow.callers import Callers
from assay.probes.code.flow.implementations import Implementations
from assay.probes.code.flow.mappers import Mappers
from assay.probes.code.flow.refs import (
    ClassRef,
    FunctionRef,
    HandleRef,
)
from assay.probes.code.flow.running import Running
from assay.probes.code.flow.state import Arguments, Failure, Frame, State
from assay.probes.code.flow.trace import Event, Reply
from assay.probes.code.flow.values import NOTHING, Site, Value
from assay.probes.code.lines import line_at
from assay.probes.code.linking.importability import Importability
from assay.probes.code.view import Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from assay.probes.code.facts import Function, Import, Param
    from assay.probes.code.flow.lineage import Lineage
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.flow.state import Completion
    from assay.probes.code.flow.summaries import Outcome
    from assay.probes.code.flow.web import WebModels
    from assay.probes.code.linking.module import Module
    from assay.probes.code.linking.modules import Modules
    from assay.probes.code.linking.wiring import Wiring
    from assay.probes.code.stores.base import StoreModels
    from assay.probes.code.syntax import Expr, Stmt


class Interpreter(Running):
    """Runs module-level code and handlers over abstract values."""

    def __init__(
        self,
        modules: Modules,
        models: StoreModels,
        web_models: WebModels,
        wiring: Wiring,
        source: Callable[[str], bytes],
        depth: int,
    ) -> None:
        super().__init__(depth)
        self.source = source
        self.modules = modules
        self.models = models
        self.web = web_models
        self.wiring = wiring
        self.down: frozenset[str] = frozenset()
        self.strict = False
        self._quiet = 0
        self.changes = 0
        """How often something that outlives the request has changed while requests were run."""
        self.entries: tuple[str, ...] = ()
        self.mappers = Mappers(self)
        self.lineages: dict[tuple[str, int], Lineage] = {}
        self.unopened: dict[tuple[str, int | None, str], str] = {}
        self.callers = Callers()
        self.implementations = Implementations()
        self.python_files = modules.linker.python_files
        self.importability = Importability(modules)
        self.passed: set[tuple[str, int, frozenset[str]]] = set()
        """Functions before the handlers that let every request through and leave nothing behind."""
        self._innermost: dict[str, dict[int, int]] = {}
        modules.run = self._run_top
        modules.evaluate = self._evaluate_top
        modules.read_library = self.library_value

    # --- module level -----------------------------------------------------------------------------------------------

    def _run_top(self, module: Module, index: int) -> None:
        self.at_module_level(lambda: self._run_statement(module, index))

    def _run_statement(self, module: Module, index: int) -> None:
        state = module.frame.state
        saved = module.frame.forks, module.frame.catchers
        module.frame.forks, module.frame.catchers = [], []
        try:
            statements.execute(self, (module.facts.top[index],), module.frame, [state])
        finally:
            module.frame.forks, module.frame.catchers = saved
            self._settle(module, state)

    @staticmethod
    def _settle(module: Module, state: State) -> None:
        """Whatever branch ran last, the module has one set of names."""
        last = module.frame.state
        if last is not state and last.vars.keys() - state.vars.keys():
            for name, value in last.vars.items():
                state.vars.setdefault(name, value)
        state.dead = False
        state.cause = Cause.NORMAL
        module.frame.state = state
        module.frame.completions.clear()

    def _evaluate_top(self, module: Module, node: Expr) -> Value:
        return self.evaluate_lasting(node, module.frame)

    def evaluate_lasting(self, node: Expr, frame: Frame) -> Value:
        """Evaluate what is made once and outlives every request."""
        found: list[Value] = []
        self.at_module_level(lambda: found.append(self.evaluate(node, frame)))
        return found[0] if found else NOTHING

    def run_lasting(self, ref: FunctionRef, arguments: Arguments) -> None:
        """Run a function as code whose results outlive every request."""
        caller = Frame(ref.frame.module, None, None, lasting=True)
        self.at_module_level(lambda: self.run_function(ref, arguments, Site(ref.file, 1), caller))

    @property
    def is_quiet(self) -> bool:
        """What can only fail is not told now."""
        return self._quiet > 0

    def without_summaries(self) -> AbstractContextManager[None]:
        """What runs inside costs as many steps as if it were the first of its run, and what comes after it too."""
        return self.summaries.apart()

    def not_entered(self, key: tuple[str, int]) -> str:
        """The name of a function that is not followed because it lies too deep; empty for another reason."""
        return self.function_name(key) if self.is_deep else ""

    # --- parts ------------------------------------------------------------------------------------------------------

    def evaluate(self, node: Expr, frame: Frame) -> Value:
        """The value of an expression."""
        return expressions.evaluate(self, node, frame)

    def quietly(self, node: Expr, frame: Frame) -> Value:
        """The value of an expression that the request does not evaluate."""
        return self._without_breaking(lambda: expressions.evaluate(self, node, frame))

    def _without_breaking(self, run: Callable[[], Value]) -> Value:
        self._quiet += 1
        try:
            return run()
        finally:
            self._quiet -= 1

    def execute(self, body: Sequence[Stmt], frame: Frame, states: list[State]) -> list[State]:
        """Run statements."""
        return statements.execute(self, body, frame, states)

    def invoke(self, callee: Value, arguments: Arguments, frame: Frame, site: Site, node: object = None) -> Value:
        """Call a value."""
        return calls.invoke(self, callee, arguments, frame, site, node)

    def invoke_ref(self, ref: Ref, arguments: Arguments, frame: Frame, site: Site, node: object = None) -> Value:
        """Call one ref."""
        return calls.invoke_ref(self, ref, arguments, frame, site, node)

    def run_function(
        self, ref: FunctionRef, arguments: Arguments, site: Site, caller: Frame | None
    ) -> tuple[Value, list[Completion], Frame | None]:
        """Interpret a function of the project."""
        return functions.run_function(self, ref, arguments, site, caller)

    def summarised(
        self, ref: FunctionRef, frame: Frame, site: Site, caller: Frame | None, run: Callable[[], Outcome]
    ) -> Outcome:
        """What a function gives: what it gave before, else what running it gives."""
        return self.summaries.outcome(self, ref, frame, site, caller, run)

    def method(self, base: Value, name: str, arguments: Arguments, frame: Frame, site: Site, node: object) -> Value:
        """Call a member of a value."""
        return methods.method(self, base, name, arguments, frame, site, node)

    def member(self, base: Value, name: str, frame: Frame, site: Site) -> Value:
        """Read a member of a value."""
        return members.member(self, base, name, frame, site)

    def item(self, base: Value, key: Value, frame: Frame, site: Site) -> Value:
        """Read an item of a value."""
        return members.item(self, base, key, frame, site)

    def assign(self, place: Expr, value: Value, frame: Frame, *, weak: bool = False) -> None:
        """Store a value in a name, member or item."""
        bindings.assign(self, place, value, frame, weak=weak)

    def store_back(self, place: Expr, held: Value, final: Value, frame: Frame) -> None:
        """What a callee did to an object is seen where the caller holds it."""
        refs = held.refs or final.refs
        bindings.assign_quietly(self, place, Value(final.atoms, final.fields, refs), frame)

    def changed(self, old: Value | None, new: Value) -> None:
        """A value that outlives the request is another from here on."""
        self.changes += self.summaries.differ(old, new)

    def fail(self, failure: Failure, frame: Frame) -> None:
        """Let an exception rise; control does not go on behind it."""
        frame.state.dead = True
        failures.rise(self, failure, frame)

    def library_call(
        self, path: str, arguments: Arguments, frame: Frame, site: Site, node: object = None, base: Value | None = None
    ) -> Value:
        """Call something of a library: a web framework's, a store's, or another's."""
        value = library_calls.library_call(self, path, shapes.given(arguments), frame, site, node, base)
        return value if value.shape == shapes.TASK else shapes.settled(value)

    def library_value(self, path: str, site: Site) -> Value:
        """Read a name of a library; a class whose source is known is a class like those of the project."""
        known = self.modules.library_class(path)
        return library.value_of(self, path, site) if known is None else Value(refs=(known,))

    def handle_value(self, kind: str, name: str) -> Value:
        """A store handle."""
        return Value(refs=(HandleRef(kind, name),))

    def configures(self, site: Site) -> None:
        """The mapped classes are used: SQLAlchemy configures all of them, or raises."""
        problem = self.mappers.problem(self.entries) if self.entries and not self.lasting else None
        if problem is not None:
            self.breaks(site, f"{problem.reason} ({problem.site.file}:{problem.site.line})")

    def breaks(self, site: Site, why: str) -> None:
        """What stands here can only fail; a strict run stops here, the other goes on as it is meant."""
        if self.stack and not self.stack[-1].state.dead and not self._quiet:
            self.trace.broken.append((site, why))
            if self.strict:
                frame = self.stack[-1]
                self.fail(Failure(NOTHING, _BUGS, frame.state.cause, site), frame)

    def unknown(self, base: Value, arguments: Arguments, site: Site, name: str, *, outside: bool = False) -> Value:
        """What a call that is not known gives."""
        return calls.unknown_call(self, base, arguments, site, name, outside=outside)

    def mapped(self, path: str, arguments: Arguments, site: Site) -> Value:
        """`map(f, xs)` and `Array.from(xs, f)`."""
        frame = self.stack[-1] if self.stack else None
        if frame is None:
            return NOTHING
        first, second = arguments.at(0) or NOTHING, arguments.at(1) or NOTHING
        callback, data = (first, second) if path == "builtins.map" else (second, first)
        return containers.method(self, data, "map_", Arguments([callback]), frame, site, None)

    def fired(self, value: Value, frame: Frame, site: Site) -> Value:
        """The value with its lazy queries executed."""
        return queries.fire(self, value, frame, site)

    def detached(self, run: Callable[[], object]) -> None:
        """Run what happens after the answer: its effects count, its failure is never seen."""
        before = len(self.trace.events)
        cause = self.stack[-1].state.cause if self.stack else None
        saved = [list(frame.catchers) for frame in self.stack]
        for frame in self.stack:
            frame.catchers.clear()
        try:
            run()
        finally:
            for frame, catchers in zip(self.stack, saved, strict=True):
                frame.catchers[:] = catchers
        for event in self.trace.events[before:]:
            event.detached = True
        if cause is not None:
            self.stack[-1].state.dead, self.stack[-1].state.cause = False, cause

    # --- names ------------------------------------------------------------------------------------------------------

    def lookup(self, name: str, frame: Frame, line: int) -> Value:
        """The value of a name: local, enclosing, module, built in."""
        return scopes.lookup(self, name, frame, line)

    # --- types ------------------------------------------------------------------------------------------------------

    def promised(self, param: Param, frame: Frame) -> Value:
        """What the annotation of a parameter promises."""
        return self._without_breaking(lambda: types.promised(self, param, frame))

    def annotated(self, text: str, frame: Frame, line: int) -> Value:
        """An object of the type that an annotation names."""
        return self._without_breaking(lambda: types.annotated(self, text, frame, line))

    def instance_of(self, type_: Value, frame: Frame, site: Site) -> Value:
        """An object of a type."""
        return types.instance_of(self, type_, frame, site)

    def is_python(self, path: str) -> bool:
        """The file is a Python module."""
        return path.endswith(".py")

    def made_router(self, ref: ClassRef, arguments: Arguments, frame: Frame, site: Site) -> tuple[Ref, ...]:
        """The app or router that an object of the class is, if its class derives from one."""
        return routers.of_class(self, ref, arguments, frame, site)

    def no_arguments(self) -> Arguments:
        """An empty argument list."""
        return Arguments()

    def cannot_import(self, one: Import, module: Module) -> bool:
        """This import raises for certain."""
        return self.importability.fails(one, module) is not None

    # --- record -----------------------------------------------------------------------------------------------------

    def happen(self, event: Event, frame: Frame, *, may_fail: bool = False) -> None:
        """Record an effect; one of a store that is down, or of another service that is, only fails."""
        if frame.state.dead:
            return
        on = failures.OUTSIDE if event.kind is EffectKind.EXTERNAL else event.library if may_fail else ""
        if on in self.down and not self.trace.guarding and not self.lasting:
            failures.may_fail(self, on, event.site)
            return
        if any(one.after_yield for one in self.stack):
            self.trace.deferred.append(event)
        else:
            event.guard = self.trace.guarding
            self.trace.events.append(event)

    def note(
        self, kind: EffectKind, frame: Frame, site: Site, *, library: str, target: str, data: Value = NOTHING
    ) -> None:
        """Record an effect that cannot fail."""
        self.happen(Event(kind, site, library, target, frame.name, frame.state.cause, data=data), frame)

    def reply(self, reply: Reply) -> None:
        """Record an answer, unless control cannot have come to it."""
        if not (self.stack and self.stack[-1].state.dead):
            self.trace.replies.append(reply)

    def line(self, file: str, number: int) -> str:
        """One line of a source file, or an empty string."""
        return line_at(self.source(file), number)

    def function_name(self, key: tuple[str, int]) -> str:
        """The name of a function."""
        module = self.modules.get(key[0])
        return module.facts.functions[key[1]].name if module is not None else ""

    def function_at(self, site: Site) -> tuple[str, int] | None:
        """The innermost function in which a place stands."""
        if site.file not in self._innermost:
            module = self.modules.get(site.file)
            self._innermost[site.file] = _innermost(module.facts.functions if module is not None else ())
        found = self._innermost[site.file].get(site.line)
        return None if found is None else (site.file, found)


def _innermost(functions: Sequence[Function]) -> dict[int, int]:
    """The index of the smallest function at each line, the first of those of one size."""
    found: dict[int, int] = {}
    ends: dict[int, int] = {}
    for _, index in sorted((one.end_line - one.line, index) for index, one in enumerate(functions)):
        line, last = functions[index].line, functions[index].end_line
        taken = []
        while line <= last:
            taken.append(line)
            if line in found:
                line = ends[line] + 1
            else:
                found[line] = index
                line += 1
        for one in taken:
            ends[one] = max(last, ends.get(one, 0))
    return found


_BUGS: Final = (
    "builtins.NameError",
    "builtins.AttributeError",
    "builtins.TypeError",
    "builtins.ValueError",
    "pydantic.ValidationError",
    "sqlalchemy.exc.InvalidRequestError",
    "sqlalchemy.exc.SQLAlchemyError",
    "js.TypeError",
)
