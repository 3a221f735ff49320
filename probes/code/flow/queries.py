"""Queries that are built first and executed later: by a session, by being awaited or iterated, or never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import failures, sql
from assay.probes.code.flow.refs import HandleRef, PendingRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.store_effects import Use, given_data, happened, model_name, result
from assay.probes.code.flow.values import NOTHING, Value, flat, join, join_all
from assay.probes.code.stores.base import Act, Gives, Row
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site

_ENDINGS: Final = {"commit": EffectKind.COMMIT, "rollback": EffectKind.ROLLBACK}
_TURNS_WRITE: Final = frozenset(
    {"insert", "update", "upsert", "del", "delete", "increment", "decrement", "merge", "insertInto"}
)
_TURNED: Final = frozenset({"knex", "supabase", "typeorm"})
_ADDS_DATA: Final = frozenset(
    {"values", "set", "insert", "update", "upsert", "onConflictDoUpdate", "on_conflict_do_update", "ordered_values"}
)
_FIRES: Final = frozenset(
    {"execute", "exec", "run", "all", "get", "executeTakeFirst", "executeTakeFirstOrThrow", "then"}
)
_TABLE_MEMBERS: Final = frozenset({"from", "from_", "into", "select_from", "table"})
_KEPT: Final = (".Document", ".Model", ".Entity", ".Cursor", ".Result")
_ROWLESS: Final = Row("", (), Act.FIRE)


def built(use: Use, data: Value) -> Value:
    """A statement that waits for somebody to execute it."""
    if use.row.act is not Act.BUILD_SQL:
        return pending(use, data, writes=use.row.act is Act.BUILD_WRITE)
    text = sql.text_of(use.arguments.at(0) or NOTHING)
    verb = sql.verb_of(text)
    use = use._replace(handle=use.handle._replace(table=sql.table_of(text)))
    return pending(use, data, writes=bool(verb) and verb not in sql.READ_VERBS, control=sql.control_of(text))


def pending(use: Use, data: Value, *, writes: bool, control: str = "") -> Value:
    """A query that was built and not yet executed."""
    row, handle = use.row, use.handle
    place = f"{row.handle or handle.kind}|{row.path}"
    name = use.library.name
    built = PendingRef(name, writes, handle.table, row.lazy, row.commits, use.site, data, place, handle.model, control)
    return Value(refs=(built,))


def fired(use: Use, query: PendingRef, gives: Gives) -> Value:
    """Execute a query."""
    if query.control:
        return controlled(use._replace(site=query.site), query.control)
    handle = use.handle._replace(table=query.table, model=query.model or use.handle.model)
    use = use._replace(handle=handle, site=query.site)
    data = query.data or NOTHING
    if query.writes:
        happened(use, EffectKind.STORE_WRITE, data=data, commits=query.commits, throws=use.row.throws)
    else:
        happened(use, EffectKind.STORE_READ, selects=data, commits=query.commits, throws=use.row.throws)
    inner, _, path = query.handle.partition("|")
    rowless = use.row is _ROWLESS
    kept = inner if inner.endswith(_KEPT) and not use.row.handle else use.row.handle
    return result(use, gives, kept, path if rowless else use.row.path)


def controlled(use: Use, control: str) -> Value:
    """Execute what only ends a transaction or sets its session: no row is written, and none is read."""
    if control in _ENDINGS:
        happened(use, _ENDINGS[control])
    else:
        failures.may_fail(use.machine, use.library.name, use.site)
    return NOTHING


def _use(machine: Machine, query: PendingRef, frame: Frame, site: Site, row: Row = _ROWLESS) -> Use:
    library = machine.models.libraries[query.library]
    handle = HandleRef(query.handle.partition("|")[0], query.library, query.table)
    return Use(machine, row, library, handle, NOTHING, Arguments(), frame, site, "")


def fire(machine: Machine, value: Value, frame: Frame, site: Site) -> Value:
    """Await, iterate or collect: lazy queries among the value run now, also inside a list (`Promise.all`)."""
    if not any(isinstance(ref, PendingRef) and ref.lazy for one in value.walk() for ref in one.refs):
        return value
    kept = tuple(ref for ref in value.refs if not (isinstance(ref, PendingRef) and ref.lazy))
    done = Value(value.atoms, {key: fire(machine, child, frame, site) for key, child in value.fields.items()}, kept)
    for ref in value.refs:
        if isinstance(ref, PendingRef) and ref.lazy:
            done = join(done, fired(_use(machine, ref, frame, site), ref, _gives(ref)))
    return done


def _gives(query: PendingRef) -> Gives:
    return Gives.WRITTEN if query.writes else Gives.ROWS


def chained(
    machine: Machine, base: Value, ref: PendingRef, name: str, arguments: Arguments, frame: Frame, site: Site
) -> Value:
    """A member of a query that is built: more of the query, or what executes it."""
    found = machine.models.row(ref.handle.partition("|")[0], name)
    if found is not None and found[0].act is Act.FIRE:
        use = _use(machine, ref, frame, site, found[0])._replace(arguments=arguments)
        done = ref._replace(data=join(ref.data, given_data(use)))
        gives = use.row.gives if not ref.writes or use.row.gives is Gives.ROW else Gives.WRITTEN
        return fired(use, done, gives)
    if found is not None and found[0].act is Act.BUILD_WRITE:
        ref = ref._replace(writes=True)
    if name in _TURNS_WRITE and ref.library in _TURNED:
        ref = ref._replace(writes=True)
    if name in _TABLE_MEMBERS and arguments.positional:
        ref = ref._replace(table=model_name(machine, arguments.positional[0]) or ref.table)
    if name in _ADDS_DATA:
        ref = ref._replace(data=join(ref.data, join_all([flat(one) for one in arguments.all()])))
    if name in _FIRES and ref.lazy and (name != "get" or not arguments.positional):
        return fired(_use(machine, ref, frame, site), ref, _gives(ref))
    return Value(base.atoms, None, (ref,))
