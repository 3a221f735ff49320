"""Which files belong to the project, and why the others do not: nothing is left out silently.

What is named on the command line is examined whatever ignore files say. Symbolic links are named and never followed:
what they point to inside the tree is examined at its own place. A repository inside the repository (a submodule, a
vendored clone) is left out, because it has a commit of its own; `include`, or naming its folder, brings it in.
Nothing but folders and regular files is ever opened.
"""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.intake import filters
from assay.probes.code.intake.ignores import IgnoreStack, Patterns
from assay.probes.code.intake.reading import NOT_REGULAR, Unreadable, read_source, read_text
from assay.probes.code.model import Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

IGNORED: Final = "ignored by .gitignore"
EXCLUDED: Final = "excluded by configuration"
NESTED_REPOSITORY: Final = "nested repository"
LINK: Final = "symbolic link"
LINK_OUTSIDE: Final = "symbolic link out of the tree"
LINK_BROKEN: Final = "broken or circular symbolic link"
NOT_SOURCE: Final = "not a Python, TypeScript or JavaScript file"

_IGNORE_FILE_LIMIT_BYTES: Final = 1_000_000
COUNTED_ENTRIES_PER_FOLDER: Final = 2_000
_COUNTED_ENTRIES: Final = 20_000


class DiscoveredFile(NamedTuple):
    """A file to examine: its path relative to the root with forward slashes, and its source in UTF-8."""

    path: str
    source: bytes


class Discovery(NamedTuple):
    """What is examined and what is not, each sorted by path.

    `links` are folders that are symbolic links to another folder of the tree: (link, target). `ignores` tells whether
    an ignore file speaks of a path, whether or not it exists.
    """

    files: tuple[DiscoveredFile, ...]
    skipped: tuple[Skipped, ...]
    links: tuple[tuple[str, str], ...]
    ignores: Callable[[str], bool]


class Selection(NamedTuple):
    """What the configuration says about files. Patterns are those of `.gitignore`.

    `base` is where the root stands below the folder to which the patterns are relative, empty or ending in a slash.
    """

    exclude: Patterns = Patterns(())
    include: Patterns = Patterns(())
    base: str = ""


class Repository(NamedTuple):
    """The repository a root stands in: the path of its top folder, and its own ignore file outside the tree, if any."""

    top: Path
    exclude_file: Path | None = None


def discover(
    root: str,
    *,
    named: Sequence[str] = (".",),
    selection: Selection | None = None,
    repository: Repository | None = None,
    progress: Callable[[int], None] | None = None,
) -> Discovery:
    """Walk the named files and folders below `root`; all paths are relative to it.

    `progress` is told how many files were read so far.
    """
    walk = _Walk(os.path.realpath(root), selection or Selection(), repository, progress)
    for name in sorted({posixpath.normpath(path) for path in named}):
        walk.take(name)
    return walk.result()


@dataclass(kw_only=True)
class _LeftOut:
    """A folder that is left out, and how many source files it holds."""

    path: str
    reason: str
    count: int = 0
    bounded: bool = False


class _Folder(NamedTuple):
    """A folder still to be walked. `included`: named by `include`; `left_out`: only what `include` names counts."""

    path: str
    ignores: IgnoreStack
    included: bool = False
    left_out: _LeftOut | None = None
    named: bool = False


class _Walk:
    """One walk; an explicit stack of folders, because a tree may be deeper than Python's own."""

    def __init__(
        self, root: str, selection: Selection, repository: Repository | None, progress: Callable[[int], None] | None
    ) -> None:
        self._root = root
        self._selection = selection
        self._in_repository = repository is not None
        self._prefix, self._base_ignores = _outer_ignores(root, repository)
        self._progress = progress
        self._files: dict[str, DiscoveredFile] = {}
        self._skipped: dict[str, Skipped] = {}
        self._left_out: list[_LeftOut] = []
        self._links: dict[str, str] = {}
        self._patterns: dict[str, Patterns] = {}
        self._budget = _COUNTED_ENTRIES

    def take(self, name: str) -> None:
        """Examine one file or folder that was named."""
        real = os.path.realpath(self._absolute(name))
        if not self._holds(real):
            self._skip(name, LINK_OUTSIDE)
            return
        path = "" if real == self._root else os.path.relpath(real, self._root).replace(os.sep, "/")
        if Path(real).is_dir():
            self._walk(_Folder(path=path, ignores=self._ignores_above(path), named=True))
        elif filters.is_source(name):
            self._read(path)
        else:
            self._skip(path, NOT_SOURCE)

    def result(self) -> Discovery:
        for folder in self._left_out:
            if folder.count or folder.bounded:
                reason = f"{folder.reason} (counting stopped)" if folder.bounded else folder.reason
                self._skipped[folder.path] = Skipped(
                    file=f"{_shown(folder.path)}/", reason=reason, counted=folder.count
                )
        skipped = (self._skipped[path] for path in sorted(self._skipped) if path not in self._files)
        return Discovery(
            files=tuple(self._files[path] for path in sorted(self._files)),
            skipped=tuple(skipped),
            links=tuple(sorted(self._links.items())),
            ignores=self._would_ignore,
        )

    def _walk(self, start: _Folder) -> None:
        stack = [start]
        while stack:
            folder = stack.pop()
            try:
                entries = entries_of(self._absolute(folder.path))
            except OSError as error:
                self._skip(folder.path or ".", f"unreadable folder: {error.strerror or type(error).__name__}")
                continue
            stack.extend(self._enter(folder, entries))

    def _enter(self, folder: _Folder, entries: list[os.DirEntry[str]]) -> Iterator[_Folder]:
        names = {entry.name for entry in entries}
        reason = None if folder.named or folder.included or folder.left_out else self._reason_inside(names)
        if reason:
            folder = _Folder(path=folder.path, ignores=folder.ignores, left_out=self._leave_out(folder.path, reason))
            if not self._selection.include.could_match_below(self._selection.base + folder.path):
                self._count(folder.path, self._left_out[-1])
                return
        ignores = folder.ignores.with_level(self._prefix + folder.path, self._ignore_file(folder.path, names))
        for entry in entries:
            below = self._visit(folder, entry, ignores)
            if below is not None:
                yield below

    def _reason_inside(self, names: set[str]) -> str | None:
        """What only the content of a folder tells about it."""
        if "pyvenv.cfg" in names:
            return filters.VENDORED
        return NESTED_REPOSITORY if ".git" in names and self._in_repository else None

    def _visit(self, folder: _Folder, entry: os.DirEntry[str], ignores: IgnoreStack) -> _Folder | None:
        path = posixpath.join(folder.path, entry.name)
        if entry.name in filters.UNSEEN_FOLDERS:
            return None
        if entry.is_symlink():
            self._link(path, entry.name)
            return None
        if entry.is_dir(follow_symlinks=False):
            return self._subfolder(folder, path, entry.name, ignores)
        if filters.is_source(entry.name):
            if entry.is_file(follow_symlinks=False):
                self._file(folder, path, entry.name, ignores)
            else:
                self._skip(path, NOT_REGULAR)
        return None

    def _subfolder(self, parent: _Folder, path: str, name: str, ignores: IgnoreStack) -> _Folder | None:
        included = parent.included or self._includes(path, folder=True)
        excluded = self._excludes(path, folder=True)
        if excluded:
            reason: str | None = EXCLUDED
        elif included:
            reason = None if self._includes(path, folder=True) else filters.foreign_reason(name)
        elif parent.left_out:
            return _Folder(path=path, ignores=ignores, left_out=parent.left_out)
        else:
            reason = (
                IGNORED if self._ignored(path, ignores, folder=True) else filters.folder_reason(_parents(path), name)
            )
        if reason is None:
            return _Folder(path=path, ignores=ignores, included=included)
        left_out = self._leave_out(path, reason)
        if not excluded and self._selection.include.could_match_below(self._selection.base + path):
            return _Folder(path=path, ignores=ignores, left_out=left_out)
        self._count(path, left_out)
        return None

    def _file(self, folder: _Folder, path: str, name: str, ignores: IgnoreStack) -> None:
        if self._excludes(path, folder=False):
            self._skip(path, EXCLUDED)
        elif folder.included or self._includes(path, folder=False):
            self._read(path)
        elif folder.left_out:
            folder.left_out.count += 1
        elif self._ignored(path, ignores, folder=False):
            self._skip(path, IGNORED)
        else:
            reason = filters.file_reason(name)
            if reason:
                self._skip(path, reason)
            else:
                self._read(path, name)

    def _read(self, path: str, judged_name: str | None = None) -> None:
        """Read one file; with `judged_name` what it holds may still leave it out."""
        source = read_source(self._absolute(path))
        if isinstance(source, Unreadable):
            self._skip(path, source.reason)
            return
        reason = filters.content_reason(_parents(path), judged_name, source) if judged_name else None
        if reason:
            self._skip(path, reason)
            return
        self._files[path] = DiscoveredFile(path=_shown(path), source=source)
        if self._progress:
            self._progress(len(self._files))

    def _link(self, path: str, name: str) -> None:
        absolute = Path(self._absolute(path))
        if not absolute.exists():
            if filters.is_source(name) or "." not in name:
                self._skip(path, LINK_BROKEN)
        elif absolute.is_dir() or filters.is_source(name):
            target = os.path.realpath(absolute)
            inside = self._holds(target)
            self._skip(path, LINK if inside else LINK_OUTSIDE)
            below = os.path.relpath(target, self._root).replace(os.sep, "/")
            if inside and absolute.is_dir() and below != "." and not path.startswith(f"{below}/"):
                self._links[path] = below

    def _holds(self, real_path: str) -> bool:
        return real_path == self._root or real_path.startswith(self._root.rstrip(os.sep) + os.sep)

    def _count(self, path: str, left_out: _LeftOut) -> None:
        """Count the source files of a folder that is left out, up to a bound."""
        budget = min(self._budget, COUNTED_ENTRIES_PER_FOLDER)
        for entry in entries_below(self._absolute(path)):
            budget -= 1
            self._budget -= 1
            if budget < 0:
                left_out.bounded = True
                return
            if filters.is_source(entry.name) and not entry.is_dir(follow_symlinks=False):
                left_out.count += 1

    def _leave_out(self, path: str, reason: str) -> _LeftOut:
        left_out = _LeftOut(path=path, reason=reason)
        self._left_out.append(left_out)
        return left_out

    def _skip(self, path: str, reason: str) -> None:
        self._skipped[path] = Skipped(file=_shown(path), reason=reason)

    def _absolute(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _includes(self, path: str, *, folder: bool) -> bool:
        return self._selection.include.decide(self._selection.base + path, folder=folder) is True

    def _excludes(self, path: str, *, folder: bool) -> bool:
        return self._selection.exclude.decide(self._selection.base + path, folder=folder) is True

    def _ignored(self, path: str, ignores: IgnoreStack, *, folder: bool) -> bool:
        return ignores.ignores(self._prefix + path, folder=folder)

    def _ignore_file(self, folder: str, names: Iterable[str]) -> Patterns:
        if ".gitignore" not in names:
            return Patterns(())
        if folder not in self._patterns:
            self._patterns[folder] = _patterns(f"{self._absolute(folder)}/.gitignore")
        return self._patterns[folder]

    def _would_ignore(self, path: str) -> bool:
        """Whether an ignore file speaks of a path or of a folder above it."""
        stack = self._base_ignores
        parts = path.split("/")
        for depth in range(len(parts)):
            above = "/".join(parts[:depth])
            stack = stack.with_level((self._prefix + above).rstrip("/"), self._ignore_file(above, (".gitignore",)))
            if self._ignored("/".join(parts[: depth + 1]), stack, folder=depth + 1 < len(parts)):
                return True
        return False

    def _ignores_above(self, path: str) -> IgnoreStack:
        """The ignore files between the root and a folder that was named, unless they ignore that folder."""
        stack = self._base_ignores
        parts = path.split("/") if path else []
        for depth in range(len(parts)):
            above = "/".join(parts[:depth])
            stack = stack.with_level((self._prefix + above).rstrip("/"), self._ignore_file(above, (".gitignore",)))
            if self._ignored("/".join(parts[: depth + 1]), stack, folder=True):
                return IgnoreStack()
        return stack


def _outer_ignores(root: str, repository: Repository | None) -> tuple[str, IgnoreStack]:
    """The root relative to its repository, empty or ending in a slash, and the ignore files above the root."""
    if repository is None:
        return "", IgnoreStack()
    inner = os.path.relpath(root, os.path.realpath(repository.top)).replace(os.sep, "/")
    prefix = "" if inner == "." else f"{inner}/"
    stack = IgnoreStack()
    if repository.exclude_file:
        stack = stack.with_level("", _patterns(repository.exclude_file))
    parts = [] if inner == "." else inner.split("/")
    for depth in range(len(parts)):
        above = "/".join(parts[:depth])
        stack = stack.with_level(above, _patterns(repository.top / above / ".gitignore"))
        if stack.ignores("/".join(parts[: depth + 1]), folder=True):
            return prefix, IgnoreStack()
    return prefix, stack


def _patterns(path: str | Path) -> Patterns:
    text = read_text(path, limit=_IGNORE_FILE_LIMIT_BYTES)
    return Patterns(text.splitlines() if text else ())


def entries_of(path: str) -> list[os.DirEntry[str]]:
    """What stands in a folder, by name.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(path) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def entries_below(path: str) -> Iterator[os.DirEntry[str]]:
    """All that lies below a folder which is left out, in the order in which it is counted."""
    pending = [path]
    while pending:
        with suppress(OSError):
            for entry in entries_of(pending.pop()):
                yield entry
                if entry.is_dir(follow_symlinks=False) and entry.name not in filters.UNSEEN_FOLDERS:
                    pending.append(entry.path)


def _parents(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")[:-1])


def _shown(path: str) -> str:
    """A path for people and for JSON: bytes that are not UTF-8 are written as escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
