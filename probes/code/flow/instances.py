"""What calling a class of the project gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow.lineage import (
    ENUMS,
    class_names,
    facts_of,
    function_of,
    is_error_class,
    lineage,
    method_of,
    receiver_name,
)
from assay.probes.code.flow.refs import AnswerRef, ClassRef, ErrorRef, FunctionRef, HandleRef, InstanceRef, Ref
from assay.probes.code.flow.values import NOTHING, Kind, Shape, Site, Value, join
from assay.probes.code.syntax import Opaque, TName

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Arguments, Frame


def make(
    machine: Machine, ref: ClassRef, arguments: Arguments, frame: Frame, site: Site, *, exact: bool = False
) -> Value:
    """Call a class; `exact` where the project's own code does, and not an annotation promises an object of it."""
    known = lineage(machine, ref)
    if is_error_class(machine, ref):
        return _made_error(machine, ref, arguments)
    if any(name in ENUMS for name in known.libraries):
        return arguments.at(0) or NOTHING
    python = machine.is_python(ref.file)
    creator = method_of(machine, ref, "__new__") if python else None
    if creator is not None and not machine.lasting:
        return machine.late.once(ref, lambda: _created(machine, creator, ref, arguments, site))
    lasting = machine.lasting
    if exact and known.handle.startswith("sqlalchemy"):
        machine.configures(site)
    handle = (HandleRef(known.handle, known.library, facts_of(machine, ref).name, ref),) if known.handle else ()
    shape = Shape("object", (ref.file, ref.index)) if exact and python else None
    router = machine.made_router(ref, arguments, frame, site)
    instance = Value(
        None, _initial_fields(machine, ref), (InstanceRef(ref, lasting, exact), *handle, *router), None, shape
    )
    if creator is not None:
        instance = _of_creator(machine, creator, ref, arguments, site) or instance
    asked = any(one.kind is Kind.REQUEST for given in arguments.all() for one in given.all_atoms())
    if handle and exact and asked and not machine.trace.guarding:
        machine.trace.rows.setdefault(handle[0].table, site)
    constructor = method_of(machine, ref, "__init__" if python else "constructor")
    if constructor is None:
        return _from_keywords(machine, ref, instance, arguments)
    owner, index = constructor
    function = FunctionRef(owner.file, index, owner.frame, instance)
    _, completions, inner = machine.run_function(function, arguments, site, frame)
    if inner is None:
        return instance
    if machine.strict and completions and all(one.failure is not None for one in completions):
        for one in completions:
            if one.failure is not None:
                machine.fail(one.failure, frame)
    receiver = receiver_name(function_of(machine, owner, index), python=machine.is_python(owner.file))
    return inner.state.vars.get(receiver, instance)


def _created(machine: Machine, creator: tuple[ClassRef, int], ref: ClassRef, arguments: Arguments, site: Site) -> Value:
    """An object of a class with a `__new__` of its own, which keeps it for everybody who asks again."""
    owner = creator[0].frame
    found: list[Value] = []
    machine.at_module_level(lambda: found.append(make(machine, ref, arguments, owner, site, exact=True)))
    return found[0] if found else Value(refs=(InstanceRef(ref, lasting=True),))


def _of_creator(
    machine: Machine, creator: tuple[ClassRef, int], ref: ClassRef, arguments: Arguments, site: Site
) -> Value | None:
    """What `__new__` gives, where it is an object of the class."""
    owner, index = creator
    function = FunctionRef(owner.file, index, owner.frame, Value(refs=(ref,)))
    value, _, _ = machine.run_function(function, arguments, site, owner.frame)
    mine = tuple(one for one in value.refs if isinstance(one, InstanceRef))
    return Value(None, value.fields, mine) if mine else None


def _initial_fields(machine: Machine, ref: ClassRef) -> dict[str, Value]:
    """The fields that JavaScript's class body gives every instance."""
    fields: dict[str, Value] = {}
    if machine.is_python(ref.file):
        return fields
    for one in reversed(lineage(machine, ref).classes):
        for binding in facts_of(machine, one).fields:
            if isinstance(binding.target, TName) and not (
                isinstance(binding.value, Opaque) and binding.value.kind == "declaration"
            ):
                fields[binding.target.id] = machine.evaluate(binding.value, one.frame)
    return fields


def _from_keywords(machine: Machine, ref: ClassRef, instance: Value, arguments: Arguments) -> Value:
    """A class without a constructor of its own: a model, a dataclass, or plain."""
    value = instance
    names = [
        field for one in reversed(lineage(machine, ref).classes) for field, _ in facts_of(machine, one).annotations
    ]
    for name, part in zip(names, arguments.positional, strict=False):
        value = value.with_field(name, part)
    for name, part in arguments.keywords.items():
        value = _spread_into(value, part) if name == "**" else value.with_field(name, part)
    if not names and not arguments.keywords and arguments.positional:
        value = value.with_atoms(join(NOTHING, arguments.positional[0]).all_atoms())
    if arguments.spread is not None:
        value = _spread_into(value, arguments.spread)
    return value


def _spread_into(value: Value, part: Value) -> Value:
    result = Value({**part.atoms, **value.atoms}, value.fields, value.refs)
    for key, child in part.fields.items():
        result = result.with_field(key, child)
    return result


def _made_error(machine: Machine, ref: ClassRef, arguments: Arguments) -> Value:
    """An exception of the project's own; one that derives from an answer keeps its status."""
    known = lineage(machine, ref)
    refs: list[Ref] = [ErrorRef(class_names(machine, ref)), InstanceRef(ref)]
    for name in known.libraries:
        answer = machine.web.answers.get(name)
        if answer is not None:
            refs.append(AnswerRef(0, raises=True))
    return Value(None, {"message": arguments.at(0) or NOTHING}, tuple(refs))
