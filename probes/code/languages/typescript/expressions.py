"""Expressions other than literals and functions: names, calls, operators, and what only type checkers see."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Import
from assay.probes.code.languages.typescript import patterns, places
from assay.probes.code.languages.typescript.literals import template
from assay.probes.code.languages.typescript.lowering import DEEPEST, make
from assay.probes.code.syntax import (
    Assign,
    Attr,
    Await,
    Call,
    Cond,
    Expr,
    Item,
    Lit,
    LitKind,
    Name,
    Op,
    Or,
    Spread,
    Test,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import ExprHandler, Lowering

COMPARISONS: Final = {
    "==": "==",
    "===": "==",
    "!=": "!=",
    "!==": "!=",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">=",
    "in": "in",
    "instanceof": "instanceof",
}
_ALTERNATIVES: Final = frozenset({"||", "??"})
_LINKS: Final = {"call_expression": "function", "member_expression": "object", "nested_identifier": "object"}
_LOADERS: Final = frozenset({"require", "import"})


def operand(node: Node) -> Node | None:
    """The first child that is an expression: what parentheses and type assertions are about."""
    return next((child for child in node.named_children if not child.is_extra), None)


def _identifier(low: Lowering, node: Node, depth: int) -> Expr:
    return low.opaque(node, depth) if node.is_missing else low.name(node)


def _transparent(low: Lowering, node: Node, depth: int) -> Expr:
    inner = operand(node)
    return low.opaque(node, depth) if inner is None else low.expr(inner, depth)


def _type_assertion(low: Lowering, node: Node, depth: int) -> Expr:
    values = [child for child in node.named_children if not child.is_extra]
    return low.expr(values[-1], depth) if values else low.opaque(node, depth)


def _chain(low: Lowering, node: Node, depth: int) -> Expr:
    """A spine of calls and members, walked to its base in a loop: `a.b(c).d(e)`."""
    links: list[Node] = []
    base: Node | None = node
    while base is not None and depth <= DEEPEST:
        field = _LINKS.get(base.type)
        if field is None:
            break
        links.append(base)
        depth += 1
        base = base.child_by_field_name(field)
    value = low.opaque(node, depth) if base is None else low.expr(base, depth)
    for link in reversed(links):
        depth -= 1
        value = _call(low, link, value, depth) if link.type == "call_expression" else _member(low, link, value)
    return value


def _member(low: Lowering, node: Node, base: Expr) -> Expr:
    name = node.child_by_field_name("property")
    text = "" if name is None else low.words[low.source[name.start_byte : name.end_byte]]
    return make(Attr, (base, text, (node if name is None else name).start_point[0] + 1))


def _call(low: Lowering, node: Node, fn: Expr, depth: int) -> Expr:
    line = fn.line if type(fn) is Attr else node.start_point[0] + 1
    given = node.child_by_field_name("arguments")
    args: Sequence[Expr] = ()
    if given is not None:
        args = [template(low, given, depth)] if given.type == "template_string" else low.exprs(given, depth)
    if type(fn) is Name and fn.id in _LOADERS and args:
        module = args[0]
        if isinstance(module, Lit) and module.kind is LitKind.STR:
            low.imports.append(Import(module.text, "", "", line, low.import_scope()))
    return make(Call, (fn, tuple(args), (), line, False))


def _import_word(_low: Lowering, node: Node, _depth: int) -> Expr:
    return Name("import", node.start_point[0] + 1)


def _meta(low: Lowering, node: Node, _depth: int) -> Expr:
    word, _, name = low.text(node).partition(".")
    line = node.start_point[0] + 1
    return Attr(Name(word.strip(), line), name.strip(), line)


def _new(low: Lowering, node: Node, depth: int) -> Expr:
    given = node.child_by_field_name("arguments")
    args = low.exprs(given, depth) if given is not None else []
    return Call(low.field(node, "constructor", depth), tuple(args), (), node.start_point[0] + 1, new=True)


def _subscript(low: Lowering, node: Node, depth: int) -> Expr:
    return Item(low.field(node, "object", depth), low.field(node, "index", depth), node.start_point[0] + 1)


def _binary(low: Lowering, node: Node, depth: int) -> Expr:
    """A left-leaning run of one operator, walked in a loop: `a + b + c`."""
    word = operator(node)
    rights: list[Node | None] = []
    nests = word in _ALTERNATIVES
    left: Node | None = node
    while left is not None and left.type == "binary_expression" and operator(left) == word:
        rights.append(left.child_by_field_name("right"))
        left = left.child_by_field_name("left")
        if nests and depth + len(rights) > DEEPEST:
            break
    line = node.start_point[0] + 1
    levels = len(rights) if nests else 0
    parts = enumerate((left, *reversed(rights)))
    operands = [
        low.opaque(node, depth) if part is None else low.expr(part, depth + max(levels - at, 0)) for at, part in parts
    ]
    if nests:
        return reduce(lambda one, other: Or(one, other, line), operands)
    if word in COMPARISONS:
        return Test(COMPARISONS[word], tuple(operands), line)
    return Op("and" if word == "&&" else word, tuple(operands), line)


def operator(node: Node) -> str:
    """The sign of an operation, as written."""
    sign = node.child_by_field_name("operator")
    return "" if sign is None else sign.type


def _unary(low: Lowering, node: Node, depth: int) -> Expr:
    line = node.start_point[0] + 1
    value = low.field(node, "argument", depth)
    word = operator(node)
    if word == "!":
        return Test("not", (value,), line)
    if word == "void":
        return Op(",", (value, Lit(LitKind.NONE, "undefined", line)), line)
    if word == "-" and isinstance(value, Lit) and value.kind is LitKind.NUM:
        return Lit(LitKind.NUM, f"-{value.text}", line)
    return Op(word, (value,), line)


def _ternary(low: Lowering, node: Node, depth: int) -> Expr:
    tested = node.child_by_field_name("condition")
    test = low.opaque(node, depth) if tested is None else condition(low, tested, depth)
    then, other = low.field(node, "consequence", depth), low.field(node, "alternative", depth)
    return Cond(test, then, other, node.start_point[0] + 1)


def condition(low: Lowering, node: Node, depth: int) -> Expr:
    """Lower an expression of which only the truth matters: `&&` and `||` join tests."""
    inner: Node | None = node
    while inner is not None and inner.type == "parenthesized_expression":
        inner = operand(inner)
    if inner is None or depth > DEEPEST:
        return low.opaque(node, depth)
    word = operator(inner) if inner.type in {"binary_expression", "unary_expression"} else ""
    line = inner.start_point[0] + 1
    if word == "!":
        argument = inner.child_by_field_name("argument")
        return (
            low.opaque(inner, depth) if argument is None else Test("not", (condition(low, argument, depth + 1),), line)
        )
    if word not in {"&&", "||"}:
        return low.expr(inner, depth)
    parts: list[Expr] = []
    left: Node | None = inner
    while left is not None and left.type == "binary_expression" and operator(left) == word:
        right = left.child_by_field_name("right")
        parts.append(low.opaque(left, depth) if right is None else condition(low, right, depth + 1))
        left = left.child_by_field_name("left")
    parts.append(low.opaque(inner, depth) if left is None else condition(low, left, depth + 1))
    return Test("and" if word == "&&" else "or", tuple(reversed(parts)), line)


def _await(low: Lowering, node: Node, depth: int) -> Expr:
    inner = operand(node)
    return low.opaque(node, depth) if inner is None else Await(low.expr(inner, depth), node.start_point[0] + 1)


def _yield(low: Lowering, node: Node, depth: int) -> Expr:
    inner = operand(node)
    line = node.start_point[0] + 1
    if inner is None:
        return Yield(Lit(LitKind.NONE, "undefined", line), line)
    value = low.expr(inner, depth)
    delegates = any(child.type == "*" for child in node.children)
    return Yield(Spread(value, line) if delegates else value, line)


def _sequence(low: Lowering, node: Node, depth: int) -> Expr:
    """The comma operator; constants before the last operand do nothing and are left out: `(0, f)(x)`."""
    operands = low.exprs(node, depth)
    if not operands:
        return low.opaque(node, depth)
    told = [value for value in operands[:-1] if not isinstance(value, Lit)]
    return Op(",", (*told, operands[-1]), node.start_point[0] + 1) if told else operands[-1]


def _assignment(low: Lowering, node: Node, depth: int) -> Expr:
    left = node.child_by_field_name("left")
    if left is None:
        return low.opaque(node, depth)
    value = low.field(node, "right", depth)
    place = patterns.target(low, left, depth, low.after)
    return Assign(place, value, node.start_point[0] + 1)


def _augmented(low: Lowering, node: Node, depth: int) -> Expr:
    line = node.start_point[0] + 1
    before, value = low.field(node, "left", depth + 1), low.field(node, "right", depth)
    return Assign(places.target(before), combined(operator(node), places.earlier(before), value, line), line)


def combined(operator: str, before: Expr, value: Expr, line: int) -> Expr:
    """What `x OPERATOR= value` assigns, where `before` is the value of `x`."""
    plain = operator.removesuffix("=")
    if plain in _ALTERNATIVES:
        return Or(before, value, line)
    return Op("and" if plain == "&&" else plain, (before, value), line)


def _update(low: Lowering, node: Node, depth: int) -> Expr:
    line = node.start_point[0] + 1
    before = low.field(node, "argument", depth + 1)
    return Assign(
        places.target(before), Op(operator(node)[:1], (places.earlier(before), Lit(LitKind.NUM, "1", line)), line), line
    )


EXPRESSIONS: Final[dict[str, ExprHandler]] = {
    "identifier": _identifier,
    "this": _identifier,
    "super": _identifier,
    "property_identifier": _identifier,
    "private_property_identifier": _identifier,
    "nested_identifier": _chain,
    "parenthesized_expression": _transparent,
    "as_expression": _transparent,
    "satisfies_expression": _transparent,
    "non_null_expression": _transparent,
    "instantiation_expression": _transparent,
    "type_assertion": _type_assertion,
    "call_expression": _chain,
    "member_expression": _chain,
    "import": _import_word,
    "meta_property": _meta,
    "new_expression": _new,
    "subscript_expression": _subscript,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "ternary_expression": _ternary,
    "await_expression": _await,
    "yield_expression": _yield,
    "sequence_expression": _sequence,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
    "update_expression": _update,
}
