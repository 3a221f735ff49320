"""CommonJS: which expressions are imports of a module, and which assignments are exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.facts import Export
from assay.probes.code.syntax import Assign, Attr, Await, Call, Expr, Lit, LitKind, Name, Obj, Target, TPath

if TYPE_CHECKING:
    from assay.probes.code.languages.typescript.lowering import Lowering


def required(value: Expr) -> tuple[str, str] | None:
    """The module that an expression is, and what of it.

    `""` for `require("m")`, `"*"` for `await import("m")`, a name for a member of either.
    """
    if isinstance(value, Attr):
        whole = _module(value.base)
        return None if whole is None else (whole[0], value.name)
    return _module(value)


def _module(value: Expr) -> tuple[str, str] | None:
    if isinstance(value, Await):
        text = _loaded(value.value, "import")
        return None if text is None else (text, "*")
    text = _loaded(value, "require")
    return None if text is None else (text, "")


def _loaded(value: Expr, loader: str) -> str | None:
    match value:
        case Call(fn=Name(id=name), args=(Lit(kind=LitKind.STR, text=text), *_)) if name == loader:
            return text
    return None


def exported(low: Lowering, target: Target, value: Expr, line: int) -> None:
    """Note what an assignment at the top of a module exports: `module.exports = x`, `exports.x = y`, chains of both."""
    if isinstance(value, Assign):
        exported(low, value.target, value.value, line)
        while isinstance(value, Assign):
            value = value.value
    name = _export_name(target)
    if name is None:
        return
    low.exports.append(export(name, value, line))
    if name == "" and isinstance(value, Obj):
        for key, part in value.pairs:
            module = required(part) if key == "*" else None
            if module is not None and module[1] == "":
                low.exports.append(Export("*", "*", module[0], None, part.line))
            elif key not in {None, "*"}:
                low.exports.append(export(key or "", part, part.line))


def export(name: str, value: Expr, line: int) -> Export:
    """One exported value: a plain name says where it comes from, everything else is kept as it is."""
    return Export(name, value.id, "", None, line) if isinstance(value, Name) else Export(name, "", "", value, line)


def _export_name(target: Target) -> str | None:
    """`""` for the module itself, a name for one of its exports, `None` for anything else."""
    if not isinstance(target, TPath):
        return None
    place = target.place
    if _is_module(place):
        return ""
    base = place.base
    if not (_is_module(base) or (isinstance(base, Name) and base.id == "exports")):
        return None
    if isinstance(place, Attr):
        return place.name
    return place.key.text if isinstance(place.key, Lit) and place.key.kind is LitKind.STR else None


def _is_module(value: Expr) -> bool:
    match value:
        case Attr(base=Name(id="module"), name="exports"):
            return True
    return False
