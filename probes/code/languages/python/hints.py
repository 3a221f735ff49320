"""Annotations as expressions: `Annotated[Session, Depends(get_db)]` is an item of a name, as it is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.languages.python.context import Lowering, broken, expression, named
from assay.probes.code.syntax import Expr, Item, Op, Opaque, Seq

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.python.context import ExprHandler


def _type(c: Lowering, node: Node, depth: int) -> Expr:
    inner = named(c, node)
    return expression(c, inner[0], depth) if len(inner) == 1 else broken(node)


def _generic_type(c: Lowering, node: Node, depth: int) -> Expr:
    inner = named(c, node)
    if len(inner) != 2:  # noqa: PLR2004 - the name and its parameters
        return broken(node)
    name, parameters = inner
    line = node.start_point[0] + 1
    keys = [expression(c, key, depth + 2) for key in named(c, parameters)]
    base = expression(c, name, depth + 1)
    if not keys:
        return base
    return Item(base, keys[0] if len(keys) == 1 else Seq(tuple(keys), line), line)


def _union_type(c: Lowering, node: Node, depth: int) -> Expr:
    return Op("|", tuple([expression(c, child, depth + 1) for child in named(c, node)]), node.start_point[0] + 1)


def _mixed_type(c: Lowering, node: Node, depth: int) -> Expr:
    return Opaque(
        node.type, tuple([expression(c, child, depth + 1) for child in named(c, node)]), node.start_point[0] + 1
    )


HANDLERS: Final[dict[str, ExprHandler]] = {
    "parenthesized_list_splat": _type,
    "type": _type,
    "generic_type": _generic_type,
    "union_type": _union_type,
    "member_type": _mixed_type,
    "constrained_type": _mixed_type,
    "splat_type": _mixed_type,
}
