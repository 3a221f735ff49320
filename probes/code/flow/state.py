"""What a function body is interpreted in: frames, sets of variables, and the ways in which it can end.

Control flow is structured, so a function body is interpreted in one pass over its statements. A state is one set of
variables with one cause: after a swallowed store failure, or where a store is empty or not configured, the
interpreter carries on with two states instead of one, so that what answers a failure is never mixed with what
answers success.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.probes.code.flow.values import Site, Value
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.probes.code.facts import Function
    from assay.probes.code.flow.refs import ClassRef
    from assay.probes.code.linking.module import Module
    from assay.probes.code.syntax import Expr, Stmt


@dataclass(slots=True, eq=False)
class State:
    """One set of variables and why control is here. `override` fixes what single calls give in this state."""

    vars: dict[str, Value]
    cause: Cause = Cause.NORMAL
    override: dict[int, Value] = field(default_factory=dict)
    dead: bool = False
    unserved: bool = False
    """Control comes here only where another service is not configured."""

    def fork(self, cause: Cause | None = None) -> State:
        """A copy that goes its own way."""
        reason = self.cause if cause is None else cause
        return State(dict(self.vars), reason, dict(self.override), unserved=self.unserved)


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
    body: tuple[Stmt, ...] = ()
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
        "pieces",
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
        self.pieces: dict[int, Value] = {}
        """What each `yield` gives, by its expression."""
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
    began: int | None = None
    """How many events there were before they were evaluated."""

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
