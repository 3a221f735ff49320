"""What the lowering of one file carries along, and how it gets from a syntax node to its handler."""

from __future__ import annotations

from collections import deque
from functools import cache
from sys import intern
from typing import TYPE_CHECKING, Final, NamedTuple

import tree_sitter
import tree_sitter_python

from assay.probes.code.facts import NESTED, Class, Comment, Function, Import, ImportScope, ParseProblem
from assay.probes.code.syntax import MAX_NESTING, Eval, Expr, Name, Opaque, Stmt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tree_sitter import Node

    ExprHandler = Callable[["Lowering", Node, int], Expr]
    StmtHandler = Callable[["Lowering", Node, list[Stmt], int], None]

GRAMMAR: Final = tree_sitter.Language(tree_sitter_python.language())
# Some syntax becomes two or three nodes of facts; the difference keeps them below MAX_NESTING too.
DEEPEST: Final = MAX_NESTING - 10


@cache
def _named_kinds() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number in range(GRAMMAR.node_kind_count):
        if GRAMMAR.node_kind_is_named(number):
            found.setdefault(GRAMMAR.node_kind_for_id(number) or "", []).append(number)
    return found


def kinds(*names: str) -> frozenset[int]:
    """The ids of the grammar's named nodes with these names; one name may have several."""
    known = _named_kinds()
    missing = sorted(name for name in names if name not in known)
    if missing:
        raise LookupError(f"the grammar of Python has no node called {missing}: its version does not fit")
    return frozenset(number for name in names for number in known[name])


def kind(name: str) -> int:
    """The only id with this name."""
    (only,) = kinds(name)
    return only


def field(name: str) -> int:
    """The id of a field of the grammar."""
    found = GRAMMAR.field_id_for_name(name)
    if found is None:
        raise LookupError(f"the grammar of Python has no field called {name}: its version does not fit")
    return found


COMMENT: Final = kind("comment")
IDENTIFIER: Final = kind("identifier")
EXTRAS: Final = kinds("comment", "line_continuation")


class Pending(NamedTuple):
    """The body of a function or class, to be lowered when its surroundings are done. `place` is where it goes."""

    node: Node
    place: int
    is_class: bool
    enclosing: int | None
    owner: int | None
    scope: ImportScope


def _text_of(utf8: bytes) -> Callable[[Node], str]:
    """What gives the source of a node. In plain ASCII the positions of bytes are those of characters."""
    if utf8.isascii():
        text = utf8.decode("ascii")
        return lambda node: text[node.start_byte : node.end_byte]
    return lambda node: utf8[node.start_byte : node.end_byte].decode("utf-8", "replace")


class Lowering:
    """The state of lowering one file.

    `function` and `owner` index what the statements being lowered stand in. Bodies wait in `pending`, so that
    definitions inside definitions need no recursion. `text` gives the source of a node.
    """

    __slots__ = (
        "classes",
        "comments",
        "expressions",
        "function",
        "functions",
        "global_names",
        "imports",
        "is_generator",
        "nonlocal_names",
        "owner",
        "pending",
        "problems",
        "scope",
        "statements",
        "text",
    )

    def __init__(
        self, utf8: bytes, expressions: Mapping[int, ExprHandler], statements: Mapping[int, StmtHandler]
    ) -> None:
        self.text = _text_of(utf8)
        self.expressions = expressions
        self.statements = statements
        self.imports: list[Import] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.comments: list[Comment] = []
        self.problems: list[ParseProblem] = []
        self.pending: deque[Pending] = deque()
        self.scope = ImportScope.MODULE
        self.function: int | None = None
        self.owner: int | None = None
        self.is_generator = False
        self.global_names: list[str] = []
        self.nonlocal_names: list[str] = []

    def name(self, node: Node) -> str:
        """The source of an identifier, one object per name in the whole process."""
        return intern(self.text(node))

    def comment(self, node: Node) -> bool:
        """Keep a comment; false, so that a filter over children can call it for what it drops."""
        if node.kind_id == COMMENT:
            self.comments.append(Comment(node.start_point[0] + 1, self.text(node).lstrip("#").strip()))
        return False

    def too_deep(self, node: Node) -> Opaque:
        """What stands for syntax below the bound on nesting; the file's problems name the first place."""
        line = node.start_point[0] + 1
        message = f"{NESTED} {DEEPEST} levels: not examined"
        if not any(problem.message == message for problem in self.problems):
            self.problems.append(ParseProblem(line, message))
        return Opaque("nesting", (), line)


def expression(c: Lowering, node: Node, depth: int) -> Expr:
    """The expression that a node is; syntax without a handler is opaque."""
    node_kind = node.kind_id
    if node_kind == IDENTIFIER:
        text = c.text(node)
        if text:
            return Name(intern(text), node.start_point[0] + 1)
        return Opaque("missing", (), node.start_point[0] + 1)
    if depth >= DEEPEST:
        return c.too_deep(node)
    handler = c.expressions.get(node_kind)
    if handler is None:
        return Opaque("error" if node.is_error else node.type, (), node.start_point[0] + 1)
    return handler(c, node, depth)


def block(c: Lowering, children: Iterable[Node], depth: int) -> tuple[Stmt, ...]:
    """The statements that nodes are, in order. Of broken syntax only the whole statements inside it are kept."""
    out: list[Stmt] = []
    handlers = c.statements
    for node in children:
        if depth >= DEEPEST:
            out.append(Eval(c.too_deep(node), node.start_point[0] + 1))
            break
        handler = handlers.get(node.kind_id)
        if handler is not None:
            handler(c, node, out, depth)
        elif node.kind_id in EXTRAS:
            c.comment(node)
        elif node.is_error:
            out.append(Eval(Opaque("error", (), node.start_point[0] + 1), node.start_point[0] + 1))
            whole = [child for child in node.named_children if child.kind_id in handlers or child.is_error]
            out.extend(block(c, whole, depth + 1))
    return tuple(out)


def named(c: Lowering, node: Node) -> list[Node]:
    """The named children without comments, which are kept aside."""
    children = node.named_children
    for child in children:
        if child.kind_id in EXTRAS:
            return [child for child in children if child.kind_id not in EXTRAS or c.comment(child)]
    return children


def parts(c: Lowering, node: Node, count: int) -> list[Node] | None:
    """All children without comments where there are exactly `count`, else nothing: the syntax is broken."""
    children = node.children
    if len(children) != count:
        children = [child for child in children if child.kind_id not in EXTRAS or c.comment(child)]
        if len(children) != count:
            return None
    return children


def broken(node: Node) -> Opaque:
    """What stands for syntax whose parts are not where the grammar says."""
    return Opaque("error", (), node.start_point[0] + 1)


def operand(c: Lowering, node: Node, depth: int) -> Expr:
    """The operand of a sign, a splat: whatever has one operand behind its mark."""
    found = parts(c, node, 2)
    return broken(node) if found is None else expression(c, found[1], depth)
