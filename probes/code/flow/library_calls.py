"""Calls of libraries: which of those that are known answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow import (
    bindings,
    failures,
    intrinsics,
    library,
    places,
    routers,
    store_calls,
    store_effects,
    tables,
    web,
)
from assay.probes.code.flow.refs import ModuleRef
from assay.probes.code.flow.state import Arguments, Failure, Frame
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, atom
from assay.probes.code.linking.linker import Absent

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.stores.base import Library


def library_call(
    machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site, node: object, base: Value | None
) -> Value:
    """What a call of a library gives: of a web framework, a store, or another."""
    if path.startswith(intrinsics.MODULE):
        return intrinsics.call(machine, path, arguments, frame, site)
    placed = places.library_call(machine, path, arguments, site) if machine.lasting else None
    if placed is not None:
        return placed
    router = machine.web.routers.get(path)
    if router is not None:
        return routers.make(machine, router[0], router[1], arguments, frame, site)
    route = machine.web.values.get(path)
    if route is not None:
        return routers.route_value(machine, route[0], route[1], arguments, frame, site)
    listed = tables.library_call(machine, path, arguments, frame, site)
    if listed is not None:
        return listed
    answer = web.library_call(machine, path, arguments, frame, site)
    if answer is not None:
        return answer
    made = _made(machine, path, arguments)
    if made is not None:
        return Value(refs=(store_calls.made(path, made[0], made[1], _first_name(machine, arguments), arguments),))
    stored = store_calls.function(machine, path, arguments, frame, site)
    if stored is not None:
        return stored
    if path in {"importlib.import_module", "builtins.__import__"}:
        return _import_module(machine, arguments, frame, site)
    if path == "js.Promise.reject":
        return library.reject(machine, arguments, frame, site)
    if path == "builtins.setattr":
        return _setattr(machine, arguments, frame, site)
    return library.call(machine, path, arguments, frame, site, node, base)


def _made(machine: Machine, path: str, arguments: Arguments) -> tuple[str, Library] | None:
    """The kind of handle that a library call gives; one library may give several, by the name of a service."""
    first = arguments.at(0, "service_name")
    named = f"{path}({first.lit.text})" if first is not None and first.lit is not None else path
    makes = machine.models.makes
    return makes.get(named) or makes.get(path) or machine.models.types.get(path)


def _import_module(machine: Machine, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """A module that is imported by a name known as text; one that cannot be imported raises."""
    name = _absolute(arguments, site)
    if name is None:
        return atom(Kind.UNKNOWN, site, "importlib.import_module")
    target = machine.modules.linker.python(name, frame.module.path)
    if isinstance(target, str) and machine.importability.obstacle(target) is None:
        return Value(refs=(ModuleRef(target),))
    if target is not Absent.LIBRARY:
        machine.fail(Failure(NOTHING, (failures.IMPORT_ERROR,), frame.state.cause, site), frame)
    return NOTHING


def _absolute(arguments: Arguments, site: Site) -> str | None:
    """The whole name of the module that is imported, if it is known: a relative one counts from its package."""
    name = places.as_text(arguments.at(0, "name") or NOTHING, site)
    package = places.as_text(arguments.at(1, "package") or NOTHING, site)
    if name.lit is None or not name.lit.text.startswith("."):
        return name.lit.text if name.lit is not None else None
    if package.lit is None:
        return None
    rest = name.lit.text.lstrip(".")
    levels = len(name.lit.text) - len(rest) - 1
    parts = package.lit.text.split(".")
    return ".".join([*parts[: len(parts) - levels], rest]) if levels < len(parts) else None


def _first_name(machine: Machine, arguments: Arguments) -> str:
    first = arguments.at(0)
    return store_effects.model_name(machine, first) if first is not None else ""


def _setattr(machine: Machine, arguments: Arguments, frame: Frame, site: Site) -> Value:
    base, value = arguments.at(0) or NOTHING, arguments.at(2) or NOTHING
    bindings.write_into(machine, base, value, frame, site)
    return NOTHING
