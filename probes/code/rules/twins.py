"""The real endpoint that nobody serves while a fake one stands in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Evidence, Verdict

if TYPE_CHECKING:
    from assay.probes.code.view import EndpointFlow, ProjectView

_PARAMETER: Final = re.compile(r"[{<:].*")
_VERSION: Final = re.compile(r"api|rest|v\d+", re.IGNORECASE)
_GENERAL: Final = frozenset(
    {"get", "post", "put", "patch", "delete", "index", "main", "root", "handler", "create", "list"}
)


class Twins:
    """The real endpoints that nobody serves, found by the end of their path or the name of their handler."""

    def __init__(self, view: ProjectView) -> None:
        self._known: dict[tuple[str, str], list[tuple[int, EndpointFlow]]] = {}
        for place, flow in enumerate(view.endpoints):
            if flow.endpoint.verdict is Verdict.UNWIRED and flow.endpoint.body is Verdict.REAL:
                for key in _keys(flow):
                    self._known.setdefault(key, []).append((place, flow))

    def of(self, flow: EndpointFlow) -> EndpointFlow | None:
        """The one that this endpoint stands for: of the same path, the same end of one, or the same name."""
        near = {place: other for key in _keys(flow) for place, other in self._known.get(key, ())}
        likely = [(-likeness, place) for place, other in near.items() if (likeness := _likeness(flow, other))]
        return near[min(likely)[1]] if likely else None

    def naming(self, flow: EndpointFlow) -> tuple[str, tuple[Evidence, ...]]:
        """What a finding about the endpoint adds where it has such a twin: to its message, and as a related place."""
        twin = self.of(flow)
        if twin is None:
            return "", ()
        at, title = twin.endpoint.at, twin.endpoint.title
        related = Evidence(at=at, message=f"{title} reads or writes the store and is never served")
        return f"; the real {title} at {at.file}:{at.line} is never served", (related,)


def _keys(flow: EndpointFlow) -> tuple[tuple[str, str], ...]:
    """What endpoints share that are alike: the last part of the path that is no parameter, or the handler's name."""
    named = [part for part in _segments(flow.endpoint.path) if part != "{}"]
    return ("path", named[-1] if named else ""), ("handler", flow.endpoint.handler)


def _likeness(flow: EndpointFlow, other: EndpointFlow) -> int:
    """3 for the same path, 2 for the end of it, 1 for a handler of the same name, 0 for nothing in common."""
    one, two = flow.endpoint, other.endpoint
    if not set(one.methods) & set(two.methods):
        return 0
    served, unserved = _segments(one.path), _segments(two.path)
    if served == unserved:
        return 3
    shared = min(len(served), len(unserved))
    while shared and served[-shared:] != unserved[-shared:]:
        shared -= 1
    named = sum(part != "{}" for part in served[-shared:]) if shared else 0
    if named > 1 or (named and shared == min(len(served), len(unserved))):
        return 2
    return int(one.handler == two.handler and one.handler not in _GENERAL and bool(one.handler))


def _segments(path: str) -> list[str]:
    """The path between its slashes, without what only says which version of an API it belongs to."""
    parts = [_PARAMETER.sub("{}", part) for part in path.split("/") if part and part != "{?}"]
    while len(parts) > 1 and _VERSION.fullmatch(parts[0]):
        del parts[0]
    return parts
