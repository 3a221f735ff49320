"""Functions and classes of TypeScript, with everything that hangs on them."""

from __future__ import annotations

import pytest

from assay.probes.code.languages.typescript import LANGUAGE
from tests.probes.code import facts_text

DECLARATIONS = {
    "namespace N { export const a = 1; function f() {} }": ["const a = 1", "def#0", "const N = {a: a}", "f() {}"],
    "interface A extends B<C>, D { a: string; b(x: number): Promise<C>; 'c-d'?: X }": ["A(B, D) methods() fields()"],
    "function f(a: string): void; function f(a: any) { g(a) }": ["def#0", "f(a: any) {g(a)}"],
    "class A {}": ["class#0", "A() methods() fields()"],
    "export default class { a = 1 }": ["class#0", "<class 1>() methods() fields(a = 1)"],
    "const A = class B extends C { };": ["class#0", "A(C) methods() fields()"],
    "abstract class A { abstract a(): void; b?: string; static c = f() }": ["class#0", "A() methods() fields(c = f())"],
    "class A { static s() {} #p = 1; static { f() } 'quoted'() {} [k]() {} }": [
        "class#0",
        "s() {}",
        "quoted() {}",
        "lambda() {}",
        "A() methods(s#0, quoted#1, #2) fields(#p = 1)",
    ],
    "function f({ a, b = 2 }: Opts = {}, [c], ...rest) { return a }": [
        "def#0",
        "f({a: a, b: b}: Opts = empty, {0: c}, *rest) {b = or(b, 2); return a}",
    ],
    "const f = a => a;": ["const f = fn#0", "f(a) {return a}"],
    "const f = async function* () { yield 1; yield; yield* g() };": [
        "const f = fn#0",
        "async generator f() {yield 1; yield undefined; yield ...g()}",
    ],
    "function* g() {}": ["def#0", "generator g() {}"],
    "(function () { f() })();": ["fn#0()", "lambda() {f()}"],
    "(async () => { await f() })();": ["fn#0()", "async lambda() {await f()}"],
    "function f(this: Foo, a?: string) {}": ["def#0", "f(a: string) {}"],
    "x.y = function () {};": ["x.y = fn#0", "y() {}"],
    "const o = { f: function () {}, g: () => 1, async h() {} };": [
        "const o = {f: fn#0, g: fn#1, h: fn#2}",
        "f() {}",
        "g() {return 1}",
        "async h() {}",
    ],
    "function outer() { function inner() { return () => 1 } }": [
        "def#0",
        "outer() {def#1}",
        "inner() {return fn#2}",
        "lambda() {return 1}",
    ],
    "class A { m() { const f = () => this.x; } }": [
        "class#0",
        "m() {const f = fn#1}",
        "f() {return this.x}",
        "A() methods(m#0) fields()",
    ],
    "const f = () => ({ a: 1 });": ["const f = fn#0", "f() {return {a: 1}}"],
    "const f = (a = class {}) => class {};": [
        "const f = fn#0",
        "f(a = <class 1>) {class#0; class#1; return <class 2>}",
        "<class 1>() methods() fields()",
        "<class 2>() methods() fields()",
    ],
}


@pytest.mark.parametrize("source", DECLARATIONS)
def test_a_declaration_becomes_its_facts(source: str) -> None:
    facts = LANGUAGE.extract("a.ts", source.encode())
    lines = [*facts_text.top(facts), *facts_text.functions(facts), *map(facts_text.class_, facts.classes)]
    assert lines == DECLARATIONS[source]
    assert facts.problems == ()


def test_a_function_says_where_it_stands_and_what_it_is() -> None:
    source = b"""
class A {
  static s() {}
  get g() { return () => this }
  handle = async (req) => {}
}
function outer() { function inner() {} }
"""
    facts = LANGUAGE.extract("a.ts", source)
    assert [(f.name, f.modifiers, f.enclosing, f.owner, f.line, f.end_line) for f in facts.functions] == [
        ("outer", (), None, None, 7, 7),
        ("s", ("static",), None, 0, 3, 3),
        ("g", ("get",), None, 0, 4, 4),
        ("handle", ("arrow",), None, 0, 5, 5),
        ("inner", (), 0, None, 7, 7),
        ("", ("arrow",), 2, None, 4, 4),
    ]


def test_a_field_that_holds_a_function_is_a_method_too() -> None:
    (only,) = LANGUAGE.extract("a.ts", b"class A { n = 1; list = async () => []; one = function () {} }").classes
    assert only.methods == (("list", 0), ("one", 1))
    assert [facts_text.statement(field) for field in only.fields] == ["n = 1", "list = fn#0", "one = fn#1"]


def test_a_parameter_property_is_assigned_in_the_constructor_and_has_its_type() -> None:
    source = b"class A { private b?: B; constructor(private readonly db: Db, public n = 1, plain: string) { super() } }"
    facts = LANGUAGE.extract("a.ts", source)
    assert facts_text.functions(facts) == [
        "constructor(db: Db, n = 1, plain: string) {this.db = db; this.n = n; super()}"
    ]
    assert facts.classes[0].annotations == (("b", "B"), ("db", "Db"), ("n", ""))


def test_a_static_block_runs_where_it_stands_in_the_body() -> None:
    (only,) = LANGUAGE.extract("a.ts", b"class A { a = 1; static { f() } m() {} }").classes
    assert [facts_text.statement(one) for one in only.body] == ["a = 1", "f()", "def#0"]


def test_decorators_are_kept_of_classes_methods_fields_and_parameters() -> None:
    source = b"""
@Controller("x")
export class A {
  @Column("text") name!: string;
  @Get(":id") @Guard() one(@Param("id") id: string, plain: number) {}
}
"""
    facts = LANGUAGE.extract("a.ts", source)
    (only,) = facts.classes
    (method,) = facts.functions
    assert [facts_text.expression(one) for one in only.decorators] == ["Controller('x')"]
    assert [(name, facts_text.several(marks)) for name, marks in only.field_decorators] == [("name", "Column('text')")]
    assert [facts_text.expression(one) for one in method.decorators] == ["Get(':id')", "Guard()"]
    assert [facts_text.several(param.decorators) for param in method.params] == ["Param('id')", ""]


def test_bases_are_what_is_extended_and_what_is_implemented() -> None:
    facts = LANGUAGE.extract("a.ts", b"class A extends mix(B)<C> implements D<E>, f.G {}\nclass H {}")
    assert [facts_text.several(one.bases) for one in facts.classes] == ["mix(B), D, f.G", ""]
    assert facts_text.several(LANGUAGE.extract("a.js", b"class A extends b.C {}").classes[0].bases) == "b.C"


def test_an_interface_is_a_class_that_nothing_defines() -> None:
    source = b"interface A extends B<C>, D { a: string; get(id: number): Promise<C>; 'x-y'?: E }"
    facts = LANGUAGE.extract("a.ts", source)
    (only,) = facts.classes
    assert (only.name, facts_text.several(only.bases), only.modifiers) == ("A", "B, D", ("interface",))
    assert only.annotations == (("a", "string"), ("get", "Promise<C>"), ("x-y", "E"))
    assert facts.top == ()


def test_a_class_used_as_a_value_is_defined_before_the_statement_it_stands_in() -> None:
    facts = LANGUAGE.extract("a.ts", b"const f = (Base) => wrap(class extends Base { m() {} });\nreturn_(class {});")
    assert facts_text.functions(facts)[0] == "f(Base) {class#1; return wrap(<class 2>)}"
    assert facts_text.top(facts) == ["const f = fn#0", "class#0", "return_(<class 1>)"]


def test_types_are_source_text_on_one_line() -> None:
    source = b"function f(a: Map<string,\n  User | null>, b?: () => void): Promise<User[]> {}"
    (only,) = LANGUAGE.extract("a.ts", source).functions
    assert [param.annotation for param in only.params] == ["Map<string, User | null>", "() => void"]
    assert only.annotation == "Promise<User[]>"
