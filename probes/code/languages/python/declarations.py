"""Functions, lambdas, classes: their heads at once, their bodies when their surroundings are done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Class, Comment, Function, ImportScope, Param
from assay.probes.code.languages.python.context import (
    IDENTIFIER,
    Lowering,
    Pending,
    block,
    expression,
    field,
    kind,
    kinds,
    named,
)
from assay.probes.code.languages.python.expressions import call_arguments, target
from assay.probes.code.syntax import Bind, Def, Expr, Fn, If, Lit, LitKind, Loop, Return, Stmt, TName, Try, With

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from assay.probes.code.languages.python.context import ExprHandler, StmtHandler

_BLOCK: Final = kinds("block")
_DECORATOR: Final = kind("decorator")
_DEFAULTED: Final = kinds("default_parameter", "typed_default_parameter")
_FUNCTION: Final = kind("function_definition")
_CLASS: Final = kind("class_definition")
_LAMBDA: Final = kinds("lambda")
_SEPARATORS: Final = kinds("positional_separator", "keyword_separator")
_STARS: Final = {kind("list_splat_pattern"): "*", kind("dictionary_splat_pattern"): "**"}
_TYPED: Final = kind("typed_parameter")
_EXPRESSION_STATEMENT: Final = kind("expression_statement")
_STRINGS: Final = kinds("string", "concatenated_string")
_FIELD_BODY: Final = field("body")
_FIELD_DEFINITION: Final = field("definition")
_FIELD_NAME: Final = field("name")
_FIELD_PARAMETERS: Final = field("parameters")
_FIELD_RETURN: Final = field("return_type")
_FIELD_BASES: Final = field("superclasses")
_FIELD_TYPE: Final = field("type")
_FIELD_VALUE: Final = field("value")


def _decorated(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    decorators: list[Expr] = []
    for child in named(c, node):
        if child.kind_id == _DECORATOR:
            decorators.extend(expression(c, inner, depth + 1) for inner in named(c, child))
    definition = node.child_by_field_id(_FIELD_DEFINITION)
    if definition is not None and definition.kind_id == _FUNCTION:
        _define_function(c, definition, out, depth, tuple(decorators))
    elif definition is not None and definition.kind_id == _CLASS:
        _define_class(c, definition, out, depth, tuple(decorators))


def _function(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    _define_function(c, node, out, depth, ())


def _define_function(c: Lowering, node: Node, out: list[Stmt], depth: int, decorators: tuple[Expr, ...]) -> None:
    line = node.start_point[0] + 1
    name = node.child_by_field_id(_FIELD_NAME)
    result = node.child_by_field_id(_FIELD_RETURN)
    function = Function(
        name="" if name is None else c.name(name),
        params=_parameters(c, node.child_by_field_id(_FIELD_PARAMETERS), depth + 1),
        decorators=decorators,
        body=(),
        line=line,
        end_line=node.end_point[0] + 1,
        annotation="" if result is None else c.text(result),
        is_async=node.children[0].type == "async",
        enclosing=c.function,
        owner=c.owner,
    )
    out.append(Def(_later(c, node, function), None, line))


def _lambda(c: Lowering, node: Node, depth: int) -> Expr:
    line = node.start_point[0] + 1
    params = _parameters(c, node.child_by_field_id(_FIELD_PARAMETERS), depth + 1)
    end = node.end_point[0] + 1
    function = Function("", params, (), (), line, end, enclosing=c.function)
    return Fn(_later(c, node, function), line)


def _later(c: Lowering, node: Node, function: Function) -> int:
    index = len(c.functions)
    c.functions.append(function)
    c.pending.append(Pending(node, index, is_class=False, enclosing=index, owner=None, scope=ImportScope.FUNCTION))
    return index


def _class(c: Lowering, node: Node, out: list[Stmt], depth: int) -> None:
    _define_class(c, node, out, depth, ())


def _define_class(c: Lowering, node: Node, out: list[Stmt], depth: int, decorators: tuple[Expr, ...]) -> None:
    line = node.start_point[0] + 1
    name, bases = node.child_by_field_id(_FIELD_NAME), node.child_by_field_id(_FIELD_BASES)
    index = len(c.classes)
    c.classes.append(
        Class(
            name="" if name is None else c.name(name),
            bases=() if bases is None else call_arguments(c, bases, depth + 1)[0],
            decorators=decorators,
            methods=(),
            fields=(),
            annotations=(),
            line=line,
            end_line=node.end_point[0] + 1,
            enclosing=c.function,
            owner=c.owner,
        )
    )
    c.pending.append(Pending(node, index, is_class=True, enclosing=c.function, owner=index, scope=c.scope))
    out.append(Def(None, index, line))


# --- bodies ----------------------------------------------------------------------------------------------------------


def finish(c: Lowering) -> None:
    """Lower every body that waits, and those that come up on the way."""
    while c.pending:
        pending = c.pending.popleft()
        c.function, c.owner, c.scope = pending.enclosing, pending.owner, pending.scope
        if pending.is_class:
            _finish_class(c, pending)
        else:
            _finish_function(c, pending)


def _finish_function(c: Lowering, pending: Pending) -> None:
    c.is_generator = False
    c.global_names, c.nonlocal_names = [], []
    docstring = ""
    if pending.node.kind_id in _LAMBDA:
        value = pending.node.child_by_field_id(_FIELD_BODY)
        result = () if value is None else (expression(c, value, 1),)
        body: tuple[Stmt, ...] = tuple(Return(found, found.line) for found in result)
    else:
        children = _statements(c, pending.node)
        docstring, children = _docstring(c, children)
        body = block(c, children, 0)
    c.functions[pending.place] = c.functions[pending.place]._replace(
        body=body,
        docstring=docstring,
        is_generator=c.is_generator,
        global_names=tuple(c.global_names),
        nonlocal_names=tuple(c.nonlocal_names),
    )


def _finish_class(c: Lowering, pending: Pending) -> None:
    docstring, children = _docstring(c, _statements(c, pending.node))
    body = block(c, children, 0)
    methods: list[tuple[str, int]] = []
    fields: list[Bind] = []
    for statement in _flat(body):
        if isinstance(statement, Bind):
            fields.append(statement)
        elif isinstance(statement, Def) and statement.function is not None:
            methods.append((c.functions[statement.function].name, statement.function))
    c.classes[pending.place] = c.classes[pending.place]._replace(
        methods=tuple(methods),
        fields=tuple(found for found in fields if not _is_declaration(found)),
        annotations=tuple((f.target.id, f.annotation) for f in fields if f.annotation and isinstance(f.target, TName)),
        docstring=docstring,
        body=body,
    )


def _statements(c: Lowering, node: Node) -> list[Node]:
    """The statements of a definition's block, and the comments in its head."""
    body = node.child_by_field_id(_FIELD_BODY)
    for child in node.named_children:
        if child.kind_id not in _BLOCK:
            c.comment(child)
    return [] if body is None or body.kind_id not in _BLOCK else body.named_children


def _docstring(c: Lowering, children: list[Node]) -> tuple[str, list[Node]]:
    for position, child in enumerate(children):
        if child.kind_id == _EXPRESSION_STATEMENT:
            text = constant_text(c, child)
            return (text, [*children[:position], *children[position + 1 :]]) if text else ("", children)
        if child.type != "comment":
            break
    return "", children


def constant_text(c: Lowering, node: Node) -> str:
    """The text of a statement that is nothing but a string, which is kept as a comment; else `""`."""
    inner = node.named_children
    if len(inner) != 1 or inner[0].kind_id not in _STRINGS:
        return ""
    found = expression(c, inner[0], 0)
    if not isinstance(found, Lit) or found.kind is not LitKind.STR:
        return ""
    c.comments.append(Comment(found.line, found.text))
    return found.text


def _flat(body: Sequence[Stmt]) -> Iterator[Stmt]:
    """The statements of a class body and of the branches inside it. The bound on nesting bounds the recursion."""
    for statement in body:
        yield statement
        match statement:
            case If():
                yield from _flat((*statement.then, *statement.other))
            case Loop():
                yield from _flat((*statement.body, *statement.other))
            case With():
                yield from _flat(statement.body)
            case Try():
                handlers = [inner for handler in statement.handlers for inner in handler.body]
                yield from _flat((*statement.body, *handlers, *statement.other, *statement.final))
            case _:
                pass


def _is_declaration(found: Bind) -> bool:
    return getattr(found.value, "kind", "") == "declaration"


# --- parameters ------------------------------------------------------------------------------------------------------


def _parameters(c: Lowering, node: Node | None, depth: int) -> tuple[Param, ...]:
    if node is None:
        return ()
    return tuple([_parameter(c, child, depth) for child in named(c, node) if child.kind_id not in _SEPARATORS])


def _parameter(c: Lowering, node: Node, depth: int) -> Param:
    line = node.start_point[0] + 1
    if node.kind_id == IDENTIFIER:
        return Param(c.name(node), None, "", "", line)
    default = annotation = None
    name = node
    if node.kind_id in _DEFAULTED:
        default = node.child_by_field_id(_FIELD_VALUE)
        name = node.child_by_field_id(_FIELD_NAME) or node
    elif node.kind_id == _TYPED and node.named_children:
        name = named(c, node)[0]
    annotation = node.child_by_field_id(_FIELD_TYPE)
    star = _STARS.get(name.kind_id, "")
    if star:
        name = next(iter(named(c, name)), name)
    is_name = name.kind_id == IDENTIFIER
    return Param(
        name=c.name(name) if is_name else "",
        default=None if default is None else expression(c, default, depth),
        annotation="" if annotation is None else c.text(annotation),
        kind=star,
        line=line,
        pattern=None if is_name else target(c, name, depth),
        hint=None if annotation is None else expression(c, annotation, depth),
    )


EXPRESSIONS: Final[dict[str, ExprHandler]] = {"lambda": _lambda}
STATEMENTS: Final[dict[str, StmtHandler]] = {
    "decorated_definition": _decorated,
    "function_definition": _function,
    "class_definition": _class,
}
