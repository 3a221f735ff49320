"""The language-neutral facts of one source file: what every language module produces and nothing else does.

One pass over one file, without knowledge of any other.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from assay.probes.code.syntax import Node

if TYPE_CHECKING:
    from assay.probes.code.syntax import Bind, Expr, Stmt, Target


NESTED: Final = "nested deeper than"
"""How the message of a problem begins that tells of syntax that is not examined because it lies too deep."""


class Param(Node):
    """A parameter. `kind` is `""`, `"*"` or `"**"`.

    `pattern` is set where JavaScript destructures it (its name is then `""`). `annotation` is source text; `hint` is
    Python's annotation as an expression (`Annotated[Session, Depends(get_db)]`).
    """

    name: str
    default: Expr | None
    annotation: str
    kind: str
    line: int
    pattern: Target | None = None
    hint: Expr | None = None
    decorators: tuple[Expr, ...] = ()


class Function(Node):
    """A function, method, lambda or arrow.

    `enclosing` indexes the function, `owner` the class it stands in. `annotation` is the text of its return type.
    `docstring` is Python's. `global_names` and `nonlocal_names` are what it declares to belong to an outer scope.
    `modifiers` are JavaScript's: `arrow` (it has no `this` of its own), `static`, `get`, `set`.
    """

    name: str
    params: tuple[Param, ...]
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]
    line: int
    end_line: int
    annotation: str = ""
    docstring: str = ""
    is_async: bool = False
    is_generator: bool = False
    enclosing: int | None = None
    owner: int | None = None
    global_names: tuple[str, ...] = ()
    nonlocal_names: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()


class Class(Node):
    """A class. `methods` are (name, function index) in order; `fields` are the class body's bindings in order.

    `body` are all statements of the class body. `enclosing` indexes the function, `owner` the class it stands in.
    `modifiers` are TypeScript's: `abstract`, `interface` (no `Def` stands for one, only type checkers see it).
    A field that holds a function is among the methods too. A parameter property (`constructor(private db: Db)`) has its
    type in `annotations` and its assignment in the constructor. `field_decorators` are those of fields, by their names.
    """

    name: str
    bases: tuple[Expr, ...]
    decorators: tuple[Expr, ...]
    methods: tuple[tuple[str, int], ...]
    fields: tuple[Bind, ...]
    annotations: tuple[tuple[str, str], ...]
    line: int
    end_line: int
    docstring: str = ""
    enclosing: int | None = None
    owner: int | None = None
    body: tuple[Stmt, ...] = ()
    modifiers: tuple[str, ...] = ()
    field_decorators: tuple[tuple[str, tuple[Expr, ...]], ...] = ()


class ImportScope(StrEnum):
    """Where an import stands.

    `TRY` is a `try` body at module level whose handlers catch a failing import, `CONDITIONAL` a branch, loop or handler
    at module level, `TYPE` is for type checkers only.
    """

    MODULE = "module"
    CONDITIONAL = "conditional"
    FUNCTION = "function"
    TRY = "try"
    TYPE = "type"


class Import(Node):
    """One imported name.

    `module` is as written, leading dots included (`..db`, `./routes`). `name` is what is imported from it: `"*"`,
    `"default"`, or `""` for the module itself. `alias` is the local name (`""` where only the side effect counts);
    Python's `import a.b` has the alias `a.b`, because that is how the module is reached. In JavaScript `"*"` with an
    alias is `import * as alias`, and `""` with an alias is `alias = require(...)`; a `require` or `import()` in
    another expression stands here without alias. An import that TypeScript elides because no value uses it is `TYPE`.
    """

    module: str
    name: str
    alias: str
    line: int
    scope: ImportScope


class Export(Node):
    """One exported name: `name` outside, `local` inside (`""` where `value` says it), `module` for a re-export.

    Python has one for each name of a literal `__all__`; without it every public name is exported and none stands here.
    `name` is `"*"` for `export *` (then `local` is `"*"` too; `export * as ns` has only `local` `"*"`), and `""` where
    the module itself is the value (`module.exports = value`; fields of an object literal are exported by name as well).
    `value` is the very node that is evaluated in `top`.
    """

    name: str
    local: str
    module: str
    value: Expr | None
    line: int


class Comment(Node):
    """A comment or a docstring, without its delimiters."""

    line: int
    text: str


class ParseProblem(Node):
    """A place where the source does not parse, and what the parser said."""

    line: int
    message: str


class FileFacts(Node):
    """Everything known about one file on its own. `top` are its module-level statements in order."""

    path: str
    language: str
    imports: tuple[Import, ...]
    exports: tuple[Export, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    top: tuple[Stmt, ...]
    comments: tuple[Comment, ...]
    problems: tuple[ParseProblem, ...] = ()
