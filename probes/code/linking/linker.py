"""Which file an import means: the project's files by path and by module name, for Python and JavaScript.

Nothing is read here but the names of the files and the few configuration files that change what an import means.
"""

from __future__ import annotations

import posixpath
import sys
from enum import Enum
from typing import TYPE_CHECKING

from assay.probes.code.libraries import is_library
from assay.probes.code.linking.known_libraries import is_installed_library, is_known_library
from assay.probes.code.linking.python_path import declared_roots
from assay.probes.code.linking.resolve_typescript import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Absent(Enum):
    """What an import means that is no file of the project."""

    LIBRARY = "library"
    MISSING = "missing"
    """It can only mean a file of the project, and there is none."""


Resolved = str | Absent


class Linker:
    """Resolves imports between the files of one project. `read` gives the text of a configuration file, or `None`.

    `unseen` tells whether a module may exist at a path without its suffix although it is not among `paths`. `links` are
    folders that stand for others; a file below one is resolved to where it really is. `imported` tells whether a folder
    is imported as a package, and so is no root from which others are. `inserted` gives the folders that the project's
    own code puts on Python's path.
    """

    def __init__(
        self,
        paths: Iterable[str],
        read: Callable[[str], str | None],
        *,
        unseen: Callable[[str], bool] = lambda _stem: False,
        links: Iterable[tuple[str, str]] = (),
        imported: Callable[[str], bool] = lambda _folder: False,
        inserted: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.unseen = unseen
        self._inserted = inserted
        self._imported = imported
        self._doubtful: set[tuple[str, str]] = set()
        real = frozenset(paths)
        self._linked = {
            link + path[len(target) :]: path for link, target in links for path in real if path.startswith(f"{target}/")
        }
        self._paths = real | self._linked.keys()
        self._folders = _folders_of(self._paths)
        self._by_stem = _by_stem(real)
        self._read = read
        self._on_path: tuple[str, ...] | None = None
        self._javascript = Resolver(self._paths, self._folders, read)
        self._known: dict[tuple[str, str], Resolved] = {}

    @property
    def python_files(self) -> tuple[str, ...]:
        """The Python files of the project, each at its own place, in order."""
        return tuple(sorted(path for path in self._paths - self._linked.keys() if path.endswith(".py")))

    def python(self, module: str, importer: str) -> Resolved:
        """The file that `module` (leading dots included) means in the Python file `importer`."""
        key = (module, posixpath.dirname(importer))
        if is_library(importer):
            return Absent.LIBRARY
        if key not in self._known:
            found = self._relative(module, importer) if module.startswith(".") else self._absolute(module, key[1])
            if found is Absent.MISSING and any(map(self.unseen, _python_stems(module, key[1]))):
                found = Absent.LIBRARY
            self._known[key] = self._linked.get(found, found) if isinstance(found, str) else found
        return self._known[key]

    def is_certain(self, module: str, importer: str) -> bool:
        """Whether the file that `module` means is known for certain.

        It is not where it was found below a folder that is itself imported as a package: a library of that name is
        meant there (`graphql` in `app/` beside `app/graphql/`). Nor where it stands below none of the folders above the
        importer, and is found only where something changed the path.
        """
        self.python(module, importer)
        return (module, posixpath.dirname(importer)) not in self._doubtful

    def submodule(self, package: str, name: str) -> str | None:
        """The file of `name` in the package whose `__init__.py` or folder is `package`."""
        base = posixpath.dirname(package) if package.endswith("/__init__.py") or package == "__init__.py" else package
        found = self._module_file(posixpath.join(base, name))
        return self._linked.get(found, found) if found else None

    def is_folder(self, path: str) -> bool:
        """Some file of the project is below this folder."""
        return path in self._folders

    def children(self, folder: str) -> tuple[str, ...]:
        """The names of the files and folders of the project right below this folder, in order."""
        start = f"{folder}/" if folder else ""
        found = {path[len(start) :].partition("/")[0] for path in self._paths if path.startswith(start)}
        return tuple(sorted(found))

    def _module_file(self, stem: str) -> str | None:
        for candidate in (f"{stem}/__init__.py", f"{stem}.py"):
            if candidate in self._paths:
                return candidate
        return None

    def _relative(self, module: str, importer: str) -> Resolved:
        dots = len(module) - len(module.lstrip("."))
        folder = posixpath.dirname(importer)
        for _ in range(dots - 1):
            if not folder:
                return Absent.MISSING
            folder = posixpath.dirname(folder)
        rest = module[dots:].replace(".", "/")
        stem = posixpath.join(folder, rest) if rest else folder
        found = self._module_file(stem) if stem else ("__init__.py" if "__init__.py" in self._paths else None)
        if found:
            return found
        return stem if stem in self._folders or not stem else Absent.MISSING

    def _absolute(self, module: str, folder: str) -> Resolved:
        parts = module.replace(".", "/")
        roots = list(_ancestors(folder))
        first = parts.partition("/")[0]
        packages = [root for root in roots if posixpath.join(root, "__init__.py") in self._paths]
        first = parts.partition("/")[0]
        if is_known_library(first):
            return self._beside_library(first, parts, [root for root in roots if not _is_inside(root, packages)])
        for root in [root for root in roots if root not in packages] + packages:
            for base in (root, posixpath.join(root, "src")):
                found = self._module_file(posixpath.join(base, parts))
                if found and not (first in sys.stdlib_module_names and self._is_imported(root)):
                    if self._is_imported(root):
                        self._doubtful.add((module, folder))
                    return found
        if first in sys.stdlib_module_names:
            return Absent.LIBRARY
        on_path = [self._module_file(posixpath.join(root, parts)) for root in self._declared()]
        declared = max((one for one in on_path if one), key=lambda one: _shared(one, folder), default=None)
        if declared is not None:
            self._doubtful.add((module, folder))
            return declared
        elsewhere = self._elsewhere(parts, folder)
        if isinstance(elsewhere, str):
            self._doubtful.add((module, folder))
        return elsewhere

    def _declared(self) -> tuple[str, ...]:
        """The folders that container images or the project's own code put on the path, read when they are needed."""
        if self._on_path is None:
            inserted = [one for one in self._inserted() if one in self._folders]
            self._on_path = tuple(dict.fromkeys((*declared_roots(self._folders, self._read), *inserted)))
        return self._on_path

    def _beside_library(self, first: str, parts: str, roots: list[str]) -> Resolved:
        """What a library's name means below the roots of Python's path: the project's own where it stands there.

        A file that is named like an installed library sets that up; a package is what it is named.
        """
        for root in roots:
            found = self._module_file(posixpath.join(root, parts))
            if found and (not is_installed_library(first) or self._is_package(posixpath.join(root, first))):
                return found
        return Absent.LIBRARY

    def _elsewhere(self, parts: str, folder: str) -> Resolved:
        """A module below some other root: the one that shares the longest path with the importer."""
        last = parts.rpartition("/")[2]
        candidates = []
        for path in self._by_stem.get(last, ()):
            stem = path.removesuffix("/__init__.py").removesuffix(".py")
            if path.endswith(".py") and (stem == parts or stem.endswith(f"/{parts}")):
                root = stem[: -len(parts)].rstrip("/")
                if posixpath.join(root, "__init__.py") not in self._paths:
                    candidates.append(path)
        if candidates and ("/" in parts or len(candidates) == 1):
            return max(candidates, key=lambda path: (_shared(path, folder), -len(path), path))
        for root in _ancestors(folder):
            base = posixpath.join(root, parts)
            if base in self._folders and self._has_python(base):
                return base
        first = parts.partition("/")[0]
        holders = [root for root in _ancestors(folder) if self._is_package(posixpath.join(root, first))]
        if not all(map(self._is_imported, holders)):
            deeper = next(
                (
                    posixpath.join(root, parts)
                    for root in _ancestors(folder)
                    if posixpath.join(root, parts) in self._folders
                ),
                None,
            )
            return deeper or Absent.MISSING
        return Absent.LIBRARY

    def _is_imported(self, folder: str) -> bool:
        """The folder is a package that is imported as one, or lies in one that is."""
        if not folder:
            return False
        own = self._is_package(folder) and self._imported(folder)
        return own or self._is_imported(posixpath.dirname(folder))

    def _is_package(self, folder: str) -> bool:
        return posixpath.join(folder, "__init__.py") in self._paths

    def _has_python(self, folder: str) -> bool:
        return any(path.startswith(f"{folder}/") and path.endswith(".py") for path in self._paths)

    def javascript(self, module: str, importer: str) -> Resolved:
        """The file that `module` means in the JavaScript or TypeScript file `importer`."""
        key = (module, posixpath.dirname(importer) + "\n")
        if key not in self._known:
            self._known[key] = self._specifier(module, importer)
        return self._known[key]

    def _specifier(self, module: str, importer: str) -> Resolved:
        found = self._javascript.resolve(module, importer)
        if found is not None:
            return self._linked.get(found, found)
        return Absent.MISSING if module.startswith((".", "@/", "~/")) else Absent.LIBRARY


def _python_stems(module: str, folder: str) -> Iterable[str]:
    """Where a Python module may stand, without its suffix."""
    name = module.lstrip(".")
    dots = len(module) - len(name)
    parts = name.replace(".", "/")
    if dots:
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        yield posixpath.join(folder, parts)
        return
    for root in _ancestors(folder):
        yield posixpath.join(root, parts)
        yield posixpath.join(root, "src", parts)


def _is_inside(folder: str, packages: list[str]) -> bool:
    """The folder is one of these packages, or below one."""
    return any(folder == package or not package or folder.startswith(f"{package}/") for package in packages)


def _ancestors(folder: str) -> Iterable[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _folders_of(paths: Iterable[str]) -> frozenset[str]:
    folders: set[str] = {""}
    for path in paths:
        folder = posixpath.dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    return frozenset(folders)


def _by_stem(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, name = posixpath.split(path)
        stem = posixpath.basename(folder) if name == "__init__.py" else posixpath.splitext(name)[0]
        found.setdefault(stem, []).append(path)
    return found


def _shared(path: str, folder: str) -> int:
    count = 0
    for first, second in zip(path.split("/"), folder.split("/"), strict=False):
        if first != second:
            break
        count += 1
    return count
