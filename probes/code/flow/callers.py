"""Who is logged in: what the function gives that the project has registered to load the user of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.late import called
from assay.probes.code.flow.lineage import decorator_names
from assay.probes.code.flow.values import IDENTITY, Kind, Value, atom, join, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.values import Site

_LOADERS: Final = ("user_loader", "user_lookup_loader")


class Callers:
    """The answer for one project, computed when it is asked for."""

    def __init__(self) -> None:
        self._value: Value | None = None

    def value(self, machine: Machine, site: Site) -> Value:
        """The row of the caller, with what is known of it."""
        if self._value is None:
            self._value = Value()
            for path, index in _loaders(machine):
                self._value = join(self._value, _loaded(machine, path, index, site))
        row = atom(Kind.ROW, site, "session:user", IDENTITY)
        kept = any(one.kind is Kind.ROW for one in self._value.atoms)
        return marked(self._value, IDENTITY) if kept else row.with_refs(self._value.refs)


def _loaders(machine: Machine) -> Iterator[tuple[str, int]]:
    words = [word.encode() for word in _LOADERS]
    for path in machine.python_files:
        source = machine.source(path)
        module = machine.modules.get(path) if any(word in source for word in words) else None
        for index, function in enumerate(module.facts.functions if module is not None else ()):
            if any(name in _LOADERS for name in decorator_names(function)):
                yield path, index


def _loaded(machine: Machine, path: str, index: int, site: Site) -> Value:
    ref, arguments = called(machine, path, index, Value())
    function = ref.frame.module.facts.functions[index]
    arguments.keywords = {one.name: atom(Kind.REQUEST, site, "header") for one in function.params if not one.kind}
    found: list[Value] = []
    machine.at_module_level(lambda: found.append(machine.run_function(ref, arguments, site, ref.frame)[0]))
    return found[0] if found else Value()
