"""`match`: a chain of branches whose tests name the subject, the values of the pattern, and what it captures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.languages.python.context import (
    DEEPEST,
    IDENTIFIER,
    Lowering,
    block,
    expression,
    field,
    kind,
    kinds,
    named,
    parts,
)
from assay.probes.code.languages.python.expressions import together
from assay.probes.code.languages.python.operators import condition
from assay.probes.code.syntax import (
    Assign,
    Attr,
    Bind,
    Eval,
    Expr,
    If,
    Item,
    Lit,
    LitKind,
    Name,
    Opaque,
    Stmt,
    Test,
    TName,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from assay.probes.code.languages.python.context import StmtHandler

_AS: Final = kinds("as_pattern")
_BLOCK: Final = kinds("block")
_CASE: Final = kind("case_clause")
_CASE_PATTERN: Final = kind("case_pattern")
_CLASS: Final = kind("class_pattern")
_DICT: Final = kind("dict_pattern")
_DOTTED: Final = kind("dotted_name")
_GUARD: Final = kind("if_clause")
_KEYWORD: Final = kind("keyword_pattern")
_SEQUENCES: Final = kinds("list_pattern", "tuple_pattern")
_SPLAT: Final = kind("splat_pattern")
_UNION: Final = kind("union_pattern")
_FIELD_SUBJECT: Final = field("subject")
_VALUES: Final = kinds("string", "concatenated_string", "integer", "float", "true", "false", "none", "complex_pattern")


def _match(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    line = node.start_point[0] + 1
    subjects = [child for child in node.children_by_field_id(_FIELD_SUBJECT) if child.is_named]
    value = together(c, subjects, depth + 1) if subjects else Opaque("error", (), line)
    if isinstance(value, Name):
        subject = value
    else:  # evaluated once, under a name that no source can hold
        subject = Name(f"match@{line}", line)
        out.append(Bind(TName(subject.id, line), value, "", line))
    clauses = [
        clause
        for body in named(c, node)
        if body.kind_id in _BLOCK
        for clause in named(c, body)
        if clause.kind_id == _CASE
    ]
    out.extend(_branches(c, subject, clauses, depth))


def _branches(c: Lowering, subject: Name, clauses: list[Node], depth: int) -> tuple[Stmt, ...]:
    lowered: list[tuple[int, Expr | None, tuple[Stmt, ...]]] = []
    for level, clause in enumerate(clauses):
        line = clause.start_point[0] + 1
        at = depth + level + 1
        if at > DEEPEST:
            lowered.append((line, None, (Eval(c.too_deep(clause), line),)))
            break
        lowered.append((line, _test(c, subject, clause, at), block(c, _inside(clause), at)))
        if lowered[-1][1] is None:
            break
    other: tuple[Stmt, ...] = ()
    for line, test, body in reversed(lowered):
        other = body if test is None else (If(test, body, other, line),)
    return other


def _inside(clause: Node) -> list[Node]:
    return [statement for child in clause.children if child.kind_id in _BLOCK for statement in child.children]


def _test(c: Lowering, subject: Name, clause: Node, depth: int) -> Expr | None:
    """Nothing for a branch that is always taken."""
    patterns: list[Node] = []
    guards: list[Expr] = []
    for child in named(c, clause):
        if child.kind_id == _CASE_PATTERN:
            patterns.append(child)
        elif child.kind_id == _GUARD:
            guards.extend(condition(c, inner, depth + 2) for inner in named(c, child))
    found: list[Expr] = []
    if len(patterns) == 1:
        found.extend(_pattern(c, patterns[0], subject, depth + 2))
    else:
        found.extend(_elements(c, patterns, subject, depth + 2))
    if not found and not guards and len(patterns) == 1:
        return None
    line = clause.start_point[0] + 1
    test: Expr = Test("match", (subject, *found), line)
    return Test("and", (test, *guards), line) if guards else test


def _pattern(c: Lowering, node: Node, subject: Expr, depth: int) -> Iterator[Expr]:
    """The values a pattern compares with and the names it binds, to the part of the subject that stands there."""
    while node.kind_id == _CASE_PATTERN and node.named_child_count == 1:
        node = named(c, node)[0] if named(c, node) else node
        if node.kind_id == _CASE_PATTERN and not node.named_child_count:
            return
    if depth >= DEEPEST:
        yield c.too_deep(node)
        return
    line = node.start_point[0] + 1
    if node.kind_id in (_DOTTED, IDENTIFIER):
        yield from _name(c, node, subject, line)
    elif node.kind_id in _VALUES:
        yield expression(c, node, depth)
    elif node.kind_id in _AS:
        inner = named(c, node)
        yield from _pattern(c, inner[0], subject, depth + 1)
        if len(inner) > 1:
            yield Assign(TName(c.name(inner[-1]), line), subject, line)
    elif node.kind_id == _SPLAT:
        yield from (Assign(TName(c.name(name), line), subject, line) for name in named(c, node))
    else:
        yield from _composite(c, node, subject, depth + 1)


def _composite(c: Lowering, node: Node, subject: Expr, depth: int) -> Iterator[Expr]:
    if node.kind_id in _SEQUENCES:
        yield from _elements(c, named(c, node), subject, depth)
    elif node.kind_id == _DICT:
        yield from _mapping(c, node, subject, depth)
    elif node.kind_id == _CLASS:
        yield from _class(c, node, subject, depth)
    else:  # alternatives, signed numbers
        for child in named(c, node):
            yield from _pattern(c, child, subject, depth)


def _name(c: Lowering, node: Node, subject: Expr, line: int) -> Iterator[Expr]:
    """A plain name captures, a dotted one is a value."""
    first, *rest = c.text(node).replace(" ", "").split(".")
    if not rest:
        if first and first != "_":
            yield Assign(TName(first, line), subject, line)
        return
    value: Expr = Name(first, line)
    for name in rest[:DEEPEST]:
        value = Attr(value, name, line)
    yield value


def _elements(c: Lowering, nodes: list[Node], subject: Expr, depth: int) -> Iterator[Expr]:
    """A sequence pattern is never always taken, so it holds at least its length."""
    if not nodes:
        yield Lit(LitKind.EMPTY, "[]", subject.line)
    line = subject.line
    rest = False
    for index, node in enumerate(nodes):
        if _is_splat(node):
            rest = True
            key: Expr = Opaque("slice", (), line)
        else:
            key = Lit(LitKind.NUM, str(index - len(nodes) if rest else index), line)
        yield from _pattern(c, node, Item(subject, key, line), depth)


def _is_splat(node: Node) -> bool:
    return node.kind_id == _SPLAT or any(child.kind_id == _SPLAT for child in node.named_children)


def _mapping(c: Lowering, node: Node, subject: Expr, depth: int) -> Iterator[Expr]:
    inner = named(c, node)
    keys = {child.id for child in node.children_by_field_name("key")}
    key: Expr = Lit(LitKind.EMPTY, "{}", subject.line)
    yield key
    for child in inner:
        if child.id in keys:
            key = expression(c, child, depth)
            yield key
        elif child.kind_id == _SPLAT:
            yield from _pattern(c, child, subject, depth)
        else:
            yield from _pattern(c, child, Item(subject, key, subject.line), depth)


def _class(c: Lowering, node: Node, subject: Expr, depth: int) -> Iterator[Expr]:
    name, *arguments = named(c, node)
    first, *rest = c.text(name).split(".")
    value: Expr = Name(first, subject.line)
    for part in rest[:DEEPEST]:
        value = Attr(value, part, subject.line)
    yield value
    for argument in arguments:
        inner = named(c, argument)
        if len(inner) == 1 and inner[0].kind_id == _KEYWORD:
            pair = parts(c, inner[0], 3)
            if pair is not None:
                yield from _pattern(c, pair[2], Attr(subject, c.name(pair[0]), subject.line), depth)
        else:
            yield from _pattern(c, argument, Opaque("positional", (subject,), subject.line), depth)


HANDLERS: Final[dict[str, StmtHandler]] = {"match_statement": _match}
