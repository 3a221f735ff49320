"""What an application keeps on itself: connections opened when it starts, read by its handlers through the request.

All attributes of an app share one namespace with those of its state object, because no program gives them two meanings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow.refs import REQUEST, ContainerRef, DeclarationRef, FunctionRef, HolderRef, RouterRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, atom, join
from assay.probes.code.frameworks.base import HandlerAt, Role
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.frameworks.base import Arg, RouterKind, StartRow
    from assay.probes.code.linking.wiring import Router

_STARTUP = "startup"


def serving(machine: Machine, framework: str) -> Value:
    """The apps of a framework, one of which serves the request."""
    apps = [one for one in machine.wiring.routers if one.role is Role.APP and one.framework.name == framework]
    return Value(refs=tuple(RouterRef(one) for one in apps))


def read(machine: Machine, ref: RouterRef, name: str, site: Site) -> Value | None:
    """A member of an app that its state has; `None` where the member is one of the framework's own."""
    router = ref.router
    if name in router.framework.state_members:
        return Value(refs=(ref,))
    held = router.state.get(name)
    if held is None or machine.lasting or held.refs:
        return held
    return held.with_atoms(atom(Kind.MEMORY, site, _memory(router, name)).atoms)


def keep(machine: Machine, ref: RouterRef, name: str, value: Value, frame: Frame, site: Site) -> None:
    """Set a member of an app: at the start it is there for every request, later it is memory of the process."""
    router = ref.router
    if not machine.lasting:
        target = _memory(router, name)
        machine.note(EffectKind.MEMORY_WRITE, frame, site, library="memory", target=target, data=value)
        return
    refs = tuple(one._replace(lasting=True) if isinstance(one, ContainerRef) else one for one in value.refs)
    router.state[name] = join(router.state.get(name), value.with_refs(refs))


def _memory(router: Router, name: str) -> str:
    return f"{router.site.file}:{router.site.line}.{name}"


def given_at_creation(router: Router, kind: RouterKind, arguments: Arguments) -> None:
    """Remember what the call that makes an app names to run at its start."""
    for where in kind.starts:
        given = arguments.at(where.position, where.keyword)
        if given is not None:
            router.starts.extend(given.fields.values() if given.fields else (given,))


def registered(router: Router, name: str, arguments: Arguments, site: Site) -> Value | None:
    """A call of a member that registers what runs at the start, or `None` where it is none."""
    for row in router.framework.starts:
        if row.member == name and router.kind in row.on:
            return _registered(router, row, arguments, site)
    return None


def _registered(router: Router, row: StartRow, arguments: Arguments, site: Site) -> Value:
    counts = row.event is None or _text(arguments, row.event) == _STARTUP
    register = router.starts.append if counts else _ignore
    if isinstance(row.function, HandlerAt):
        given = arguments.at(0) if row.event is None else None
        if given is None:
            return Value(refs=(DeclarationRef(register, site),))
    else:
        given = arguments.at(row.function.position, row.function.keyword)
    if given is not None:
        register(given)
    return given or NOTHING


def _text(arguments: Arguments, where: Arg) -> str:
    found = arguments.at(where.position, where.keyword)
    return found.lit.text if found is not None and found.lit is not None else ""


def _ignore(_value: Value) -> None:
    """What runs at the end of an application changes nothing that a client sees."""


def start(machine: Machine, router: Router, frame: Frame) -> None:
    """Run what an app runs before its first request."""
    app = Value(refs=(RouterRef(router),))
    for function in _functions(router.starts):
        takes = _parameters(machine, function)
        value, _, _ = machine.run_function(function, Arguments([app][:takes]), router.site, frame)
        _hand_on(machine, value)


def _hand_on(machine: Machine, value: Value) -> None:
    """What a lifespan yields is in the state of every request."""
    yielded = value.fields.get("\0yield") or NOTHING
    for name, one in yielded.fields.items():
        machine.late.record(machine, Value(refs=(HolderRef(REQUEST),)), name, one)


def _functions(values: Iterable[Value]) -> list[FunctionRef]:
    return [ref for value in values for one in value.walk() for ref in one.refs if isinstance(ref, FunctionRef)]


def _parameters(machine: Machine, ref: FunctionRef) -> int:
    module = machine.modules.get(ref.file)
    return len(module.facts.functions[ref.index].params) if module is not None else 0
