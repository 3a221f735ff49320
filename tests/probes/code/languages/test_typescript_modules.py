"""Imports and exports of ECMAScript modules and of CommonJS."""

from __future__ import annotations

import pytest

from assay.probes.code.languages.typescript import LANGUAGE
from assay.probes.code.syntax import Bind
from tests.probes.code import facts_text

IMPORTS = {
    ("a.js", 'import d, { a as b, "c d" as e } from "m";'): ["m|default|d|module", "m|a|b|module", "m|c d|e|module"],
    ("a.js", 'import * as ns from "m";'): ["m|*|ns|module"],
    ("a.js", 'import "m";'): ["m|||module"],
    ("a.js", 'import d, * as ns from "./m";'): ["./m|default|d|module", "./m|*|ns|module"],
    ("a.js", 'const x = require("m");'): ["m||x|module"],
    ("a.js", 'const { a, b: c } = require("m");'): ["m|a|a|module", "m|b|c|module"],
    ("a.js", 'const x = require("m").y;'): ["m|y|x|module"],
    ("a.js", 'const { a, ...rest } = require("m");'): ["m|||module"],
    ("a.js", 'let x; try { x = require("m") } catch {}'): ["m||x|try"],
    ("a.js", 'if (y) { x = require("m") }'): ["m||x|conditional"],
    ("a.js", 'function f() { const x = require("m"); }'): ["m||x|function"],
    ("a.js", 'const x = require("m")(1);'): ["m|||module"],
    ("a.js", 'async function f() { const { a } = await import("m"); const x = await import("n"); }'): [
        "m|a|a|function",
        "n|*|x|function",
    ],
    ("a.js", 'require("m");'): ["m|||module"],
    ("a.js", 'app.use(require("m"));'): ["m|||module"],
    ("a.js", 'const x = () => import("m");'): ["m|||function"],
    ("a.js", 'export { a as default } from "m";'): ["m|||module"],
    ("a.js", 'export * from "m";'): ["m|||module"],
    ("a.js", 'export * as ns from "m";'): ["m|||module"],
    ("a.js", 'export { default } from "m";'): ["m|||module"],
    ("a.js", 'module.exports = { ...require("./a") };'): ["./a|||module"],
    ("a.js", 'module.exports = require("m");'): ["m|||module"],
    ("a.ts", 'import type { A } from "m"; import { type B, C } from "m"; C();'): [
        "m|A|A|type",
        "m|B|B|type",
        "m|C|C|module",
    ],
    ("a.ts", 'import { A, B } from "m"; let x: A = new B();'): ["m|A|A|type", "m|B|B|module"],
    ("a.ts", 'import x = require("m"); x();'): ["m||x|module"],
    ("a.ts", 'import { A } from "m"; export { A };'): ["m|A|A|module"],
    ("a.ts", 'import { A } from "m"; export type { A };'): ["m|A|A|type"],
    ("a.ts", 'import express from "express"; function f(r: express.Request) {}'): ["express|default|express|type"],
    ("a.ts", 'import { S } from "m"; @I() class A { constructor(private s: S) {} }'): ["m|S|S|module"],
    ("a.ts", 'import { S } from "m"; class A { constructor(private s: S) {} }'): ["m|S|S|type"],
    ("a.ts", 'export type { A } from "m"; export type * from "n";'): ["m|||type", "n|||module"],
    ("a.ts", 'const x = require("m");'): ["m||x|module"],
    ("a.ts", 'import("m");'): ["m|||module"],
    ("a.tsx", 'import { A, B } from "m"; const x = <A.C b={f(1)}>text & more {g()} {/* no */}<b>{...h}</b></A.C>;'): [
        "m|A|A|module",
        "m|B|B|type",
    ],
    ("a.tsx", 'import { A } from "m"; const f = <T,>(x: T) => <A on={() => x} />;'): ["m|A|A|module"],
}

EXPORTS = {
    ("a.js", "export const a = 1, { b, c: [d] } = f();"): ["a|a|", "b|b|", "d|d|"],
    ("a.js", "export function f() {}"): ["f|f|"],
    ("a.js", "export class A {}"): ["A|A|"],
    ("a.js", "export default f;"): ["default|f|"],
    ("a.js", "export default function f() {}"): ["default|f|"],
    ("a.js", "export default function () {}"): ["default|||fn#0"],
    ("a.js", "export default async () => 1;"): ["default|||fn#0"],
    ("a.js", "export default class A {}"): ["default|A|"],
    ("a.js", "export default { a, b: 1 };"): ["default|||{a: a, b: 1}"],
    ("a.js", "export { a, b as c };"): ["a|a|", "c|b|"],
    ("a.js", 'export { a as default } from "m";'): ["default|a|m"],
    ("a.js", 'export * from "m";'): ["*|*|m"],
    ("a.js", 'export * as ns from "m";'): ["ns|*|m"],
    ("a.js", 'export { default } from "m";'): ["default|default|m"],
    ("a.js", "module.exports = f;"): ["|f|"],
    ("a.js", "module.exports = { a, b: c, d: 1, e() {} };"): [
        "|||{a: a, b: c, d: 1, e: fn#0}",
        "a|a|",
        "b|c|",
        "d|||1",
        "e|||fn#0",
    ],
    ("a.js", "exports.a = f; exports.b = 1;"): ["a|f|", "b|||1"],
    ("a.js", "module.exports.a = 1;"): ["a|||1"],
    ("a.js", "module.exports = exports = f;"): ["|f|"],
    ("a.js", "exports.a = exports.b = f;"): ["b|f|", "a|f|"],
    ("a.js", 'module.exports = { ...require("./a") };'): ["|||{*: require('./a')}", "*|*|./a"],
    ("a.js", "module.exports = new A();"): ["|||new A()"],
    ("a.js", 'exports["x-y"] = 1;'): ["x-y|||1"],
    ("a.js", "exports.default = f;"): ["default|f|"],
    ("a.js", 'module.exports = require("m");'): ["|||require('m')"],
    ("a.js", "module.exports = async (req, res) => { };"): ["|||fn#0"],
    ("a.js", "export async function GET(req) {}"): ["GET|GET|"],
    ("a.ts", 'import { A } from "m"; export { A };'): ["A|A|"],
    ("a.ts", 'import { A } from "m"; export type { A };'): ["A|A|"],
    ("a.ts", "export = f;"): ["|f|"],
    ("a.ts", "export interface A {}"): ["A|A|"],
    ("a.ts", "export type A = string;"): ["A|A|"],
    ("a.ts", "export declare const x: string; export declare function f(): void;"): ["x|x|", "f|f|"],
    ("a.ts", "export enum E { A }"): ["E|E|"],
    ("a.ts", "export namespace N { export const a = 1; }"): ["N|N|"],
    ("a.ts", "export abstract class A {}"): ["A|A|"],
    ("a.ts", "@D() export class A {}"): ["A|A|"],
    ("a.ts", 'export type { A } from "m"; export type * from "n";'): ["A|A|m", "*|*|n"],
    ("a.ts", "export const A = class {};"): ["A|A|"],
}


@pytest.mark.parametrize(("path", "source"), IMPORTS)
def test_an_import_becomes_its_facts(path: str, source: str) -> None:
    facts = LANGUAGE.extract(path, source.encode())
    assert [facts_text.import_(one) for one in facts.imports] == IMPORTS[path, source]


@pytest.mark.parametrize(("path", "source"), EXPORTS)
def test_an_export_becomes_its_facts(path: str, source: str) -> None:
    facts = LANGUAGE.extract(path, source.encode())
    shown = [
        "|".join([e.name, e.local, e.module, *([facts_text.expression(e.value)] if e.value else [])])
        for e in facts.exports
    ]
    assert shown == EXPORTS[path, source]


def test_the_value_of_an_export_is_the_node_that_is_evaluated() -> None:
    facts = LANGUAGE.extract("a.js", b"module.exports = { a: f() };")
    (statement,) = facts.top
    assert isinstance(statement, Bind)
    assert facts.exports[0].value is statement.value
