"""Functions: declarations, expressions, arrows and methods, and the queue in which their bodies are lowered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Function, Param
from assay.probes.code.languages.typescript import patterns
from assay.probes.code.languages.typescript.spelling import type_text
from assay.probes.code.syntax import Attr, Bind, Expr, Fn, Name, Return, Stmt, Target, TName, TPath

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import ExprHandler, Lowering, Pending

FUNCTION_KINDS: Final = frozenset({"arrow_function", "function_expression", "generator_function", "function"})
_GENERATORS: Final = frozenset({"generator_function", "generator_function_declaration"})
_PARAMETERS: Final = frozenset({"required_parameter", "optional_parameter"})
_TYPE_NAME: Final = re.compile(rb"[A-Za-z_$][\w$]*")


def function_value(low: Lowering, node: Node, name: str, *, modifiers: tuple[str, ...] = ()) -> Fn:
    """A function used as a value; `name` is what it is bound to, its own name goes first."""
    own = node.child_by_field_name("name") if node.type != "method_definition" else None
    if node.type == "arrow_function":
        modifiers = ("arrow",)
    index = low.function(node, name if own is None else low.text(own), modifiers=modifiers)
    return Fn(index, node.start_point[0] + 1)


def lower(low: Lowering, pending: Pending) -> Function:
    """Lower a function that waited."""
    node = pending.node
    words = _words(node)
    entry: list[Stmt] = []
    params = _params(low, node, entry)
    body = _body(low, node)
    return Function(
        name=pending.name,
        params=params,
        decorators=pending.decorators,
        body=(*entry, *body),
        line=node.start_point[0] + 1,
        end_line=node.end_point[0] + 1,
        annotation=type_text(low, node.child_by_field_name("return_type")),
        is_async="async" in words,
        is_generator="*" in words or node.type in _GENERATORS,
        enclosing=pending.enclosing,
        owner=pending.owner,
        modifiers=pending.modifiers,
    )


def _words(node: Node) -> set[str]:
    """The keywords before a function's name and parameters."""
    words = set()
    for child in node.children:
        if child.type == "formal_parameters":
            break
        if not child.is_named:
            words.add(child.type)
    return words


def _body(low: Lowering, node: Node) -> tuple[Stmt, ...]:
    body = node.child_by_field_name("body")
    if body is None or body.type == "statement_block":
        return low.block(body, 0)
    out: list[Stmt] = [Return(low.expr(body, 0), body.start_point[0] + 1)]
    low.flush(out, 0)
    return tuple(out)


def _params(low: Lowering, node: Node, entry: list[Stmt]) -> tuple[Param, ...]:
    single = node.child_by_field_name("parameter")
    if single is not None:
        return (Param(low.text(single), None, "", "", single.start_point[0] + 1),)
    listed = node.child_by_field_name("parameters")
    if listed is None:
        return ()
    lowered = (_param(low, child, entry) for child in listed.named_children if not child.is_extra)
    params = tuple(param for param in lowered if param is not None)
    low.flush(entry, 0)
    return params


def _param(low: Lowering, node: Node, entry: list[Stmt]) -> Param | None:
    """One parameter; `None` for TypeScript's `this` and what does not parse. `entry` gets what it does to the body."""
    kind = node.type
    if kind == "ERROR":
        return None
    pattern, default = node, None
    if kind in _PARAMETERS:
        pattern, default = node.child_by_field_name("pattern") or node, node.child_by_field_name("value")
    elif kind == "assignment_pattern":
        pattern, default = node.child_by_field_name("left") or node, node.child_by_field_name("right")
    if pattern.type == "this" or pattern.is_missing:
        return None
    star = "*" if pattern.type == "rest_pattern" else ""
    if star:
        pattern = next((child for child in pattern.named_children if not child.is_extra), pattern)
    made = patterns.target(low, pattern, 0, entry)
    name = made.id if isinstance(made, TName) else ""
    if name and kind in _PARAMETERS and is_property(node):
        entry.append(_property(name, node.start_point[0] + 1))
    return Param(
        name=name,
        default=None if default is None else low.expr(default, 0),
        annotation=type_text(low, node.child_by_field_name("type")),
        kind=star,
        line=node.start_point[0] + 1,
        pattern=None if name else made,
        decorators=decorators(low, node),
    )


def _property(name: str, line: int) -> Stmt:
    place: Target = TPath(Attr(Name("this", line), name, line), line)
    return Bind(place, Name(name, line), "", line)


def is_property(parameter: Node) -> bool:
    """The constructor's parameter is a field as well: it says `private`, `public`, `protected` or `readonly`."""
    return any(
        child.type in {"accessibility_modifier", "readonly", "override_modifier"} for child in parameter.children
    )


def decorators(low: Lowering, node: Node) -> tuple[Expr, ...]:
    """The expressions behind the `@` of a declaration's own decorators."""
    return tuple(
        value for child in node.children if child.type == "decorator" for value in low.exprs(child, 0)[:1]
    )  # a decorator has one expression


def use_types(low: Lowering, annotation: str) -> None:
    """Count the names in an annotation as used: a decorated class keeps its constructor's types at run time."""
    low.used.update(_TYPE_NAME.findall(annotation.encode()))


def _value(low: Lowering, node: Node, _depth: int) -> Expr:
    return function_value(low, node, "")


EXPRESSIONS: Final[dict[str, ExprHandler]] = dict.fromkeys(FUNCTION_KINDS, _value)
