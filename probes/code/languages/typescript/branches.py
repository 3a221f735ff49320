"""Chains of branches: `else if` and `switch` as nested `If`, none deeper than the facts allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.languages.typescript import places
from assay.probes.code.syntax import Bind, Expr, If, Jump, Name, Raise, Return, Stmt, Test, TName, Try

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import Lowering

LONGEST_CHAIN: Final = 40
_LONGEST_FALL: Final = 8
_CASES: Final = frozenset({"switch_case", "switch_default"})


class Branch(NamedTuple):
    """One test and what runs when it holds."""

    test: Expr
    then: tuple[Stmt, ...]
    line: int


def chain(branches: Sequence[Branch], otherwise: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    """The branches as `If`, each in the `other` of the one before.

    Those behind the first `LONGEST_CHAIN` stand side by side in the last `other`: more paths than there are, never
    fewer.
    """
    rest = tuple(If(branch.test, branch.then, (), branch.line) for branch in branches[LONGEST_CHAIN:])
    made = (*rest, *otherwise)
    for branch in reversed(branches[:LONGEST_CHAIN]):
        made = (If(branch.test, branch.then, made, branch.line),)
    return made


class _Case(NamedTuple):
    """A case of a switch: `test` is `None` for the default. `falls` into the next one unless it ends in a jump."""

    test: Expr | None
    body: tuple[Stmt, ...]
    falls: bool
    line: int


def switch(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> None:
    """A `switch` as a chain of comparisons with its subject; cases that fall into one another are one branch."""
    subject = _subject(low, node, depth, out)
    body = node.child_by_field_name("body")
    found = [child for child in body.named_children if child.type in _CASES] if body is not None else []
    cases = [_case(low, child, subject, depth + min(at, LONGEST_CHAIN)) for at, child in enumerate(found)]
    branches: list[Branch] = []
    otherwise: tuple[Stmt, ...] = ()
    for group in _groups(cases):
        tests = [case.test for case in group if case.test is not None]
        then, _ = without_breaks(_entered(group))
        if len(tests) < len(group):
            otherwise = then
        else:
            branches.append(Branch(_any(tests, group[0].line), then, group[0].line))
    out.extend(chain(branches, otherwise))


def _subject(low: Lowering, node: Node, depth: int, out: list[Stmt]) -> Expr:
    """What is compared: a plain place as it is, all else once, under a name of its own."""
    value = low.field(node, "value", depth)
    low.flush(out, len(out))
    if places.is_plain(value):
        return value
    name, line = low.fresh("subject"), node.start_point[0] + 1
    out.append(Bind(TName(name, line), value, "", line, "", "const"))
    return Name(name, line)


def _case(low: Lowering, node: Node, subject: Expr, depth: int) -> _Case:
    line = node.start_point[0] + 1
    value = node.child_by_field_name("value")
    test = None if value is None else Test("==", (subject, low.expr(value, depth)), line)
    held = low.before, low.after
    low.before, low.after = [], []
    out: list[Stmt] = []
    for child in node.children_by_field_name("body"):
        low.statement(child, depth, out)
    low.before, low.after = held
    return _Case(test, tuple(out), not _ends(out), line)


def _ends(body: Sequence[Stmt]) -> bool:
    """No path falls out of the end of these statements."""
    last = body[-1] if body else None
    if isinstance(last, If):
        return _ends(last.then) and _ends(last.other)
    return isinstance(last, Return | Raise | Jump)


def _groups(cases: Sequence[_Case]) -> Iterator[list[_Case]]:
    """Runs of cases, each of which but the last falls into the next."""
    group: list[_Case] = []
    for case in cases:
        group.append(case)
        if not case.falls:
            yield group
            group = []
    if group:
        yield group


def _entered(group: Sequence[_Case]) -> list[Stmt]:
    """`case a: x; case b: y` becomes `if (a) { x } y`, under the test that either holds.

    Behind the default, and behind `_LONGEST_FALL` tests, what comes first is not told apart any more.
    """
    made: list[Stmt] = []
    tests: list[Expr] = []
    told = True
    for at, case in enumerate(group):
        told = told and case.test is not None and len(tests) < _LONGEST_FALL
        if case.test is not None and told:
            tests.append(case.test)
        if told and case.body and at + 1 < len(group):
            made.append(If(_any(tests, case.line), case.body, (), case.line))
        else:
            made.extend(case.body)
    return made


def _any(tests: Sequence[Expr], line: int) -> Expr:
    return tests[0] if len(tests) == 1 else Test("or", tuple(tests), line)


def without_breaks(body: Sequence[Stmt], room: int = LONGEST_CHAIN) -> tuple[tuple[Stmt, ...], bool]:
    """The statements without the `break`s that leave the switch, and whether every path ends in one.

    `if (c) { a; break } b` becomes `if (c) { a } else { b }`. A `break` in a `try`, or behind `room` others, is
    dropped: more paths than there are, never fewer.
    """
    kept: list[Stmt] = []
    for at, stmt in enumerate(body):
        match stmt:
            case Jump(kind="break"):
                return tuple(kept), True
            case If():
                then, then_ends = without_breaks(stmt.then, room)
                other, other_ends = without_breaks(stmt.other, room)
                if room and (then_ends or other_ends):
                    rest, ends = without_breaks(body[at + 1 :], room - 1)
                    joined = (*then, *(() if then_ends else rest)), (*other, *(() if other_ends else rest))
                    kept.append(If(stmt.test, *joined, stmt.line))
                    return tuple(kept), ends or (then_ends and other_ends)
                kept.append(If(stmt.test, then, other, stmt.line))
            case Try():
                kept.append(_try_without_breaks(stmt, room))
            case _:
                kept.append(stmt)
    return tuple(kept), False


def _try_without_breaks(stmt: Try, room: int) -> Try:
    handlers = tuple(handler._replace(body=without_breaks(handler.body, room)[0]) for handler in stmt.handlers)
    body, _ = without_breaks(stmt.body, room)
    final, _ = without_breaks(stmt.final, room)
    return stmt._replace(body=body, handlers=handlers, final=final)
