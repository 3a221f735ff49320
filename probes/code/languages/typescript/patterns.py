"""Targets of assignments: names, paths, and destructuring whose defaults become bindings of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.languages.typescript import places
from assay.probes.code.languages.typescript.lowering import DEEPEST
from assay.probes.code.languages.typescript.spelling import key_text
from assay.probes.code.syntax import Bind, Expr, Name, Or, Stmt, Target, TName, TPath, TPattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import Lowering

_PLAIN = frozenset({"identifier", "shorthand_property_identifier_pattern", "undefined", "this"})
_DEFAULTED = frozenset({"assignment_pattern", "object_assignment_pattern", "assignment_expression"})


def target(low: Lowering, node: Node, depth: int, after: list[Stmt]) -> Target:
    """Lower what is assigned to; `after` receives the bindings of its defaults.

    What is no target, because it does not parse or is nested too deeply, is a pattern that binds nothing.
    """
    line = node.start_point[0] + 1
    kind = node.type
    if kind in _PLAIN:
        return TName(low.text(node), line)
    if depth > DEEPEST:
        low.opaque(node, depth)
        return TPattern((), line)
    if kind == "object_pattern":
        return TPattern(tuple(_fields(low, node, depth + 1, after)), line)
    if kind == "array_pattern":
        return TPattern(tuple(_elements(low, node, depth + 1, after)), line)
    if kind in _DEFAULTED:
        return _defaulted(low, node, depth + 1, after)
    return places.target(low.expr(node, depth + 1))


def _fields(low: Lowering, node: Node, depth: int, after: list[Stmt]) -> Iterator[tuple[str, Target]]:
    for child in node.named_children:
        if child.is_extra or child.is_error:
            continue
        if child.type == "pair_pattern":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None:
                yield key_text(low, key) or "?", target(low, value, depth, after)
        elif child.type == "rest_pattern":
            yield "*", _rest(low, child, depth, after)
        else:
            left = child.child_by_field_name("left") or child
            yield low.text(left), target(low, child, depth, after)


def _elements(low: Lowering, node: Node, depth: int, after: list[Stmt]) -> Iterator[tuple[str, Target]]:
    index = 0
    for child in node.children:
        if child.type == ",":
            index += 1
        elif child.type == "rest_pattern":
            yield "*", _rest(low, child, depth, after)
        elif child.is_named and not child.is_extra and not child.is_error:
            yield str(index), target(low, child, depth, after)


def _rest(low: Lowering, node: Node, depth: int, after: list[Stmt]) -> Target:
    inner = next((child for child in node.named_children if not child.is_extra), None)
    return TPattern((), node.start_point[0] + 1) if inner is None else target(low, inner, depth, after)


def _defaulted(low: Lowering, node: Node, depth: int, after: list[Stmt]) -> Target:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    line = node.start_point[0] + 1
    if left is None or right is None:
        return TPattern((), line)
    inner_after: list[Stmt] = []
    inner = target(low, left, depth, inner_after)
    default = low.expr(right, depth)
    outer: Target = inner
    match inner:
        case TName():
            given: Expr = Name(inner.id, line)
        case TPath():
            given = places.earlier(inner.place)
        case TPattern():
            outer = TName(low.fresh("part"), line)
            given = Name(outer.id, line)
    after.append(Bind(inner, Or(given, default, line), "", line))
    after.extend(inner_after)
    return outer
