"""Imports and exports of ECMAScript modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Export, Import, ImportScope
from assay.probes.code.languages.typescript import classes, commonjs
from assay.probes.code.languages.typescript.functions import decorators, function_value
from assay.probes.code.languages.typescript.literals import named_value
from assay.probes.code.languages.typescript.spelling import string_text
from assay.probes.code.syntax import Bind, Def, Eval, Expr, ImportStmt, Stmt, Target, TName, TPattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import Lowering, StmtHandler

_TYPE_WORDS: Final = frozenset({"type", "typeof"})
_CLASSES: Final = frozenset({"class_declaration", "abstract_class_declaration", "class"})
_FUNCTIONS: Final = frozenset({"function_declaration", "generator_function_declaration"})
_VARIABLES: Final = frozenset({"lexical_declaration", "variable_declaration"})


def _is_type(node: Node) -> bool:
    return any(child.type in _TYPE_WORDS for child in node.children if not child.is_named)


def _import(low: Lowering, node: Node, _depth: int, out: list[Stmt]) -> None:
    line = node.start_point[0] + 1
    first = len(low.imports)
    scope = ImportScope.TYPE if _is_type(node) else low.import_scope()
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    required = next((child for child in node.named_children if child.type == "import_require_clause"), None)
    source = (node if required is None else required).child_by_field_name("source")
    if source is None:
        return
    module = string_text(low, source)
    if required is not None:
        alias = next((low.text(child) for child in required.named_children if child.type == "identifier"), "")
        low.imports.append(Import(module, "", alias, line, scope))
    elif clause is None:
        low.imports.append(Import(module, "", "", line, scope))
    else:
        low.imports.extend(_imported(low, clause, module, scope))
    names = range(first, len(low.imports))
    low.elidable.update(names)
    out.append(ImportStmt(tuple(names), line))


def _imported(low: Lowering, clause: Node, module: str, scope: ImportScope) -> Iterator[Import]:
    for child in clause.named_children:
        line = child.start_point[0] + 1
        if child.type == "identifier":
            yield Import(module, "default", low.text(child), line, scope)
        elif child.type == "namespace_import":
            name = next((low.text(part) for part in child.named_children if part.type == "identifier"), "")
            yield Import(module, "*", name, line, scope)
        elif child.type == "named_imports":
            yield from _named(low, child, module, scope)


def _named(low: Lowering, node: Node, module: str, scope: ImportScope) -> Iterator[Import]:
    for child in node.named_children:
        name = child.child_by_field_name("name") if child.type == "import_specifier" else None
        if name is None:
            continue
        alias = child.child_by_field_name("alias")
        own = ImportScope.TYPE if _is_type(child) else scope
        text = _external(low, name)
        yield Import(module, text, text if alias is None else low.text(alias), child.start_point[0] + 1, own)


def _external(low: Lowering, node: Node) -> str:
    return string_text(low, node) if node.type == "string" else low.text(node)


def _export(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    words = {child.type for child in node.children if not child.is_named}
    declaration, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
    name = "default" if "default" in words else ""
    alias = next((child for child in node.named_children if child.type == "import_alias"), None)
    if declaration is not None:
        _declared(low, node, name, depth, out)
    elif value is not None:
        _value(low, value, name, depth, out)
    elif "=" in words:
        assigned = next((child for child in node.named_children if not child.is_extra), None)
        if assigned is not None:
            _value(low, assigned, "", depth, out)
    elif alias is not None:
        low.statement(alias, depth, out)
        low.exports.extend(Export(name, name, "", None, alias.start_point[0] + 1) for name in _bound(low, out[-1:]))
    else:
        _listed(low, node, words)


def _value(low: Lowering, node: Node, name: str, depth: int, out: list[Stmt]) -> None:
    """`export default value`, `export = value`: evaluated here, exported under `name`."""
    line = node.start_point[0] + 1
    if node.type in _CLASSES:
        out.append(_default_class(low, node, ()))
        return
    made = named_value(low, node, name, depth)
    out.append(Eval(made, line))
    low.exports.append(commonjs.export(name, made, line))


def _declared(low: Lowering, node: Node, name: str, depth: int, out: list[Stmt]) -> None:
    """An exported declaration; a default function without a name is exported as a value."""
    declaration = node.child_by_field_name("declaration") or node
    kind = declaration.type
    own = declaration.child_by_field_name("name")
    line = declaration.start_point[0] + 1
    start = len(out)
    if kind in _CLASSES:
        if own is None:
            out.append(_default_class(low, declaration, decorators(low, node)))
            return
        out.append(classes.declare(low, declaration, outer=decorators(low, node)))
    elif kind in _FUNCTIONS and own is None:
        low.exports.append(Export(name, "", "", function_value(low, declaration, name), line))
        return
    else:
        low.statement(declaration, depth, out)
    names = list(_bound(low, out[start:])) if kind in _VARIABLES else []
    if kind == "ambient_declaration":
        names = list(_ambient(low, declaration))
    if not names and own is not None:
        names = [low.text(own)]
    low.exports.extend(Export(name or local, local, "", None, line) for local in names)


def _default_class(low: Lowering, node: Node, outer: tuple[Expr, ...]) -> Stmt:
    own = node.child_by_field_name("name")
    name = low.fresh("class") if own is None else low.text(own)
    low.exports.append(Export("default", name, "", None, node.start_point[0] + 1))
    return classes.declare(low, node, name, outer)


def _bound(low: Lowering, made: Sequence[Stmt]) -> Iterator[str]:
    """The names that declarations bind; those that stand for a part of a pattern are nobody's."""
    for stmt in made:
        match stmt:
            case Bind(declares=word) if word:
                yield from _names(stmt.target)
            case ImportStmt():
                yield from (low.imports[at].alias for at in stmt.imports)
            case Def(class_=index) if index is not None:
                yield low.class_names[index]


def _names(target: Target) -> Iterator[str]:
    if isinstance(target, TName):
        yield target.id
    elif isinstance(target, TPattern):
        for _, part in target.parts:
            yield from _names(part)


def _ambient(low: Lowering, node: Node) -> Iterator[str]:
    for child in node.named_children:
        name = child.child_by_field_name("name")
        if name is not None:
            yield low.text(name)
        for declarator in child.named_children if child.type in _VARIABLES else ():
            name = declarator.child_by_field_name("name")
            if name is not None:
                yield low.text(name)


def _listed(low: Lowering, node: Node, words: set[str]) -> None:
    """`export { a as b }`, with or without a module; `export *`; `export * as ns`."""
    line = node.start_point[0] + 1
    source = node.child_by_field_name("source")
    module = "" if source is None else string_text(low, source)
    types = bool(words & _TYPE_WORDS)
    if module and "*" in words:
        low.exports.append(Export("*", "*", module, None, line))
    for child in node.named_children:
        if child.type == "namespace_export" and module:
            inner = next((part for part in child.named_children if not part.is_extra), None)
            if inner is not None:
                low.exports.append(Export(_external(low, inner), "*", module, None, line))
        elif child.type == "export_clause":
            low.exports.extend(_specifiers(low, child, module))
            if not module and not types:
                _use(low, child)
    if module:
        scope = ImportScope.TYPE if types else low.import_scope()
        low.imports.append(Import(module, "", "", line, scope))


def _specifiers(low: Lowering, clause: Node, module: str) -> Iterator[Export]:
    for child in clause.named_children:
        name = child.child_by_field_name("name") if child.type == "export_specifier" else None
        if name is not None:
            alias = child.child_by_field_name("alias") or name
            yield Export(_external(low, alias), _external(low, name), module, None, child.start_point[0] + 1)


def _use(low: Lowering, clause: Node) -> None:
    for child in clause.named_children:
        name = child.child_by_field_name("name") if child.type == "export_specifier" else None
        if name is not None and not _is_type(child):
            low.used.add(low.source[name.start_byte : name.end_byte])


def elided(low: Lowering) -> tuple[Import, ...]:
    """The imports of the file; TypeScript leaves out those that no value uses."""
    if not low.typescript:
        return tuple(low.imports)
    kept = {name.decode("utf-8", "replace") for name in low.used}
    kept.update(low.values.values())
    return tuple(
        entry._replace(scope=ImportScope.TYPE)
        if at in low.elidable and entry.alias and entry.alias not in kept
        else entry
        for at, entry in enumerate(low.imports)
    )


STATEMENTS: Final[dict[str, StmtHandler]] = {
    "import_statement": _import,
    "export_statement": _export,
}
