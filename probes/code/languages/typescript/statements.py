"""Statements, except imports, exports, classes and the bindings of declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.languages.typescript import patterns
from assay.probes.code.languages.typescript.branches import Branch, chain, switch
from assay.probes.code.languages.typescript.effects import effect
from assay.probes.code.languages.typescript.expressions import condition, operand
from assay.probes.code.syntax import (
    Attr,
    Await,
    Bind,
    Call,
    Def,
    Eval,
    Expr,
    Handler,
    Jump,
    Lit,
    LitKind,
    Loop,
    Name,
    Raise,
    Return,
    Stmt,
    Target,
    Try,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import Lowering, StmtHandler


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _undefined(line: int) -> Lit:
    return Lit(LitKind.NONE, "undefined", line)


def _block(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    for child in node.children:
        low.statement(child, depth, out)


def _function(low: Lowering, node: Node, _depth: int, out: list[Stmt]) -> None:
    name = node.child_by_field_name("name")
    out.append(Def(low.function(node, "" if name is None else low.text(name)), None, _line(node)))


def _return(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    value = operand(node)
    out.append(Return(_undefined(_line(node)) if value is None else low.expr(value, depth), _line(node)))


def _throw(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    value = operand(node)
    out.append(Raise(None if value is None else low.expr(value, depth), _line(node)))


def _tested(low: Lowering, node: Node, depth: int) -> Expr:
    test = node.child_by_field_name("condition")
    return low.opaque(node, depth) if test is None else condition(low, test, depth)


def _if(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    """An `if` with all its `else if`, walked in a loop."""
    branches: list[Branch] = []
    last: Node | None = node
    low.branches += 1
    while last is not None and last.type == "if_statement":
        test = _tested(low, last, depth)
        low.flush(out, len(out))
        branches.append(Branch(test, low.block(last.child_by_field_name("consequence"), depth), _line(last)))
        clause = last.child_by_field_name("alternative")
        last = None if clause is None else operand(clause)
        depth += 1
    otherwise = low.block(last, depth)
    low.branches -= 1
    out.extend(chain(branches, otherwise))


def _switch(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    low.branches += 1
    switch(low, node, depth, out)
    low.branches -= 1


def _for_in(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    """`for (x of xs)`; `for (k in o)` iterates `Object.keys(o)`, `for await` what is awaited."""
    line = _line(node)
    iterated = low.field(node, "right", depth)
    operator = node.child_by_field_name("operator")
    if operator is not None and operator.type == "in":
        iterated = Call(Attr(Name("Object", line), "keys", line), (iterated,), (), line)
    elif any(child.type == "await" for child in node.children):
        iterated = Await(iterated, line)
    left = node.child_by_field_name("left")
    entry: list[Stmt] = []
    target: Target | None = None if left is None else patterns.target(low, left, depth, entry)
    out.append(Loop(target, iterated, (*entry, *_looped(low, node, depth)), (), line))


def _for(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    start = node.child_by_field_name("initializer")
    if start is not None:
        _step(low, start, depth, out)
    test: Expr = Lit(LitKind.BOOL, "true", _line(node))
    tested = node.child_by_field_name("condition")
    if tested is not None and tested.type != "empty_statement" and tested.is_named:
        inner = operand(tested) if tested.type == "expression_statement" else tested
        test = low.opaque(node, depth) if inner is None else condition(low, inner, depth)
    low.flush(out, len(out))
    body = list(_looped(low, node, depth))
    step = node.child_by_field_name("increment")
    if step is not None:
        effect(low, step, depth, body)
        low.flush(body, len(body))
    out.append(Loop(None, test, tuple(body), (), _line(node)))


def _step(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    if node.kind_id in low.statements:
        low.statement(node, depth, out)
    elif node.is_named:
        effect(low, node, depth, out)


def _while(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    test = _tested(low, node, depth)
    out.append(Loop(None, test, _looped(low, node, depth), (), _line(node)))


def _looped(low: Lowering, node: Node, depth: int) -> tuple[Stmt, ...]:
    low.branches += 1
    body = low.block(node.child_by_field_name("body"), depth)
    low.branches -= 1
    return body


def _try(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    handler, final = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
    low.guarded += handler is not None
    body = low.block(node.child_by_field_name("body"), depth)
    low.guarded -= handler is not None
    low.branches += 1
    handlers = () if handler is None else (_catch(low, handler, depth),)
    low.branches -= 1
    last = () if final is None else low.block(final.child_by_field_name("body"), depth)
    out.append(Try(body, handlers, (), last, _line(node)))


def _catch(low: Lowering, node: Node, depth: int) -> Handler:
    caught = node.child_by_field_name("parameter")
    name, entry = "", list[Stmt]()
    if caught is not None and caught.type == "identifier":
        name = low.text(caught)
    elif caught is not None:
        name = low.fresh("caught")
        after: list[Stmt] = []
        pattern = patterns.target(low, caught, depth, after)
        entry = [Bind(pattern, Name(name, _line(caught)), "", _line(caught), "", "const"), *after]
    body = low.block(node.child_by_field_name("body"), depth)
    return Handler((), name, (*entry, *body), _line(node))


def _label(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    body = node.child_by_field_name("body")
    if body is not None:
        low.statement(body, depth, out)


def _with(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    value = node.child_by_field_name("object")
    if value is not None:
        out.append(Eval(low.expr(value, depth), _line(node)))
    out.extend(low.block(node.child_by_field_name("body"), depth))


def _jump(_low: Lowering, node: Node, _depth: int, out: list[Stmt]) -> None:
    out.append(Jump("break" if node.type == "break_statement" else "continue", _line(node)))


def _nothing(_low: Lowering, _node: Node, _depth: int, _out: list[Stmt]) -> None:
    """Syntax without a meaning at run time."""


def _expression(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    inner = operand(node)
    if inner is None:
        return
    if inner.kind_id in low.statements:  # `namespace x {}` stands in an expression statement
        low.statement(inner, depth, out)
    else:
        effect(low, inner, depth, out)


STATEMENTS: Final[dict[str, StmtHandler]] = {
    "statement_block": _block,
    "function_declaration": _function,
    "generator_function_declaration": _function,
    "return_statement": _return,
    "throw_statement": _throw,
    "if_statement": _if,
    "switch_statement": _switch,
    "for_in_statement": _for_in,
    "for_statement": _for,
    "while_statement": _while,
    "do_statement": _while,
    "try_statement": _try,
    "labeled_statement": _label,
    "with_statement": _with,
    "break_statement": _jump,
    "continue_statement": _jump,
    "expression_statement": _expression,
    "empty_statement": _nothing,
    "debugger_statement": _nothing,
    "hash_bang_line": _nothing,
    "ambient_declaration": _nothing,
    "function_signature": _nothing,
    "type_alias_declaration": _nothing,
}
