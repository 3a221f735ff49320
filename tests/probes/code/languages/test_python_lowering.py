"""Each row of the lowering table, as a snippet and the facts it becomes."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from pathlib import Path

import pytest

from assay.probes.code.facts import ImportScope
from assay.probes.code.languages.python import LANGUAGE
from assay.probes.code.syntax import Attr, Await, Call, Handler, Loop, Try, With, Yield
from tests.probes.code import facts_text

EXPRESSIONS = {
    # literals and containers
    "3": "3",
    "-1.5": "-1.5",
    "True": "True",
    "None": "None",
    "[]": "empty",
    "()": "empty",
    "{}": "empty",
    "...": "<ellipsis>",
    "[1, *rest]": "[1, ...rest]",
    "(1, 2)": "[1, 2]",
    "{1, 2}": "[1, 2]",
    "1, 2": "[1, 2]",
    "((x))": "x",
    "{'a': 1, 2: b, key(): c, **d}": "{a: 1, 2: b, ?: c, *: d | key()}",
    # strings
    r"'a\n\x41'": r"'a\nA'",
    r"r'a\n'": r"'a\\n'",
    "b'a'": "'a'",
    "'''a\nb'''": r"'a\nb'",
    "'a' \"b\"": "'ab'",
    "f'{{}}'": "'{}'",
    "f'a{x!r:>{w}}b'": "text('a', x, w, 'b')",
    "'n' f'{x}'": "text('n', x)",
    "f'{x[\"a\"]}'": "text(x['a'])",
    # operators
    "a + b + c": "op+(a, b, c)",
    "a + b - c * d": "op-(op+(a, b), op*(c, d))",
    "'%s' % x": "op%('%s', x)",
    "-x": "op-(x)",
    "not a": "test not (a)",
    "a < b <= c": "test< <=(a, b, c)",
    "a not in b": "test not in (a, b)",
    "a is not None": "test is not (a, None)",
    "a or b or c": "or(or(a, b), c)",
    "a and b and c": "op and (a, b, c)",
    "a and b or c": "or(op and (a, b), c)",
    "x if a and b else y": "cond(test and (a, b), x, y)",
    "x if a or not b else y": "cond(test or (a, test not (b)), x, y)",
    # access and calls
    "a.b.c": "a.b.c",
    "a[0]": "a[0]",
    "a[1, 2]": "a[[1, 2]]",
    "a[1:2]": "a[<slice 1, 2>]",
    "f(a, *b, k=1, **kw)": "f(a, ...b, k=1, **=kw)",
    "f(x for x in y)": "f(comp(x for x in y))",
    "db.query(Order).filter(Order.id == 1).all()": "db.query(Order).filter(test==(Order.id, 1)).all()",
    "(a\n  # why\n  .b(  # args\n  ))": "a.b()",
    # comprehensions
    "[x for x in y if x if z]": "comp(x for x in y if x if z)",
    "{k: v for k, v in d.items()}": "comp({?: v | k} for {0: k, 1: v} in d.items())",
    "[x async for x in y]": "comp(x for x in await y)",
    "{x for a in b for x in a}": "comp(x for a in b for x in a)",
    # control inside expressions
    "await f()": "await f()",
    "(x := f())": "(x := f())",
    "lambda x, *y, z=1: x": "fn#0",
    "(yield)": "yield None",
    "(yield from f())": "yield ...f()",
}

STATEMENTS = {
    "x = 1": ["x = 1"],
    "x: int = 1": ["x: int = 1"],
    "x: int": ["x: int = <declaration>"],
    "a = b = f()": ["a = (b := f())"],
    "a.b, c[0] = f()": ["{0: a.b, 1: c[0]} = f()"],
    "a, *b, (c, d) = f()": ["{0: a, *: b, -1: {0: c, 1: d}} = f()"],
    "total += 1": ["total += 1"],
    "type Ids = list[int]": ["Ids = list[int]"],
    "type Box[T] = list[T]": ["Box = list[T]"],
    "type(self).seen = 1": ["type(self).seen = 1"],
    "type(self.a).b[c].d = f()": ["type(self.a).b[c].d = f()"],
    "del a[0], b.c": ["del a[0]", "del b.c"],
    "assert x, 'no'": ["if test not (x) {raise AssertionError}"],
    "pass": [],
    "raise E(1) from e": ["raise E(1)"],
    "raise": ["raise"],
    "if a:\n  b\nelif c:\n  d\nelse:\n  e": ["if a {b} else {if c {d} else {e}}"],
    "if a and (b or c): d": ["if test and (a, test or (b, c)) {d}"],
    "for a, b in c:\n  break\nelse:\n  d": ["for {0: a, 1: b} in c {break} else {d}"],
    "while not a:\n  continue": ["while test not (a) {continue}"],
    "with a as b, c: d": ["with a as b, c {d}"],
    "with (a as (b, c), d as e.f): g": ["with a as {0: b, 1: c}, d as e.f {g}"],
    "with (a): b": ["with a {b}"],
    "with (a as b): c": ["with a as b {c}"],
    "with (a as b,), (c): d": ["with a as b, c {d}"],
    "with (a, b): c": ["with a, b {c}"],
    "with (b := a): c": ["with (b := a) {c}"],
    "try:\n  a\nexcept (A, b.C) as e:\n  c\nexcept:\n  raise\nelse:\n  d\nfinally:\n  f": [
        "try {a} except A, b.C as e {c} except * {raise} else {d} finally {f}"
    ],
    "try:\n  a\nexcept* A:\n  b": ["try {a} except A {b}"],
    "match x:\n  case 1 | 2: a\n  case {'k': v, **r} if v: b\n  case _: c": [
        (
            "if test match (x, 1, 2) {a} else {"
            "if test and (test match (x, empty, 'k', (v := x['k']), (r := x)), v) {b} else {c}}"
        )
    ],
    "match f():\n  case Point(x=0, y=q): a\n  case [first, *others, last]: b\n  case m.X as n: c\n  case other: d": [
        "match@1 = f()",
        (
            "if test match (match@1, Point, 0, (q := match@1.y)) {a} else {"
            "if test match (match@1, (first := match@1[0]), (others := match@1[<slice>]), (last := match@1[-1])) {b} "
            "else {if test match (match@1, m.X, (n := match@1)) {c} "
            "else {if test match (match@1, (other := match@1)) {d}}}}"
        ),
    ],
    "a; b": ["a", "b"],
    "'not kept'\nx": ["x"],
}


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_an_expression_becomes_its_fact(source: str) -> None:
    facts = LANGUAGE.extract("a.py", f"x = {source}".encode())
    assert facts_text.top(facts) == [f"x = {EXPRESSIONS[source]}"]
    assert facts.problems == ()


@pytest.mark.parametrize("source", STATEMENTS)
def test_a_statement_becomes_its_facts(source: str) -> None:
    facts = LANGUAGE.extract("a.py", source.encode())
    assert facts_text.top(facts) == STATEMENTS[source]
    assert facts.problems == ()


FILES = sorted(Path(inspect.__file__).parent.glob("*.py"))[::7]
COUNTED: dict[type[ast.AST], type] = {
    ast.Call: Call,
    ast.Attribute: Attr,
    ast.Yield: Yield,
    ast.For: Loop,
    ast.Try: Try,
    ast.ExceptHandler: Handler,
    ast.With: With,
    ast.Await: Await,
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_that_python_sees_in_the_standard_library_is_lost_or_invented(path: Path) -> None:
    data = path.read_bytes()
    facts = LANGUAGE.extract(path.name, data)
    seen = Counter(type(node) for node in facts_text.nodes(facts))
    tree = ast.parse(data)
    for node in ast.walk(tree):  # what the facts leave out on purpose
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.ClassDef):
            node.keywords = []
        elif isinstance(node, ast.Raise):
            node.cause = None
        elif isinstance(node, ast.Assert):
            node.msg = None
    expected = Counter(type(node) for node in ast.walk(tree))
    expected[ast.For] += expected[ast.While] + expected[ast.AsyncFor]
    expected[ast.Yield] += expected[ast.YieldFrom]
    expected[ast.With] += expected[ast.AsyncWith]
    assert {kind: seen[kind] for kind in COUNTED.values()} == {COUNTED[kind]: expected[kind] for kind in COUNTED}
    definitions = expected[ast.FunctionDef] + expected[ast.AsyncFunctionDef] + expected[ast.Lambda]
    assert (len(facts.functions), len(facts.classes)) == (definitions, expected[ast.ClassDef])
    assert len(facts.imports) == expected[ast.alias]


def test_async_loops_and_contexts_are_awaited() -> None:
    source = b"async def f():\n  async for a in b: c\n  async with d as e: g\n"
    assert facts_text.functions(LANGUAGE.extract("a.py", source)) == [
        "async f() {for a in await b {c}; with await d as e {g}}"
    ]


def test_a_function_keeps_its_head_its_body_and_what_it_declares() -> None:
    source = b"""
@app.get("/x", status_code=201)
@cached
async def f(a, /, b: int = 3, *args: int, c, d: Annotated[Session, Depends(get_db)], **kw) -> list[Order]:
    '''What it does.'''
    global seen, more
    def inner():
        nonlocal b
        yield b
    return inner
"""
    facts = LANGUAGE.extract("a.py", source)
    outer, inner = facts.functions
    assert facts_text.function(outer) == (
        "@app.get('/x', status_code=201) @cached async global seen global more "
        "f(a, b: int = 3, *args: int, c, d: Annotated[Session, Depends(get_db)], **kw) -> list[Order] "
        "{def#1; return inner}"
    )
    assert (outer.docstring, outer.line, outer.end_line) == ("What it does.", 4, 10)
    hint = outer.params[4].hint
    assert hint is not None
    assert facts_text.expression(hint) == "Annotated[[Session, Depends(get_db)]]"
    assert facts_text.function(inner) == "generator nonlocal b inner() {yield b}"
    assert inner.enclosing == 0


def test_a_lambda_is_a_function_with_one_return() -> None:
    facts = LANGUAGE.extract("a.py", b"f = lambda x, y=1: x or y")
    assert facts_text.functions(facts) == ["lambda(x, y = 1) {return or(x, y)}"]


def test_a_class_keeps_its_methods_fields_and_annotations() -> None:
    source = b"""
@dataclass
class A(Base, Generic[T], metaclass=M):
    "What it is."
    table = "a"
    id: int
    name: str = ""
    class Meta:
        ordering = ["id"]
    def get(self): ...
    if FAST:
        def put(self): ...
        speed = 1
"""
    facts = LANGUAGE.extract("a.py", source)
    outer, inner = facts.classes
    assert facts_text.class_(outer) == (
        "@dataclass A(Base, Generic[T]) methods(get#0, put#1) fields(table = 'a'; name: str = ''; speed = 1)"
    )
    assert outer.annotations == (("id", "int"), ("name", "str"))
    assert (outer.docstring, outer.line, outer.end_line) == ("What it is.", 3, 13)
    assert (inner.name, inner.owner) == ("Meta", 0)
    assert [f.owner for f in facts.functions] == [0, 0]
    assert facts_text.functions(facts)[0] == "get(self) {<ellipsis>}"


def test_definitions_inside_definitions_know_what_they_stand_in() -> None:
    source = b"def f():\n  class A:\n    def g(self):\n      return lambda: 1\n"
    facts = LANGUAGE.extract("a.py", source)
    f, g, anonymous = facts.functions
    assert (facts.classes[0].enclosing, facts.classes[0].owner) == (0, None)
    assert (f.enclosing, g.enclosing, g.owner, anonymous.enclosing, anonymous.owner) == (None, 0, 0, 1, None)


def test_imports_keep_their_names_as_written_and_where_they_stand() -> None:
    source = b"""
from __future__ import annotations
import os, a.b.c, a.b as ab
from . import x as y
from ..db import (
    get_db,  # the session
    engine as e,
)
from models import *
if TYPE_CHECKING:
    from t import T
else:
    T = None
try:
    import fast
except ImportError:
    import slow
try:
    import sure
except ValueError:
    pass
if FAST:
    import maybe
with suppress(ImportError):
    import hopefully
def f():
    import late
class A:
    import early
"""
    facts = LANGUAGE.extract("a.py", source)
    assert [facts_text.import_(i) for i in facts.imports] == [
        "__future__|annotations|annotations|module",
        "os||os|module",
        "a.b.c||a.b.c|module",
        "a.b||ab|module",
        ".|x|y|module",
        "..db|get_db|get_db|module",
        "..db|engine|e|module",
        "models|*||module",
        "t|T|T|type",
        "fast||fast|try",
        "slow||slow|conditional",
        "sure||sure|module",
        "maybe||maybe|conditional",
        "hopefully||hopefully|try",
        "late||late|function",
        "early||early|module",
    ]
    assert facts.imports[5].line == 5
    assert facts_text.top(facts)[1] == "import#1,2,3"


@pytest.mark.parametrize("guard", ["TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"])
def test_what_a_type_checker_alone_imports_is_told_apart(guard: str) -> None:
    source = f"if {guard}:\n  import a\nelse:\n  import b\n"
    facts = LANGUAGE.extract("a.py", source.encode())
    assert [i.scope for i in facts.imports] == [ImportScope.TYPE, ImportScope.MODULE]


def test_a_literal_all_is_the_list_of_exports() -> None:
    facts = LANGUAGE.extract("a.py", b"__all__ = ['a', \"b\"]\n__all__ += ('c',)\n")
    assert [(e.name, e.local) for e in facts.exports] == [("a", "a"), ("b", "b"), ("c", "c")]


def test_comments_and_docstrings_are_kept_wherever_they_stand() -> None:
    source = b'''"""Module."""
# one
x = [  # two
    1,  # three
    # four
]
def f(  # five
    a,  # six
):  # seven
    """Function."""  # eight
    return (  # nine
        a
        # ten
        .b
    )
# eleven
'''
    facts = LANGUAGE.extract("a.py", source)
    assert [(c.line, c.text) for c in facts.comments] == [
        (1, "Module."),
        (2, "one"),
        (3, "two"),
        (4, "three"),
        (5, "four"),
        (7, "five"),
        (8, "six"),
        (9, "seven"),
        (10, "Function."),
        (10, "eight"),
        (11, "nine"),
        (13, "ten"),
        (16, "eleven"),
    ]
