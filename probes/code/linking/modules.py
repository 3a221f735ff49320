"""The project's modules as the interpreter sees them: their names are evaluated when they are asked for, once.

A module that declares routes is executed as a whole, in order, because its statements are what wires the
application. Of any other module only those top-level statements run that bind a name somebody asks for.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, Never

from assay.probes.code.facts import Import, ImportScope
from assay.probes.code.flow.refs import ClassRef, FunctionRef, LibRef, ModuleRef
from assay.probes.code.flow.values import NOTHING, Site, Value, of_ref
from assay.probes.code.libraries import library_path
from assay.probes.code.linking.linker import Absent
from assay.probes.code.linking.module import Module
from assay.probes.code.syntax import Bind, Def, Eval, ImportStmt

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.probes.code.facts import Export, FileFacts
    from assay.probes.code.linking.linker import Linker, Resolved
    from assay.probes.code.syntax import Expr

_REEXPORTS: Final = 12


class Modules:
    """All modules of a project, made when they are asked for.

    `load` gives a file's facts. `run` executes one top-level statement of a module, `evaluate` gives the value of an
    expression at its top level, `read_library` that of a library's name: all are the interpreter's, set once it exists.
    """

    def __init__(self, linker: Linker, load: Callable[[str], FileFacts | None]) -> None:
        self.linker = linker
        self._load = load
        self._modules: dict[str, Module | None] = {}
        self.run: Callable[[Module, int], None] = _not_ready
        self.evaluate: Callable[[Module, Expr], Value] = _not_ready
        self.read_library: Callable[[str, Site], Value] = _library_name_alone

    def get(self, path: str) -> Module | None:
        """The module of a file, or `None` where it cannot be read."""
        if path not in self._modules:
            facts = self._load(path)
            self._modules[path] = Module(facts) if facts is not None else None
        return self._modules[path]

    def execute(self, module: Module) -> None:
        """Run every top-level statement that has not run yet, in order."""
        for index in range(len(module.facts.top)):
            module.reached = index
            self._run_once(module, index)
        module.reached = None

    def _run_once(self, module: Module, index: int) -> None:
        if index not in module.done:
            module.done.add(index)
            self.run(module, index)

    def name(self, module: Module, name: str) -> Value | None:
        """The value of a module-level name, or `None` where the module does not bind it."""
        indexes = module.bindings.get(name)
        if indexes is None:
            return self._from_stars(module, name)
        if name not in module.running:
            module.running.add(name)
            try:
                self._settle(module, name, indexes)
            finally:
                module.running.discard(name)
        found = module.frame.state.vars.get(name)
        if found is None and name not in module.running:
            found = self._from_import(module, name, indexes)
        return found if found is not None else self._hoisted(module, name)

    def _settle(self, module: Module, name: str, indexes: list[int]) -> None:
        """Run the statements that have bound a name by now; those known to have run are not looked at again."""
        end = _visible(module, indexes)
        for position in range(module.settled.get(name, 0), end):
            self._run_once(module, indexes[position])
        module.settled[name] = max(end, module.settled.get(name, 0))

    def _from_import(self, module: Module, name: str, indexes: list[int]) -> Value | None:
        """The value of a name that a top-level import binds; it is looked up when it is asked for."""
        for index in reversed(indexes):
            statement = module.facts.top[index]
            for one in module.imported(statement) if isinstance(statement, ImportStmt) else ():
                if one.alias == name or (module.is_python and one.alias.partition(".")[0] == name):
                    module.running.add(name)
                    try:
                        module.frame.state.vars[name] = self.imported(one, module)
                    finally:
                        module.running.discard(name)
                    return module.frame.state.vars[name]
        return None

    def _hoisted(self, module: Module, name: str) -> Value:
        """A function or class whose statement is running right now, or has not been reached."""
        for index in module.bindings.get(name, ()):
            statement = module.facts.top[index]
            if isinstance(statement, Def):
                if statement.function is not None:
                    return of_ref(FunctionRef(module.path, statement.function, module.frame))
                if statement.class_ is not None:
                    return of_ref(ClassRef(module.path, statement.class_, module.frame))
        return NOTHING

    def _from_stars(self, module: Module, name: str) -> Value | None:
        """What a name means that only star imports can bind: each module is asked once, the nearest first."""
        if not module.stars or name in module.running or name.startswith("__"):
            return None
        asked: set[str] = set()
        pending = [module]
        while pending:
            one = pending.pop()
            if one.path in asked:
                continue
            asked.add(one.path)
            found = self.name(one, name) if name in one.bindings else None
            if found is not None:
                return found
            targets = [self.resolve(star.module, one) for star in reversed(one.stars)]
            others = [self.get(target) for target in targets if isinstance(target, str)]
            pending.extend(other for other in others if other is not None and other.path not in asked)
        return None

    def library_class(self, path: str) -> ClassRef | None:
        """The class of a library whose source is known, by its dotted name."""
        module_name, _, name = path.rpartition(".")
        source = library_path(module_name)
        module = self.get(source) if source is not None else None
        for index, one in enumerate(module.facts.classes if module is not None else ()):
            if module is not None and one.name == name and one.owner is None:
                return ClassRef(module.path, index, module.frame)
        return None

    def resolve(self, text: str, importer: Module) -> Resolved:
        """The file that an import of this module means."""
        if importer.is_python:
            return self.linker.python(text, importer.path)
        return self.linker.javascript(text, importer.path)

    def imported(self, one: Import, importer: Module) -> Value:
        """What an import binds."""
        if one.scope is ImportScope.TYPE and not importer.is_python:
            return self._type_only(one, importer)
        target = self.resolve(one.module, importer)
        if isinstance(target, Absent):
            path = _library_path(one, importer)
            return NOTHING if target is Absent.MISSING else self.read_library(path, Site(importer.path, one.line))
        if importer.is_python:
            return self._imported_python(one, target, importer)
        if one.name in {"", "*"}:
            return self.whole(target)
        found = self.exported(target, one.name)
        if found is None and one.name == "default":
            return self.whole(target)
        return found or NOTHING

    def whole(self, path: str) -> Value:
        """What `require` gives: what the module assigns to `module.exports`, otherwise the module with its exports."""
        module = self.get(path)
        for export in module.facts.exports if module is not None else ():
            if module is not None and export.name == "" and not export.module:
                return self._export_value(module, export, 0) or of_ref(ModuleRef(path))
        return of_ref(ModuleRef(path))

    def _type_only(self, one: Import, importer: Module) -> Value:
        target = self.resolve(one.module, importer)
        if isinstance(target, str):
            return (self.exported(target, one.name) if one.name not in {"", "*"} else None) or NOTHING
        return of_ref(LibRef(_library_path(one, importer)))

    def _imported_python(self, one: Import, target: str, importer: Module) -> Value:
        if one.name:
            return self.exported(target, one.name) or NOTHING
        first = one.module.partition(".")[0]
        if one.alias == one.module and "." in one.module:
            package = self.linker.python(first, importer.path)
            return of_ref(ModuleRef(package)) if isinstance(package, str) else of_ref(ModuleRef(target))
        return of_ref(ModuleRef(target))

    def exported(self, path: str, name: str, depth: int = 0) -> Value | None:
        """What a module gives under a name, through re-exports; `None` where it gives nothing."""
        module = self.get(path) if path.rpartition("/")[2].rfind(".") > 0 else None
        if module is None or module.is_python:
            found = self.name(module, name) if module else None
            if found is not None and (found or depth):
                return found
            inner = self.linker.submodule(path, name)
            if inner:
                return of_ref(ModuleRef(inner))
            if found is None and self.linker.is_folder(f"{path.removesuffix('/__init__.py')}/{name}"):
                return of_ref(ModuleRef(f"{path.removesuffix('/__init__.py')}/{name}"))
            return found
        return self._exported_javascript(module, name, depth)

    def _exported_javascript(self, module: Module, name: str, depth: int) -> Value | None:
        if depth > _REEXPORTS:
            return None
        whole: Value | None = None
        for export in module.facts.exports:
            if export.name == name and not (export.name == "*" and not export.module):
                return self._export_value(module, export, depth)
            if export.name == "" and not export.module:
                whole = self._export_value(module, export, depth)
        if whole is not None:
            return whole if name == "default" else whole.fields.get(name) or whole
        for export in module.facts.exports:
            if export.name == "*" and export.module and export.local in {"*", ""}:
                target = self.linker.javascript(export.module, module.path)
                found = self.exported(target, name, depth + 1) if isinstance(target, str) else None
                if found is not None:
                    return found
        return None

    def _export_value(self, module: Module, export: Export, depth: int) -> Value | None:
        if export.module:
            target = self.linker.javascript(export.module, module.path)
            if isinstance(target, Absent):
                return None if target is Absent.MISSING else of_ref(LibRef(_library_name(export.module, export.local)))
            if export.local == "*":
                return of_ref(ModuleRef(target))
            return self.exported(target, export.local, depth + 1)
        if export.value is not None:
            return self._own_value(module, export.value)
        return self.name(module, export.local)

    def _own_value(self, module: Module, node: Expr) -> Value:
        """The value of an exported expression: that of the statement it stands in, which runs once."""
        for index, statement in enumerate(module.facts.top):
            if isinstance(statement, Bind | Eval) and statement.value is node:
                self._run_once(module, index)
                break
        found = module.values.get(id(node))
        if found is None:
            module.values[id(node)] = NOTHING
            found = module.values[id(node)] = self.evaluate(module, node)
        return found


def _visible(module: Module, indexes: list[int]) -> int:
    """How many of the statements have bound a name by now; all where none has: a name that is bound later is hoisted.

    `app = FastAPI()` stays one while its routes are mounted, also where `app = Wrapper(app)` follows at the end.
    """
    if module.reached is None or not module.is_python:
        return len(indexes)
    return bisect_right(indexes, module.reached) or len(indexes)


def _library_name_alone(path: str, _site: Site) -> Value:
    return of_ref(LibRef(path))


def _not_ready(_module: Module, _what: object) -> Never:
    raise RuntimeError("the interpreter of these modules is not set")


def _library_path(one: Import, importer: Module) -> str:
    if importer.is_python:
        if one.name:
            return f"{one.module}.{one.name}"
        return one.module if one.alias != one.module else one.module.partition(".")[0]
    return _library_name(one.module, one.name)


def _library_name(module: str, name: str) -> str:
    bare = module.removeprefix("node:")
    return bare if name in {"", "*", "default"} else f"{bare}.{name}"
