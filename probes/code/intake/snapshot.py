"""The state of a tree without reading its files: names, sizes and times, as git keeps them in its index.

Two snapshots that are equal stand for trees in which a scan reads the same, because nothing that a scan looks at can
change without a new time of its last change (`ctime`), which nobody can set.
"""

from __future__ import annotations

import hashlib
import os
import stat
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.intake import filters
from assay.probes.code.intake.discovery import COUNTED_ENTRIES_PER_FOLDER, entries_below, entries_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENTRIES: Final = 100_000
_PACKAGES: Final = frozenset({
    "node_modules", "bower_components", "jspm_packages", ".yarn", ".pnpm-store", "site-packages", ".venv",
    ".virtualenv", ".tox", ".nox", ".next", ".nuxt", ".output", ".svelte-kit", ".turbo", ".angular",
})  # fmt: skip


class Snapshot(NamedTuple):
    """A digest of the whole state, and when the youngest change in it happened, in nanoseconds since 1970."""

    digest: bytes
    youngest: int


def snapshot(root: str, *, whole: bool) -> Snapshot | None:
    """The state of everything below `root`; `None` where that is too much to look at.

    `whole`: also what is inside of folders with installed packages, of which a scan only counts the files.
    """
    told = hashlib.sha256()
    youngest = 0
    left = _ENTRIES
    pending = [""]
    while pending:
        folder = pending.pop()
        for entry in _entries(f"{root}/{folder}" if folder else root):
            path = f"{folder}/{entry.name}" if folder else entry.name
            left -= 1
            if left < 0:
                return None
            line, changed, inside = _state(entry, path)
            youngest = max(youngest, changed)
            told.update(line)
            if inside and (whole or entry.name not in _PACKAGES):
                pending.append(path)
            elif inside:
                counted = islice(entries_below(entry.path), COUNTED_ENTRIES_PER_FOLDER + 1)
                told.update("\0".join([one.path for one in counted]).encode(errors="surrogateescape"))
    return Snapshot(told.digest(), youngest)


def _state(entry: os.DirEntry[str], path: str) -> tuple[bytes, int, bool]:
    """What is told of an entry, when it changed, and whether what is inside of it counts.

    A folder changes with what is in it, which is looked at itself; of one that no scan looks into only the name counts.
    """
    try:
        if entry.name in filters.UNSEEN_FOLDERS:
            return _line(path, "unseen"), 0, False
        if entry.is_dir(follow_symlinks=False):
            return _line(path, entry.stat(follow_symlinks=False).st_mode), 0, True
        own = entry.stat(follow_symlinks=False)
        line = _line(path, *_marks(own))
        if stat.S_ISLNK(own.st_mode):
            line += _line(os.path.realpath(entry.path), *_target(entry.path))
    except OSError as error:  # gone or forbidden: a scan meets the same
        return _line(path, error.errno or 0), 0, False
    return line, own.st_ctime_ns, False


def _marks(found: os.stat_result) -> tuple[int, ...]:
    return found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _target(path: str) -> tuple[int, ...]:
    try:
        found = os.stat(path)  # noqa: PTH116 - a string stays one
    except OSError as error:
        return (error.errno or 0,)
    return (found.st_mode,) if stat.S_ISDIR(found.st_mode) else _marks(found)


def _line(path: str, *parts: object) -> bytes:
    return "\0".join((path, *map(str, parts), "\n")).encode(errors="surrogateescape")


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        return entries_of(folder)
    except OSError:  # a scan meets the same, and the folder's rights are told
        return []


def contents(paths: Iterator[Path]) -> bytes:
    """A digest of the contents of a few files, of which any may be missing."""
    told = hashlib.sha256()
    for path in paths:
        try:
            told.update(_line(str(path), path.stat().st_size))
            told.update(path.read_bytes())
        except OSError as error:
            told.update(_line(str(path), error.errno or 0))
    return told.digest()
