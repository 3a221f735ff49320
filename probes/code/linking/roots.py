"""Which table of routes an application serves: the one that its settings name.

The settings are those that an entry of the project (`manage.py`, `wsgi.py`) names. Where none does, or where the name
is put together while it runs, every module that sets a root counts.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from assay.probes.code.linking.module import PYTHON
from assay.probes.code.syntax import Call, Item, Lit, LitKind
from assay.probes.code.walk import expressions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.frameworks.base import Tables
    from assay.probes.code.linking.module import Module
    from assay.probes.code.linking.modules import Modules


def root_tables(tables: Tables, modules: Modules, paths: Iterable[str], source: Callable[[str], bytes]) -> list[str]:
    """The paths of the modules that hold the first table of an application."""
    python = [path for path in paths if path.endswith(".py")]
    setting = [path for path in python if tables.root.encode() in source(path)]
    entries = [path for path in python if setting and tables.settings.encode() in source(path)]
    named, ruled = _named(tables, modules, entries)
    found: dict[str, None] = {}
    for path in setting:
        module = modules.get(path)
        if module is None or not (path in named or not _is_ruled(path, ruled)):
            continue
        value = modules.name(module, tables.root)
        text = value.lit.text if value is not None and value.lit is not None else ""
        target = modules.linker.python(text, path) if text else None
        if isinstance(target, str):
            found.setdefault(target)
    return list(found)


def named_tables(root: str, tables: Iterable[str], paths: Iterable[str], source: Callable[[str], bytes]) -> list[str]:
    """Of modules with tables of routes those whose dotted name stands as a text: another host's, or a tenant's.

    Which of the settings that set the `root` count is decided elsewhere.
    """
    wanted = {path: f"/{path.removesuffix('.py')}".replace("/", ".").encode() for path in tables}
    lasts = sorted({name.rpartition(b".")[2] for name in wanted.values()})
    if not lasts:
        return []
    quoted = re.compile(rb"([\"'])((?:\w+\.)+(?:" + b"|".join(map(re.escape, lasts)) + rb"))\1")
    named = {
        text for path in paths if path.endswith(".py") for text in _texts_like(quoted, root.encode(), source(path))
    }
    return [
        path for path, name in wanted.items() if any(f".{name.decode()}".endswith(f".{one.decode()}") for one in named)
    ]


def _texts_like(quoted: re.Pattern[bytes], root: bytes, text: bytes) -> Iterator[bytes]:
    """The texts that stand neither in a comment nor in an `include`, nor are the root."""
    for found in quoted.finditer(text):
        line = text[text.rfind(b"\n", 0, found.start()) + 1 : found.start()]
        if b"include" not in line and not line.lstrip().startswith((b"#", root)):
            yield found[2]


def _named(tables: Tables, modules: Modules, entries: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The settings that entries name with all that these import, and the folders whose entries name them all."""
    named: set[str] = set()
    ruled: set[str] = set()
    open_folders: set[str] = set()
    for path in entries:
        module = modules.get(path)
        folder = posixpath.dirname(path)
        for text in _texts(module.facts, tables.settings) if module is not None else ():
            target = modules.linker.python(text, path) if text is not None else None
            if isinstance(target, str):
                named.update(_with_imported(modules, target))
                ruled.add(folder)
            else:
                open_folders.add(folder)
    return frozenset(named), frozenset(ruled - open_folders)


def _is_ruled(path: str, folders: frozenset[str]) -> bool:
    return any(not folder or path.startswith(f"{folder}/") for folder in folders)


def _texts(facts: FileFacts, variable: str) -> Iterator[str | None]:
    """What the variable is set to: a text, or `None` for one that is not known."""
    bodies = (facts.top, *(one.body for one in facts.functions))
    for body in bodies:
        for one in expressions_of(body):
            if isinstance(one, Call) and len(one.args) > 1 and _is_text(one.args[0], variable):
                second = one.args[1]
                yield second.text if isinstance(second, Lit) and second.kind is LitKind.STR else None
            if isinstance(one, Item) and _is_text(one.key, variable):
                yield None


def _is_text(node: object, text: str) -> bool:
    return isinstance(node, Lit) and node.kind is LitKind.STR and node.text == text


def _with_imported(modules: Modules, path: str) -> Iterator[str]:
    """A module of settings and those from which it takes all names."""
    waiting, seen = [path], {path}
    while waiting:
        current = waiting.pop()
        yield current
        module: Module | None = modules.get(current) if current.endswith(".py") else None
        for one in module.facts.imports if module is not None and module.facts.language == PYTHON else ():
            target = modules.resolve(one.module, module) if module is not None else None
            if isinstance(target, str) and target not in seen:
                seen.add(target)
                waiting.append(target)
