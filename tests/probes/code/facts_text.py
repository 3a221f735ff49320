"""Facts as compact text, for tests to compare with: one line per top-level statement, function, class and import.

An empty container is `empty`, a test `test<(a, b)`, an operator `op+(a, b)`, opaque syntax `<kind a, b>`, a function
used as a value `fn#0`. Lines are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay.probes.code.syntax import (
    Assign,
    Attr,
    Await,
    Bind,
    Call,
    Comp,
    Cond,
    Def,
    Delete,
    Eval,
    Expr,
    Fn,
    If,
    ImportStmt,
    Item,
    Jump,
    Lit,
    LitKind,
    Loop,
    Name,
    Obj,
    Op,
    Opaque,
    Or,
    Raise,
    Return,
    Seq,
    Spread,
    Stmt,
    Target,
    Test,
    Text,
    TName,
    TPath,
    TPattern,
    Try,
    With,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import Class, FileFacts, Function, Import, Param


def top(facts: FileFacts) -> list[str]:
    """The module-level statements."""
    return [statement(each) for each in facts.top]


def functions(facts: FileFacts) -> list[str]:
    """Every function with its body."""
    return [function(each) for each in facts.functions]


def expression(e: Expr) -> str:  # noqa: C901, PLR0911, PLR0912 - one line per kind of node
    match e:
        case Lit(kind=LitKind.STR, text=text):
            return repr(text)
        case Lit(kind=LitKind.EMPTY):
            return "empty"
        case Lit(text=text):
            return text
        case Name(id=name):
            return name
        case Attr(base=base, name=name):
            return f"{expression(base)}.{name}"
        case Item(base=base, key=key):
            return f"{expression(base)}[{expression(key)}]"
        case Call(fn=fn, args=args, kwargs=kwargs, new=new):
            given = [expression(a) for a in args] + [f"{name}={expression(a)}" for name, a in kwargs]
            return f"{'new ' if new else ''}{expression(fn)}({', '.join(given)})"
        case Obj(pairs=pairs, computed=computed):
            keys = f" | {several(computed)}" if computed else ""
            return "{" + ", ".join(f"{'?' if k is None else k}: {expression(v)}" for k, v in pairs) + keys + "}"
        case Seq(items=items):
            return f"[{several(items)}]"
        case Comp(element=element, loops=loops, conditions=conditions):
            head = " ".join(f"for {target(t)} in {expression(i)}" for t, i in loops)
            return " ".join([f"comp({expression(element)}", head, *(f"if {expression(c)}" for c in conditions)]) + ")"
        case Text(parts=parts):
            return f"text({several(parts)})"
        case Op(operator=operator, operands=operands):
            return f"op{_word(operator)}({several(operands)})"
        case Test(operator=operator, operands=operands):
            return f"test{_word(operator)}({several(operands)})"
        case Or(left=left, right=right):
            return f"or({expression(left)}, {expression(right)})"
        case Cond(test=test, then=then, other=other):
            return f"cond({expression(test)}, {expression(then)}, {expression(other)})"
        case Await(value=value):
            return f"await {expression(value)}"
        case Fn(function=index):
            return f"fn#{index}"
        case Spread(value=value):
            return f"...{expression(value)}"
        case Yield(value=value):
            return f"yield {expression(value)}"
        case Assign(target=bound, value=value):
            return f"({target(bound)} := {expression(value)})"
        case Opaque(kind=kind, parts=parts):
            return f"<{kind}{' ' if parts else ''}{several(parts)}>"


def _word(operator: str) -> str:
    return f" {operator} " if operator[:1].isalpha() else operator


def several(expressions: tuple[Expr, ...]) -> str:
    return ", ".join(expression(e) for e in expressions)


def target(t: Target) -> str:
    match t:
        case TName(id=name):
            return name
        case TPath(place=place):
            return expression(place)
        case TPattern(parts=parts):
            return "{" + ", ".join(f"{key}: {target(part)}" for key, part in parts) + "}"


def statement(s: Stmt) -> str:  # noqa: C901, PLR0911 - one line per kind of node
    match s:
        case Bind(target=bound, value=value, annotation=annotation, operator=operator, declares=declares):
            kind = f": {annotation}" if annotation else ""
            head = f"{declares} " if declares else ""
            return f"{head}{target(bound)}{kind} {operator or '='} {expression(value)}"
        case Eval(value=value):
            return expression(value)
        case Return(value=value):
            return f"return {expression(value)}"
        case Raise(value=raised):
            return "raise" if raised is None else f"raise {expression(raised)}"
        case If(test=test, then=then, other=other):
            return f"if {expression(test)} {block(then)}" + _clause("else", other)
        case Loop(target=bound_or_none, iterated=iterated, body=body, other=other):
            head = f"for {target(bound_or_none)} in" if bound_or_none else "while"
            return f"{head} {expression(iterated)} {block(body)}" + _clause("else", other)
        case Try(body=body, handlers=handlers, other=other, final=final):
            caught = "".join(
                f" except {several(h.types) or '*'}{f' as {h.name}' if h.name else ''} {block(h.body)}"
                for h in handlers
            )
            return f"try {block(body)}{caught}" + _clause("else", other) + _clause("finally", final)
        case With(items=items, body=body):
            heads = [expression(e) + (f" as {target(t)}" if t else "") for e, t in items]
            return f"with {', '.join(heads)} {block(body)}"
        case Def(function=index, class_=class_index):
            return f"def#{index}" if index is not None else f"class#{class_index}"
        case ImportStmt(imports=imports):
            return f"import#{','.join(map(str, imports))}"
        case Jump(kind=kind):
            return kind
        case Delete(place=place):
            return f"del {expression(place)}"


def block(body: tuple[Stmt, ...]) -> str:
    return "{" + "; ".join(statement(s) for s in body) + "}"


def _clause(word: str, body: tuple[Stmt, ...]) -> str:
    return f" {word} {block(body)}" if body else ""


def param(p: Param) -> str:
    name = target(p.pattern) if p.pattern else p.name
    hint = f": {p.annotation}" if p.annotation else ""
    default = f" = {expression(p.default)}" if p.default else ""
    return f"{p.kind}{name}{hint}{default}"


def function(f: Function) -> str:
    words = [word for word, is_so in (("async", f.is_async), ("generator", f.is_generator)) if is_so]
    outer = [f"global {name}" for name in f.global_names] + [f"nonlocal {name}" for name in f.nonlocal_names]
    decorators = [f"@{expression(d)}" for d in f.decorators]
    head = f"{f.name or 'lambda'}({', '.join(param(p) for p in f.params)})"
    result = f" -> {f.annotation}" if f.annotation else ""
    return " ".join([*decorators, *words, *outer, f"{head}{result}", block(f.body)])


def class_(c: Class) -> str:
    decorators = [f"@{expression(d)}" for d in c.decorators]
    methods = ", ".join(f"{name}#{index}" for name, index in c.methods)
    fields = "; ".join(statement(f) for f in c.fields)
    return " ".join([*decorators, f"{c.name}({several(c.bases)}) methods({methods}) fields({fields})"])


def import_(i: Import) -> str:
    return f"{i.module}|{i.name}|{i.alias}|{i.scope}"


class Measured(NamedTuple):
    """What stands in the facts of a file: every line, and how deep the nodes of one body nest."""

    lines: frozenset[int]
    depth: int


def measure(facts: FileFacts) -> Measured:
    found = list(_walk(facts))
    lines = {getattr(node, name) for node, _ in found for name in ("line", "end_line") if hasattr(node, name)}
    return Measured(frozenset(lines), max((depth for _, depth in found), default=0))


def nodes(facts: FileFacts) -> Iterator[object]:
    """Every node of the facts."""
    return (node for node, _ in _walk(facts))


def _walk(facts: FileFacts) -> Iterator[tuple[object, int]]:
    """Every node with its depth, without recursion, so that what is too deep is counted and not a crash."""
    waiting: list[tuple[object, int]] = [(node, 0) for node in _roots(facts)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, tuple):
            is_node = hasattr(node, "_fields")
            if is_node:
                yield node, depth
            waiting.extend((inner, depth + is_node) for inner in node)


def _roots(facts: FileFacts) -> Iterator[object]:
    """The bodies and heads that stand apart, and what has a line besides."""
    for body in (facts.top, *(f.body for f in facts.functions), *(c.body for c in facts.classes)):
        yield from body
    for f in facts.functions:
        yield from (*f.params, *f.decorators)
        yield f._replace(body=(), params=(), decorators=())
    for c in facts.classes:
        yield from (*c.bases, *c.decorators)
        yield c._replace(body=(), bases=(), decorators=(), fields=(), methods=())
    yield from (*facts.imports, *facts.exports, *facts.comments, *facts.problems)
