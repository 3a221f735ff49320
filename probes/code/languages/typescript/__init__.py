"""TypeScript and JavaScript in all their files: TSX, JSX, ECMAScript modules and CommonJS.

Each file is lowered by the grammar of its suffix. A JavaScript file that does not parse is tried as TSX, because many
hold type annotations. What does not parse is opaque and named in `problems`; nothing is made up from its fragments.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language as Grammar
from tree_sitter import Parser

from assay.probes.code.facts import FileFacts, ParseProblem
from assay.probes.code.languages.base import Language
from assay.probes.code.languages.typescript import (
    bindings,
    classes,
    expressions,
    functions,
    jsx,
    literals,
    modules,
    statements,
)
from assay.probes.code.languages.typescript.comments import comments
from assay.probes.code.languages.typescript.lowering import Lowering, Tables
from assay.probes.code.languages.typescript.problems import problems

if TYPE_CHECKING:
    from tree_sitter import Tree

    from assay.probes.code.syntax import Stmt

_GRAMMARS: Final = {
    "typescript": tree_sitter_typescript.language_typescript,
    "tsx": tree_sitter_typescript.language_tsx,
    "javascript": tree_sitter_javascript.language,
}
_BY_SUFFIX: Final = {
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
}
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


@cache
def _grammar(name: str) -> tuple[Parser, Tables]:
    grammar = Grammar(_GRAMMARS[name]())
    expression_handlers = dict(
        chain.from_iterable(part.EXPRESSIONS.items() for part in (expressions, literals, functions, classes, jsx))
    )
    statement_handlers = dict(
        chain.from_iterable(part.STATEMENTS.items() for part in (statements, bindings, classes, modules))
    )
    numbers = [
        (number, grammar.node_kind_for_id(number) or "")
        for number in range(grammar.node_kind_count)
        if grammar.node_kind_is_named(number) and grammar.node_kind_is_visible(number)
    ]
    return Parser(grammar), Tables(
        expressions={number: expression_handlers[kind] for number, kind in numbers if kind in expression_handlers},
        statements={number: statement_handlers[kind] for number, kind in numbers if kind in statement_handlers},
    )


def _grammar_of(path: str) -> str:
    return _BY_SUFFIX.get(path[path.rfind(".") :].lower(), "javascript")


def _language(path: str) -> str:
    return "javascript" if _grammar_of(path) == "javascript" else "typescript"


def _parse(path: str, source: bytes) -> tuple[Tree, Tables]:
    name = _grammar_of(path)
    parser, tables = _grammar(name)
    tree = parser.parse(source)
    if name == "javascript" and tree.root_node.has_error:
        parser, typed = _grammar("tsx")
        other = parser.parse(source)
        if not other.root_node.has_error:
            return other, typed
    return tree, tables


def _drain(low: Lowering) -> None:
    """Lower the functions and classes that wait, until none is left."""
    while low.pending:
        pending = low.pending.popleft()
        if pending.is_class:
            low.current, low.owner = pending.enclosing, pending.place
            low.classes[pending.place] = classes.lower(low, pending)
        else:
            low.current, low.owner = pending.place, None
            low.functions[pending.place] = functions.lower(low, pending)


def extract(path: str, source: bytes) -> FileFacts:
    """The facts of one file; see `Language.extract`."""
    if source.startswith(_UTF_16):
        source = source.decode("utf-16", "replace").encode("utf-8", "replace")
    if b"\0" in source:
        return FileFacts(path, _language(path), (), (), (), (), (), (), (ParseProblem(1, "binary: holds a NUL byte"),))
    tree, tables = _parse(path, source)
    language = _language(path)
    low = Lowering(source, tables, typescript=language == "typescript")
    root = tree.root_node
    low.problems.extend(problems(root, source))
    top: list[Stmt] = []
    for child in root.children:
        low.statement(child, 0, top)
    _drain(low)
    return FileFacts(
        path=path,
        language=language,
        imports=modules.elided(low),
        exports=tuple(low.exports),
        functions=tuple(low.functions[index] for index in range(low.function_count)),
        classes=tuple(low.classes[index] for index in range(len(low.class_names))),
        top=tuple(top),
        comments=comments(root, source),
        problems=tuple(low.problems),
    )


LANGUAGE: Final = Language(name="typescript", suffixes=tuple(_BY_SUFFIX), extract=extract)
