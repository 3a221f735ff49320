"""Expressions: the value of each kind of node in the current state of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from assay.probes.code.flow import (
    absent,
    branches,
    declared,
    files,
    lists,
    members,
    opening,
    places,
    queries,
    shapes,
    store_calls,
    streams,
    texts,
)
from assay.probes.code.flow.bindings import bind
from assay.probes.code.flow.calls import evaluate_call
from assay.probes.code.flow.refs import ContainerRef, FunctionRef, LibRef, RouterRef, TypeRef
from assay.probes.code.flow.values import (
    DEFAULT,
    NOTHING,
    STAND_IN,
    THROUGH_UNKNOWN,
    Kind,
    Value,
    carried,
    choosing,
    join,
    join_all,
    literal,
    marked,
    mixed,
    truth,
)
from assay.probes.code.syntax import (
    Assign,
    Attr,
    Await,
    Call,
    Comp,
    Cond,
    Expr,
    Fn,
    Item,
    Lit,
    LitKind,
    Name,
    Obj,
    Op,
    Opaque,
    Or,
    Seq,
    Spread,
    Test,
    Text,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.syntax import Target

_EMPTY: Final = {"{}": shapes.DICT, "[]": shapes.SEQUENCE, "()": shapes.SEQUENCE}
_NUMBERED: Final = 24
_TYPE_MODULES: Final = ("typing.", "typing_extensions.", "collections.abc.", "builtins.")


def evaluate(machine: Machine, node: Expr, frame: Frame) -> Value:
    """The value of any expression."""
    machine.step()
    return _BY_KIND[type(node)](machine, node, frame)


def optional(machine: Machine, node: Expr, frame: Frame) -> Value:
    """The value of what may be left out (`a or b`, a comprehension over nothing): that it fails ends no path."""
    before = frame.state.dead
    value = machine.evaluate(node, frame)
    ended, frame.state.dead = frame.state.dead and not before, before
    return NOTHING if ended else value


def _lit(_machine: Machine, node: Lit, frame: Frame) -> Value:
    value = literal(node, frame.site(node.line))
    if node.kind is LitKind.EMPTY:
        shape = _EMPTY.get(node.text) if frame.module.is_python else None
        return Value(value.atoms, None, (ContainerRef(frame.site(node.line), _machine.lasting),), node, shape)
    return value


def _name(machine: Machine, node: Name, frame: Frame) -> Value:
    return machine.lookup(node.id, frame, node.line)


def _attr(machine: Machine, node: Attr, frame: Frame) -> Value:
    base, site = machine.evaluate(node.base, frame), frame.site(node.line)
    shapes.check_member(machine, base, node.name, site)
    absent.check_attribute(machine, node.base, base, node.name, frame, site)
    opening.check_opened(machine, node.base, base, frame, site)
    return machine.member(base, node.name, frame, site)


def _item(machine: Machine, node: Item, frame: Frame) -> Value:
    base = machine.evaluate(node.base, frame)
    shapes.check_parts(machine, base, frame.site(node.line))
    names = [ref.path for ref in base.refs if isinstance(ref, LibRef)]
    if any(name.startswith(_TYPE_MODULES) for name in names) and not base.atoms:
        parts = node.key.items if isinstance(node.key, Seq) else (node.key,)
        return Value(refs=(TypeRef(names[0].rpartition(".")[2], tuple(machine.evaluate(one, frame) for one in parts)),))
    shorter = places.cut(base, node.key, frame.site(node.line)) if machine.lasting else None
    return shorter or members.item(machine, base, machine.evaluate(node.key, frame), frame, frame.site(node.line))


def _obj(machine: Machine, node: Obj, frame: Frame) -> Value:
    shape = shapes.DICT if frame.module.is_python else None
    value = Value(refs=(ContainerRef(frame.site(node.line), machine.lasting),), shape=shape)
    for key, expression in node.pairs:
        part = machine.evaluate(expression, frame)
        if key == "*":
            value = join(value, part.with_refs(())).shaped(shape) if part.fields or part.atoms else value
            for name, child in part.fields.items():
                value = value.with_field(name, child)
        else:
            value = value.with_field("?" if key is None else key, part, weak=key is None)
    for expression in node.computed:
        machine.evaluate(expression, frame)
    return value


def _seq(machine: Machine, node: Seq, frame: Frame) -> Value:
    if machine.lasting:
        return lists.of_items(_spread_items(machine, node, frame), frame.site(node.line), lasting=True)
    shape = shapes.SEQUENCE if frame.module.is_python else None
    value = Value(refs=(ContainerRef(frame.site(node.line), machine.lasting),), shape=shape)
    numbered = len(node.items) <= _NUMBERED
    for index, expression in enumerate(node.items):
        if isinstance(expression, Spread):
            value = value.with_field("[]", machine.evaluate(expression.value, frame).elements(), weak=True)
            numbered = False
        else:
            key = str(index) if numbered else "[]"
            value = value.with_field(key, machine.evaluate(expression, frame), weak=not numbered)
    return value


def _spread_items(machine: Machine, node: Seq, frame: Frame) -> list[Value]:
    """The elements of a literal list, those of a list that is spread into it one by one where they are known."""
    found: list[Value] = []
    for expression in node.items:
        value = machine.evaluate(expression, frame)
        if isinstance(expression, Spread):
            found.extend(lists.known_items(value) or (value.elements(),))
        else:
            found.append(value)
    return found


def _comp(machine: Machine, node: Comp, frame: Frame) -> Value:
    saved = dict(frame.state.vars)
    atoms = NOTHING
    for target, iterated in node.loops:
        site = frame.site(node.line)
        source = machine.evaluate(iterated, frame)
        shapes.check_parts(machine, source, site)
        source = store_calls.iterated(machine, source, frame, site)
        known = lists.known_items(source) if machine.lasting and len(node.loops) == 1 else []
        if known:
            return _unrolled(machine, node, target, known, frame)
        atoms = join(atoms, Value(carried(source.atoms)))
        bind(machine, target, source.elements(), frame)
    for condition in node.conditions:
        optional(machine, condition, frame)
    element = optional(machine, node.element, frame)
    frame.state.vars.clear()
    frame.state.vars.update(saved)
    ref = ContainerRef(frame.site(node.line), machine.lasting)
    if isinstance(node.element, Obj):
        element = element.shaped(None)  # a pair of a dict comprehension looks like a dict
    return Value(None, {"[]": element or atoms}, (ref,), None, shapes.COLLECTION if frame.module.is_python else None)


def _unrolled(machine: Machine, node: Comp, target: Target, known: list[Value], frame: Frame) -> Value:
    """A comprehension over a list that is known, element by element."""
    saved = dict(frame.state.vars)
    found = []
    for one in known:
        bind(machine, target, one, frame)
        if all(branches.decide(machine, condition, frame).truth is not False for condition in node.conditions):
            found.append(machine.evaluate(node.element, frame).shaped(None))
    frame.state.vars.clear()
    frame.state.vars.update(saved)
    return lists.of_items(found, frame.site(node.line), lasting=True)


def _text(machine: Machine, node: Text, frame: Frame) -> Value:
    site = frame.site(node.line)
    return texts.concatenated([places.as_text(machine.evaluate(one, frame), site) for one in node.parts], site)


def _op(machine: Machine, node: Op, frame: Frame) -> Value:
    if node.operator == ",":
        return [machine.evaluate(one, frame) for one in node.operands][-1]
    if node.operator == "and":
        values = [machine.evaluate(one, frame) for one in node.operands]
        return next((value for value in values[:-1] if truth(value) is False), values[-1])
    values = [places.as_text(machine.evaluate(one, frame), frame.site(node.line)) for one in node.operands]
    if node.operator == "%" and values[0].lit is not None and values[0].lit.kind is LitKind.STR:
        return texts.interpolated(values[0], values[-1], frame.site(node.line))
    if node.operator == "/" and any(files.is_path(one) for one in values):
        site = frame.site(node.line)
        return (places.below(values, site) if machine.lasting else None) or files.joined(values, site)
    return _sum(machine, node, values, frame) if node.operator == "+" else mixed(values)


def _is_router(value: Value) -> bool:
    """It stands for the routes that it holds."""
    return any(isinstance(ref, RouterRef) for ref in value.refs)


def _sum(machine: Machine, node: Op, values: list[Value], frame: Frame) -> Value:
    """Texts side by side, lists one behind the other, or numbers."""
    site = frame.site(node.line)
    if machine.lasting and all(lists.is_list(one) or _is_router(one) for one in values):
        items = [item for one in values for item in (lists.items(one) if lists.is_list(one) else [one])]
        return lists.of_items(items, site, lasting=True)
    value = texts.concatenated(values, site)
    if value.lit is None or all(isinstance(one, Lit) and one.kind is LitKind.STR for one in node.operands):
        wide = [one for one in values if one.fields]
        return join_all([value.with_refs(()), *wide]) if wide else value
    kinds = {atom.name for one in values for atom in one.atoms}
    return mixed(values) if kinds == {LitKind.NUM.value} else value


def _test(machine: Machine, node: Test, frame: Frame) -> Value:
    known = branches.decide(machine, node, frame)
    if known.truth is not None:
        return literal(Lit(LitKind.BOOL, str(known.truth).lower(), node.line), frame.site(node.line))
    atoms = mixed(known.operands).atoms
    kept = {one: site for one, site in atoms.items() if one.kind is not Kind.LITERAL}
    return Value(kept)


def _or(machine: Machine, node: Or, frame: Frame) -> Value:
    left = machine.evaluate(node.left, frame)
    known = truth(left)
    if known is True:
        return left
    if known is False:
        return machine.evaluate(node.right, frame)
    right = optional(machine, node.right, frame)
    if not left:
        return right
    return join(left, marked(right, DEFAULT) if not right.refs or right.atoms or right.fields else right)


def _cond(machine: Machine, node: Cond, frame: Frame) -> Value:
    known = branches.decide(machine, node.test, frame)
    if known.truth is not None:
        return machine.evaluate(node.then if known.truth else node.other, frame)
    before = frame.state.dead
    then = machine.evaluate(node.then, frame)
    ended, frame.state.dead = frame.state.dead, before
    other = machine.evaluate(node.other, frame)
    if frame.state.dead and not ended:
        other, frame.state.dead = NOTHING, before
    elif ended and not frame.state.dead:
        then = NOTHING
    if known.gate is not None:
        if known.gate_branch:
            then = marked(then, DEFAULT)
        else:
            other = marked(other, DEFAULT)
    if known.unserved is True:
        then = declared.marked(then, STAND_IN)
    elif known.unserved is False:
        other = declared.marked(other, STAND_IN)
    chosen = join(then, other)
    if _is_label(then) and _is_label(other):
        return chosen.with_atoms(choosing(join_all(known.operands)))
    return chosen


def _is_label(value: Value) -> bool:
    """A written text or flag."""
    return value.lit is not None and value.lit.kind in {LitKind.STR, LitKind.BOOL}


def _await(machine: Machine, node: Await, frame: Frame) -> Value:
    site = frame.site(node.line)
    return queries.fire(machine, shapes.awaited(machine, machine.evaluate(node.value, frame), site), frame, site)


def _fn(_machine: Machine, node: Fn, frame: Frame) -> Value:
    return Value(refs=(FunctionRef(frame.module.path, node.function, frame),))


def _spread(machine: Machine, node: Spread, frame: Frame) -> Value:
    return machine.evaluate(node.value, frame)


def _yield(machine: Machine, node: Yield, frame: Frame) -> Value:
    streams.add(frame, node, machine.evaluate(node.value, frame))
    frame.after_yield = True
    return NOTHING


def _assign(machine: Machine, node: Assign, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    bind(machine, node.target, value, frame)
    return value


def _opaque(machine: Machine, node: Opaque, frame: Frame) -> Value:
    values = [machine.evaluate(one, frame) for one in node.parts]
    if node.kind == "declaration":
        return NOTHING
    machine.trace.cut = machine.trace.cut or node.kind == "nesting"
    return marked(mixed(values), THROUGH_UNKNOWN)


_BY_KIND: Final = cast(
    "dict[type, Callable[[Machine, Expr, Frame], Value]]",
    {
        Lit: _lit,
        Name: _name,
        Attr: _attr,
        Item: _item,
        Call: evaluate_call,
        Obj: _obj,
        Seq: _seq,
        Comp: _comp,
        Text: _text,
        Op: _op,
        Test: _test,
        Or: _or,
        Cond: _cond,
        Await: _await,
        Fn: _fn,
        Spread: _spread,
        Yield: _yield,
        Assign: _assign,
        Opaque: _opaque,
    },
)
