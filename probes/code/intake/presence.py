"""Whether a module may exist although no file of it is examined: it was left out, or a build makes it later.

A generated client, a version file that git ignores, a compiled extension: importing them is no defect.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SUFFIXES: Final = (".py", ".pyi", ".so", ".pyd", ".pyx")


class Presence:
    """Asked for a path below the root without its suffix; reads only the names in folders, each folder once."""

    def __init__(self, root: Path, ignored: Callable[[str], bool]) -> None:
        self._root = root
        self._ignored = ignored
        self._names: dict[str, frozenset[str]] = {}

    def __call__(self, stem: str) -> bool:
        """A module or package is there, or an ignore file speaks of it."""
        folder, name = posixpath.split(stem)
        if not name or ".." in stem.split("/"):
            return False
        there = self._names_in(folder)
        if name in there or any(one.startswith(f"{name}.") and one.endswith(_SUFFIXES) for one in there):
            return True
        return self._ignored(f"{stem}.py") or self._ignored(f"{stem}/__init__.py")

    def _names_in(self, folder: str) -> frozenset[str]:
        if folder not in self._names:
            place = self._root / folder
            inside = place.resolve().is_relative_to(self._root)
            try:
                self._names[folder] = frozenset(one.name for one in place.iterdir()) if inside else frozenset()
            except OSError:
                self._names[folder] = frozenset()
        return self._names[folder]
