"""Whatever the bytes are, lowering TypeScript ends with facts that are inside the file, bounded, and not made up."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.probes.code.languages.typescript import LANGUAGE
from assay.probes.code.syntax import MAX_NESTING, Lit, Opaque
from tests.probes.code import facts_text

if TYPE_CHECKING:
    from assay.probes.code.facts import FileFacts

DEEP = 10_000
FRAMES = 700
MOST_NODES = 40 * DEEP

NESTED = {
    "parentheses": "x = " + "(" * DEEP + "1" + ")" * DEEP,
    "arrays": "x = " + "[" * DEEP + "]" * DEEP,
    "open brackets": "x = " + "[" * DEEP,
    "objects": "x = " + "{a:" * DEEP + "1" + "}" * DEEP,
    "blocks": "{" * DEEP + "}" * DEEP,
    "calls": "f(" * DEEP + ")" * DEEP,
    "called results": "f" + "()" * DEEP,
    "members": "x = a" + ".b" * DEEP,
    "method chain": "x = a" + ".b()" * DEEP,
    "optional chain": "x = a" + "?.b?.()" * DEEP,
    "asserted chain": "x = a" + "!.b" * DEEP,
    "subscripts": "x = a" + "[0]" * DEEP,
    "nested subscripts": "x = " + "a[" * DEEP + "0" + "]" * DEEP,
    "updated subscripts": "x[" * DEEP + "0" + "]++" * DEEP,
    "assigned subscripts": "x[" * DEEP + "0" + "] += 1" * DEEP,
    "sum": "x = " + " + ".join(["a"] * DEEP),
    "mixed operators": "x = " + "a + b - " * DEEP + "c",
    "powers": "x = " + " ** ".join(["a"] * DEEP),
    "alternatives": "x = " + " || ".join(["a"] * DEEP),
    "conjunctions": "x = " + " && ".join(["a"] * DEEP),
    "conditions": "if (" + "a && (b || " * DEEP + "c" + ")" * DEEP + ") d()",
    "effects": "a && (" * DEEP + "b" + ")" * DEEP,
    "ternaries": "x = " + "a ? b : " * DEEP + "c",
    "negations": "x = " + "!" * DEEP + "a",
    "awaits": "x = " + "await " * DEEP + "a",
    "constructions": "x = " + "new " * DEEP + "a",
    "commas": "(a, " * DEEP + "b" + ")" * DEEP,
    "assignments": "a = " * DEEP + "b",
    "arrows": "x = " + "() => " * DEEP + "1",
    "functions": "function f() {" * DEEP + "}" * DEEP,
    "classes": "x = " + "class { a = " * DEEP + "1" + "}" * DEEP,
    "namespaces": "namespace a {" * DEEP + "}" * DEEP,
    "templates": "x = " + "`${" * DEEP + "1" + "}`" * DEEP,
    "open templates": "`${" * DEEP,
    "patterns": "let " + "[a = " * DEEP + "1" + "]" * DEEP + " = x",
    "object patterns": "let " + "{a: " * DEEP + "b" + "}" * DEEP + " = x",
    "default places": "[x" + "[[x" * DEEP + "]]" * DEEP + " = 1] = y",
    "types": "let x: " + "A<" * DEEP + "B" + ">" * DEEP,
    "branches": "if (a) " * DEEP + "b()",
    "else-ifs": "if (a) { b() } else " * DEEP + "c()",
    "loops": "for (const a of b) " * DEEP + "c()",
    "guards": "try {" * DEEP + "} finally {}" * DEEP,
    "labels": "a: " * DEEP + "b",
    "cases": "switch (a) {" + "case 1: if (b) break; c(); break; " * DEEP + "}",
    "falling cases": "switch (a) {" + "case 1: b(); " * DEEP + "}",
    "nested falling cases": "switch (a) { case 0: b(); case 1: " * DEEP + "}" * DEEP,
    "breaks": "switch (a) { case 1: " + "if (b) break; " * DEEP + "}",
    "decorators": "@a(" * DEEP + ")" * DEEP + " class A {}",
    "markup": "x = " + "<a>" * DEEP + "</a>" * DEEP,
    "markup with expressions": "x = " + "<a>{" * DEEP + "1" + "}</a>" * DEEP,
    "open markup": "<a" * DEEP,
    "spreads": "f(" + "..." * DEEP + "a)",
}

BROKEN = {
    "a head without a body": "function f(: {\n  return { a: 1 }\n",
    "an open bracket": "class A {\n  f() {\n    return {\n\n  g() { return 1 }\n",
    "conflict marks": "<<<<<<< HEAD\nconst x = 1\n=======\nconst x = 2\n>>>>>>> other\n",
    "an open string": "const x = 'abc\nf()\n",
    "an open template": "const x = `abc\nf()\n",
    "an open comment": "/* abc\nf()\n",
    "no operand": "const x = 1 +\nconst y = 2\n",
    "a bad target": "f() = 1\n1 = x\n",
    "a bad pattern": "const { a: = 1, [b } = c\n",
    "half a call": "app.get('/x', async (req, res) => {\n  res.json({ a: 1\n",
    "half an import": "import { a, from 'm'\nexport { b as } from\n",
    "no name": "class { }\nfunction () {}\nenum { A }\ninterface { }\nnamespace { }",
    "nothing": "",
    "a lone brace": "}",
    "control characters": "\x01\x0c\x7f",
    "Python": "def f(x):\n  return {'a': 1}\n",
    "returns alone": "a\rb\rc\u2028d\n",
}
PATHS = ("a.ts", "a.tsx", "a.js")


def _check(data: bytes, facts: FileFacts) -> None:
    last = data.count(b"\n") + 1
    measured = facts_text.measure(facts)
    assert all(1 <= line <= last for line in measured.lines), sorted(measured.lines)
    assert measured.depth <= MAX_NESTING


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("path", ["a.tsx", "a.js"])
def test_any_depth_of_nesting_ends_within_the_bound(path: str, name: str) -> None:
    data = NESTED[name].encode()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + FRAMES)
    try:
        facts = LANGUAGE.extract(path, data)
    finally:
        sys.setrecursionlimit(limit)
    _check(data, facts)
    assert sum(1 for _ in facts_text.nodes(facts)) < MOST_NODES


@pytest.mark.parametrize("name", ["arrays", "branches", "else-ifs", "method chain", "updated subscripts"])
def test_what_lies_below_the_bound_is_opaque_and_named(name: str) -> None:
    facts = LANGUAGE.extract("a.ts", NESTED[name].encode())
    assert "nesting" in {node.kind for node in facts_text.nodes(facts) if isinstance(node, Opaque)}
    assert [problem.message.partition(" levels")[0] for problem in facts.problems] == ["nested deeper than 140"]


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("path", PATHS)
def test_what_does_not_parse_ends_in_facts_inside_the_file(path: str, name: str) -> None:
    data = BROKEN[name].encode()
    _check(data, LANGUAGE.extract(path, data))


@pytest.mark.parametrize("name", ["a head without a body", "conflict marks", "half a call", "half an import", "Python"])
def test_what_does_not_parse_is_a_problem_with_its_line(name: str) -> None:
    facts = LANGUAGE.extract("a.ts", BROKEN[name].encode())
    assert facts.problems
    assert facts.problems[0].message.startswith(("does not parse: `", "`"))


def test_nothing_is_made_up_from_fragments() -> None:
    source = b"const a = 1\nconst b = { x: 'y' z: 'w' }\nconst c = @@ 3\nexport const d = f(a)\n"
    facts = LANGUAGE.extract("a.ts", source)
    assert facts_text.top(facts)[0] == "const a = 1"
    assert facts_text.top(facts)[-1] == "const d = f(a)"
    written = {node.text for node in facts_text.nodes(facts) if isinstance(node, Lit)}
    assert written <= {"1", "y", "w", "3"}
    assert {problem.line for problem in facts.problems} <= {2, 3}


def test_syntax_that_the_grammar_does_not_know_leaves_the_rest_of_the_file() -> None:
    source = b"const a = f()\nconst b = do { g() } |> h\nexport const c = () => a\n"
    facts = LANGUAGE.extract("a.ts", source)
    assert facts_text.top(facts)[0] == "const a = f()"
    assert facts_text.top(facts)[-1] == "const c = fn#0"
    assert {problem.line for problem in facts.problems} == {2}


def test_a_bare_ampersand_in_markup_is_no_problem() -> None:
    source = b"export const A = () => <p>Terms & conditions {f()} &nbsp; R&D</p>\n"
    for path in ("a.tsx", "a.jsx"):
        facts = LANGUAGE.extract(path, source)
        assert facts.problems == ()
        assert facts_text.functions(facts) == ["A() {return <jsx f()>}"]


def test_javascript_with_type_annotations_is_lowered_as_tsx() -> None:
    facts = LANGUAGE.extract("a.js", b"export function f(a: string): Promise<number> { return g(a) }")
    assert facts_text.functions(facts) == ["f(a: string) -> Promise<number> {return g(a)}"]
    assert (facts.problems, facts.language) == ((), "javascript")


def test_a_binary_file_is_a_problem_and_nothing_else() -> None:
    facts = LANGUAGE.extract("a.js", b"\x7fELF\x00\x01app.get('/x', f)")
    assert [problem.message for problem in facts.problems] == ["binary: holds a NUL byte"]
    assert facts.top == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_source(encoding: str) -> None:
    facts = LANGUAGE.extract("a.ts", "const naïve = 'é'\n".encode(encoding))
    assert facts_text.top(facts) == ["const naïve = 'é'"]
    assert facts.problems == ()


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    facts = LANGUAGE.extract("a.ts", b"const x = 'caf\xe9'; f(x)\n")
    assert facts_text.top(facts) == ["const x = 'caf\ufffd'", "f(x)"]


def test_a_minified_line_of_a_megabyte_is_lowered() -> None:
    one = b"!function(e,t){var n={a:1,b:[1,2]};return n.a&&n.b.map(function(e){return e+1}),n}(this,1);"
    count = 1_000_000 // len(one)
    facts = LANGUAGE.extract("a.js", one * count)
    assert (len(facts.top), len(facts.functions)) == (count, 2 * count)


SIGNS = r"a b.c ( ) [ ] { } => = == + - * / ` ${ ' , ; : ? ?. ! . ... < > </ /> @ # \\ // /* */ 1 'x'"
WORDS = """
function class const let var if else for of in while do switch case default break return throw try catch finally async
await yield new import export from as type enum interface namespace static get set delete typeof
"""
TOKENS = st.sampled_from([*SIGNS.split(), *WORDS.split(), "\n"])


@given(st.lists(TOKENS, max_size=60).map(" ".join), st.sampled_from(PATHS))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_run_of_tokens_ends_in_facts_inside_the_file(source: str, path: str) -> None:
    data = source.encode()
    _check(data, LANGUAGE.extract(path, data))


@given(st.binary(max_size=300), st.sampled_from(PATHS))
@settings(max_examples=200, deadline=None)
def test_any_bytes_end_in_facts_inside_the_file(data: bytes, path: str) -> None:
    facts = LANGUAGE.extract(path, data)
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        _check(data, facts)


@given(st.sampled_from([*NESTED.values(), *BROKEN.values()]).filter(lambda text: len(text) < DEEP), st.data())
@settings(max_examples=100, deadline=None)
def test_any_part_of_a_source_ends_in_facts_inside_the_file(source: str, data: st.DataObject) -> None:
    cut = source[: data.draw(st.integers(0, len(source)))].encode()
    _check(cut, LANGUAGE.extract("a.tsx", cut))


@pytest.mark.parametrize("path", PATHS)
def test_the_same_bytes_give_the_same_facts(path: str) -> None:
    data = b"import { a } from 'm'\nexport class A { m() { return a?.b ?? [] } }\nfor (const [x = 1] of y) f(x)\n"
    assert LANGUAGE.extract(path, data) == LANGUAGE.extract(path, data)
