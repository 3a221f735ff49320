"""What can be assigned to, as a value and as a target."""

from __future__ import annotations

from assay.probes.code.syntax import Attr, Expr, Item, Lit, Name, Opaque, Target, TName, TPath, TPattern


def target(value: Expr) -> Target:
    """The target that an expression names when it stands on the left."""
    if isinstance(value, Name):
        return TName(value.id, value.line)
    if isinstance(value, Attr | Item):
        return TPath(value, value.line)
    return TPattern((), value.line)


def is_plain(value: Expr) -> bool:
    """A name, or a path of fields, constants and names from one: it may stand in the facts more than once."""
    while isinstance(value, Attr | Item):
        if isinstance(value, Item) and not isinstance(value.key, Name | Lit):
            return False
        value = value.base
    return isinstance(value, Name)


def earlier(value: Expr) -> Expr:
    """The value of a place that is about to be assigned; a place that is not plain is evaluated once, as the target."""
    return value if is_plain(value) else Opaque("place", (), value.line)
