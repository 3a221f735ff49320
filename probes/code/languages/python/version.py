"""Which Python a project runs on, as its own files say: its modules are judged for that one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Version = tuple[int, int]


class ProjectPython(NamedTuple):
    """What is known: the version it runs on, else the lowest it declares to run on."""

    exact: Version | None = None
    lowest: Version | None = None


UNKNOWN: Final = ProjectPython()

# Files that name one version, and where it stands in them: compiled when a project has such a file.
_EXACT: Final = (
    (".python-version", r"(?m)^\s*(?:cpython-|python-)?(\d+)\.(\d+)"),
    ("Dockerfile", r"(?mi)^\s*FROM\s+(?:--\S+\s+)*(?:\S+/)?python:(\d+)\.(\d+)"),
    ("runtime.txt", r"(?m)^\s*python-(\d+)\.(\d+)"),
    (".tool-versions", r"(?m)^\s*python\s+(\d+)\.(\d+)"),
    ("Pipfile", r"(?m)^\s*python_(?:full_)?version\s*=\s*[\"'](\d+)\.(\d+)"),
)
_DECLARED: Final = (
    ("setup.cfg", r"(?m)^\s*python_requires\s*=(.*)$"),
    ("setup.py", r"\bpython_requires\s*=\s*[\"']([^\"']*)"),
)
_LOWEST: Final = r"(?:>=?|~=?|==|\^)\s*(\d+)\.(\d+)"


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
        versions = [(int(major), int(minor)) for major, minor in re.findall(pattern, text)] if text else []
        if versions:
            return max(versions)
    return None


def _first_lowest(folder: str, read: Callable[[str], str | None]) -> Version | None:
    declared = [_requires(read(f"{folder}pyproject.toml") or "")]
    for name, pattern in _DECLARED:
        text = read(f"{folder}{name}")
        found = re.search(pattern, text) if text else None
        declared.append(found[1] if found else "")
    for bounds in filter(None, declared):
        bound = re.search(_LOWEST, bounds)
        if bound:
            return int(bound[1]), int(bound[2])
    return None


def _requires(text: str) -> str:
    """`requires-python`, or what Poetry says of `python`; nothing where the file does not parse."""
    if not text:
        return ""
    import tomllib  # noqa: PLC0415 - 3 ms that a project without pyproject.toml does not pay

    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    project, tool = table.get("project"), table.get("tool")
    declared = project.get("requires-python") if isinstance(project, dict) else None
    for name in ("poetry", "dependencies", "python"):
        tool = tool.get(name) if isinstance(tool, dict) else None
    return next((text for text in (declared, tool) if isinstance(text, str)), "")
