"""Who is logged in: what the function gives that the project has registered to load the user of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow.late import called
from assay.probes.code.flow.lineage import decorator_names
from assay.probes.code.flow.values import IDENTITY, Kind, Value, atom, join, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.values import Site


class Callers:
    """The answer for one project, computed when it is asked for."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, ...], Value] = {}

    def value(self, machine: Machine, loaders: tuple[str, ...], site: Site) -> Value:
        """The row of the caller, with what is known of it; `loaders` decorate the functions that give it."""
        if loaders not in self._values:
            self._values[loaders] = Value()
            for path, index in _loaders(machine, loaders):
                self._values[loaders] = join(self._values[loaders], _loaded(machine, path, index, site))
        found = self._values[loaders]
        row = atom(Kind.ROW, site, "session:user", IDENTITY)
        kept = any(one.kind is Kind.ROW for one in found.atoms)
        return marked(found, IDENTITY) if kept else row.with_refs(found.refs)


def _loaders(machine: Machine, names: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    words = [word.encode() for word in names]
    for path in machine.python_files:
        source = machine.source(path)
        module = machine.modules.get(path) if any(word in source for word in words) else None
        for index, function in enumerate(module.facts.functions if module is not None else ()):
            if any(name in names for name in decorator_names(function)):
                yield path, index


def _loaded(machine: Machine, path: str, index: int, site: Site) -> Value:
    ref, arguments = called(machine, path, index, Value())
    function = ref.frame.module.facts.functions[index]
    arguments.keywords = {one.name: atom(Kind.REQUEST, site, "header") for one in function.params if not one.kind}
    found: list[Value] = []
    machine.at_module_level(lambda: found.append(machine.run_function(ref, arguments, site, ref.frame)[0]))
    return found[0] if found else Value()
