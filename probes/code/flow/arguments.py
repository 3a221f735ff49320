"""The arguments of a call, and how they become the parameters of a function of the project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.probes.code.flow.bindings import bind
from assay.probes.code.flow.state import Arguments, Frame, State
from assay.probes.code.flow.values import Value, join
from assay.probes.code.syntax import Call, Spread

if TYPE_CHECKING:
    from assay.probes.code.facts import Function, Param
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import FunctionRef


def arguments_of(machine: Machine, node: Call, frame: Frame) -> Arguments:
    """The arguments of a call, evaluated from left to right."""
    found = Arguments(nodes=node.args, written=frame.module.is_python, began=len(machine.trace.events))
    for expression in node.args:
        if isinstance(expression, Spread):
            _spread(found, machine.evaluate(expression.value, frame))
        else:
            found.positional.append(machine.evaluate(expression, frame))
    for name, expression in node.kwargs:
        found.keywords[name] = join(found.keywords.get(name), machine.evaluate(expression, frame))
    return found


def _spread(found: Arguments, value: Value) -> None:
    """The arguments of `*values`: one by one where they are known, as those that a function itself was given."""
    found.written = False
    whole = not value.atoms and not value.refs and all(key.isdigit() for key in value.fields)
    if whole and found.spread is None:
        found.positional.extend(value.fields[key] for key in sorted(value.fields, key=int))
        found.nodes = found.nodes[: len(found.positional) - len(value.fields)]
    else:
        found.spread = join(found.spread, value.elements())


def parameters(
    machine: Machine, ref: FunctionRef, function: Function, arguments: Arguments, frame: Frame
) -> dict[str, Value]:
    """The parameters of a function in a call with these arguments."""
    bound: dict[str, Value] = {}
    params = list(function.params)
    if ref.receiver is not None:
        if not frame.module.is_python:
            bound["this"] = ref.receiver
        elif params and params[0].kind:
            arguments = replace(arguments, positional=[ref.receiver, *arguments.positional])
        elif params:
            bound[params.pop(0).name] = ref.receiver
    position = 0
    for param in params:
        value: Value | None
        if param.kind == "*":
            rest = arguments.positional[position:] + ([arguments.spread] if arguments.spread else [])
            value = Value(None, {str(index): one for index, one in enumerate(rest)})
        elif param.kind == "**":
            value = _rest(arguments, {one.name for one in params})
        else:
            value = _argument(arguments, param, position)
            position += 1
        _bind_parameter(machine, param, value, ref, frame, bound)
    return bound


def _rest(arguments: Arguments, known: set[str]) -> Value:
    """What `**rest` holds: the keyword arguments that no other parameter takes, and what was spread into the call."""
    whole = arguments.keywords.get("**") or Value()
    given = {**whole.fields, **{key: one for key, one in arguments.keywords.items() if key != "**"}}
    return Value(whole.atoms, {key: one for key, one in given.items() if key not in known})


def _argument(arguments: Arguments, param: Param, position: int) -> Value | None:
    found = arguments.at(position, param.name)
    whole = arguments.keywords.get("**")
    if found is None and whole is not None:
        found = whole.fields.get(param.name)
    if found is None and arguments.spread is not None and position >= len(arguments.positional):
        found = arguments.spread or None
    if found is None and whole is not None and whole.atoms:
        found = Value(whole.atoms)
    return found


def _bind_parameter(
    machine: Machine, param: Param, given: Value | None, ref: FunctionRef, frame: Frame, bound: dict[str, Value]
) -> None:
    value = given
    if value is None and param.default is not None:
        frame.state = State(bound)
        python = frame.module.is_python
        value = machine.quietly(param.default, ref.frame) if python else machine.evaluate(param.default, frame)
    if value is None or (not value.refs and not value.fields and param.hint is not None):
        value = join(value, machine.promised(param, ref.frame))
    if param.pattern is not None:
        frame.state = State(bound)
        bind(machine, param.pattern, value, frame, declares=True)
    else:
        bound[param.name] = value
