"""Conditions: what is decided for certain, and which branch means that a store is empty or not configured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow.does import Does
from assay.probes.code.flow.library_rows import behaviour
from assay.probes.code.flow.refs import ClassRef, FunctionRef, HandleRef, ModuleRef, ObjectRef, RouterRef
from assay.probes.code.flow.values import STORED, Kind, Value, same_literal, truth
from assay.probes.code.syntax import Attr, Await, Call, Expr, Lit, LitKind, Name, Or, Test
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.flow.state import Frame

_CONFIGURES_STORE: Final = re.compile(
    r"(DATABASE|DB|POSTGRES|PG|MYSQL|MONGO|REDIS|SUPABASE|SQL)_?(URL|URI|DSN|HOST|CONNECTION|ENABLED|AVAILABLE|CONNECTED|READY)?$",
    re.IGNORECASE,
)
_CONFIGURES_SERVICE: Final = re.compile(
    r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?|DSN|UR[LI]|HOST|ENDPOINT|WEBHOOK|SID|CLIENT_ID|USER(NAME)?)$",
    re.IGNORECASE,
)
_NAMES_A_KEY: Final = re.compile(
    r"api_?(key|token|secret)|(secret|service|subscription|license)_?key|webhook_?url|smtp_\w+", re.IGNORECASE
)
_EQUALS: Final = frozenset({"==", "===", "is"})
_DIFFERS: Final = frozenset({"!=", "!==", "is not"})
KEY_VALUE: Final = "redis"
_MAPPED: Final = (".Model", ".Document", ".Entity", ".instance")
_LENGTHS: Final = frozenset({"length", "size"})


class Decision(NamedTuple):
    """What is known of a condition.

    `truth` is certain. `gate` says why one branch (`gate_branch`: the one where the condition is true) is taken: the
    store is empty, or it is not configured. `unserved` is the branch where another service is not configured.
    """

    truth: bool | None
    operands: tuple[Value, ...]
    gate: Cause | None = None
    gate_branch: bool = False
    unserved: bool | None = None


def decide(machine: Machine, node: Expr, frame: Frame) -> Decision:
    """Evaluate a condition, once, with all its effects."""
    match node:
        case Test(operator="not", operands=(inner,)):
            inside = decide(machine, inner, frame)
            flipped = None if inside.truth is None else not inside.truth
            unserved = None if inside.unserved is None else not inside.unserved
            return inside._replace(truth=flipped, gate_branch=not inside.gate_branch, unserved=unserved)
        case Test(operator="and" | "or" as operator, operands=operands):
            return _combined(operator, [decide(machine, one, frame) for one in operands])
        case Or(left=left, right=right):
            return _combined("or", [decide(machine, left, frame), decide(machine, right, frame)])
        case Test(operator=operator, operands=(left, right)):
            return _comparison(machine, operator, left, right, frame)
        case Test(operands=operands):
            return Decision(None, tuple(machine.evaluate(one, frame) for one in operands))
        case _:
            value = machine.evaluate(node, frame)
            gate, branch = _absence(value, node)
            if gate is Cause.NOT_CONFIGURED:
                _note_gate(machine, value, node, frame)
            unserved = False if gate is None and _configures_service(value, node) else None
            return Decision(True if _is_wired(value) else truth(value), (value,), gate, branch, unserved)


def _combined(operator: str, parts: list[Decision]) -> Decision:
    wins = operator == "or"
    operands = tuple(value for part in parts for value in part.operands)
    if any(part.truth is wins for part in parts):
        return Decision(wins, operands)
    if all(part.truth is (not wins) for part in parts):
        return Decision(not wins, operands)
    open_parts = [part for part in parts if part.truth is None]
    unserved = wins if any(part.unserved is wins for part in open_parts) else None
    gates = [part for part in open_parts if part.gate is not None and part.gate_branch is wins]
    if gates:
        return Decision(None, operands, gates[0].gate, wins, unserved)
    every = [part for part in open_parts if part.gate is not None]
    if len(open_parts) == len(every) == 1:
        return Decision(None, operands, every[0].gate, every[0].gate_branch, unserved)
    if len(open_parts) == 1:
        unserved = open_parts[0].unserved
    return Decision(None, operands, unserved=unserved)


def _comparison(machine: Machine, operator: str, left: Expr, right: Expr, frame: Frame) -> Decision:
    first, second = machine.evaluate(left, frame), machine.evaluate(right, frame)
    operands = (first, second)
    known = _known_comparison(operator, first, second)
    if known is not None:
        return Decision(known, operands)
    for subject, other, node in ((first, second, left), (second, first, right)):
        if other.lit is None:
            continue
        if other.lit.kind is LitKind.NONE or _is_zero(other.lit):
            gate = _absence(subject, node)[0]
            if gate is Cause.NOT_CONFIGURED:
                _note_gate(machine, subject, node, frame)
            if gate is not None and operator in _EQUALS | _DIFFERS:
                return Decision(None, operands, gate, operator in _EQUALS)
            if gate is not None and operator in {">", "<="} and subject is first:
                return Decision(None, operands, gate, operator == "<=")
            if gate is None and operator in _EQUALS | _DIFFERS and _configures_service(subject, node):
                return Decision(None, operands, unserved=operator in _EQUALS)
    return Decision(None, operands)


def _is_zero(lit: Lit) -> bool:
    return lit.kind is LitKind.NUM and lit.text == "0"


def _known_comparison(operator: str, first: Value, second: Value) -> bool | None:
    if first.lit is None or second.lit is None:
        present = (first if second.lit is not None else second) if (first.lit or second.lit) else None
        lit = second.lit or first.lit
        there = present is not None and (_certainly_there(present) or _is_wired(present))
        if lit is not None and lit.kind is LitKind.NONE and there:
            return False if operator in _EQUALS else True if operator in _DIFFERS else None
        return None
    same = same_literal(first, second)
    if operator in _EQUALS:
        return same
    return not same if operator in _DIFFERS else None


def _is_wired(value: Value) -> bool:
    """A module, router, class or function that is certainly there, as an import that succeeded gives it."""
    certain = (ModuleRef, RouterRef, ClassRef, FunctionRef)
    return bool(value.refs) and all(isinstance(ref, certain) for ref in value.refs) and not value.atoms


def _certainly_there(value: Value) -> bool:
    """An object literal, a list literal, a text: never `None`."""
    return bool(value.fields) and not value.refs and all(one.kind is Kind.LITERAL for one in value.atoms)


def _absence(value: Value, node: Expr) -> tuple[Cause | None, bool]:
    """Which absence the falsity of this value means, and that it is the false branch."""
    if any(_connects(ref) for ref in value.refs) and not value.atoms:
        return Cause.NOT_CONFIGURED, False
    kinds = value.kinds()
    if kinds & {Kind.ENV} and any(_CONFIGURES_STORE.search(one.name) for one in value.atoms if one.kind is Kind.ENV):
        return Cause.NOT_CONFIGURED, False
    if kinds & STORED:
        return Cause.EMPTY, False
    name = _plain_name(node)
    if name and _CONFIGURES_STORE.search(name) and not kinds - {Kind.LITERAL, Kind.MEMORY, Kind.UNKNOWN}:
        return Cause.NOT_CONFIGURED, False
    return None, False


def _configures_service(value: Value, node: Expr) -> bool:
    """A setting that another service needs, or the client of one."""
    if any(isinstance(ref, ObjectRef) and behaviour(ref.path) is Does.EXTERNAL for ref in value.refs):
        return True
    if any(one.kind is Kind.ENV and _CONFIGURES_SERVICE.search(one.name) for one in value.atoms):
        return True
    vague = not value.kinds() - {Kind.LITERAL, Kind.MEMORY, Kind.UNKNOWN}
    return vague and _NAMES_A_KEY.search(_plain_name(node)) is not None


def _note_gate(machine: Machine, value: Value, node: Expr, frame: Frame) -> None:
    """Remember whose absence is asked for, and where."""
    machine.trace.absent.add(_absent_library(value, node))
    machine.trace.gates.add(frame.site(node.line))


def _absent_library(value: Value, node: Expr) -> str:
    """The library whose handle or setting is asked for; empty where only the name of a database tells it."""
    libraries = sorted({ref.library for ref in value.refs if isinstance(ref, HandleRef)})
    settings = " ".join(sorted(one.name for one in value.atoms if one.kind is Kind.ENV))
    spelled = f"{settings} {_plain_name(node)}".lower()
    return libraries[0] if libraries else KEY_VALUE if "redis" in spelled or "cache" in spelled else ""


def _connects(ref: Ref) -> bool:
    """A handle of a store, not a row or an object that is mapped to a table."""
    return isinstance(ref, HandleRef) and ref.model is None and not ref.kind.endswith(_MAPPED)


def _plain_name(node: Expr) -> str:
    match node:
        case Name(id=name) | Attr(name=name):
            return name
        case Call(fn=fn):
            return _plain_name(fn)
        case Await(value=value):
            return _plain_name(value)
        case _:
            return ""
