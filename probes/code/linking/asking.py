"""Who asks for a function by its name: told by the text of the project's Python files, before anything is run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Asking:
    """The answers for one project. `source` gives the bytes of a file."""

    def __init__(self, paths: Sequence[str], source: Callable[[str], bytes]) -> None:
        self._python = [path for path in paths if path.endswith(".py")]
        self._source = source

    def calling(self, name: str) -> Iterator[str]:
        """The files in which something of this name is called."""
        called = re.compile(rb"(?<!def )\b" + re.escape(name.encode()) + rb"\(")
        word = name.encode()
        for path in self._python:
            source = self._source(path)
            if word in source and called.search(source):
                yield path

    def is_named(self, name: str) -> bool:
        """It is called as a member of something, or its name stands as a text: a hook, or a plug-in's entry."""
        word = re.escape(name.encode())
        asked = re.compile(rb"\." + word + rb"\(|([\"'])" + word + rb"\1")
        return any(name.encode() in (source := self._source(path)) and asked.search(source) for path in self._python)
