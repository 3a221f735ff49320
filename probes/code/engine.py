"""The seam of the scanner: source files in, a view of the project out. It reads nothing but what it is handed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.probes.code.stores.declared import DeclaredStore
    from assay.probes.code.view import ProjectView


class SourceFile(NamedTuple):
    """One file to examine: its path relative to the root with forward slashes, and how to read it.

    `read` may raise `OSError`: the file is then named in `skipped`.
    """

    path: str
    read: Callable[[], bytes]

    @property
    def suffix(self) -> str:
        """Its suffix in lower case with the dot, or an empty string."""
        name = self.path.rpartition("/")[2]
        dot = name.rfind(".")
        return name[dot:].lower() if dot > 0 else ""


def _no_configuration(_path: str) -> None:
    return None


def _nothing_unseen(_path: str) -> bool:
    return False


class EngineOptions(NamedTuple):
    """How far the analysis goes. Steps, not seconds, so that the result is the same on every machine."""

    steps_per_endpoint: int = 40_000
    call_depth: int = 12
    processes: int = 1
    """How many processes may share the work. The result is the same."""
    configuration: Callable[[str], str | None] = _no_configuration
    """The text of a small file below the root that decides what an import means (`tsconfig.json`, `package.json`)."""
    unseen: Callable[[str], bool] = _nothing_unseen
    """Whether a module may exist at a path without its suffix although it was not handed in: left out or made later."""
    stores: tuple[DeclaredStore, ...] = ()
    """Classes that the configuration says are stores."""
    python: tuple[int, int] | None = None
    """The version of Python that the project runs on, where the configuration says it."""
    links: tuple[tuple[str, str], ...] = ()
    """Folders that stand for another folder of the project: (where the link stands, what it points to)."""


DEFAULT_OPTIONS: Final = EngineOptions()


def files_alone(files: Sequence[SourceFile], options: EngineOptions = DEFAULT_OPTIONS) -> ProjectView:
    """These files before anybody looked for endpoints: the view has none, and knows of nothing that is loaded."""
    return Project(files, options).files_alone()


def analyse(files: Sequence[SourceFile], options: EngineOptions = DEFAULT_OPTIONS) -> ProjectView:
    """Find the endpoints of these files and judge each; the order of `files` does not matter."""
    return Project(files, options).view()
