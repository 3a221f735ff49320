"""Which file of the project a JavaScript or TypeScript specifier means.

Relative paths with the suffixes that bundlers and compilers add, `.js` that means `.ts`, folders with an `index` or a
`package.json`; `paths` and `baseUrl` of `tsconfig.json` through `extends` and `references`; packages of the same
repository by name, with `exports`, `main` and the source behind what a build makes; `imports` of the own package.
"""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

_SUFFIXES: Final = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_SWAPS: Final = {
    ".js": (".ts", ".tsx", ".jsx"),
    ".jsx": (".tsx",),
    ".mjs": (".mts",),
    ".cjs": (".cts",),
    ".d.ts": (".ts", ".tsx"),
    ".d.mts": (".mts",),
    ".d.cts": (".cts",),
}
_COMMENT: Final = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_LISTED: Final = re.compile(r"""^\s*-\s*['"]?([^'"#\s]+)""", re.MULTILINE)
_ENTRY_FIELDS: Final = ("source", "module", "main", "types", "typings")
_CONDITIONS: Final = ("source", "development", "import", "module", "require", "node", "default", "types")
_BUILT: Final = frozenset({"dist", "build", "lib", "out", "es", "esm", "cjs", "output", ".output"})
_LOCAL: Final = ("workspace:", "file:", "link:", "portal:")
_CHAIN: Final = 8
_DEEPEST_FOLDER: Final = 2
_DEPENDENCIES: Final = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")

_Json = dict[str, object]


class _Paths(NamedTuple):
    """What a `tsconfig.json` says: patterns with their places from the root, and where bare names start."""

    patterns: tuple[tuple[str, tuple[str, ...]], ...]
    base: str | None


class _Package(NamedTuple):
    """A package of the project: the folder of its `package.json` and what stands in it."""

    folder: str
    data: _Json


class Resolver:
    """Resolves specifiers between `paths`, the files of one project. `read` gives the text of a configuration file."""

    def __init__(self, paths: Collection[str], folders: Collection[str], read: Callable[[str], str | None]) -> None:
        self._paths = paths
        self._folders = folders
        self._read = read
        self._configs: dict[str, _Paths | None] = {}
        self._packages: dict[str, _Package | None] = {}
        self._by_name: dict[str, list[_Package]] | None = None
        self._workspaces: tuple[str, ...] = ()

    def resolve(self, specifier: str, importer: str) -> str | None:
        """The file that `specifier` means in the file `importer`, or `None` where it means none of the project's."""
        folder = posixpath.dirname(importer)
        module = specifier.partition("?")[0]
        if module.startswith((".", "/")):
            start = folder if module.startswith(".") else ""
            return self._file(_below(start, module.lstrip("/")))
        if module.startswith("#"):
            return self._own(module, folder)
        return self._configured(module, folder) or self._named(module, folder) or self._conventional(module, folder)

    # --- files and folders ------------------------------------------------------------------------------------------

    def _file(self, stem: str | None, depth: int = 0) -> str | None:
        """The file at a path, with the suffix it leaves out, or behind the folder it names."""
        if stem is None or depth > _DEEPEST_FOLDER:
            return None
        beside = next((path for path in _candidates(stem) if path in self._paths), None)
        if beside is not None or stem not in self._folders:
            return beside
        package = self._package(stem)
        entries = _entries(package.data) if package is not None else ()
        through = (self._file(_below(stem, place), depth + 1) for entry in entries for place in _sources(entry))
        found = next((path for path in through if path), None)
        inside = (path for name in ("index", "src/index") for path in _candidates(posixpath.join(stem, name)))
        return found or next((path for path in inside if path in self._paths), None)

    def _package(self, folder: str) -> _Package | None:
        if folder not in self._packages:
            data = _object(self._read(posixpath.join(folder, "package.json")))
            self._packages[folder] = None if data is None else _Package(folder, data)
        return self._packages[folder]

    def _nearest(self, folder: str) -> _Package | None:
        found = (self._package(one) for one in _ancestors(folder))
        return next((package for package in found if package is not None), None)

    # --- tsconfig.json ----------------------------------------------------------------------------------------------

    def _configured(self, module: str, folder: str) -> str | None:
        for root in _ancestors(folder):
            config = self._config(root)
            if config is None:
                continue
            for place in _mapped(config.patterns, module):
                found = self._file(place)
                if found:
                    return found
            found = self._file(_below(config.base, module)) if config.base is not None else None
            if found:
                return found
        return None

    def _config(self, folder: str) -> _Paths | None:
        if folder not in self._configs:
            names = ("tsconfig.json", "jsconfig.json")
            read = (self._read_config(posixpath.join(folder, name), folder, 0) for name in names)
            self._configs[folder] = next((config for config in read if config is not None), None)
        return self._configs[folder]

    def _read_config(self, path: str, home: str, depth: int) -> _Paths | None:
        """What a configuration says; `home` is the folder of the one that extends it, `${configDir}`."""
        data = _object(self._read(path)) if depth < _CHAIN else None
        if data is None:
            return None
        folder = posixpath.dirname(path)
        parents = (self._extended(one, folder, home, depth + 1) for one in _texts(data.get("extends")))
        known = [parent for parent in parents if parent is not None]
        own = _own_paths(data.get("compilerOptions"), folder, home, known[-1] if known else None)
        if own.patterns or own.base is not None:
            return own
        references = data.get("references")
        for one in references if isinstance(references, list) else ():
            place = one.get("path") if isinstance(one, dict) else None
            found = self._referenced(place, folder, depth + 1) if isinstance(place, str) else None
            if found is not None and found.patterns:
                return found
        return own

    def _extended(self, text: str, folder: str, home: str, depth: int) -> _Paths | None:
        """The configuration that `extends` names: a path, or a file of a package of this repository."""
        if text.startswith((".", "/")):
            place = _below(folder, text)
        else:
            name, rest = _package_name(text)
            package = next(chain(self._named_packages(name), self._without_sources(name)), None)
            place = None if package is None else _below(package.folder, rest or "tsconfig.json")
        if place is None:
            return None
        names = (place,) if place.endswith(".json") else (f"{place}.json", place, f"{place}/tsconfig.json")
        read = (self._read_config(one, home, depth) for one in names)
        return next((config for config in read if config is not None), None)

    def _without_sources(self, name: str) -> Iterator[_Package]:
        """The package of this name in a folder that holds configuration alone."""
        for pattern in self._workspaces:
            package = self._package(pattern.replace("*", name.rpartition("/")[2], 1))
            if package is not None and package.data.get("name") == name:
                yield package

    def _referenced(self, text: str, folder: str, depth: int) -> _Paths | None:
        place = _below(folder, text)
        if place is None:
            return None
        path = place if place.endswith(".json") else posixpath.join(place, "tsconfig.json")
        return self._read_config(path, posixpath.dirname(path), depth)

    # --- packages ---------------------------------------------------------------------------------------------------

    def _named_packages(self, name: str) -> list[_Package]:
        if self._by_name is None:
            self._by_name = {}
            found = (self._package(folder) for folder in sorted(self._folders))
            for package in found:
                if package is not None and isinstance(package.data.get("name"), str):
                    self._by_name.setdefault(str(package.data["name"]), []).append(package)
            self._workspaces = tuple(self._workspace_patterns())
        return self._by_name.get(name, [])

    def _workspace_patterns(self) -> Iterator[str]:
        """Which folders are packages of this repository: `package.json`, `pnpm-workspace.yaml` or `lerna.json` say."""
        for folder, package in self._packages.items():
            if package is None:
                continue
            stated = package.data.get("workspaces")
            listed = stated.get("packages") if isinstance(stated, dict) else stated
            lerna = _object(self._read(posixpath.join(folder, "lerna.json"))) or {}
            pnpm = _LISTED.findall(self._read(posixpath.join(folder, "pnpm-workspace.yaml")) or "")
            for pattern in (*_texts(listed), *_texts(lerna.get("packages")), *pnpm):
                yield posixpath.normpath(posixpath.join(folder, pattern))

    def _named(self, module: str, folder: str) -> str | None:
        name, rest = _package_name(module)
        candidates = [package for package in self._named_packages(name) if self._is_meant(package, name, folder)]
        for package in sorted(candidates, key=lambda one: -_shared(one.folder, folder)):
            found = self._in_package(package, rest)
            if found:
                return found
        return None

    def _is_meant(self, package: _Package, name: str, folder: str) -> bool:
        """A folder that happens to be called like a published package is not meant by its name."""
        if name.startswith("@") or folder == package.folder or folder.startswith(f"{package.folder}/"):
            return True
        if any(fnmatch.fnmatchcase(package.folder, pattern) for pattern in self._workspaces):
            return True
        own = self._nearest(folder)
        listed = [own.data.get(field) for field in _DEPENDENCIES] if own is not None else []
        stated = [one[name] for one in listed if isinstance(one, dict) and name in one]
        return any(isinstance(one, str) and one.startswith(_LOCAL) for one in stated)

    def _in_package(self, package: _Package, rest: str) -> str | None:
        exported = _exported(package.data.get("exports"), f"./{rest}" if rest else ".")
        for entry in exported:
            for place in _sources(entry):
                found = self._file(_below(package.folder, place))
                if found:
                    return found
        if not rest:
            return self._file(package.folder)
        places = (rest, posixpath.join("src", rest), *_sources(rest))
        return next((found for one in places if (found := self._file(_below(package.folder, one)))), None)

    def _own(self, module: str, folder: str) -> str | None:
        """`#name`: what the `imports` of the own package map it to; without any, what tsconfig does."""
        package = self._nearest(folder)
        for entry in _exported(package.data.get("imports"), module) if package is not None else ():
            for place in _sources(entry) if entry.startswith(".") else ():
                found = self._file(_below(package.folder, place)) if package is not None else None
                if found:
                    return found
        return self._configured(module, folder)

    def _conventional(self, module: str, folder: str) -> str | None:
        """`@/x` and `~/x` mean the source folder of the nearest package, where nothing says otherwise."""
        if not module.startswith(("@/", "~/")):
            return None
        for root in _ancestors(folder):
            for base in (posixpath.join(root, "src"), root):
                found = self._file(_below(base, module[2:]))
                if found:
                    return found
        return None


def _candidates(stem: str) -> Iterator[str]:
    """Where the file may be, in the order in which compilers look."""
    for suffix, others in _SWAPS.items():
        if stem.endswith(suffix):
            yield from (stem.removesuffix(suffix) + other for other in others)
    yield stem
    yield from (stem + suffix for suffix in _SUFFIXES)
    yield from (posixpath.join(stem, f"index{suffix}") for suffix in _SUFFIXES)


def _sources(entry: str) -> Iterator[str]:
    """The places of a file that a build makes: itself, and where its source stands."""
    parts = posixpath.normpath(entry).split("/")
    yield "/".join(parts)
    built = next((at for at, part in enumerate(parts) if part in _BUILT), None)
    if built is not None:
        rest = parts[built + 1 :]
        while rest and rest[0] in _BUILT:
            rest = rest[1:]
        if rest:
            before = parts[:built]
            yield "/".join([*before, *([] if rest[0] == "src" else ["src"]), *rest])
            yield "/".join([*before, *rest])


def _entries(data: _Json) -> tuple[str, ...]:
    stated = [data[field] for field in _ENTRY_FIELDS if isinstance(data.get(field), str)]
    return (*_exported(data.get("exports"), "."), *(str(one) for one in stated))


def _exported(exports: object, subpath: str) -> tuple[str, ...]:
    """What `exports` or `imports` of a `package.json` give for a subpath, in the order of the conditions we prefer."""
    if not isinstance(exports, dict) or not any(str(key).startswith((".", "#")) for key in exports):
        return tuple(_targets(exports, 0)) if subpath == "." else ()
    if subpath in exports:
        return tuple(_targets(exports[subpath], 0))
    patterns = [(str(key), value) for key, value in exports.items() if "*" in str(key)]
    for pattern, value in sorted(patterns, key=lambda one: -len(one[0].partition("*")[0])):
        rest = _matched(pattern, subpath)
        if rest is not None:
            return tuple(target.replace("*", rest) for target in _targets(value, 0))
    return ()


def _targets(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < _CHAIN:
        for one in value:
            yield from _targets(one, depth + 1)
    elif isinstance(value, dict) and depth < _CHAIN:
        known = [key for key in _CONDITIONS if key in value]
        for key in (*known, *(key for key in value if key not in _CONDITIONS)):
            yield from _targets(value[key], depth + 1)


def _own_paths(options: object, folder: str, home: str, parent: _Paths | None) -> _Paths:
    """What a configuration says itself, and what it inherits where it does not."""
    known: Mapping[object, object] = options if isinstance(options, dict) else {}
    base_url, paths = known.get("baseUrl"), known.get("paths")
    base = _placed(base_url, folder, home) if isinstance(base_url, str) else None
    if base is None and parent is not None:
        base = parent.base
    if not isinstance(paths, dict):
        return _Paths(parent.patterns if parent is not None else (), base)
    start = folder if base is None else base
    patterns = [
        (str(key), tuple(place for one in _texts(places) if (place := _placed(one, start, home)) is not None))
        for key, places in paths.items()
    ]
    return _Paths(tuple(sorted(patterns, key=lambda one: -len(one[0].partition("*")[0]))), base)


def _placed(text: str, folder: str, home: str) -> str | None:
    own = text.removeprefix("${configDir}")
    return _below(folder, text) if own == text else _below(home, f".{own}")


def _mapped(patterns: Iterable[tuple[str, tuple[str, ...]]], module: str) -> Iterator[str]:
    for pattern, places in patterns:
        rest = _matched(pattern, module)
        for place in places if rest is not None else ():
            yield place.replace("*", rest or "", 1)


def _matched(pattern: str, text: str) -> str | None:
    """What `*` stands for, an empty string for an exact match, `None` for no match."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if text == pattern else None
    fits = text.startswith(before) and text.endswith(after) and len(text) >= len(before) + len(after)
    return text[len(before) : len(text) - len(after)] if fits else None


def _package_name(module: str) -> tuple[str, str]:
    """The package that a bare specifier names, and the path in it."""
    count = 2 if module.startswith("@") else 1
    parts = module.split("/")
    return "/".join(parts[:count]), "/".join(parts[count:])


def _below(folder: str, text: str) -> str | None:
    """A path from the root, `""` for the root itself, or `None` where it leaves the project."""
    place = posixpath.normpath(posixpath.join(folder, text))
    if place == "." or not place:
        return ""
    return None if place.startswith(("../", "/")) or place == ".." else place


def _texts(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, str)]


def _object(text: str | None) -> _Json | None:
    """A JSON object that may hold comments and trailing commas; `None` for everything else."""
    if not text:
        return None
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        bare = _TRAILING_COMMA.sub(_kept, _COMMENT.sub(_kept, text.removeprefix("\ufeff")))
        try:
            data = json.loads(bare)
        except (ValueError, RecursionError):
            return None
    return data if isinstance(data, dict) else None


def _kept(match: re.Match[str]) -> str:
    return match[1] or ""


def _ancestors(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _shared(path: str, folder: str) -> int:
    """How many folders two paths begin with in common."""
    pairs = zip(path.split("/"), folder.split("/"), strict=False)
    return next(
        (at for at, (one, other) in enumerate(pairs) if one != other), min(path.count("/"), folder.count("/")) + 1
    )
