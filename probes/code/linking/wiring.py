"""Apps, routers and what is mounted where: made by evaluating module-level code, then read as a graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.frameworks.base import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from assay.probes.code.flow.values import Site, Value
    from assay.probes.code.frameworks.base import Framework

UNKNOWN_PREFIX: Final = "{?}"
"""Stands in a path where a prefix is not known."""
_DEEPEST_MOUNT: Final = 24
_ARRIVALS: Final = 64
"""Under how many paths one router is examined: routers that mount each other make more than anyone can count."""


@dataclass(eq=False, slots=True)
class Route:
    """One declaration of a route on a router. `before` are the functions that run before the handler.

    `declared` is where it is registered, where that is another place than `site`, as for the methods of a class.
    """

    methods: tuple[str, ...]
    path: str
    handler: Value
    before: tuple[Value, ...]
    site: Site
    framework: Framework
    status: int | None = None
    dependencies: tuple[Value, ...] = ()
    provides: dict[str, Value] = field(default_factory=dict)
    """What gives the parameters of these names."""
    after: int = 0
    """How many mounts of its router stand before it."""
    declared: Site | None = None
    taken: bool = False
    """It was made as a value, and a router took it."""
    doubtful: bool = False
    """It stands in a branch of which nobody knows whether it is taken."""


class Mounted(NamedTuple):
    """A router on another. `replaces`: the prefix stands instead of the router's own, not before it."""

    prefix: str
    router: Router
    site: Site
    replaces: bool = False
    doubtful: bool = False
    """It stands in a branch of which nobody knows whether it is taken."""


@dataclass(eq=False, slots=True)
class Router:
    """An app or a router. `placeholder`: it stands for a parameter that nobody was seen to pass.

    `is_named`: nobody was seen, but the function is asked for by its name, or registered by a decorator.
    `approximate`: its paths are patterns, and the text that stands for one does not say all that it matches.
    """

    framework: Framework
    kind: str
    role: Role
    site: Site
    prefix: str = ""
    placeholder: bool = False
    is_named: bool = False
    approximate: bool = False
    routes: list[Route] = field(default_factory=list)
    mounts: list[Mounted] = field(default_factory=list)
    before: list[Value] = field(default_factory=list)
    hooks: list[Value] = field(default_factory=list)
    """What is called before every handler and may answer itself."""
    dependencies: tuple[Value, ...] = ()
    provides: dict[str, Value] = field(default_factory=dict)
    """What gives the parameters of these names to its handlers."""
    starts: list[Value] = field(default_factory=list)
    """What runs once before the first request."""
    state: dict[str, Value] = field(default_factory=dict)
    """What the application keeps on itself for its handlers, by name."""


class Served(NamedTuple):
    """A route as a client reaches it: its full path and the mounts on the way. `path` of an unserved one is its own.

    `shadow` is the declaration of an earlier route that answers everything that this one would. `lost` is where an
    application that would serve it is made or mounts it, in a module that cannot be imported.
    """

    route: Route
    router: Router
    path: str
    mounts: tuple[Site, ...]
    served: bool
    shadow: Site | None = None
    hooks: tuple[Value, ...] = ()
    lost: Site | None = None
    approximate: bool = False
    provides: tuple[tuple[str, Value], ...] = ()
    """What gives the parameters of these names; of two of one name the later counts."""
    doubtful: bool = False
    """It, or a mount on its way, stands in a branch of which nobody knows whether it is taken."""


class Wiring:
    """All routers that were made, in the order in which they were; `loose` are the routes that were made as values."""

    def __init__(self) -> None:
        self.routers: list[Router] = []
        self.loose: list[Route] = []
        self.tables: dict[str, Router] = {}
        """The tables of routes that modules hold, by the module's path."""
        self._loads: Callable[[str], bool] = lambda _path: True
        self._taken: set[int] = set()
        self._arrivals: dict[int, int] = {}
        self._deep: list[Router] = []
        """Routers that are mounted so deep that their paths are not examined."""
        self.cut: dict[str, int] = {}
        """The files with routers whose paths are not all examined, and the line of one of them."""
        self.is_open = False
        """A router is mounted that is looked up while the application runs: any may be meant."""
        self.is_down = False
        """No application of the project can be loaded: nothing is served at all."""

    def add(self, router: Router) -> Router:
        """Remember a router."""
        self.routers.append(router)
        return router

    def endpoints(
        self, loads: Callable[[str], bool], with_shadows: Callable[[list[Served]], Iterable[Served]]
    ) -> list[Served]:
        """Every route at every path under which it is served; one that is never served stands once, at its own path.

        `loads` tells whether a file can be loaded at all: an app in one that cannot serves nothing, and mounts nothing.
        `with_shadows` is given the routes of one application in the order in which it tries them.
        """
        found: list[Served] = []
        reached: set[int] = set()
        self._loads, self._taken = loads, set()
        self._arrivals, self._deep, self.cut = {}, [], {}
        apps = [app for app in self.routers if app.role is Role.APP and not app.placeholder]
        rooted = frozenset(_family(app.framework) for app in apps)
        mounted = {id(mount.router) for router in self.routers for mount in router.mounts}
        for app in sorted(apps, key=lambda one: id(one) in mounted):
            if id(app) not in reached and loads(app.site.file):
                found.extend(with_shadows(list(self._below(app, "", (), reached, ()))))
        while self._deep:
            router = self._deep.pop()
            if id(router) not in reached:
                found.extend(self._below(router, UNKNOWN_PREFIX, (), reached, (), doubtful=True))
        self._taken = reached
        self._loads = lambda _path: True
        blocked = self._blocked(loads)
        for router in self._unreached_roots(reached, mounted, blocked):
            lost = router.site if not loads(router.site.file) and router.role is Role.APP else blocked.get(id(router))
            below = self._below(router, "", (), reached, ())
            doubtful = (self.is_open and lost is None) or router.is_named
            served = doubtful or _family(router.framework) not in rooted
            found.extend(one._replace(served=served, lost=lost, doubtful=one.doubtful or doubtful) for one in below)
        found.extend(self._untaken(rooted))
        self.is_down = bool(apps) and not any(loads(app.site.file) for app in apps)
        return found

    def _blocked(self, loads: Callable[[str], bool]) -> dict[int, Site]:
        """The routers that are mounted only where the mounting module cannot be loaded, and one such place."""
        mounts = [mount for router in self.routers for mount in router.mounts]
        fine = {id(mount.router) for mount in mounts if loads(mount.site.file)}
        return {id(mount.router): mount.site for mount in mounts if id(mount.router) not in fine}

    def _untaken(self, rooted: frozenset[str]) -> Iterator[Served]:
        """Routes that were made as values and that no router took; `rooted` are the families that serve something."""
        for route in self.loose:
            if not route.taken:
                kind = route.framework.routers[-1].kind
                router = Router(route.framework, kind, Role.ROUTER, route.site, placeholder=True)
                yield Served(route, router, route.path or "/", (), _family(route.framework) not in rooted)

    def _unreached_roots(self, reached: set[int], mounted: set[int], blocked: Mapping[int, Site]) -> Iterator[Router]:
        """What nothing mounts comes first, then what is mounted in a module that cannot be loaded."""
        every = {id(router) for router in self.routers}
        for wanted in (every - mounted, blocked.keys(), every):
            for router in self.routers:
                if id(router) not in reached and id(router) in wanted:
                    yield router

    def _below(
        self,
        router: Router,
        prefix: str,
        mounts: tuple[Site, ...],
        reached: set[int],
        path: tuple[int, ...],
        *,
        hooks: tuple[Value, ...] = (),
        provides: tuple[tuple[str, Value], ...] = (),
        replaced: bool = False,
        doubtful: bool = False,
        approximate: bool = False,
    ) -> Iterator[Served]:
        if id(router) in path:
            return
        arrivals = self._arrivals[id(router)] = self._arrivals.get(id(router), 0) + 1
        if len(path) > _DEEPEST_MOUNT or arrivals > _ARRIVALS:
            self.cut.setdefault(router.site.file, router.site.line)
            self._deep.append(router)
            return
        reached.add(id(router))
        hooks = (*hooks, *router.hooks)
        provides = (*provides, *router.provides.items())
        approximate = approximate or router.approximate
        base = prefix if replaced else joined(prefix, router.prefix)
        behind: dict[int, list[Route]] = {}
        for route in router.routes:
            behind.setdefault(route.after, []).append(route)
        for position in range(len(router.mounts) + 1):
            for route in behind.get(position, ()):
                full, unsure = joined(base, route.path) or "/", doubtful or route.doubtful
                found = Served(route, router, full, mounts, served=True, hooks=hooks, doubtful=unsure)
                yield found._replace(approximate=approximate, provides=(*provides, *route.provides.items()))
            for one in router.mounts[position : position + 1]:
                if self._loads(one.site.file) and id(one.router) not in self._taken:
                    below, sites = joined(base, one.prefix), (*mounts, one.site)
                    through = (*path, id(router))
                    unsure = doubtful or one.doubtful
                    yield from self._below(
                        one.router, below, sites, reached, through,
                        hooks=hooks, provides=provides, replaced=one.replaces, doubtful=unsure, approximate=approximate,
                    )  # fmt: skip


def _family(framework: Framework) -> str:
    """The frameworks whose applications serve each other's routers; one with tables of routes stands alone."""
    return framework.served_by or (framework.name if framework.tables is not None else "")


def joined(prefix: str, path: str) -> str:
    """Two parts of a path with one slash between them."""
    if not path or path == "/":
        return prefix or path
    if not prefix or prefix == "/":
        return path if path.startswith(("/", UNKNOWN_PREFIX)) else f"/{path}"
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}"
