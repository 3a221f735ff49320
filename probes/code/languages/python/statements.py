"""Statements other than definitions, imports and `match`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import ImportScope, ParseProblem
from assay.probes.code.languages.python.context import (
    DEEPEST,
    IDENTIFIER,
    Lowering,
    block,
    broken,
    expression,
    field,
    kind,
    kinds,
    named,
    parts,
)
from assay.probes.code.languages.python.declarations import constant_text
from assay.probes.code.languages.python.expressions import as_parts, target, together
from assay.probes.code.languages.python.operators import condition
from assay.probes.code.syntax import (
    Attr,
    Await,
    Bind,
    Call,
    Delete,
    Eval,
    Expr,
    Handler,
    If,
    Item,
    Jump,
    Lit,
    LitKind,
    Loop,
    Name,
    Opaque,
    Raise,
    Return,
    Stmt,
    Target,
    Test,
    TName,
    TPath,
    Try,
    With,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from assay.probes.code.languages.python.context import StmtHandler

_ALIAS_STEPS: Final = kinds("type", "attribute", "subscript", "generic_type")
_AS: Final = kinds("as_pattern")
_ASSIGNMENT: Final = kind("assignment")
_ATTRIBUTE: Final = kind("attribute")
_AUGMENTED: Final = kind("augmented_assignment")
_BLOCK: Final = kinds("block")
_ELIF: Final = kind("elif_clause")
_ELSE: Final = kind("else_clause")
_ENCLOSED: Final = kinds("tuple", "parenthesized_expression")
_EXCEPT: Final = kind("except_clause")
_FINALLY: Final = kind("finally_clause")
_IF: Final = kind("if_statement")
_LISTS: Final = kinds("expression_list", "tuple")
_PATHS: Final = kinds("attribute", "subscript")
_STRINGS: Final = kinds("string", "concatenated_string")
_TUPLE: Final = kind("tuple")
_WITH_CLAUSE: Final = kind("with_clause")
_FIELD_ALTERNATIVE: Final = field("alternative")
_FIELD_BODY: Final = field("body")
_FIELD_CONDITION: Final = field("condition")
_FIELD_CONSEQUENCE: Final = field("consequence")
_FIELD_LEFT: Final = field("left")
_FIELD_RIGHT: Final = field("right")
_FIELD_TYPE: Final = field("type")
_FIELD_VALUE: Final = field("value")
_LONGEST_PATH: Final = 16
_CATCHES_IMPORT: Final = re.compile(r"\b(?:ImportError|ModuleNotFoundError|Exception|BaseException)\b")
_SUPPRESSES_IMPORT: Final = re.compile(r"\bsuppress\s*\([^)]*(?:ImportError|ModuleNotFoundError|Exception)\b")


# --- simple statements -----------------------------------------------------------------------------------------------


def _expression(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    first = node.child(0)
    if first is None or node.child_count > 1:
        inner = named(c, node)
        out.append(Eval(together(c, inner, depth + 2) if inner else broken(node), node.start_point[0] + 1))
    elif first.kind_id == _ASSIGNMENT:
        _assign(c, first, out, depth)
    elif first.kind_id == _AUGMENTED:
        _augment(c, first, out, depth)
    elif first.kind_id not in _STRINGS or not constant_text(c, node):
        out.append(Eval(expression(c, first, depth + 1), node.start_point[0] + 1))


def _assign(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    line = node.start_point[0] + 1
    found = node.children
    if len(found) == 3:  # noqa: PLR2004 - left, `=`, right
        left, operator, right = found
        if operator.type == "=" and right.is_named and not right.is_error:
            out.append(Bind(target(c, left, depth + 1), expression(c, right, depth + 1), "", line))
            return
    left_node, annotation = node.child_by_field_id(_FIELD_LEFT), node.child_by_field_id(_FIELD_TYPE)
    right_node = node.child_by_field_id(_FIELD_RIGHT)
    named(c, node)
    value: Expr = Opaque("declaration", (), line)
    if right_node is not None:
        value = expression(c, right_node, depth + 1)
    elif annotation is None:
        value = broken(node)
    if left_node is not None:
        text = "" if annotation is None else c.text(annotation)
        out.append(Bind(target(c, left_node, depth + 1), value, text, line))


def _augment(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    found = parts(c, node, 3)
    line = node.start_point[0] + 1
    if found is None:
        out.append(Eval(broken(node), line))
        return
    left, operator, right = found
    bound, value = target(c, left, depth + 1), expression(c, right, depth + 1)
    out.append(Bind(bound, value, "", line, operator=operator.type))


def _return(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    inner = named(c, node)
    line = node.start_point[0] + 1
    out.append(Return(together(c, inner, depth + 1) if inner else Lit(LitKind.NONE, "None", line), line))


def _raise(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    """What is raised; its cause and Python 2's arguments are not kept."""
    inner = named(c, node)
    if inner and inner[0].kind_id in _LISTS:
        inner = named(c, inner[0])
    line = node.start_point[0] + 1
    out.append(Raise(expression(c, inner[0], depth + 1) if inner else None, line))


def _assert(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    inner = named(c, node)
    line = node.start_point[0] + 1
    test = condition(c, inner[0], depth + 2) if inner else broken(node)
    out.append(If(Test("not", (test,), line), (Raise(Name("AssertionError", line), line),), (), line))


def _delete(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    inner = named(c, node)
    while len(inner) == 1 and inner[0].kind_id in _LISTS:
        inner = named(c, inner[0])
    out.extend(Delete(expression(c, child, depth + 1), child.start_point[0] + 1) for child in inner)


def _pass(_c: Lowering, _node: Node, _out: list[Stmt], _depth: int) -> None:
    """Nothing happens, and nothing is kept."""


def _break(_c: Lowering, node: Node, out: list[Stmt], _depth: int) -> None:
    out.append(Jump("break", node.start_point[0] + 1))


def _continue(_c: Lowering, node: Node, out: list[Stmt], _depth: int) -> None:
    out.append(Jump("continue", node.start_point[0] + 1))


def _global(c: Lowering, node: Node, _out: list[Stmt], _depth: int) -> None:
    c.global_names.extend(c.name(child) for child in named(c, node))


def _nonlocal(c: Lowering, node: Node, _out: list[Stmt], _depth: int) -> None:
    c.nonlocal_names.extend(c.name(child) for child in named(c, node))


def _type_alias(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    """`type X[T] = ...` binds X; its parameters are not kept.

    The grammar takes `type(a).b = ...` for one too; what is a path there is the path that was written.
    """
    left, right = node.child_by_field_id(_FIELD_LEFT), node.child_by_field_id(_FIELD_RIGHT)
    line = node.start_point[0] + 1
    bound = None if left is None else _alias_target(c, left, depth + 1)
    if bound is None or right is None:
        out.append(Eval(broken(node), line))
    else:
        out.append(Bind(bound, expression(c, right, depth + 1), "", line))


def _alias_target(c: Lowering, node: Node, depth: int) -> Target | None:
    line = node.start_point[0] + 1
    steps: list[Node] = []
    while node.kind_id in _ALIAS_STEPS and node.named_children:
        if node.kind_id in _PATHS:
            steps.append(node)
        node = node.named_children[0]
    if node.kind_id == IDENTIFIER and not steps:
        return TName(c.name(node), line)
    if node.kind_id not in _ENCLOSED or len(steps) > _LONGEST_PATH:
        return None
    place: Expr = Call(Name("type", line), (expression(c, node, depth + len(steps)),), (), line)
    for step in reversed(steps):
        last = step.named_children[-1]
        is_attribute = step.kind_id == _ATTRIBUTE
        place = Attr(place, c.name(last), line) if is_attribute else Item(place, expression(c, last, depth), line)
    return TPath(place, line) if isinstance(place, Attr | Item) else None


def _python2(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    """`print x`, `exec x`: calls of the functions they became."""
    line = node.start_point[0] + 1
    word = node.children[0].type
    c.problems.append(ParseProblem(line, f"`{word}` as a statement is Python 2"))
    args = tuple([expression(c, child, depth + 2) for child in named(c, node) if child.type != "chevron"])
    out.append(Eval(Call(Name(word, line), args, (), line), line))


# --- compound statements ---------------------------------------------------------------------------------------------


def _if(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    """`elif` is nested in `other`; where the chain is longer than the bound on nesting, its rest is opaque.

    The `else` of `if TYPE_CHECKING` is what runs.
    """
    outer = c.scope
    lowered: list[tuple[int, Expr, tuple[Stmt, ...]]] = []
    other: tuple[Stmt, ...] = ()
    for child in named(c, node):
        at = depth + len(lowered)
        if at >= DEEPEST:
            other = (Eval(c.too_deep(child), child.start_point[0] + 1),)
            break
        if child.kind_id == _ELIF:
            c.scope = _branch(outer)
            lowered.append(_arm(c, child, at))
        elif child.kind_id == _ELSE:
            runs = lowered and _is_type_checking(lowered[0][1])
            c.scope = outer if runs else _branch(outer)
            other = block(c, _inside(c, child), at + 1)
        elif not lowered:
            lowered.append(_arm(c, node, at))
    c.scope = outer
    for line, test, body in reversed(lowered):
        other = (If(test, body, other, line),)
    out.extend(other)


def _arm(c: Lowering, node: Node, depth: int) -> tuple[int, Expr, tuple[Stmt, ...]]:
    """The test of an `if` or `elif` and what it guards."""
    line = node.start_point[0] + 1
    test_node, body = node.child_by_field_id(_FIELD_CONDITION), node.child_by_field_id(_FIELD_CONSEQUENCE)
    test = broken(node) if test_node is None else condition(c, test_node, depth + 1)
    if node.kind_id == _IF:
        c.scope = ImportScope.TYPE if _is_type_checking(test) else _branch(c.scope)
    return line, test, () if body is None else block(c, body.named_children, depth + 1)


def _is_type_checking(test: Expr) -> bool:
    return getattr(test, "id", "") == "TYPE_CHECKING" or getattr(test, "name", "") == "TYPE_CHECKING"


def _branch(scope: ImportScope) -> ImportScope:
    return ImportScope.CONDITIONAL if scope is ImportScope.MODULE else scope


def _inside(c: Lowering, node: Node) -> list[Node]:
    """The statements in the block of a clause, still as nodes."""
    return [statement for child in named(c, node) if child.kind_id in _BLOCK for statement in child.named_children]


def _for(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    left, right = node.child_by_field_id(_FIELD_LEFT), node.child_by_field_id(_FIELD_RIGHT)
    iterated = broken(node) if right is None else expression(c, right, depth + 2)
    if node.children[0].type == "async":
        iterated = Await(iterated, iterated.line)
    bound = None if left is None else target(c, left, depth + 1)
    outer, c.scope = c.scope, _branch(c.scope)
    body = block(c, _inside(c, node), depth + 1)
    other = block(c, _otherwise(c, node), depth + 1)
    c.scope = outer
    out.append(Loop(bound, iterated, body, other, node.start_point[0] + 1))


def _while(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    test = node.child_by_field_id(_FIELD_CONDITION)
    iterated = broken(node) if test is None else condition(c, test, depth + 1)
    outer, c.scope = c.scope, _branch(c.scope)
    body = block(c, _inside(c, node), depth + 1)
    other = block(c, _otherwise(c, node), depth + 1)
    c.scope = outer
    out.append(Loop(None, iterated, body, other, node.start_point[0] + 1))


def _otherwise(c: Lowering, node: Node) -> list[Node]:
    """The statements in the `else` of a loop."""
    alternative = node.child_by_field_id(_FIELD_ALTERNATIVE)
    return [] if alternative is None else _inside(c, alternative)


def _with(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    is_async = node.children[0].type == "async"
    items: list[tuple[Expr, Target | None]] = []
    head = ""
    for child in named(c, node):
        if child.kind_id == _WITH_CLAUSE:
            head = c.text(child)
            for item in named(c, child):
                items.extend(_with_items(c, item, depth + 1, is_async=is_async))
    outer = c.scope
    if (
        "suppress" in head
        and _SUPPRESSES_IMPORT.search(head)
        and outer in (ImportScope.MODULE, ImportScope.CONDITIONAL)
    ):
        c.scope = ImportScope.TRY
    body = block(c, _inside(c, node), depth + 1)
    c.scope = outer
    out.append(With(tuple(items), body, node.start_point[0] + 1))


def _with_items(c: Lowering, node: Node, depth: int, *, is_async: bool) -> Iterator[tuple[Expr, Target | None]]:
    """What one item enters; in parentheses it may be several."""
    value = node.child_by_field_id(_FIELD_VALUE)
    if value is None:
        yield broken(node), None
        return
    inner = named(c, value) if value.kind_id in _ENCLOSED else []
    if value.kind_id != _TUPLE and not any(child.kind_id in _AS for child in inner):
        inner = [value]
    for child in inner:
        entering, name = as_parts(child) if child.kind_id in _AS else (child, None)
        entered = expression(c, entering, depth + 1)
        bound = None if name is None else target(c, name, depth + 1)
        yield (Await(entered, entered.line) if is_async else entered), bound


# --- try -------------------------------------------------------------------------------------------------------------


def _try(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    outer = c.scope
    clauses = named(c, node)
    c.scope = _guarded(c, clauses, outer)
    body: tuple[Stmt, ...] = ()
    other: tuple[Stmt, ...] = ()
    final: tuple[Stmt, ...] = ()
    handlers: list[Handler] = []
    for child in clauses:
        if child.kind_id in _BLOCK:
            body = block(c, child.named_children, depth + 1)
            c.scope = _branch(outer)
        elif child.kind_id == _EXCEPT:
            handlers.append(_handler(c, child, depth + 1))
        elif child.kind_id == _ELSE:
            other = block(c, _inside(c, child), depth + 1)
        elif child.kind_id == _FINALLY:
            c.scope = outer
            final = block(c, _inside(c, child), depth + 1)
    c.scope = outer
    out.append(Try(body, tuple(handlers), other, final, node.start_point[0] + 1))


def _guarded(c: Lowering, clauses: Sequence[Node], outer: ImportScope) -> ImportScope:
    """The scope of a `try` body: its imports may fail where a handler catches that."""
    if outer not in (ImportScope.MODULE, ImportScope.CONDITIONAL):
        return outer
    for clause in clauses:
        if clause.kind_id == _EXCEPT:
            value = clause.child_by_field_id(_FIELD_VALUE)
            if value is None or _CATCHES_IMPORT.search(c.text(value)):
                return ImportScope.TRY
    return outer


def _handler(c: Lowering, node: Node, depth: int) -> Handler:
    types: list[Expr] = []
    name = ""
    for value in (child for child in node.children_by_field_id(_FIELD_VALUE) if child.is_named):
        caught = value
        if value.kind_id in _AS:
            caught, alias = as_parts(value)
            name = "" if alias is None else c.text(alias)
        several = named(c, caught) if caught.kind_id in _LISTS else [caught]
        types.extend(expression(c, each, depth + 1) for each in several)
    return Handler(tuple(types), name, block(c, _inside(c, node), depth), node.start_point[0] + 1)


HANDLERS: Final[dict[str, StmtHandler]] = {
    "expression_statement": _expression,
    "return_statement": _return,
    "raise_statement": _raise,
    "assert_statement": _assert,
    "delete_statement": _delete,
    "pass_statement": _pass,
    "break_statement": _break,
    "continue_statement": _continue,
    "global_statement": _global,
    "nonlocal_statement": _nonlocal,
    "type_alias_statement": _type_alias,
    "print_statement": _python2,
    "exec_statement": _python2,
    "if_statement": _if,
    "for_statement": _for,
    "while_statement": _while,
    "with_statement": _with,
    "try_statement": _try,
}
