"""Routes declared in a Python file that does not parse: read from the text, because a client misses them all the same.

Only what stands at the beginning of a line as a decorator of a router-like name counts, with a literal path. Nothing
is known of their handlers; they are listed as endpoints that can never be served.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.frameworks.base import Framework

_DECORATOR: Final = re.compile(
    rb"^@(\w+)\.(\w+)\(\s*(?:\w+\s*=\s*)?(?:\"([^\"\n]*)\"|'([^'\n]*)')(?=\s*[,)])[^\n]*", re.MULTILINE
)
_FUNCTION: Final = re.compile(rb"^(?:async\s+)?def\s+(\w+)", re.MULTILINE)
_METHODS: Final = re.compile(rb"methods\s*=\s*[\[(]([^\])]*)")
_WORD: Final = re.compile(rb"[A-Z]+")


class Salvaged(NamedTuple):
    """One route declaration read from text."""

    methods: tuple[str, ...]
    path: str
    line: int
    handler: str


def salvage(source: bytes, framework: Framework) -> Iterator[Salvaged]:
    """The route declarations of a source that does not parse."""
    members = {row.member: row.methods for row in framework.routes}
    line, counted = 1, 0
    for found in _DECORATOR.finditer(source):
        line += source.count(b"\n", counted, found.start())
        counted = found.start()
        methods = members.get(found[2].decode())
        if methods is None:
            continue
        listed = _METHODS.search(found[0])
        if listed is not None:
            methods = tuple(word.decode() for word in _WORD.findall(listed[1])) or methods
        name = _FUNCTION.search(source, found.end())
        path = (found[3] if found[3] is not None else found[4]).decode("utf-8", "replace")
        yield Salvaged(methods, path, line, name[1].decode() if name else "")
