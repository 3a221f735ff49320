"""Handles that are made in one place and used in another.

A pool that a start-up function puts into a module's variable, an attribute or the application's state is not there
when the module is read. Where such a place is empty and somebody asks for it, the functions that assign to it are run
once, as code that outlives every request, and what they put there is what the place holds. Only what can be called or
looked into is taken over: plain data that a function leaves behind is memory, which effects tell of.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import decorator_names
from assay.probes.code.flow.refs import ClassRef, FunctionRef, HandleRef, HolderRef, InstanceRef, ModuleRef, ObjectRef
from assay.probes.code.flow.state import Arguments, Frame
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from assay.probes.code.facts import Function
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import Ref

Owner = tuple[str, str, int]
"""Whose attribute it is: a class (file and index), a module, or a holder such as the application's state."""

_SEARCHES: Final = 40
_CANDIDATES: Final = 8
_IS_SET: Final = re.compile(rb"\s*(?::[^=\n]*)?=(?!=)")
_ITEM_IS_SET: Final = re.compile(rb"[\"']\]\s*=(?!=)")
_GLOBAL: Final = re.compile(rb"\s*global (?:.*\W)?")
_ENDS: Final = re.compile(rb"\b")
_HELD: Final = (HandleRef, InstanceRef, ObjectRef, HolderRef)
_DATA: Final = frozenset({Kind.REQUEST, Kind.DERIVED, Kind.ROW, Kind.WRITTEN, Kind.RANDOM})
_PUT: Final = re.compile(
    rb"""\.(\w+)(?=\s{0,80}(?::[^=\n]{0,400})?=(?!=))|\[["'](\w+)["']\](?=\s{0,80}=(?!=))|\bglobal ([^\n]*)"""
)
_WORD: Final = re.compile(rb"\w+")


class Late:
    """What was put into places of the project by code that outlives every request."""

    def __init__(self) -> None:
        self._held: dict[tuple[Owner, str], Value] = {}
        self._candidates: dict[tuple[Owner, str], tuple[tuple[str, int], ...]] = {}
        self._searched: set[tuple[Owner, str]] = set()
        self._assigned: dict[str, dict[bytes, list[int]]] = {}
        self._left = _SEARCHES
        self._assigning_files: dict[bytes, list[str]] | None = None
        self._once: dict[tuple[str, int], Value] = {}
        self.ran: set[tuple[str, int]] = set()
        """The functions that ran while the application was put together: what they assign is known."""

    @staticmethod
    def owners(ref: Ref) -> tuple[Owner, ...]:
        """Under which name a place of this object is remembered."""
        match ref:
            case InstanceRef(of=of):
                return (("class", of.file, of.index),)
            case ClassRef(file=file, index=index):
                return (("class", file, index),)
            case ModuleRef(path=path):
                return (("module", path, 0),)
            case HolderRef(scope=scope, site=site):
                return ((scope, site.file, site.line) if site is not None else (scope, "", 0),)
            case _:
                return ()

    def record(self, machine: Machine, base: Value, name: str, value: Value) -> bool:
        """Remember what is put into an attribute, unless it is plain data; whether it was remembered."""
        kept = tuple(ref for ref in value.refs if isinstance(ref, _HELD))
        if any(one.kind in _DATA for one in value.all_atoms()):
            return False
        recorded = False
        for ref in base.refs:
            if not kept and not isinstance(ref, HolderRef):
                continue
            for owner in self.owners(ref):
                old = self._held.get((owner, name))
                self._held[owner, name] = new = join(old, Value(None, value.fields, kept or value.refs))
                machine.changed(old, new)
                recorded = True
        return recorded

    def once(self, ref: ClassRef, make: Callable[[], Value]) -> Value:
        """The one object of a class that keeps its own."""
        key = (ref.file, ref.index)
        if key not in self._once:
            self._once[key] = Value(refs=(InstanceRef(ref, lasting=True),))
            self._once[key] = make()
        return self._once[key]

    def value(self, machine: Machine, known: Sequence[Owner], name: str, base: Value) -> Value:
        """What a place holds that is empty where it was declared."""
        if not known:
            return NOTHING
        key = (known[0], name)
        if key not in self._candidates:
            self._candidates[key] = self._assigning(machine, known, name)
        candidates = self._candidates[key]
        running = any(_is_running(machine, one) for one in candidates)
        if key not in self._searched and not running:
            self._searched.add(key)
            for file, index in candidates:
                if (file, index) in self.ran:
                    continue
                ref, arguments = called(machine, file, index, base)
                machine.run_lasting(ref, arguments)
        return next((self._held[owner, name] for owner in known if (owner, name) in self._held), NOTHING)

    def is_assigned(self, machine: Machine, name: str) -> bool:
        """Some file puts something into an attribute, item or global of this name."""
        return bool(self._files_with(machine, name.encode()))

    def _assigning(self, machine: Machine, known: Sequence[Owner], name: str) -> tuple[tuple[str, int], ...]:
        """The functions that assign to an attribute of this name: first those of the owner's own files."""
        own = list(dict.fromkeys(owner[1] for owner in known if owner[1]))
        word = name.encode()
        found = list(self._in_files(machine, own, word))
        if not found and self._left > 0:
            self._left -= 1
            elsewhere = (path for path in self._files_with(machine, word) if path not in own)
            found = list(islice(self._in_files(machine, elsewhere, word), _CANDIDATES))
        return tuple(found[:_CANDIDATES])

    def _files_with(self, machine: Machine, word: bytes) -> Sequence[str]:
        """The files that assign to a name; all files are read once."""
        if self._assigning_files is None:
            self._assigning_files = {}
            for path in machine.python_files:
                for name in self._assignments_of(machine, path):
                    self._assigning_files.setdefault(name, []).append(path)
        return self._assigning_files.get(word, ())

    def _assignments_of(self, machine: Machine, path: str) -> dict[bytes, list[int]]:
        if path not in self._assigned:
            self._assigned[path] = _assignments(machine.source(path))
        return self._assigned[path]

    def _in_files(self, machine: Machine, paths: Iterable[str], word: bytes) -> Iterator[tuple[str, int]]:
        seen: dict[tuple[str, int], None] = {}
        for path in paths:
            for line in self._assignments_of(machine, path).get(word, ()):
                key = machine.function_at(Site(path, line))
                if key is not None and not _is_constructor(machine, key) and key not in seen:
                    seen[key] = None
                    yield key


def _assignments(source: bytes) -> dict[bytes, list[int]]:
    """The lines on which something puts a value into an attribute, item or global of a name, by the name."""
    found: dict[bytes, list[int]] = {}
    line, place = 1, 0
    for match in _PUT.finditer(source):
        line += source.count(b"\n", place, match.start())
        place = match.start()
        for name in (match[1] or match[2],) if match[3] is None else _WORD.findall(match[3]):
            found.setdefault(name, []).append(line)
    return found


def _is_constructor(machine: Machine, key: tuple[str, int]) -> bool:
    return machine.function_name(key) == "__init__"


def _is_running(machine: Machine, key: tuple[str, int]) -> bool:
    """The function that is asking; one further out has already put there what it puts there."""
    frame = machine.stack[-1] if machine.stack else None
    if frame is None or frame.function is None or frame.module.path != key[0]:
        return False
    return frame.module.facts.functions[key[1]] is frame.function


def called(machine: Machine, file: str, index: int, base: Value) -> tuple[FunctionRef, Arguments]:
    """The function with its own object where it is a method."""
    module = machine.modules.get(file)
    if module is None:
        raise LookupError(f"the module of a function is gone: {file}")
    function = module.facts.functions[index]
    params = list(function.params)
    frame, receiver = module.frame, None
    if function.enclosing is not None:
        frame = Frame(module, module.facts.functions[function.enclosing], module.frame, lasting=True)
    elif function.owner is not None and params and "staticmethod" not in decorator_names(function):
        params.pop(0)
        receiver = _itself(ClassRef(file, function.owner, frame), function, base)
    return FunctionRef(file, index, frame, receiver), Arguments()


def _itself(owner: ClassRef, function: Function, base: Value) -> Value:
    if "classmethod" in decorator_names(function):
        return Value(refs=(owner,))
    mine = tuple(ref for ref in base.refs if isinstance(ref, InstanceRef))
    return Value(None, base.fields, mine) if mine else Value(refs=(InstanceRef(owner, lasting=True),))
