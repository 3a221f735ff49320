"""The object that a handler is a method of, made as dependency injection makes it.

A class-based router states what it needs on fields of the class (`session: Session = Depends(get_session)`), those of
its bases included, or as parameters of its constructor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assay.probes.code.facts import Function
from assay.probes.code.flow import types
from assay.probes.code.flow.lineage import facts_of, lineage, method_of
from assay.probes.code.flow.refs import FunctionRef, InstanceRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import NOTHING, Site, Value
from assay.probes.code.syntax import TName

if TYPE_CHECKING:
    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.flow.refs import ClassRef
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.syntax import Bind

Provide = Callable[[Value, Site, str], Value]
"""The value of a dependency: what is called to give it, where it is stated, and under which name."""
Given = Callable[[Function, FunctionRef], Arguments]
"""What the framework gives a function by its parameters."""


def with_dependencies(machine: Interpreter, receiver: Value, provide: Provide, given: Given, root: Frame) -> Value:
    """The object with everything that the framework puts into it."""
    for ref in receiver.refs:
        if isinstance(ref, InstanceRef) and machine.is_python(ref.of.file):
            receiver = _constructed(machine, ref.of, _with_fields(machine, ref.of, receiver, provide), given, root)
    return receiver


def _with_fields(machine: Interpreter, of: ClassRef, receiver: Value, provide: Provide) -> Value:
    for owner in reversed(lineage(machine, of).classes):
        for binding in facts_of(machine, owner).fields:
            if isinstance(binding.target, TName):
                value = _field(machine, owner, binding, binding.target.id, provide)
                receiver = receiver if value is None else receiver.with_field(binding.target.id, value)
    return receiver


def _field(machine: Interpreter, owner: ClassRef, binding: Bind, name: str, provide: Provide) -> Value | None:
    """What a field is given, or `None` where it states no dependency."""
    stated = types.injected(machine.quietly(binding.value, owner.frame))
    if stated is None:
        return None
    site = Site(owner.file, binding.line)
    value = NOTHING if stated.provider is None else provide(stated.provider, site, name)
    return value if value.refs else machine.annotated(binding.annotation, owner.frame, binding.line) or value


def _constructed(machine: Interpreter, of: ClassRef, receiver: Value, given: Given, root: Frame) -> Value:
    found = method_of(machine, of, "__init__")
    module = machine.modules.get(found[0].file) if found is not None else None
    if found is None or module is None:
        return receiver
    owner, index = found
    function = module.facts.functions[index]
    ref = FunctionRef(owner.file, index, owner.frame, receiver)
    _, _, inner = machine.run_function(ref, given(function, ref), Site(owner.file, function.line), root)
    if inner is None or not function.params:
        return receiver
    return inner.state.vars.get(function.params[0].name, receiver)
