"""The project's own folders, as its code lists them while it is put together: `Path(__file__).parent.glob("*.py")`.

A place is a file or folder of the project, known by its path or by its name as a module. There are places only while
modules are executed: what a handler lists is a file system like any other.
"""

from __future__ import annotations

import fnmatch
import posixpath
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import files, lists
from assay.probes.code.flow.refs import BundleRef, ContainerRef, ModuleRef, ObjectRef, PlaceRef
from assay.probes.code.flow.values import NOTHING, Value, join_all, literal, text_literal
from assay.probes.code.syntax import Lit, LitKind, Opaque

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Arguments
    from assay.probes.code.flow.values import Site
    from assay.probes.code.syntax import Expr

_PACKAGE: Final = "__init__.py"
_FIELDED: Final = 24
_SAME: Final = frozenset({"os.path.abspath", "os.path.realpath", "os.path.normpath", "os.fspath", "builtins.str"})
_STAYS: Final = frozenset({"resolve", "absolute", "expanduser", "as_posix", "__str__"})
_LISTS: Final = frozenset({"os.listdir", "os.scandir", "glob.glob", "glob.iglob"})
_MODULES: Final = frozenset({"pkgutil.iter_modules", "pkgutil.walk_packages"})


def own(path: str, name: str) -> Value:
    """What a module's `__file__`, `__path__`, `__name__` and `__package__` tell; `path` may be that of a folder."""
    is_package = not path.endswith(".py") or posixpath.basename(path) == _PACKAGE
    folder = path if not path.endswith(".py") else posixpath.dirname(path)
    match name:
        case "__file__":
            return _place(path if path.endswith(".py") else posixpath.join(path, _PACKAGE))
        case "__path__" if is_package:
            return _place(folder)
        case "__name__" if path.removesuffix(".py"):
            return Value(refs=(PlaceRef(folder if is_package else path.removesuffix(".py"), dotted=True),))
        case "__package__" if folder:
            return Value(refs=(PlaceRef(folder, dotted=True),))
        case _:
            return NOTHING


def _place(path: str) -> Value:
    return Value(refs=(ObjectRef(files.PATH), PlaceRef(path)))


def _path_of(value: Value | None) -> str | None:
    """The path of a place, or of the first in a list of them."""
    for one in (value, *(value.fields.values() if value is not None else ())):
        for ref in one.refs if one is not None else ():
            if isinstance(ref, PlaceRef) and not ref.dotted:
                return ref.path
    return None


def as_text(value: Value, site: Site) -> Value:
    """The name of a module as the text that it is; any other value as it stands."""
    for ref in value.refs:
        if isinstance(ref, PlaceRef) and ref.dotted:
            return text_literal(ref.path.replace("/", "."), site)
    return value


def member(value: Value, name: str, site: Site) -> Value | None:
    """`path.parent`, `path.stem`; `None` for what no place answers."""
    path = next((ref.path for ref in value.refs if isinstance(ref, PlaceRef) and not ref.dotted), None)
    if path is None:
        return None
    match name:
        case "parent":
            return _place(posixpath.dirname(path))
        case "parents":
            above = [path]
            while above[-1]:
                above.append(posixpath.dirname(above[-1]))
            return Value(None, {str(index): _place(one) for index, one in enumerate(above[1:])})
        case "name":
            return text_literal(posixpath.basename(path), site)
        case "stem":
            return text_literal(posixpath.splitext(posixpath.basename(path))[0], site)
        case "suffix":
            return text_literal(posixpath.splitext(path)[1], site)
        case _:
            return None


def below(values: Sequence[Value], site: Site) -> Value | None:
    """A place and what is joined to it, which is a path like any other too."""
    path = _path_of(values[0]) if values else None
    texts = [one.lit.text for one in values[1:] if one.lit is not None]
    if path is None or len(texts) != len(values) - 1:
        return None
    joined = posixpath.normpath(posixpath.join(path, *texts))
    if joined.startswith(("/", "..")):
        return None
    whole = files.joined(values, site)
    return whole.with_refs((*whole.refs, PlaceRef("" if joined == "." else joined)))


def method(machine: Machine, value: Value, name: str, arguments: Arguments, site: Site) -> Value | None:
    """`path.glob("*.py")`, and a known text's own methods; `None` where that is not known."""
    if value.lit is not None and value.lit.kind is LitKind.STR:
        return _of_text(value.lit.text, name, arguments, site)
    path = next((ref.path for ref in value.refs if isinstance(ref, PlaceRef) and not ref.dotted), None)
    if path is None:
        return None
    first = arguments.at(0)
    text = first.lit.text if first is not None and first.lit is not None else ""
    if name in _STAYS:
        return _place(path)
    if name == "joinpath":
        return below([value, *arguments.positional], site)
    if name == "iterdir":
        return _listed([_place(one) for one in _children(machine, path, "*")], site)
    if name in {"glob", "rglob"} and text:
        return _listed([_place(one) for one in _matching(machine, path, text, deep=name == "rglob")], site)
    if name in {"is_file", "is_dir"}:
        is_folder = machine.modules.linker.is_folder(path)
        return _truth((name == "is_dir") is is_folder, site) if is_folder or path.endswith(".py") else None
    if name == "endswith" and text:
        return _truth(path.endswith(text), site)
    return None


def library_call(machine: Machine, name: str, arguments: Arguments, site: Site) -> Value | None:
    """What a library makes of a place: another, its entries, the modules in it; `None` where no place is meant."""
    first = arguments.at(0)
    path = _path_of(first)
    if name in _MODULES or name in _LISTS:
        return _entries(machine, name, arguments, path if path is not None else _named(machine, first), site)
    if name == "os.path.splitext":
        known = path if path is not None else first.lit.text if first is not None and first.lit is not None else None
        return _split(posixpath.splitext(known), site) if known is not None else None
    if name == "importlib.util.spec_from_file_location":
        path = _path_of(arguments.at(1, "location"))
        return _place(path) if path is not None else None
    if path is None:
        return None
    if name in {"pathlib.Path", "os.path.join"}:
        return below(arguments.positional, site)
    if name in _SAME:
        return _place(path)
    if name == "os.path.dirname":
        return _place(posixpath.dirname(path))
    if name == "os.path.basename":
        return text_literal(posixpath.basename(path), site)
    if name == "importlib.util.module_from_spec" and machine.modules.get(path) is not None:
        return Value(refs=(ModuleRef(path),))
    return None


def _named(machine: Machine, value: Value | None) -> str | None:
    """A folder of the project that is written as a text, as seen from its root."""
    for one in (value, *(value.fields.values() if value is not None else ())):
        if one is not None and one.lit is not None and one.lit.kind is LitKind.STR:
            path = posixpath.normpath(one.lit.text)
            holder = posixpath.dirname(path) if "*" in path else path
            return path if holder not in {"", "."} and machine.modules.linker.is_folder(holder) else None
    return None


def _entries(machine: Machine, name: str, arguments: Arguments, path: str | None, site: Site) -> Value | None:
    if path is None:
        return None
    if name in _MODULES:
        prefix = arguments.at(1, "prefix")
        if prefix is not None and prefix.lit is None:
            return None
        before = prefix.lit.text if prefix is not None and prefix.lit is not None else ""
        found = _modules(machine, path, before, deep=name == "pkgutil.walk_packages")
        return _listed([_module_info(one, site, is_package=is_package) for one, is_package in found], site)
    if name == "os.listdir":
        return _listed([text_literal(posixpath.basename(one), site) for one in _children(machine, path, "*")], site)
    if name == "os.scandir":
        return _listed([_place(one) for one in _children(machine, path, "*")], site)
    folder, pattern = posixpath.split(path)
    return _listed([_place(one) for one in _matching(machine, folder, pattern, deep=False)], site)


def _children(machine: Machine, folder: str, pattern: str) -> list[str]:
    names = machine.modules.linker.children(folder)
    return [posixpath.join(folder, name) for name in fnmatch.filter(names, pattern)]


def _matching(machine: Machine, folder: str, pattern: str, *, deep: bool) -> Iterator[str]:
    """The entries that a pattern names; `**/` stands for any depth."""
    deep = deep or pattern.startswith("**/")
    last = pattern.removeprefix("**/")
    if "/" in last:
        return
    yield from _children(machine, folder, last)
    for one in _children(machine, folder, "*") if deep else ():
        if machine.modules.linker.is_folder(one):
            yield from _matching(machine, one, last, deep=True)


def _modules(machine: Machine, folder: str, prefix: str, *, deep: bool) -> Iterator[tuple[str, bool]]:
    """The modules in a package, and whether each is a package itself."""
    for one in _children(machine, folder, "*"):
        name = posixpath.basename(one)
        if name.endswith(".py") and name != _PACKAGE:
            yield prefix + name.removesuffix(".py"), False
        elif machine.modules.linker.submodule(folder, name) == posixpath.join(one, _PACKAGE):
            yield prefix + name, True
            if deep:
                yield from _modules(machine, one, f"{prefix}{name}.", deep=True)


def _module_info(name: str, site: Site, *, is_package: bool) -> Value:
    text, package = text_literal(name, site), _truth(is_package, site)
    return Value(None, {"0": NOTHING, "1": text, "2": package, "name": text, "ispkg": package})


def _listed(found: Sequence[Value], site: Site) -> Value:
    """A list of these, however long."""
    if len(found) <= _FIELDED:
        return lists.of_items(found, site, lasting=True)
    return Value(None, {"[]": join_all(found)}, (ContainerRef(site, lasting=True), BundleRef(tuple(found))))


def _truth(value: bool, site: Site) -> Value:  # noqa: FBT001
    return literal(Lit(LitKind.BOOL, str(value).lower(), site.line), site)


def _split(parts: Sequence[str], site: Site) -> Value:
    return lists.of_items([text_literal(one, site) for one in parts], site, lasting=True)


def _of_text(text: str, name: str, arguments: Arguments, site: Site) -> Value | None:
    """The method of a known text over known texts."""
    given = [one.lit.text for one in arguments.positional if one.lit is not None and one.lit.kind is LitKind.STR]
    if len(given) != len(arguments.all()):
        return None
    match name, given:
        case "startswith", [part]:
            return _truth(text.startswith(part), site)
        case "endswith", [part]:
            return _truth(text.endswith(part), site)
        case "removesuffix", [part]:
            return text_literal(text.removesuffix(part), site)
        case "removeprefix", [part]:
            return text_literal(text.removeprefix(part), site)
        case "replace", [old, new]:
            return text_literal(text.replace(old, new), site)
        case "split" | "rsplit", [part] if part:
            return _split(text.split(part), site)
        case _:
            return None


def cut(value: Value, key: Expr, site: Site) -> Value | None:
    """`name[:-3]` of a known text."""
    bounds = key.parts if isinstance(key, Opaque) and key.kind == "slice" else ()
    end = bounds[0] if len(bounds) == 1 else None
    if value.lit is None or value.lit.kind is not LitKind.STR or not isinstance(end, Lit) or not value.lit.text:
        return None
    number = end.text
    return text_literal(value.lit.text[: int(number)], site) if number.lstrip("-").isdigit() else None
