"""Whether SQLAlchemy can configure the mapped classes that an endpoint's process has loaded.

Mappers are configured together, at the first query or object of any of them: one relationship that names a class or a
back reference that nobody defines makes every such call raise. Only files that are imported at module level from those
that declare and mount the route count, and only where they share a single declarative base.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.facts import ImportScope
from assay.probes.code.flow.lineage import facts_of, knows_bases, lineage, parses
from assay.probes.code.flow.refs import ClassRef
from assay.probes.code.flow.values import Site
from assay.probes.code.names import last_name
from assay.probes.code.syntax import Call, Lit, LitKind, Name, TName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import Class
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.linking.module import Module
    from assay.probes.code.syntax import Bind

_RELATIONSHIPS: Final = frozenset({"relationship", "Relationship", "dynamic_loader"})
_BASES: Final = re.compile(rb"\bdeclarative_base\(|\((?:\w+\.)?DeclarativeBase\b|\bSQLAlchemy\(|\bautomap_base\(")
_DYNAMIC: Final = (b"automap_base", b"setattr(", b"add_property(", b"event.listen")
_CLASS: Final = re.compile(rb"^[ \t]*class\s+(\w+)", re.MULTILINE)
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_CONTAINERS: Final = frozenset(
    ["Mapped", "DynamicMapped", "WriteOnlyMapped", "List", "Set", "Optional", "Sequence", "list", "set", "None"]
)


class Problem(NamedTuple):
    """A relationship that cannot be configured."""

    site: Site
    reason: str


class Mappers:
    """The answers for one project, one for each set of files in which an application begins."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[tuple[str, ...], Problem | None] = {}
        self._counted: dict[str, int] = {}

    def problem(self, entries: tuple[str, ...]) -> Problem | None:
        """The first relationship that cannot be configured in a process that loads these files, if it is proven."""
        if entries not in self._known:
            self._known[entries] = None
            self._known[entries] = self._search(sorted(self._loaded(entries)))
        return self._known[entries]

    def _loaded(self, entries: tuple[str, ...]) -> set[str]:
        """The Python files that are imported for certain."""
        found: set[str] = set()
        pending = list(entries)
        while pending:
            path = pending.pop()
            module = self._machine.modules.get(path) if path.endswith(".py") and path not in found else None
            if module is None:
                continue
            found.add(path)
            pending.extend(self._imported(module))
        return found

    def _imported(self, module: Module) -> Iterator[str]:
        linker = self._machine.modules.linker
        for one in module.facts.imports:
            target = linker.python(one.module, module.path) if one.scope is ImportScope.MODULE else None
            if isinstance(target, str):
                yield target
                below = linker.submodule(target, one.name) if one.name not in {"", "*"} else None
                if below is not None:
                    yield below

    def _search(self, loaded: list[str]) -> Problem | None:
        sources = {path: self._machine.source(path) for path in loaded}
        bases = sum(self._bases(path) for path in loaded)
        if bases > 1 or any(word in source for source in sources.values() for word in _DYNAMIC[:1]):
            return None
        for path, source in sources.items():
            module = self._machine.modules.get(path) if b"elationship(" in source else None
            for owner, bind, call in _relationships(module) if module is not None else ():
                if lineage(self._machine, owner).handle.startswith("sqlalchemy"):
                    reason = self._unconfigurable(owner, bind, call)
                    if reason:
                        return Problem(Site(path, call.line), reason)
        return None

    def _bases(self, path: str) -> int:
        """How many bases of mapped classes a file makes, counted once."""
        if path not in self._counted:
            self._counted[path] = len(_BASES.findall(self._machine.source(path)))
        return self._counted[path]

    def _unconfigurable(self, owner: ClassRef, bind: Bind, call: Call) -> str:
        name = _target(bind, call)
        back = next((node.text for key, node in call.kwargs if key == "back_populates" and isinstance(node, Lit)), "")
        if not name:
            return ""
        candidates = list(self._classes(name))
        title = f"`{facts_of(self._machine, owner).name}`"
        if not candidates:
            return f"a relationship of {title} names `{name}`, which is no class of the project"
        if not back or any(self._may_have(one, back) for one in candidates):
            return ""
        return f"a relationship of {title} is to be found in `{name}.{back}`, which does not exist"

    def _classes(self, name: str) -> Iterator[ClassRef]:
        """Every class of this name in the project, whatever it is."""
        for path in self._files_by_class.get(name.encode(), ()):
            module = self._machine.modules.get(path)
            for index, class_ in enumerate(module.facts.classes if module is not None else ()):
                if class_.name == name and module is not None:
                    yield ClassRef(path, index, module.frame)

    @cached_property
    def _files_by_class(self) -> dict[bytes, list[str]]:
        """The files in whose text a class of each name stands, read once."""
        found: dict[bytes, list[str]] = {}
        for path in self._machine.modules.linker.python_files:
            for name in dict.fromkeys(_CLASS.findall(self._machine.source(path))):
                found.setdefault(name, []).append(path)
        return found

    def _may_have(self, ref: ClassRef, name: str) -> bool:
        """The class, or one of its bases, has a member of this name, or may be given one from elsewhere."""
        machine = self._machine
        known = lineage(machine, ref)
        if (
            not known.handle.startswith("sqlalchemy")
            or not knows_bases(machine, ref)
            or not parses(machine, known.classes)
        ):
            return True
        if any(name in _members(facts_of(machine, one)) for one in known.classes):
            return True
        given = re.compile(rb"backref\s*=[^\n]*['\"]" + name.encode() + rb"['\"]|\." + name.encode() + rb"\s*=[^=]")
        sources = [machine.source(path) for path in machine.modules.linker.python_files]
        return any(given.search(source) for source in sources if name.encode() in source) or any(
            word in machine.source(one.file) for one in known.classes for word in _DYNAMIC
        )


def _members(class_: Class) -> set[str]:
    bound = {bind.target.id for bind in class_.fields if isinstance(bind.target, TName)}
    return bound | {name for name, _ in class_.methods} | {name for name, _ in class_.annotations}


def _relationships(module: Module) -> Iterator[tuple[ClassRef, Bind, Call]]:
    for index, class_ in enumerate(module.facts.classes):
        for bind in class_.fields if class_.enclosing is None else ():
            call = bind.value
            if isinstance(call, Call) and last_name(call) in _RELATIONSHIPS:
                yield ClassRef(module.path, index, module.frame), bind, call


def _target(bind: Bind, call: Call) -> str:
    """The class that a relationship names, by its first argument or its annotation; empty where neither says it."""
    stated = call.args[0] if call.args else next((node for key, node in call.kwargs if key == "argument"), None)
    match stated:
        case Lit(kind=LitKind.STR, text=text):
            return text.rpartition(".")[2] if re.fullmatch(r"[\w.]+", text) else ""
        case Name(id=name):
            return name
        case None:
            words = [word for word in _WORD.findall(bind.annotation) if word not in _CONTAINERS]
            return words[0] if len(words) == 1 else ""
        case _:
            return ""
