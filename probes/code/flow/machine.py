"""What the parts of the interpreter share: frames, states, the record of what happens, and the interface of the whole.

Control flow is structured, so a function body is interpreted in one pass over its statements. A state is one set of
variables with one cause: after a swallowed store failure, or where a store is empty or not configured, the
interpreter carries on with two states instead of one, so that what answers a failure is never mixed with what
answers success.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from assay.probes.code.flow.values import NOTHING, Site, Value
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.probes.code.facts import Expr, Function, Import, Param, Stmt
    from assay.probes.code.flow.classes import Lineage
    from assay.probes.code.flow.late import Late
    from assay.probes.code.flow.refs import ClassRef, FunctionRef, HolderRef, Ref
    from assay.probes.code.flow.web import WebModels
    from assay.probes.code.linking.modules import Module, Modules
    from assay.probes.code.linking.wiring import Wiring
    from assay.probes.code.stores.base import StoreModels


class BudgetExhaustedError(Exception):
    """The steps of one endpoint are used up; what was seen so far stands."""


@dataclass(slots=True, eq=False)
class State:
    """One set of variables and why control is here. `override` fixes what single calls give in this state."""

    vars: dict[str, Value]
    cause: Cause = Cause.NORMAL
    override: dict[int, Value] = field(default_factory=dict)
    dead: bool = False

    def fork(self, cause: Cause | None = None) -> State:
        """A copy that goes its own way."""
        return State(dict(self.vars), self.cause if cause is None else cause, dict(self.override))


@dataclass(slots=True, eq=False)
class Failure:
    """An exception on its way: what it is, where it comes from, and, if it is a store's, which library."""

    value: Value
    types: tuple[str, ...]
    cause: Cause
    site: Site
    library: str = ""
    variables: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Completion:
    """One way in which a function ends: with a value, or with an exception."""

    value: Value
    cause: Cause
    site: Site
    failure: Failure | None = None


@dataclass(slots=True, eq=False)
class Catcher:
    """A `try` that is being executed: what it catches, and what it has caught. `names` empty: everything."""

    site: Site
    catches: tuple[tuple[str, ...], ...]
    caught: list[Failure] = field(default_factory=list)


class Frame:
    """One execution of a function body, or of a module's top level. `parent` is where it was defined.

    `at` is set in the code of a library: what happens there happens where the project calls it.
    """

    __slots__ = (
        "after_yield",
        "at",
        "captured",
        "catchers",
        "completions",
        "falls_through",
        "forks",
        "function",
        "jumps",
        "lasting",
        "looping",
        "module",
        "owner",
        "parent",
        "state",
        "tails",
        "yielded",
    )

    def __init__(self, module: Module, function: Function | None, parent: Frame | None, *, lasting: bool) -> None:
        self.module = module
        self.function = function
        self.parent = parent
        self.lasting = lasting
        self.state = State({})
        self.completions: list[Completion] = []
        self.falls_through = False
        """Control can reach the end of the body without a `return`."""
        self.catchers: list[Catcher] = []
        self.captured: dict[str, Value] = {}
        self.looping: list[Value] = []
        self.forks: list[tuple[int, Cause, Value]] = []
        self.jumps: list[State] = []
        self.tails: dict[int, list[Completion]] = {}
        self.yielded: Value | None = None
        self.after_yield = False
        self.owner: ClassRef | None = None
        self.at: Site | None = None

    def site(self, line: int) -> Site:
        """A place in this frame's file, or where the project calls the library that the frame belongs to."""
        return self.at or Site(self.module.path, line)

    @property
    def name(self) -> str:
        """The function's name, or an empty string at module level."""
        return self.function.name if self.function else ""


@dataclass(slots=True, eq=False)
class Arguments:
    """The arguments of a call, evaluated; `nodes` are the expressions of the positional ones, where there are any."""

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    spread: Value | None = None
    nodes: Sequence[Expr] = ()
    written: bool = False
    """They stand at a call in the source just like this, and the callee is known for certain."""

    def at(self, position: int | None, keyword: str = "") -> Value | None:
        """The argument given by keyword, else by position; negative positions count from the end."""
        if keyword and keyword in self.keywords:
            return self.keywords[keyword]
        if position is None or not -len(self.positional) <= position < len(self.positional):
            return None
        return self.positional[position]

    def all(self) -> list[Value]:
        """Every argument."""
        extra = [] if self.spread is None else [self.spread]
        return [*self.positional, *self.keywords.values(), *extra]


@dataclass(slots=True, eq=False)
class Event:
    """An effect as the interpreter meets it.

    `data` is what is written, `selects` what a read or write is selected by.
    """

    kind: EffectKind
    site: Site
    library: str
    target: str
    function: str
    cause: Cause
    data: Value = NOTHING
    selects: Value = NOTHING
    commits: bool = False
    handle: str = ""
    detached: bool = False
    guard: bool = False


@dataclass(slots=True, eq=False)
class Reply:
    """An answer to the client; `status` `None` is the handler's default, 0 is not known."""

    kind: AnswerKind
    value: Value
    status: int | None
    cause: Cause
    site: Site


@dataclass(slots=True, eq=False)
class Swallow:
    """A store failure that a handler caught."""

    site: Site
    effect: Site
    library: str


@dataclass(slots=True, eq=False)
class Trace:
    """Everything that happened on behalf of one endpoint, in order. `deferred` happens after the answer."""

    events: list[Event] = field(default_factory=list)
    deferred: list[Event] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    swallows: list[Swallow] = field(default_factory=list)
    unresolved: dict[str, Site] = field(default_factory=dict)
    calls: dict[tuple[str, int], tuple[Site, str]] = field(default_factory=dict)
    """Where a function was called first, and from which function: the chain of evidence."""
    handed_on: dict[str, Site] = field(default_factory=dict)
    """Calls that are not known and were given request data: a write may hide there."""
    asked: bool = False
    """A part of the request that carries data was read."""
    absent: set[str] = field(default_factory=set)
    """The libraries whose handle or setting was found missing on some path; empty for one that is not told."""
    turns: dict[tuple[str, int], bool] = field(default_factory=dict)
    """Functions in which the identification of the caller begins (true) or ends (false)."""
    broken: list[tuple[Site, str]] = field(default_factory=list)
    autocommits: set[str] = field(default_factory=set)
    """The libraries that were told to commit every write at once."""
    held: dict[tuple[HolderRef, str], Value] = field(default_factory=dict)
    """What was hung on objects that live as long as the request."""
    exhausted: bool = False
    guarding: bool = False
    cut: bool = False


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
    lasting: bool
    """Module-level code is running: what it makes outlives every request."""

    web: WebModels
    lineages: dict[tuple[str, int], Lineage]
    source: Callable[[str], bytes]
    late: Late
    python_files: tuple[str, ...]

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

    def unknown(self, base: Value, arguments: Arguments, site: Site, name: str) -> Value:
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

    def may_enter(self, key: tuple[str, int]) -> bool:
        """The function is not running already, and the stack is not too deep."""
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

    def knows_bases(self, ref: ClassRef) -> bool:
        """Every base of the class is resolved."""
        ...

    def parses(self, classes: Sequence[ClassRef]) -> bool:
        """The files of all these classes parse, so that nothing of them can be missing."""
        ...

    def has_dynamic_members(self, ref: ClassRef, name: str) -> bool:
        """Members of the class, or this one, may come from elsewhere than its methods."""
        ...

    def made_error(self, ref: ClassRef, arguments: Arguments) -> Value:
        """An exception of the project's own."""
        ...

    def cannot_import(self, one: Import, module: Module) -> bool:
        """This import raises for certain."""
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

    def note_dirty(self, base: Value, value: Value, frame: Frame, site: Site) -> None:
        """A field of a row or mapped object was set: a write, once its session commits."""
        ...

    def is_mapped(self, ref: ClassRef) -> bool:
        """The class is mapped to a table."""
        ...

    def is_model(self, ref: Ref) -> bool:
        """An object that is mapped to a table."""
        ...

    def has_method(self, ref: Ref, name: str) -> bool:
        """The class of this instance, or a project base of it, defines the method."""
        ...

    def class_names(self, ref: ClassRef) -> tuple[str, ...]:
        """The names of a class and all its bases, by project name or dotted path."""
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
