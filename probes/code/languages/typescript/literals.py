"""Literals: strings with their escapes, templates, numbers, regular expressions, arrays and objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.languages.typescript.functions import FUNCTION_KINDS, function_value
from assay.probes.code.languages.typescript.lowering import make
from assay.probes.code.languages.typescript.spelling import key_text, string_text, unescape
from assay.probes.code.syntax import Call, Expr, Lit, LitKind, Name, Obj, Seq, Spread, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import ExprHandler, Lowering


def _string(low: Lowering, node: Node, _depth: int) -> Expr:
    return make(Lit, (LitKind.STR, string_text(low, node), node.start_point[0] + 1))


def template(low: Lowering, node: Node, depth: int) -> Expr:
    """A template string; without substitutions it is a plain literal."""
    line = node.start_point[0] + 1
    parts: list[Expr] = []
    start = node.start_byte + 1
    start_line = line
    for child in node.children:
        if child.type != "template_substitution":
            continue
        _constant(low, start, child.start_byte, start_line, parts)
        parts.extend(low.exprs(child, depth))
        start, start_line = child.end_byte, child.end_point[0] + 1
    _constant(low, start, node.end_byte - 1, start_line, parts)
    if not parts:
        return Lit(LitKind.STR, "", line)
    if len(parts) == 1 and isinstance(parts[0], Lit) and start == node.start_byte + 1:
        return parts[0]
    return Text(tuple(parts), line)


def _constant(low: Lowering, start: int, end: int, line: int, parts: list[Expr]) -> None:
    if end > start:
        parts.append(Lit(LitKind.STR, unescape(low.words[low.source[start:end]]), line))


def _number(low: Lowering, node: Node, _depth: int) -> Expr:
    return Lit(LitKind.NUM, low.text(node), node.start_point[0] + 1)


def _boolean(low: Lowering, node: Node, _depth: int) -> Expr:
    return Lit(LitKind.BOOL, low.text(node), node.start_point[0] + 1)


def _nothing(low: Lowering, node: Node, _depth: int) -> Expr:
    return Lit(LitKind.NONE, low.text(node), node.start_point[0] + 1)


def _regex(low: Lowering, node: Node, _depth: int) -> Expr:
    line = node.start_point[0] + 1
    parts = [Lit(LitKind.STR, low.text(part), line) for part in node.named_children]
    return Call(Name("RegExp", line), tuple(parts), (), line, new=True)


def _array(low: Lowering, node: Node, depth: int) -> Expr:
    items = low.exprs(node, depth)
    line = node.start_point[0] + 1
    if b",," in low.source[node.start_byte : node.end_byte].replace(b" ", b""):
        items = list(_with_holes(low, node, depth))
    return Seq(tuple(items), line) if items else Lit(LitKind.EMPTY, "[]", line)


def _with_holes(low: Lowering, node: Node, depth: int) -> Iterator[Expr]:
    """The items of an array, of which some are left out: those are `undefined`."""
    expected = True
    for child in node.children[1:]:
        if child.type == "," and expected:
            yield Lit(LitKind.NONE, "undefined", child.start_point[0] + 1)
        elif child.is_named and not child.is_extra:
            yield low.expr(child, depth)
        expected = child.type == ","


def _spread(low: Lowering, node: Node, depth: int) -> Expr:
    values = low.exprs(node, depth)
    line = node.start_point[0] + 1
    return Spread(values[0], line) if values else low.opaque(node, depth)


def _object(low: Lowering, node: Node, depth: int) -> Expr:
    pairs: list[tuple[str | None, Expr]] = []
    computed: list[Expr] = []
    for child in node.children:
        member = _MEMBERS.get(child.type)
        if member is not None:
            member(low, child, depth, pairs, computed)
        elif child.is_named and not child.is_extra:
            pairs.append((None, low.opaque(child, depth)))
    line = node.start_point[0] + 1
    return Obj(tuple(pairs), line, tuple(computed)) if pairs else Lit(LitKind.EMPTY, "{}", line)


_Pairs = list[tuple[str | None, Expr]]


def _pair(low: Lowering, node: Node, depth: int, pairs: _Pairs, computed: list[Expr]) -> None:
    key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
    if key is None or value is None:
        return
    name = key_text(low, key)
    if name is None:
        computed.extend(low.exprs(key, depth))
    pairs.append((name, named_value(low, value, name or "", depth)))


def _shorthand(low: Lowering, node: Node, _depth: int, pairs: _Pairs, _computed: list[Expr]) -> None:
    name = low.name(node)
    pairs.append((name.id, name))


def _merged(low: Lowering, node: Node, depth: int, pairs: _Pairs, _computed: list[Expr]) -> None:
    pairs.extend(("*", value) for value in low.exprs(node, depth))


def _method(low: Lowering, node: Node, depth: int, pairs: _Pairs, computed: list[Expr]) -> None:
    key = node.child_by_field_name("name")
    words = {child.type for child in node.children if not child.is_named}
    if key is None or "set" in words:
        return
    name = key_text(low, key)
    if name is None:
        computed.extend(low.exprs(key, depth))
    line = node.start_point[0] + 1
    modifiers = ("get",) if "get" in words else ()
    value: Expr = function_value(low, node, name or "", modifiers=modifiers)
    pairs.append((name, Call(value, (), (), line) if modifiers else value))


_MEMBERS: Final = {
    "pair": _pair,
    "shorthand_property_identifier": _shorthand,
    "spread_element": _merged,
    "method_definition": _method,
}


def named_value(low: Lowering, node: Node, name: str, depth: int) -> Expr:
    """Lower a value that is given a name: a function without one of its own takes it."""
    if node.type in FUNCTION_KINDS:
        return function_value(low, node, name)
    return low.expr(node, depth)


EXPRESSIONS: Final[dict[str, ExprHandler]] = {
    "string": _string,
    "template_string": template,
    "number": _number,
    "true": _boolean,
    "false": _boolean,
    "null": _nothing,
    "undefined": _nothing,
    "regex": _regex,
    "array": _array,
    "spread_element": _spread,
    "object": _object,
}
