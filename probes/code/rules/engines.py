"""Where a Python project makes its connections to databases, for the rules about them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.names import dotted, last_name
from assay.probes.code.rules.nodes import environment_variable, walk
from assay.probes.code.rules.serving import Body, bodies, nodes_of, python_files
from assay.probes.code.syntax import Attr, Bind, Call, Item, Lit, LitKind, Name, Op, Text, TName, TPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.syntax import Expr
    from assay.probes.code.view import ProjectView

_GATE: Final = re.compile(
    rb"create_(?:async_)?engine\(|\bSQLAlchemy\(|\bcreate_pool\(|ConnectionPool\(|Mongo(?:Client|Motor\w*)\(|AsyncIOMotorClient\("
)
_MAKERS: Final = {
    "create_engine": ("engine", ("sqlalchemy", "sqlmodel")),
    "create_async_engine": ("async engine", ("sqlalchemy",)),
    "SQLAlchemy": ("Flask-SQLAlchemy object", ("flask_sqlalchemy",)),
    "create_pool": ("pool", ("asyncpg", "aiomysql", "aiopg")),
    "ConnectionPool": ("pool", ("psycopg_pool",)),
    "AsyncConnectionPool": ("pool", ("psycopg_pool",)),
    "ThreadedConnectionPool": ("pool", ("psycopg2",)),
    "SimpleConnectionPool": ("pool", ("psycopg2",)),
    "MongoClient": ("MongoDB client", ("pymongo",)),
    "AsyncMongoClient": ("MongoDB client", ("pymongo",)),
    "AsyncIOMotorClient": ("MongoDB client", ("motor",)),
}
_UNWRAPPED: Final = frozenset({"str", "make_url", "URL", "replace", "unicode_string", "render_as_string", "set"})
_DEEPEST: Final = 6


class Engine(NamedTuple):
    """A place where an engine, pool or client is made.

    `address` is what its address is made of, as far as that is known: the name of a setting, or a literal. `held` is
    the name it is bound to.
    """

    kind: str
    body: Body
    line: int
    call: Call
    address: str
    held: str


def engines(view: ProjectView) -> Iterator[Engine]:
    """Every engine that the files of the project make, in the order of files and lines."""
    for facts in python_files(view, _GATE.search):
        imported = {one.module.partition(".")[0] for one in facts.imports}
        found = [one for body in bodies(facts) for one in _made(facts, body, imported)]
        yield from sorted(found, key=lambda one: (one.line, one.held))


def _made(facts: FileFacts, body: Body, imported: set[str]) -> Iterator[Engine]:
    nodes = list(nodes_of(facts, body))
    held: dict[int, str] = {}
    for node in nodes:
        if isinstance(node, Bind):
            name = node.target.id if isinstance(node.target, TName) else ""
            name = dotted(node.target.place) if isinstance(node.target, TPath) else name
            held.update({id(inner): name for inner in walk((node.value,)) if isinstance(inner, Call)})
    seen: set[int] = set()
    for node in nodes:
        if not isinstance(node, Call) or id(node) in seen:
            continue
        seen.add(id(node))
        kind, libraries = _MAKERS.get(last_name(node.fn), ("", ()))
        if kind and imported & set(libraries):
            yield Engine(kind, body, node.line, node, address_of(node, facts, nodes), held.get(id(node), ""))


def address_of(call: Call, facts: FileFacts, nodes: list[object]) -> str:
    """What the address in a call is made of, or an empty string."""
    given = call.args[0] if call.args else next((one for key, one in call.kwargs if key in ("url", "dsn")), None)
    return _named(given, facts, nodes, _DEEPEST) if given is not None else ""


def _named(expression: Expr, facts: FileFacts, nodes: list[object], depth: int) -> str:
    address = (environment_variable(expression) or "").lower()
    inner: tuple[Expr, ...] = ()
    match expression:
        case _ if address or depth == 0:
            pass
        case Lit(kind=LitKind.STR, text=text):
            address = text
        case Name(id=name):
            value = _bound(name, (*facts.top, *nodes))
            address = name.lower() if value is None else _named(value, facts, nodes, depth - 1)
        case Attr(name=text) | Item(key=Lit(text=text)):
            address = text.lower()
        case Call(fn=Attr(base=base, name=name)) if name in _UNWRAPPED:
            inner = (base,)
        case Call(fn=Name(id=name), args=(first, *_)) if name in _UNWRAPPED:
            inner = (first,)
        case Text(parts=parts) | Op(operands=parts):
            inner = parts
        case _:
            pass
    return address or "".join(_named(one, facts, nodes, depth - 1) or "?" for one in inner)


def _bound(name: str, nodes: tuple[object, ...]) -> Expr | None:
    """The only value that a name is bound to."""
    found = {
        id(node): node.value
        for node in nodes
        if isinstance(node, Bind) and isinstance(node.target, TName) and node.target.id == name and not node.operator
    }
    return next(iter(found.values())) if len(found) == 1 else None
