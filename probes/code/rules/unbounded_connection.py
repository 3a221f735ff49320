"""The application waits for its database, or asks for connections, without any bound.

- A connection of psycopg or psycopg2 is opened without `connect_timeout`: libpq then waits for the operating system,
  130 seconds where packets are dropped.
- A pool is told to have no bound (`pool_size=0`, `max_overflow=-1`), or a wait to have none (`connect_timeout=0`,
  `pool_timeout=None`).
- A connection is tried again for ever: `while True` around it, and the failure is swallowed.

## Why this is a defect
While the database is slow or gone, every worker hangs in a connect: the service answers nobody, not even its health
check. A pool without a bound takes every connection that the server has. A start-up that tries for ever never tells
the orchestrator that it failed.

## What to do
Give each connect, and each wait for a pool, a timeout well below that of the request; bound the pool; end a start-up
that has failed a few times, and let the orchestrator start it again.

## Known limits
What SQLAlchemy, asyncpg and the MySQL drivers do by default has a bound and is not reported. Where the address may hold
`connect_timeout` (a variable, `**options`) nothing is said. Only what runs in the service is judged, not scripts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Location, Severity
from assay.probes.code.names import dotted, last_name
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.nodes import walk
from assay.probes.code.rules.serving import Serving, bodies, nodes_of, python_files
from assay.probes.code.syntax import Attr, Call, Jump, Lit, LitKind, Loop, Op, Raise, Return, Text, Try

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined
    from assay.probes.code.syntax import Expr

_GATE: Final = re.compile(
    rb"psycopg2?\.connect\(|Connection\.connect\(|pool_size\s*=\s*0|max_overflow\s*=\s*-1|pool_timeout\s*=\s*None"
    rb"|connect_timeout[\"']?\s*[=:]\s*0|while\s+(?:True|1)"
)
_LIBPQ: Final = frozenset({
    "psycopg2.connect", "psycopg.connect", "psycopg.Connection.connect", "psycopg.AsyncConnection.connect",
    "AsyncConnection.connect",
})  # fmt: skip
_CONNECTS: Final = frozenset({"connect", "create_pool", "raw_connection"})
_DATABASES: Final = re.compile(r"psycopg|pg|mysql|maria|sql|engine|database|\bdb\b|mongo", re.IGNORECASE)
_UNBOUNDED: Final = {
    "pool_size": ("0", "the pool has no bound"),
    "max_overflow": ("-1", "the pool has no bound"),
    "pool_timeout": ("None", "a request waits for a connection for ever"),
    "connect_timeout": ("0", "a connect waits without a bound"),
}
_GIVES_UP: Final = frozenset({"exit", "_exit", "abort", "fail"})


def _check(examined: Examined) -> Iterator[Violation]:
    serving = Serving(examined.view)
    for facts in python_files(examined.view, _GATE.search):
        for body in bodies(facts):
            found = dict(_unbounded(list(nodes_of(facts, body))))
            if found and serving.runs(body):
                for line in sorted(found):
                    yield Violation(
                        at=Location(file=facts.path, line=line), message=found[line], confidence=Confidence.HIGH
                    )


def _unbounded(nodes: list[object]) -> Iterator[tuple[int, str]]:
    loops = [node for node in nodes if isinstance(node, Loop) and _tries_for_ever(node)]
    said = {id(inner) for loop in loops for inner in walk(loop.body)}
    yield from (
        (loop.line, "a connection is tried again for ever: the service neither starts nor fails") for loop in loops
    )
    for node in nodes:
        if isinstance(node, Call) and id(node) not in said:
            if dotted(node.fn) in _LIBPQ and _has_no_timeout(node):
                yield node.line, f"`{dotted(node.fn)}` has no `connect_timeout`: it may wait for minutes"
            yield from _told_so(node)


def _told_so(call: Call) -> Iterator[tuple[int, str]]:
    if "engine" not in last_name(call.fn) and last_name(call.fn) not in _CONNECTS:
        return
    for node in (one for _, value in call.kwargs for one in walk((value,))):
        if hasattr(node, "pairs"):
            for key, value in node.pairs:
                if key == "connect_timeout" and _written(value) == "0":
                    yield call.line, f"`connect_timeout` is 0: {_UNBOUNDED['connect_timeout'][1]}"
    for key, value in call.kwargs:
        literal, why = _UNBOUNDED.get(key, ("", ""))
        if literal and _written(value) == literal:
            yield call.line, f"`{key}={literal}`: {why}"


def _written(value: Expr) -> str:
    match value:
        case Lit(kind=LitKind.NUM | LitKind.NONE, text=text):
            return text
        case Op(operator="-", operands=(Lit(text=text),)):
            return f"-{text}"
        case _:
            return ""


def _has_no_timeout(call: Call) -> bool:
    """All that it is given stands here, and no timeout is among it."""
    names = {key for key, _ in call.kwargs}
    if "connect_timeout" in names or "**" in names:
        return False
    texts = [*call.args[:1], *(value for key, value in call.kwargs if key in ("dsn", "conninfo", "service"))]
    return all(_is_plain_address(one) for one in texts)


def _is_plain_address(expression: Expr) -> bool:
    literals = [one for one in walk((expression,)) if isinstance(one, Lit) and one.kind is LitKind.STR]
    known = isinstance(expression, Lit) or (isinstance(expression, Text) and bool(literals))
    return known and not any("connect_timeout" in one.text for one in literals)


def _tries_for_ever(loop: Loop) -> bool:
    """`while True` around a connect whose failure is swallowed, without a count of the attempts."""
    if loop.target is not None or not (isinstance(loop.iterated, Lit) and loop.iterated.text in ("True", "1")):
        return False
    for node in walk(loop.body):
        if isinstance(node, Try) and any(_connects(one) for one in walk(node.body)):
            passed = [inner for handler in node.handlers for inner in walk(handler.body)]
            ends = any(
                isinstance(one, Raise | Return) or (isinstance(one, Jump) and one.kind == "break") for one in passed
            )
            leaves = any(isinstance(one, Call) and last_name(one.fn) in _GIVES_UP for one in passed)
            return bool(node.handlers) and not ends and not leaves and _leaves_when_connected(loop)
    return False


def _leaves_when_connected(loop: Loop) -> bool:
    """The loop ends once it is connected: it is no listener that lives as long as the service."""
    return any(isinstance(one, Return) or (isinstance(one, Jump) and one.kind == "break") for one in walk(loop.body))


def _connects(node: object) -> bool:
    if not isinstance(node, Call) or not isinstance(node.fn, Attr):
        return False
    return node.fn.name in _CONNECTS and bool(_DATABASES.search(dotted(node.fn.base)))


RULE: Final = Rule(
    id="unbounded-connection",
    summary="the application waits for its database, or asks for connections, without a bound",
    severity=Severity.WARNING,
    check=_check,
)
