"""Store calls: rows of the store models applied to typed handles, sessions and transactions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import building, failures, queries, shapes, sql
from assay.probes.code.flow.classes import added_method, field_refs, is_manager
from assay.probes.code.flow.lineage import has_method
from assay.probes.code.flow.refs import HandleRef, InstanceRef, LibRef, PendingRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.store_effects import Use, base_class, given_data, happened, model_class, model_name, result
from assay.probes.code.flow.values import NOTHING, STORED, Kind, Value, atom, flat, join, join_all, truth
from assay.probes.code.stores.base import Act, Gives, Row
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site
    from assay.probes.code.stores.base import Library

_SCHEMA_VERBS: Final = frozenset({"create", "alter", "drop"})
_TYPESTATE: Final = {Act.FLUSH: EffectKind.FLUSH, Act.COMMIT: EffectKind.COMMIT, Act.ROLLBACK: EffectKind.ROLLBACK}
_SESSION_LIKE: Final = frozenset({"__enter__", "__aenter__"})
_TELLS: Final = ("get_", "is_", "has_", "check_", "__")
_ITEMS: Final = "[]"
_AUTOCOMMIT_LEVELS: Final = frozenset({"AUTOCOMMIT", "NONE", "0"})
_EXIT: Final = Row("", (), Act.COMMIT)
_FLEETING: Final = re.compile(r":memory:|^sqlite(\+\w+)?:/*$|mode=memory")


def member(
    machine: Machine, base: Value, handle: HandleRef, name: str, arguments: Arguments, frame: Frame, site: Site
) -> Value | None:
    """Call a member of a store handle; `None` where the handle's data answers instead."""
    found = machine.models.row(handle.kind, name)
    if found is None:
        inner = machine.models.attribute(handle.kind, name)
        if inner is not None:
            return Value(refs=(handle._replace(kind=inner[0], table=name if inner[1] else handle.table),))
        if name == "model" and handle.model is not None and is_manager(machine, handle):
            return machine.invoke(Value(refs=(handle.model,)), arguments, frame, site)
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
    if handle.awaited and name in library.lacks.get(handle.kind, "").split() and _is_sure(base):
        machine.breaks(site, f"the asynchronous session has no `{name}`")
    value = apply(Use(machine, row, library, handle, base, arguments, frame, site, name))
    waits = handle.awaited and arguments.written and name in library.awaits.get(handle.kind, "").split()
    return value.shaped(shapes.COROUTINE) if waits and _is_sure(base) else value


def _is_sure(base: Value) -> bool:
    """It is this handle and nothing else."""
    return len(base.refs) == 1 and not base.atoms and not base.fields


def _of_row(machine: Machine, base: Value, handle: HandleRef, name: str, site: Site) -> Value | None:
    """A method that rows have from their library: it tells of them; where its name says no such thing, it may write."""
    if handle.model is not None and any(has_method(machine, ref, name) for ref in base.refs):
        return None
    if not name.startswith(_TELLS):
        machine.trace.handed_on.setdefault(name, site)
    single = handle.kind.endswith((".Model", ".Field"))
    return Value(base.atoms, None, field_refs(machine, handle, name) if single else base.refs)


def function(machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site) -> Value | None:
    """Call a function of a store library (`select`, `get_object_or_404`), or `None` where there is no row for it.

    One that is given a connection (`read_sql(query, engine)`) does to that connection's store what its row says.
    """
    module, _, name = path.rpartition(".")
    found = machine.models.row(module, name)
    if found is None:
        return None
    row, library = found
    handle = HandleRef(module, library.name)
    if row.through:
        given = next((ref for one in arguments.all() for ref in one.refs if isinstance(ref, HandleRef)), None)
        if given is None:
            return None
        handle, library = given, machine.models.libraries.get(given.library, library)
    return apply(Use(machine, row, library, handle, NOTHING, arguments, frame, site, name))


def iterated(machine: Machine, value: Value, frame: Frame, site: Site) -> Value:
    """What is iterated over, with the queries executed that run when they are iterated."""
    value = queries.fire(machine, value, frame, site)
    for ref in value.refs:
        found = machine.models.iterates(ref.kind) if isinstance(ref, HandleRef) else None
        if found is not None and isinstance(ref, HandleRef):
            row, library = found
            rows = apply(Use(machine, row, library, ref, value, Arguments(), frame, site, _ITEMS))
            return Value(rows.atoms, value.fields, rows.refs)
    return value


def put(machine: Machine, base: Value, key: Value, value: Value, frame: Frame, site: Site) -> bool:
    """`shelf[key] = value`: whether something of a store was set."""
    for ref in base.refs:
        if isinstance(ref, HandleRef) and machine.models.row(ref.kind, "[]=") is not None:
            member(machine, base, ref, "[]=", Arguments([key, value]), frame, site)
            return True
    return False


def apply(use: Use) -> Value:
    """What one row does."""
    use = _at_table(use)
    if use.handle.model is not None and use.library.name == "sqlalchemy":
        use.machine.configures(use.site)
    match use.row.act:
        case Act.HANDLE:
            return Value(refs=(_handed(use),))
        case Act.NOTHING:
            return _nothing(use)
        case Act.OPEN:
            return _opened(use)
        case Act.ROWS:
            return _rows(use)
        case Act.CALL:
            return _called(use)
        case Act.AUTOCOMMIT:
            return _autocommit(use)
        case Act.BUILD_READ | Act.BUILD_WRITE | Act.BUILD_SQL:
            return queries.built(use, given_data(use) if use.row.data != () else NOTHING)
        case Act.READ | Act.WRITE if use.row.lazy:
            data = given_data(use) if use.row.act is Act.WRITE else NOTHING
            return queries.pending(use, data, writes=use.row.act is Act.WRITE)
        case Act.READ:
            throws = use.row.throws and not (use.row.deferred and building.is_only_built(use.machine))
            happened(use, EffectKind.STORE_READ, selects=_selection(use), throws=throws)
        case Act.WRITE:
            data = given_data(use)
            happened(
                use, EffectKind.STORE_WRITE, data=data, selects=join(_selection(use), Value(use.base.atoms)),
                commits=use.row.commits, throws=use.row.throws,
            )  # fmt: skip
        case Act.STAGE:
            return _stage(use)
        case Act.RUN:
            return _run(use)
        case Act.FLUSH | Act.COMMIT | Act.ROLLBACK:
            happened(use._replace(handle=use.handle._replace(table="")), _TYPESTATE[use.row.act])
        case Act.FIRE | Act.CHAIN:
            return use.base
    return result(use, use.row.gives, use.row.handle, use.row.path)


def _at_table(use: Use) -> Use:
    """The use with the table, class and mode of its handle as this call knows them."""
    given = use.arguments.at(use.row.table) if use.row.table is not None else None
    table = (model_name(use.machine, given) if given is not None else "") or use.handle.table
    model = model_class(use.machine, given) or use.handle.model
    stated = use.base.fields.get("autocommit")
    autocommits = use.handle.autocommits or (stated is not None and truth(stated) is True)
    return use._replace(handle=use.handle._replace(table=table, model=model, autocommits=autocommits))


def made(path: str, kind: str, library: Library, table: str, arguments: Arguments) -> HandleRef:
    """The handle that a library call gives: what it says of commits, and what the engine that it is given is.

    Where a setting chooses between engines, the data is taken to be in the one that keeps it.
    """
    given = [ref for one in arguments.all() for ref in one.refs if isinstance(ref, HandleRef)]
    model = next((base_class(one) for one in arguments.keywords.values()), None)
    return HandleRef(
        kind,
        library.name,
        table,
        model,
        autocommits=_autocommits(arguments) or any(ref.autocommits for ref in given),
        fleeting=_fleeting(arguments) or (bool(given) and all(ref.fleeting for ref in given)),
        awaited=path in library.asynchronous or any(_names_one(one, library) for one in arguments.keywords.values()),
    )


def _names_one(value: Value, library: Library) -> bool:
    return any(isinstance(ref, LibRef) and ref.path in library.asynchronous for ref in value.refs)


def _handed(use: Use) -> HandleRef:
    autocommits = use.handle.autocommits or _autocommits(use.arguments)
    return use.handle._replace(kind=use.row.handle, exits=use.row.exits, autocommits=autocommits)


def _autocommits(arguments: Arguments) -> bool:
    """`autocommit=True`, or an isolation level that means it."""
    stated = arguments.keywords.get("autocommit")
    if stated is not None and truth(stated):
        return True
    options = arguments.keywords.get("execution_options")
    level = arguments.keywords.get("isolation_level") or (options.fields.get("isolation_level") if options else None)
    return level is not None and level.lit is not None and level.lit.text.upper() in _AUTOCOMMIT_LEVELS


def _autocommit(use: Use) -> Value:
    """`connection.autocommit(True)`: from here on this library's writes take effect at once."""
    given = use.arguments.at(0, "autocommit")
    off = given is not None and (truth(given) is False and given.lit is not None and given.lit.text != "0")
    if not off:
        use.machine.trace.autocommits.add(use.library.name)
    return NOTHING


def _fleeting(arguments: Arguments) -> bool:
    """A database in memory: it ends with the process."""
    named = arguments.at(0) or arguments.keywords.get("url") or arguments.keywords.get("database")
    return named is not None and named.lit is not None and bool(_FLEETING.search(named.lit.text))


def _nothing(use: Use) -> Value:
    if use.row.gives is not Gives.SAME:
        return NOTHING
    return join_all([one for one in use.arguments.all() if one]) or use.base


def _opened(use: Use) -> Value:
    failures.may_fail(use.machine, use.library.name, use.site)
    return Value(refs=(_handed(use),)) if use.row.handle else use.base.with_refs((use.handle,))


def _rows(use: Use) -> Value:
    """Rows of a result that was fetched when its statement ran."""
    refs: tuple[Ref, ...] = ()
    if use.row.handle:
        refs = (use.handle._replace(kind=use.row.handle),)
    elif use.handle.model is not None:
        refs = (InstanceRef(use.handle.model),)
    return Value(use.base.atoms, None, refs)


def _called(use: Use) -> Value:
    """`run_sync(f, ...)`: the function is called with the handle."""
    function = use.arguments.at(0) or NOTHING
    handle = use.handle._replace(kind=use.row.handle or use.handle.kind)
    rest = Arguments([Value(refs=(handle,)), *use.arguments.positional[1:]], use.arguments.keywords)
    return use.machine.invoke(function, rest, use.frame, use.site)


def _selection(use: Use) -> Value:
    return join_all(flat(one) for one in use.arguments.all())


def _stage(use: Use) -> Value:
    given = join_all(use.arguments.all()) if use.row.data is None else use.base
    table = use.handle.table if use.row.table is not None else ""
    table = table or model_name(use.machine, given) or _row_table(given) or use.handle.table
    use = use._replace(handle=use.handle._replace(table=table))
    happened(use, EffectKind.STORE_WRITE, data=flat(given), commits=use.row.commits)
    return given.with_atoms(atom(Kind.WRITTEN, use.site, f"{use.library.name}:{table}").atoms)


def _row_table(value: Value) -> str:
    for ref in value.refs:
        if isinstance(ref, InstanceRef):
            return ""
    return next((one.name.partition(":")[2] for one in value.atoms if one.kind in {Kind.ROW, Kind.WRITTEN}), "")


def _run(use: Use) -> Value:
    """Execute the statement that is an argument: a built one, or SQL text."""
    row, arguments, library = use.row, use.arguments, use.library
    statement = _statement(use)
    built = next((ref for ref in statement.refs if isinstance(ref, PendingRef)), None)
    extra = given_data(use) if row.data is not None else join_all([flat(one) for one in arguments.all()[1:]])
    if built is not None:
        done = built._replace(data=join(built.data, extra), commits=row.commits, site=use.site)
        return queries.fired(use, done, Gives.WRITTEN if done.writes else Gives.ROWS)
    text = sql.text_of(statement)
    verb = sql.verb_of(text)
    writes = bool(verb) and verb not in sql.READ_VERBS
    use = use._replace(handle=use.handle._replace(table=sql.table_of(text)))
    control = sql.control_of(text)
    if row.lazy:
        return queries.pending(use, join(extra, flat(statement)), writes=writes, control=control)
    if control:
        return queries.controlled(use, control)
    if verb in _SCHEMA_VERBS:
        failures.may_fail(use.machine, library.name, use.site)
        return NOTHING
    if not verb:
        writes = use.name in {"executemany", "run", "execute_insert", "execute_values", "execute_batch"}
        if not writes and any(one.kind is Kind.REQUEST for one in extra.all_atoms()):
            use.machine.trace.handed_on.setdefault(f"{use.handle.kind}.{use.name}", use.site)
    data = join(extra, flat(statement))
    place = f"{use.row.handle or use.handle.kind}|{row.path}"
    ref = PendingRef(library.name, writes, sql.table_of(text), row.lazy, row.commits, use.site, data, place)
    gives = Gives.ROWS if not writes or "returning" in text.lower() else Gives.WRITTEN
    return queries.fired(use, ref, gives if row.gives is Gives.ROWS else row.gives)


def _statement(use: Use) -> Value:
    named = (use.arguments.keywords.get(name) for name in ("query", "statement", "sql", "operation", "stmt"))
    return use.arguments.at(use.row.statement) or next((one for one in named if one is not None), NOTHING)


def leave(machine: Machine, handle: HandleRef, frame: Frame, site: Site) -> None:
    """The end of a `with` block: a transaction commits, and so does a connection of drivers that say so."""
    if handle.exits or handle.kind in machine.models.exits:
        library = machine.models.libraries[handle.library]
        use = Use(machine, _EXIT, library, handle._replace(table=""), NOTHING, Arguments(), frame, site, "")
        happened(use, EffectKind.COMMIT)
