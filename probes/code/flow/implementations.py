"""What stands behind an abstract method: the classes of the project that implement it.

A port, a repository interface, a use case: what injection hands over is said to be of the abstract type, and is one of
its subclasses. Where nobody implements the method, nothing is known of what a call of it does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import decorator_names, facts_of, function_of, lineage, method_of
from assay.probes.code.flow.refs import ClassRef, LibRef
from assay.probes.code.flow.values import Value, join_all, of_ref
from assay.probes.code.syntax import Call, Eval, Lit, Name, Opaque, Raise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site
    from assay.probes.code.syntax import Stmt

_MOST: Final = 4
_ABSTRACT: Final = frozenset({"abstractmethod", "abstractproperty"})
_PROTOCOLS: Final = frozenset({"typing.Protocol", "typing_extensions.Protocol"})


class Implementations:
    """The subclasses of the project's classes, each searched for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[ClassRef, ...]] = {}

    def below(self, machine: Machine, ref: ClassRef) -> tuple[ClassRef, ...]:
        """The classes that derive from this one, in the order of their files."""
        key = (ref.file, ref.index)
        if key not in self._known:
            self._known[key] = ()
            self._known[key] = tuple(_derived(machine, ref))
        return self._known[key]


def _derived(machine: Machine, ref: ClassRef) -> Iterator[ClassRef]:
    """Those that name the class among their bases, and those below these."""
    wanted, seen = [ref], {(ref.file, ref.index)}
    while wanted:
        name = facts_of(machine, wanted.pop(0)).name.encode()
        heads = re.compile(rb"^[ \t]*class\s+\w+\s*\([^)]*\b" + re.escape(name) + rb"\b", re.MULTILINE)
        for path in machine.python_files:
            source = machine.source(path)
            module = machine.modules.get(path) if name in source and heads.search(source) else None
            for index in range(len(module.facts.classes) if module is not None else 0):
                found = ClassRef(path, index, module.frame) if module is not None else ref
                key = (path, index)
                if key not in seen and _derives(machine, found, ref):
                    seen.add(key)
                    wanted.append(found)
                    yield found


def _derives(machine: Machine, ref: ClassRef, base: ClassRef) -> bool:
    return any((one.file, one.index) == (base.file, base.index) for one in lineage(machine, ref).classes[1:])


def is_abstract(machine: Machine, owner: ClassRef, index: int) -> bool:
    """The method is there to be overridden: it says so, or does nothing but refuse."""
    function = function_of(machine, owner, index)
    if _ABSTRACT.intersection(decorator_names(function)):
        return True
    body = [one for one in function.body if not _is_silent(one)]
    if len(body) == 1 and isinstance(body[0], Raise):
        return _refuses(body[0])
    return not body and not _PROTOCOLS.isdisjoint(lineage(machine, owner).libraries)


def _is_silent(statement: Stmt) -> bool:
    said = statement.value if isinstance(statement, Eval) else None
    return isinstance(said, Lit) or (isinstance(said, Opaque) and said.kind == "ellipsis")


def _refuses(statement: Raise) -> bool:
    """It raises what Python's own library raises in a method that a subclass has to define."""
    raised = statement.value.fn if isinstance(statement.value, Call) else statement.value
    return isinstance(raised, Name) and raised.id == "NotImplementedError"


def implemented(machine: Machine, ref: ClassRef, name: str, frame: Frame, site: Site) -> Value:
    """The members that implement an abstract one, each of an object as injection would make it."""
    found: list[Value] = []
    for one in machine.implementations.below(machine, ref):
        method = method_of(machine, one, name)
        if method is None or is_abstract(machine, *method) or len(found) >= _MOST:
            continue
        made = machine.instance_of(of_ref(one), frame, site)
        found.append(machine.member(made, name, frame, site))
    return join_all(found) if found else of_ref(LibRef(f"{facts_of(machine, ref).name}.{name}"))
