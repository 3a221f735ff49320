"""Content stands in the code although the schema has a table for it.

An endpoint answers with a long list of records written into the code, and a model describes rows of the same name and
with the same fields.

## Why this is a defect
There are two truths. What is changed in the table is not what the endpoint shows, new rows never appear, and every
change of content is a release. It mostly is a first draft that was kept when the table came.

## What to do
Seed the table from the list in a migration, answer with its rows, and delete the list.

## Known limits
Lists and dicts of at least five records with three fields in common are looked at, in Python, and told of where the
name of the list, of the handler or of its path is the table's and most of their fields are its columns. Where the
endpoint reads that table too, the list is taken for what comes with the program beside what users add.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.model import Confidence, Evidence, Location, Severity, Verdict
from assay.probes.code.names import last_name
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import thing_of
from assay.probes.code.rules.nodes import every_node, walk
from assay.probes.code.rules.serving import python_files
from assay.probes.code.syntax import Bind, Call, Obj, Seq, TName
from assay.probes.code.view import AnswerKind, Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import Class, FileFacts
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import EndpointFlow, ProjectView

_FEWEST_RECORDS: Final = 5
_FEWEST_FIELDS: Final = 3
_SHARE: Final = 0.6
_MODELS: Final = (b"__tablename__", b"mapped_column(", b"Column(", b"models.Model", b"table=True", b"Document")
_COLUMNS: Final = re.compile(r"(?:Column|mapped_column|Field|\w+Field|ForeignKey|relationship)$")


class _Content(NamedTuple):
    """Records that stand in the code: the name they are bound to, their lines, how many, and their common fields."""

    name: str
    file: str
    first: int
    last: int
    records: int
    fields: frozenset[str]


class _Table(NamedTuple):
    """A model: what its rows are, its columns, and where it is defined."""

    name: str
    thing: str
    columns: frozenset[str]
    at: Location


def _check(examined: Examined) -> Iterator[Violation]:
    view = examined.view
    served = list(_served(view))
    tables = list(_tables(view)) if served else []
    said: set[tuple[str, int]] = set()
    for content, flow in served:
        table = next((one for one in tables if _is_same(content, flow, one) and not _asks(view, flow, one)), None)
        if table is not None and (content.file, content.first) not in said:
            said.add((content.file, content.first))
            yield Violation(
                at=Location(file=content.file, line=content.first),
                message=f"{flow.endpoint.title} answers with {content.records} records that stand in the code,"
                f" although `{table.name}` is the table for them",
                related=(Evidence(at=table.at, message=f"`{table.name}` is defined here"),),
                confidence=Confidence.MEDIUM,
            )


def _served(view: ProjectView) -> Iterator[tuple[_Content, EndpointFlow]]:
    """The contents of which something is in a normal answer of a served endpoint, with that endpoint."""
    contents: dict[str, list[_Content]] = {}
    for flow in view.endpoints:
        answers = flow.answers if flow.endpoint.verdict is not Verdict.UNWIRED else ()
        usual = [one for one in answers if one.kind is AnswerKind.OK and one.cause is Cause.NORMAL]
        for file, line in sorted({(one.at.file, one.at.line) for answer in usual for one in answer.literals}):
            if file not in contents:
                facts = view.facts(file) if file.endswith(".py") else None
                contents[file] = list(_contents(facts)) if facts is not None else []
            yield from ((one, flow) for one in contents[file] if one.first <= line <= one.last)


def _contents(facts: FileFacts) -> Iterator[_Content]:
    names: dict[int, str] = {}
    for node in every_node(facts):
        if isinstance(node, Bind) and isinstance(node.target, TName):
            names[id(node.value)] = node.target.id
        if isinstance(node, Seq | Obj):
            records = node.items if isinstance(node, Seq) else tuple(value for _, value in node.pairs)
            fields = [one for one in map(_fields, records) if one]
            common = frozenset.intersection(*fields) if fields else frozenset()
            if len(fields) >= _FEWEST_RECORDS and len(common) >= _FEWEST_FIELDS:
                last = max((getattr(one, "line", node.line) for one in walk((node,))), default=node.line)
                yield _Content(names.get(id(node), ""), facts.path, node.line, last, len(fields), common)


def _fields(record: object) -> frozenset[str]:
    match record:
        case Obj(pairs=pairs):
            return frozenset(key for key, _ in pairs if key and key != "*")
        case Call(kwargs=kwargs):
            return frozenset(key for key, _ in kwargs if key != "**")
        case _:
            return frozenset()


def _tables(view: ProjectView) -> Iterator[_Table]:
    for facts in python_files(view, _may_define_tables):
        for one in facts.classes:
            columns = frozenset(_columns(one))
            if len(columns) >= _FEWEST_FIELDS:
                at = Location(file=facts.path, line=one.line)
                yield _Table(one.name, thing_of(one.name), columns, at)


def _may_define_tables(source: bytes) -> bool:
    return any(one in source for one in _MODELS)


def _columns(model: Class) -> Iterator[str]:
    for field in model.fields:
        if isinstance(field.target, TName) and isinstance(field.value, Call) and _COLUMNS.match(last_name(field.value)):
            yield field.target.id


def _is_same(content: _Content, flow: EndpointFlow, table: _Table) -> bool:
    """The content is named like rows of this table and has their fields."""
    shared = content.fields & table.columns
    if len(shared) < _FEWEST_FIELDS or len(shared) < _SHARE * len(content.fields):
        return False
    segments = [one for one in flow.endpoint.path.split("/") if one and not one.startswith(("{", "<", ":"))]
    return table.thing in {thing_of(content.name), *(thing_of(one) for one in segments[-1:])}


def _asks(view: ProjectView, flow: EndpointFlow, table: _Table) -> bool:
    """The endpoint reads the table too, or its handler names it."""
    if any(effect.target and thing_of(effect.target) == table.thing for effect in flow.store_reads):
        return True
    at = flow.handler_at
    facts = view.facts(at.file) if at is not None else None
    handlers = [one for one in facts.functions if at is not None and one.line == at.line] if facts is not None else []
    lines = view.source(facts.path).splitlines() if facts is not None and handlers else []
    named = re.compile(rb"\b%s\s*[.,)\]]" % re.escape(table.name.encode()))
    return any(named.search(line) for one in handlers for line in lines[one.line - 1 : one.end_line])


RULE: Final = Rule(
    id="hardcoded-content",
    summary="content stands in the code although the schema has a table for it",
    severity=Severity.WARNING,
    check=_check,
)
