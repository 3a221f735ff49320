"""Chains of branches: `else if` and `switch` as nested `If`, none deeper than the facts allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.facts import Expr, If, Jump, Raise, Return, Stmt, Test, Try

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import Lowering

LONGEST_CHAIN: Final = 40
_LONGEST_FALL: Final = 4


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
    """A `switch` as a chain of comparisons with its subject."""
    subject = low.field(node, "value", depth)
    body = node.child_by_field_name("body")
    if body is None:
        return
    low.flush(out, len(out))
    cases: list[_Case] = []
    for child in body.named_children:
        if child.type in {"switch_case", "switch_default"}:
            cases.append(_case(low, child, subject, depth + min(len(cases), LONGEST_CHAIN)))
    branches: list[Branch] = []
    otherwise: tuple[Stmt, ...] = ()
    tests: list[Expr] = []
    to_default = False
    for at, case in enumerate(cases):
        if case.test is None:
            to_default = True
        else:
            tests.append(case.test)
        if not case.body and case.falls and at + 1 < len(cases):
            continue  # `case "a": case "b":` share what follows
        then = _until_break(cases, at)
        if to_default:
            otherwise = then
        if tests and not to_default:
            test = tests[0] if len(tests) == 1 else Test("or", tuple(tests), case.line)
            branches.append(Branch(test, then, case.line))
        tests, to_default = [], False
    out.extend(chain(branches, otherwise))


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
    _, ends = without_breaks(out)
    return _Case(test, tuple(out), not ends and not _leaves(out), line)


def _leaves(body: Sequence[Stmt]) -> bool:
    return bool(body) and isinstance(body[-1], Return | Raise | Jump)


def _until_break(cases: Sequence[_Case], at: int) -> tuple[Stmt, ...]:
    """What runs when a case is entered: its body, and the next ones' while they fall through."""
    body = list(cases[at].body)
    end = at
    while cases[end].falls and end + 1 < len(cases) and end - at < _LONGEST_FALL:
        end += 1
        body.extend(cases[end].body)
    return without_breaks(body)[0]


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
