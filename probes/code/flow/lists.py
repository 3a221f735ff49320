"""Lists that are known element by element, as module-level code wires an application with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.refs import BundleRef, ClassRef, ContainerRef, FunctionRef, RouteRef, RouterRef
from assay.probes.code.flow.values import NOTHING, Value, join_all, text_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.probes.code.flow.values import Site

_NUMBERED: Final = 24
LONGEST: Final = 400
_WIRED: Final = (RouterRef, RouteRef, ClassRef, FunctionRef)


def is_list(value: Value) -> bool:
    """Its fields are elements."""
    return any(isinstance(ref, ContainerRef) for ref in value.refs) and all(
        key.isdigit() or key == "[]" for key in value.fields
    )


def items(value: Value) -> list[Value]:
    """Its elements in order; what was added without a place comes last."""
    for ref in value.refs:
        if isinstance(ref, BundleRef):
            return list(ref.items)
    numbered = sorted((key for key in value.fields if key.isdigit()), key=int)
    return [value.fields[key] for key in (*numbered, *(["[]"] if "[]" in value.fields else []))]


def known_items(value: Value) -> list[Value]:
    """What a loop over it meets, one by one, where that is known: elements, or the keys of a dict; else nothing."""
    if any(key in value.fields for key in ("?", "*")) or (value.fields.keys() == {"[]"} and not _bundled(value)):
        return []
    if is_list(value) or any(key.isdigit() for key in value.fields):
        return items(value)
    if any(isinstance(ref, ContainerRef) for ref in value.refs) and value.fields:
        site = next(ref.site for ref in value.refs if isinstance(ref, ContainerRef))
        return [text_literal(key, site) for key in value.fields]
    return []


def _bundled(value: Value) -> bool:
    return any(isinstance(ref, BundleRef) for ref in value.refs)


def of_items(found: Sequence[Value], site: Site, *, lasting: bool, like: Value = NOTHING) -> Value:
    """A list of these elements; one that is too wide for fields keeps what is wired beside them."""
    refs = tuple(ref for ref in like.refs if not isinstance(ref, BundleRef)) or (ContainerRef(site, lasting),)
    if len(found) <= _NUMBERED:
        return Value(like.atoms, {str(index): one for index, one in enumerate(found)}, refs)
    whole = Value(like.atoms, {"[]": join_all(found)}, refs)
    wired = any(isinstance(ref, _WIRED) for one in found for part in one.walk() for ref in part.refs)
    return whole.with_refs((*refs, BundleRef(tuple(found)))) if wired and len(found) <= LONGEST else whole


def paired(path: str, given: Sequence[Value], site: Site) -> Value | None:
    """What `enumerate`, `zip` and `reversed` give over lists that are known; else nothing."""
    columns = [known_items(one) for one in given]
    if not columns or not all(columns):
        return None
    if path == "builtins.reversed":
        return of_items(columns[0][::-1], site, lasting=True)
    counted = [[NOTHING] * len(columns[0]), columns[0]]
    rows = zip(*(counted if path == "builtins.enumerate" else columns), strict=False)
    return of_items([of_items(row, site, lasting=True) for row in rows], site, lasting=True)
