"""Calls of members: who answers them of all that the object may be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import (
    classes,
    containers,
    members,
    places,
    queries,
    routers,
    shapes,
    store_calls,
    views,
    web,
)
from assay.probes.code.flow.lineage import (
    facts_of,
    has_dynamic_members,
    has_method,
    knows_bases,
    lineage,
    method_of,
    parses,
)
from assay.probes.code.flow.refs import (
    BoundRef,
    ClassRef,
    CombinatorRef,
    ContainerRef,
    FunctionRef,
    HandleRef,
    HolderRef,
    InstanceRef,
    LibRef,
    ObjectRef,
    PendingRef,
    Ref,
    RequestRef,
    ResponseRef,
    RouterRef,
)
from assay.probes.code.flow.state import Arguments, Frame
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, atom, join_all
from assay.probes.code.syntax import Attr, Call
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine

_QUEUE: Final = "queue"
_QUEUES: Final = frozenset({"delay", "apply_async", "send", "send_with_options", "kiq", "defer", "defer_async"})
"""How a task is handed to whoever runs it, in another process: what it does there is no part of the request."""
_OF_TASKS: Final = frozenset({"AsyncResult", "s", "si", "signature", "subtask"})
"""A result is looked up by its identifier where the workers leave it; a signature is a call that waits to be queued."""

FANOUT: Final = 4
"""Of how many things that a value may be a call is followed."""


def method(
    machine: Machine, base: Value, name: str, arguments: Arguments, frame: Frame, site: Site, node: object
) -> Value:
    """Call a member of a value."""
    placed = places.method(machine, base, name, arguments, site) if machine.lasting else None
    if placed is not None:
        return placed
    own = base.fields.get(name)
    if own is not None and any(isinstance(ref, FunctionRef | BoundRef | LibRef | CombinatorRef) for ref in own.refs):
        return machine.invoke(own, arguments, frame, site, node)
    if own is not None and own.lit is not None and any(isinstance(ref, InstanceRef) for ref in base.refs):
        late = machine.member(base, name, frame, site)
        if late.refs:
            return machine.invoke(late, arguments, frame, site, node)
        return machine.unknown(NOTHING, arguments, site, name)  # a callback that is set somewhere else
    results: list[Value] = []
    handled = False
    if arguments.written and sum(isinstance(ref, InstanceRef | ClassRef | LibRef) for ref in base.refs) > 1:
        arguments = replace(arguments, written=False)
    overrides = any(isinstance(ref, RouterRef | ResponseRef) for ref in base.refs) and any(
        has_method(machine, ref, name) for ref in base.refs
    )
    for ref in base.refs[:FANOUT]:
        if (overrides and isinstance(ref, RouterRef)) or _answered_by_another(machine, base, ref, name):
            continue
        result = _method_of_ref(machine, base, ref, name, arguments, frame, site, node)
        if result is not None:
            handled = True
            results.append(result)
    if handled:
        return join_all(results)
    return shapes.settled(containers.method(machine, base, name, arguments, frame, site, node))


def _answered_by_another(machine: Machine, base: Value, ref: Ref, name: str) -> bool:
    """Of a mapped object the project's own method answers, else the store's handle, which knows its table."""
    if isinstance(ref, HandleRef) and ref.model is not None:
        return any(isinstance(one, InstanceRef) and has_method(machine, one, name) for one in base.refs)
    if not isinstance(ref, InstanceRef) or has_method(machine, ref, name):
        return False
    kind = lineage(machine, ref.of).handle
    held = any(isinstance(one, HandleRef) and one.kind == kind for one in base.refs)
    return held and machine.models.row(kind, name) is not None


def _method_of_ref(
    machine: Machine,
    base: Value,
    ref: Ref,
    name: str,
    arguments: Arguments,
    frame: Frame,
    site: Site,
    node: object,
) -> Value | None:
    match ref:
        case HandleRef():
            return store_calls.member(machine, base, ref, name, arguments, frame, site)
        case PendingRef():
            return queries.chained(machine, base, ref, name, arguments, frame, site)
        case HolderRef():
            return members.holder_method(machine, ref, name, arguments, frame, site)
        case RouterRef():
            return routers.member(machine, ref, name, arguments, frame, site)
        case ResponseRef():
            given = web.own_request(machine, ref, name, site)
            if given is not None:
                return given
            answered = web.response_member(machine, ref, name, arguments, frame, site)
            _keep_status(machine, base, ref, answered, frame, node)
            return answered
        case RequestRef():
            return web.request_call(machine, ref, name, arguments, frame, site)
        case LibRef(path=path) | ObjectRef(path=path):
            return machine.library_call(f"{path}.{name}", arguments, frame, site, node, base)
        case InstanceRef() | ClassRef():
            view = views.as_view(machine, ref, name, arguments, frame, site) if isinstance(ref, ClassRef) else None
            if view is not None:
                return view
            found = machine.member(base.with_refs((ref,)), name, frame, site)
            callables = tuple(_bound_to(one, ref, base) for one in found.refs if not isinstance(one, ContainerRef))
            if not callables:
                held = found.fields or any(one.kind is not Kind.MEMORY for one in found.atoms)
                if not held and name not in containers.READS and _is_answered_elsewhere(machine, base, ref):
                    machine.trace.inherited.setdefault(name, site)
                    return machine.unknown(Value(base.all_atoms()), arguments, site, name)
                return _missing_method(machine, base, ref, name, site)
            return machine.invoke(found.with_refs(callables), arguments, frame, site, node)
        case FunctionRef() | CombinatorRef():
            return _function_member(machine, ref, name, arguments, frame, site, node)
        case BoundRef():
            path = members.path_of(ref)
            if path:
                return machine.library_call(f"{path}.{name}", arguments, frame, site, node, base)
            return machine.method(machine.member(base, name, frame, site), "()", arguments, frame, site, node)
        case ContainerRef():
            return None
        case _:
            found = machine.member(base.with_refs((ref,)), name, frame, site)
            if not found.refs or any(isinstance(one, BoundRef) for one in found.refs):
                return None
            return machine.invoke(found, arguments, frame, site, node)


def _bound_to(method_: Ref, ref: Ref, base: Value) -> Ref:
    """A method of a mapped class is called on the object with its handle, which knows the table."""
    handles = tuple(one for one in base.refs if isinstance(one, HandleRef))
    receiver = method_.receiver if isinstance(method_, FunctionRef) else None
    if not handles or receiver is None or not isinstance(ref, InstanceRef) or receiver.refs != (ref,):
        return method_
    return (
        replace(method_, receiver=receiver.with_refs((ref, *handles))) if isinstance(method_, FunctionRef) else method_
    )


def _keep_status(machine: Machine, base: Value, ref: ResponseRef, answered: Value, frame: Frame, node: object) -> None:
    """A view that answers through itself keeps the status that was set on it."""
    new = next((one for one in answered.refs if isinstance(one, ResponseRef) and one.status != ref.status), None)
    if new is None or not isinstance(node, Call) or not isinstance(node.fn, Attr):
        return
    if any(isinstance(one, InstanceRef) for one in base.refs):
        refs = tuple(new if isinstance(one, ResponseRef) else one for one in base.refs)
        machine.assign(node.fn.base, base.with_refs(refs), frame)


def _missing_method(machine: Machine, base: Value, ref: InstanceRef | ClassRef, name: str, site: Site) -> Value | None:
    """A method that the project's own class does not have; proven only where the whole lineage is the project's."""
    if not isinstance(ref, InstanceRef) or not ref.exact or "?" in base.fields:
        return None
    if classes.has_member(machine, base, ref, name):
        return None
    known = lineage(machine, ref.of)
    closed = all(one in _PLAIN_BASES for one in known.libraries) and knows_bases(machine, ref.of)
    closed = closed and parses(machine, known.classes)
    if not closed or has_dynamic_members(machine, ref.of, name):
        return None
    machine.breaks(site, f"`{facts_of(machine, ref.of).name}` has no method `{name}`")
    return None


def _is_answered_elsewhere(machine: Machine, base: Value, ref: InstanceRef | ClassRef) -> bool:
    """Nobody else answers, and `update` and `delete` may be inherited from a library, or what `__getattr__` gives."""
    of = ref.of if isinstance(ref, InstanceRef) else ref
    inherited = any(
        one not in _PLAIN_BASES and not one.startswith(_KEEP_NOTHING) for one in lineage(machine, of).libraries
    )
    return len(base.refs) == 1 and (inherited or method_of(machine, of, "__getattr__") is not None)


_PLAIN_BASES: Final = frozenset({"builtins.object", "abc.ABC"})
_KEEP_NOTHING: Final = (
    *("builtins.", "collections.", "typing.", "abc.", "enum.", "threading.", "queue.", "asyncio.", "dataclasses."),
    *("pydantic.", "pydantic_settings.", "msgspec.", "marshmallow.", "attrs.", "attr."),
)
"""Bases whose methods keep nothing."""


def _function_member(
    machine: Machine, ref: Ref, name: str, arguments: Arguments, frame: Frame, site: Site, node: object
) -> Value:
    """`fn.bind(x)`, `fn.call(this, ...)`, and what task queues hang on a function."""
    match name:
        case "bind":
            return Value(refs=(ref,))
        case "call":
            rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.spread, arguments.nodes[1:])
            return machine.invoke_ref(ref, rest, frame, site, node)
        case "apply" if not frame.module.is_python:
            spread = arguments.at(1)
            return machine.invoke_ref(ref, Arguments(spread=spread.elements() if spread else None), frame, site, node)
        case _ if name in _QUEUES:
            data = join_all([Value(one.all_atoms()) for one in arguments.all()])
            machine.note(EffectKind.EXTERNAL, frame, site, library=_QUEUE, target=f"{_QUEUE}.{name}", data=data)
            return atom(Kind.EXTERNAL, site, _QUEUE)
        case _ if name in _OF_TASKS:
            return atom(Kind.EXTERNAL, site, _QUEUE).with_refs((ObjectRef(f"celery.{name}"),))
        case _:
            return NOTHING
