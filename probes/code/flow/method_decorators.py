"""Methods under the project's own decorators: a transaction, a retry, a check that stands round a method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow.lineage import function_of
from assay.probes.code.flow.refs import FunctionRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import Value
from assay.probes.code.syntax import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import ClassRef
    from assay.probes.code.syntax import Expr


def decorated(machine: Machine, owner: ClassRef, index: int) -> tuple[FunctionRef, ...]:
    """What stands in the class under the name of a method, bound to no object; its decorators are applied once."""
    plain = (FunctionRef(owner.file, index, owner.frame),)
    module, function = machine.modules.get(owner.file), function_of(machine, owner, index)
    if module is None or not function.decorators or not machine.is_python(owner.file):
        return plain
    key = id(function)
    if key not in module.values:
        module.values[key] = Value(refs=plain)
        machine.at_module_level(lambda: _apply(machine, owner, key, function.decorators))
    return _functions(module.values[key])


def _apply(machine: Machine, owner: ClassRef, key: int, decorators: Sequence[Expr]) -> None:
    module = owner.frame.module
    for node in reversed(decorators):
        if not _is_function(machine.evaluate(node.fn if isinstance(node, Call) else node, owner.frame)):
            continue  # a library's is transparent, a framework's declares a route
        decorator = machine.evaluate(node, owner.frame)
        made = machine.invoke(decorator, Arguments([module.values[key]]), owner.frame, owner.frame.site(node.line))
        given = _functions(made)
        if given:
            module.values[key] = Value(refs=given)


def _is_function(value: Value) -> bool:
    """It is a function of the project, and nothing else."""
    return bool(value.refs) and all(isinstance(ref, FunctionRef) for ref in value.refs)


def _functions(value: Value) -> tuple[FunctionRef, ...]:
    return tuple(ref for ref in value.refs if isinstance(ref, FunctionRef))
