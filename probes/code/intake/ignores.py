"""Patterns in the syntax of `.gitignore`, and the stack of ignore files that applies to a folder.

The forms that make up nearly every ignore file (`name`, `name/`, `*.suffix`) are compared as strings; pathspec is
imported and its regular expressions are compiled only for the rest, because a small scan has a tenth of a second.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN: Final = re.compile(r"(?P<star>\*?)(?P<text>[^*?\[\]\\/#!\s][^*?\[\]\\/\s]*)(?P<folder>/?)")


class _Matcher(Protocol):
    def __call__(self, path: str, name: str, *, folder: bool) -> bool: ...


class _Plain(NamedTuple):
    """`name` or `*ending`, with or without a slash at the end."""

    text: str
    starred: bool
    folders_only: bool

    def __call__(self, path: str, name: str, *, folder: bool) -> bool:  # noqa: ARG002 - the common shape of a matcher
        if self.folders_only and not folder:
            return False
        return name.endswith(self.text) if self.starred else name == self.text


class _Glob(NamedTuple):
    """Everything else, left to pathspec, whose expressions also match below a match: here the path itself counts."""

    regex: re.Pattern[str]
    folders_only: bool
    below_only: bool

    def __call__(self, path: str, name: str, *, folder: bool) -> bool:  # noqa: ARG002 - the common shape of a matcher
        if self.below_only:
            return self.regex.search(path) is not None
        if self.folders_only:
            return folder and self.regex.fullmatch(f"{path}/") is not None
        return self.regex.fullmatch(path) is not None


class _Line(NamedTuple):
    matches: _Matcher
    excludes: bool
    text: str


class Patterns:
    """The patterns of one ignore file, or of one list in the configuration; the last one that matches decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        parsed = (_parse(line.rstrip("\r\n")) for line in lines)
        self._lines = tuple(line for line in parsed if line is not None)[::-1]
        plain = [line.matches for line in self._lines if isinstance(line.matches, _Plain)]
        self._names = frozenset(one.text for one in plain if not one.starred)
        self._endings = tuple(one.text for one in plain if one.starred)
        self._globs = tuple(line.matches for line in self._lines if isinstance(line.matches, _Glob))

    def __bool__(self) -> bool:
        return bool(self._lines)

    def decide(self, path: str, *, folder: bool) -> bool | None:
        """True: matched; False: matched by a negated pattern; None: no pattern speaks of it.

        `path` is relative to where the patterns stand, with forward slashes and without one at its end.
        """
        name = path.rpartition("/")[2]  # the first test leaves out nearly every path without asking each pattern
        if name in self._names or name.endswith(self._endings) or self._some_glob(path, name, folder=folder):
            for line in self._lines:
                if line.matches(path, name, folder=folder):
                    return line.excludes
        return None

    def _some_glob(self, path: str, name: str, *, folder: bool) -> bool:
        return any(glob(path, name, folder=folder) for glob in self._globs)

    def could_match_below(self, folder: str) -> bool:
        """Whether a path under `folder` may be matched: judged by the fixed beginning of each pattern."""
        return any(_may_lie_below(line.text, folder) for line in self._lines)


def _may_lie_below(text: str, folder: str) -> bool:
    fixed: list[str] = []
    for part in text.strip("/").split("/"):
        if any(sign in part for sign in "*?["):
            break
        fixed.append(part)
    if "/" not in text.strip("/") and not text.startswith("/"):
        return True
    return all(left == right for left, right in zip(fixed, folder.split("/"), strict=False))


def _parse(line: str) -> _Line | None:
    excludes = not line.startswith("!")
    text = line if excludes else line[1:]
    plain = _PLAIN.fullmatch(text)
    if plain:
        starred = bool(plain["star"])
        return _Line(_Plain(text=plain["text"], starred=starred, folders_only=bool(plain["folder"])), excludes, text)
    if not text.strip() or line.startswith("#"):
        return None
    bare = text.rstrip()
    if bare.rstrip("/") in ("*", "**"):
        return _Line(_Plain(text="", starred=True, folders_only=bare.endswith("/")), excludes, text)
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 - 15 ms that most scans never need

    try:
        pattern = GitIgnoreSpecPattern(line)
    except ValueError:  # git ignores a pattern that it cannot read, and so do we
        return None
    if pattern.regex is None or pattern.include is None:
        return None
    glob = _Glob(regex=pattern.regex, folders_only=bare.endswith("/"), below_only=bare.endswith("/**"))
    return _Line(glob, bool(pattern.include), text)


class IgnoreStack(NamedTuple):
    """The ignore files that apply in one folder: (folder they stand in, patterns), nearest last."""

    levels: tuple[tuple[str, Patterns], ...] = ()

    def with_level(self, base: str, patterns: Patterns) -> IgnoreStack:
        """The stack one folder deeper; `base` is that folder, relative like the paths that are asked about."""
        return IgnoreStack((*self.levels, (base, patterns))) if patterns else self

    def ignores(self, path: str, *, folder: bool) -> bool:
        """Whether `path` is ignored; the nearest file that speaks of it decides. Ask about parents first."""
        for base, patterns in reversed(self.levels):
            decided = patterns.decide(path[len(base) :].lstrip("/"), folder=folder)
            if decided is not None:
                return decided
        return False
