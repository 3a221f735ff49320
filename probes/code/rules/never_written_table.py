"""A table that endpoints read is written by nothing in the project.

Code reads the model, and no code makes a row of it: no constructor, no `insert`, no SQL, no seed, no migration.

## Why this is a defect
The endpoints answer with an empty list for ever, or with what somebody once put in by hand. Often the page that should
fill the table, or its import, was never built.

## What to do
Write the table where its data comes from, or seed it in a migration, or take out what reads it.

## Known limits
Models of SQLAlchemy, SQLModel and Flask-SQLAlchemy are judged, in a project that makes its tables itself and writes at
least as many of them as it leaves alone. A class that is handed to other code (an admin view, a generic repository, a
library for users), that another class inherits from, or that is found by its name, may be written there and is not
reported, nor is a view. Rows that only tests make count for nothing. A table that another service fills is reported:
say so in a suppression.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.facts import Param
from assay.probes.code.model import Confidence, Evidence, Location, Severity, Verdict
from assay.probes.code.names import last_name
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.nodes import every_node, walk
from assay.probes.code.rules.tables import names_of_class
from assay.probes.code.syntax import Attr, Bind, Call, Lit, LitKind, Name, TName
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import Effect, EndpointFlow, ProjectView

_LIBRARY: Final = "sqlalchemy"
_BODY_BYTES: Final = 20_000
_TEST: Final = re.compile(rb"\bdef test_|\bpytest\b|\bunittest\b")
# The name goes on to the left, or stands in a text: `"<Rating(id=1)>"`.
_NO_CALL: Final = (b"_", b"<", b'"', b"'", b"`")
_WRITES_ELSEWHERE: Final = rb"create|bulk|insert|upsert|build|findOrCreate|save|add"
_MAKES_TABLES: Final = (b"create_all", b"create_table(", b"CREATE TABLE", b"create table")
_TABLENAME: Final = re.compile(rb"""__tablename__\s*(?::[^=\n]+)?=\s*["'](\w+)["']""")
_FOREIGN: Final = re.compile(
    rb"autoload|__table__\s*=|__abstract__|is_view|polymorphic_identity|__bind_key__|DeferredReflection"
)
_READING_CALLS: Final = frozenset({
    "select", "query", "exists", "select_from", "join", "outerjoin", "aliased", "contains_eager", "isinstance",
    "scalars", "get", "get_one", "get_or_404", "selectinload", "joinedload", "subqueryload", "of_type", "count",
    "with_entity", "relationship", "Relationship", "backref", "with_entities",
})  # fmt: skip
_READING_METHODS: Final = frozenset({"model_validate", "from_orm"})
_READING_KEYWORDS: Final = frozenset({"response_model", "entity", "foreign_keys", "secondary"})


class _Table(NamedTuple):
    """A model that is read: its class, its possible names as a table, its definition and its first reader."""

    name: str
    tables: tuple[str, ...]
    at: Location
    flow: EndpointFlow
    effect: Effect


def _check(examined: Examined) -> Iterator[Violation]:
    view = examined.view
    read, written = _uses(view)
    unwritten = sorted(set(read) - written)
    if not unwritten or not written:
        return
    found = [table for name in unwritten if (table := _judged(examined, name, *read[name])) is not None]
    if not found or not _makes_tables(examined):
        return
    models = (name for name in sorted(written) if _is_class(view, name))
    if sum(1 for _ in islice(models, len(found))) < len(found):
        return
    for table in found:
        yield Violation(
            at=table.at,
            message=f"`{table.name}` is read by {table.flow.endpoint.title}, and nothing in the project ever writes it",
            related=(Evidence(at=table.effect.at, message="it is read here"),),
            confidence=Confidence.MEDIUM,
        )


def _uses(view: ProjectView) -> tuple[dict[str, tuple[EndpointFlow, Effect]], set[str]]:
    """The models that served endpoints read, each with its first reader, and those that endpoints write."""
    read: dict[str, tuple[EndpointFlow, Effect]] = {}
    written: set[str] = set()
    for flow in view.endpoints:
        for effect in flow.effects:
            if effect.library != _LIBRARY or not effect.target.isidentifier():
                continue
            if effect.kind is EffectKind.STORE_WRITE:
                written.add(effect.target)
            elif effect.kind is EffectKind.STORE_READ and flow.endpoint.verdict is not Verdict.UNWIRED:
                read.setdefault(effect.target, (flow, effect))
    return read, written


def _is_class(view: ProjectView, name: str) -> bool:
    definition = f"class {name}(".encode()
    return any(definition in view.source(file) for file in view.files)


def _makes_tables(examined: Examined) -> bool:
    texts = (*map(examined.view.source, examined.view.files), *examined.beside())
    return any(mark in text for text in texts for mark in _MAKES_TABLES)


def _judged(examined: Examined, name: str, flow: EndpointFlow, effect: Effect) -> _Table | None:
    """The table of this class where nothing writes it. The cheap questions, which most answer, come first."""
    view, word = examined.view, name.encode()
    using = [file for file in view.files if word in view.source(file)]
    if any(_is_made(view.source(file), word) for file in using):
        return None
    table = _defined(view, name, using, flow, effect)
    if table is None or any(file.endswith(".py") and _escapes(view.facts(file), table) for file in using):
        return None
    return None if _is_filled(examined, table) else table


def _is_made(source: bytes, word: bytes) -> bool:
    """The class is called, or another one inherits from it."""
    at = source.find(word)
    while at >= 0:
        before = source[max(at - 6, 0) : at]
        after = source[at + len(word) : at + len(word) + 1]
        if not before[-1:].isalnum() and before[-1:] not in _NO_CALL:
            if after == b"(" and before != b"class ":
                return True
            line = source[source.rfind(b"\n", 0, at) + 1 : at].lstrip()
            if after in (b")", b",") and line.startswith(b"class "):
                return True
        at = source.find(word, at + 1)
    return False


def _defined(view: ProjectView, name: str, using: list[str], flow: EndpointFlow, effect: Effect) -> _Table | None:
    """The only class of this name, where it is a table that this project describes itself."""
    pattern = re.compile(rb"^class %s\s*\(" % name.encode(), re.MULTILINE)
    found = [(file, match.start()) for file in using for match in pattern.finditer(view.source(file))]
    if len(found) != 1:
        return None
    file, start = found[0]
    source = view.source(file)
    following = re.compile(rb"^(?:class|def|async def|@)", re.MULTILINE).search(source, start + 1)
    body = source[start : following.start() if following else start + _BODY_BYTES]
    if _FOREIGN.search(body):
        return None
    said = _TABLENAME.search(body)
    tables = (said[1].decode().lower(),) if said else tuple(sorted(names_of_class(name)))
    at = Location(file=file, line=source.count(b"\n", 0, start) + 1)
    return _Table(name, tables, at, flow, effect)


def _is_filled(examined: Examined, table: _Table) -> bool:
    """SQL, another language or a script beside the code writes the table, or it is defined as a view."""
    view, word = examined.view, table.name.encode()
    tables = b"|".join(one.encode() for one in table.tables)
    filled = re.compile(
        rb"(?:into|update|copy|view|exists)\s+(?:only\s+)?[\"'`\[]?(?:\w+[\"'`\]]?\.[\"'`\[]?)?(?:%s)\b"
        rb"|to_sql\(\s*(?:name\s*=\s*)?[\"'](?:%s)[\"']" % (tables, tables),
        re.IGNORECASE,
    )
    elsewhere = re.compile(rb"\b(?:%s|%s)\.(?:%s)" % (word, tables, _WRITES_ELSEWHERE), re.IGNORECASE)
    quoted = re.compile(rb"[\"'](?:%s)[\"']" % tables, re.IGNORECASE)
    words = [one.encode() for one in (*table.tables, table.name, table.name[:1].lower() + table.name[1:])]
    for file in view.files:
        text = view.source(file)
        if any(one in text for one in words) and (
            filled.search(text) or (not file.endswith(".py") and elsewhere.search(text))
        ):
            return True
    for text in examined.beside():
        if _TEST.search(text):
            continue
        named = any(one.encode() in text.lower() for one in table.tables)
        if _is_made(text, word) or (named and (filled.search(text) or (b"insert" in text and quoted.search(text)))):
            return True
    return False


def _escapes(facts: FileFacts | None, table: _Table) -> bool:
    """Some use of the class or of its name in this file is not known to only read."""
    if facts is None or any(one.name == table.name and one.alias != table.name for one in facts.imports):
        return True
    reading: set[int] = set()
    nodes = list(_nodes(facts))
    for node in nodes:
        if isinstance(node, Bind) and isinstance(node.target, TName) and node.target.id == "__all__":
            reading.update(id(one) for one in walk((node.value,)))
        if isinstance(node, Param) and node.hint is not None:
            reading.update(id(one) for one in walk((node.hint,)))
        if isinstance(node, Attr) and _is(node.base, table.name):
            reading.add(id(node.base))
        if isinstance(node, Call):
            called = node.fn
            if isinstance(called, Attr) and _is(called.base, table.name) and called.name not in _READING_METHODS:
                return True
            if last_name(called) in _READING_CALLS:
                reading.update(id(one) for one in node.args)
            reading.update(id(value) for key, value in node.kwargs if key in _READING_KEYWORDS)
    return any(_is_named(node, table) and id(node) not in reading for node in nodes)


def _nodes(facts: FileFacts) -> Iterator[object]:
    yield from every_node(facts)
    for function in facts.functions:
        yield from walk(function.decorators)


def _is(node: object, name: str) -> bool:
    """The class itself, plain or as a member of its module."""
    return (isinstance(node, Name) and node.id == name) or (isinstance(node, Attr) and node.name == name)


def _is_named(node: object, table: _Table) -> bool:
    """The class, or a text by which it could be found."""
    is_text = isinstance(node, Lit) and node.kind is LitKind.STR and node.text == table.name
    return is_text or _is(node, table.name)


RULE: Final = Rule(
    id="never-written-table",
    summary="a table that endpoints read is written by nothing in the project",
    severity=Severity.NOTE,
    check=_check,
)
