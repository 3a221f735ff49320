"""Members of plain data.

Lists, dicts, maps, texts and whatever a library gave; by name, where no project object answers first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import files, lists, texts
from assay.probes.code.flow.bindings import write_into
from assay.probes.code.flow.does import Does
from assay.probes.code.flow.refs import BoundRef, ClassRef, CombinatorRef, ContainerRef, FunctionRef, LibRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import (
    DEFAULT,
    NOTHING,
    STORED,
    Kind,
    Value,
    carried,
    flat,
    join,
    join_all,
    marked,
    mixed,
    text_literal,
)
from assay.probes.code.syntax import Attr, Call, Item, LitKind, Name

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site
    from assay.probes.code.syntax import Expr

_ADDS: Final = frozenset({"append", "push", "add", "unshift", "insert", "extend", "appendleft"})
_PUTS: Final = frozenset({"set", "update", "setdefault"})
_REMOVES: Final = frozenset({"remove", "pop", "popitem", "clear", "delete", "splice", "shift", "discard", "popleft"})
READS: Final = frozenset(
    [
        "copy",
        "slice",
        "sort",
        "sorted",
        "reverse",
        "filter",
        "strip",
        "trim",
        "lower",
        "upper",
        "toLowerCase",
        "toUpperCase",
        "toString",
        "concat",
        "flat",
        "values",
        "all",
        "tolist",
        "to_list",
        "lean",
        "exec",
        "unique",
        "items",
        "entries",
        "toArray",
        "to_dict",
        "dict",
        "model_dump",
        "toJSON",
        "toObject",
        "json",
        "serialize",
        "dropna",
        "fillna",
        "head",
        "tail",
        "reset_index",
        "mappings",
        "fetchall",
        "fetchone",
        "fetchmany",
        "scalars",
        "scalar_one",
        "scalar_one_or_none",
        "scalar",
        "one",
        "one_or_none",
        "first",
        "last",
        "unique_all",
        "partitions",
        "decode",
        "encode",
        "isoformat",
        "strftime",
        "splitlines",
        "freeze",
        "sort_values",
    ]
)
"""Members that give what they are called on, in another form."""
_CALLS: Final = frozenset(
    {"map", "flatMap", "forEach", "reduce", "find", "some", "every", "filter", "findLast", "apply"}
)
_EXPORTS: Final = frozenset(
    [
        "to_csv",
        "to_excel",
        "to_feather",
        "to_parquet",
        "to_pickle",
        "write_csv",
        "write_excel",
        "write_ipc",
        "write_json",
        "write_ndjson",
        "write_parquet",
    ]
)
"""How frames of rows are written to the file that is named first."""
_ELEMENT: Final = frozenset({"find", "findLast", "at", "shift", "pop", "popleft", "__getitem__"})


def method(
    machine: Machine, base: Value, name: str, arguments: Arguments, frame: Frame, site: Site, node: object
) -> Value:
    """Call a member of plain data."""
    if name in _ADDS or name in _PUTS or name in _REMOVES:
        return _mutate(machine, base, name, arguments, frame, site, node)
    if name in _CALLS and not frame.module.is_python:
        return _iterate(machine, base, name, arguments, frame, site)
    if name == "get":
        return _get(machine, base, arguments, frame, site)
    if name in {"items", "entries"}:
        if machine.lasting and base.fields and not {"[]", "?", "*"} & base.fields.keys():
            return _pairs(base, site)
        inner = join_all(base.fields.values()).with_atoms(_dynamic(base).atoms)
        return (
            Value(None, {"[]": Value(None, {"0": mixed(()), "1": inner})}, base.refs) if base.fields else _dynamic(base)
        )
    if name in {"keys", "values"} and base.fields:
        if name == "values" and machine.lasting and not {"[]", "?", "*"} & base.fields.keys():
            return lists.of_items(tuple(base.fields.values()), site, lasting=True)
        if name == "keys":
            return _dynamic(base)
        return Value(_dynamic(base).atoms, {"[]": join_all(base.fields.values())})
    if name in {"includes", "has", "startswith", "endswith", "startsWith", "endsWith", "indexOf", "index", "count"}:
        return mixed([_dynamic(flat(base)), *arguments.all()])
    if name == "format" and base.lit is not None and base.lit.kind is LitKind.STR:
        return texts.formatted(base, arguments, site)
    if name in {"join", "format", "replace", "split", "toFixed", "padStart", "localeCompare", "test", "match"}:
        return mixed([base, *arguments.all()])
    if name in _EXPORTS and arguments.positional:
        return files.call(machine, name, Does.FILE_WRITE, _exported(base, arguments), frame, site, None)
    if name == "copy" and not arguments.all():
        own = tuple(ContainerRef(site, machine.lasting) if isinstance(one, ContainerRef) else one for one in base.refs)
        return base.with_refs(own)
    if name in READS or (base.atoms and not base.refs):
        return _opaque_member(base, arguments)
    if name in {"()", "__call__"}:
        return mixed([base, *arguments.all()])
    return _unknown_member(machine, base, name, arguments, site)


def _exported(base: Value, arguments: Arguments) -> Arguments:
    """What is written to a file: its path, and the rows."""
    return Arguments([arguments.positional[0], Value(carried(base.all_atoms()))])


def _pairs(base: Value, site: Site) -> Value:
    """The pairs of a dict that is known whole, one by one: prefixes and routers are kept together like that."""
    pairs = [Value(None, {"0": text_literal(key, site), "1": value}) for key, value in base.fields.items()]
    return Value(None, {str(index): pair for index, pair in enumerate(pairs)}, base.refs)


def _dynamic(value: Value) -> Value:
    return Value(carried(value.atoms))


def _opaque_member(base: Value, arguments: Arguments) -> Value:
    """A member of a row, of request data or of a text: the same origins; arguments select, they do not become data."""
    if base.fields:
        return base
    if all(one.kind is Kind.LITERAL for one in base.atoms):
        return mixed([base, *arguments.all()])
    return Value(base.atoms, None, base.refs)


def _unknown_member(machine: Machine, base: Value, name: str, arguments: Arguments, site: Site) -> Value:
    functions = [
        one for one in arguments.all() if any(isinstance(ref, FunctionRef | CombinatorRef) for ref in one.refs)
    ]
    if base.fields and not arguments.all():
        return Value(base.all_atoms())
    result = machine.unknown(Value(base.all_atoms()), arguments, site, name)
    if functions:
        result = result.with_refs((CombinatorRef(tuple(functions)),))
    return result


def _get(machine: Machine, base: Value, arguments: Arguments, frame: Frame, site: Site) -> Value:
    key = arguments.at(0)
    if key is None:
        return _opaque_member(base, arguments)
    found = machine.item(base, key, frame, site)
    default = arguments.at(1, "default")
    known = key.lit.text if key.lit is not None else None
    if default is None or (known is not None and known in base.fields):
        return found
    return join(found, marked(default, DEFAULT))


def _mutate(
    machine: Machine, base: Value, name: str, arguments: Arguments, frame: Frame, site: Site, node: object
) -> Value:
    given = arguments.all()
    data = join_all(given)
    is_data = base.fields or base.refs or (base.lit is not None and base.lit.kind is LitKind.EMPTY)
    if not is_data and (not base.atoms or Kind.UNKNOWN in base.kinds()):
        return machine.unknown(base, arguments, site, name)
    if name in {"delete", "update", "set", "remove"} and not base.fields and not base.refs and base.kinds() & STORED:
        machine.trace.handed_on.setdefault(name, site)  # a method of a mapped object whose class is not known
        return Value(base.atoms)
    place = _place(node)
    write_into(machine, base, data, frame, site, removes=name in _REMOVES, place=place)
    lasting = any(isinstance(ref, ContainerRef) and ref.lasting for ref in base.refs) and not machine.lasting
    if isinstance(place, Name | Attr | Item) and not lasting and name not in _REMOVES and is_data:
        grown = _listed(base, name, arguments, site) if machine.lasting else None
        machine.assign(place, grown or _grown(base, name, arguments), frame)
    if name in _REMOVES:
        return base.elements() if name not in {"clear", "remove", "discard"} else NOTHING
    return NOTHING if name != "setdefault" else join(base.elements(), arguments.at(1))


def _place(node: object) -> Expr | None:
    """Where the container stands whose method is called; `d.setdefault(key, [])` gives the one under the key."""
    if not isinstance(node, Call) or not isinstance(node.fn, Attr):
        return None
    place = node.fn.base
    if isinstance(place, Call) and isinstance(place.fn, Attr) and place.fn.name == "setdefault" and place.args:
        return Item(place.fn.base, place.args[0], place.line)
    return place


def _listed(base: Value, name: str, arguments: Arguments, site: Site) -> Value | None:
    """A list that is known element by element with what was put into it; `None` where it is none."""
    given = arguments.at(-1)
    if name not in {"append", "extend", "insert"} or given is None or not lists.is_list(base):
        return None
    added = (lists.known_items(given) or [given.elements()]) if name == "extend" else [given]
    bare = Value(carried(base.atoms), None, base.refs)
    return lists.of_items([*lists.items(base), *added], site, lasting=True, like=bare)


def _grown(base: Value, name: str, arguments: Arguments) -> Value:
    """The container with what was put into it."""
    bare = Value(carried(base.atoms), base.fields, base.refs)
    if name == "extend":
        return bare.with_field("[]", join_all([one.elements() for one in arguments.all()]), weak=True)
    if name in _PUTS:
        key, value = arguments.at(0), arguments.at(1)
        if name == "update" or value is None:
            for one in arguments.positional:
                for field, child in one.fields.items():
                    bare = bare.with_field(field, child)
                bare = bare.with_atoms(carried(one.atoms))
            for field, child in arguments.keywords.items():
                bare = bare.with_field(field, child)
            return bare
        known = key.lit.text if key is not None and key.lit is not None else "?"
        return bare.with_field(known, value, weak=True)
    values = arguments.positional[1:] if name == "insert" and len(arguments.positional) > 1 else arguments.positional
    element = join(join_all(values), arguments.spread)
    return bare.with_field("[]", element, weak=True)


def _iterate(machine: Machine, base: Value, name: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """`map`, `filter`, `reduce` and their like: the callback sees each element."""
    callback = arguments.at(0) or NOTHING
    element = base.elements()
    known = any(isinstance(ref, FunctionRef | CombinatorRef | LibRef | BoundRef | ClassRef) for ref in callback.refs)
    if not known:
        return base
    if name == "reduce":
        start = arguments.at(1) or NOTHING
        first = machine.invoke(callback, Arguments([start, element]), frame, site)
        return join(first, machine.invoke(callback, Arguments([join(start, first), element]), frame, site))
    result = machine.invoke(callback, Arguments([element, NOTHING, base]), frame, site)
    frame.state.dead = False
    refs = (ContainerRef(site, machine.lasting),)
    if name in {"map", "flatMap", "apply"}:
        return Value(_dynamic(base).atoms if not result else None, {"[]": result}, refs)
    if name in {"find", "findLast"}:
        return element
    if name == "filter":
        return Value(_dynamic(base).atoms, base.fields, refs)
    return mixed([_dynamic(element), result]) if name in {"some", "every"} else NOTHING
