"""The folders of a project that its container images put on `PYTHONPATH`.

`ENV PYTHONPATH` of a Dockerfile, or `PYTHONPATH` in the environment of a compose file, names paths in the container;
`COPY` and volumes say which folders of the project lie there. A path that cannot be told is left out.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_DOCKERFILES: Final = ("Dockerfile", "docker/Dockerfile")
_COMPOSE: Final = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
_DEEPEST: Final = 2
_FOLDERS: Final = 120
_CONTINUED: Final = re.compile(r"\\[ \t]*\r?\n")
_INSTRUCTION: Final = re.compile(r"(?mi)^[ \t]*(WORKDIR|COPY|ADD|ENV)[ \t]+(.+?)[ \t]*$")
_SET: Final = re.compile(r"(?:^|\s)PYTHONPATH(?:=|\s+)(\"[^\"]*\"|'[^']*'|\S+)")
_IN_COMPOSE: Final = re.compile(r"(?m)^[ \t]*(?:-[ \t]*)?[\"']?PYTHONPATH[\"']?[ \t]*[=:][ \t]*([^\s#]+)")
_VOLUME: Final = re.compile(r"(?m)^[ \t]*-[ \t]*[\"']?(\.[\w./-]*):(/[\w./-]+)")


class Image(NamedTuple):
    """What is known of the files in a container: the paths there, each with the folder of the project it holds."""

    held: dict[str, str]
    path: tuple[str, ...]


def declared_roots(folders: Iterable[str], read: Callable[[str], str | None]) -> tuple[str, ...]:
    """The folders that are on the path, in order. `folders` are those of the project, `read` gives a file's text."""
    known = frozenset(folders)
    near = sorted(one for one in known if one.count("/") < _DEEPEST)[:_FOLDERS]
    found: dict[str, None] = {}
    held: dict[str, str] = {}
    for folder in near:
        for name in _DOCKERFILES:
            text = read(posixpath.join(folder, name)) or ""
            if "COPY" in text or "ADD" in text:
                image = _image(text, folder, known)
                held.update(image.held)
                found.update(dict.fromkeys(_mapped(image.path, image.held, known)))
    for folder in near:
        for name in _COMPOSE:
            text = read(posixpath.join(folder, name)) or ""
            if "PYTHONPATH" in text:
                image = _composed(text, folder, held, known)
                found.update(dict.fromkeys(_mapped(image.path, image.held, known)))
    return tuple(found)


def _image(text: str, folder: str, known: frozenset[str]) -> Image:
    working, held, path = "/", dict[str, str](), tuple[str, ...]()
    for instruction, rest in _INSTRUCTION.findall(_CONTINUED.sub(" ", text)):
        words = [one for one in rest.split() if not one.startswith("--")]
        match instruction.upper():
            case "WORKDIR":
                working = posixpath.join(working, words[0])
            case "ENV":
                for value in _SET.findall(rest):
                    path = tuple(_parts(value, working))
            case _ if len(words) > 1 and "--from" not in rest:
                target = posixpath.normpath(posixpath.join(working, words[-1]))
                for source in words[:-1]:
                    found = _folder(source, folder, known)
                    if found is not None:
                        held.setdefault(target, found)
            case _:
                pass
    return Image(held, path)


def _composed(text: str, folder: str, held: dict[str, str], known: frozenset[str]) -> Image:
    mounted = dict(held)
    for source, target in _VOLUME.findall(text):
        found = _folder(source, folder, known)
        if found is not None:
            mounted[posixpath.normpath(target)] = found
    return Image(mounted, tuple(one for value in _IN_COMPOSE.findall(text) for one in _parts(value, "/")))


def _parts(value: str, working: str) -> Iterator[str]:
    """The paths in the container that a value names; those that it takes over from elsewhere are left out."""
    for one in value.strip("\"'").split(":"):
        if one and "$" not in one:
            yield posixpath.normpath(posixpath.join(working, one))


def _folder(source: str, folder: str, known: frozenset[str]) -> str | None:
    """The folder of the project that is copied: as seen from the file's own folder, else from one above it."""
    base = folder
    while True:
        path = posixpath.normpath(posixpath.join(base, source))
        path = "" if path == "." else path
        if path in known:
            return path
        if not base:
            return None
        base = posixpath.dirname(base)


def _mapped(path: Iterable[str], held: dict[str, str], known: frozenset[str]) -> Iterator[str]:
    """The folders of the project that lie at these paths of a container."""
    for one in path:
        inside = [target for target in held if one == target or one.startswith(f"{target.rstrip('/')}/")]
        if not inside:
            continue
        target = max(inside, key=len)
        below = one[len(target) :].strip("/")
        found = posixpath.join(held[target], below) if below else held[target]
        if found in known:
            yield found
