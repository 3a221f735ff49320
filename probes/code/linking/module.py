"""One file of the project with its top-level frame, and the names that its statements bind."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.state import Frame
from assay.probes.code.syntax import (
    Assign,
    Attr,
    Bind,
    Call,
    Def,
    Delete,
    Eval,
    If,
    ImportStmt,
    Loop,
    Name,
    Target,
    TName,
    TPath,
    TPattern,
    Try,
    With,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts, Function, Import
    from assay.probes.code.flow.values import Value
    from assay.probes.code.syntax import Item, Stmt


_FILLS: Final = frozenset({"append", "extend", "insert", "add", "update", "setdefault"})
PYTHON: Final = "python"


class Module:
    """One file of the project with its top-level frame.

    `bindings` are the statements that bind a name, by their index.
    """

    __slots__ = (
        "_comments",
        "_definitions",
        "_mutated",
        "bindings",
        "declaring",
        "done",
        "entered",
        "facts",
        "frame",
        "locals",
        "path",
        "reached",
        "running",
        "settled",
        "stars",
        "type_parameters",
        "values",
    )

    def __init__(self, facts: FileFacts) -> None:
        self.path = facts.path
        self.facts = facts
        self.frame = Frame(self, None, None, lasting=True)
        self.bindings: dict[str, list[int]] = {}
        self.stars: list[Import] = []
        self.done: set[int] = set()
        self.running: set[str] = set()
        self.entered: set[int] = set()
        self.values: dict[int, Value] = {}
        self.locals: dict[int, frozenset[str]] = {}
        """The names that a function of this file binds, by its identity, once somebody asked."""
        self.settled: dict[str, int] = {}
        """How many of the statements that bind a name, from the first on, are known to have run."""
        self.type_parameters: frozenset[bytes] | None = None
        """The words between the brackets of generic functions, classes and types, once somebody asked."""
        self.reached: int | None = None
        """The statement that is being executed, while the module is executed in order."""
        self._comments: list[tuple[int, int]] | None = None
        self._definitions: Counter[tuple[str, int | None, int | None]] | None = None
        self._mutated: frozenset[str] | None = None
        self.declaring: frozenset[int] | None = None
        """The lines at which comments say that data is invented, once somebody asked."""
        for index, statement in enumerate(facts.top):
            for name in _bound(statement, self):
                self.bindings.setdefault(name, []).append(index)
            for name in _filled((statement,)):
                if index not in self.bindings.get(name, (index,)):
                    self.bindings[name].append(index)

    @property
    def is_python(self) -> bool:
        """It is a Python module."""
        return self.facts.language == PYTHON

    @property
    def mutated(self) -> frozenset[str]:
        """Module-level names that some function of this file rebinds."""
        if self._mutated is None:
            self._mutated = frozenset(_rebound(self))
        return self._mutated

    def comments(self, first: int, last: int) -> list[str]:
        """The comments that start from one line to another, both included, in the order of the facts."""
        if self._comments is None:
            self._comments = sorted((one.line, index) for index, one in enumerate(self.facts.comments))
        found = self._comments[bisect_left(self._comments, (first, 0)) : bisect_left(self._comments, (last + 1, 0))]
        return [self.facts.comments[index].text for index in sorted(index for _, index in found)]

    def defines_once(self, function: Function) -> bool:
        """No other function of this name stands in the same class and function."""
        if self._definitions is None:
            self._definitions = Counter((one.name, one.owner, one.enclosing) for one in self.facts.functions)
        return self._definitions[function.name, function.owner, function.enclosing] == 1

    def imported(self, statement: ImportStmt) -> Iterator[Import]:
        """The imports of one statement."""
        for index in statement.imports:
            yield self.facts.imports[index]


def _bound(statement: Stmt, module: Module) -> Iterator[str]:
    """The module-level names that a top-level statement binds, whatever branch it takes."""
    match statement:
        case Bind(target=target):
            yield from _targets(target)
            if isinstance(statement.value, Assign):
                yield from _targets(statement.value.target)
        case Eval(value=Assign(target=target)):
            yield from _targets(target)
        case Def(function=function, class_=class_):
            yield _defined(module, function, class_)
        case ImportStmt():
            for one in module.imported(statement):
                if one.name == "*" and module.is_python:
                    module.stars.append(one)
                elif one.alias:
                    yield one.alias.partition(".")[0] if module.is_python else one.alias
        case _:
            yield from _bound_in_blocks(statement, module)


def _filled(body: tuple[Stmt, ...]) -> Iterator[str]:
    """The names of the lists and dicts that statements fill."""
    for statement in body:
        match statement:
            case Eval(value=Call(fn=Attr(base=Name(id=name), name=member))) if member in _FILLS:
                yield name
            case If(then=then, other=other):
                yield from _filled((*then, *other))
            case Loop(body=inner) | With(body=inner):
                yield from _filled(inner)
            case Try(body=inner, other=other, final=final):
                yield from _filled((*inner, *other, *final))
            case _:
                continue


def _defined(module: Module, function: int | None, class_: int | None) -> str:
    """The name of the function or class that a statement defines."""
    if function is not None:
        return module.facts.functions[function].name
    return module.facts.classes[class_].name if class_ is not None else ""


def _bound_in_blocks(statement: Stmt, module: Module) -> Iterator[str]:
    """The names that are bound inside a compound statement."""
    match statement:
        case If(then=then, other=other):
            yield from _bound_in((*then, *other), module)
        case Loop(body=body, other=other, target=target):
            yield from _targets(target) if target else ()
            yield from _bound_in((*body, *other), module)
        case Try(body=body, handlers=handlers, other=other, final=final):
            handled = (one for handler in handlers for one in handler.body)
            yield from _bound_in((*body, *handled, *other, *final), module)
        case With(items=items, body=body):
            for _, target in items:
                yield from _targets(target) if target else ()
            yield from _bound_in(body, module)
        case _:
            return


def _bound_in(body: tuple[Stmt, ...], module: Module) -> Iterator[str]:
    for statement in body:
        yield from _bound(statement, module)


def bound_names(body: tuple[Stmt, ...], module: Module) -> Iterator[str]:
    """The names that a block binds by statements; names bound inside expressions are found where they are evaluated."""
    for statement in body:
        yield from _bound(statement, module)
        if isinstance(statement, Try):
            yield from (handler.name for handler in statement.handlers if handler.name)


def _targets(target: Target) -> Iterator[str]:
    match target:
        case TName(id=name):
            yield name
        case TPattern(parts=parts):
            for _, part in parts:
                yield from _targets(part)
        case TPath(place=place):
            base = _base_name(place)
            if base:
                yield base


def _base_name(place: Attr | Item) -> str:
    base = place.base
    return base.id if isinstance(base, Name) else ""


def _rebound(module: Module) -> Iterator[str]:
    for function in module.facts.functions:
        if module.is_python:
            yield from function.global_names
        else:
            yield from (name for name in _assigned(function.body) if name in module.bindings)


def _assigned(body: tuple[Stmt, ...]) -> Iterator[str]:
    """Names that statements assign without declaring them (JavaScript)."""
    for statement in body:
        match statement:
            case Bind(target=TName(id=name), declares=""):
                yield name
            case Eval(value=Assign(target=TName(id=name))):
                yield name
            case If(then=then, other=other):
                yield from _assigned((*then, *other))
            case Loop(body=inner, other=other):
                yield from _assigned((*inner, *other))
            case With(body=inner):
                yield from _assigned(inner)
            case Try(body=inner, handlers=handlers, other=other, final=final):
                yield from _assigned((*inner, *other, *final))
                for handler in handlers:
                    yield from _assigned(handler.body)
            case Delete(place=Name(id=name)):
                yield name
            case _:
                continue
