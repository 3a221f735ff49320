"""Which Python a project runs on, as its own files say: its modules are judged for that one."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Version = tuple[int, int]


class ProjectPython(NamedTuple):
    """What is known: the version it runs on, else the lowest it declares to run on."""

    exact: Version | None = None
    lowest: Version | None = None


UNKNOWN: Final = ProjectPython()

# Files that name one version, and where it stands in them.
_EXACT: Final = (
    (".python-version", re.compile(r"^\s*(?:cpython-|python-)?(\d+)\.(\d+)", re.MULTILINE)),
    ("Dockerfile", re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(?:\S+/)?python:(\d+)\.(\d+)", re.MULTILINE | re.IGNORECASE)),
    ("runtime.txt", re.compile(r"^\s*python-(\d+)\.(\d+)", re.MULTILINE)),
    (".tool-versions", re.compile(r"^\s*python\s+(\d+)\.(\d+)", re.MULTILINE)),
    ("Pipfile", re.compile(r"^\s*python_(?:full_)?version\s*=\s*[\"'](\d+)\.(\d+)", re.MULTILINE)),
)
_DECLARED: Final = (
    ("setup.cfg", re.compile(r"^\s*python_requires\s*=(.*)$", re.MULTILINE)),
    ("setup.py", re.compile(r"\bpython_requires\s*=\s*[\"']([^\"']*)")),
)
_LOWEST: Final = re.compile(r"(?:>=?|~=?|==|\^)\s*(\d+)\.(\d+)")


def project_python(path: str, read: Callable[[str], str | None]) -> ProjectPython:
    """What the files beside a source file or in the folders above it say.

    The nearest folder that says anything decides. `read` gives the text of a file below the root, or `None`.
    """
    for folder in _folders(path):
        exact = _first_exact(folder, read)
        lowest = _first_lowest(folder, read)
        if exact or lowest:
            return ProjectPython(exact, lowest)
    return UNKNOWN


def _folders(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield f"{path}/" if path else ""


def _first_exact(folder: str, read: Callable[[str], str | None]) -> Version | None:
    for name, pattern in _EXACT:
        text = read(f"{folder}{name}")
        versions = [(int(major), int(minor)) for major, minor in pattern.findall(text or "")]
        if versions:
            return max(versions)
    return None


def _first_lowest(folder: str, read: Callable[[str], str | None]) -> Version | None:
    declared = [_requires(read(f"{folder}pyproject.toml") or "")]
    for name, pattern in _DECLARED:
        found = pattern.search(read(f"{folder}{name}") or "")
        declared.append(found[1] if found else "")
    for text in declared:
        bound = _LOWEST.search(text)
        if bound:
            return int(bound[1]), int(bound[2])
    return None


def _requires(text: str) -> str:
    """`requires-python`, or what Poetry says of `python`; nothing where the file does not parse."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    project, tool = table.get("project"), table.get("tool")
    declared = project.get("requires-python") if isinstance(project, dict) else None
    for name in ("poetry", "dependencies", "python"):
        tool = tool.get(name) if isinstance(tool, dict) else None
    return next((text for text in (declared, tool) if isinstance(text, str)), "")
