"""Classes of the project: their bases, members, and what making an instance gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.refs import (
    BoundRef,
    ClassRef,
    ErrorRef,
    FunctionRef,
    HandleRef,
    InstanceRef,
    LibRef,
    ObjectRef,
    TypeRef,
)
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import NOTHING, STORED, Kind, Shape, Site, Value, atom, is_unset, join, text_literal
from assay.probes.code.libraries import is_library, library_names
from assay.probes.code.syntax import Bind, Call, Def, Opaque, TName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import Class, Function
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame

_LINEAGE: Final = 24
_ERRORS: Final = ("builtins.Exception", "builtins.BaseException", "js.Error")
_ERROR_SUFFIXES: Final = ("Error", "Exception")
_ENUMS: Final = frozenset({"enum.Enum", "enum.StrEnum", "enum.IntEnum", "enum.Flag", "enum.IntFlag"})
_PROPERTIES: Final = frozenset({"property", "cached_property", "computed_field", "hybrid_property"})


class Lineage:
    """A class with its bases.

    Those of the project in order of lookup, and the dotted names of those that are libraries'. `inner` are the classes
    that stand in the bodies of these.
    """

    __slots__ = ("classes", "declared", "handle", "inner", "libraries", "library")

    def __init__(self) -> None:
        self.classes: list[ClassRef] = []
        self.libraries: list[str] = []
        self.inner: dict[str, ClassRef] = {}
        self.handle = ""
        self.library = ""
        self.declared = ""
        """The kind of handle that the configuration makes of the class."""


def facts_of(machine: Machine, ref: ClassRef) -> Class:
    """The facts of a class."""
    module = machine.modules.get(ref.file)
    if module is None:
        raise LookupError(f"the module of a class is gone: {ref.file}")
    return module.facts.classes[ref.index]


def lineage(machine: Machine, ref: ClassRef) -> Lineage:
    """The lineage of a class, computed once."""
    key = (ref.file, ref.index)
    known = machine.lineages.get(key)
    if known is None:
        known = machine.lineages[key] = Lineage()
        _climb(machine, ref, known, set())
    return known


def _climb(machine: Machine, ref: ClassRef, found: Lineage, seen: set[tuple[str, int]]) -> None:
    if (ref.file, ref.index) in seen or len(seen) > _LINEAGE:
        return
    seen.add((ref.file, ref.index))
    found.classes.append(ref)
    found.declared = found.declared or machine.models.declared(f"{ref.file}:{facts_of(machine, ref).name}")
    if is_library(ref.file):
        found.libraries.extend(library_names(ref.file, facts_of(machine, ref).name))
    _note_inner(machine, ref, found)
    for node in facts_of(machine, ref).bases:
        for base in _base_refs(machine.quietly(node, ref.frame)):
            if isinstance(base, ClassRef):
                _climb(machine, base, found, seen)
                continue
            _library_base(machine, base, found)
            if isinstance(base, HandleRef) and base.model is not None:
                _climb(machine, base.model, found, seen)


def _note_inner(machine: Machine, ref: ClassRef, found: Lineage) -> None:
    module = machine.modules.get(ref.file)
    for statement in facts_of(machine, ref).body if module is not None else ():
        if module is not None and isinstance(statement, Def) and statement.class_ is not None:
            inner = ClassRef(ref.file, statement.class_, ref.frame)
            found.inner.setdefault(module.facts.classes[statement.class_].name, inner)


def _base_refs(value: Value) -> Iterator[ClassRef | LibRef | HandleRef | ObjectRef]:
    for ref in value.refs:
        if isinstance(ref, ClassRef | LibRef | HandleRef | ObjectRef):
            yield ref
        elif isinstance(ref, TypeRef):
            continue


def _library_base(machine: Machine, base: LibRef | HandleRef | ObjectRef, found: Lineage) -> None:
    name = base.kind if isinstance(base, HandleRef) else base.path
    found.libraries.append(name)
    found.declared = found.declared or machine.models.declared(name)
    if found.declared:
        return
    known = machine.models.models.get(name) or machine.models.types.get(name)
    if known is not None and not found.handle:
        found.handle, found.library = known[0], known[1].name


def method_of(machine: Machine, ref: ClassRef, name: str) -> tuple[ClassRef, int] | None:
    """The class in the lineage that defines a method, and the method's index."""
    for one in lineage(machine, ref).classes:
        index = own_method(machine, one, name)
        if index is not None:
            return one, index
    return None


def own_method(machine: Machine, ref: ClassRef, name: str) -> int | None:
    """The index of a method that the class itself defines."""
    return next((index for method, index in facts_of(machine, ref).methods if method == name), None)


def is_error_class(machine: Machine, ref: ClassRef) -> bool:
    """The class is an exception."""
    return any(name in _ERRORS or name.endswith(_ERROR_SUFFIXES) for name in lineage(machine, ref).libraries)


def class_names(machine: Machine, ref: ClassRef) -> tuple[str, ...]:
    """The names of a class and its bases."""
    known = lineage(machine, ref)
    return (*(f"{one.file}:{facts_of(machine, one).name}" for one in known.classes), *known.libraries)


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


def class_member(machine: Machine, ref: ClassRef, base: Value, name: str, site: Site) -> Value:
    """Reading a member of the class itself."""
    declared = _declared_member(machine, ref, base, name)
    if declared:
        return declared
    inner = lineage(machine, ref).inner.get(name)
    if inner is not None:
        return Value(refs=(inner,))
    if any(one in _ENUMS for one in lineage(machine, ref).libraries):
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
        return value
    table = facts_of(machine, ref).name
    refs = (
        HandleRef(one.kind, one.library, table, ref) if isinstance(one, HandleRef) and one.kind in given else one
        for one in value.refs
    )
    return value.with_refs(tuple(refs))


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
    function = _function(machine, owner, index)
    names = decorator_names(function)
    receiver: Value | None = base
    if "staticmethod" in names or "static" in function.modifiers:
        receiver = None if "staticmethod" in names else base
    elif "classmethod" in names:
        receiver = Value(refs=(owner,)) if not any(isinstance(ref, ClassRef) for ref in base.refs) else base
    elif static_context and machine.is_python(owner.file):
        receiver = None
    return Value(refs=(FunctionRef(owner.file, index, owner.frame, receiver),))


def _function(machine: Machine, owner: ClassRef, index: int) -> Function:
    module = machine.modules.get(owner.file)
    if module is None:
        raise LookupError(f"the module of a class is gone: {owner.file}")
    return module.facts.functions[index]


def decorator_names(function: Function) -> tuple[str, ...]:
    """The last names of a function's decorators, as written."""
    return tuple(getattr(node, "id", "") or getattr(node, "name", "") for node in function.decorators)


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
        value = _method_value(machine, found, base, static_context=False)
        function = _function(machine, *found)
        if _PROPERTIES.intersection(decorator_names(function)) or "get" in function.modifiers:
            return machine.invoke(value, Arguments(), frame, site)
        return value
    inner = lineage(machine, ref.of).inner.get(name)
    if inner is not None:
        return Value(refs=(inner,))
    if lineage(machine, ref.of).handle:
        return _of_mapped(machine, ref.of, base, name, site)
    for one in lineage(machine, ref.of).classes:
        own = own or _field_value(machine, one, name)
        if own is not None and not is_unset(own):
            return own
    promised = _annotated_field(machine, ref.of, name, site)
    if promised.refs:
        return promised
    return _late_field(machine, ref.of, name, base) or own or promised


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
    if member or any(one.kind in STORED for one in base.atoms):
        return member
    table = facts_of(machine, ref).name
    handle = HandleRef(known.handle, known.library, table, ref)
    if is_manager(machine, handle):
        return NOTHING  # it holds no row
    refs = field_refs(machine, handle, name)
    return atom(Kind.WRITTEN, site, f"{known.library}:{table}").with_refs(refs)


def make(
    machine: Machine, ref: ClassRef, arguments: Arguments, frame: Frame, site: Site, *, exact: bool = False
) -> Value:
    """Call a class; `exact` where the project's own code does, and not an annotation promises an object of it."""
    known = lineage(machine, ref)
    if is_error_class(machine, ref):
        return machine.made_error(ref, arguments)
    if any(name in _ENUMS for name in known.libraries):
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
    receiver = receiver_name(_function(machine, owner, index), python=machine.is_python(owner.file))
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


def receiver_name(function: Function, *, python: bool) -> str:
    """How a method calls the object it is called on."""
    if not python:
        return "this"
    return function.params[0].name if function.params else ""


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


def error_ref(machine: Machine, ref: ClassRef) -> ErrorRef:
    """An exception of a project class."""
    return ErrorRef(class_names(machine, ref))


__all__ = [
    "Lineage",
    "added_method",
    "class_member",
    "class_names",
    "decorator_names",
    "error_ref",
    "facts_of",
    "field_refs",
    "instance_member",
    "is_error_class",
    "is_manager",
    "lineage",
    "make",
    "method_of",
    "receiver_name",
]
