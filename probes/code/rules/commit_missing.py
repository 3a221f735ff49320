"""Something is written to a session or connection, and nothing ever commits it.

In an endpoint: a write after which no commit follows, in the handler, in what it calls, or behind the `yield` of a
dependency. In any other function: a session or connection that is opened, written to and closed without a commit.

## Why this is a defect
The database drops the change when the session closes. Reads inside the same session still show it, so a test that
looks there passes.

## What to do
Commit before the function ends, or open the session with `sessionmaker.begin()`, which does.

## Known limits
A session that comes in as a parameter is judged on the way of an endpoint only. Where a middleware or a teardown
function of the project commits, or a connection is set to autocommit, nothing is said. Setting a field of a row counts
only where it is set to data of the request. Where an endpoint answers success without any write that lasts,
`success-without-write` says so, and this rule does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Location, Severity, Verdict
from assay.probes.code.names import dotted, last_name
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.nodes import walk
from assay.probes.code.rules.serving import bodies, nodes_of, python_files
from assay.probes.code.syntax import Attr, Await, Bind, Call, Fn, Lit, LitKind, Name, Return, TName, With, Yield
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.syntax import Expr
    from assay.probes.code.view import EndpointFlow, ProjectView

_LIBRARIES: Final = frozenset({"sqlalchemy", "psycopg", "psycopg2", "sqlite3", "aiosqlite", "mysql"})
_WRITES: Final = re.compile(rb"\.(?:add|add_all|delete|merge|bulk_\w+|execute|executemany)\(")
_COMMITS_ELSEWHERE: Final = re.compile(rb"call_next|teardown_(?:request|appcontext)|after_request|BaseHTTPMiddleware")
_AUTOCOMMIT: Final = re.compile(rb"autocommit\s*=\s*True|AUTOCOMMIT|COMMIT_ON_TEARDOWN")
_STAGES: Final = frozenset({"add", "add_all", "delete", "merge", "bulk_save_objects", "bulk_insert_mappings"})
_MAKERS: Final = frozenset({"sessionmaker", "async_sessionmaker", "scoped_session"})
_SESSIONS: Final = frozenset({"Session", "AsyncSession"})
_DRIVERS: Final = frozenset({"psycopg2.connect", "sqlite3.connect", "pymysql.connect", "MySQLdb.connect"})
_CHANGES: Final = re.compile(r"\s*(?:insert\s+into|update\s+\w|delete\s+from|replace\s+into)", re.IGNORECASE)
_BEGINS: Final = frozenset({"begin", "begin_nested"})


def _check(examined: Examined) -> Iterator[Violation]:
    view = examined.view
    if any(_is_committed_elsewhere(view.source(file)) for file in sorted(view.loaded)):
        return
    found = {one.at: one for one in (*_in_functions(view), *_in_endpoints(view))}
    said = {effect.at for flow in view.endpoints if flow.endpoint.body is Verdict.LOSSY for effect in flow.store_writes}
    yield from (found[at] for at in sorted(found) if at not in said)


def _is_committed_elsewhere(source: bytes) -> bool:
    return bool(_AUTOCOMMIT.search(source) or (b".commit(" in source and _COMMITS_ELSEWHERE.search(source)))


def _in_endpoints(view: ProjectView) -> Iterator[Violation]:
    """Writes that no endpoint which reaches them commits."""
    committed: set[Location] = set()
    lost: dict[Location, tuple[EndpointFlow, str]] = {}
    for flow in view.endpoints:
        for effect in flow.store_writes:
            if effect.committed or effect.committed is None or effect.library not in _LIBRARIES:
                committed.add(effect.at)
            elif effect.cause is Cause.NORMAL and not flow.exhausted and flow.endpoint.verdict is not Verdict.UNWIRED:
                lost.setdefault(effect.at, (flow, effect.target))
    for at, (flow, target) in lost.items():
        if at not in committed and not any("commit" in one or "save" in one for one in flow.unresolved):
            what = f"`{target}`" if target else "the store"
            yield Violation(
                at=at,
                message=f"{flow.endpoint.title} writes {what} here and nothing commits it",
                flow=flow,
                confidence=Confidence.MEDIUM,
            )


def _in_functions(view: ProjectView) -> Iterator[Violation]:
    """Sessions and connections that one function opens, writes to and lets go."""
    opens = _opening(view)
    for facts in python_files(view, lambda source: _WRITES.search(source) and opens.search(source)):
        makers = frozenset(_makers(view, facts))
        for body in bodies(facts):
            if body.function is None:
                continue
            nodes = list(nodes_of(facts, body))
            for name, is_connection in _opened(nodes, makers):
                write = _first_write(nodes, name, is_connection=is_connection)
                if write is not None and not _may_be_committed(facts, nodes, name):
                    yield Violation(
                        at=Location(file=facts.path, line=write),
                        message=f"`{name}` is opened, written to and closed here without a commit",
                        confidence=Confidence.HIGH,
                    )


def _opening(view: ProjectView) -> re.Pattern[bytes]:
    """A name without which a file opens neither a session nor a connection."""
    files = [facts for path in view.files if _makes(view, path) and (facts := view.facts(path)) is not None]
    made = {name for facts in files for name in _made_here(facts)}
    names = {*made, *_SESSIONS, *(one.rpartition(".")[0] for one in _DRIVERS)}
    return re.compile("|".join(map(re.escape, sorted(names))).encode())


def _makers(view: ProjectView, facts: FileFacts) -> Iterator[str]:
    """Names of the file that make a session when called."""
    yield from _made_here(facts)
    for one in facts.imports:
        if one.module.partition(".")[0] in ("sqlalchemy", "sqlmodel") and one.name in _SESSIONS:
            yield one.alias
        elif one.name not in ("", "*"):
            path = view.resolve(one.module, facts.path)
            other = view.facts(path) if path is not None and path.endswith(".py") and _makes(view, path) else None
            if other is not None and one.name in _made_here(other):
                yield one.alias


def _makes(view: ProjectView, path: str) -> bool:
    return any(maker.encode() in view.source(path) for maker in _MAKERS)


def _made_here(facts: FileFacts) -> tuple[str, ...]:
    return tuple(
        one.target.id
        for one in facts.top
        if isinstance(one, Bind) and isinstance(one.target, TName) and last_name(one.value) in _MAKERS
    )


def _opened(nodes: list[object], makers: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """Local names that are a new session, or a new connection that a `with` does not commit."""
    for node in nodes:
        match node:
            case With(items=items):
                for value, target in items:
                    if isinstance(target, TName) and _makes_session(value, makers):
                        yield target.id, False
            case Bind(target=TName(id=name), value=value):
                if _makes_session(value, makers):
                    yield name, False
                elif _called(value) in _DRIVERS:
                    yield name, True
            case _:
                continue


def _plain(expression: Expr) -> Expr:
    return expression.value if isinstance(expression, Await) else expression


def _called(expression: Expr) -> str:
    """The dotted name of what a call calls."""
    call = _plain(expression)
    return dotted(call.fn) if isinstance(call, Call) else ""


def _makes_session(expression: Expr, makers: frozenset[str]) -> bool:
    return _called(expression) in makers


def _first_write(nodes: list[object], name: str, *, is_connection: bool) -> int | None:
    cursors = {name, *(_cursors(nodes, name) if is_connection else ())}
    for node in nodes:
        if not isinstance(node, Call) or not isinstance(node.fn, Attr) or not isinstance(node.fn.base, Name):
            continue
        if node.fn.base.id not in cursors:
            continue
        if (not is_connection and node.fn.name in _STAGES) or (
            node.fn.name in ("execute", "executemany") and node.args and _changes(node.args[0])
        ):
            return node.line
    return None


def _cursors(nodes: list[object], name: str) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Bind) and isinstance(node.target, TName) and _is_cursor(node.value, name):
            yield node.target.id
        if isinstance(node, With):
            yield from (one.id for value, one in node.items if isinstance(one, TName) and _is_cursor(value, name))


def _is_cursor(expression: Expr, name: str) -> bool:
    return _called(expression) == f"{name}.cursor"


def _changes(statement: object) -> bool:
    """The statement is SQL text, or built by `insert`, `update` or `delete`."""
    for node in walk(statement) if isinstance(statement, tuple) else ():
        if isinstance(node, Lit) and node.kind is LitKind.STR:
            return bool(_CHANGES.match(node.text))
        if isinstance(node, Call) and isinstance(node.fn, Name) and node.fn.id in ("insert", "update", "delete"):
            return True
    return False


def _may_be_committed(facts: FileFacts, nodes: list[object], name: str) -> bool:
    """Something commits, or the session is handed to what may."""
    if any(isinstance(node, Attr) and ("commit" in node.name or node.name in _BEGINS) for node in nodes):
        return True
    inner = [facts.functions[node.function].body for node in nodes if isinstance(node, Fn)]
    inner += [function.body for function in facts.functions if function.enclosing is not None]
    if any(isinstance(one, Name) and one.id == name for body in inner for one in walk(body)):
        return True
    return any(_holds(given, name) for node in nodes for given in _handed_on(node))


def _handed_on(node: object) -> tuple[Expr, ...]:
    """What a node gives to somebody else: arguments, results, other names, a `with` that may commit."""
    match node:
        case Call(args=args, kwargs=kwargs):
            return (*args, *(value for _, value in kwargs))
        case Return(value=value) | Yield(value=value) | Bind(value=value):
            return (value,)
        case With(items=items):
            return tuple(value for value, _ in items)
        case _:
            return ()


def _holds(expression: object, name: str) -> bool:
    """The session itself is among what is given, not only something that it gave."""
    match expression:
        case Name(id=found):
            return found == name
        case Call() | Attr():
            return False
        case tuple():
            return any(_holds(part, name) for part in expression)
        case _:
            return False


RULE: Final = Rule(
    id="commit-missing",
    summary="a session is written to and never committed",
    severity=Severity.WARNING,
    check=_check,
)
