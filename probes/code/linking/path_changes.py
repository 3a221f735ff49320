"""The folders that a project's own code puts on `sys.path`: `sys.path.insert(0, os.path.join(BASE_DIR, "apps"))`.

What is put there is a path made of `__file__` and constants, which is told without running anything.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from assay.probes.code.syntax import Attr, Bind, Call, Item, Lit, LitKind, Name, Op, Text, TName
from assay.probes.code.walk import expressions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from assay.probes.code.facts import FileFacts

_CHANGES: Final = {"insert": 1, "append": 0}
"""Which argument of a method of `sys.path` is the folder."""
_SAME: Final = frozenset({"abspath", "realpath", "normpath", "fspath", "str", "Path", "PurePath"})
_STAYS: Final = frozenset({"resolve", "absolute", "as_posix"})
_JOINS: Final = frozenset({"join", "joinpath"})
_DEEPEST: Final = 8
_ROOT: Final = "/"


def inserted_roots(
    paths: Iterable[str], source: Callable[[str], bytes], facts: Callable[[str], FileFacts | None]
) -> tuple[str, ...]:
    """The folders of the project that files at these paths put on Python's path, in order."""
    found: dict[str, None] = {}
    for path in paths:
        known = facts(path) if b"sys.path." in source(path) else None
        found.update(dict.fromkeys(_inserted(known, path) if known is not None else ()))
    return tuple(found)


def _inserted(facts: FileFacts, path: str) -> Iterator[str]:
    bound: dict[str, object] = {
        one.target.id: one.value for one in facts.top if isinstance(one, Bind) and isinstance(one.target, TName)
    }
    bound["__file__"] = Lit(LitKind.STR, _ROOT + path, 0)
    for body in (facts.top, *(one.body for one in facts.functions)):
        for one in expressions_of(body):
            folder = _folder(one, bound) if isinstance(one, Call) else None
            if folder is not None:
                yield folder


def _folder(call: Call, names: Mapping[str, object]) -> str | None:
    """The folder that this call puts on the path."""
    fn = call.fn
    if not isinstance(fn, Attr) or not isinstance(fn.base, Attr) or fn.base.name != "path":
        return None
    at = _CHANGES.get(fn.name)
    if at is None or len(call.args) <= at or not isinstance(fn.base.base, Name) or fn.base.base.id != "sys":
        return None
    found = _path(call.args[at], names, _DEEPEST)
    return posixpath.normpath(found).removeprefix(_ROOT) if found and found.startswith(_ROOT) else None


def _path(node: object, names: Mapping[str, object], depth: int) -> str | None:
    """The path that an expression is, from the root of the project; `None` where it cannot be told, or lies above."""
    found: str | None = None
    match node if depth >= 0 else None:
        case Lit(kind=LitKind.STR, text=text):
            found = text
        case Name(id=name):
            found = _path(names.get(name), names, depth - 1)
        case Attr(base=base, name="parent"):
            found = _above(_path(base, names, depth - 1))
        case Item(base=Attr(base=base, name="parents"), key=Lit(kind=LitKind.NUM, text=text)):
            found = _above(_path(base, names, depth - 1), int(text) + 1 if text.isdecimal() else 0)
        case Op(operator="/", operands=parts):
            found = _joined(parts, names, depth)
        case Op(operator="+", operands=parts) | Text(parts=parts):
            found = _written(parts, names, depth)
        case Call(fn=Attr(base=base, name=name), args=args):
            found = _called(name, base, args, names, depth)
        case Call(fn=Name(id=name), args=args):
            found = _called(name, None, args, names, depth)
        case _:
            pass
    return found


def _called(name: str, base: object, args: tuple[object, ...], names: Mapping[str, object], depth: int) -> str | None:
    if name in _STAYS and not args:
        return _path(base, names, depth - 1)
    if name in _JOINS:
        return _joined(args if name == "join" else (base, *args), names, depth)
    if name == "dirname" and args:
        return _above(_path(args[0], names, depth - 1))
    return _path(args[0], names, depth - 1) if name in _SAME and args else None


def _joined(parts: tuple[object, ...], names: Mapping[str, object], depth: int) -> str | None:
    texts = [_path(one, names, depth - 1) for one in parts]
    known = [one for one in texts if one is not None]
    return posixpath.normpath(posixpath.join(*known)) if known and len(known) == len(texts) else None


def _written(parts: tuple[object, ...], names: Mapping[str, object], depth: int) -> str | None:
    texts = [_path(one, names, depth - 1) for one in parts]
    known = [one for one in texts if one is not None]
    return "".join(known) if len(known) == len(texts) else None


def _above(path: str | None, steps: int = 1) -> str | None:
    """The folder so many steps above a path; what lies above the root of the project is not known."""
    for _ in range(steps):
        path = posixpath.dirname(path) if path is not None and path != _ROOT else None
    return path if steps else None
