"""Whatever the bytes are, lowering ends with facts that are inside the file, bounded, and not invented."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.probes.code.languages.python import LANGUAGE
from assay.probes.code.languages.python.comments import MOST_TOGETHER, without_long_runs
from assay.probes.code.syntax import MAX_NESTING, Opaque
from tests.probes.code import facts_text

if TYPE_CHECKING:
    from assay.probes.code.facts import FileFacts

DEEP = 10_000
INDENTED = 600
FRAMES = 500


def _indented(head: str) -> str:
    return "".join(f"{' ' * level}{head}\n" for level in range(INDENTED)) + " " * INDENTED + "x = 1\n"


NESTED = {
    "parentheses": "x = " + "(" * DEEP + "1" + ")" * DEEP,
    "lists": "x = " + "[" * DEEP + "]" * DEEP,
    "open brackets": "x = " + "[" * DEEP,
    "dicts": "x = " + "{1: " * DEEP + "1" + "}" * DEEP,
    "calls": "f(" * DEEP + ")" * DEEP,
    "called results": "f" + "()" * DEEP,
    "attributes": "x = a" + ".b" * DEEP,
    "method chain": "x = a" + ".b()" * DEEP,
    "subscripts": "x = a" + "[0]" * DEEP,
    "nested subscripts": "x = " + "a[" * DEEP + "0" + "]" * DEEP,
    "sum": "x = " + " + ".join(["a"] * DEEP),
    "mixed operators": "x = " + "a + b - " * DEEP + "c",
    "right-leaning powers": "x = " + " ** ".join(["a"] * DEEP),
    "alternatives": "x = " + " or ".join(["a"] * DEEP),
    "conditions": "if " + " and ".join(["a"] * DEEP) + ": pass",
    "mixed conditions": "if " + "a and (b or " * DEEP + "c" + ")" * DEEP + ": pass",
    "negations": "x = " + "not " * DEEP + "a",
    "signs": "x = " + "-" * DEEP + "a",
    "comparisons": "x = " + " < ".join(["a"] * DEEP),
    "conditionals": "x = " + "a if b else " * DEEP + "c",
    "lambdas": "x = " + "lambda: " * DEEP + "1",
    "awaits": "x = " + "await " * DEEP + "a",
    "strings": "x = " + "'a' " * DEEP,
    "format strings": "x = " + "f'{" * 200 + "1" + "}'" * 200,
    "format specifications": "x = f'" + "{a:" * DEEP + "}" * DEEP + "'",
    "comprehensions": "x = " + "[" * DEEP + "a" + " for a in b]" * DEEP,
    "generators": "x = " + "(a for a in " * DEEP + "b" + ")" * DEEP,
    "walrus": "x = " + "(a := " * DEEP + "b" + ")" * DEEP,
    "chained assignments": "a = " * DEEP + "b",
    "nested targets": "(" * DEEP + "a" + ",)" * DEEP + " = b",
    "splats": "x = f(" + "*" * DEEP + "a)",
    "yields": "x = " + "(yield " * DEEP + ")" * DEEP,
    "decorators": "@a\n" * DEEP + "def f(): pass",
    "annotations": "x: " + "a[" * DEEP + "b" + "]" * DEEP + " = 1",
    "parameter annotations": "def f(x: " + "a[" * DEEP + "b" + "]" * DEEP + "): pass",
    "defaults": "def f(x=" + "(" * DEEP + "b" + ")" * DEEP + "): pass",
    "bases": "class A(" + "f(" * DEEP + ")" * DEEP + "): pass",
    "with items": "with " + ", ".join(["a as b"] * DEEP) + ": pass",
    "exception types": "try: pass\nexcept " + "(" * DEEP + "A" + ",)" * DEEP + ": pass",
    "else-ifs": "if a: pass\n" + "elif a: pass\n" * DEEP,
    "cases": "match a:\n" + " case 1: pass\n" * DEEP,
    "patterns": "match a:\n case " + "[" * DEEP + "b" + "]" * DEEP + ": pass",
    "class patterns": "match a:\n case " + "A(x=" * DEEP + "b" + ")" * DEEP + ": pass",
    "alternative patterns": "match a:\n case " + " | ".join(["1"] * DEEP) + ": pass",
    "functions": _indented("def f():"),
    "classes": _indented("class A:"),
    "branches": _indented("if a:"),
    "loops": _indented("for a in b:"),
    "contexts": _indented("with a:"),
    "guards": "".join(f"{' ' * level}try:\n" for level in range(INDENTED)) + " " * INDENTED + "x = 1\n",
    "deleted": "del " + "(" * DEEP + "a" + ")" * DEEP,
    "raised": "raise " + "(" * DEEP + "a" + ",)" * DEEP,
    "imports": "import " + ".".join(["a"] * DEEP),
    "relative imports": "from " + "." * DEEP + " import a",
}

BROKEN = {
    "a head without a body": "def f(:\n  return {'a': 1}\n",
    "an open bracket": "class A:\n  def f(self):\n    return {\n\n  def g(self): return 1\n",
    "conflict marks": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n",
    "an open string": "x = '''abc\ny = 1\n",
    "no operand": "x = 1 +\ny = 2\n",
    "a bad target": "f() = 1\n",
    "indentation": "if a:\nb\n",
    "nothing": "",
    "a lone colon": ":",
    "control characters": "\x00\x01\x0c\x7f",
    "TypeScript": "const x: number = () => { return 1 }\n",
}


def _check(data: bytes, facts: FileFacts) -> None:
    last = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    measured = facts_text.measure(facts)
    assert all(1 <= line <= last for line in measured.lines), sorted(measured.lines)
    assert measured.depth <= MAX_NESTING


@pytest.mark.parametrize("name", NESTED)
def test_any_depth_of_nesting_ends_within_the_bound(name: str) -> None:
    data = NESTED[name].encode()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + FRAMES)
    try:
        facts = LANGUAGE.extract("a.py", data)
    finally:
        sys.setrecursionlimit(limit)
    _check(data, facts)


@pytest.mark.parametrize("name", ["lists", "branches", "else-ifs", "method chain"])
def test_what_lies_below_the_bound_is_opaque_and_named(name: str) -> None:
    facts = LANGUAGE.extract("a.py", NESTED[name].encode())
    assert "nesting" in {node.kind for node in facts_text.nodes(facts) if isinstance(node, Opaque)}
    assert any("nested deeper than" in problem.message for problem in facts.problems)


@pytest.mark.parametrize("name", ["sum", "alternatives", "conditions", "lambdas", "strings", "comparisons"])
def test_what_is_only_long_is_examined_whole(name: str) -> None:
    assert LANGUAGE.extract("a.py", NESTED[name].encode()).problems == ()


def test_functions_as_deep_as_python_allows_are_examined_whole() -> None:
    source = "".join(f"{' ' * level}def f():\n" for level in range(99)) + " " * 99 + "return 1\n"
    facts = LANGUAGE.extract("a.py", source.encode())
    assert facts.problems == ()
    assert facts_text.functions(facts)[-1] == "f() {return 1}"


@pytest.mark.parametrize("name", BROKEN)
def test_broken_source_ends_in_facts(name: str) -> None:
    data = BROKEN[name].encode()
    _check(data, LANGUAGE.extract("a.py", data))


@pytest.mark.parametrize("name", ["a head without a body", "an open bracket", "conflict marks", "no operand"])
def test_broken_source_is_a_problem_with_its_line_and_without_its_text(name: str) -> None:
    facts = LANGUAGE.extract("a.py", b"pass\n" + BROKEN[name].encode())
    assert facts.problems
    assert all(problem.line > 1 for problem in facts.problems)
    assert all(problem.message.startswith("syntax error") for problem in facts.problems)


def test_whole_definitions_survive_beside_broken_ones() -> None:
    facts = LANGUAGE.extract(
        "a.py", b"@app.get('/x')\ndef f(): return 1\n\nx = = 2\n\n@app.get('/y')\ndef g(): return 2\n"
    )
    assert [f.name for f in facts.functions] == ["f", "g"]
    assert facts.problems[0].line == 4


def test_broken_syntax_is_opaque_and_binds_nothing() -> None:
    facts = LANGUAGE.extract("a.py", b"f(a, = 3)\nx = (1 2)\n")
    assert "error" in {node.kind for node in facts_text.nodes(facts) if isinstance(node, Opaque)}


def test_python_2_gives_what_can_be_had_and_says_so() -> None:
    source = b"import urllib2\ndef f():\n    print 'a', x\n    exec code\n    raise E, 'm'\n"
    facts = LANGUAGE.extract("a.py", source)
    assert facts_text.functions(facts) == ["f() {print('a', x); exec(code); raise E}"]
    assert [(p.line, p.message) for p in facts.problems] == [
        (3, "`print` as a statement is Python 2"),
        (4, "`exec` as a statement is Python 2"),
    ]


@pytest.mark.parametrize(
    ("data", "expected", "problems"),
    [
        ("x = 'ä'".encode(), "x = 'ä'", []),
        (b"\xef\xbb\xbfx = '\xc3\xa4'", "x = 'ä'", []),
        (b"# -*- coding: latin-1 -*-\nx = '\xe4'", "x = 'ä'", []),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\nx = '\xe4'", "x = 'д'", []),
        (b"# coding: utf-8\nx = '\xc3\xa4'", "x = 'ä'", []),
        (b"x = 1\ny = '\xe4'", "y = 'ä'", [(2, "not utf-8")]),
        (b"# coding: no-such\nx = '\xe4'", "x = 'ä'", [(1, "unknown encoding `no-such`")]),
        (b"# coding: hex\nx = 1", "x = 1", [(1, "unknown encoding `hex`")]),
        ("x = 'ä'".encode("utf-16"), "x = 'ä'", [(1, "the file is UTF-16, which Python does not read")]),
        (b"x = 1\n\ny = '\0'", None, [(3, "the file contains a null byte")]),
        (b"x = 'a\xe4' # coding: cp1251 comes too late", None, [(1, "not utf-8")]),
    ],
)
def test_encodings_are_read_as_python_reads_them(
    data: bytes, expected: str | None, problems: list[tuple[int, str]]
) -> None:
    facts = LANGUAGE.extract("a.py", data)
    assert expected is None or facts_text.top(facts)[-1] == expected
    assert [(p.line, p.message) for p in facts.problems if not p.message.startswith("syntax")] == problems


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_counts_them(end: str) -> None:
    source = end.join(["x = 1", "", "def f():", "    '''a", "    b'''", "    return 2", ""])
    facts = LANGUAGE.extract("a.py", source.encode())
    assert (facts.functions[0].line, facts.functions[0].end_line, facts.functions[0].body[0].line) == (3, 6, 6)


def test_non_ascii_source_keeps_names_and_lines() -> None:
    facts = LANGUAGE.extract("a.py", "# é\ndef größe(ä): return 'ü' + ä\n".encode())
    assert facts_text.functions(facts) == ["größe(ä) {return op+('ü', ä)}"]
    assert facts.functions[0].line == 2


@pytest.mark.parametrize("path", sorted(Path(inspect.__file__).parent.glob("*.py"))[::9], ids=lambda path: path.name)
def test_the_standard_library_has_no_problem_and_nothing_opaque(path: Path) -> None:
    data = path.read_bytes()
    facts = LANGUAGE.extract(path.name, data)
    _check(data, facts)
    assert facts.problems == ()
    opaque = {node.kind for node in facts_text.nodes(facts) if isinstance(node, Opaque)}
    assert opaque <= {"ellipsis", "slice", "declaration"}


PIECES = st.sampled_from(
    [
        *("def f(", "class A(", "):", "return ", "yield ", "await ", "lambda ", "async ", "@", "if ", "elif ", "else:"),
        *(
            "for ",
            " in ",
            "while ",
            "with ",
            " as ",
            "try:",
            "except ",
            "finally:",
            "match ",
            "case ",
            "import ",
            "from ",
        ),
        *(
            "global ",
            "nonlocal ",
            "del ",
            "assert ",
            "raise ",
            "print ",
            "exec ",
            "type ",
            "not ",
            " or ",
            " and ",
            "is ",
        ),
        *(
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ":",
            ",",
            ".",
            "=",
            ":=",
            "*",
            "**",
            "->",
            "+",
            "-",
            "|",
            "`",
            "\\",
            ";",
            "...",
            "_",
        ),
        *(
            "'",
            '"',
            "'''",
            'f"',
            "{x!r:>{y}}",
            "b'",
            "#",
            "\n",
            "\n  ",
            "\n    ",
            "\t",
            "\r",
            "\x0c",
            "\0",
            "é",
            "\u2028",
        ),
        *("x", "self", "1", "0x1", "None", "True", "TYPE_CHECKING", "__all__", "'a'", "*rest", "**kw", "..", "pass"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_mixture_of_syntax_ends_in_facts_inside_the_file(source: str) -> None:
    data = source.encode("utf-8", "surrogatepass")
    _check(data, LANGUAGE.extract("a.py", data))


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_end_in_facts_inside_the_file(data: bytes) -> None:
    _check(data, LANGUAGE.extract("a.py", data))


SAMPLE = Path(__file__).read_bytes()


@given(st.integers(0, len(SAMPLE)), st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_a_file_with_a_hole_ends_in_facts_inside_the_file(start: int, length: int) -> None:
    data = SAMPLE[:start] + SAMPLE[start + length :]
    _check(data, LANGUAGE.extract("a.py", data))


def _longest_run(source: bytes) -> int:
    runs = [0]
    for line in source.split(b"\n"):
        runs.append(runs[-1] + 1 if line.lstrip().startswith(b"#") else runs[-1] if not line.strip() else 0)
    return max(runs)


def test_the_parser_is_given_no_long_run_of_comments_and_none_of_them_is_lost() -> None:
    source = b"def f():\n" + b"    # one\n\n" * 1_000 + b"    return 1\n# two\nx = 2\n"
    shortened, lost = without_long_runs(source)
    assert (_longest_run(source), _longest_run(shortened)) == (1_000, MOST_TOGETHER)
    assert (len(shortened), len(lost)) == (len(source), 1_000 - MOST_TOGETHER)
    facts = LANGUAGE.extract("a.py", source)
    assert [one.line for one in facts.comments] == [*range(2, 2_002, 2), 2_003]
    assert {one.text for one in facts.comments} == {"one", "two"}
    assert facts_text.functions(facts) == ["f() {return 1}"]


def test_what_looks_like_comments_inside_a_string_stays() -> None:
    source = b"x = '''\n" + b"# one\n" * 1_000 + b"'''\n"
    assert without_long_runs(source) == (source, [])
