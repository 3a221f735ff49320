"""Store calls: rows of the store models applied to typed handles, pending queries, sessions and transactions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import failures, sql
from assay.probes.code.flow.classes import added_method, facts_of, field_refs
from assay.probes.code.flow.machine import Event
from assay.probes.code.flow.refs import (
    ClassRef,
    HandleRef,
    InstanceRef,
    PendingRef,
)
from assay.probes.code.flow.values import (
    IDENTITY,
    NOTHING,
    STORED,
    Kind,
    Site,
    Value,
    atom,
    flat,
    join,
    join_all,
    truth,
)
from assay.probes.code.stores.base import Act, Gives
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Arguments, Frame, Machine
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.stores.base import Library, Row

_TRANSACTION_VERBS: Final = {"commit": EffectKind.COMMIT, "rollback": EffectKind.ROLLBACK}
_SCHEMA_VERBS: Final = frozenset({"create", "alter", "drop", "set", "begin", "start", "savepoint", "listen"})
_TURNS_WRITE: Final = frozenset(
    {"insert", "update", "upsert", "del", "delete", "increment", "decrement", "merge", "insertInto"}
)
_ADDS_DATA: Final = frozenset({"values", "set", "insert", "update", "upsert", "onConflictDoUpdate"})
_FIRES: Final = frozenset(
    {"execute", "exec", "run", "all", "get", "executeTakeFirst", "executeTakeFirstOrThrow", "then"}
)
_TABLE_MEMBERS: Final = frozenset({"from", "from_", "into", "select_from", "table"})


def member(
    machine: Machine, base: Value, handle: HandleRef, name: str, arguments: Arguments, frame: Frame, site: Site
) -> Value | None:
    """Call a member of a store handle; `None` where the handle's data answers instead."""
    found = machine.models.row(handle.kind, name)
    if found is None:
        inner = machine.models.attribute(handle.kind, name)
        if inner is not None:
            return Value(refs=(HandleRef(inner[0], handle.library, name if inner[1] else handle.table),))
        added = added_method(machine, handle, name, base)
        if added is not None:
            return machine.invoke(added, arguments, frame, site)
        if machine.models.fields.get(handle.kind) and any(one.kind in STORED for one in base.atoms):
            return _of_row(machine, base, handle, name, site)
        if base.atoms or base.fields or any(isinstance(ref, InstanceRef) for ref in base.refs):
            return None
        if machine.models.row(handle.kind, "()") and name in _SESSION_LIKE:
            return Value(refs=(handle,))
        machine.trace.unresolved.setdefault(f"{handle.kind}.{name}", site)
        return machine.unknown(NOTHING, arguments, site, f"{handle.kind}.{name}")
    row, library = found
    return apply(machine, row, library, handle, base, arguments, frame, site, name)


def _of_row(machine: Machine, base: Value, handle: HandleRef, name: str, site: Site) -> Value | None:
    """A method that rows have from their library: it tells of them; where its name says no such thing, it may write."""
    if handle.model is not None and any(machine.has_method(ref, name) for ref in base.refs):
        return None
    if not name.startswith(_TELLS):
        machine.trace.handed_on.setdefault(name, site)
    single = handle.kind.endswith((".Model", ".Field"))
    return Value(base.atoms, None, field_refs(machine, handle, name) if single else base.refs)


_TELLS: Final = ("get_", "is_", "has_", "check_", "__")
_SESSION_LIKE: Final = frozenset({"__enter__", "__aenter__"})


def function(machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site) -> Value | None:
    """Call a function of a store library (`select`, `get_object_or_404`), or `None` where there is no row for it."""
    module, _, name = path.rpartition(".")
    found = machine.models.row(module, name)
    if found is None:
        return None
    row, library = found
    return apply(machine, row, library, HandleRef(module, library.name), NOTHING, arguments, frame, site, name)


def apply(
    machine: Machine,
    row: Row,
    library: Library,
    handle: HandleRef,
    base: Value,
    arguments: Arguments,
    frame: Frame,
    site: Site,
    name: str,
) -> Value:
    """What one row does."""
    table = _table_of(machine, row, arguments) or handle.table
    given = arguments.at(row.table) if row.table is not None else None
    handle = handle._replace(table=table, library=library.name, model=model_class(machine, given) or handle.model)
    autocommit = base.fields.get("autocommit")
    if autocommit is not None and truth(autocommit):
        handle = handle._replace(autocommits=True)
    if handle.model is not None and library.name == "sqlalchemy":
        machine.configures(site)
    match row.act:
        case Act.HANDLE:
            return Value(refs=(_handed(row, handle, arguments),))
        case Act.NOTHING:
            return _nothing(row, base, arguments)
        case Act.OPEN:
            failures.may_fail(machine, library.name, site)
            return Value(refs=(_handed(row, handle, arguments),)) if row.handle else base.with_refs((handle,))
        case Act.BUILD_READ | Act.BUILD_WRITE:
            return _built(row, library, handle, table, arguments, site, writes=row.act is Act.BUILD_WRITE)
        case Act.BUILD_SQL:
            text = sql.text_of(arguments.at(0) or NOTHING)
            verb = sql.verb_of(text)
            return _built(
                row,
                library,
                handle,
                sql.table_of(text),
                arguments,
                site,
                writes=bool(verb) and verb not in sql.READ_VERBS,
            )
        case Act.READ | Act.WRITE if row.lazy:
            data = _data(row, arguments) if row.act is Act.WRITE else NOTHING
            return _pending(row, library, handle, table, data, site, writes=row.act is Act.WRITE)
        case Act.READ:
            return _read(machine, row, library, handle, table, arguments, frame, site)
        case Act.WRITE:
            return _write(machine, row, library, handle, table, _data(row, arguments), arguments, frame, site)
        case Act.STAGE:
            return _stage(machine, row, library, handle, base, arguments, frame, site)
        case Act.RUN:
            return _run(machine, row, library, handle, arguments, frame, site, name)
        case Act.FLUSH | Act.COMMIT | Act.ROLLBACK:
            _event(machine, _TYPESTATE[row.act], library.name, "", handle, frame, site)
            return NOTHING
        case Act.FIRE | Act.CHAIN:
            return base


_TYPESTATE: Final = {Act.FLUSH: EffectKind.FLUSH, Act.COMMIT: EffectKind.COMMIT, Act.ROLLBACK: EffectKind.ROLLBACK}


def made(kind: str, library: Library, table: str, arguments: Arguments) -> HandleRef:
    """The handle that a library call gives: what it says of commits, and what the engine that it is given is."""
    given = [ref for one in arguments.all() for ref in one.refs if isinstance(ref, HandleRef)]
    model = next((base_class(one) for one in arguments.keywords.values()), None)
    return HandleRef(
        kind,
        library.name,
        table,
        model,
        autocommits=_autocommits(arguments) or any(ref.autocommits for ref in given),
        fleeting=_fleeting(arguments) or any(ref.fleeting for ref in given),
    )


def _handed(row: Row, handle: HandleRef, arguments: Arguments) -> HandleRef:
    autocommits = handle.autocommits or _autocommits(arguments)
    return handle._replace(kind=row.handle, exits=row.exits, autocommits=autocommits)


def _autocommits(arguments: Arguments) -> bool:
    """`autocommit=True`, or an isolation level that means it."""
    stated = arguments.keywords.get("autocommit")
    if stated is not None and truth(stated):
        return True
    options = arguments.keywords.get("execution_options")
    level = arguments.keywords.get("isolation_level") or (options.fields.get("isolation_level") if options else None)
    return level is not None and level.lit is not None and level.lit.text.upper() in _AUTOCOMMIT_LEVELS


_AUTOCOMMIT_LEVELS: Final = frozenset({"AUTOCOMMIT", "NONE"})
_FLEETING: Final = re.compile(r":memory:|^sqlite(\+\w+)?:/*$|mode=memory")


def _fleeting(arguments: Arguments) -> bool:
    """A database in memory: it ends with the process."""
    named = arguments.at(0) or arguments.keywords.get("url") or arguments.keywords.get("database")
    return named is not None and named.lit is not None and bool(_FLEETING.search(named.lit.text))


def _nothing(row: Row, base: Value, arguments: Arguments) -> Value:
    if row.gives is not Gives.SAME:
        return NOTHING
    return join_all([one for one in arguments.all() if one]) or base


def _table_of(machine: Machine, row: Row, arguments: Arguments) -> str:
    given = arguments.at(row.table) if row.table is not None else None
    return model_name(machine, given) if given is not None else ""


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
        if isinstance(ref, ClassRef) and machine.is_mapped(ref):
            return ref
        if isinstance(ref, HandleRef) and ref.model is not None:
            return ref.model
    return None


def base_class(value: Value) -> ClassRef | None:
    """The class of the project that a value is."""
    return next((ref for ref in value.refs if isinstance(ref, ClassRef)), None)


def _data(row: Row, arguments: Arguments) -> Value:
    given = arguments.all() if row.data is None else [arguments.at(index) or NOTHING for index in row.data]
    if row.data is not None and row.data != ():
        given = [*given, *arguments.keywords.values()]
    if not row.fields:
        return join_all([flat(one) for one in given])
    parts = [one.fields[name] for one in given for name in row.fields if name in one.fields]
    loose = [Value(one.atoms) for one in given if one.atoms]
    return join_all([flat(one) for one in (*parts, *loose)])


def _selection(row: Row, arguments: Arguments) -> Value:
    return (
        join_all([flat(one) for one in arguments.all()])
        if row.data != ()
        else join_all(flat(one) for one in arguments.all())
    )


def _built(
    row: Row, library: Library, handle: HandleRef, table: str, arguments: Arguments, site: Site, *, writes: bool
) -> Value:
    data = _data(row, arguments) if row.data != () else NOTHING
    return _pending(row, library, handle, table, data, site, writes=writes)


def _pending(
    row: Row, library: Library, handle: HandleRef, table: str, data: Value, site: Site, *, writes: bool
) -> Value:
    kind = row.handle or handle.kind
    place = f"{kind}|{row.path}"
    ref = PendingRef(library.name, writes, table, row.lazy, row.commits, site, data, place, handle.model)
    return Value(refs=(ref,))


def result(
    machine: Machine,
    library: Library,
    table: str,
    gives: Gives,
    handle: str,
    path: str,
    site: Site,
    model: ClassRef | None,
) -> Value:
    """What an executed statement gives."""
    name = f"{library.name}:{table}"
    mark = IDENTITY if machine.trace.guarding else 0
    refs: tuple[Ref, ...] = (HandleRef(handle, library.name, table, model),) if handle else ()
    if model is not None:
        refs = (InstanceRef(model), *refs)
    match gives:
        case Gives.NONE:
            return NOTHING
        case Gives.COUNT:
            value = atom(Kind.COUNT, site, name, mark)
        case Gives.WRITTEN:
            value = Value(atom(Kind.WRITTEN, site, name, mark).atoms, None, refs)
        case _:
            value = Value(atom(Kind.ROW, site, name, mark).atoms, None, refs)
    if path == "data":
        return Value(None, {"data": value, "count": value, "error": atom(Kind.EXCEPTION, site)})
    return value


def _read(
    machine: Machine,
    row: Row,
    library: Library,
    handle: HandleRef,
    table: str,
    arguments: Arguments,
    frame: Frame,
    site: Site,
) -> Value:
    selects = _selection(row, arguments)
    _event(machine, EffectKind.STORE_READ, library.name, table, handle, frame, site, selects=selects, throws=row.throws)
    return result(machine, library, table, row.gives, row.handle, row.path, site, handle.model)


def _write(
    machine: Machine,
    row: Row,
    library: Library,
    handle: HandleRef,
    table: str,
    data: Value,
    arguments: Arguments,
    frame: Frame,
    site: Site,
) -> Value:
    _event(
        machine,
        EffectKind.STORE_WRITE,
        library.name,
        table,
        handle,
        frame,
        site,
        data=data,
        selects=_selection(row, arguments),
        commits=row.commits,
        throws=row.throws,
    )
    return result(machine, library, table, row.gives, row.handle, row.path, site, handle.model)


def _stage(
    machine: Machine,
    row: Row,
    library: Library,
    handle: HandleRef,
    base: Value,
    arguments: Arguments,
    frame: Frame,
    site: Site,
) -> Value:
    given = join_all(arguments.all()) if row.data is None else base
    table = model_name(machine, given) or _row_table(given) or handle.table
    data = flat(given)
    _event(
        machine,
        EffectKind.STORE_WRITE,
        library.name,
        table,
        handle,
        frame,
        site,
        data=data,
        commits=row.commits,
    )
    return _saved(given, library.name, table, site)


def _row_table(value: Value) -> str:
    for ref in value.refs:
        if isinstance(ref, InstanceRef):
            return ""
    return next((one.name.partition(":")[2] for one in value.atoms if one.kind in {Kind.ROW, Kind.WRITTEN}), "")


def _saved(value: Value, library: str, table: str, site: Site) -> Value:
    """An object that was handed to a store: what it holds is what the store holds."""
    return value.with_atoms(atom(Kind.WRITTEN, site, f"{library}:{table}").atoms)


def _run(
    machine: Machine,
    row: Row,
    library: Library,
    handle: HandleRef,
    arguments: Arguments,
    frame: Frame,
    site: Site,
    name: str,
) -> Value:
    statement = arguments.at(0) or arguments.at(None, "query") or arguments.at(None, "statement") or NOTHING
    pending = next((ref for ref in statement.refs if isinstance(ref, PendingRef)), None)
    extra = _data(row, arguments) if row.data is not None else join_all([flat(one) for one in arguments.all()[1:]])
    if pending is not None:
        data = join(pending.data, extra)
        commits = row.commits and (pending.commits or row.commits)
        done = pending._replace(data=data, commits=commits)
        return _fired(
            machine, done, library, handle, Gives.ROWS if not pending.writes else Gives.WRITTEN, row, frame, site
        )
    text = sql.text_of(statement)
    verb = sql.verb_of(text)
    if row.lazy:
        writes = bool(verb) and verb not in sql.READ_VERBS
        return _pending(row, library, handle, sql.table_of(text), join(extra, flat(statement)), site, writes=writes)
    if verb in _TRANSACTION_VERBS:
        _event(machine, _TRANSACTION_VERBS[verb], library.name, "", handle, frame, site)
        return NOTHING
    if verb in _SCHEMA_VERBS:
        failures.may_fail(machine, library.name, site)
        return NOTHING
    writes = (bool(verb) and verb not in sql.READ_VERBS) or (
        not verb and name in {"executemany", "run", "execute_insert"}
    )
    ref = PendingRef(
        library.name, writes, sql.table_of(text), row.lazy, row.commits, site, join(extra, flat(statement)), ""
    )
    gives = Gives.ROWS if not writes or "returning" in text.lower() else Gives.WRITTEN
    return _fired(machine, ref, library, handle, gives if row.gives is Gives.ROWS else row.gives, row, frame, site)


def _fired(
    machine: Machine,
    pending: PendingRef,
    library: Library,
    handle: HandleRef,
    gives: Gives,
    row: Row | None,
    frame: Frame,
    site: Site,
) -> Value:
    kind = EffectKind.STORE_WRITE if pending.writes else EffectKind.STORE_READ
    data = pending.data or NOTHING
    _event(
        machine,
        kind,
        library.name,
        pending.table,
        handle,
        frame,
        site,
        data=data if pending.writes else NOTHING,
        selects=NOTHING if pending.writes else data,
        commits=pending.commits,
        throws=row.throws if row else True,
    )
    inner, _, path = pending.handle.partition("|")
    kept = inner if inner.endswith((".Document", ".Model", ".Entity", ".Cursor")) else row.handle if row else ""
    return result(
        machine, library, pending.table, gives, kept, row.path if row else path, site, pending.model or handle.model
    )


def fire(machine: Machine, value: Value, frame: Frame, site: Site) -> Value:
    """Await, iterate or collect: lazy queries among the value run now, also inside a list (`Promise.all`)."""
    if not any(isinstance(ref, PendingRef) and ref.lazy for one in value.walk() for ref in one.refs):
        return value
    kept = tuple(ref for ref in value.refs if not (isinstance(ref, PendingRef) and ref.lazy))
    done = Value(value.atoms, {key: fire(machine, child, frame, site) for key, child in value.fields.items()}, kept)
    for ref in value.refs:
        if isinstance(ref, PendingRef) and ref.lazy:
            library = machine.models.libraries[ref.library]
            found = machine.models.row(ref.handle.partition("|")[0], "")
            del found
            gives = Gives.WRITTEN if ref.writes else Gives.ROWS
            handle = HandleRef(ref.handle.partition("|")[0], ref.library, ref.table)
            done = join(done, _fired(machine, ref, library, handle, gives, None, frame, ref.site))
    return done


def chained(
    machine: Machine, base: Value, ref: PendingRef, name: str, arguments: Arguments, frame: Frame, site: Site
) -> Value:
    """A member of a query that is built: more of the query, or what executes it."""
    library = machine.models.libraries[ref.library]
    kind = ref.handle.partition("|")[0]
    found = machine.models.row(kind, name)
    if found is not None and found[0].act is Act.FIRE:
        row = found[0]
        done = ref._replace(data=join(ref.data, _data(row, arguments)))
        gives = row.gives if not ref.writes or row.gives is Gives.ROW else Gives.WRITTEN
        return _fired(machine, done, library, HandleRef(kind, ref.library), gives, row, frame, site)
    if found is not None and found[0].act is Act.BUILD_WRITE:
        ref = ref._replace(writes=True)
    if name in _TURNS_WRITE and (ref.library in {"knex", "supabase", "typeorm"}):
        ref = ref._replace(writes=True)
    if name in _TABLE_MEMBERS and arguments.positional:
        ref = ref._replace(table=model_name(machine, arguments.positional[0]) or ref.table)
    if name in _ADDS_DATA:
        ref = ref._replace(data=join(ref.data, join_all([flat(one) for one in arguments.all()])))
    if name in _FIRES and ref.lazy and (name != "get" or not arguments.positional):
        gives = Gives.WRITTEN if ref.writes else Gives.ROWS
        return _fired(machine, ref, library, HandleRef(kind, ref.library), gives, None, frame, site)
    return Value(base.atoms, None, (ref,))


def leave(machine: Machine, handle: HandleRef, frame: Frame, site: Site) -> None:
    """The end of a `with` block: a transaction commits, and so does a connection of drivers that say so."""
    if handle.exits or handle.kind in machine.models.exits:
        _event(machine, EffectKind.COMMIT, handle.library, "", handle, frame, site)


def _event(
    machine: Machine,
    kind: EffectKind,
    library: str,
    table: str,
    handle: HandleRef,
    frame: Frame,
    site: Site,
    *,
    data: Value = NOTHING,
    selects: Value = NOTHING,
    commits: bool = False,
    throws: bool = True,
) -> None:
    event = Event(
        kind,
        site,
        library,
        table,
        frame.name,
        frame.state.cause,
        data=data,
        selects=selects,
        commits=commits or handle.autocommits,
        handle=handle.kind,
    )
    machine.happen(event, frame, may_fail=throws and kind is not EffectKind.ROLLBACK)
