"""The tables that a project defines and names, told from its texts, for the rules about them. Names are lower case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.rules.nodes import every_node
from assay.probes.code.rules.serving import python_files
from assay.probes.code.syntax import Lit, LitKind, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import ProjectView

_DEFINITIONS: Final = (
    (b"__tablename__", re.compile(rb"""__tablename__\s*(?::[^=\n]+)?=\s*f?["'](\w+)["']""")),
    (
        b"table(",
        re.compile(rb"""(?:\btable|create_table)\(\s*["'](\w+)["']|rename_table\(\s*["']\w+["'],\s*["'](\w+)["']"""),
    ),
    (b"db_table", re.compile(rb"""\bdb_table\s*=\s*["'](?:\w+\.)?(\w+)["']""")),
    (b"table_name", re.compile(rb"""\btable_name\s*=\s*["'](\w+)["']""")),
    (
        b"create",
        re.compile(
            rb"create\s+(?:or\s+replace\s+)?(?:(?:global\s+|local\s+)?temp\w*\s+|unlogged\s+|virtual\s+|foreign\s+"
            rb"|materialized\s+)*(?:table|view)\s+(?:if\s+not\s+exists\s+)?[\"`\[]?(?:\w+[\"`\]]?\.[\"`\[]?)?(\w+)"
        ),
    ),
    (b"rename", re.compile(rb"""rename\s+to\s+["`]?(\w+)""")),
    (b"@@map", re.compile(rb"""@@map\(["'](\w+)["']\)""")),
    (b"model ", re.compile(rb"^model\s+(\w+)\s*\{", re.MULTILINE)),
)
"""A word, and what defines a table in a text in lower case that holds it."""
_MAPPED: Final = re.compile(rb"sqlalchemy|sqlmodel|\.Model\b|peewee|tortoise|pony|DeclarativeBase|ormar|gino")
_CLASS: Final = re.compile(rb"^[ \t]*class\s+(\w+)\s*\(", re.MULTILINE)
_SQL_GATE: Final = re.compile(
    rb"""["'](?:\s|\\[nt\n])*(?:select\b|insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\b|with\s+\w)""",
    re.IGNORECASE,
)
_STATEMENT: Final = re.compile(
    r"\s*(?:select\b.*\bfrom\b|insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\b|with\s+\w+.*\bas\b)",
    re.IGNORECASE | re.DOTALL,
)
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_PARTS: Final = re.compile(
    r"\b(?:extract|substring|trim|overlay|position)\s*\([^()]*\)|\bdistinct\s+from\b", re.IGNORECASE
)
_NAMED: Final = re.compile(
    r"(?:\b(?:from|join)\s+(?:only\s+|lateral\s+)?([\"`\w.]+)(?!\s*\()(?![\w.\"`\0])"
    r"|\b(?:insert\s+into|^\s*update|delete\s+from)\s+([\"`\w.]+)(?![\w.\"`\0]))",
    re.IGNORECASE,
)
_COMMON: Final = re.compile(
    r"(?:\bwith\s+(?:recursive\s+)?|,\s*)(\w+)\s*(?:\([^()]*\))?\s+as\s*(?:not\s+)?(?:materialized\s*)?\(",
    re.IGNORECASE,
)
_SYSTEM: Final = re.compile(
    r"pg_\w+|sqlite_\w+|alembic_version|information_schema|sys|dual|mysql|performance_schema|all_\w+|user_tables"
)
_NO_TABLE: Final = frozenset({
    "select", "set", "of", "skip", "nowait", "values", "lateral", "unnest", "generate_series", "only", "rows",
    "json_each", "where", "the", "a", "an", "this", "your", "excluded", "current", "now",
})  # fmt: skip


class Named(NamedTuple):
    """A table that an SQL text names, without its schema."""

    name: str
    file: str
    line: int


def defined_tables(examined: Examined) -> frozenset[str]:
    """The tables and views that models, migrations and SQL texts define, with what a mapper would name a class."""
    view = examined.view
    found: set[str] = set()
    for source in (*map(view.source, view.files), *examined.beside()):
        small = source.lower()
        for word, definition in _DEFINITIONS:
            for match in definition.finditer(small) if word in small else ():
                found.update(one.decode("utf-8", "replace") for one in match.groups() if one)
        if _MAPPED.search(source):
            for match in _CLASS.finditer(source):
                found.update(names_of_class(match[1].decode("utf-8", "replace")))
    return frozenset(found)


def names_of_class(name: str) -> Iterator[str]:
    """What mappers name the table of a class when it does not say."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    for one in (name.lower(), snake):
        yield from (one, f"{one}s", f"{one}es", f"{one.removesuffix('y')}ies")


def named_tables(view: ProjectView) -> Iterator[Named]:
    """The tables that SQL texts in Python files name; parts that are put in at run time name none."""
    for facts in python_files(view, _SQL_GATE.search):
        for text, line in _texts(facts):
            if _STATEMENT.match(text):
                yield from (Named(name, facts.path, line) for name in tables_of(text))


def _texts(facts: FileFacts) -> Iterator[tuple[str, int]]:
    inner: set[int] = set()
    for node in every_node(facts, Text, Lit):
        if isinstance(node, Text):
            inner.update(id(part) for part in node.parts)
            yield "".join(part.text if isinstance(part, Lit) else "\0" for part in node.parts), node.line
        elif isinstance(node, Lit) and node.kind is LitKind.STR and id(node) not in inner:
            yield node.text, node.line


def tables_of(statement: str) -> tuple[str, ...]:
    """The tables of one SQL text, each once, without those that it makes itself."""
    text = _PARTS.sub(" ", _COMMENT.sub("\0", statement))
    common = {one.lower() for one in _COMMON.findall(text)}
    found: dict[str, None] = {}
    for match in _NAMED.finditer(text):
        parts = (match[1] or match[2]).replace('"', "").replace("`", "").lower().split(".")
        name = parts[-1]
        is_system = any(_SYSTEM.fullmatch(one) for one in parts)
        if name and name not in common | _NO_TABLE and not is_system and not name[0].isdigit():
            found[name] = None
    return tuple(found)
