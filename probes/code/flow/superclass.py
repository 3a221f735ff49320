"""`super()`: the object, seen as one of its bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow.arguments import arguments_of
from assay.probes.code.flow.lineage import facts_of, lineage, own_method, receiver_name
from assay.probes.code.flow.refs import ClassRef, FunctionRef, HandleRef, InstanceRef, Ref, RouterRef
from assay.probes.code.flow.values import NOTHING, Value
from assay.probes.code.syntax import Attr, Call, Expr, Name

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame


def self_name(frame: Frame) -> str:
    """How the method in which this frame runs calls the object it is called on."""
    one: Frame | None = frame
    while one is not None and one.function is not None:
        name = receiver_name(one.function, python=one.module.is_python)
        if name in one.state.vars and one.function.owner is not None:
            return name
        one = one.parent
    return "this"


def next_method(machine: Machine, member: Attr, frame: Frame) -> Value | None:
    """The method that `super().name` means: the next one behind this class in the order of the object's own class."""
    holder = _method_frame(frame) if is_super(member.base) and frame.module.is_python else None
    if holder is None or holder.function is None or holder.function.owner is None:
        return None
    itself = machine.lookup(self_name(frame), frame, 0)
    here = (frame.module.path, holder.function.owner)
    for ref in itself.refs:
        own = ref.of if isinstance(ref, InstanceRef) else ref if isinstance(ref, ClassRef) else None
        order = lineage(machine, own).classes if own is not None else []
        places = [(one.file, one.index) for one in order]
        for one in order[places.index(here) + 1 :] if here in places else ():
            found = own_method(machine, one, member.name)
            if found is not None:
                return Value(refs=(FunctionRef(one.file, found, one.frame, itself),))
    return None


def bare_instance(machine: Machine, node: Call, base: Value, frame: Frame) -> Value:
    """`super().__new__(cls)`: an object on which no `__init__` has run."""
    arguments = arguments_of(machine, node, frame)
    given = arguments.at(0) or base
    made = tuple(InstanceRef(ref, machine.lasting) for ref in given.refs if isinstance(ref, ClassRef))
    return Value(refs=made) if made else NOTHING


def is_super(node: Expr) -> bool:
    """The expression is a call of `super`."""
    return isinstance(node, Call) and isinstance(node.fn, Name) and node.fn.id == "super"


def _method_frame(frame: Frame) -> Frame | None:
    """The frame of the method in which this one runs."""
    holder: Frame | None = frame
    while holder is not None and (holder.function is None or holder.function.owner is None):
        holder = holder.parent
    return holder


def parent_view(machine: Machine, frame: Frame) -> Value:
    """`super()`: the object, seen as one of its class's bases."""
    holder = _method_frame(frame)
    if holder is None or holder.function is None or holder.function.owner is None:
        return NOTHING
    itself = machine.lookup(self_name(frame), frame, 0)
    owner = ClassRef(frame.module.path, holder.function.owner, holder.parent or frame)
    parents = lineage(machine, owner).classes[1:2]
    known = lineage(machine, owner)
    lasting = any(isinstance(ref, InstanceRef) and ref.lasting for ref in itself.refs)
    refs: list[Ref] = [InstanceRef(parent, lasting=lasting) for parent in parents]
    if known.handle:
        refs.append(HandleRef(known.handle, known.library, facts_of(machine, owner).name))
    refs.extend(ref for ref in itself.refs if isinstance(ref, RouterRef))
    return itself.with_refs(tuple(refs))


def super_view(machine: Machine, node: Call, frame: Frame) -> Value:
    """A call of `super` itself; in JavaScript it runs the constructor of the base."""
    if frame.module.is_python:
        return parent_view(machine, frame)
    return super_method(machine, node, "constructor", frame)


def super_method(machine: Machine, node: Call, name: str, frame: Frame) -> Value:
    """A member called on `super` as a plain name (JavaScript)."""
    view = parent_view(machine, frame)
    return machine.method(view, name, arguments_of(machine, node, frame), frame, frame.site(node.line), node)
