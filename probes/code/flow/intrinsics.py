"""What the sources of libraries import from `__assay__`: questions about values that no Python asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import facts_of, lineage, method_of
from assay.probes.code.flow.refs import InstanceRef, LibRef, ObjectRef
from assay.probes.code.flow.state import Arguments
from assay.probes.code.flow.values import NOTHING, Value, literal
from assay.probes.code.syntax import Call, Lit, LitKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import ClassRef
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site
    from assay.probes.code.syntax import Bind

MODULE: Final = "__assay__."
_METHOD_FIELDS: Final = ("SerializerMethodField",)
_METHOD: Final = "get_"


def call(machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """Answer one of them."""
    if path == f"{MODULE}given":
        return _given(arguments.at(0), site)
    if path == f"{MODULE}represented":
        return _represented(machine, arguments, frame, site)
    raise LookupError(f"a library's source asks for {path}, which nothing answers")


def _given(value: Value | None, site: Site) -> Value:
    """Whether the caller, or the class, says anything at all: `None` is nothing."""
    is_none = value is None or not value or (value.lit is not None and value.lit.kind is LitKind.NONE)
    return literal(Lit(LitKind.BOOL, "false" if is_none else "true", site.line), site)


def _represented(machine: Machine, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """What a serializer makes of an object: its data, and the fields that methods of the serializer compute."""
    serializer, instance = arguments.at(0) or NOTHING, arguments.at(1) or NOTHING
    data = Value(instance.atoms, instance.fields, ())
    for ref in serializer.refs:
        if isinstance(ref, InstanceRef):
            for field, method in _method_fields(machine, ref.of):
                found = machine.method(serializer, method, Arguments([instance]), frame, site, None)
                data = data.with_field(field, found)
    return data


def _method_fields(machine: Machine, ref: ClassRef) -> Iterator[tuple[str, str]]:
    """The fields of a serializer that a method computes, with the method's name."""
    for owner in reversed(lineage(machine, ref).classes):
        for binding in facts_of(machine, owner).fields:
            name = getattr(binding.target, "id", "")
            if name and isinstance(binding.value, Call) and _is_method_field(machine, binding, owner):
                given = [one for key, one in binding.value.kwargs if key == "method_name"] or binding.value.args[:1]
                text = next((one.text for one in given if isinstance(one, Lit)), f"{_METHOD}{name}")
                if method_of(machine, ref, text) is not None:
                    yield name, text


def _is_method_field(machine: Machine, binding: Bind, owner: ClassRef) -> bool:
    if not isinstance(binding.value, Call):
        return False
    made = machine.evaluate_lasting(binding.value.fn, owner.frame)
    return any(isinstance(one, LibRef | ObjectRef) and one.path.endswith(_METHOD_FIELDS) for one in made.refs)
