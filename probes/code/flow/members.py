"""Reading a member or an item of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import application, places, store_calls, web
from assay.probes.code.flow.bindings import attribute_memory, is_service, memory_name, memory_value
from assay.probes.code.flow.classes import class_member, field_refs, instance_member, is_manager
from assay.probes.code.flow.refs import (
    REQUEST,
    AnswerRef,
    BoundRef,
    ClassRef,
    ContainerRef,
    ErrorRef,
    FunctionRef,
    HandleRef,
    HolderRef,
    InstanceRef,
    LibRef,
    ModuleRef,
    ObjectRef,
    PendingRef,
    RequestRef,
    ResponseRef,
    RouteRef,
    RouterRef,
    TypeRef,
)
from assay.probes.code.flow.values import (
    NOTHING,
    Kind,
    Site,
    Value,
    atom,
    carried,
    choosing,
    is_unset,
    join,
    join_all,
    literal,
    text_literal,
)
from assay.probes.code.linking.wiring import UNKNOWN_PREFIX
from assay.probes.code.syntax import Name

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.flow.state import Arguments, Frame

_ENVIRONMENTS: Final = frozenset(
    {"os.environ", "js.process.env", "process.env", "js.import.meta.env", "js.Deno.env", "js.Bun.env"}
)
CONTENT: Final = "()"
_HOLDERS: Final = {"state": REQUEST, "ctx": REQUEST}
_CALLER: Final = frozenset({"user", "auth", "session", "user_id", "current_user"})
_PREFIXES: Final = frozenset({"prefix", "url_prefix"})
_OF_A_MODULE: Final = frozenset({"__file__", "__path__", "__name__", "__package__"})
_SIZES: Final = frozenset({"length", "size"})


def member(machine: Machine, base: Value, name: str, frame: Frame, site: Site) -> Value:
    """`base.name`."""
    own = base.fields.get(name)
    if own is not None and not any(isinstance(ref, InstanceRef) for ref in base.refs):
        return remembered(machine, own)
    place = places.member(base, name, site) if machine.lasting else None
    if place is not None:
        return place
    result = NOTHING
    for ref in base.refs:
        result = join(result, _of_ref(machine, base, ref, name, frame, site))
    if name in _SIZES and not result:
        return Value(carried(base.all_atoms()))
    return join(result, _data(base, name))


def _data(base: Value, name: str) -> Value:
    """What reading a field of plain data gives: the same origins, and what stands under keys that are not known."""
    unknown_key = base.fields.get("?")
    atoms = Value(carried(base.atoms))
    if base.atoms and not atoms and not base.fields and not base.refs:
        atoms = Value(base.atoms)
    if name == "[]":
        return join(base.elements(), atoms)
    return join(unknown_key, atoms)


def remembered(machine: Machine, value: Value) -> Value:
    """The value, and, where it is a container that outlives the request, the memory behind it."""
    if machine.lasting:
        return value
    for ref in value.refs:
        if isinstance(ref, ContainerRef) and ref.lasting:
            value = value.with_atoms(memory_value(memory_name(ref), ref.site).atoms)
    return value


def _of_ref(machine: Machine, base: Value, ref: Ref, name: str, frame: Frame, site: Site) -> Value:
    match ref:
        case InstanceRef():
            return _of_instance(machine, base, ref, name, frame, site)
        case ClassRef():
            return remembered(machine, class_member(machine, ref, base, name, site))
        case ModuleRef(path=path) if machine.lasting and name in _OF_A_MODULE:
            return places.own(path, name)
        case ModuleRef(path=path):
            return _of_module(machine, path, name, site)
        case LibRef(path=path):
            if path in _ENVIRONMENTS:
                return atom(Kind.ENV, site, name)
            if path in machine.web.current_apps:
                return member(machine, application.serving(machine, machine.web.current_apps[path]), name, frame, site)
            typed = machine.models.types.get(path)
            inner = machine.models.attribute(typed[0], name) if typed is not None else None
            if typed is not None and inner is not None:
                return Value(refs=(HandleRef(inner[0], typed[1].name, path.rpartition(".")[2]),))
            return _library_member(machine, f"{path}.{name}", site)
        case RouterRef() if (kept := application.read(machine, ref, name, site)) is not None:
            return remembered(machine, kept)
        case RouteRef(routes=routes):
            return text_literal(routes[0].path, routes[0].site) if name == "path" and routes else NOTHING
        case RouterRef(router=router) if name in router.framework.itself:
            return Value(refs=(ref,))
        case RouterRef(router=router) if name in _PREFIXES and UNKNOWN_PREFIX not in router.prefix:
            return text_literal(router.prefix, router.site)
        case ObjectRef() | FunctionRef() | RouterRef() | AnswerRef() | ErrorRef() | TypeRef() | PendingRef():
            return Value(refs=(BoundRef(Value(base.atoms, base.fields, (ref,)), name),))
        case BoundRef() if path := path_of(ref):
            return Value(refs=(BoundRef(Value(base.atoms, None, (ObjectRef(path),)), name),))
        case HandleRef():
            return _of_handle(machine, base, ref, name)
        case HolderRef():
            return held(machine, ref, name, site)
        case RequestRef() if frame.module.is_python and name in _HOLDERS:
            return Value(refs=(HolderRef(_HOLDERS[name]),))
        case RequestRef():
            return web.request_member(machine, ref, name, frame, site)
        case ResponseRef():
            return Value(refs=(BoundRef(Value(refs=(ref,)), name),))
        case _:
            return NOTHING


def path_of(ref: BoundRef) -> str:
    """The dotted name of a member of a library's object; empty where the object came from somewhere.

    A client of another service comes from nowhere: its atoms say whom it asks.
    """
    refs = ref.receiver.refs
    of_library = refs[0] if len(refs) == 1 and ref.receiver.kinds() <= {Kind.EXTERNAL} else None
    return f"{of_library.path}.{ref.name}" if isinstance(of_library, ObjectRef) else ""


def held(machine: Machine, ref: HolderRef, name: str, site: Site) -> Value:
    """What the project hung on a holder: in this request, or while the application was put together."""
    found = machine.trace.held.get((ref, name)) or machine.late.value(machine, machine.late.owners(ref), name, NOTHING)
    if found:
        return remembered(machine, found)
    if ref.site is not None or name == CONTENT:
        return Value(refs=(ObjectRef(f"{ref.scope}.{name}"),))
    return atom(Kind.REQUEST, site, "user" if name in _CALLER else "header")


def holder_method(
    machine: Machine, ref: HolderRef, name: str, arguments: Arguments, frame: Frame, site: Site
) -> Value | None:
    """`g.get("db")`, and `get` and `set` of a context variable, which hangs its one value on itself."""
    if name == "set":
        value = arguments.at(0) or NOTHING
        machine.trace.held[ref, CONTENT] = value
        if machine.lasting:
            machine.late.record(machine, Value(refs=(ref,)), CONTENT, value)
        return NOTHING
    if name in {"get", "pop", "setdefault", "__getattr__"}:
        key, default = arguments.at(0), arguments.at(1)
        known = key.lit.text if key is not None and key.lit is not None else CONTENT
        found = held(machine, ref, known, site)
        return found if found.refs or default is None else join(found, default)
    if name == "reset":
        return NOTHING
    own = held(machine, ref, name, site)
    return machine.invoke(own, arguments, frame, site) if own.refs else None


def late_of_module(machine: Machine, path: str, name: str, value: Value) -> Value:
    """What a function put into a module's variable that is empty at first."""
    module = machine.modules.get(path)
    if module is None or not module.is_python or name not in module.bindings or not is_unset(value):
        return NOTHING
    return machine.late.value(machine, machine.late.owners(ModuleRef(path)), name, NOTHING)


def _of_instance(machine: Machine, base: Value, ref: InstanceRef, name: str, frame: Frame, site: Site) -> Value:
    found = instance_member(machine, base, ref, name, frame, site)
    if ref.lasting and not machine.lasting and not any(isinstance(one, FunctionRef) for one in found.refs):
        found = remembered(machine, found)
        if not found.refs:
            found = found.with_atoms(memory_value(attribute_memory(ref, name), site).atoms)
    return found


def _of_module(machine: Machine, path: str, name: str, site: Site) -> Value:
    found = machine.modules.exported(path, name)
    late = late_of_module(machine, path, name, found or NOTHING) if path.endswith(".py") else NOTHING
    if late:
        return late
    module = machine.modules.get(path) if found is not None and path.rpartition("/")[2].rfind(".") > 0 else None
    value = remembered(machine, found or NOTHING)
    if module is not None and not machine.lasting and name in module.mutated and not is_service(value):
        value = value.with_atoms(memory_value(f"{path}:{name}", site).atoms)
    return value


def _library_member(machine: Machine, path: str, site: Site) -> Value:
    known = machine.models.types.get(path)
    if known is not None and path not in machine.models.makes and not path.rpartition(".")[2][:1].isupper():
        return Value(refs=(HandleRef(known[0], known[1].name),))
    return machine.library_value(path, site)


def _of_handle(machine: Machine, base: Value, ref: HandleRef, name: str) -> Value:
    if machine.models.row(ref.kind, name) is None or machine.models.attribute(ref.kind, name):
        inner = machine.models.attribute(ref.kind, name)
        if inner is not None and not (inner[1] and name.startswith("$")):
            return Value(refs=(HandleRef(inner[0], ref.library, name if inner[1] else ref.table, ref.model),))
    if name == "model" and ref.model is not None and is_manager(machine, ref):
        return Value(refs=(ref.model,))
    if base.atoms and machine.models.row(ref.kind, name) is None:
        return Value(base.atoms, None, field_refs(machine, ref, name))
    return Value(refs=(BoundRef(Value(base.atoms, base.fields, (ref,)), name),))


def item(machine: Machine, base: Value, key: Value, frame: Frame, site: Site) -> Value:
    """`base[key]`."""
    known = key.lit.text if key.lit is not None else None
    if known is not None and known in base.fields:
        return remembered(machine, base.fields[known])
    for ref in base.refs:
        if isinstance(ref, HolderRef) and known is not None:
            return held(machine, ref, known, site)
    for one in base.refs:
        typed = machine.models.types.get(one.path) if isinstance(one, LibRef) else None
        if typed is not None and isinstance(one, LibRef) and one.path.rpartition(".")[2][:1].islower():
            return Value(refs=(HandleRef(typed[0], typed[1].name),))
    handles = [ref for ref in base.refs if isinstance(ref, HandleRef)]
    if any(machine.models.iterates(ref.kind) for ref in handles):
        return store_calls.iterated(machine, base, frame, site)
    for ref in handles:
        inner = machine.models.attribute(ref.kind, known or "?")
        if inner is not None:
            return Value(refs=(HandleRef(inner[0], ref.library, known or ""),))
    if any(isinstance(ref, LibRef) and ref.path in _ENVIRONMENTS for ref in base.refs):
        return atom(Kind.ENV, site, known or "?")
    if any(isinstance(ref, ClassRef | TypeRef) or _is_library_class(ref) for ref in base.refs):
        return base
    if known is not None and not known.lstrip("-").isdigit():
        named = [ref for ref in base.refs if isinstance(ref, RequestRef | InstanceRef | ModuleRef | RouterRef)]
        return member(machine, base.with_refs(tuple(named)), known, frame, site)
    own = carried(base.atoms)
    if not base.fields:
        return Value(base.atoms)
    return join_all(base.fields.values()).with_atoms({**own, **choosing(key)})


def _is_library_class(ref: Ref) -> bool:
    """A class of a library: what stands in brackets behind it is a type parameter."""
    return isinstance(ref, LibRef) and ref.path.rpartition(".")[2][:1].isupper()


def is_name(node: object, name: str) -> bool:
    """The node is this plain name."""
    return isinstance(node, Name) and node.id == name


__all__ = ["is_name", "item", "literal", "member", "remembered"]
