"""A name that a module uses while it is loaded and that nothing anywhere in the module binds.

Only what is executed whenever the module is: no branch but the test of it, nothing inside `try`, a function or a
comprehension, of `a or b` only `a`. A name that is bound anywhere in the file, in whatever scope, is left alone, and so
is a file that may bind names by other means.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Final

from assay.probes.code.syntax import (
    Assign,
    Attr,
    Await,
    Bind,
    Call,
    Comp,
    Cond,
    Def,
    Eval,
    Handler,
    If,
    ImportStmt,
    Item,
    Loop,
    Name,
    Obj,
    Op,
    Or,
    Raise,
    Seq,
    Spread,
    Test,
    Text,
    TName,
    TPath,
    With,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import Class, FileFacts, Function
    from assay.probes.code.linking.module import Module
    from assay.probes.code.syntax import Expr, Stmt

_BUILT_IN: Final = frozenset(dir(builtins)) | {"__file__", "__path__", "__annotations__", "__dict__", "WindowsError"}
_PUT_IN: Final = frozenset({"_", "profile", "ic", "reveal_type", "display", "get_ipython", "cookiecutter", "copier"})
"""Names that tools put among the built-in ones."""
_BINDS_OTHERWISE: Final = (b"globals(", b"exec(", b"locals(", b"vars(", b"builtins", b"sys.modules", b"{{", b"{%")
_PUTS_NAMES: Final = (b"globals(", b"exec(", b"vars(", b"sys.modules")
_STOPS: Final = frozenset({"exit", "quit", "_exit", "abort", "skip"})


def first_undefined(module: Module, source: bytes, *, hints: bool) -> Name | None:
    """The first such name, if there is one. `hints`: annotations of parameters are evaluated too."""
    facts = module.facts
    if module.stars or facts.problems or "__getattr__" in module.bindings:
        return None
    if any(one in source for one in _BINDS_OTHERWISE):
        return None
    known: frozenset[str] | None = None
    for name in _used(module, facts.top, hints=hints):
        if name.id in module.bindings or name.id in _BUILT_IN or name.id in _PUT_IN:
            continue
        known = _bound_anywhere(module) if known is None else known
        if name.id not in known and not _is_type_parameter(name.id, source):
            return name
    return None


def may_bind(module: Module, source: bytes, name: str) -> bool:
    """The module has a name that no statement binds: an expression does, or code that puts it there when it runs."""
    if any(word in source for word in _PUTS_NAMES):
        return True
    return b":=" in source and name in _bound_in_expressions(module.facts)


def _bound_in_expressions(facts: FileFacts) -> frozenset[str]:
    found: set[str] = set()
    pending: list[object] = [facts]
    while pending:
        node = pending.pop()
        if isinstance(node, Assign) and isinstance(node.target, TName):
            found.add(node.target.id)
        if isinstance(node, tuple):
            pending.extend(part for part in node if isinstance(part, tuple))
    return frozenset(found)


def _used(module: Module, body: tuple[Stmt, ...], *, hints: bool) -> Iterator[Name]:
    """The names that these statements use for certain, in order; what may end the module ends them."""
    for statement in body:
        if _may_stop(statement):
            return
        if isinstance(statement, Def):
            yield from _of_definition(module, statement, hints=hints)
        for one in _evaluated(statement):
            yield from _names(one)


def _evaluated(statement: Stmt) -> tuple[Expr, ...]:
    match statement:
        case Bind(value=value, target=TPath(place=place)):
            return value, place
        case Bind(value=value) | Eval(value=value) | If(test=value) | Loop(iterated=value):
            return (value,)
        case With(items=((value, _), *_)):
            return (value,)
        case _:
            return ()


def _of_definition(module: Module, statement: Def, *, hints: bool) -> Iterator[Name]:
    if statement.function is not None:
        yield from _of_function(module.facts.functions[statement.function], hints=hints)
    if statement.class_ is not None:
        yield from _of_class(module, module.facts.classes[statement.class_], hints=hints)


def _may_stop(statement: Stmt) -> bool:
    """It raises, or ends the process, in some branch."""
    pending: list[object] = [] if isinstance(statement, Bind | Def | ImportStmt) else [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, Raise):
            return True
        if isinstance(node, Call) and isinstance(node.fn, Name | Attr):
            called = node.fn.id if isinstance(node.fn, Name) else node.fn.name
            if called in _STOPS:
                return True
        if isinstance(node, tuple):
            pending.extend(part for part in node if isinstance(part, tuple))
    return False


def _of_function(function: Function, *, hints: bool) -> Iterator[Name]:
    for one in function.decorators:
        yield from _names(one)
    for param in function.params:
        yield from _names(param.default) if param.default is not None else ()
        yield from _names(param.hint) if hints and param.hint is not None else ()


def _of_class(module: Module, class_: Class, *, hints: bool) -> Iterator[Name]:
    for one in (*class_.decorators, *class_.bases):
        yield from _names(one)
    yield from _used(module, class_.body, hints=hints)


def _names(node: Expr) -> Iterator[Name]:
    """The names that an expression evaluates whatever happens."""
    if isinstance(node, Name):
        yield node
    for one in _certain_parts(node):
        yield from _names(one)


def _certain_parts(node: Expr) -> tuple[Expr, ...]:
    """The parts of an expression that are evaluated whatever happens."""
    found: tuple[Expr, ...] = ()
    match node:
        case Attr(base=inner) | Await(value=inner) | Spread(value=inner) | Assign(value=inner):
            found = (inner,)
        case Or(left=inner) | Cond(test=inner) | Comp(loops=((_, inner), *_)):
            found = (inner,)
        case Item(base=base, key=key):
            found = (base, key)
        case Call(fn=fn, args=args, kwargs=kwargs):
            found = (fn, *args, *(value for _, value in kwargs))
        case Obj(pairs=pairs):
            found = tuple(value for _, value in pairs)
        case Seq(items=parts) | Text(parts=parts):
            found = parts
        case Op(operator=operator, operands=parts) | Test(operator=operator, operands=parts):
            found = parts[:1] if operator in {"and", "or", ","} else parts
        case _:
            pass
    return found


def _bound_anywhere(module: Module) -> frozenset[str]:
    """Every name that anything in the file binds."""
    facts = module.facts
    found = {one.alias.partition(".")[0] for one in facts.imports}
    found.update(class_.name for class_ in facts.classes)
    pending: list[object] = [facts.top, *(class_.body for class_ in facts.classes)]
    for function in facts.functions:
        found.add(function.name)
        found.update((*function.global_names, *function.nonlocal_names))
        found.update(param.name for param in function.params)
        pending.extend((function.body, function.params, function.decorators))
    while pending:
        node = pending.pop()
        match node:
            case TName(id=name):
                found.add(name)
            case Handler(name=name):
                found.add(name)
            case _:
                pass
        if isinstance(node, tuple):
            pending.extend(part for part in node if isinstance(part, tuple))
    return frozenset(found)


def _is_type_parameter(name: str, source: bytes) -> bool:
    """It stands in brackets behind a name that is declared (`class Box[T]`)."""
    word = name.encode()
    return any(
        word in line.partition(b"[")[2]
        for line in source.splitlines()
        if b"[" in line and line.lstrip().startswith((b"class ", b"def ", b"async def ", b"type "))
    )
