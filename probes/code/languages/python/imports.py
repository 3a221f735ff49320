"""Import statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Import
from assay.probes.code.languages.python.context import EXTRAS, Lowering, field, kind, named
from assay.probes.code.syntax import ImportStmt, Stmt

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.python.context import StmtHandler

_ALIASED: Final = kind("aliased_import")
_DOTTED: Final = kind("dotted_name")
_WILDCARD: Final = kind("wildcard_import")
_FIELD_ALIAS: Final = field("alias")
_FIELD_MODULE: Final = field("module_name")
_FIELD_NAME: Final = field("name")


def _import(c: Lowering, node: Node, out: list[Stmt], _depth: int) -> None:
    found: list[tuple[str, str, str]] = []
    for child in named(c, node):
        if child.kind_id == _ALIASED:
            module, alias = _aliased(c, child)
            found.append((module, "", alias))
        elif child.kind_id == _DOTTED:
            module = _dotted(c, child)
            found.append((module, "", module))
    _add(c, node, out, found)


def _import_from(c: Lowering, node: Node, out: list[Stmt], _depth: int) -> None:
    module_node = node.child_by_field_id(_FIELD_MODULE)
    module = "__future__" if module_node is None else _dotted(c, module_node)
    found: list[tuple[str, str, str]] = []
    for child in named(c, node):
        if module_node is not None and child.id == module_node.id:
            continue
        if child.kind_id == _ALIASED:
            name, alias = _aliased(c, child)
            found.append((module, name, alias))
        elif child.kind_id == _DOTTED:
            name = _dotted(c, child)
            found.append((module, name, name))
        elif child.kind_id == _WILDCARD:
            found.append((module, "*", ""))
    _add(c, node, out, found)


def _add(c: Lowering, node: Node, out: list[Stmt], found: list[tuple[str, str, str]]) -> None:
    """Keep the imports whose names are whole, and the statement that executes them."""
    line = node.start_point[0] + 1
    first = len(c.imports)
    for module, name, alias in found:
        if module and (alias or name == "*"):
            c.imports.append(Import(module, name, alias, line, c.scope))
    out.append(ImportStmt(tuple(range(first, len(c.imports))), line))


def _aliased(c: Lowering, node: Node) -> tuple[str, str]:
    name, alias = node.child_by_field_id(_FIELD_NAME), node.child_by_field_id(_FIELD_ALIAS)
    return ("" if name is None else _dotted(c, name)), ("" if alias is None else c.name(alias))


def _dotted(c: Lowering, node: Node) -> str:
    """A dotted name without the blanks and line breaks that may stand in it."""
    if any(child.kind_id in EXTRAS for child in node.children):
        return "".join(c.text(child) for child in node.children if child.kind_id not in EXTRAS)
    return c.name(node) if node.child_count == 1 else "".join(c.text(node).split())


HANDLERS: Final[dict[str, StmtHandler]] = {
    "import_statement": _import,
    "import_from_statement": _import_from,
    "future_import_statement": _import_from,
}
