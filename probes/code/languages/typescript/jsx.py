"""JSX: markup is opaque, the expressions in it are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.syntax import Expr, Opaque

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import ExprHandler, Lowering

_MARKUP: Final = frozenset(
    {"jsx_element", "jsx_self_closing_element", "jsx_opening_element", "jsx_attribute", "jsx_fragment"}
)
_TAGS: Final = frozenset({"jsx_self_closing_element", "jsx_opening_element"})


def _jsx(low: Lowering, node: Node, depth: int) -> Expr:
    """One tree of markup, walked in a loop; its parts are the expressions in it, in order."""
    parts: list[Expr] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.type == "jsx_expression":
            parts.extend(low.exprs(current, depth))
            continue
        if current.type in _TAGS:
            _use(low, current)
        waiting.extend(
            child for child in reversed(current.children) if child.type in _MARKUP or child.type == "jsx_expression"
        )
    return Opaque("jsx", tuple(parts), node.start_point[0] + 1)


def _use(low: Lowering, tag: Node) -> None:
    """A component's name is used as a value."""
    name = tag.child_by_field_name("name")
    if name is not None:
        low.used.add(low.source[name.start_byte : name.end_byte].partition(b".")[0])


EXPRESSIONS: Final[dict[str, ExprHandler]] = {
    "jsx_element": _jsx,
    "jsx_self_closing_element": _jsx,
    "jsx_fragment": _jsx,
}
