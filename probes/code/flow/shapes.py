"""What is certain of the type of a Python value, and what cannot be done with a value of that type.

A shape is set where a value is made and lost where paths meet that made different ones, so that it speaks of every
path. What a library was given or gave back has none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import decorator_names
from assay.probes.code.flow.values import Kind, Shape, Value

if TYPE_CHECKING:
    from assay.probes.code.facts import Function
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Arguments
    from assay.probes.code.flow.values import Site

DICT: Final = Shape("dict")
SEQUENCE: Final = Shape("list")
COLLECTION: Final = Shape("list of a comprehension")
TEXT: Final = Shape("str")
GENERATOR: Final = Shape("generator")
_COROUTINE: Final = "coroutine"
COROUTINE: Final = Shape(_COROUTINE)
TASK: Final = Shape("task")

_AWAITABLE: Final = frozenset({"__await__", "send", "throw", "close"})
_MEMBERS: Final = {
    DICT.name: frozenset(dir(dict)),
    SEQUENCE.name: frozenset(dir(list) + dir(tuple) + dir(set)),
    COLLECTION.name: frozenset(dir(list) + dir(set) + dir(dict)) | _AWAITABLE | {"__next__", "asend", "aclose"},
    TEXT.name: frozenset(dir(str)),
    GENERATOR.name: frozenset(dir(object)) | _AWAITABLE | {"__next__", "__iter__", "asend", "athrow", "aclose"},
    _COROUTINE: frozenset(dir(object)) | _AWAITABLE,
}
_INTERNAL: Final = re.compile(r"(gi|ag|cr)_\w+|__\w+__")
_TRANSPARENT: Final = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final"})
_DICT_ANNOTATION: Final = re.compile(r"(typing\.)?[Dd]ict\b")


def called(machine: Machine, function: Function, value: Value) -> Value:
    """What a written call of a function gives: a coroutine or generator, if it is one and no decorator changes that."""
    named = zip(function.decorators, decorator_names(function), strict=True)
    if not all(name in _TRANSPARENT or id(node) in machine.web.transparent for node, name in named):
        return value.shaped(None)
    if function.is_generator:
        return value.shaped(GENERATOR)
    return value.shaped(Shape(_COROUTINE, inner=value.shape)) if function.is_async else value


def returned(function: Function, value: Value, alternatives: list[Value]) -> Value:
    """A value that a function returns; where it says and shows that it is a dict, it is one."""
    if value.shape is None and _DICT_ANNOTATION.match(function.annotation):
        return value.shaped(DICT) if any(one.shape == DICT for one in alternatives) else value
    return value


def is_coroutine(value: Value) -> bool:
    """It is a coroutine for certain."""
    return value.shape is not None and value.shape.name == _COROUTINE


def awaited(machine: Machine, value: Value, site: Site) -> Value:
    """What awaiting a value gives; what certainly is no awaitable cannot be awaited."""
    if value.shape is None:
        return value
    if value.shape.name == _COROUTINE:
        return value.shaped(value.shape.inner)
    if value.shape.name in {DICT.name, SEQUENCE.name, TEXT.name}:
        machine.breaks(site, f"a {value.shape.name} is awaited")
    return value.shaped(None)


def settled(value: Value) -> Value:
    """What a library gives or is given: whatever was a coroutine may have been awaited, and no type is certain."""
    if all(one.shape is None for one in value.walk()):
        return value
    fields = {key: settled(child) for key, child in value.fields.items()}
    return Value(value.atoms, fields, value.refs, value.lit)


def given(arguments: Arguments) -> Arguments:
    """Arguments as a library sees them."""
    if all(one.shape is None for value in arguments.all() for one in value.walk()):
        return arguments
    return replace(
        arguments,
        positional=[settled(one) for one in arguments.positional],
        keywords={name: settled(one) for name, one in arguments.keywords.items()},
        spread=None if arguments.spread is None else settled(arguments.spread),
    )


def check_member(machine: Machine, value: Value, name: str, site: Site) -> None:
    """Reading a member that no value of this type has can only fail."""
    known = _MEMBERS.get(value.shape.name) if value.shape is not None else None
    if value.shape is None or known is None or name in known or _INTERNAL.fullmatch(name):
        return
    if value.shape.name == _COROUTINE:
        machine.breaks(site, f"`{name}` is read from a coroutine that is not awaited")
    else:
        machine.breaks(site, f"a {value.shape.name} has no `{name}`")


def check_parts(machine: Machine, value: Value, site: Site) -> None:
    """Reading an item of a coroutine, or iterating over it, can only fail."""
    if value.shape is not None and value.shape.name == _COROUTINE:
        machine.breaks(site, "a coroutine is used without being awaited")


def check_entered(machine: Machine, value: Value, site: Site) -> None:
    """A generator or a coroutine is no context manager."""
    if value.shape is not None and value.shape.name in {GENERATOR.name, _COROUTINE, DICT.name, SEQUENCE.name}:
        machine.breaks(site, f"a {value.shape.name} is entered as a context manager")


def holds_coroutine(value: Value) -> bool:
    """An answer that is, or holds, a coroutine that nobody awaits."""
    if any(one.kind is Kind.PAGE for one in value.atoms):
        return False
    return any(one.shape is not None and one.shape.name == _COROUTINE for one in value.walk())
