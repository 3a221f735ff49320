"""The interface of the interpreter as a whole, as its parts see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from assay.probes.code.flow.values import NOTHING, Site, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.probes.code.facts import Import, Param
    from assay.probes.code.flow.callers import Callers
    from assay.probes.code.flow.implementations import Implementations
    from assay.probes.code.flow.late import Late
    from assay.probes.code.flow.lineage import Lineage
    from assay.probes.code.flow.refs import ClassRef, FunctionRef, Ref
    from assay.probes.code.flow.state import Arguments, Completion, Failure, Frame, State
    from assay.probes.code.flow.summaries import Outcome
    from assay.probes.code.flow.trace import Event, Reply, Trace
    from assay.probes.code.flow.web import WebModels
    from assay.probes.code.linking.importability import Importability
    from assay.probes.code.linking.module import Module
    from assay.probes.code.linking.modules import Modules
    from assay.probes.code.linking.wiring import Wiring
    from assay.probes.code.stores.base import StoreModels
    from assay.probes.code.syntax import Expr, Stmt
    from assay.probes.code.view import EffectKind


class Machine(Protocol):
    """The interpreter, as its parts see it."""

    modules: Modules
    models: StoreModels
    wiring: Wiring
    trace: Trace
    stack: list[Frame]
    down: frozenset[str]
    """The store libraries whose every call fails in this run."""
    strict: bool
    """What can only fail does, in this run."""
    doubt: int
    """How many conditions that are not decided stand round the code that is running."""
    refused: list[tuple[str, int] | None]
    """The functions that were not entered because they run already; `None`: because the stack was too deep."""
    lasting: bool
    """Module-level code is running: what it makes outlives every request."""

    web: WebModels
    lineages: dict[tuple[str, int], Lineage]
    source: Callable[[str], bytes]
    late: Late
    callers: Callers
    implementations: Implementations
    python_files: tuple[str, ...]
    importability: Importability
    unopened: dict[tuple[str, int | None, str], str]
    """Why an attribute of a class, or a name of a module, is never anything but `None`; empty where it may be."""

    def step(self) -> None:
        """Count one step; raises `BudgetExhaustedError` at the end of the budget."""
        ...

    def evaluate(self, node: Expr, frame: Frame) -> Value:
        """The value of an expression in the frame's current state."""
        ...

    def quietly(self, node: Expr, frame: Frame) -> Value:
        """The value of an expression that the request does not evaluate (an annotation, a default): nothing breaks."""
        ...

    def execute(self, body: Sequence[Stmt], frame: Frame, states: list[State]) -> list[State]:
        """Run statements; the states in which control reaches their end."""
        ...

    def invoke(self, callee: Value, arguments: Arguments, frame: Frame, site: Site, node: object = None) -> Value:
        """Call a value."""
        ...

    def invoke_ref(self, ref: Ref, arguments: Arguments, frame: Frame, site: Site, node: object = None) -> Value:
        """Call one ref."""
        ...

    def run_function(
        self, ref: FunctionRef, arguments: Arguments, site: Site, caller: Frame | None
    ) -> tuple[Value, list[Completion], Frame | None]:
        """Interpret a function of the project: the normal value, every completion, and its frame."""
        ...

    def summarised(
        self, ref: FunctionRef, frame: Frame, site: Site, caller: Frame | None, run: Callable[[], Outcome]
    ) -> Outcome:
        """What a function gives whose frame is prepared: what it gave before in the same circumstances, or `run`."""
        ...

    def method(self, receiver: Value, name: str, arguments: Arguments, frame: Frame, site: Site, node: object) -> Value:
        """Call a member of a value."""
        ...

    def member(self, base: Value, name: str, frame: Frame, site: Site) -> Value:
        """Read a member of a value."""
        ...

    def item(self, base: Value, key: Value, frame: Frame, site: Site) -> Value:
        """Read an item of a value."""
        ...

    def library_call(
        self, path: str, arguments: Arguments, frame: Frame, site: Site, node: object = None, base: Value | None = None
    ) -> Value:
        """Call something of a library, by its dotted path."""
        ...

    def library_value(self, path: str, site: Site) -> Value:
        """Read a name of a library."""
        ...

    def handle_value(self, kind: str, name: str) -> Value:
        """A store handle of a library."""
        ...

    def configures(self, site: Site) -> None:
        """The mapped classes are used: SQLAlchemy configures all of them, or raises."""
        ...

    def breaks(self, site: Site, why: str) -> None:
        """What stands here can only fail; a strict run stops here, the other goes on as it is meant."""
        ...

    def unknown(self, base: Value, arguments: Arguments, site: Site, name: str, *, outside: bool = False) -> Value:
        """What a call that is not known gives."""
        ...

    def mapped(self, path: str, arguments: Arguments, site: Site) -> Value:
        """`map(f, xs)` and `Array.from(xs, f)`."""
        ...

    def fired(self, value: Value, frame: Frame, site: Site) -> Value:
        """The value with its lazy queries executed."""
        ...

    def detached(self, run: Callable[[], object]) -> None:
        """Run what happens after the answer."""
        ...

    def evaluate_lasting(self, node: Expr, frame: Frame) -> Value:
        """Evaluate what is made once and outlives every request."""
        ...

    def run_lasting(self, ref: FunctionRef, arguments: Arguments) -> None:
        """Run a function as code whose results outlive every request."""
        ...

    def at_module_level(self, run: Callable[[], object]) -> None:
        """Run code that outlives every request, with a record and a budget of its own."""
        ...

    def function_at(self, site: Site) -> tuple[str, int] | None:
        """The innermost function in which a place stands."""
        ...

    def function_name(self, key: tuple[str, int]) -> str:
        """The name of a function."""
        ...

    def goes_on(self, caller: Frame) -> bool:
        """Whether a function goes on behind a call that used up the budget; it is renewed then."""
        ...

    def may_enter(self, key: tuple[str, int], defined_in: Frame) -> bool:
        """The function, or this closure of it, is not running already, and the stack is not too deep."""
        ...

    def not_entered(self, key: tuple[str, int]) -> str:
        """The name of a function that is not followed because it lies too deep; empty for another reason."""
        ...

    def enter(self, key: tuple[str, int], frame: Frame, site: Site, caller: Frame | None) -> None:
        """A function starts."""
        ...

    def leave(self, key: tuple[str, int]) -> None:
        """A function ends."""
        ...

    def is_python(self, path: str) -> bool:
        """The file is a Python module."""
        ...

    def cannot_import(self, one: Import, module: Module) -> bool:
        """This import raises for certain."""
        ...

    def changed(self, old: Value | None, new: Value) -> None:
        """A value that outlives the request is another from here on."""
        ...

    def store_back(self, place: Expr, held: Value, final: Value, frame: Frame) -> None:
        """What a callee did to an object is seen where the caller holds it."""
        ...

    def lookup(self, name: str, frame: Frame, line: int) -> Value:
        """The value of a name."""
        ...

    def instance_of(self, type_: Value, frame: Frame, site: Site) -> Value:
        """An object of a type: what an annotation promises."""
        ...

    def assign(self, place: Expr, value: Value, frame: Frame, *, weak: bool = False) -> None:
        """Store a value in a name, member or item."""
        ...

    def fail(self, failure: Failure, frame: Frame) -> None:
        """Let an exception rise from the current state of this frame."""
        ...

    def happen(self, event: Event, frame: Frame, *, may_fail: bool = False) -> None:
        """Record an effect; one that may fail also gives every enclosing `try` its chance."""
        ...

    def note(
        self, kind: EffectKind, frame: Frame, site: Site, *, library: str, target: str, data: Value = NOTHING
    ) -> None:
        """Record an effect that cannot fail."""
        ...

    def made_router(self, ref: ClassRef, arguments: Arguments, frame: Frame, site: Site) -> tuple[Ref, ...]:
        """The app or router that an object of the class is, if its class derives from one."""
        ...

    def no_arguments(self) -> Arguments:
        """An empty argument list."""
        ...

    def promised(self, param: Param, frame: Frame) -> Value:
        """What the annotation of a parameter promises."""
        ...

    def annotated(self, text: str, frame: Frame, line: int) -> Value:
        """An object of the type that an annotation names."""
        ...

    def reply(self, reply: Reply) -> None:
        """Record an answer to the client."""
        ...
