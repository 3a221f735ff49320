"""Which files are loaded when the application is served: what holds its routes, and what those files import."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from assay.probes.code.facts import ImportScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.linking.linker import Linker


def loaded_files(
    starts: Iterable[str], lowered: Callable[[str], FileFacts | None], linker: Linker, known: frozenset[str]
) -> frozenset[str]:
    """The Python files that `starts` import, also in turn. `lowered` gives the facts of a file where they are known.

    A file without facts is loaded, but what it imports is not followed.
    """
    found: set[str] = set()
    pending = sorted(set(starts))
    while pending:
        path = pending.pop()
        if path in found or path not in known:
            continue
        found.add(path)
        facts = lowered(path)
        pending.extend(imported_files(facts, linker) if facts is not None else ())
    return frozenset(found)


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
