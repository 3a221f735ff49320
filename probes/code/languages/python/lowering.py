"""The bytes of a Python file -> its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import tree_sitter

from assay.probes.code.facts import Comment, Export, FileFacts, ParseProblem
from assay.probes.code.languages.python import (
    declarations,
    expressions,
    hints,
    imports,
    matching,
    operators,
    source,
    statements,
    strings,
)
from assay.probes.code.languages.python.comments import without_long_runs
from assay.probes.code.languages.python.context import GRAMMAR, Lowering, block, kinds
from assay.probes.code.syntax import Bind, Lit, LitKind, Seq, TName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from assay.probes.code.syntax import Stmt

_EXPRESSIONS: Final = {
    kind: handler
    for table in (
        expressions.HANDLERS,
        operators.HANDLERS,
        strings.HANDLERS,
        hints.HANDLERS,
        declarations.EXPRESSIONS,
    )
    for name, handler in table.items()
    for kind in kinds(name)
}
_STATEMENTS: Final = {
    kind: handler
    for table in (statements.HANDLERS, imports.HANDLERS, declarations.STATEMENTS, matching.HANDLERS)
    for name, handler in table.items()
    for kind in kinds(name)
}
_MOST_PROBLEMS: Final = 20


def extract(path: str, data: bytes) -> FileFacts:
    """The facts of one file; whatever the bytes are, it returns."""
    read = source.read(data)
    parsed, comments = without_long_runs(read.utf8)
    root = tree_sitter.Parser(GRAMMAR).parse(parsed).root_node
    c = Lowering(read.utf8, _EXPRESSIONS, _STATEMENTS)
    top = block(c, root.named_children, 0)
    declarations.finish(c)
    problems = [*read.problems, *c.problems, *(_syntax_problems(root) if root.has_error else ())]
    return FileFacts(
        path=path,
        language="python",
        imports=tuple(c.imports),
        exports=tuple(_exports(top)),
        functions=tuple(c.functions),
        classes=tuple(c.classes),
        top=top,
        comments=tuple(sorted((*c.comments, *comments), key=_line)),
        problems=tuple(sorted(problems, key=_line)[:_MOST_PROBLEMS]),
    )


def _line(found: Comment | ParseProblem) -> int:
    return found.line


def _syntax_problems(root: Node) -> Iterator[ParseProblem]:
    """Where the grammar gave up, a bounded number of places. Nothing of the source is quoted: it may be a secret."""
    waiting = [root]
    found = 0
    while waiting and found < _MOST_PROBLEMS:
        node = waiting.pop()
        if node.is_missing:
            yield ParseProblem(node.start_point[0] + 1, f"syntax error: missing {node.type}")
            found += 1
        elif node.is_error:
            yield ParseProblem(node.start_point[0] + 1, "syntax error")
            found += 1
        else:
            waiting.extend(child for child in reversed(node.children) if child.has_error)


def _exports(top: Iterable[Stmt]) -> Iterator[Export]:
    """The names of a literal `__all__`, and what is added to it by `+=`."""
    for statement in top:
        if isinstance(statement, Bind) and isinstance(statement.target, TName) and statement.target.id == "__all__":
            items = statement.value.items if isinstance(statement.value, Seq) else ()
            for item in items:
                if isinstance(item, Lit) and item.kind is LitKind.STR:
                    yield Export(item.text, item.text, "", None, item.line)
