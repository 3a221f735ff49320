"""Whether a Python module can be imported: its own source, its project imports, and theirs.

Only what is proven counts: an import of a library always succeeds here, a name is missing only where nothing in the
module could bind it, and syntax that a newer Python may accept is no obstacle.
"""

from __future__ import annotations

import builtins
import posixpath
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.facts import ImportScope
from assay.probes.code.flow.values import Site
from assay.probes.code.linking.linker import Absent
from assay.probes.code.linking.module import bound_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.probes.code.facts import Import
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.languages.python import ImportProblem
    from assay.probes.code.linking.module import Module
    from assay.probes.code.linking.modules import Modules
    from assay.probes.code.syntax import Name

_BUILTINS: Final = frozenset(dir(builtins))


class Obstacle(NamedTuple):
    """Why a module cannot be imported, and where; `root` and `cause` are the same of the module at fault."""

    site: Site
    reason: str
    root: Site
    cause: str


def _fault(site: Site, reason: str) -> Obstacle:
    return Obstacle(site, reason, site, reason)


def _through(site: Site, name: str, inside: Obstacle) -> Obstacle:
    """Importing another module fails there."""
    where = f"{inside.root.file}:{inside.root.line}"
    return Obstacle(site, f"`{name}` cannot be imported: {inside.cause} ({where})", inside.root, inside.cause)


class Importability:
    """The answers for one project, each computed once.

    `compiles` judges the source of one module, `undefined` gives a name that it lacks, `may_bind` tells whether it has
    one that no statement binds; the project sets them.
    """

    def __init__(self, modules: Modules) -> None:
        self.compiles: Callable[[Module], ImportProblem | None] = _unjudged
        self.undefined: Callable[[Module], Name | None] = _unjudged
        self.may_bind: Callable[[Module, str], bool] = _binds_nothing_else
        self._modules = modules
        self._known: dict[str, Obstacle | None] = {}

    def obstacle(self, path: str) -> Obstacle | None:
        """Why the module of this file cannot be imported; `None` where nothing is proven."""
        if path not in self._known:
            self._known[path] = None  # a cycle of imports is no obstacle by itself
            module = self._modules.get(path) if path.endswith(".py") else None
            if module is not None:
                self._known[path] = self._own(module)
        return self._known[path] or self._of_package(path)

    def _of_package(self, path: str) -> Obstacle | None:
        """Why the package of a module cannot be imported, which Python does first.

        Not of one that stands in no other: its modules may be loaded from inside, as scripts.
        """
        folder = posixpath.dirname(path)
        package, outer = f"{folder}/__init__.py", f"{posixpath.dirname(folder)}/__init__.py"
        if path == package or self._modules.get(package) is None or self._modules.get(outer) is None:
            return None
        inside = self.obstacle(package)
        return None if inside is None else _through(Site(path, 1), folder.replace("/", "."), inside)

    def _own(self, module: Module) -> Obstacle | None:
        problem = self.compiles(module)
        if problem is not None and problem.certain:
            return _fault(Site(module.path, problem.line), problem.message)
        for one in module.facts.imports:
            if one.scope is ImportScope.MODULE:
                found = self.fails(one, module)
                if found is not None:
                    return found
        name = self.undefined(module) if module.is_python else None
        return _fault(Site(module.path, name.line), f"`{name.id}` is not defined") if name is not None else None

    def fails(self, one: Import, module: Module) -> Obstacle | None:
        """Why this import raises, if it does for certain."""
        if not module.is_python:
            return None
        target = self._modules.linker.python(one.module, module.path)
        site = Site(module.path, one.line)
        if target is Absent.MISSING and not self._is_shared(one.module, module.path):
            return _fault(site, f"there is no module `{one.module}` in the project")
        if not isinstance(target, str) or not self._modules.linker.is_certain(one.module, module.path):
            return None
        inside = self.obstacle(target)
        if inside is not None:
            return _through(site, one.module, inside)
        if one.name and one.name != "*":
            return self._missing_name(one, target, site)
        return None

    def lacks(self, one: Import, target: str, name: str, module: Module) -> str:
        """Why a module that an import gives certainly has no attribute of a name; empty where it may have."""
        known = self._modules.get(target)
        certain = self._modules.linker.is_certain(one.module, module.path) and not self._is_shared(
            one.module, module.path
        )
        if known is None or known.facts.problems or not certain or self._modules.linker.submodule(target, name):
            return ""
        missing = self._missing_name(one._replace(name=name), target, Site(module.path, one.line))
        return "" if missing is None else f"the module `{one.alias}` has no `{name}`"

    def _is_shared(self, name: str, importer: str) -> bool:
        """The outermost package of a module extends its `__path__`: part of it is installed from elsewhere."""
        outermost = self._modules.linker.python(name.partition(".")[0] or name, importer)
        module = self._modules.get(outermost) if isinstance(outermost, str) and outermost.endswith(".py") else None
        return module is not None and "__path__" in module.bindings

    def _missing_name(self, one: Import, target: str, site: Site) -> Obstacle | None:
        inner = self._modules.linker.submodule(target, one.name)
        module = self._modules.get(target) if target.endswith(".py") else None
        if inner is not None:
            inside = self.obstacle(inner)
            binds = module is not None and one.name in module.bindings and target != site.file
            if inside is None or binds:
                return None
            return _through(site, f"{one.module}.{one.name}", inside)
        if module is None or module.stars or {one.name, "__getattr__"} & module.bindings.keys():
            return None
        folder = target.removesuffix("/__init__.py") if target.endswith("/__init__.py") else ""
        if folder and self._modules.linker.is_folder(f"{folder}/{one.name}"):
            return None
        unseen = folder and self._modules.linker.unseen(f"{folder}/{one.name}")
        if one.name.startswith("__") or unseen or self.may_bind(module, one.name):
            return None
        return _fault(site, f"`{one.module}` has no name `{one.name}`")

    def is_undefined(self, frame: Frame, name: str) -> bool:
        """The name is bound nowhere: not in the function, around it, in its module, or built in."""
        module = frame.module
        if module.stars or name in _BUILTINS or name in module.bindings or module.facts.problems:
            return False
        one: Frame | None = frame
        while one is not None and one.function is not None:
            if name in _bound_in_function(one):
                return False
            one = one.parent
        return True


def _unjudged(_module: Module) -> None:
    return None


def _binds_nothing_else(_module: Module, _name: str) -> bool:
    return False


def _bound_in_function(frame: Frame) -> frozenset[str]:
    function, known = frame.function, frame.module.locals
    if function is None:
        return frozenset()
    if id(function) not in known:
        params = {param.name for param in function.params}
        known[id(function)] = frozenset(params | set(bound_names(function.body, frame.module)))
    return known[id(function)]
