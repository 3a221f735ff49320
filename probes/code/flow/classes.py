"""Members of classes of the project and of their objects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import enumerations, method_decorators
from assay.probes.code.flow.implementations import implemented, is_abstract
from assay.probes.code.flow.lineage import ENUMS, Lineage, decorator_names, facts_of, function_of, lineage, method_of
from assay.probes.code.flow.refs import BoundRef, ClassRef, FunctionRef, HandleRef, InstanceRef, ObjectRef, TextRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import (
    DEFAULT,
    NOTHING,
    STORED,
    Kind,
    Site,
    Value,
    atom,
    carried,
    is_unset,
    join,
    marked,
    text_literal,
    truth,
)
from assay.probes.code.syntax import Attr, Bind, Call, Fn, LitKind, Name, Opaque, TName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.flow.state import Frame


_MANAGER: Final = "Manager"
_SETTINGS: Final = ("pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.env_settings.BaseSettings")
_PROPERTIES: Final = frozenset({"property", "cached_property", "computed_field", "hybrid_property"})


def _field_value(machine: Machine, owner: ClassRef, name: str) -> Value | None:
    """The value of a binding of the class body, evaluated once, in the scope of the class."""
    module = machine.modules.get(owner.file)
    if module is None:
        return None
    for binding in facts_of(machine, owner).fields:
        if isinstance(binding, Bind) and isinstance(binding.target, TName) and binding.target.id == name:
            if isinstance(binding.value, Opaque) and binding.value.kind == "declaration":
                return None
            key = id(binding)
            if key not in module.values:
                module.values[key] = NOTHING
                module.values[key] = machine.evaluate_lasting(binding.value, owner.frame)
            return module.values[key]
    return None


def _bound_field(machine: Machine, owner: ClassRef, name: str, base: Value) -> Value | None:
    """The value of a binding of the class body, read from an object: a function that stands there is a method of it.

    What a call gives (`staticmethod(f)`) is not, nor what an annotation may have made a field of each object.
    """
    value = _field_value(machine, owner, name)
    if value is None or not machine.is_python(owner.file) or not _holds_function(machine, owner, name):
        return value
    refs = (
        replace(one, receiver=base) if isinstance(one, FunctionRef) and one.receiver is None else one
        for one in value.refs
    )
    return value.with_refs(tuple(refs))


def _holds_function(machine: Machine, owner: ClassRef, name: str) -> bool:
    """The binding of the class body names or writes a function."""
    return any(
        getattr(one.target, "id", "") == name and not one.annotation and isinstance(one.value, Name | Attr | Fn)
        for one in facts_of(machine, owner).fields
    )


def class_member(machine: Machine, ref: ClassRef, base: Value, name: str, site: Site) -> Value:
    """Reading a member of the class itself."""
    declared = _declared_member(machine, ref, base, name)
    if declared:
        return declared
    inner = lineage(machine, ref).inner.get(name)
    if inner is not None:
        return Value(refs=(inner,))
    if any(one in ENUMS for one in lineage(machine, ref).libraries):
        enumerations.check_member(machine, ref, name, site)
        return _field_value(machine, ref, name) or text_literal(name, site)
    found = method_of(machine, ref, name)
    if found is not None:
        return _method_value(machine, found, base, static_context=True)
    for one in lineage(machine, ref).classes:
        value = _field_value(machine, one, name)
        if value is not None:
            late = _late_field(machine, ref, name, base) if is_unset(value) else NOTHING
            return late or _rebound(machine, ref, value)
    known = lineage(machine, ref)
    if known.handle:
        return _handle_member(machine, known, ref, base, name)
    return NOTHING


def _declared_member(machine: Machine, ref: ClassRef, base: Value, name: str) -> Value:
    """A method of which the configuration says what it does to a store."""
    kind = lineage(machine, ref).declared
    if not kind or machine.models.row(kind, name) is None:
        return NOTHING
    handle = HandleRef(kind, kind, facts_of(machine, ref).name)
    return Value(refs=(BoundRef(Value(base.atoms, base.fields, (handle,)), name),))


def _rebound(machine: Machine, ref: ClassRef, value: Value) -> Value:
    """A handle of the project's own that a mapped class holds (`objects = Recent()`) reads that class's table."""
    known = lineage(machine, ref)
    given = machine.models.gives(known.handle) if known.handle else ()
    if not any(isinstance(one, HandleRef) and one.kind in given for one in value.refs):
        return _of_library(machine, ref, known, value)
    table = facts_of(machine, ref).name
    refs = (
        HandleRef(one.kind, one.library, table, ref) if isinstance(one, HandleRef) and one.kind in given else one
        for one in value.refs
    )
    return value.with_refs(tuple(refs))


def _of_library(machine: Machine, ref: ClassRef, known: Lineage, value: Value) -> Value:
    """A manager of a library nobody described, told by its name, reads the table of the mapped class that holds it."""
    kind = next((one for one in sorted(machine.models.gives(known.handle)) if one.endswith(f".{_MANAGER}")), "")
    names = [name for one in value.refs for name in _library_names(machine, one)]
    if not kind or not any(name.endswith(_MANAGER) for name in names):
        return value
    own = tuple(one for one in value.refs if isinstance(one, InstanceRef))
    return Value(refs=(*own, HandleRef(kind, known.library, facts_of(machine, ref).name, ref)))


def _library_names(machine: Machine, ref: Ref) -> Sequence[str]:
    """The classes of libraries that an object is of."""
    if isinstance(ref, InstanceRef):
        return lineage(machine, ref.of).libraries
    return (ref.path,) if isinstance(ref, ObjectRef) else ()


def is_manager(machine: Machine, handle: HandleRef) -> bool:
    """The handle is one that mapped classes hold to be queried by."""
    return any(handle.kind in machine.models.gives(kind) for kind in machine.models.fields)


def added_method(machine: Machine, handle: HandleRef, name: str, base: Value) -> Value | None:
    """A method that a class of the project adds to the handles of a mapped class (a manager, a query set)."""
    for one in lineage(machine, handle.model).classes if handle.model is not None else ():
        for binding in facts_of(machine, one).fields:
            held = _field_value(machine, one, getattr(binding.target, "id", "")) or NOTHING
            for ref in held.refs:
                owner = ref.of if isinstance(ref, InstanceRef) else ref.model if isinstance(ref, HandleRef) else None
                if owner is None or lineage(machine, owner).handle != handle.kind:
                    continue
                found = method_of(machine, owner, name)
                if found is not None:
                    receiver = base.with_refs((InstanceRef(owner), *base.refs))
                    return _method_value(machine, found, receiver, static_context=False)
    return None


def field_refs(machine: Machine, handle: HandleRef, name: str) -> tuple[HandleRef, ...]:
    """What a member of a row may be besides data: a row, or the rows, of another table."""
    kind = machine.models.fields.get(handle.kind)
    if kind is None or (handle.model is not None and _is_column(machine, handle.model, handle.library, name)):
        return ()
    return (HandleRef(kind, handle.library, name),)


def _is_column(machine: Machine, ref: ClassRef, library: str, name: str) -> bool:
    """The mapped class declares the member, and not as a relation."""
    relations = machine.models.libraries[library].relations
    for one in lineage(machine, ref).classes:
        for binding in facts_of(machine, one).fields:
            if getattr(binding.target, "id", "") == name and isinstance(binding.value, Call):
                made = binding.value.fn
                return (getattr(made, "name", "") or getattr(made, "id", "")) not in relations
    return False


def _handle_member(machine: Machine, known: Lineage, ref: ClassRef, base: Value, name: str) -> Value:
    table = facts_of(machine, ref).name
    inner = machine.models.attribute(known.handle, name)
    if inner is not None:
        return Value(refs=(HandleRef(inner[0], known.library, table, ref),))
    if machine.models.row(known.handle, name) is not None:
        handle = HandleRef(known.handle, known.library, table, ref)
        return Value(refs=(BoundRef(Value(base.atoms, base.fields, (handle,)), name),))
    return NOTHING


def _method_value(machine: Machine, found: tuple[ClassRef, int], base: Value, *, static_context: bool) -> Value:
    owner, index = found
    function = function_of(machine, owner, index)
    names = decorator_names(function)
    receiver: Value | None = base
    if "staticmethod" in names or "static" in function.modifiers:
        receiver = None if "staticmethod" in names else base
    elif "classmethod" in names:
        receiver = Value(refs=(owner,)) if not any(isinstance(ref, ClassRef) for ref in base.refs) else base
    elif static_context and machine.is_python(owner.file):
        receiver = None
    return Value(
        refs=tuple(replace(one, receiver=receiver) for one in method_decorators.decorated(machine, owner, index))
    )


def instance_member(machine: Machine, base: Value, ref: InstanceRef, name: str, frame: Frame, site: Site) -> Value:
    """Reading a member of an instance: its own field, a method, a property, or what the class gives."""
    own = base.fields.get(name)
    if own is not None and not (is_unset(own) and machine.is_python(ref.of.file)):
        return own
    declared = _declared_member(machine, ref.of, base, name)
    if declared:
        return declared
    found = method_of(machine, ref.of, name)
    if found is not None:
        if not ref.exact and machine.is_python(ref.of.file) and is_abstract(machine, *found):
            return implemented(machine, ref.of, name, frame, site)
        value = _method_value(machine, found, base, static_context=False)
        function = function_of(machine, *found)
        if _PROPERTIES.intersection(decorator_names(function)) or "get" in function.modifiers:
            return machine.invoke(value, Arguments(), frame, site)
        return value
    inner = lineage(machine, ref.of).inner.get(name)
    if inner is not None:
        return Value(refs=(inner,))
    if lineage(machine, ref.of).handle:
        return _of_mapped(machine, ref.of, base, name, site)
    setting = _setting(machine, ref.of, name, site) if _is_settings(machine, ref.of) else None
    if setting is not None:
        return setting
    for one in lineage(machine, ref.of).classes:
        own = own or _bound_field(machine, one, name, base)
        if own is not None and not is_unset(own):
            return own
    promised = _annotated_field(machine, ref.of, name, site)
    if promised.refs:
        return promised
    return _late_field(machine, ref.of, name, base) or own or promised or _meant(base, ref)


def has_member(machine: Machine, base: Value, ref: InstanceRef, name: str) -> bool:
    """Something of the project is seen to give an object this member: its class, a method, or whoever fills it."""
    known = lineage(machine, ref.of)
    return (
        name in base.fields
        or bool(known.handle)
        or name in known.inner
        or method_of(machine, ref.of, name) is not None
        or any(_bound_field(machine, one, name, base) is not None for one in known.classes)
        or any(name == field for one in known.classes for field, _ in facts_of(machine, one).annotations)
        or bool(_late_field(machine, ref.of, name, base))
    )


def _is_settings(machine: Machine, ref: ClassRef) -> bool:
    """Its fields are read from the environment when an object is made."""
    return any(name.endswith(_SETTINGS) for name in lineage(machine, ref).libraries)


def _setting(machine: Machine, ref: ClassRef, name: str, site: Site) -> Value | None:
    """A field that the environment decides: what is written there, unless that only waits for a value."""
    values = (_field_value(machine, one, name) for one in lineage(machine, ref).classes)
    default = next((one for one in values if one is not None), None)
    value = atom(Kind.ENV, site, name)
    if default is None:
        stated = any(
            field == name for one in lineage(machine, ref).classes for field, _ in facts_of(machine, one).annotations
        )
        return value if stated else None
    if truth(default) is not False:
        return default
    usual = (TextRef("", usual=True),) if default.lit is not None and default.lit.kind is LitKind.STR else ()
    return join(value, marked(default, DEFAULT)).with_refs(usual)


def _meant(base: Value, ref: InstanceRef) -> Value:
    """What a field that an object of one request does not have was meant to give: something of what it was made of.

    One that holds a session or a connection may get it from there, and nothing is said.
    """
    holds_store = any(isinstance(one, HandleRef) for field in base.fields.values() for one in field.refs)
    return NOTHING if ref.lasting or holds_store else Value(carried(base.all_atoms()))


def _late_field(machine: Machine, ref: ClassRef, name: str, base: Value) -> Value:
    """What a method or a function elsewhere puts into a field that is empty at first."""
    if not machine.is_python(ref.file):
        return NOTHING
    known = tuple(owner for one in lineage(machine, ref).classes for owner in machine.late.owners(one))
    return machine.late.value(machine, known, name, base)


def _annotated_field(machine: Machine, ref: ClassRef, name: str, site: Site) -> Value:
    for one in lineage(machine, ref).classes:
        for field, text in facts_of(machine, one).annotations:
            if field == name:
                return machine.annotated(text, one.frame, site.line)
    return NOTHING


def _of_mapped(machine: Machine, ref: ClassRef, base: Value, name: str, site: Site) -> Value:
    """A column or relationship of a mapped object.

    The row's origins, or, of an object just made, what the store will give.
    """
    known = lineage(machine, ref)
    if machine.models.row(known.handle, name) is not None and any(
        isinstance(one, HandleRef) and one.kind == known.handle for one in base.refs
    ):
        return NOTHING  # the handle answers for itself, and knows its table
    member = _handle_member(machine, known, ref, base, name)
    if member or any(one.kind in STORED or one.kind is Kind.MEMORY for one in base.atoms):
        return member
    table = facts_of(machine, ref).name
    handle = HandleRef(known.handle, known.library, table, ref)
    if is_manager(machine, handle):
        return NOTHING  # it holds no row
    refs = field_refs(machine, handle, name)
    return atom(Kind.WRITTEN, site, f"{known.library}:{table}").with_refs(refs)
