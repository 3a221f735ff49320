"""A project under analysis: files are lowered when needed, wiring is evaluated, every endpoint is run and judged."""

from __future__ import annotations

import codecs
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import NESTED
from assay.probes.code.flow import application
from assay.probes.code.flow.interpreter import Interpreter
from assay.probes.code.flow.refs import FunctionRef, RouterRef
from assay.probes.code.flow.state import Arguments, Frame
from assay.probes.code.flow.tables import fill, table
from assay.probes.code.flow.trace import BudgetExhaustedError
from assay.probes.code.flow.values import NOTHING, Site, Value
from assay.probes.code.flow.web import WebModels
from assay.probes.code.frameworks import FRAMEWORKS
from assay.probes.code.frameworks.base import Framework, Given, Role
from assay.probes.code.intake.reading import SOURCE_LIMIT_BYTES, TOO_LARGE
from assay.probes.code.judging.endpoint import Run
from assay.probes.code.judging.judge import judge
from assay.probes.code.judging.provisions import Provisions
from assay.probes.code.languages import BY_SUFFIX, language
from assay.probes.code.languages.python import ProjectPython, importability, project_python
from assay.probes.code.libraries import is_library, library_source
from assay.probes.code.linking.asking import Asking
from assay.probes.code.linking.linker import Linker
from assay.probes.code.linking.loading import Loading
from assay.probes.code.linking.module import PYTHON
from assay.probes.code.linking.modules import Modules
from assay.probes.code.linking.packages import Packages
from assay.probes.code.linking.path_changes import inserted_roots
from assay.probes.code.linking.roots import named_tables, root_tables
from assay.probes.code.linking.salvage import salvage
from assay.probes.code.linking.seeds import entry_functions
from assay.probes.code.linking.shadowing import Order, conditional_lines, with_shadows
from assay.probes.code.linking.undefined import first_undefined, may_bind
from assay.probes.code.linking.wiring import Route, Router, Served, Wiring
from assay.probes.code.model import Evidence, Location, Skipped
from assay.probes.code.sharing import Notes, Work, examined
from assay.probes.code.stores import LIBRARIES, declared
from assay.probes.code.stores.base import StoreModels
from assay.probes.code.view import EndpointFlow, ProjectView, UnimportableModule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.probes.code.engine import EngineOptions, SourceFile
    from assay.probes.code.facts import FileFacts
    from assay.probes.code.flow.trace import Trace
    from assay.probes.code.languages.python import ImportProblem
    from assay.probes.code.linking.module import Module
    from assay.probes.code.syntax import Name

_LATE_ANNOTATIONS: Final = (3, 14)
"""The Python that evaluates annotations only when somebody asks for them."""
_STACK: Final = 10_000
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Project:
    """The files of one scan and everything that is known of them."""

    def __init__(self, files: Sequence[SourceFile], options: EngineOptions) -> None:
        self._files = {file.path: file for file in files}
        self._options = options
        self._sources: dict[str, bytes] = {}
        self._facts: dict[str, FileFacts | None] = {}
        self._skipped: dict[str, Skipped] = {}
        self.paths = tuple(sorted(self._files))
        known = [path for path in self.paths if self._language(path)]
        self.linker = Linker(
            known,
            options.configuration,
            unseen=options.unseen,
            links=options.links,
            imported=Packages(self.paths, self.source).is_imported,
            inserted=lambda: inserted_roots(self.linker.python_files, self.source, self.facts),
        )
        self.modules = Modules(self.linker, self.facts)
        self.wiring = Wiring()
        self.machine = Interpreter(
            self.modules,
            StoreModels((*LIBRARIES, *map(declared.library, options.stores))),
            WebModels(FRAMEWORKS),
            self.wiring,
            self.source,
            options.call_depth,
        )

        self.machine.importability.compiles = self._compile_problem
        self.machine.importability.undefined = self._undefined
        self.machine.importability.may_bind = lambda module, name: may_bind(module, self.source(module.path), name)
        self._pythons: dict[str, ProjectPython] = {}
        self._adds_builtins: bool | None = None
        self._conditional: dict[str, frozenset[int]] = {}
        self._provisions = Provisions()

    def _compile_problem(self, module: Module) -> ImportProblem | None:
        """Why a Python module does not compile, judged for the Python that its folder declares."""
        folder = module.path.rpartition("/")[0]
        if folder not in self._pythons:
            stated = self._options.python
            found = project_python(module.path, self._options.configuration)
            self._pythons[folder] = found if stated is None else ProjectPython(exact=stated)
        problem = importability(self.source(module.path), module.facts, self._pythons[folder])
        if problem is not None and not problem.certain:
            reason = f"it is not known whether it can be imported: {problem.message}"
            self._skipped.setdefault(module.path, Skipped(file=module.path, reason=reason))
        return problem

    def _undefined(self, module: Module) -> Name | None:
        """A name that the module lacks when it is loaded, unless some file puts it among the built-in ones."""
        python = self._pythons.get(module.path.rpartition("/")[0], ProjectPython())
        version = python.exact or python.lowest
        late = any(one.module == "__future__" and one.name == "annotations" for one in module.facts.imports)
        hints = version is not None and version < _LATE_ANNOTATIONS and not late
        found = first_undefined(module, self.source(module.path), hints=hints)
        if found is not None and self._adds_builtins is None:
            self._adds_builtins = any(b"builtins." in self.source(path) for path in self.linker.python_files)
        return None if self._adds_builtins else found

    def _language(self, path: str) -> str | None:
        return BY_SUFFIX.get(self._files[path].suffix)

    def source(self, path: str) -> bytes:
        """The bytes of a file; empty, and named in `skipped`, where it cannot be read."""
        if path not in self._sources and is_library(path):
            self._sources[path] = library_source(path)
        if path not in self._sources:
            try:
                self._sources[path] = self._files[path].read()
            except OSError as error:
                self._sources[path] = b""
                self._skipped[path] = Skipped(file=path, reason=f"cannot be read: {error.strerror or error}")
            if len(self._sources[path]) > SOURCE_LIMIT_BYTES:
                self._sources[path] = b""
                self._skipped[path] = Skipped(file=path, reason=TOO_LARGE)
        return self._sources[path]

    def facts(self, path: str) -> FileFacts | None:
        """The facts of a file, lowered when they are asked for the first time."""
        if path not in self._facts:
            name = PYTHON if is_library(path) else self._language(path) if path in self._files else None
            self._facts[path] = facts = language(name).extract(path, self.source(path)) if name is not None else None
            for one in facts.problems if facts is not None else ():
                if one.message.startswith(NESTED):
                    self._skipped.setdefault(path, Skipped(file=path, reason=f"line {one.line}: {one.message}"))
        return self._facts[path]

    # --- wiring -----------------------------------------------------------------------------------------------------

    def _gated(self) -> tuple[str, ...]:
        """The files that may declare or mount a route, told by their bytes."""
        every: dict[str, set[bytes]] = {}
        for framework in FRAMEWORKS:
            for name in framework.languages:
                every.setdefault(name, set()).update(framework.gate)
        gates = {name: _needed(words) for name, words in every.items()}
        found = []
        for path in self.paths:
            words = gates.get(self._language(path) or "", ())
            source = self.source(path) if words else b""
            if source.startswith(_UTF_16) and self._language(path) == PYTHON:
                reason = "it is UTF-16, which Python does not read"
                self._skipped.setdefault(path, Skipped(file=path, reason=reason))
            if any(word in source for word in words):
                found.append(path)
        return tuple(found)

    def _wire(self, gated: tuple[str, ...]) -> None:
        machine = self.machine
        machine.start(self._options.steps_per_endpoint)
        loaded = [module for path in gated if (module := self.modules.get(path)) is not None]
        for module in loaded:
            self.modules.execute(module)
        entries = [
            (module, index, makers) for module in loaded for index, makers in entry_functions(module, machine.web)
        ]
        machine.makers = frozenset(id(module.facts.functions[index]) for module, index, _ in entries)
        asking = Asking(self.paths, self.source)
        for module, index, _ in entries:
            if module.is_python and (module.path, index) not in machine.entered:
                self._execute_callers(asking, module.facts.functions[index].name)
        for module, index, makers in entries:
            if (module.path, index) not in machine.entered:
                self._enter(FunctionRef(module.path, index, module.frame), makers, asking)
        for router in tuple(machine.wiring.routers):
            module = self.modules.get(router.site.file) if router.starts else None
            if module is not None:
                frame = Frame(module, None, None, lasting=True)
                self._lasting(partial(application.start, machine, router, frame))
        for framework in FRAMEWORKS:
            self._serve_tables(framework)

    def _serve_tables(self, framework: Framework) -> None:
        """The tables of routes that settings name are applications of their own."""
        tables = framework.tables
        if tables is None or not any(router.framework is framework for router in self.wiring.routers):
            return
        roots = root_tables(tables, self.modules, self.paths, self.source)
        held = [path for path in self.paths if path.endswith(".py") and tables.name.encode() in self.source(path)]
        for path in dict.fromkeys(
            (*roots, *(named_tables(tables.root, held, self.paths, self.source) if roots else ()))
        ):
            router = table(self.machine, framework, path)
            if router is not None:
                router.role = Role.APP
        fill(self.machine)

    def _execute_callers(self, asking: Asking, name: str) -> None:
        """Execute the modules that call a factory and show no other sign of a route: an entry of two lines."""
        for path in asking.calling(name):
            module = self.modules.get(path)
            if module is not None:
                self.modules.execute(module)

    def _enter(self, ref: FunctionRef, makers: dict[str, Value | None], asking: Asking) -> None:
        """Run a function that declares routes and that nothing was seen to call."""
        machine = self.machine
        module = self.modules.get(ref.file)
        if module is None:
            return
        arguments = Arguments()
        function = module.facts.functions[ref.index]
        is_named = bool(function.decorators) or (module.is_python and asking.is_named(function.name))
        for name, tag in makers.items():
            arguments.keywords[name] = tag if tag is not None else NOTHING
            for one in tag.refs if tag is not None else ():
                if isinstance(one, RouterRef):
                    machine.wiring.add(one.router).is_named = is_named
        frame = Frame(module, None, None, lasting=True)
        self._lasting(lambda: machine.run_function(ref, arguments, Site(ref.file, 1), frame))

    def _lasting(self, run: Callable[[], object]) -> None:
        """Run what makes things that outlive every request, within a budget of its own."""
        machine = self.machine
        machine.start(self._options.steps_per_endpoint)
        machine.lasting = True
        try:
            run()
        except (BudgetExhaustedError, RecursionError):
            machine.trace.cut = True
        finally:
            machine.lasting = False

    def files_alone(self) -> ProjectView:
        """The files as they are, without endpoints."""
        return ProjectView(
            files=self.paths,
            endpoints=(),
            skipped=(),
            unimportable=(),
            imports_web_framework=False,
            facts=self.facts,
            source=self.source,
            loaded=frozenset(),
            applications=(),
            reached=frozenset(),
            resolve=self._resolve,
        )

    # --- endpoints --------------------------------------------------------------------------------------------------

    def view(self) -> ProjectView:
        """Analyse everything. Deep nesting times deep calls needs more of the interpreter's stack than its default."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _STACK))
        try:
            return self._view()
        finally:
            sys.setrecursionlimit(limit)

    def _view(self) -> ProjectView:
        gated = self._gated()
        self._wire(gated)
        served = list(self._served(gated))
        for path, line in self.wiring.cut.items():
            reason = f"not every path is examined under which the router in line {line} is mounted"
            self._skipped.setdefault(path, Skipped(file=path, reason=reason))
        work = Work(self._run, lambda runs, left: list(judge(self.machine, runs, left)), self._notes)
        flows, notes = examined(work, served, self._options.processes)
        applications = self._applications(served, notes.lowered)
        return ProjectView(
            files=self.paths,
            endpoints=tuple(sorted(flows, key=_order)),
            skipped=tuple(sorted({*notes.skipped, *self._skipped.values()})),
            unimportable=tuple(self._unimportable(gated)),
            imports_web_framework=self._imports_framework(gated),
            facts=self.facts,
            source=self.source,
            loaded=frozenset().union(*applications),
            applications=applications,
            reached=notes.reached,
            resolve=self._resolve,
        )

    def _notes(self, runs: list[tuple[Run, Trace]]) -> Notes:
        lowered = frozenset(self._facts)
        return Notes(lowered, frozenset(self._reached(runs)), frozenset(self._skipped.values()))

    def _reached(self, runs: list[tuple[Run, Trace]]) -> Iterator[Location]:
        for run, trace in runs:
            handlers = [(run.handler.file, run.handler.index)] if run.handler is not None else []
            for file, index in (*handlers, *trace.calls) if run.served.served else ():
                facts = self.facts(file)
                if facts is not None:
                    yield Location(file=file, line=facts.functions[index].line)

    def _applications(self, routes: list[Served], lowered: frozenset[str]) -> tuple[frozenset[str], ...]:
        """The files of each application, told by where its routes are put together."""
        starts: dict[str, set[str]] = {}
        for one in routes:
            if one.served:
                sites = (*one.mounts, one.router.site, one.route.site)
                starts.setdefault(sites[0].file, set()).update(site.file for site in sites)
        loading = Loading(
            lambda path: self.facts(path) if path in lowered else None, self.linker, frozenset(self.paths)
        )
        return tuple(loading.files(starts[one]) for one in sorted(starts))

    def _resolve(self, module: str, importer: str) -> str | None:
        found = self.linker.python(module, importer)
        return found if isinstance(found, str) else None

    def _shadowed(self, served: list[Served]) -> Iterator[Served]:
        return with_shadows(served, Order(self._is_certain, self._answers))

    def _is_certain(self, site: Site) -> bool:
        """What stands at a place is executed whatever happens."""
        if site.file not in self._conditional:
            facts = self.facts(site.file)
            self._conditional[site.file] = conditional_lines(facts) if facts is not None else frozenset()
        return site.line not in self._conditional[site.file]

    def _answers(self, served: Served) -> bool:
        """The handler is known and answers whatever it is asked."""
        handlers = [ref for ref in served.route.handler.refs if isinstance(ref, FunctionRef)]
        return bool(handlers) and not any(self._passes_on(ref, served.route.framework) for ref in handlers)

    def _passes_on(self, ref: FunctionRef, framework: Framework) -> bool:
        """The handler is given what passes a request on to the next route."""
        facts = self.facts(ref.file)
        count = len(facts.functions[ref.index].params) if facts is not None else 0
        return any(Given.NEXT in given[:count] for given in framework.parameters if len(given) >= count)

    def _loads(self, path: str) -> bool:
        return self.machine.importability.obstacle(path) is None

    def _salvaged(self, gated: tuple[str, ...]) -> Iterator[Served]:
        """Routes of files that do not parse: those that the parser could not see, told by their line."""
        seen = {(route.site.file, route.site.line) for router in self.wiring.routers for route in router.routes}
        for path in gated:
            facts = self.facts(path)
            if facts is None or facts.language != PYTHON or not facts.problems:
                continue
            framework = _framework_of(facts)
            if framework is None:
                continue
            for one in salvage(self.source(path), framework):
                site = Site(path, one.line)
                if (path, one.line) not in seen:
                    router = Router(framework, framework.routers[0].kind, Role.ROUTER, site, placeholder=True)
                    route = Route(one.methods, one.path, NOTHING, (), site, framework)
                    yield Served(route, router, one.path, (), served=False)

    def _served(self, gated: tuple[str, ...]) -> Iterator[Served]:
        seen: set[tuple[str, int, tuple[str, ...], str]] = set()
        for served in (*self.wiring.endpoints(self._loads, self._shadowed), *self._salvaged(gated)):
            key = (served.route.site.file, served.route.site.line, served.route.methods, served.path)
            if key not in seen:
                seen.add(key)
                yield served

    def _run(self, routes: Sequence[Served]) -> list[tuple[Run, Trace]]:
        found = []
        for served in routes:
            run = Run(self.machine, served, self._options.steps_per_endpoint, self._provisions)
            found.append((run, run.go()))
        return found

    def _unimportable(self, gated: tuple[str, ...]) -> Iterator[UnimportableModule]:
        for path in gated:
            found = self.machine.importability.obstacle(path)
            if found is not None:
                at = Location(file=found.site.file, line=found.site.line)
                because = Location(file=found.root.file, line=found.root.line)
                yield UnimportableModule(file=path, at=at, reason=found.reason, because=because, cause=found.cause)

    def _imports_framework(self, gated: tuple[str, ...]) -> bool:
        names = {(language, name) for one in FRAMEWORKS for name in one.imports for language in one.languages}
        for path in gated:
            facts = self.facts(path)
            for one in facts.imports if facts is not None else ():
                roots = {one.module, one.module.partition(".")[0]}
                if facts is not None and any((facts.language, root) in names for root in roots):
                    return True
        return False


def _needed(words: set[bytes]) -> tuple[bytes, ...]:
    """The words of which one is in a text if any of all is: a longer one that holds a shorter one says nothing more."""
    return tuple(sorted(one for one in words if not any(other in one for other in words - {one})))


def _framework_of(facts: FileFacts) -> Framework | None:
    """The framework that a file imports."""
    roots = {one.module.partition(".")[0] for one in facts.imports}
    return next((one for one in FRAMEWORKS if facts.language in one.languages and roots & set(one.imports)), None)


def _order(flow: EndpointFlow) -> tuple[str, int, tuple[str, ...], str]:
    endpoint = flow.endpoint
    return endpoint.at.file, endpoint.at.line, endpoint.methods, endpoint.path


__all__ = ["Evidence", "Project", "Router", "RouterRef", "Served"]
