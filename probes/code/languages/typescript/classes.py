"""Classes, interfaces, enumerations and namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Class
from assay.probes.code.languages.typescript.functions import FUNCTION_KINDS, decorators, is_property, use_types
from assay.probes.code.languages.typescript.literals import named_value
from assay.probes.code.languages.typescript.lowering import DEEPEST
from assay.probes.code.languages.typescript.spelling import key_text, type_text
from assay.probes.code.syntax import Attr, Bind, Def, Expr, Fn, Lit, LitKind, Name, Obj, Stmt, TName

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import ExprHandler, Lowering, Pending, StmtHandler

_FIELDS: Final = frozenset({"public_field_definition", "field_definition"})
_SIGNATURES: Final = frozenset({"property_signature", "method_signature"})
_MODIFIERS: Final = ("static", "get", "set")


class _Members:
    """What a class body holds, collected in order."""

    def __init__(self) -> None:
        self.methods: list[tuple[str, int]] = []
        self.fields: list[Bind] = []
        self.annotations: list[tuple[str, str]] = []
        self.field_decorators: list[tuple[str, tuple[Expr, ...]]] = []
        self.body: list[Stmt] = []


def declare(low: Lowering, node: Node, name: str = "", outer: tuple[Expr, ...] = ()) -> Stmt:
    """The statement that defines a class, whose body waits.

    `name` is what it is bound to, its own name otherwise; `outer` are decorators that stand before `export`.
    """
    own = node.child_by_field_name("name")
    name = name or ("" if own is None else low.text(own))
    return Def(None, low.class_(node, name, (*outer, *decorators(low, node))), node.start_point[0] + 1)


def lower(low: Lowering, pending: Pending) -> Class:
    """Lower a class that waited."""
    node = pending.node
    body = node.child_by_field_name("body")
    members = _Members()
    if body is not None:
        _collect(low, body, members, decorated=bool(pending.decorators))
    low.flush(members.body, 0)
    return Class(
        name=pending.name,
        bases=tuple(_bases(low, node)),
        decorators=pending.decorators,
        methods=tuple(members.methods),
        fields=tuple(members.fields),
        annotations=tuple(members.annotations),
        line=node.start_point[0] + 1,
        end_line=node.end_point[0] + 1,
        enclosing=pending.enclosing,
        owner=pending.owner,
        body=tuple(members.body),
        modifiers=("abstract",) if node.type == "abstract_class_declaration" else (),
        field_decorators=tuple(members.field_decorators),
    )


def _bases(low: Lowering, node: Node) -> list[Expr]:
    heritage = next((child for child in node.children if child.type == "class_heritage"), None)
    if heritage is None:
        return []
    clauses = [child for child in heritage.named_children if child.type in {"extends_clause", "implements_clause"}]
    if not clauses:  # JavaScript has the expression itself
        return low.exprs(heritage, 0)[:1]
    bases: list[Expr] = []
    for clause in clauses:
        if clause.type == "extends_clause":
            bases.extend(low.expr(value, 0) for value in clause.children_by_field_name("value"))
        else:
            bases.extend(_type_base(low, kind) for kind in clause.named_children if not kind.is_extra)
    return bases


def _type_base(low: Lowering, node: Node) -> Expr:
    """A type that is implemented or extended, by its name; its arguments do not matter."""
    named = node.child_by_field_name("name") if node.type == "generic_type" else node
    first, *rest = low.text(named or node).split(".")
    line = node.start_point[0] + 1
    base: Expr = Name(first.strip(), line)
    for name in rest[:DEEPEST]:
        base = Attr(base, name.strip(), line)
    return base


def _collect(low: Lowering, body: Node, members: _Members, *, decorated: bool) -> None:
    marks: list[Expr] = []
    for child in body.children:
        kind = child.type
        if kind == "decorator":
            marks.extend(low.exprs(child, 0)[:1])
            continue
        if kind == "method_definition":
            _method(low, child, (*marks, *decorators(low, child)), members, decorated=decorated)
        elif kind in _FIELDS:
            _field(low, child, (*marks, *decorators(low, child)), members)
        elif kind == "class_static_block":
            members.body.extend(low.block(child.child_by_field_name("body"), 0))
        elif child.is_extra:
            continue
        marks.clear()


def _method(low: Lowering, node: Node, marks: tuple[Expr, ...], members: _Members, *, decorated: bool) -> None:
    key = node.child_by_field_name("name")
    name = "" if key is None else key_text(low, key) or ""
    words = {child.type for child in node.children if not child.is_named}
    modifiers = tuple(word for word in _MODIFIERS if word in words)
    index = low.function(node, name, owner=low.owner, decorators=marks, modifiers=modifiers)
    members.methods.append((name, index))
    members.body.append(Def(index, None, node.start_point[0] + 1))
    if name == "constructor":
        _constructor_types(low, node, members, decorated=decorated)


def _constructor_types(low: Lowering, node: Node, members: _Members, *, decorated: bool) -> None:
    """Parameter properties are fields with a type; what a decorated class asks for is known at run time."""
    listed = node.child_by_field_name("parameters")
    for child in listed.named_children if listed is not None else ():
        annotation = type_text(low, child.child_by_field_name("type"))
        pattern = child.child_by_field_name("pattern")
        if pattern is not None and pattern.type == "identifier" and is_property(child):
            members.annotations.append((low.text(pattern), annotation))
        if decorated:
            use_types(low, annotation)


def _field(low: Lowering, node: Node, marks: tuple[Expr, ...], members: _Members) -> None:
    key = node.child_by_field_name("name") or node.child_by_field_name("property")
    name = None if key is None else key_text(low, key)
    if name is None:
        return
    annotation = type_text(low, node.child_by_field_name("type"))
    if annotation:
        members.annotations.append((name, annotation))
    if marks:
        members.field_decorators.append((name, marks))
    value = node.child_by_field_name("value")
    if value is None:
        return
    line = node.start_point[0] + 1
    lowered = _field_value(low, value, name)
    if isinstance(lowered, Fn):
        members.methods.append((name, lowered.function))
    bind = Bind(TName(name, line), lowered, annotation, line)
    members.fields.append(bind)
    members.body.append(bind)


def _field_value(low: Lowering, value: Node, name: str) -> Expr:
    if value.type not in FUNCTION_KINDS:
        return named_value(low, value, name, 0)
    modifiers = ("arrow",) if value.type == "arrow_function" else ()
    return Fn(low.function(value, name, owner=low.owner, modifiers=modifiers), value.start_point[0] + 1)


def _class(low: Lowering, node: Node, _depth: int, out: list[Stmt]) -> None:
    out.append(declare(low, node))


def _class_value(low: Lowering, node: Node, _depth: int) -> Expr:
    """A class used as a value: it is defined before the statement it stands in, under a name of its own."""
    name = low.fresh("class")
    low.before.append(declare(low, node, name))
    return Name(name, node.start_point[0] + 1)


def _interface(low: Lowering, node: Node, _depth: int, _out: list[Stmt]) -> None:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    annotations: list[tuple[str, str]] = []
    for child in body.named_children if body is not None else ():
        key = child.child_by_field_name("name") if child.type in _SIGNATURES else None
        text = None if key is None else key_text(low, key)
        if text is not None:
            kind = child.child_by_field_name("type") or child.child_by_field_name("return_type")
            annotations.append((text, type_text(low, kind)))
    extended = next((child for child in node.children if child.type == "extends_type_clause"), None)
    bases = [] if extended is None else [_type_base(low, kind) for kind in extended.named_children if not kind.is_extra]
    spelled = "" if name is None else low.text(name)
    low.classes[len(low.class_names)] = Class(
        name=spelled,
        bases=tuple(bases),
        decorators=(),
        methods=(),
        fields=(),
        annotations=tuple(annotations),
        line=node.start_point[0] + 1,
        end_line=node.end_point[0] + 1,
        enclosing=low.current,
        modifiers=("interface",),
    )
    low.class_names.append(spelled)


def _enum(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    """An enumeration is an object of its members; one without a value counts on."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    line = node.start_point[0] + 1
    pairs: list[tuple[str | None, Expr]] = []
    for child in body.named_children if body is not None else ():
        key = child.child_by_field_name("name") if child.type == "enum_assignment" else child
        if child.is_extra or child.is_error or key is None:
            continue
        counted: Expr = Lit(LitKind.NUM, str(len(pairs)), child.start_point[0] + 1)
        value = low.field(child, "value", depth) if child.type == "enum_assignment" else counted
        pairs.append((key_text(low, key), value))
    made: Expr = Obj(tuple(pairs), line) if pairs else Lit(LitKind.EMPTY, "{}", line)
    out.append(Bind(TName("" if name is None else low.text(name), line), made, "", line, "", "const"))


def _namespace(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    """A namespace: its statements where it stands, and an object of what it exports.

    Its exports are no exports of the module.
    """
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None or name.type == "string":
        return
    kept = len(low.exports)
    out.extend(low.block(body, depth))
    line = node.start_point[0] + 1
    pairs = tuple((export.name, Name(export.local, export.line)) for export in low.exports[kept:] if export.local)
    del low.exports[kept:]
    made: Expr = Obj(pairs, line) if pairs else Lit(LitKind.EMPTY, "{}", line)
    out.append(Bind(TName(low.text(name), line), made, "", line, "", "const"))


def _alias(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    """`import x = a.b`."""
    names = [child for child in node.named_children if not child.is_extra]
    line = node.start_point[0] + 1
    if len(names) > 1:
        out.append(Bind(TName(low.text(names[0]), line), low.expr(names[1], depth), "", line, "", "const"))


EXPRESSIONS: Final[dict[str, ExprHandler]] = {"class": _class_value}
STATEMENTS: Final[dict[str, StmtHandler]] = {
    "class_declaration": _class,
    "abstract_class_declaration": _class,
    "interface_declaration": _interface,
    "enum_declaration": _enum,
    "internal_module": _namespace,
    "module": _namespace,
    "import_alias": _alias,
}
