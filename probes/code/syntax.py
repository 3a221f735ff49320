"""The language-neutral syntax of function bodies: expressions, targets of assignments, statements.

Constants are kept, because whether an answer is a literal is half of the question. Nodes are `NamedTuple`s: cheap to
make by the hundred thousand, immutable, and matched by class. Two nodes of different classes with equal fields compare
equal, so code asks for the class, never for equality.

Lines count from 1. `line` of a node is where it starts; in JavaScript that of a member, and of a call of it, is where
the member's name stands, because chains run over many lines. Names are as written in the source.

Nodes of one body never nest deeper than `MAX_NESTING`, so that whoever walks them may recurse: syntax below that is
`Opaque("nesting")` and a problem of its file. The bodies of functions and classes stand apart and nest by index.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, dataclass_transform

if TYPE_CHECKING:
    from typing import ClassVar, Self

    @dataclass_transform(frozen_default=True)
    class Node:
        """A `NamedTuple` in the eyes of a type checker, which tells nodes apart by their class alone.

        It compares tuples item by item, and would not end on types as recursive as these.
        """

        _fields: ClassVar[tuple[str, ...]]

        def _replace(self, **changes: object) -> Self: ...

else:
    Node = NamedTuple

MAX_NESTING: Final = 150


class LitKind(StrEnum):
    """What a literal is.

    `EMPTY` is an empty list, dict, set, tuple or object; `NONE` also stands for `null` and `undefined`.
    """

    NUM = "num"
    STR = "str"
    BOOL = "bool"
    NONE = "none"
    EMPTY = "empty"


# --- expressions ------------------------------------------------------------------------------------------------------


class Lit(Node):
    """A literal; `text` is its value for STR (unquoted) and its source otherwise."""

    kind: LitKind
    text: str
    line: int


class Name(Node):
    """A plain identifier; `self` and `this` are names too (`this` is written `this`)."""

    id: str
    line: int


class Attr(Node):
    """`base.name`; optional chaining `base?.name` is the same."""

    base: Expr
    name: str
    line: int


class Item(Node):
    """`base[key]`."""

    base: Expr
    key: Expr
    line: int


class Call(Node):
    """A call.

    `kwargs` are Python's keyword arguments in order, `**e` under the name `"**"`; `new` is JavaScript's `new`. A tagged
    template calls its tag with the template as the only argument; `require("m")` and `import("m")` inside an expression
    call the names `require` and `import`; a regular expression is `new RegExp("source", "flags")`.
    """

    fn: Expr
    args: tuple[Expr, ...]
    kwargs: tuple[tuple[str, Expr], ...]
    line: int
    new: bool = False


class Obj(Node):
    """A dict or object literal.

    A key is a string (a number as written), `None` for a computed one, `"*"` for a spread operand. `computed` are the
    expressions of the computed keys, in order.
    """

    pairs: tuple[tuple[str | None, Expr], ...]
    line: int
    computed: tuple[Expr, ...] = ()


class Seq(Node):
    """A list, tuple, set or array literal with at least one element."""

    items: tuple[Expr, ...]
    line: int


class Comp(Node):
    """A comprehension or generator expression; `loops` are its (target, iterated) pairs, `conditions` its filters."""

    element: Expr
    loops: tuple[tuple[Target, Expr], ...]
    conditions: tuple[Expr, ...]
    line: int


class Text(Node):
    """An f-string or template string; constant parts are `Lit`."""

    parts: tuple[Expr, ...]
    line: int


class Op(Node):
    """An operator over operands whose values are mixed in the result: arithmetic, and `and` where its value is used.

    JavaScript's `&&` is `and`. Of `,` only the last operand is the result, the others are evaluated for their effect.
    """

    operator: str
    operands: tuple[Expr, ...]
    line: int


class Test(Node):
    """A comparison, `not`, `in`, `and` and `or` in a condition: its result is a truth value about the operands.

    JavaScript's words are written like Python's: `not`, `and`, `or`, `==` for `===`, `!=` for `!==`.
    """

    operator: str
    operands: tuple[Expr, ...]
    line: int


class Or(Node):
    """`a or b`, `a || b`, `a ?? b`: alternatives, kept apart."""

    left: Expr
    right: Expr
    line: int


class Cond(Node):
    """`a if t else b`, `t ? a : b`."""

    test: Expr
    then: Expr
    other: Expr
    line: int


class Await(Node):
    """`await e`."""

    value: Expr
    line: int


class Fn(Node):
    """A function used as a value: a lambda, an arrow, a function expression.

    `function` indexes `FileFacts.functions`.
    """

    function: int
    line: int


class Spread(Node):
    """`*e` or `...e` in a call or a sequence, `yield from e`."""

    value: Expr
    line: int


class Yield(Node):
    """`yield e`; `value` is a NONE literal for a bare one."""

    value: Expr
    line: int


class Assign(Node):
    """An assignment used as an expression: `:=`, `a = b` inside an expression."""

    target: Target
    value: Expr
    line: int


class Opaque(Node):
    """Syntax that is not modelled; `kind` names it. The analysis treats it as unknown, never as absent."""

    kind: str
    parts: tuple[Expr, ...]
    line: int


# --- targets of assignments -------------------------------------------------------------------------------------------


class TName(Node):
    """A plain name."""

    id: str
    line: int


class TPath(Node):
    """An attribute or item: `a.b = ...`, `a[b] = ...`; `place` is an `Attr` or `Item`."""

    place: Attr | Item
    line: int


class TPattern(Node):
    """Destructuring.

    A key is a field name, an index as text (behind the rest counted from the end, `"-1"`), `"*"` for the rest, or `"?"`
    for a computed one. A default in a pattern is a `Bind` of `name or default` right after it.
    """

    parts: tuple[tuple[str, Target], ...]
    line: int


# --- statements -------------------------------------------------------------------------------------------------------


class Bind(Node):
    """`target = value`; `annotation` is source text.

    `operator` is set for `+=` and its like; `declares` for let/const/var. Python's `a: T` without a value has the value
    `Opaque("declaration")`.
    """

    target: Target
    value: Expr
    annotation: str
    line: int
    operator: str = ""
    declares: str = ""


class Eval(Node):
    """An expression evaluated for its effect."""

    value: Expr
    line: int


class Return(Node):
    """`return e`; a bare one returns a NONE literal. An arrow's expression body is one too."""

    value: Expr
    line: int


class Raise(Node):
    """`raise e`, `throw e`; `value` is `None` for a bare re-raise."""

    value: Expr | None
    line: int


class If(Node):
    """A branch. `elif` is nested in `other`; a `match` or `switch` is a chain of these."""

    test: Expr
    then: tuple[Stmt, ...]
    other: tuple[Stmt, ...]
    line: int


class Loop(Node):
    """`for target in iterated`, `for ... of`, `while` (no target; `iterated` is its test)."""

    target: Target | None
    iterated: Expr
    body: tuple[Stmt, ...]
    other: tuple[Stmt, ...]
    line: int


class Handler(Node):
    """One `except` or `catch`. `types` are the expressions of what it catches, empty for everything."""

    types: tuple[Expr, ...]
    name: str
    body: tuple[Stmt, ...]
    line: int


class Try(Node):
    """`try` with its handlers; `other` is Python's `else`."""

    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    other: tuple[Stmt, ...]
    final: tuple[Stmt, ...]
    line: int


class With(Node):
    """`with a as b, c as d:`; one entry per item, in order."""

    items: tuple[tuple[Expr, Target | None], ...]
    body: tuple[Stmt, ...]
    line: int


class Def(Node):
    """A function or class defined here; exactly one index is set (into `FileFacts.functions` or `.classes`)."""

    function: int | None
    class_: int | None
    line: int


class ImportStmt(Node):
    """An import executed here; `imports` indexes `FileFacts.imports`."""

    imports: tuple[int, ...]
    line: int


class Jump(Node):
    """`break`, `continue` (`kind`)."""

    kind: str
    line: int


class Delete(Node):
    """`del a[b]`, `delete a.b`."""

    place: Expr
    line: int


Expr = (
    Lit
    | Name
    | Attr
    | Item
    | Call
    | Obj
    | Seq
    | Comp
    | Text
    | Op
    | Test
    | Or
    | Cond
    | Await
    | Fn
    | Spread
    | Yield
    | Assign
    | Opaque
)
Target = TName | TPath | TPattern
Stmt = Bind | Eval | Return | Raise | If | Loop | Try | With | Def | ImportStmt | Jump | Delete
