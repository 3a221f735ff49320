"""Which files are loaded when the application is served: what holds its routes, and what those files import."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from assay.probes.code.facts import ImportScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.linking.linker import Linker


class Loading:
    """Follows imports. `lowered` gives the facts of a file where they are known.

    A file without facts is loaded, but what it imports is not followed.
    """

    def __init__(self, lowered: Callable[[str], FileFacts | None], linker: Linker, known: frozenset[str]) -> None:
        self._lowered = lowered
        self._linker = linker
        self._known = known
        self._imports: dict[str, tuple[str, ...]] = {}

    def files(self, starts: Iterable[str]) -> frozenset[str]:
        """The Python files that are loaded with these."""
        found: set[str] = set()
        pending = sorted(set(starts))
        while pending:
            path = pending.pop()
            if path not in found and path in self._known:
                found.add(path)
                pending.extend(self._imported(path))
        return frozenset(found)

    def _imported(self, path: str) -> tuple[str, ...]:
        if path not in self._imports:
            facts = self._lowered(path)
            self._imports[path] = tuple(imported_files(facts, self._linker)) if facts is not None else ()
        return self._imports[path]


def imported_files(facts: FileFacts, linker: Linker) -> Iterator[str]:
    """The project's files that one Python file imports, with the packages in which they stand."""
    for one in facts.imports:
        if one.scope is ImportScope.TYPE:
            continue
        target = linker.python(one.module, facts.path)
        if not isinstance(target, str):
            continue
        yield target
        yield from _packages(target)
        below = linker.submodule(target, one.name) if one.name not in ("", "*") else None
        if below is not None:
            yield below


def _packages(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield f"{folder}/__init__.py"
        folder = posixpath.dirname(folder)
