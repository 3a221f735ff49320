"""Whether a folder is imported as a package, told by how the files round it spell their imports.

`import graphql` in a file of the package `app` means the library, although there is a folder `app/graphql`. Where the
files below a folder name many of its other modules without the folder, it is a root from which modules are imported.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from assay.probes.code.linking.known_libraries import is_known_library

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SPELLED: Final = 3
_READ: Final = 400


class Packages:
    """The answers for one project, each computed once. `source` gives the bytes of a file."""

    def __init__(self, paths: Sequence[str], source: Callable[[str], bytes]) -> None:
        self._python = [path for path in paths if path.endswith(".py")]
        self._source = source
        self._known: dict[str, bool] = {}

    def is_imported(self, folder: str) -> bool:
        """Some file names the folder as a package, and few name its modules without it."""
        if folder not in self._known:
            self._known[folder] = self._is_named(folder) and not self._is_root(folder)
        return self._known[folder]

    def _is_named(self, folder: str) -> bool:
        parent, _, name = folder.rpartition("/")
        words = [word.encode() for word in (f"from {name}.", f"from {name} import", f"import {name}.")]
        return any(self._is_relative(path, folder) or self._holds(path, words) for path in self._below(parent))

    def _is_relative(self, path: str, folder: str) -> bool:
        """A module of the folder itself that imports its neighbours relatively."""
        holder, _, name = path.rpartition("/")
        return holder == folder and name != "__init__.py" and self._holds(path, [b"\nfrom ."])

    def _is_root(self, folder: str) -> bool:
        start = len(folder) + 1
        names = {path[start:].partition("/")[0].removesuffix(".py") for path in self._below(folder)}
        names = {name for name in names - sys.stdlib_module_names if not is_known_library(name)}
        wanted = sorted(name for name in names if name.isidentifier() and name[:1] != "_")
        if len(wanted) < _SPELLED:
            return False
        spelled = re.compile(rb"^(?:from|import) (" + "|".join(wanted).encode() + rb")\b", re.MULTILINE)
        found: set[bytes] = set()
        for path in self._below(folder)[:_READ]:
            own = path[start:].partition("/")[0].encode()
            found.update(one[1] for one in spelled.finditer(self._source(path)) if one[1] != own)
            if len(found) >= _SPELLED:
                return True
        return False

    def _below(self, folder: str) -> list[str]:
        return [path for path in self._python if path.startswith(f"{folder}/")] if folder else self._python

    def _holds(self, path: str, words: Sequence[bytes]) -> bool:
        source = self._source(path)
        return any(word in source for word in words)
