"""Queries that are built in a `try` and run behind it: that the store is down is not caught there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.syntax import Attr, Await, Call, Comp, Item, Loop, Name, Yield
from assay.probes.code.walk import expressions_of

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.syntax import Stmt

_BUILDS: Final = frozenset(
    {
        "all",
        "filter",
        "exclude",
        "order_by",
        "annotate",
        "alias",
        "select_related",
        "prefetch_related",
        "distinct",
        "only",
        "defer",
        "using",
        "reverse",
        "none",
        "values",
        "values_list",
        "get_queryset",
        "filter_queryset",
    }
)
_TELLS: Final = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_ASKS: Final = frozenset({"hasattr", "getattr", "isinstance", "super", "int", "str", "print"})
_CLOCKS: Final = frozenset({"now", "today", "timedelta", "date", "datetime"})
_OF_REQUEST: Final = frozenset({"query_params", "GET", "POST", "data", "kwargs", "headers"})


def is_only_built(machine: Machine) -> bool:
    """What would catch a failure here is a `try` whose body uses no row."""
    catcher = next((one.catchers[-1] for one in reversed(machine.stack) if one.catchers), None)
    return catcher is not None and bool(catcher.body) and _only_builds(catcher.body)


def _only_builds(body: tuple[Stmt, ...]) -> bool:
    for node in expressions_of(body):
        if isinstance(node, Loop | Comp | Await | Yield):
            return False
        if isinstance(node, Item) and not _is_of_request(node.base):
            return False
        if isinstance(node, Attr) and node.name == "data" and not _is_request(node.base):
            return False
        if isinstance(node, Call) and not _is_harmless(node):
            return False
    return True


def _is_harmless(call: Call) -> bool:
    """It builds a query, or has nothing to do with one."""
    fn = call.fn
    if isinstance(fn, Name):
        return fn.id in _ASKS or fn.id in _CLOCKS or (fn.id[:1].isupper() and not fn.id.endswith(("Response", "List")))
    if not isinstance(fn, Attr):
        return False
    if fn.name in {"get", "getlist"}:
        return _is_of_request(fn.base)
    return fn.name in _BUILDS or fn.name in _TELLS or fn.name in _CLOCKS or fn.name[:1].isupper()


def _is_of_request(node: object) -> bool:
    return isinstance(node, Attr) and node.name in _OF_REQUEST


def _is_request(node: object) -> bool:
    return (isinstance(node, Name) and node.id == "request") or (isinstance(node, Attr) and node.name == "request")
