"""What a store call records, and what it gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow.lineage import facts_of, is_mapped
from assay.probes.code.flow.refs import ClassRef, HandleRef, InstanceRef
from assay.probes.code.flow.trace import Event
from assay.probes.code.flow.values import IDENTITY, NOTHING, Kind, Value, atom, flat, join_all
from assay.probes.code.stores.base import Act, Durability, Gives
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.flow.state import Arguments, Frame
    from assay.probes.code.flow.values import Site
    from assay.probes.code.stores.base import Library, Row


class Use(NamedTuple):
    """One call of a member of a store handle, and the row that says what it does."""

    machine: Machine
    row: Row
    library: Library
    handle: HandleRef
    base: Value
    arguments: Arguments
    frame: Frame
    site: Site
    name: str


_IN_MEMORY: Final = {
    EffectKind.STORE_READ: EffectKind.MEMORY_READ,
    EffectKind.STORE_WRITE: EffectKind.MEMORY_WRITE,
}
_IN_FILES: Final = {EffectKind.STORE_READ: EffectKind.FILE_READ, EffectKind.STORE_WRITE: EffectKind.FILE_WRITE}
_ELSEWHERE: Final = {
    Durability.MEMORY: (_IN_MEMORY, Kind.MEMORY),
    Durability.CACHE: (_IN_MEMORY, Kind.MEMORY),
    Durability.FILE: (_IN_FILES, Kind.FILE),
}
"""Libraries whose data does not outlive the machine or the process: no store, but memory, a local file or a cache."""
IN_MEMORY: Final = "database in memory"
"""How a database that ends with the process is called behind its library's name."""
_NAMES: Final = {Durability.MEMORY: IN_MEMORY, Durability.CACHE: "cache"}


def _durability(use: Use) -> Durability:
    return Durability.MEMORY if use.handle.fleeting else use.library.durability


def happened(
    use: Use,
    kind: EffectKind,
    *,
    data: Value = NOTHING,
    selects: Value = NOTHING,
    commits: bool = False,
    throws: bool = True,
) -> None:
    """Record an effect of a store; what is kept in memory, a file or a cache is an effect of those."""
    machine, frame, durability = use.machine, use.frame, _durability(use)
    if durability in _ELSEWHERE:
        told = _ELSEWHERE[durability][0].get(kind)
        if told is not None:
            machine.note(told, frame, use.site, library=use.library.name, target=_target(use, durability), data=data)
        return
    at_once = commits or use.handle.autocommits or use.library.name in machine.trace.autocommits
    event = Event(
        kind,
        use.site,
        use.library.name,
        use.handle.table,
        frame.name,
        frame.state.cause,
        data=data,
        selects=selects,
        commits=at_once,
        handle=use.handle.kind,
    )
    machine.happen(event, frame, may_fail=throws and kind is not EffectKind.ROLLBACK)


def _target(use: Use, durability: Durability) -> str:
    """How memory, a file or a cache is called in effects and origins."""
    if durability is Durability.FILE:
        return use.handle.table or use.library.name
    return f"{use.library.name}:{_NAMES[durability]}"


def result(use: Use, gives: Gives, handle: str, path: str) -> Value:
    """What an executed statement gives."""
    table, model, durability = use.handle.table, use.handle.model, _durability(use)
    mark = IDENTITY if use.machine.trace.guarding else 0
    refs: tuple[Ref, ...] = (use.handle._replace(kind=handle, exits=False),) if handle else ()
    if model is not None and not _holds_rows(use.machine, handle):
        refs = (InstanceRef(model), *refs)
    if gives is Gives.NONE:
        return NOTHING
    if durability in _ELSEWHERE:
        value = atom(_ELSEWHERE[durability][1], use.site, _target(use, durability))
        return value.with_refs(refs)
    name = f"{use.library.name}:{table}"
    kind = {Gives.COUNT: Kind.COUNT, Gives.WRITTEN: Kind.WRITTEN}.get(gives, Kind.ROW)
    value = atom(kind, use.site, name, mark)
    if gives is not Gives.COUNT:
        value = value.with_refs(refs)
    if path == "data":
        return Value(None, {"data": value, "count": value, "error": atom(Kind.EXCEPTION, use.site)})
    return value


def _holds_rows(machine: Machine, handle: str) -> bool:
    """The handle is a result, whose rows are taken out of it."""
    found = machine.models.iterates(handle)
    return found is not None and found[0].act is Act.ROWS


def model_name(machine: Machine, value: Value) -> str:
    """The table or model that a value names."""
    if value.lit is not None:
        return value.lit.text
    for ref in value.refs:
        if isinstance(ref, ClassRef):
            return facts_of(machine, ref).name
        if isinstance(ref, HandleRef) and ref.table:
            return ref.table
    return ""


def model_class(machine: Machine, value: Value | None) -> ClassRef | None:
    """The mapped class of the project that a value names, or of which it is a column."""
    for ref in value.refs if value is not None else ():
        if isinstance(ref, ClassRef) and is_mapped(machine, ref):
            return ref
        if isinstance(ref, HandleRef) and ref.model is not None:
            return ref.model
    return None


def base_class(value: Value) -> ClassRef | None:
    """The class of the project that a value is."""
    return next((ref for ref in value.refs if isinstance(ref, ClassRef)), None)


def given_data(use: Use) -> Value:
    """What the arguments write."""
    row, arguments = use.row, use.arguments
    given = arguments.all() if row.data is None else [arguments.at(index) or NOTHING for index in row.data]
    if row.data is not None and row.data != ():
        given = [*given, *arguments.keywords.values()]
    if not row.fields:
        return join_all([flat(one) for one in given])
    parts = [one.fields[name] for one in given for name in row.fields if name in one.fields]
    loose = [Value(one.atoms) for one in given if one.atoms]
    return join_all([flat(one) for one in (*parts, *loose)])
