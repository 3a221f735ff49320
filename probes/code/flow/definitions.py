"""Functions, classes and imports as statements: what they bind, with their decorators applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow import controllers, failures
from assay.probes.code.flow.refs import ClassRef, DeclarationRef, FunctionRef
from assay.probes.code.flow.state import Arguments, Failure
from assay.probes.code.flow.values import NOTHING, Value
from assay.probes.code.linking.linker import Absent
from assay.probes.code.syntax import Attr, Call, Name

if TYPE_CHECKING:
    from assay.probes.code.facts import Import
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.syntax import Def, Expr, ImportStmt

_PLAIN = frozenset({"staticmethod", "classmethod", "property", "abstractmethod", "override", "overload", "final"})


def define(machine: Machine, statement: Def, frame: Frame) -> None:
    """Bind the function or class that is defined here."""
    facts = frame.module.facts
    if frame.function is not None:
        frame.captured.update(frame.state.vars)
    if statement.function is not None:
        function = facts.functions[statement.function]
        value = Value(refs=(FunctionRef(frame.module.path, statement.function, frame),))
        frame.state.vars[function.name] = decorated(machine, value, function.decorators, frame)
    elif statement.class_ is not None:
        class_ = facts.classes[statement.class_]
        ref = ClassRef(frame.module.path, statement.class_, frame)
        if machine.lasting:
            controllers.declare(machine, ref)
        value = Value(refs=(ref,))
        frame.state.vars[class_.name] = decorated(machine, value, class_.decorators, frame)


def decorated(machine: Machine, value: Value, decorators: tuple[Expr, ...], frame: Frame) -> Value:
    """A value with decorators applied, the lowest first; one that gives nothing back is transparent."""
    for node in reversed(decorators):
        decorator = machine.evaluate(node, frame)
        if _is_its_argument(machine, node, decorator, frame):
            continue
        site = frame.site(node.line)
        result = machine.invoke(decorator, Arguments([value]), frame, site)
        if any(isinstance(ref, FunctionRef | ClassRef) for one in result.walk() for ref in one.refs):
            if result is value and decorator.refs and all(isinstance(ref, DeclarationRef) for ref in decorator.refs):
                machine.web.transparent.add(id(node))
            value = result
    return value


def _is_its_argument(machine: Machine, node: Expr, decorator: Value, frame: Frame) -> bool:
    """`@validate(Form)` of a library that is not known: what it was given passes, and is no decorator."""
    if not isinstance(node, Call) or not decorator.refs or not all(isinstance(one, ClassRef) for one in decorator.refs):
        return False
    given = (*node.args, *(value for _, value in node.kwargs))
    return any(machine.evaluate(one, frame).refs == decorator.refs for one in given if isinstance(one, Name | Attr))


def import_names(machine: Machine, statement: ImportStmt, frame: Frame) -> bool:
    """Bind what an import statement names; false where it raises for certain.

    A module-level name is bound when somebody asks for it; here it only matters whether the import can succeed.
    """
    for one in frame.module.imported(statement):
        if machine.cannot_import(one, frame.module):
            failure = Failure(NOTHING, (failures.IMPORT_ERROR,), frame.state.cause, frame.site(one.line))
            if frame.catchers:
                machine.fail(failure, frame)
                return False
        if frame.function is not None or frame.catchers or one.alias not in frame.state.vars:
            _bind_import(machine, one, frame)
    return True


def _bind_import(machine: Machine, one: Import, frame: Frame) -> None:
    name = one.alias.partition(".")[0] if frame.module.is_python else one.alias
    if not name or (frame.function is None and not frame.catchers):
        return
    if machine.modules.resolve(one.module, frame.module) is Absent.MISSING:
        frame.state.vars[name] = NOTHING
        return
    frame.state.vars[name] = machine.modules.imported(one, frame.module)
