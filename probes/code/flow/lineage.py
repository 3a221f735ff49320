"""Classes of the project with their bases, those of the project and those of libraries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.refs import ClassRef, HandleRef, InstanceRef, LibRef, ObjectRef
from assay.probes.code.libraries import is_library, library_names
from assay.probes.code.syntax import Def

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.probes.code.facts import Class, Function
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import Ref
    from assay.probes.code.flow.values import Value


_LINEAGE: Final = 200


_ERRORS: Final = ("builtins.Exception", "builtins.BaseException", "js.Error")


_DYNAMIC: Final = (b"__dict__", b"Object.assign(", b".prototype", b"Object.defineProperty")
_SETS: Final = re.compile(rb"\bsetattr\(\s*([\w.]*)")
_LOCAL: Final = re.compile(rb"[a-z]\w*")
_SELF: Final = frozenset({b"self", b"cls"})
_ERROR_SUFFIXES: Final = ("Error", "Exception")


ENUMS: Final = frozenset({"enum.Enum", "enum.StrEnum", "enum.IntEnum", "enum.Flag", "enum.IntFlag"})


class Lineage:
    """A class with its bases.

    Those of the project in order of lookup, and the dotted names of those that are libraries'. `inner` are the classes
    that stand in the bodies of these.
    """

    __slots__ = ("classes", "cut", "declared", "handle", "inner", "libraries", "library", "required")

    def __init__(self) -> None:
        self.classes: list[ClassRef] = []
        self.libraries: list[str] = []
        self.inner: dict[str, ClassRef] = {}
        self.cut = False
        """It has more bases than are looked at."""
        self.handle = ""
        self.library = ""
        self.required: tuple[bool, tuple[str, ...]] | None = None
        """Of a model: whether its fields alone say what it must be given, and which must be, once somebody asked."""
        self.declared = ""
        """The kind of handle that the configuration makes of the class."""


def facts_of(machine: Machine, ref: ClassRef) -> Class:
    """The facts of a class."""
    module = machine.modules.get(ref.file)
    if module is None:
        raise LookupError(f"the module of a class is gone: {ref.file}")
    return module.facts.classes[ref.index]


def lineage(machine: Machine, ref: ClassRef) -> Lineage:
    """The lineage of a class, computed once."""
    key = (ref.file, ref.index)
    known = machine.lineages.get(key)
    if known is None:
        known = machine.lineages[key] = Lineage()
        _climb(machine, ref, known, set())
    machine.trace.cut = machine.trace.cut or known.cut
    return known


def _climb(machine: Machine, ref: ClassRef, found: Lineage, seen: set[tuple[str, int]]) -> None:
    if (ref.file, ref.index) in seen:
        return
    if len(seen) >= _LINEAGE:
        found.cut = True
        return
    seen.add((ref.file, ref.index))
    found.classes.append(ref)
    found.declared = found.declared or machine.models.declared(f"{ref.file}:{facts_of(machine, ref).name}")
    if is_library(ref.file):
        found.libraries.extend(library_names(ref.file, facts_of(machine, ref).name))
    _note_inner(machine, ref, found)
    for node in facts_of(machine, ref).bases:
        for base in _base_refs(machine.quietly(node, ref.frame)):
            if isinstance(base, ClassRef):
                _climb(machine, base, found, seen)
                continue
            _library_base(machine, base, found)
            if isinstance(base, HandleRef) and base.model is not None:
                _climb(machine, base.model, found, seen)


def _note_inner(machine: Machine, ref: ClassRef, found: Lineage) -> None:
    module = machine.modules.get(ref.file)
    for statement in facts_of(machine, ref).body if module is not None else ():
        if module is not None and isinstance(statement, Def) and statement.class_ is not None:
            inner = ClassRef(ref.file, statement.class_, ref.frame)
            found.inner.setdefault(module.facts.classes[statement.class_].name, inner)


def _base_refs(value: Value) -> Iterator[ClassRef | LibRef | HandleRef | ObjectRef]:
    for ref in value.refs:
        if isinstance(ref, ClassRef | LibRef | HandleRef | ObjectRef):
            yield ref


def _library_base(machine: Machine, base: LibRef | HandleRef | ObjectRef, found: Lineage) -> None:
    name = base.kind if isinstance(base, HandleRef) else base.path
    found.libraries.append(name)
    found.declared = found.declared or machine.models.declared(name)
    if found.declared:
        return
    known = machine.models.models.get(name) or machine.models.types.get(name)
    if known is not None and not found.handle:
        found.handle, found.library = known[0], known[1].name


def method_of(machine: Machine, ref: ClassRef, name: str) -> tuple[ClassRef, int] | None:
    """The class in the lineage that defines a method, and the method's index."""
    for one in lineage(machine, ref).classes:
        index = own_method(machine, one, name)
        if index is not None:
            return one, index
    return None


def own_method(machine: Machine, ref: ClassRef, name: str) -> int | None:
    """The index of a method that the class itself defines."""
    return next((index for method, index in facts_of(machine, ref).methods if method == name), None)


def is_error_class(machine: Machine, ref: ClassRef) -> bool:
    """The class is an exception."""
    return any(name in _ERRORS or name.endswith(_ERROR_SUFFIXES) for name in lineage(machine, ref).libraries)


def class_names(machine: Machine, ref: ClassRef) -> tuple[str, ...]:
    """The names of a class and its bases."""
    known = lineage(machine, ref)
    return (*(f"{one.file}:{facts_of(machine, one).name}" for one in known.classes), *known.libraries)


def function_of(machine: Machine, owner: ClassRef, index: int) -> Function:
    """The facts of a method of a class."""
    module = machine.modules.get(owner.file)
    if module is None:
        raise LookupError(f"the module of a class is gone: {owner.file}")
    return module.facts.functions[index]


def decorator_names(function: Function) -> tuple[str, ...]:
    """The last names of a function's decorators, as written."""
    return tuple(getattr(node, "id", "") or getattr(node, "name", "") for node in function.decorators)


def receiver_name(function: Function, *, python: bool) -> str:
    """How a method calls the object it is called on; one that takes whatever it is given has no name for it."""
    if not python:
        return "this"
    return function.params[0].name if function.params and not function.params[0].kind else ""


def has_method(machine: Machine, ref: Ref, name: str) -> bool:
    """The class of this instance defines the method."""
    return isinstance(ref, InstanceRef) and method_of(machine, ref.of, name) is not None


def is_mapped(machine: Machine, ref: ClassRef) -> bool:
    """The class is mapped to a table."""
    return bool(lineage(machine, ref).handle)


def is_model(machine: Machine, ref: Ref) -> bool:
    """An object that is mapped to a table."""
    if isinstance(ref, InstanceRef):
        return bool(lineage(machine, ref.of).handle)
    return isinstance(ref, HandleRef) and ref.kind.endswith((".Document", ".Model", ".Entity"))


def knows_bases(machine: Machine, ref: ClassRef) -> bool:
    """Every base of the class is resolved."""
    known = lineage(machine, ref)
    named = sum(len(facts_of(machine, one).bases) for one in known.classes)
    return named == len(known.classes) - 1 + len(known.libraries)


def parses(machine: Machine, classes: Sequence[ClassRef]) -> bool:
    """The files of all these classes parse."""
    modules = [machine.modules.get(one.file) for one in classes]
    return all(module is not None and not module.facts.problems for module in modules)


def _sets_by_name(source: bytes, names: Sequence[bytes]) -> bool:
    """`setattr` is called on these classes or an object of them, or on what may be one."""
    objects = {found[1] for found in _SETS.finditer(source)}
    makes = any(re.search(rb"(?<!class )\b" + name + rb"\(", source) for name in names)
    return bool(objects) and (makes or any(not _LOCAL.fullmatch(one) or one in _SELF for one in objects))


def has_dynamic_members(machine: Machine, ref: ClassRef, name: str) -> bool:
    """Members, or this one, may come from elsewhere: `__getattr__`, decorators, assignments."""
    known = lineage(machine, ref)
    assigned = re.compile(rf"\.{re.escape(name)}\s*(?::[^=\n]*)?=[^=]".encode())
    sources = [machine.source(one.file) for one in known.classes]
    names = [facts_of(machine, one).name.encode() for one in known.classes]
    if any(word in one for one in sources for word in _DYNAMIC) or any(assigned.search(one) for one in sources):
        return True
    if any(_sets_by_name(one, names) for one in sources):
        return True
    return any(
        facts_of(machine, one).decorators
        or any(name in {"__getattr__", "__getattribute__", "__call__"} for name, _ in facts_of(machine, one).methods)
        for one in known.classes
    )
