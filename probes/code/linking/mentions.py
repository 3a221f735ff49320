"""Whether anything could load a module: some file names it, or some file loads modules by names that it computes."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_COMPUTES: Final = re.compile(
    rb"\b(?:import_module|__import__|pkgutil|iter_modules|spec_from_file_location|entry_points|find_modules"
    rb"|import_string|autodiscover\w*|runpy)\b"
)
_PACKAGE: Final = "__init__"


class Mentions:
    """The answers for the Python files of one project. `source` gives the bytes of a file."""

    def __init__(self, paths: Sequence[str], source: Callable[[str], bytes]) -> None:
        self._paths = paths
        self._source = source
        self._computes: bool | None = None
        self._named: dict[str, bool] = {}

    def may_load(self, path: str) -> bool:
        """Something in the project may load this file."""
        if self._computes is None:
            self._computes = any(_COMPUTES.search(self._source(one)) for one in self._paths)
        if path not in self._named:
            self._named[path] = self._is_named(path)
        return self._computes or self._named[path]

    def _is_named(self, path: str) -> bool:
        folder, stem = posixpath.split(path.removesuffix(".py"))
        name = (posixpath.basename(folder) if stem == _PACKAGE else stem).encode()
        if not name:
            return True
        spelled = _spelled(re.escape(name))
        return any(
            name in source and spelled.search(source)
            for source in (self._source(one) for one in self._paths if one != path)
        )


def _spelled(name: bytes) -> re.Pattern[bytes]:
    """The name in an import, alone with its like on a line of one, or at the end or inside of a dotted text."""
    ways = (
        rb"^[ \t]*(?:from|import)\b[^\n#]*\b" + name + rb"\b",
        rb"^[ \t]*[\w, \t]*\b" + name + rb"\b[\w, \t]*\)?[ \t]*(?:#.*)?$",
        rb"[\"'][\w./:-]*\b" + name + rb"\b",
    )
    return re.compile(b"|".join(ways), re.MULTILINE)
