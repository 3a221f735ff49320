"""The record of what happens on behalf of one endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.values import NOTHING, Site, Value

if TYPE_CHECKING:
    from assay.probes.code.flow.refs import HolderRef
    from assay.probes.code.view import AnswerKind, Cause, EffectKind


class BudgetExhaustedError(Exception):
    """The steps of one endpoint are used up; what was seen so far stands."""


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


NAMED: Final = ("unresolved", "handed_on", "unseen", "inherited", "calls")
"""Where a trace notes names, each with its first place."""
SETS: Final = ("absent", "gates")


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
    unseen: dict[str, Site] = field(default_factory=dict)
    """Calls that are not known and may reach a store of the project: no library's, or given an object that does."""
    inherited: dict[str, Site] = field(default_factory=dict)
    """Those that a class of the project has from a base of a library that is not known."""
    rows: dict[str, Site] = field(default_factory=dict)
    """The tables of which the handler made an object with data of the request, and where."""
    asked: bool = False
    """A part of the request that carries data was read."""
    absent: set[str] = field(default_factory=set)
    """The libraries whose handle or setting was found missing on some path; empty for one that is not told."""
    gates: set[Site] = field(default_factory=set)
    """Where it is asked whether one of them is there."""
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
    deep: bool = False
    """A call was not followed because it lies too deep: it is one of those that are not known."""
