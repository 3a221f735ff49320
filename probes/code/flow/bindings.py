"""Binding names, members, items and patterns to values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import application, store_calls
from assay.probes.code.flow.lineage import is_model
from assay.probes.code.flow.refs import (
    CHOSEN,
    ContainerRef,
    FunctionRef,
    HandleRef,
    HolderRef,
    InstanceRef,
    LibRef,
    ModuleRef,
    ObjectRef,
    RouterRef,
)
from assay.probes.code.flow.shapes import TASK
from assay.probes.code.flow.store_effects import IN_MEMORY
from assay.probes.code.flow.trace import Event
from assay.probes.code.flow.values import NOTHING, STORED, ZERO, Kind, Value, atom, is_unset, join
from assay.probes.code.syntax import Attr, Expr, Item, LitKind, Name, TName, TPath, TPattern
from assay.probes.code.view import Cause, EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site
    from assay.probes.code.syntax import Target

RUNS: Final = "runs"
COUNTS: Final = "counts"
REMOVES: Final = "removes"
"""What a write to memory leaves there: a task that runs, counts and times only, or nothing any more."""
TOUCHES: Final = "touches"
"""What was read from memory is changed: state if it goes on behind the answer, else it may be a part of the answer."""
_COUNTED: Final = frozenset({Kind.LITERAL, Kind.CLOCK, Kind.MEMORY, Kind.HOST})
_NUMBERS: Final = frozenset({LitKind.NUM.value, ZERO, "empty"})
_GIVEN: Final = frozenset({Kind.REQUEST, Kind.DERIVED})
_OF_CLIENT: Final = frozenset({Kind.UNKNOWN, Kind.EXTERNAL})
_OF_OBJECTS: Final = frozenset({"sqlalchemy", "django"})
_SESSIONS: Final = frozenset({"sqlalchemy", "django", "mongoose", "beanie", "mongoengine", "sequelize"})


def bind(machine: Machine, target: Target, value: Value, frame: Frame, *, declares: bool = False) -> None:
    """Bind a target; a missing part of a pattern is what reading that member gives."""
    match target:
        case TName(id=name):
            _bind_name(machine, name, value, frame, declares=declares, line=target.line)
        case TPath(place=place):
            assign(machine, place, value, frame)
        case TPattern(parts=parts):
            for key, part in parts:
                bind(machine, part, _part(machine, value, key, frame, target.line), frame, declares=declares)


def _part(machine: Machine, value: Value, key: str, frame: Frame, line: int) -> Value:
    if key == "*":
        return value.with_refs(())
    if key in value.fields:
        return value.fields[key]
    if key.lstrip("-").isdigit():
        return value.elements()
    return machine.member(value, key, frame, frame.site(line))


OF_LIBRARY: Final = "library:"
"""How the memory behind a name of a library begins (`settings.DEBUG = True`)."""


def _bind_name(machine: Machine, name: str, value: Value, frame: Frame, *, declares: bool, line: int) -> None:
    function = frame.function
    if function is None or declares:
        frame.state.vars[name] = value
    elif name in function.global_names:
        assign_global(machine, name, value, frame, line)
    elif name in frame.state.vars or (frame.module.is_python and name not in function.nonlocal_names):
        frame.state.vars[name] = value
    else:
        _bind_outer(machine, name, value, frame, line)


def _bind_outer(machine: Machine, name: str, value: Value, frame: Frame, line: int) -> None:
    outer = frame.parent
    while outer is not None and outer.function is not None:
        if name in outer.state.vars:
            outer.state.vars[name] = join(outer.state.vars[name], value)
            return
        outer = outer.parent
    if name in frame.module.bindings:
        assign_global(machine, name, value, frame, line)
    else:
        frame.state.vars[name] = value


def assign_global(machine: Machine, name: str, value: Value, frame: Frame, line: int) -> None:
    """A function rebinds a name of its module: memory that outlives the request."""
    old = machine.modules.name(frame.module, name)
    made_now = not machine.lasting and any(isinstance(ref, InstanceRef) for ref in value.refs)
    if is_unset(old) and frame.module.is_python and not made_now:
        place = Value(refs=(ModuleRef(frame.module.path),))
        if machine.late.record(machine, place, name, value):
            return
    frame.module.frame.state.vars[name] = kept = join(old, _lasting(value))
    machine.changed(old, kept)
    if not machine.lasting and not is_service(value):
        note_memory(machine, f"{frame.module.path}:{name}", value, frame, frame.site(line))


def is_service(value: Value) -> bool:
    """An object that is made once, when it is first asked for, and not of what the request gave."""
    made = any(isinstance(ref, InstanceRef | HandleRef | ObjectRef | FunctionRef | LibRef) for ref in value.refs)
    return made and not any(one.kind in _GIVEN for one in value.all_atoms())


def is_client(value: Value) -> bool:
    """An object of a class of a library, made of nothing that a request gave, or what another service answers.

    A collection of these is no data, whoever chooses which of them is made: each can be had again.
    """
    made = [ref.path.rpartition(".")[2] for ref in value.refs if isinstance(ref, ObjectRef)]
    classes = [name for name in made if name[:1].isupper() or name == CHOSEN]
    if value.kinds() == {Kind.EXTERNAL} and not value.fields and len(made) == len(value.refs):
        return True
    return bool(classes) and len(classes) == len(value.refs) and value.kinds() <= _OF_CLIENT


def _lasting(value: Value) -> Value:
    refs = tuple(
        ref._replace(lasting=True) if isinstance(ref, ContainerRef | InstanceRef) else ref for ref in value.refs
    )
    fields = {key: _lasting(child) for key, child in value.fields.items()}
    return Value(value.atoms, fields, refs, value.lit)


def note_memory(machine: Machine, name: str, value: Value, frame: Frame, site: Site, handle: str = "") -> None:
    """Record a write to memory that outlives the request."""
    kind, cause = EffectKind.MEMORY_WRITE, frame.state.cause
    machine.happen(Event(kind, site, "memory", name, frame.name, cause, data=value, handle=handle), frame)


def memory_name(ref: ContainerRef) -> str:
    """How the memory behind a container is called in effects and origins."""
    return f"{ref.site.file}:{ref.site.line}"


def write_into(
    machine: Machine,
    base: Value,
    value: Value,
    frame: Frame,
    site: Site,
    key: Value | None = None,
    *,
    removes: bool = False,
    place: Expr | None = None,
) -> None:
    """Note what putting a value under a key of a container or object does to the world: memory, or a staged row.

    Of a task the key is remembered; it is no data yet. `place` is the container, where it is certainly none of the
    objects that a session watches; whether it is one of their collections is not known.
    """
    if isinstance(place, Name) and frame.module.is_python and _is_watched(machine, base):
        machine.trace.unseen.setdefault(f"what {place.id} holds", site)
        return
    for ref in base.refs:
        if isinstance(ref, ContainerRef) and ref.lasting and not machine.lasting and not is_client(value):
            own = NOTHING if value.shape == TASK else value
            kept = own if key is None else own.with_atoms(key.all_atoms())
            note_memory(machine, memory_name(ref), kept, frame, site, REMOVES if removes else _kind_of_state(value))
        if isinstance(ref, HandleRef | InstanceRef) and is_model(machine, ref):
            _note_dirty(machine, base, value, frame, site)
            return
    if any(one.kind in STORED for one in base.atoms):
        _note_dirty(machine, base, value, frame, site)
        return
    held = next((one.name for one in base.atoms if one.kind is Kind.MEMORY), "")
    if held and not machine.lasting and not base.refs and not is_client(value):
        note_memory(machine, held, value, frame, site, TOUCHES)


def _is_watched(machine: Machine, base: Value) -> bool:
    """It comes from a store whose rows are objects, and none of them can be used as a dictionary."""
    models = any(isinstance(ref, HandleRef | InstanceRef) and is_model(machine, ref) for ref in base.refs)
    libraries = {one.name.partition(":")[0] for one in base.atoms if one.kind in STORED}
    libraries |= {ref.library for ref in base.refs if isinstance(ref, HandleRef)}
    return (models or bool(libraries)) and libraries <= _OF_OBJECTS


def _kind_of_state(value: Value) -> str:
    """What is kept, where that tells: a task that runs, or counts and times only."""
    if value.shape == TASK:
        return RUNS
    kinds = {one.kind for one in value.all_atoms()}
    counts = all(one.name in _NUMBERS for one in value.all_atoms() if one.kind is Kind.LITERAL)
    return COUNTS if kinds and kinds <= _COUNTED and counts else ""


def assign(machine: Machine, place: Expr, value: Value, frame: Frame, *, weak: bool = False) -> None:
    """Store a value in a name, member or item; the objects on the way are updated where they are held."""
    match place:
        case Name(id=name):
            old = machine.lookup(name, frame, place.line) if weak else NOTHING
            new = join(old, value) if weak else value
            if _held_locally(frame, name):
                holder = _holder(frame, name)
                holder.state.vars[name] = new
            elif frame.function is None:
                frame.state.vars[name] = new
        case Attr(base=inner, name=key):
            _assign_into(machine, inner, key, value, frame, place.line, weak=weak)
        case Item(base=inner, key=key_node):
            key_value = machine.evaluate(key_node, frame)
            known = key_value.lit.text if key_value.lit is not None else None
            if store_calls.put(
                machine, machine.evaluate(inner, frame), key_value, value, frame, frame.site(place.line)
            ):
                return
            weak = weak or known is None
            _assign_into(machine, inner, known or key_value, value, frame, place.line, weak=weak, keyed=True)
        case _:
            return


def _held_locally(frame: Frame, name: str) -> bool:
    return _holder_or_none(frame, name) is not None


def _holder(frame: Frame, name: str) -> Frame:
    return _holder_or_none(frame, name) or frame


def _holder_or_none(frame: Frame, name: str) -> Frame | None:
    one: Frame | None = frame
    while one is not None:
        if name in one.state.vars:
            return one
        one = one.parent
    return None


def _assign_into(
    machine: Machine,
    inner: Expr,
    place: str | Value,
    value: Value,
    frame: Frame,
    line: int,
    *,
    weak: bool,
    keyed: bool = False,
) -> None:
    """Store a value under a name, or under a key of which only the origins are known."""
    base = machine.evaluate(inner, frame)
    site = frame.site(line)
    key = place if isinstance(place, str) else "?"
    for ref in () if machine.lasting else base.refs:
        if isinstance(ref, LibRef):
            note_memory(machine, f"{OF_LIBRARY}{ref.path}.{key}", value, frame, site)
    own = None if isinstance(place, str) else place
    write_into(machine, base, value, frame, site, own, place=inner if keyed else None)
    if machine.lasting:
        machine.late.record(machine, base, key, value)
    for ref in base.refs:
        if isinstance(ref, HolderRef):
            _hang(machine, ref, key, value, frame.state.cause)
            return
    if any(isinstance(ref, ModuleRef) for ref in base.refs):
        return
    lasting = any(isinstance(ref, ContainerRef) and ref.lasting for ref in base.refs)
    if lasting and not machine.lasting and not is_client(value):
        return  # what one request leaves behind is told by the effect, and read back as memory
    for ref in base.refs:
        if isinstance(ref, RouterRef):
            application.keep(machine, ref, key, value, frame, site)
            return
        if isinstance(ref, InstanceRef) and ref.lasting and not machine.lasting and not is_service(value):
            note_memory(machine, attribute_memory(ref, key), value, frame, site)
    assign(machine, inner, base.with_field(key, value, weak=weak), frame)


def _hang(machine: Machine, ref: HolderRef, key: str, value: Value, cause: Cause) -> None:
    """Hang a value on a holder; what is hung there in case something fails counts only where nothing hangs there."""
    if cause in {Cause.NORMAL, Cause.STORE_FAILURE} or (ref, key) not in machine.trace.held:
        machine.trace.held[ref, key] = value


def attribute_memory(ref: InstanceRef, key: str) -> str:
    """How an attribute of an object that outlives the request is called in effects and origins."""
    return f"{ref.of.file}:{ref.of.index}.{key}"


def memory_value(name: str, site: Site) -> Value:
    """What reading memory that outlives the request gives."""
    return atom(Kind.MEMORY, site, name)


def assign_quietly(machine: Machine, place: Expr, value: Value, frame: Frame) -> None:
    """Put back an object that was changed elsewhere: the change was noted there."""
    match place:
        case Name(id=name):
            holder = _holder_or_none(frame, name)
            if holder is not None and (holder.function is not None or machine.lasting):
                holder.state.vars[name] = value
        case Attr(base=inner, name=key):
            base = machine.evaluate(inner, frame)
            if base.fields.get(key) is not None and not any(isinstance(ref, ModuleRef) for ref in base.refs):
                assign_quietly(machine, inner, base.with_field(key, value), frame)
        case _:
            return


def _note_dirty(machine: Machine, base: Value, value: Value, frame: Frame, site: Site) -> None:
    """A field of a row or mapped object was set: a write, once its session commits."""
    gone = next((one.name for one in base.atoms if one.kind is Kind.MEMORY and one.name.endswith(IN_MEMORY)), "")
    if gone:
        note_memory(machine, gone, value, frame, site)
        return
    names = [one.name for one in base.atoms if one.kind in STORED]
    handles = [f"{ref.library}:{ref.table}" for ref in base.refs if isinstance(ref, HandleRef)]
    library_name, _, table = (names or handles or [":"])[0].partition(":")
    if library_name not in _SESSIONS and not any(isinstance(ref, HandleRef | InstanceRef) for ref in base.refs):
        return
    event = Event(
        EffectKind.STORE_WRITE,
        site,
        library_name,
        table,
        frame.name,
        frame.state.cause,
        data=value,
        handle="dirty",
    )
    machine.happen(event, frame)
