"""Operators, tests and alternatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.languages.python.context import DEEPEST, Lowering, broken, expression, kind, kinds, named, parts
from assay.probes.code.syntax import Cond, Expr, Lit, LitKind, Op, Or, Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from assay.probes.code.languages.python.context import ExprHandler

_BINARY: Final = kind("binary_operator")
_BOOLEAN: Final = kind("boolean_operator")
_NOT: Final = kind("not_operator")
_NUMBERS: Final = kinds("integer", "float")
_PARENTHESIZED: Final = kind("parenthesized_expression")
# Beyond this many alternations a chain of operators is one mixture, or a balanced tree of alternatives.
_LONGEST_CHAIN: Final = 16


def _binary(c: Lowering, node: Node, depth: int) -> Expr:
    line = node.start_point[0] + 1
    chain: list[tuple[str, list[Node]]] = []  # outermost first; operands of one group from right to left
    while node.kind_id == _BINARY:
        found = parts(c, node, 3)
        if found is None:
            break
        left, operator, right = found
        if chain and chain[-1][0] == operator.type:
            chain[-1][1].append(right)
        else:
            chain.append((operator.type, [right]))
        node = left
    if len(chain) > _LONGEST_CHAIN:
        chain = [(chain[0][0], [right for _, rights in chain for right in rights])]
    innermost = depth + len(chain)
    value = broken(node) if node.kind_id == _BINARY else expression(c, node, innermost)
    for level, (operator_text, rights) in enumerate(reversed(chain)):
        operands = [expression(c, right, innermost - level) for right in reversed(rights)]
        value = Op(operator_text, (value, *operands), line)
    return value


def _boolean(c: Lowering, node: Node, depth: int) -> Expr:
    return _logical(c, node, depth, truth=False)


def condition(c: Lowering, node: Node, depth: int) -> Expr:
    """An expression of which only the truth counts: `and` and `or` are tests here, not values."""
    while node.kind_id == _PARENTHESIZED:
        inner = named(c, node)
        if len(inner) != 1:
            return broken(node)
        node = inner[0]
    if node.kind_id == _BOOLEAN:
        return _logical(c, node, depth, truth=True) if depth < DEEPEST else c.too_deep(node)
    if node.kind_id == _NOT:
        return _negation(c, node, depth) if depth < DEEPEST else c.too_deep(node)
    return expression(c, node, depth)


def _negation(c: Lowering, node: Node, depth: int) -> Expr:
    found = parts(c, node, 2)
    operand = broken(node) if found is None else condition(c, found[1], depth + 1)
    return Test("not", (operand,), node.start_point[0] + 1)


def _logical(c: Lowering, node: Node, depth: int, *, truth: bool) -> Expr:
    """A chain of one operator, flat; of values, `or` is a tree of alternatives that leans left while it is short."""
    found = parts(c, node, 3)
    if found is None:
        return broken(node)
    operator = found[1].type
    nodes: list[Node] = []
    while node.kind_id == _BOOLEAN:
        found = parts(c, node, 3)
        if found is None or found[1].type != operator:
            break
        nodes.append(found[2])
        node = found[0]
    nodes.append(node)
    nodes.reverse()
    lower = condition if truth else expression
    levels = 1 if truth or operator == "and" else min(len(nodes), _LONGEST_CHAIN)
    operands = [lower(c, operand, depth + levels) for operand in nodes]
    if truth:
        return Test(operator, tuple(operands), operands[0].line)
    return _alternatives(operands) if operator == "or" else Op(operator, tuple(operands), operands[0].line)


def _alternatives(operands: Sequence[Expr]) -> Expr:
    if len(operands) == 1:
        return operands[0]
    middle = len(operands) - 1 if len(operands) <= _LONGEST_CHAIN else len(operands) // 2
    return Or(_alternatives(operands[:middle]), _alternatives(operands[middle:]), operands[0].line)


def _sign(c: Lowering, node: Node, depth: int) -> Expr:
    found = parts(c, node, 2)
    if found is None:
        return broken(node)
    operator, operand = found
    line = node.start_point[0] + 1
    if operand.kind_id in _NUMBERS:
        return Lit(LitKind.NUM, operator.type + c.text(operand), line)
    return Op(operator.type, (expression(c, operand, depth + 1),), line)


def _comparison(c: Lowering, node: Node, depth: int) -> Expr:
    operators = [child.type for child in node.children if not child.is_named]
    operands = [expression(c, child, depth + 1) for child in named(c, node)]
    return Test(" ".join(operators), tuple(operands), node.start_point[0] + 1)


def _conditional(c: Lowering, node: Node, depth: int) -> Expr:
    found = parts(c, node, 5)
    if found is None:
        return broken(node)
    then, test, other = (found[0], found[2], found[4])
    return Cond(
        condition(c, test, depth + 1),
        expression(c, then, depth + 1),
        expression(c, other, depth + 1),
        node.start_point[0] + 1,
    )


HANDLERS: Final[dict[str, ExprHandler]] = {
    "binary_operator": _binary,
    "boolean_operator": _boolean,
    "not_operator": _negation,
    "unary_operator": _sign,
    "comparison_operator": _comparison,
    "conditional_expression": _conditional,
}
