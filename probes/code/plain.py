"""Results as plain values and back, so that they can be marshalled: nothing that is read can name code to run."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import (
    Confidence,
    Endpoint,
    Evidence,
    Finding,
    Location,
    Severity,
    Skipped,
    Suppressed,
    TableUse,
    Verdict,
)
from assay.probes.code.view import (
    Answer,
    AnsweredLiteral,
    AnswerKind,
    Cause,
    Effect,
    EffectKind,
    EndpointFlow,
    SwallowedFailure,
)

if TYPE_CHECKING:
    from assay.probes.code.twin import Plain

_CLASSES: Final[tuple[type, ...]] = (
    EndpointFlow, Endpoint, Effect, Answer, AnsweredLiteral, SwallowedFailure, Evidence, Location, TableUse, Skipped,
    Suppressed, Finding, EffectKind, Cause, AnswerKind, Verdict, Confidence, Severity,
)  # fmt: skip
_NUMBERS: Final = {one: number for number, one in enumerate(_CLASSES)}


def _names(of: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(of)) if is_dataclass(of) else getattr(of, "_fields", ("value",))


_FIELDS: Final = tuple(_names(one) for one in _CLASSES)


def to_plain(value: object) -> Plain:
    """A tuple becomes a list; an object a tuple of the number of its class and its fields.

    Raises:
        TypeError: it is neither one of the classes above nor plain.
    """
    kind = type(value)
    if value is None or (isinstance(value, str | int) and kind in {str, int, bool}):
        return value
    if isinstance(value, tuple) and kind is tuple:
        return [to_plain(one) for one in value]
    number = _NUMBERS.get(kind)
    if number is None:
        raise TypeError(f"{kind.__name__} has no plain form")
    return (number, *(to_plain(getattr(value, name)) for name in _FIELDS[number]))


def from_plain(value: Plain) -> object:
    """The value that `to_plain` was given."""
    if isinstance(value, list):
        return tuple([from_plain(one) for one in value])
    if not isinstance(value, tuple):
        return value
    number, *parts = value
    if not isinstance(number, int):
        raise TypeError("a plain object begins with the number of its class")
    made = _CLASSES[number]
    if issubclass(made, Enum):
        return made(parts[0])
    return made(**dict(zip(_FIELDS[number], map(from_plain, parts), strict=True)))
