"""What lowering one file carries along: the source, the tables of its grammar, what was found, and what is left to do.

Functions are lowered from a queue, not where they stand, so that nesting of functions costs no recursion. Everything
else recurses at most `MAX_NESTING` levels; what lies deeper is `Opaque("nesting")` and a problem of the file.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar, cast

from assay.probes.code.facts import Class, Export, Function, Import, ImportScope, ParseProblem
from assay.probes.code.syntax import MAX_NESTING, Eval, Expr, Name, Opaque, Stmt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    ExprHandler = Callable[["Lowering", Node, int], Expr]
    StmtHandler = Callable[["Lowering", Node, int, list[Stmt]], None]


DEEPEST: Final = MAX_NESTING - 10
"""How deep syntax is followed; some of it becomes two or three nodes, and the difference keeps them below the bound."""
_Made = TypeVar("_Made")


class _Make(Protocol):
    def __call__(self, kind: type[_Made], fields: tuple[object, ...], /) -> _Made: ...


make: Final = cast("_Make", tuple.__new__)
"""Makes the commonest nodes, with all their fields: the constructor of a `NamedTuple` costs three times as much."""


class Words(dict[bytes, str]):
    """Source text to string: each spelling is decoded once and shared by all files."""

    def __missing__(self, key: bytes) -> str:
        """Decode a spelling that is met for the first time."""
        word = sys.intern(key.decode("utf-8", "replace"))
        self[key] = word
        return word


class Tables(NamedTuple):
    """Which handler lowers which kind of node, by the numbers of one grammar."""

    expressions: Mapping[int, ExprHandler]
    statements: Mapping[int, StmtHandler]


class Pending(NamedTuple):
    """A function or class whose place is known and whose body is still to be lowered."""

    place: int
    node: Node
    name: str
    enclosing: int | None
    owner: int | None
    decorators: tuple[Expr, ...]
    modifiers: tuple[str, ...]
    is_class: bool = False


class Lowering:
    """The state of lowering one file.

    `values` holds every identifier that was used as a value, `used` those that are needed for other reasons, `words`
    every other spelling. `before` and `after` are statements that an expression needs round the statement it stands in.
    `current` is the function being lowered, or the one that holds the class being lowered, which is `owner`.
    """

    __slots__ = (
        "after",
        "before",
        "branches",
        "class_names",
        "classes",
        "current",
        "deepest",
        "elidable",
        "exports",
        "expressions",
        "function_count",
        "functions",
        "guarded",
        "imports",
        "owner",
        "pending",
        "problems",
        "serial",
        "source",
        "statements",
        "typescript",
        "used",
        "values",
        "words",
    )

    def __init__(self, source: bytes, tables: Tables, *, typescript: bool) -> None:
        self.source = source
        self.expressions = tables.expressions
        self.statements = tables.statements
        self.typescript = typescript
        self.values = Words()
        self.words = Words()
        self.used: set[bytes] = set()
        self.functions: dict[int, Function] = {}
        self.function_count = 0
        self.class_names: list[str] = []
        self.classes: dict[int, Class] = {}
        self.imports: list[Import] = []
        self.elidable: set[int] = set()
        self.exports: list[Export] = []
        self.problems: list[ParseProblem] = []
        self.pending: deque[Pending] = deque()
        self.before: list[Stmt] = []
        self.after: list[Stmt] = []
        self.current: int | None = None
        self.owner: int | None = None
        self.guarded = 0
        self.branches = 0
        self.serial = 0
        self.deepest = False

    def text(self, node: Node) -> str:
        """The source of a node as a shared string."""
        return self.words[self.source[node.start_byte : node.end_byte]]

    def name(self, node: Node) -> Name:
        """An identifier that is used as a value."""
        return make(Name, (self.values[self.source[node.start_byte : node.end_byte]], node.start_point[0] + 1))

    def fresh(self, what: str) -> str:
        """A name that no source can spell."""
        self.serial += 1
        return f"<{what} {self.serial}>"

    def expr(self, node: Node, depth: int) -> Expr:
        """Lower one expression that stands `depth` levels below the body it belongs to."""
        handler = self.expressions.get(node.kind_id)
        if handler is None or depth > DEEPEST:
            return self.opaque(node, depth)
        return handler(self, node, depth + 1)

    def field(self, node: Node, name: str, depth: int) -> Expr:
        """Lower the expression in a field of a node; a missing one is opaque."""
        child = node.child_by_field_name(name)
        return self.opaque(node, depth) if child is None else self.expr(child, depth)

    def exprs(self, node: Node, depth: int) -> list[Expr]:
        """Lower the children of a list-like node; punctuation and comments are none."""
        table = self.expressions
        found: list[Expr] = []
        for child in node.children:
            handler = table.get(child.kind_id)
            if handler is not None and depth <= DEEPEST:
                found.append(handler(self, child, depth + 1))
            elif child.is_named and not child.is_extra:
                found.append(self.opaque(child, depth))
        return found

    def opaque(self, node: Node, depth: int) -> Opaque:
        """What is not modelled, does not parse, or is nested too deeply."""
        line = node.start_point[0] + 1
        if depth > DEEPEST:
            if not self.deepest:
                self.deepest = True
                self.problems.append(ParseProblem(line, f"nested deeper than {DEEPEST} levels: not followed from here"))
            return Opaque("nesting", (), line)
        return Opaque("error" if node.is_error else node.type, (), line)

    def statement(self, node: Node, depth: int, out: list[Stmt]) -> None:
        """Lower one statement; what its expressions need before and after it is put round it."""
        handler = self.statements.get(node.kind_id)
        if handler is None:
            if node.is_named and not node.is_extra:
                out.append(Eval(self.opaque(node, depth), node.start_point[0] + 1))
            return
        if depth > DEEPEST:
            out.append(Eval(self.opaque(node, depth), node.start_point[0] + 1))
            return
        start = len(out)
        handler(self, node, depth + 1, out)
        self.flush(out, start)

    def flush(self, out: list[Stmt], start: int) -> None:
        """Put the statements that wait round those of `out` from `start` on."""
        if self.before:
            out[start:start] = self.before
            self.before = []
        if self.after:
            out.extend(self.after)
            self.after = []

    def block(self, node: Node | None, depth: int) -> tuple[Stmt, ...]:
        """Lower a statement that is a body: a block gives its statements."""
        if node is None:
            return ()
        held = self.before, self.after
        self.before, self.after = [], []
        out: list[Stmt] = []
        self.statement(node, depth, out)
        self.before, self.after = held
        return tuple(out)

    def function(
        self,
        node: Node,
        name: str,
        *,
        owner: int | None = None,
        decorators: tuple[Expr, ...] = (),
        modifiers: tuple[str, ...] = (),
    ) -> int:
        """Give a function its index; its body waits."""
        index = self.function_count
        self.function_count += 1
        self.pending.append(Pending(index, node, name, self.current, owner, decorators, modifiers))
        return index

    def class_(self, node: Node, name: str, decorators: tuple[Expr, ...]) -> int:
        """Give a class its index; its body waits."""
        index = len(self.class_names)
        self.class_names.append(name)
        self.pending.append(Pending(index, node, name, self.current, self.owner, decorators, (), is_class=True))
        return index

    def import_scope(self) -> ImportScope:
        """Where an import that is met now stands."""
        if self.current is not None:
            return ImportScope.FUNCTION
        if self.guarded:
            return ImportScope.TRY
        return ImportScope.CONDITIONAL if self.branches else ImportScope.MODULE
