"""Expressions and the targets of assignments."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Final

from assay.probes.code.languages.python.context import (
    DEEPEST,
    IDENTIFIER,
    Lowering,
    broken,
    expression,
    field,
    kind,
    kinds,
    named,
    operand,
    parts,
)
from assay.probes.code.languages.python.operators import condition
from assay.probes.code.syntax import (
    Assign,
    Attr,
    Await,
    Call,
    Comp,
    Expr,
    Item,
    Lit,
    LitKind,
    Obj,
    Opaque,
    Seq,
    Spread,
    Target,
    TName,
    TPath,
    TPattern,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from assay.probes.code.languages.python.context import ExprHandler

_ARGUMENT_LIST: Final = kind("argument_list")
_AS_TARGET: Final = kinds("as_pattern_target")
_BINARY: Final = kind("binary_operator")
_BOOLEAN: Final = kind("boolean_operator")
_DICT_SPLAT: Final = kind("dictionary_splat")
_FOR_IN: Final = kind("for_in_clause")
_IF: Final = kind("if_clause")
_KEYWORD: Final = kind("keyword_argument")
_NOT: Final = kind("not_operator")
_NUMBERS: Final = kinds("integer", "float")
_PAIR: Final = kind("pair")
_PARENTHESIZED: Final = kind("parenthesized_expression")
_PATHS: Final = kinds("attribute", "subscript")
_PATTERNS: Final = kinds("pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list")
_SPLATS: Final = kinds("list_splat", "list_splat_pattern")
_WRAPPERS: Final = kinds("parenthesized_expression", "as_pattern_target")
_FIELD_ALIAS: Final = field("alias")
_FIELD_LEFT: Final = field("left")
_FIELD_RIGHT: Final = field("right")
# Beyond this many alternations a chain of operators is one mixture, or a balanced tree of alternatives.
_LONGEST_CHAIN: Final = 16


# --- names, literals, containers -------------------------------------------------------------------------------------


def _number(c: Lowering, node: Node, _depth: int) -> Expr:
    return Lit(LitKind.NUM, c.text(node), node.start_point[0] + 1)


def _true(_c: Lowering, node: Node, _depth: int) -> Expr:
    return Lit(LitKind.BOOL, "True", node.start_point[0] + 1)


def _false(_c: Lowering, node: Node, _depth: int) -> Expr:
    return Lit(LitKind.BOOL, "False", node.start_point[0] + 1)


def _none(_c: Lowering, node: Node, _depth: int) -> Expr:
    return Lit(LitKind.NONE, "None", node.start_point[0] + 1)


def _ellipsis(_c: Lowering, node: Node, _depth: int) -> Expr:
    return Opaque("ellipsis", (), node.start_point[0] + 1)


def _sequence(c: Lowering, node: Node, depth: int) -> Expr:
    items = tuple([expression(c, child, depth + 1) for child in named(c, node)])
    line = node.start_point[0] + 1
    return Seq(items, line) if items else Lit(LitKind.EMPTY, c.text(node), line)


def _dictionary(c: Lowering, node: Node, depth: int) -> Expr:
    pairs: list[tuple[str | None, Expr]] = []
    computed: list[Expr] = []
    for child in named(c, node):
        if child.kind_id == _PAIR:
            pairs.append(_pair(c, child, depth + 1, computed))
        elif child.kind_id == _DICT_SPLAT:
            pairs.append(("*", operand(c, child, depth + 1)))
        else:
            pairs.append((None, expression(c, child, depth + 1)))
    line = node.start_point[0] + 1
    return Obj(tuple(pairs), line, tuple(computed)) if pairs else Lit(LitKind.EMPTY, "{}", line)


def _pair(c: Lowering, node: Node, depth: int, computed: list[Expr]) -> tuple[str | None, Expr]:
    found = parts(c, node, 3)
    if found is None:
        return None, broken(node)
    key = expression(c, found[0], depth)
    value = expression(c, found[2], depth)
    if isinstance(key, Lit):
        return intern(key.text), value
    computed.append(key)
    return None, value


def _comprehension(c: Lowering, node: Node, depth: int) -> Expr:
    element: Expr | None = None
    loops: list[tuple[Target, Expr]] = []
    conditions: list[Expr] = []
    for child in named(c, node):
        if child.kind_id == _FOR_IN:
            loops.append(_for_in(c, child, depth + 1))
        elif child.kind_id == _IF:
            conditions.extend(condition(c, inner, depth + 1) for inner in named(c, child))
        elif child.kind_id == _PAIR:
            computed: list[Expr] = []
            pair = _pair(c, child, depth + 2, computed)
            element = Obj((pair,), child.start_point[0] + 1, tuple(computed))
        else:
            element = expression(c, child, depth + 1)
    return Comp(element or broken(node), tuple(loops), tuple(conditions), node.start_point[0] + 1)


def _for_in(c: Lowering, node: Node, depth: int) -> tuple[Target, Expr]:
    left = node.child_by_field_id(_FIELD_LEFT)
    rights = node.children_by_field_id(_FIELD_RIGHT)
    if left is None or not rights:
        return TPattern((), node.start_point[0] + 1), broken(node)
    iterated = together(c, [right for right in rights if right.is_named], depth + 1)
    if node.children[0].type == "async":
        iterated = Await(iterated, iterated.line)
    return target(c, left, depth), iterated


def together(c: Lowering, nodes: Sequence[Node], depth: int) -> Expr:
    """One expression, or a tuple of several that stand side by side without parentheses."""
    found = [expression(c, node, depth) for node in nodes]
    return found[0] if len(found) == 1 else Seq(tuple(found), found[0].line)


# --- access and calls ------------------------------------------------------------------------------------------------


def _attribute(c: Lowering, node: Node, depth: int) -> Expr:
    found = parts(c, node, 3)
    if found is None:
        return broken(node)
    return Attr(expression(c, found[0], depth + 1), c.name(found[2]), node.start_point[0] + 1)


def _subscript(c: Lowering, node: Node, depth: int) -> Expr:
    inner = named(c, node)
    if not inner or len(inner) == 1:
        return broken(node)
    base = expression(c, inner[0], depth + 1)
    line = node.start_point[0] + 1
    keys = [expression(c, key, depth + 2) for key in inner[1:]]
    return Item(base, keys[0] if len(keys) == 1 else Seq(tuple(keys), line), line)


def _slice(c: Lowering, node: Node, depth: int) -> Expr:
    bounds = tuple([expression(c, child, depth + 1) for child in named(c, node)])
    return Opaque("slice", bounds, node.start_point[0] + 1)


def _call(c: Lowering, node: Node, depth: int) -> Expr:
    found = parts(c, node, 2)
    if found is None:
        return broken(node)
    function, arguments = found
    args, kwargs = call_arguments(c, arguments, depth + 1)
    return Call(expression(c, function, depth + 1), args, kwargs, node.start_point[0] + 1)


def call_arguments(c: Lowering, node: Node, depth: int) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    """The positional and the keyword arguments of a call, a decorator or a class; a lone generator is one argument."""
    if node.kind_id != _ARGUMENT_LIST:
        return (expression(c, node, depth),), ()
    if node.child_count == 2:  # noqa: PLR2004 - the parentheses
        return (), ()
    args: list[Expr] = []
    kwargs: list[tuple[str, Expr]] = []
    for child in named(c, node):
        if child.kind_id == _KEYWORD:
            found = parts(c, child, 3)
            if found is None:
                args.append(broken(child))
            else:
                kwargs.append((c.name(found[0]), expression(c, found[2], depth)))
        elif child.kind_id == _DICT_SPLAT:
            kwargs.append(("**", operand(c, child, depth)))
        else:
            args.append(expression(c, child, depth))
    return tuple(args), tuple(kwargs)


def _parenthesized(c: Lowering, node: Node, depth: int) -> Expr:
    while node.kind_id == _PARENTHESIZED:
        inner = named(c, node)
        if len(inner) != 1:
            return together(c, inner, depth + 1) if inner else broken(node)
        node = inner[0]
    return expression(c, node, depth + 1)


def _spread(c: Lowering, node: Node, depth: int) -> Expr:
    return Spread(operand(c, node, depth + 1), node.start_point[0] + 1)


def _await(c: Lowering, node: Node, depth: int) -> Expr:
    return Await(operand(c, node, depth + 1), node.start_point[0] + 1)


def _yield(c: Lowering, node: Node, depth: int) -> Expr:
    c.is_generator = True
    line = node.start_point[0] + 1
    values = named(c, node)
    if not values:
        return Yield(Lit(LitKind.NONE, "None", line), line)
    value = together(c, values, depth + 2)
    if any(child.type == "from" for child in node.children):
        value = Spread(value, value.line)
    return Yield(value, line)


# --- assignments in expressions and their targets --------------------------------------------------------------------


def _assignment(c: Lowering, node: Node, depth: int) -> Expr:
    """`:=`, and what stands to the right of the first `=` in `a = b = c`."""
    children = parts(c, node, 3)
    if children is None:
        return broken(node)
    return Assign(target(c, children[0], depth + 1), expression(c, children[2], depth + 1), node.start_point[0] + 1)


def _as_pattern(c: Lowering, node: Node, depth: int) -> Expr:
    value, name = as_parts(node)
    if name is None:
        return expression(c, value, depth)
    return Assign(target(c, name, depth + 1), expression(c, value, depth + 1), node.start_point[0] + 1)


def as_parts(node: Node) -> tuple[Node, Node | None]:
    """The value and the target of `value as target`."""
    alias = node.child_by_field_id(_FIELD_ALIAS)
    return node.children[0], alias


def target(c: Lowering, node: Node, depth: int) -> Target:
    """What an assignment, a loop or an `as` binds. What cannot be bound binds nothing."""
    line = node.start_point[0] + 1
    while node.kind_id in _WRAPPERS:
        inner = named(c, node)
        if len(inner) != 1:
            return TPattern((), line)
        node = inner[0]
    if node.kind_id == IDENTIFIER:
        text = c.name(node)
        return TName(text, line) if text else TPattern((), line)
    if depth >= DEEPEST:
        c.too_deep(node)
    elif node.kind_id in _PATHS:
        place = expression(c, node, depth + 1)
        if isinstance(place, Attr | Item):
            return TPath(place, line)
    elif node.kind_id in _PATTERNS:
        return _pattern(c, named(c, node), depth + 1, line)
    return TPattern((), line)


def _pattern(c: Lowering, nodes: Sequence[Node], depth: int, line: int) -> Target:
    found: list[tuple[str, Target]] = []
    rest = False
    for index, node in enumerate(nodes):
        if node.kind_id in _SPLATS:
            inner = named(c, node)
            found.extend(("*", target(c, child, depth)) for child in inner[:1])
            rest = True
        else:
            found.append((str(index - len(nodes) if rest else index), target(c, node, depth)))
    return TPattern(tuple(found), line)


HANDLERS: Final[dict[str, ExprHandler]] = {
    "integer": _number,
    "float": _number,
    "true": _true,
    "false": _false,
    "none": _none,
    "ellipsis": _ellipsis,
    "list": _sequence,
    "tuple": _sequence,
    "set": _sequence,
    "expression_list": _sequence,
    "pattern_list": _sequence,
    "dictionary": _dictionary,
    "list_comprehension": _comprehension,
    "set_comprehension": _comprehension,
    "dictionary_comprehension": _comprehension,
    "generator_expression": _comprehension,
    "attribute": _attribute,
    "subscript": _subscript,
    "slice": _slice,
    "call": _call,
    "parenthesized_expression": _parenthesized,
    "list_splat": _spread,
    "list_splat_pattern": _spread,
    "dictionary_splat": _spread,
    "await": _await,
    "yield": _yield,
    "named_expression": _assignment,
    "assignment": _assignment,
    "as_pattern": _as_pattern,
}
