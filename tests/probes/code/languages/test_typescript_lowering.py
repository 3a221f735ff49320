"""Each row of the lowering table, as a snippet of TypeScript and the facts it becomes."""

from __future__ import annotations

import pytest

from assay.probes.code.languages.typescript import LANGUAGE
from assay.probes.code.syntax import Attr, Call, Eval
from tests.probes.code import facts_text

EXPRESSIONS = {
    "3": "3",
    "-1.5": "-1.5",
    "0x1f": "0x1f",
    "true": "true",
    "null": "null",
    "undefined": "undefined",
    "[]": "empty",
    "({})": "empty",
    "[1, ...rest]": "[1, ...rest]",
    "[a, , b]": "[a, undefined, b]",
    "(x)": "x",
    '({ a: 1, "b c": 2, 3: d, [k()]: e, ...f, g, ["h"]: 4 })': "{a: 1, b c: 2, 3: d, ?: e, *: f, g: g, h: 4 | k()}",
    "({ list() {}, get db() { return 2 }, set db(v) {}, async *gen() {} })": "{list: fn#0, db: fn#1(), gen: fn#2}",
    '"caf\\u00e9"': "'café'",
    "`plain`": "'plain'",
    "`a${x}b${y}`": "text('a', x, 'b', y)",
    "`${x}`": "text(x)",
    "``": "''",
    "/ab+c/gi": "new RegExp('ab+c', 'gi')",
    "a + b + c": "op+(a, b, c)",
    "a + b - c * d": "op-(op+(a, b), op*(c, d))",
    "a ** b ** c": "op**(a, op**(b, c))",
    "-x": "op-(x)",
    "!a": "test not (a)",
    "typeof a": "op typeof (a)",
    "a < b": "test<(a, b)",
    "a === b": "test==(a, b)",
    "a !== null": "test!=(a, null)",
    "a in b": "test in (a, b)",
    "a instanceof B": "test instanceof (a, B)",
    "a || b || c": "or(or(a, b), c)",
    "a ?? b": "or(a, b)",
    "a && b || c": "or(op and (a, b), c)",
    "(0, f)(x)": "f(x)",
    "a.b.c": "a.b.c",
    "a?.b?.[0]?.(c)": "a.b[0](c)",
    "this.#secret": "this.#secret",
    'a["b"]': "a['b']",
    "a[b + 1]": "a[op+(b, 1)]",
    "f(a, ...b)": "f(a, ...b)",
    "new A(1)": "new A(1)",
    "new A": "new A()",
    "new a.b.C<string>(x)": "new a.b.C(x)",
    "sql`select ${x}`": "sql(text('select ', x))",
    "sql`now`": "sql('now')",
    "await f()": "await f()",
    "await Promise.all([a(), b()])": "await Promise.all([a(), b()])",
    "x as Foo": "x",
    "x!": "x",
    "<Foo>x": "x",
    "x satisfies Foo": "x",
    "f<string>(x)": "f(x)",
    "rows.map((r) => r.id)": "rows.map(fn#0)",
    "f(function named(a) { return a })": "f(fn#0)",
    "f(async () => { await g() })": "f(fn#0)",
    "f(x = 1)": "f((x := 1))",
    "f(x += 1)": "f((x := op+(x, 1)))",
    "f(i++)": "f((i := op+(i, 1)))",
    "f(x ||= y)": "f((x := or(x, y)))",
    "import.meta.url": "import.meta.url",
    'f(require("./m"))': "f(require('./m'))",
    'import("./m").then((m) => m.run())': "import('./m').then(fn#0)",
    "f(delete a.b)": "f(op delete (a.b))",
    "p.then(f).catch(() => [])": "p.then(f).catch(fn#0)",
    "super.go(1)": "super.go(1)",
    "'a\\n\\x41\\u{1F600}\\u0042\\'\\q'": '"a\\nA😀B\'q"',
    "'\\uD83D\\uDE00 \\uD83D'": "'😀 �'",
    "'a\\\nb'": "'ab'",
    "[, a, , b]": "[undefined, a, undefined, b]",
    "[a, b,]": "[a, b]",
    "a && b && c": "op and (a, b, c)",
    "void f()": "op,(f(), undefined)",
    "a && b ? x : y": "cond(test and (a, b), x, y)",
    "!a || b ? x : y": "cond(test or (test not (a), b), x, y)",
    "(f(), g())": "op,(f(), g())",
    "a\n  // why\n  .b(/* args */)": "a.b()",
    "`a\\`\\n${x}`": "text('a`\\n', x)",
    "({ [`k`]: 1, async: 2 })": "{?: 1, async: 2 | 'k'}",
    "new Map<string, X>()": "new Map()",
    "a!.b!.c": "a.b.c",
    "x ? { a } : [b]": "cond(x, {a: a}, [b])",
    "<T,>(a: T) => a": "fn#0",
    "{} as Foo": "empty",
    '"use"+"x"': "op+('use', 'x')",
    "1n": "1n",
}

STATEMENTS = {
    "[, a, , b]": ["[undefined, a, undefined, b]"],
    "[a, b,]": ["[a, b]"],
    "const x = 1, y: Foo = f();": ["const x = 1", "const y: Foo = f()"],
    "let x;": ["let x = undefined"],
    "var x: Foo;": ["var x: Foo = undefined"],
    "const x = f() as Foo;": ["const x: Foo = f()"],
    "const x = <const>['a'];": ["const x = ['a']"],
    "const { a, b: c, ...rest } = f();": ["const {a: a, b: c, *: rest} = f()"],
    "const { a = 1, b: { c } = {} } = f();": [
        "const {a: a, b: <part 1>} = f()",
        "a = or(a, 1)",
        "{c: c} = or(<part 1>, empty)",
    ],
    "const [a, , b = 2, ...rest] = await f();": ["const {0: a, 2: b, *: rest} = await f()", "b = or(b, 2)"],
    "const { [k]: v, 'x-y': z } = f();": ["const {?: v, x-y: z} = f()"],
    "a.b = 1;": ["a.b = 1"],
    "a[0] += 1;": ["a[0] += 1"],
    "[a, b.c] = [b, a];": ["{0: a, 1: b.c} = [b, a]"],
    "({ a, b } = c);": ["{a: a, b: b} = c"],
    "a ||= f();": ["a = or(a, f())"],
    "a.b ??= f();": ["a.b = or(a.b, f())"],
    "a[f()] ||= 1;": ["a[f()] = or(<place>, 1)"],
    "i++;": ["i += 1"],
    "--a.b;": ["a.b -= 1"],
    "a = b = f();": ["a = (b := f())"],
    "delete a.b;": ["del a.b"],
    "void f();": ["f()"],
    "if (a) b(); else if (c && d) { e() } else f();": ["if a {b()} else {if test and (c, d) {e()} else {f()}}"],
    "a && b();": ["if a {b()}"],
    "a ? b() : c();": ["if a {b()} else {c()}"],
    "a || b();": ["or(a, b())"],
    "a(), b();": ["a()", "b()"],
    "for (const x of xs) { f(x) }": ["for x in xs {f(x)}"],
    "for (const k in o) f(k);": ["for k in Object.keys(o) {f(k)}"],
    "for (const [k, { v = 1 }] of m) f(k, v);": ["for {0: k, 1: {v: v}} in m {v = or(v, 1); f(k, v)}"],
    "for await (const x of xs) f(x);": ["for x in await xs {f(x)}"],
    "for (let i = 0; i < n; i++) f(i);": ["let i = 0", "while test<(i, n) {f(i); i += 1}"],
    "for (;;) break;": ["while true {break}"],
    "while (a && b) f();": ["while test and (a, b) {f()}"],
    "do { f() } while (a);": ["while a {f()}"],
    "switch (a) { case 1: f(); break; case 2: case 3: g(); return; default: h() }": [
        "if test==(a, 1) {f()} else {if test or (test==(a, 2), test==(a, 3)) {g(); return undefined} else {h()}}"
    ],
    "switch (a.b()) { case 'x': f(); case 'y': g(); break; }": [
        "const <subject 1> = a.b()",
        "if test or (test==(<subject 1>, 'x'), test==(<subject 1>, 'y')) {if test==(<subject 1>, 'x') {f()}; g()}",
    ],
    "switch (a) { case 1: if (b) break; f(); break; case 2: { g(); break } }": [
        "if test==(a, 1) {if b {} else {f()}} else {if test==(a, 2) {g()}}"
    ],
    "switch (a) { default: f(); break; case 1: g() }": ["if test==(a, 1) {g()} else {f()}"],
    "switch (a) { case 1: try { f(); break } finally { g() } }": ["if test==(a, 1) {try {f()} finally {g()}}"],
    "try { f() } catch { g() }": ["try {f()} except * {g()}"],
    "try { f() } catch (e) { throw e } finally { g() }": ["try {f()} except * as e {raise e} finally {g()}"],
    "try { f() } catch ({ message }) { g(message) }": [
        "try {f()} except * as <caught 1> {const {message: message} = <caught 1>; g(message)}"
    ],
    "throw new Error('x');": ["raise new Error('x')"],
    "outer: for (const x of xs) continue outer;": ["for x in xs {continue}"],
    "'use server';": ["'use server'"],
    "debugger;": [],
    ";;": [],
    "enum Color { Red, Green = 'g', 'Dark Blue' }": ["const Color = {Red: 0, Green: 'g', Dark Blue: 2}"],
    "const enum E { A }": ["const E = {A: 0}"],
    "import x = A.B;": ["const x = A.B"],
    "type A = { a: string };": [],
    "declare const x: Foo;": [],
    "declare function f(): void;": [],
    "declare module 'm' { export const x: number }": [],
}


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_an_expression_becomes_its_fact(source: str) -> None:
    facts = LANGUAGE.extract("a.ts", f"x = {source}".encode())
    assert [line.partition(" = ")[2] for line in facts_text.top(facts)] == [EXPRESSIONS[source]]
    assert facts.problems == ()


@pytest.mark.parametrize("source", STATEMENTS)
def test_a_statement_becomes_its_facts(source: str) -> None:
    facts = LANGUAGE.extract("a.ts", source.encode())
    assert facts_text.top(facts) == STATEMENTS[source]
    assert facts.problems == ()


@pytest.mark.parametrize("suffix", LANGUAGE.suffixes)
def test_every_suffix_is_lowered_alike(suffix: str) -> None:
    source = b"import { db } from './db.js'\nexport const list = async (req, res) => res.json(await db.rows())\n"
    facts = LANGUAGE.extract(f"src/a{suffix.upper()}", source)
    assert facts_text.functions(facts) == ["async list(req, res) {return res.json(await db.rows())}"]
    assert facts.language == ("typescript" if "ts" in suffix else "javascript")


MARKUP = {
    "<a/>": "<jsx>",
    "<></>": "<jsx>",
    "<a b='c' d>text</a>": "<jsx>",
    "<A.B c={f(1)} {...d}>it & b {g()} {/* no */}<i>{h}</i></A.B>": "<jsx f(1), ...d, g(), h>",
    "<a>{rows.map((row) => <b key={row.id}>{row.name}</b>)}</a>": "<jsx rows.map(fn#0)>",
}


@pytest.mark.parametrize("source", MARKUP)
@pytest.mark.parametrize("path", ["a.tsx", "a.jsx", "a.js"])
def test_markup_is_opaque_and_keeps_its_expressions(path: str, source: str) -> None:
    facts = LANGUAGE.extract(path, f"x = {source}".encode())
    assert facts_text.top(facts) == [f"x = {MARKUP[source]}"]
    assert facts.problems == ()


def test_a_member_of_a_chain_has_the_line_of_its_name() -> None:
    source = b"router\n  .route('/x')\n  .get(list)\n  .post(\n    create,\n  )\n"
    (statement,) = LANGUAGE.extract("a.ts", source).top
    assert isinstance(statement, Eval)
    assert isinstance(statement.value, Call)
    assert isinstance(statement.value.fn, Attr)
    assert (statement.line, statement.value.line, statement.value.fn.base.line) == (1, 4, 3)


def test_a_place_that_is_not_plain_is_evaluated_once() -> None:
    facts = LANGUAGE.extract("a.ts", b"f(a[next()] += 1, b[i] += 1)")
    assert facts_text.top(facts) == ["f((a[next()] := op+(<place>, 1)), (b[i] := op+(b[i], 1)))"]


def test_comments_are_kept_wherever_they_stand_and_strings_are_none() -> None:
    source = b"""#!/usr/bin/env node
// TODO: one
const u = "http://x/*y*/"; /* two */ f(/* three */ a, `// ${b /* four */}`);
/**
 * five
 *   six
 */
if (a) b(); // seven
else /* eight */ c();
"""
    facts = LANGUAGE.extract("a.ts", source)
    assert [(comment.line, comment.text) for comment in facts.comments] == [
        (2, "TODO: one"),
        (3, "two"),
        (3, "three"),
        (3, "four"),
        (4, "\nfive\n  six\n"),
        (8, "seven"),
        (9, "eight"),
    ]
