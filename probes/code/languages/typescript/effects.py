"""Expressions that stand as statements: assignments become bindings, `a && b()` a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.languages.typescript import bindings, places
from assay.probes.code.languages.typescript.expressions import combined, condition, operand, operator
from assay.probes.code.languages.typescript.lowering import DEEPEST
from assay.probes.code.syntax import Bind, Delete, Eval, If, Lit, LitKind, Stmt

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import Lowering, StmtHandler

_LOGICAL: Final = frozenset({"||=", "??=", "&&="})


def effect(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    """Lower an expression that is evaluated for what it does."""
    inner: Node | None = node
    while inner is not None and inner.type == "parenthesized_expression":
        inner = operand(inner)
    if inner is None:
        return
    handler = _EFFECTS.get(inner.type) if depth <= DEEPEST else None
    start = len(out)
    if handler is not None:
        handler(low, inner, depth + 1, out)
    else:
        out.append(Eval(low.expr(inner, depth), inner.start_point[0] + 1))
    low.flush(out, start)


def _each(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    for child in node.named_children:
        if not child.is_extra:
            effect(low, child, depth, out)


def _then(low: Lowering, node: Node | None, depth: int) -> tuple[Stmt, ...]:
    held = low.before, low.after
    low.before, low.after = [], []
    low.branches += 1
    out: list[Stmt] = []
    if node is not None:
        effect(low, node, depth, out)
    low.branches -= 1
    low.before, low.after = held
    return tuple(out)


def _binary(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    line = node.start_point[0] + 1
    left = node.child_by_field_name("left")
    if operator(node) != "&&" or left is None:
        out.append(Eval(low.expr(node, depth), line))
        return
    test = condition(low, left, depth)
    low.flush(out, len(out))
    out.append(If(test, _then(low, node.child_by_field_name("right"), depth), (), line))


def _ternary(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    tested = node.child_by_field_name("condition")
    test = low.opaque(node, depth) if tested is None else condition(low, tested, depth)
    low.flush(out, len(out))
    then = _then(low, node.child_by_field_name("consequence"), depth)
    other = _then(low, node.child_by_field_name("alternative"), depth)
    out.append(If(test, then, other, node.start_point[0] + 1))


def _unary(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    line = node.start_point[0] + 1
    word = operator(node)
    argument = node.child_by_field_name("argument")
    if word == "delete":
        out.append(Delete(low.field(node, "argument", depth), line))
    elif word == "void" and argument is not None:
        effect(low, argument, depth, out)
    else:
        out.append(Eval(low.expr(node, depth), line))


def _augmented(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    line = node.start_point[0] + 1
    place, value = low.field(node, "left", depth), low.field(node, "right", depth)
    word = operator(node)
    if word in _LOGICAL:
        value, word = combined(word, places.earlier(place), value, line), ""
    out.append(Bind(places.target(place), value, "", line, word))


def _update(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    line = node.start_point[0] + 1
    place = places.target(low.field(node, "argument", depth))
    out.append(Bind(place, Lit(LitKind.NUM, "1", line), "", line, f"{operator(node)[:1]}="))


_EFFECTS: Final[dict[str, StmtHandler]] = {
    "assignment_expression": bindings.assign,
    "augmented_assignment_expression": _augmented,
    "update_expression": _update,
    "sequence_expression": _each,
    "binary_expression": _binary,
    "ternary_expression": _ternary,
    "unary_expression": _unary,
}
