"""Local files: paths, streams, and what is read from or written to them.

A file is named by its path as far as that is constant: a literal, or the last literal part of it. A path that depends
on the request, the clock or chance names no file of the application's own, and its name is empty: records that are
loaded from such files, or dumped to them, are known by their folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.does import Does
from assay.probes.code.flow.refs import BoundRef, ObjectRef
from assay.probes.code.flow.values import NOTHING, Kind, Value, atom, join_all, mixed
from assay.probes.code.syntax import Lit, LitKind
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Arguments, Frame
    from assay.probes.code.flow.values import Site

PATH: Final = "pathlib.Path.()"
STREAM: Final = "file"
_NAME: Final = "\0path"
_CONSTANT: Final = frozenset({Kind.LITERAL, Kind.ENV, Kind.HOST, Kind.FILE})
_WRITING: Final = frozenset("wax+")
FOLDER: Final = "/"
"""Ends the name of a folder in which each record has its own file."""
_LISTS: Final = (".glob", ".rglob", ".iterdir")
_RECORDS: Final = frozenset(
    {"json.load", "json.dump", "yaml.safe_load", "yaml.safe_dump", "yaml.dump", "pickle.load", "pickle.dump"}
)
_STREAMS: Final = (".open", ".writer", ".DictWriter", ".createWriteStream")


def joined(parts: Iterable[Value], site: Site) -> Value:
    """A path made of parts: it carries what they are made of, and the last literal of them as its name."""
    given = [_whole(part) for part in parts]
    name = next((one for one in reversed([_named(part) for part in given]) if one), "")
    fields = {_NAME: Value(lit=Lit(LitKind.STR, name, site.line))} if name else None
    whole = given[0].lit if len(given) == 1 else None
    return Value(mixed(given).atoms, fields, (ObjectRef(PATH),), whole)


def is_path(value: Value) -> bool:
    """It is a path object, or an attribute of one (`path.parent`)."""
    return any(
        (isinstance(ref, ObjectRef) and ref.path == PATH) or (isinstance(ref, BoundRef) and is_path(ref.receiver))
        for ref in value.refs
    )


def call(
    machine: Machine, path: str, does: Does, arguments: Arguments, frame: Frame, site: Site, base: Value | None
) -> Value:
    """Open, read or write a file."""
    of_path = base is not None and path.startswith(PATH)
    target = _target(path, base, arguments.all())
    mode = arguments.at(0 if of_path else 1, "mode")
    writes = does is Does.FILE_WRITE or (
        (does is Does.OPEN or path.endswith(".open"))
        and mode is not None
        and mode.lit is not None
        and not _WRITING.isdisjoint(mode.lit.text)
    )
    data = join_all([Value(_whole(one).all_atoms()) for one in arguments.all()]) if writes else NOTHING
    kind = EffectKind.FILE_WRITE if writes else EffectKind.FILE_READ
    machine.note(kind, frame, site, library="file", target=target, data=data)
    if path.endswith("exists"):
        return atom(Kind.FILE, site)
    streams = does is Does.OPEN or path.endswith(_STREAMS)
    if of_path and base is not None and path.endswith(_LISTS):
        return atom(Kind.FILE, site, _folder(base))
    name = target or (_folder(_place(path, base, arguments.all())) if streams else "")
    return Value(atom(Kind.FILE, site, name).atoms, None, (ObjectRef(STREAM),) if streams else ())


def _target(path: str, base: Value | None, given: list[Value]) -> str:
    """The name of the stream, or of the path."""
    for value in (base, *given):
        if value is not None and any(isinstance(ref, ObjectRef) and ref.path == STREAM for ref in value.refs):
            name = next((one.name for one in value.atoms if one.kind is Kind.FILE), "")
            return name if path in _RECORDS or not name.endswith(FOLDER) else ""
    place = _place(path, base, given)
    if place is None or any(one.kind not in _CONSTANT for one in place.all_atoms()):
        return ""
    return _named(place)


def _place(path: str, base: Value | None, given: list[Value]) -> Value | None:
    """The path that is opened, read or written."""
    return base if base is not None and path.startswith(PATH) else next(iter(given), None)


def _folder(place: Value | None) -> str:
    """What files of one kind, a file for each record, have in common: the last constant part of their paths."""
    if place is None:
        return ""
    listed = next((one.name for one in place.atoms if one.kind is Kind.FILE and one.name.endswith(FOLDER)), "")
    name = _named(place)
    return listed or (name + FOLDER if name else "")


def _whole(value: Value) -> Value:
    """The value with the origins of the object whose attribute it is (`upload.filename`)."""
    for ref in value.refs:
        if isinstance(ref, BoundRef) and not is_path(value):
            value = value.with_atoms(_whole(ref.receiver).all_atoms())
    return value


def _named(value: Value) -> str:
    if value.lit is not None:
        return value.lit.text if value.lit.kind is LitKind.STR else ""
    named = value.fields.get(_NAME)
    return named.lit.text if named is not None and named.lit is not None else ""
