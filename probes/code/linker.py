"""Which file an import means: the project's files by path and by module name, for Python and JavaScript.

Nothing is read here but the names of the files and the few configuration files that change what an import means.
"""

from __future__ import annotations

import json
import posixpath
import re
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_JS_SUFFIXES: Final = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_JS_SWAPS: Final = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
_COMMENT: Final = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")
_ENTRY_FIELDS: Final = ("source", "types", "module", "main")


class Absent(Enum):
    """What an import means that is no file of the project."""

    LIBRARY = "library"
    MISSING = "missing"
    """It can only mean a file of the project, and there is none."""


Resolved = str | Absent


class Linker:
    """Resolves imports between the files of one project. `read` gives the text of a configuration file, or `None`.

    `unseen` tells whether a module may exist at a path without its suffix although it is not among `paths`. `links` are
    folders that stand for others; a file below one is resolved to where it really is.
    """

    def __init__(
        self,
        paths: Iterable[str],
        read: Callable[[str], str | None],
        *,
        unseen: Callable[[str], bool] = lambda _stem: False,
        links: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._read = read
        self.unseen = unseen
        real = frozenset(paths)
        self._linked = {
            link + path[len(target) :]: path for link, target in links for path in real if path.startswith(f"{target}/")
        }
        self._paths = real | self._linked.keys()
        self._folders = _folders_of(self._paths)
        self._by_stem = _by_stem(real)
        self._packages: dict[str, str] | None = None
        self._configs: dict[str, tuple[str, dict[str, list[str]], bool] | None] = {}
        self._known: dict[tuple[str, str], Resolved] = {}

    def python(self, module: str, importer: str) -> Resolved:
        """The file that `module` (leading dots included) means in the Python file `importer`."""
        key = (module, posixpath.dirname(importer))
        if key not in self._known:
            found = self._relative(module, importer) if module.startswith(".") else self._absolute(module, key[1])
            if found is Absent.MISSING and any(map(self.unseen, _python_stems(module, key[1]))):
                found = Absent.LIBRARY
            self._known[key] = self._linked.get(found, found) if isinstance(found, str) else found
        return self._known[key]

    def submodule(self, package: str, name: str) -> str | None:
        """The file of `name` in the package whose `__init__.py` or folder is `package`."""
        base = posixpath.dirname(package) if package.endswith("/__init__.py") or package == "__init__.py" else package
        found = self._module_file(posixpath.join(base, name))
        return self._linked.get(found, found) if found else None

    def is_folder(self, path: str) -> bool:
        """Some file of the project is below this folder."""
        return path in self._folders

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
        packages = [root for root in roots if posixpath.join(root, "__init__.py") in self._paths]
        for root in [root for root in roots if root not in packages] + packages:
            for base in (root, posixpath.join(root, "src")):
                found = self._module_file(posixpath.join(base, parts))
                if found:
                    return found
        return self._elsewhere(parts, folder)

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
        if any(self._is_package(posixpath.join(root, first)) for root in _ancestors(folder)):
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
        folder = posixpath.dirname(importer)
        if module.startswith("."):
            return self._file(posixpath.normpath(posixpath.join(folder, module))) or Absent.MISSING
        mapped = self._through_config(module, folder)
        if mapped:
            return mapped
        workspace = self._workspace(module)
        if workspace:
            return workspace
        if module.startswith(("@/", "~/")):
            return self._through_convention(module[2:], folder) or Absent.MISSING
        return Absent.LIBRARY

    def _file(self, stem: str) -> str | None:
        if stem in self._paths:
            return stem
        base, suffix = posixpath.splitext(stem)
        swaps = [base + other for other in _JS_SWAPS.get(suffix, ())]
        beside = [stem + other for other in _JS_SUFFIXES]
        inside = [posixpath.join("" if stem == "." else stem, "index" + other) for other in _JS_SUFFIXES]
        return next((path for path in (*swaps, *beside, *inside) if path in self._paths), None)

    def _through_convention(self, rest: str, folder: str) -> str | None:
        for root in _ancestors(folder):
            for base in (posixpath.join(root, "src"), root):
                found = self._file(posixpath.join(base, rest))
                if found:
                    return found
        return None

    def _through_config(self, module: str, folder: str) -> str | None:
        for root in _ancestors(folder):
            config = self._config(root)
            if config is None:
                continue
            base, paths, has_base = config
            for pattern, targets in paths.items():
                rest = _matched(pattern, module)
                for target in targets if rest is not None else ():
                    found = self._file(posixpath.normpath(posixpath.join(base, target.replace("*", rest or "", 1))))
                    if found:
                        return found
            if has_base:
                return self._file(posixpath.normpath(posixpath.join(base, module)))
        return None

    def _config(self, folder: str) -> tuple[str, dict[str, list[str]], bool] | None:
        if folder not in self._configs:
            self._configs[folder] = None
            for name in ("tsconfig.json", "jsconfig.json"):
                self._configs[folder] = self._configs[folder] or self._read_config(posixpath.join(folder, name), 0)
        return self._configs[folder]

    def _read_config(self, path: str, depth: int) -> tuple[str, dict[str, list[str]], bool] | None:
        data = _json(self._read(path)) if depth < _CONFIG_CHAIN else None
        if not isinstance(data, dict):
            return None
        folder = posixpath.dirname(path)
        options = data.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        parent = None
        extends = data.get("extends")
        if isinstance(extends, str) and extends.startswith("."):
            name = extends if extends.endswith(".json") else extends + ".json"
            parent = self._read_config(posixpath.normpath(posixpath.join(folder, name)), depth + 1)
        base_url = options.get("baseUrl")
        base = posixpath.normpath(posixpath.join(folder, base_url)) if isinstance(base_url, str) else folder
        paths = _paths_option(options.get("paths"))
        if paths is None and parent is not None:
            return parent
        return ("" if base == "." else base), paths or {}, isinstance(base_url, str)

    def _workspace(self, module: str) -> str | None:
        if self._packages is None:
            self._packages = self._read_packages()
        parts = module.split("/")
        name = "/".join(parts[:2]) if module.startswith("@") else parts[0]
        folder = self._packages.get(name)
        if folder is None:
            return None
        rest = module[len(name) + 1 :]
        stems: tuple[str, ...]
        if rest:
            stems = (posixpath.join(folder, rest), posixpath.join(folder, "src", rest))
        else:
            stems = (*self._entries(folder), posixpath.join(folder, "src/index"), posixpath.join(folder, "index"))
        return next((found for stem in stems if (found := self._file(posixpath.normpath(stem)))), None)

    def _read_packages(self) -> dict[str, str]:
        packages: dict[str, str] = {}
        for folder in sorted(self._folders):
            text = self._read(posixpath.join(folder, "package.json"))
            data = _json(text) if text else None
            if isinstance(data, dict) and isinstance(data.get("name"), str):
                packages.setdefault(data["name"], folder)
        return packages

    def _entries(self, folder: str) -> tuple[str, ...]:
        data = _json(self._read(posixpath.join(folder, "package.json")))
        if not isinstance(data, dict):
            return ()
        found = [data[name] for name in _ENTRY_FIELDS if isinstance(data.get(name), str)]
        sources = [re.sub(r"(^|/)(dist|build|lib|out)/", r"\1src/", one) for one in found]
        names = [one.removesuffix(".d.ts") for one in (*sources, *found)]
        return tuple(posixpath.join(folder, one) for one in names)


_CONFIG_CHAIN: Final = 8


def _json(text: str | None) -> object:
    if not text:
        return None
    try:
        return json.loads(_TRAILING_COMMA.sub(r"\1", _COMMENT.sub(lambda match: match[1] or "", text)))
    except (ValueError, RecursionError):
        return None


def _paths_option(paths: object) -> dict[str, list[str]] | None:
    if not isinstance(paths, dict):
        return None
    return {
        str(key): [target for target in targets if isinstance(target, str)]
        for key, targets in paths.items()
        if isinstance(targets, list)
    }


def _matched(pattern: str, module: str) -> str | None:
    """What `*` stands for, an empty string for an exact match, `None` for no match."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if module == pattern else None
    fits = module.startswith(before) and module.endswith(after) and len(module) >= len(before) + len(after)
    return module[len(before) : len(module) - len(after)] if fits else None


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
