"""Annotations: what type a parameter, field or variable promises to be, and what an object of that type is here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import instances
from assay.probes.code.flow.lineage import lineage, method_of
from assay.probes.code.flow.refs import (
    ClassRef,
    HandleRef,
    InjectedRef,
    InstanceRef,
    LibRef,
    ObjectRef,
    RequestRef,
    ResponseRef,
    RouterRef,
    TypeRef,
)
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import NOTHING, Kind, Site, Value, atom, join_all
from assay.probes.code.linking.wiring import Router

if TYPE_CHECKING:
    from assay.probes.code.facts import Param
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame

_WORD: Final = re.compile(r"[A-Za-z_$][\w$.]*")
_WRAPPERS: Final = frozenset(
    {
        "Optional",
        "Union",
        "Annotated",
        "Promise",
        "Awaitable",
        "Readonly",
        "Partial",
        "Final",
        "ClassVar",
        "null",
        "undefined",
        "None",
    }
)
_MAKING: Final = 4


def promised(machine: Machine, param: Param, frame: Frame) -> Value:
    """What the annotation of a parameter promises, or nothing."""
    if param.hint is not None:
        return instance_of(machine, machine.evaluate(param.hint, frame), frame, frame.site(param.line))
    return annotated(machine, param.annotation, frame, param.line) if param.annotation else NOTHING


def annotated(machine: Machine, text: str, frame: Frame, line: int) -> Value:
    """An object of the first type that an annotation names, looking through wrappers."""
    for word in _WORD.findall(text):
        if word in _WRAPPERS:
            continue
        if "[" in text and not frame.module.is_python and f"{word}[" in text:
            return NOTHING
        first, *rest = word.split(".")
        value = machine.lookup(first, frame, line) if _is_bound(machine, first, frame) else NOTHING
        for name in rest:
            value = machine.member(value, name, frame, frame.site(line))
        return instance_of(machine, value, frame, frame.site(line)) if value else NOTHING
    return NOTHING


def _is_bound(machine: Machine, name: str, frame: Frame) -> bool:
    return machine.modules.name(frame.module, name) is not None


def instance_of(machine: Machine, type_: Value, frame: Frame, site: Site) -> Value:
    """An object of a type, made as dependency injection would make it."""
    found = []
    for ref in type_.refs:
        match ref:
            case LibRef(path=path):
                found.append(_of_library(machine, path, site))
            case ClassRef():
                found.append(_of_class(machine, ref, frame, site))
            case TypeRef(name=name, parts=parts):
                if name in _WRAPPERS and parts:
                    inner = [instance_of(machine, one, frame, site) for one in parts[: 1 if name == "Annotated" else 3]]
                    found.append(join_all(inner))
            case HandleRef():
                found.append(Value(refs=(ref,)))
            case _:
                continue
    return join_all(found)


def injected(value: Value) -> InjectedRef | None:
    """The dependency that an annotation or a default states."""
    for ref in value.refs:
        if isinstance(ref, InjectedRef):
            return ref
        if isinstance(ref, TypeRef):
            for part in ref.parts:
                found = injected(part)
                if found is not None:
                    return found
    return None


def _of_library(machine: Machine, path: str, site: Site) -> Value:
    request = machine.web.request_types.get(path)
    if request is not None:
        return Value(refs=(RequestRef(request),))
    response = machine.web.response_types.get(path)
    if response is not None:
        return Value(refs=(ResponseRef(response),))
    tagged = machine.web.tags.get(path)
    if tagged is not None:
        framework, kind = tagged
        router = Router(framework, kind.kind, kind.role, site, placeholder=True)
        return Value(refs=(RouterRef(machine.wiring.add(router)),))
    known = machine.models.types.get(path) or machine.models.makes.get(path)
    if known is not None:
        return Value(refs=(HandleRef(known[0], known[1].name, awaited=path in known[1].asynchronous),))
    if path.startswith(("builtins.", "typing.", "datetime.", "js.", "uuid.", "decimal.")):
        return NOTHING
    return Value(refs=(ObjectRef(path),)) if path.rpartition(".")[2][:1].isupper() else NOTHING


def _of_class(machine: Machine, ref: ClassRef, frame: Frame, site: Site) -> Value:
    """An instance made with what its constructor's annotations promise; a mapped or plain data class stays empty."""
    known = lineage(machine, ref)
    if known.handle or any(name.endswith(("BaseModel", "SQLModel")) for name in known.libraries):
        return Value(refs=(InstanceRef(ref),))
    if len(machine.stack) > _MAKING * 2:
        machine.refused.append(None)
        return Value(refs=(InstanceRef(ref),))
    return instances.make(machine, ref, _given_to(machine, ref, site), frame, site)


def _given_to(machine: Machine, ref: ClassRef, site: Site) -> Arguments:
    """The constructor's arguments as far as annotations promise them; of the others nothing is known."""
    given = Arguments()
    found = method_of(machine, ref, "__init__") if machine.is_python(ref.file) else None
    module = machine.modules.get(found[0].file) if found is not None else None
    if found is None or module is None:
        return given
    owner, index = found
    for param in module.facts.functions[index].params[1:]:
        if not param.kind and param.default is None and not machine.promised(param, owner.frame):
            given.keywords[param.name] = atom(Kind.UNKNOWN, site, param.name)
    return given
