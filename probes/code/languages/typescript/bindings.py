"""What binds names: declarations and assignments, and the two forms that are imports and exports of CommonJS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.facts import Import
from assay.probes.code.languages.typescript import classes, commonjs, patterns
from assay.probes.code.languages.typescript.literals import named_value
from assay.probes.code.languages.typescript.spelling import type_text
from assay.probes.code.syntax import Bind, ImportStmt, Lit, LitKind, Stmt, Target, TName, TPath

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import Lowering, StmtHandler

_NAMES: Final = frozenset({"identifier", "property_identifier", "private_property_identifier"})
_WHOLE: Final = frozenset({"", "*"})
_UNNAMED: Final = frozenset({"*", "?"})
_CASTS: Final = frozenset({"as_expression", "satisfies_expression"})
_TELLS_NOTHING: Final = frozenset({"const", "any", "unknown", "never"})


class _Binding(NamedTuple):
    """A target with its value; `word` is what declares it."""

    left: Node
    right: Node
    annotation: str
    line: int
    word: str


def _declaration(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    word = node.children[0].type if node.children else ""
    for child in node.named_children:
        if child.type == "variable_declarator":
            start = len(out)
            _declarator(low, child, depth, out, word)
            low.flush(out, start)


def _declarator(low: Lowering, node: Node, depth: int, out: list[Stmt], word: str) -> None:
    left, right = node.child_by_field_name("name"), node.child_by_field_name("value")
    line = node.start_point[0] + 1
    if left is None:
        return
    annotation = type_text(low, node.child_by_field_name("type"))
    if right is None:
        out.append(Bind(TName(low.text(left), line), Lit(LitKind.NONE, "undefined", line), annotation, line, "", word))
        return
    _bind(low, _Binding(left, right, annotation, line, word), depth, out)


def assign(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    """An assignment that stands as a statement."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    _bind(low, _Binding(left, right, "", node.start_point[0] + 1, ""), depth, out)


def _bind(low: Lowering, binding: _Binding, depth: int, out: list[Stmt]) -> None:
    left, right, annotation, line, word = binding
    if right.type == "class" and left.type == "identifier":
        out.append(classes.declare(low, right, low.text(left)))
        return
    before = len(low.imports)
    value = named_value(low, right, _bound_name(low, left), depth)
    after: list[Stmt] = []
    target = patterns.target(low, left, depth, after)
    module = commonjs.required(value)
    names = None if module is None else _imported_names(module[1], target)
    if module is not None and names is not None:
        del low.imports[before]  # the call without an alias: the names below say more
        out.append(_import(low, module[0], names, line))
    else:
        out.append(Bind(target, value, annotation or _cast(low, right), line, "", word))
        if low.current is None:
            commonjs.exported(low, target, value, line)
    out.extend(after)


def _bound_name(low: Lowering, left: Node) -> str:
    """The name that a function takes from what it is assigned to: `x = ...`, `a.x = ...`."""
    named = left.child_by_field_name("property") if left.type == "member_expression" else left
    return low.text(named) if named is not None and named.type in _NAMES else ""


def _imported_names(whole: str, target: Target) -> list[tuple[str, str]] | None:
    """Which names of a module become which local ones; `None` where the binding is more than an import."""
    if isinstance(target, TName):
        return [(whole, target.id)]
    if isinstance(target, TPath) or whole not in _WHOLE:
        return None
    names = [(key, part.id) for key, part in target.parts if isinstance(part, TName) and key not in _UNNAMED]
    return names if names and len(names) == len(target.parts) else None


def _import(low: Lowering, module: str, names: list[tuple[str, str]], line: int) -> Stmt:
    first = len(low.imports)
    low.imports.extend(Import(module, name, alias, line, low.import_scope()) for name, alias in names)
    return ImportStmt(tuple(range(first, len(low.imports))), line)


def _cast(low: Lowering, value: Node) -> str:
    """The type in `value as Type`, where no annotation says it."""
    if value.type not in _CASTS:
        return ""
    text = type_text(low, value.named_children[-1])
    return "" if text in _TELLS_NOTHING or value.children[-1].type == "const" else text


STATEMENTS: Final[dict[str, StmtHandler]] = {
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "using_declaration": _declaration,
}
