"""What a name means: local, enclosing, of the module, built in."""

from __future__ import annotations

import builtins
import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import bindings, members, places
from assay.probes.code.flow.library_rows import UNDEFINED
from assay.probes.code.flow.refs import LibRef
from assay.probes.code.flow.values import NOTHING, Kind, Value, atom

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.linking.module import Module

_BUILTINS: Final = frozenset(dir(builtins))
_MODULE_NAMES: Final = frozenset(
    {"__name__", "__file__", "__doc__", "__package__", "__path__", "__spec__", "__all__", "__annotations__"}
)
_GENERIC: Final = re.compile(rb"^[ \t]*(?:(?:async\s+)?def|class|type)\s+\w+\s*\[([^\]]*)", re.MULTILINE)
_WORD: Final = re.compile(rb"\w+")


def lookup(machine: Machine, name: str, frame: Frame, line: int) -> Value:
    """The value of a name: local, enclosing, module, built in."""
    one: Frame | None = frame
    while one is not None and one.function is not None:
        for known in (one.state.vars, one.captured):
            if name in known:
                return known[name]
        one = one.parent
    module = frame.module
    value = machine.modules.name(module, name)
    if value is not None:
        return _from_module(machine, module, name, value, frame, line)
    if name in module.frame.state.vars:
        return module.frame.state.vars[name]
    return _built_in(machine, name, frame, line)


def _from_module(machine: Machine, module: Module, name: str, value: Value, frame: Frame, line: int) -> Value:
    site = frame.site(line)
    if len(value.refs) == 1 and isinstance(value.refs[0], LibRef):
        value = machine.library_value(value.refs[0].path, site)
    late = members.late_of_module(machine, module.path, name, value)
    if late or machine.lasting:
        return late or value
    value = members.remembered(machine, value)
    if name in module.mutated and not bindings.is_service(value):
        value = value.with_atoms(atom(Kind.MEMORY, site, f"{module.path}:{name}").atoms)
    return value


def _built_in(machine: Machine, name: str, frame: Frame, line: int) -> Value:
    if not frame.module.is_python:
        return machine.library_value(f"js.{name}", frame.site(line))
    if name in _MODULE_NAMES and machine.lasting:
        return places.own(frame.module.path, name)
    if name in _BUILTINS:
        return Value(refs=(LibRef(f"builtins.{name}"),))
    if name == "__name__":
        return NOTHING
    if name not in _MODULE_NAMES and _is_undefined(machine, frame, name):
        machine.breaks(frame.site(line), f"`{name}` is not defined")
        packages = frozenset(one.module.partition(".")[0] for one in frame.module.facts.imports)
        return Value(refs=(LibRef(machine.web.answer_named(name, packages) or f"{UNDEFINED}{name}"),))
    return NOTHING


def _is_undefined(machine: Machine, frame: Frame, name: str) -> bool:
    """Nothing binds the name, nor is it a type parameter (`class Box[T]`)."""
    if not machine.importability.is_undefined(frame, name):
        return False
    if frame.module.type_parameters is None:
        declared = _GENERIC.findall(machine.source(frame.module.path))
        frame.module.type_parameters = frozenset(word for one in declared for word in _WORD.findall(one))
    return name.encode() not in frame.module.type_parameters
