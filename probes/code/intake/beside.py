"""The texts beside a project's running code that define or fill its tables: SQL files, migrations, seeds, scripts.

They are no part of what is scanned; rules about tables look whether a name occurs in them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from assay.probes.code.intake import filters

_SUFFIXES: Final = (".sql", ".prisma", ".dbml", ".ddl", ".psql", ".py")
_ENTRIES: Final = 30_000
_FILE_BYTES: Final = 2_000_000
_ALL_BYTES: Final = 40_000_000


class Beside:
    """Reads these texts when it is asked for them the first time; symbolic links are not followed.

    `seen` are the paths of the files that are scanned anyway. Large trees are read up to a bound, in a stable order.
    """

    def __init__(self, root: Path, seen: frozenset[str]) -> None:
        self._root = root
        self._seen = seen
        self._texts: tuple[bytes, ...] | None = None

    def __call__(self) -> tuple[bytes, ...]:
        """The texts, in the order of their folders."""
        if self._texts is None:
            self._texts = tuple(self._read())
        return self._texts

    def _read(self) -> list[bytes]:
        found: list[bytes] = []
        size = 0
        for path in self._paths():
            text = _content(path)
            size += len(text)
            if size > _ALL_BYTES:
                break
            found.append(text)
        return found

    def _paths(self) -> list[str]:
        found: list[str] = []
        pending = [str(self._root)]
        budget = _ENTRIES
        while pending and budget > 0:
            try:
                with os.scandir(pending.pop()) as entries:
                    ordered = sorted(entries, key=lambda entry: entry.name, reverse=True)
            except OSError:
                continue
            budget -= len(ordered)
            for entry in ordered:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in filters.UNSEEN_FOLDERS and not filters.foreign_reason(entry.name):
                        pending.append(entry.path)
                elif entry.name.endswith(_SUFFIXES) and entry.is_file(follow_symlinks=False):
                    relative = os.path.relpath(entry.path, self._root).replace(os.sep, "/")
                    found.extend([] if relative in self._seen else [entry.path])
        return found


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_FILE_BYTES)
    except OSError:
        return b""
