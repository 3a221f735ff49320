"""Connections that nothing opens: what is `None` until a function runs that nobody calls.

Only what the text of the whole project proves counts: every assignment of the attribute or global is seen, and the name
of each function that makes one stands nowhere but at its definition.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import facts_of, knows_bases, lineage, parses
from assay.probes.code.flow.refs import HandleRef, InstanceRef, ObjectRef
from assay.probes.code.lines import between
from assay.probes.code.syntax import Attr, LitKind, Name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.probes.code.facts import Function
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.refs import ClassRef
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site, Value
    from assay.probes.code.linking.module import Module
    from assay.probes.code.syntax import Expr

_OPENED: Final = (HandleRef, ObjectRef)
_DYNAMIC: Final = (b"setattr(", b"__dict__", b"__getattr", b"globals()")


def check_opened(machine: Machine, place: Expr, value: Value, frame: Frame, site: Site) -> None:
    """Reading a member of what is `None` can only fail, whatever a function that nobody calls puts there."""
    if not frame.module.is_python or not (_is_none(value) or any(isinstance(ref, _OPENED) for ref in value.refs)):
        return
    why = ""
    if isinstance(place, Attr) and isinstance(place.base, Name):
        holder = machine.quietly(place.base, frame)
        why = _unset_attribute(machine, holder, place.name) if _is_none(holder.fields.get(place.name)) else ""
    elif isinstance(place, Name) and place.id not in frame.state.vars:
        module = frame.module
        unset = _is_none(module.frame.state.vars.get(place.id))
        key = (module.path, None, place.id)
        why = _once(machine, key, lambda: _global(machine, module, place.id)) if unset else ""
    if why:
        machine.breaks(site, why)


def _is_none(value: Value | None) -> bool:
    return value is not None and value.lit is not None and value.lit.kind is LitKind.NONE and not value.refs


def _once(machine: Machine, key: tuple[str, int | None, str], answer: Callable[[], str]) -> str:
    """The answer of the project's text, which is the same however often it is asked."""
    if key not in machine.unopened:
        machine.unopened[key] = answer()
    return machine.unopened[key]


def _unset_attribute(machine: Machine, holder: Value, name: str) -> str:
    refs = [ref for ref in holder.refs if isinstance(ref, InstanceRef)]
    if len(refs) != 1 or len(holder.refs) != 1 or not refs[0].exact:
        return ""
    of = refs[0].of
    return _once(machine, (of.file, of.index, name), lambda: _attribute(machine, of, name))


def _attribute(machine: Machine, of: ClassRef, name: str) -> str:
    classes = lineage(machine, of).classes
    if not parses(machine, classes) or not knows_bases(machine, of):
        return ""
    setters: list[tuple[str, Function]] = []
    for one in classes:
        module = machine.modules.get(one.file)
        methods = [index for _, index in facts_of(machine, one).methods]
        setters.extend((one.file, module.facts.functions[index]) for index in methods if module is not None)
    pattern = re.compile(rb"\." + re.escape(name).encode() + rb"\s*(?::[^=\n]*)?=[^=]")
    assigning = [(file, one) for file, one in setters if _lines(machine, file, pattern, one)]
    if _outside(machine, name, pattern, assigning) or _is_dynamic(machine, {file for file, _ in setters}):
        return ""
    return _uncalled(machine, [one for _, one in assigning if one.name != "__init__"], f"self.{name}")


def _global(machine: Machine, module: Module, name: str) -> str:
    setters = [one for one in module.facts.functions if name in one.global_names]
    pattern = re.compile(rb"\." + re.escape(name).encode() + rb"\s*(?::[^=\n]*)?=[^=]")
    if not setters or module.facts.problems or len(module.bindings.get(name, ())) != 1:
        return ""
    if _outside(machine, name, pattern, []) or _is_dynamic(machine, {module.path}):
        return ""
    return _uncalled(machine, setters, name)


def _lines(machine: Machine, file: str, pattern: re.Pattern[bytes], function: Function) -> bool:
    """The function makes an assignment."""
    return pattern.search(between(machine.source(file), function.line, function.end_line)) is not None


def _outside(machine: Machine, name: str, pattern: re.Pattern[bytes], inside: Sequence[tuple[str, Function]]) -> bool:
    """Somewhere else in the project something of this name is assigned, whatever it belongs to."""
    return any(
        not any(file == path and one.line <= line <= one.end_line for file, one in inside)
        for path, line in _matches(machine, f".{name}", pattern)
    )


def _matches(machine: Machine, word: str, pattern: re.Pattern[bytes]) -> Iterator[tuple[str, int]]:
    """Where the project's files match a pattern that begins with a word."""
    start = word.encode()
    for path in machine.python_files:
        source = machine.source(path)
        for found in pattern.finditer(source) if start in source else ():
            yield path, source.count(b"\n", 0, found.start()) + 1


def _is_dynamic(machine: Machine, files: set[str]) -> bool:
    return any(word in machine.source(file) for file in sorted(files) for word in _DYNAMIC)


def _uncalled(machine: Machine, setters: Sequence[Function], title: str) -> str:
    """Nothing names the functions that set it, neither to call them nor to hand them on."""
    if any(one.decorators or one.name.startswith("__") for one in setters):
        return ""
    for one in setters:
        mention = re.compile(rb"(?<!def )\b" + re.escape(one.name).encode() + rb"\b")
        if next(_matches(machine, one.name, mention), None) is not None:
            return ""
    return f"`{title}` is `None`: nothing " + (f"calls `{setters[0].name}`, which sets it" if setters else "sets it")
