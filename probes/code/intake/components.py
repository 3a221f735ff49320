"""Which part of a project a file belongs to: the nearest folder with a manifest of its own, else its top folder."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MANIFESTS: Final = ("package.json", "pyproject.toml", "requirements.txt")
AT_THE_ROOT: Final = "."


class Components:
    """The components below one root; asks the file system once per folder, and only whether a manifest is there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, bool] = {}

    def of(self, file: str) -> str:
        """The component of a file, as a path relative to the root; `.` for a file in the root itself."""
        folder = posixpath.dirname(file)
        while folder:
            if self._has_manifest(folder):
                return folder
            folder = posixpath.dirname(folder)
        return file.partition("/")[0] if "/" in file else AT_THE_ROOT

    def _has_manifest(self, folder: str) -> bool:
        if folder not in self._known:
            self._known[folder] = any((self._root / folder / name).is_file() for name in MANIFESTS)
        return self._known[folder]
