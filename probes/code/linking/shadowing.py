"""Routes that no request reaches because an earlier one answers everything that they would.

Only what is proven counts: the earlier route takes every path and every method of the later one, and both are known
whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow.refs import FunctionRef
from assay.probes.code.linking.wiring import UNKNOWN_PREFIX
from assay.probes.code.syntax import Def, If, Loop, Try, With

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.flow.values import Site
    from assay.probes.code.frameworks.base import Framework
    from assay.probes.code.linking.wiring import Served
    from assay.probes.code.syntax import Stmt

_PARAMETER: Final = re.compile(r"\{[^{}:]*(:[^{}]*)?\}")
_FREE: Final = "{}"
_REST: Final = "{:path}"
_ANY: Final = "ANY"
_WEBSOCKET: Final = "WS"


def conditional_lines(facts: FileFacts) -> frozenset[int]:
    """The lines of statements and decorators that stand in a branch or a handler: they may never be executed."""
    bodies = (facts.top, *(one.body for one in facts.functions))
    return frozenset(line for body in bodies for line in _conditional(body, facts, inside=False))


def _conditional(body: Sequence[Stmt], facts: FileFacts, *, inside: bool) -> Iterator[int]:
    for statement in body:
        if inside:
            yield statement.line
            if isinstance(statement, Def) and statement.function is not None:
                yield from (decorator.line for decorator in facts.functions[statement.function].decorators)
        match statement:
            case If(then=then, other=other):
                yield from _conditional((*then, *other), facts, inside=True)
            case Try(body=tried, handlers=handlers, other=other, final=final):
                yield from _conditional((*tried, *other, *final), facts, inside=inside)
                for handler in handlers:
                    yield from _conditional(handler.body, facts, inside=True)
            case Loop(body=inner, other=other):
                yield from _conditional((*inner, *other), facts, inside=inside)
            case With(body=inner):
                yield from _conditional(inner, facts, inside=inside)
            case _:
                continue


class Order(NamedTuple):
    """What the comparison needs to know of a project.

    `is_certain` tells whether what stands at a place is executed whatever happens, `answers` whether a route's handler
    answers whatever it is asked.
    """

    is_certain: Callable[[Site], bool]
    answers: Callable[[Served], bool]


def with_shadows(served: Sequence[Served], order: Order) -> Iterator[Served]:
    """The routes of one application in the order in which it tries them, each with the one that shadows it."""
    earlier = _Earlier()
    for one in served:
        segments = _segments(one) if order.is_certain(one.route.declared or one.route.site) else ()
        shadow = _shadow(one, segments, earlier, order) if segments else None
        yield one if shadow is None else one._replace(shadow=shadow.route.site)
        if segments and shadow is None and order.answers(one):
            earlier.add(segments, one)


class _Node:
    """The routes whose paths end here, numbered in the order in which they are tried, and what lies below."""

    __slots__ = ("below", "ends")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.ends: list[tuple[int, tuple[str, ...], Served]] = []


class _Earlier:
    """Routes by the segments of their paths, so that a route is compared only with those that may cover it."""

    def __init__(self) -> None:
        self._root = _Node()
        self._count = 0

    def add(self, segments: tuple[str, ...], one: Served) -> None:
        """Remember a route; what follows a segment that takes the rest decides nothing."""
        node = self._root
        for segment in segments:
            node = node.below.setdefault(segment, _Node())
            if segment == _REST:
                break
        node.ends.append((self._count, segments, one))
        self._count += 1

    def near(self, segments: tuple[str, ...]) -> list[tuple[int, tuple[str, ...], Served]]:
        """The routes that may cover a path, in the order in which they are tried."""
        found: dict[int, tuple[int, tuple[str, ...], Served]] = {}
        nodes = [self._root]
        for segment in segments:
            below = [node.below[key] for node in nodes for key in dict.fromkeys((segment, _FREE)) if key in node.below]
            rests = [node.below[_REST] for node in nodes if _REST in node.below]
            found.update((end[0], end) for node in rests for end in node.ends)
            nodes = below
        found.update((end[0], end) for node in nodes for end in node.ends)
        return [found[number] for number in sorted(found)]


def _shadow(one: Served, segments: tuple[str, ...], earlier: _Earlier, order: Order) -> Served | None:
    first: Served | None = None
    missing = set(one.route.methods)
    for _, pattern, other in earlier.near(segments):
        if _covers(pattern, segments, other.route.framework) and _are_served_together(other, one, order):
            alone = _is_asked_alone(other, one)
            taken = {method for method in missing if alone or _takes(other.route.methods, method)}
            first = first or (other if taken else None)
            missing -= taken
    return first if not missing else None


def _are_served_together(other: Served, one: Served, order: Order) -> bool:
    """Whenever the one is served, the other is: they stand on one router, or both are mounted whatever happens."""
    if other.route is one.route or _have_one_handler(other, one):
        return False
    return other.router is one.router or all(order.is_certain(site) for site in (*other.mounts, *one.mounts))


def _have_one_handler(other: Served, one: Served) -> bool:
    """The same function is declared twice: it answers, whichever of the two is tried first."""
    mine = {(ref.file, ref.index) for ref in one.route.handler.refs if isinstance(ref, FunctionRef)}
    return any((ref.file, ref.index) in mine for ref in other.route.handler.refs if isinstance(ref, FunctionRef))


def _is_asked_alone(other: Served, one: Served) -> bool:
    """A pattern before this one answers every method of its path, with 405 where its view has none."""
    patterns = other.route.declared, one.route.declared
    return one.route.framework.path_decides and None not in patterns and patterns[0] != patterns[1]


def _takes(methods: tuple[str, ...], method: str) -> bool:
    return method in methods or (_ANY in methods and method != _WEBSOCKET)


def _segments(one: Served) -> tuple[str, ...]:
    """The path between its slashes, parameters without their names; empty where the path is not known whole."""
    path = one.path
    if one.route.path == "/" and not path.endswith("/") and not one.route.framework.last_slash_is_free:
        path += "/"
    if UNKNOWN_PREFIX in path or not one.route.methods or one.approximate:
        return ()
    for pattern, replacement in one.route.framework.path_styles:
        path = re.sub(pattern, replacement, path)
    return tuple(_PARAMETER.sub(lambda found: "{" + (found[1] or "") + "}", path).split("/"))


def _covers(pattern: tuple[str, ...], path: tuple[str, ...], framework: Framework) -> bool:
    """Every path that the second matches is matched by the first."""
    if framework.most_specific:
        return pattern == path
    for position, segment in enumerate(pattern):
        if segment == _REST:
            return len(path) > position
        if position >= len(path) or not _covers_segment(segment, path[position]):
            return False
    return len(pattern) == len(path)


def _covers_segment(pattern: str, segment: str) -> bool:
    if pattern == _FREE:
        return segment not in ("", _REST)
    return pattern == segment
