"""Exceptions.

Raised by the project, or by a store call that fails; caught where a `try` is open, else on to the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import class_names
from assay.probes.code.flow.refs import AnswerRef, ClassRef, ErrorRef, InstanceRef, LibRef, ObjectRef
from assay.probes.code.flow.state import Catcher, Completion, Failure, Frame, State
from assay.probes.code.flow.trace import Swallow
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, atom
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.syntax import Expr, Handler, Raise, Stmt, Try

_EVERYTHING: Final = frozenset({"builtins.Exception", "builtins.BaseException"})
_CONNECTION_ERRORS: Final = frozenset(
    {*_EVERYTHING, "builtins.OSError", "builtins.ConnectionError", "builtins.TimeoutError"}
)
_IMPORT_ERRORS: Final = frozenset({"builtins.ImportError", "builtins.ModuleNotFoundError"})
IMPORT_ERROR: Final = "builtins.ImportError"
OUTSIDE: Final = "another service"
"""Stands among the stores that are down where every call of another service fails."""


def error_names(machine: Machine, value: Value) -> tuple[str, ...]:
    """What an exception, or a class of exceptions, is called: its own name and those of its bases."""
    names: list[str] = []
    for ref in value.refs:
        match ref:
            case ErrorRef(types=types):
                names.extend(types)
            case LibRef(path=path) | ObjectRef(path=path):
                names.append(path)
            case ClassRef():
                names.extend(class_names(machine, ref))
            case InstanceRef(of=of):
                names.extend(class_names(machine, of))
            case _:
                continue
    for key, part in value.fields.items():
        if key.isdigit() or key == "[]":
            names.extend(error_names(machine, part))
    return tuple(dict.fromkeys(names))


def raised(machine: Machine, statement: Raise, value: Value | None, frame: Frame) -> None:
    """A `raise` or `throw`; a bare one raises again what is being handled."""
    site = frame.site(statement.line)
    cause = frame.state.cause
    if value is None:
        library = "store" if cause is Cause.STORE_FAILURE else ""
        machine.fail(Failure(NOTHING, (), cause, site, library), frame)
        return
    caught = next((one for one in value.all_atoms() if one.kind is Kind.EXCEPTION), None)
    types = error_names(machine, value)
    library = "store" if caught is not None and not types and cause is Cause.STORE_FAILURE else ""
    machine.fail(Failure(value, types, cause, site, library), frame)


def tried(machine: Machine, statement: Try, frame: Frame, state: State) -> list[State]:
    """A `try` statement: its body, its handlers for what was caught, its `else` and its `finally`."""
    names = tuple(_caught_names(machine, handler.types, frame) for handler in statement.handlers)
    entry = state.fork()
    catcher = Catcher(frame.site(statement.line), names, statement.body)
    completed = len(frame.completions)
    if statement.handlers:
        frame.catchers.append(catcher)
    after = machine.execute(statement.body, frame, [state])
    if statement.handlers:
        frame.catchers.remove(catcher)
    if statement.other:
        after = machine.execute(statement.other, frame, after)
    for handler, handled in zip(statement.handlers, names, strict=True):
        after = [*after, *_handle(machine, handler, handled, catcher, entry, frame)]
    if statement.final:
        after = _finally(machine, statement.final, frame, after, entry, completed)
    return after


def _finally(
    machine: Machine, body: tuple[Stmt, ...], frame: Frame, after: list[State], entry: State, completed: int
) -> list[State]:
    """`finally` runs on every path; where it returns itself, that wins."""
    if after:
        return machine.execute(body, frame, after)
    before = len(frame.completions)
    ends = machine.execute(body, frame, [entry.fork()])
    if not ends and len(frame.completions) > before:
        del frame.completions[completed:before]
    return []


def _caught_names(machine: Machine, types: tuple[Expr, ...], frame: Frame) -> tuple[str, ...]:
    """The names that a handler catches; empty for everything."""
    names: list[str] = []
    for node in types:
        found = error_names(machine, machine.quietly(node, frame))
        names.extend(found or ("?",))
    return tuple(names)


def _handle(
    machine: Machine, handler: Handler, names: tuple[str, ...], catcher: Catcher, entry: State, frame: Frame
) -> list[State]:
    index = catcher.catches.index(names)
    mine = [failure for failure in catcher.caught if _first_catching(machine, catcher, failure) == index]
    groups: dict[Cause, list[Failure]] = {}
    for failure in mine:
        groups.setdefault(failure.cause, []).append(failure)
    if not groups:
        if entry.cause is not Cause.NORMAL or (names and all(name in _IMPORT_ERRORS for name in names)):
            return []
        groups[Cause.FAILURE] = []
    after: list[State] = []
    for cause, group in groups.items():
        after.extend(_run_handler(machine, handler.name, handler.body, handler.line, cause, group, entry, frame))
    return after


def _run_handler(
    machine: Machine,
    name: str,
    body: tuple[Stmt, ...],
    line: int,
    cause: Cause,
    group: list[Failure],
    entry: State,
    frame: Frame,
) -> list[State]:
    start = entry.fork(cause)
    for variable, held in (group[0].variables if group else {}).items():
        start.vars[variable] = held
    site = frame.site(line)
    if name:
        start.vars[name] = group[0].value if group and group[0].value else atom(Kind.EXCEPTION, site)
    before = len(frame.completions)
    after = machine.execute(body, frame, [start])
    if cause is Cause.STORE_FAILURE and (after or _went_on(frame.completions[before:])):
        machine.trace.swallows.extend(Swallow(site, failure.site, failure.library) for failure in group)
    return after


def _went_on(completions: list[Completion]) -> bool:
    return any(one.failure is None for one in completions)


def _first_catching(machine: Machine, catcher: Catcher, failure: Failure) -> int:
    """The handler that gets a failure, or -1."""
    for index, names in enumerate(catcher.catches):
        if _catches(machine, names, failure):
            return index
    return -1


def _catches(machine: Machine, names: tuple[str, ...], failure: Failure) -> bool:
    if not names:
        return True
    if failure.library == OUTSIDE:
        return any(name in _CONNECTION_ERRORS or not name.startswith("builtins.") for name in names)
    if failure.library:
        return any(machine.models.is_store_error(name, failure.library) for name in names)
    if any(name in _EVERYTHING for name in names):
        return True
    return any(name in failure.types for name in names) or _import_error(names, failure)


def _import_error(names: tuple[str, ...], failure: Failure) -> bool:
    return IMPORT_ERROR in failure.types and any(name in _IMPORT_ERRORS for name in names)


def rise(machine: Machine, failure: Failure, frame: Frame) -> None:
    """Let an exception rise in one frame: to an open `try`, else out of the function."""
    for catcher in reversed(frame.catchers):
        if _first_catching(machine, catcher, failure) >= 0:
            failure.variables = dict(frame.state.vars)
            catcher.caught.append(failure)
            return
    frame.completions.append(Completion(NOTHING, failure.cause, failure.site, failure))


def may_fail(machine: Machine, library: str, site: Site) -> None:
    """A store call fails here while its store is down; what identifies the caller is taken to work."""
    if library not in machine.down or machine.lasting or machine.trace.guarding or not machine.stack:
        return
    failure = Failure(atom(Kind.EXCEPTION, site), (), Cause.STORE_FAILURE, site, library)
    machine.fail(failure, machine.stack[-1])


def answers(value: Value) -> AnswerRef | None:
    """The answer that raising this value becomes, if it is one."""
    return next((ref for ref in value.refs if isinstance(ref, AnswerRef)), None)
