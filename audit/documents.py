"""JSON that PostgreSQL takes: cleaned, masked, and of bounded size, whatever was handed in.

`jsonb` refuses U+0000, orjson refuses lone surrogates and numbers beyond 64 bits, and nothing bounds an exception's
text. A record must not be lost for any of these, so the offending part is replaced and the rest is kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Final, TypeAlias

import orjson

from assay.core.redact import MASK, mask_secrets

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "Mapping[str, JsonValue]"

MAX_BYTES: Final = 64 * 1024
"""No payload, metadata, before or after is larger than this, as JSON text."""

TRUNCATED_KEY: Final = "_truncated"
"""Stands in a document of which something was cut off; its value says why."""

_REPLACEMENT: Final = "\ufffd"
_SECRET_KEY: Final = re.compile(r"(?i)^(?:.*[_\-])?(?:password|passwd|pwd|secret|token|api_?key|authorization|dsn)$")
_INT64: Final = 2**63
_MAX_DEPTH: Final = 16


@dataclass(frozen=True)
class RawJson:
    """JSON text that is ready to be stored: valid, masked, bounded."""

    text: bytes


@dataclass(frozen=True)
class _Cut:
    """How much of a string, and of a list or mapping, is kept."""

    characters: int
    items: int


_CUTS: Final = (_Cut(16_384, 10_000), _Cut(4_096, 500), _Cut(512, 50), _Cut(128, 12))


def clean_text(text: str, limit: int | None = None) -> str:
    """Text that PostgreSQL takes, secrets masked, at most `limit` characters; its end tells how much was cut off."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", _REPLACEMENT)
    masked = mask_secrets(whole)
    if limit is None or len(masked) <= limit:
        return masked
    note = f"... (+{len(masked) - limit} characters)"
    return masked[: max(0, limit - len(note))] + note[:limit]


def to_json(document: object, *, limit: int = MAX_BYTES) -> RawJson:
    """The JSON text of a mapping or dataclass, at most `limit` bytes. Where something was cut, `_truncated` says so."""
    size = 0
    for step, cut in enumerate(_CUTS):
        cleaned = _clean(document, cut, 0)
        text = orjson.dumps(cleaned)
        size = size or len(text)
        if step and isinstance(cleaned, dict):
            text = orjson.dumps({**cleaned, TRUNCATED_KEY: f"the document was larger than {limit} bytes"})
        if len(text) <= limit:
            return RawJson(text)
    return RawJson(
        orjson.dumps({TRUNCATED_KEY: f"a document of {size} bytes did not fit into {limit} and was left out"})
    )


def dumps(value: object) -> bytes:
    """The serialiser of the store's JSON columns: prepared text as it is, anything else cleaned and bounded."""
    return value.text if isinstance(value, RawJson) else to_json(value).text


def _clean(value: object, cut: _Cut, depth: int) -> JsonValue:
    if depth > _MAX_DEPTH:
        return f"... (nested deeper than {_MAX_DEPTH} levels)"
    match value:
        case Mapping():
            return _clean_mapping(value.items(), cut, depth)
        case list() | tuple():
            return _clean_items(value, cut, depth)
        case set() | frozenset():
            return _clean_items(sorted(value, key=str), cut, depth)
        case _ if is_dataclass(value):
            return _clean_mapping(((each.name, getattr(value, each.name)) for each in fields(value)), cut, depth)
        case _:
            return _clean_scalar(value, cut)


def _clean_scalar(value: object, cut: _Cut) -> JsonValue:
    match value:
        case None | bool():
            return value
        case str():
            return clean_text(str(value), cut.characters)
        case int():
            return value if -_INT64 <= value < _INT64 else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case _:
            told = value.isoformat() if isinstance(value, datetime) else str(value)
            return clean_text(told, cut.characters)


def _clean_mapping(pairs: Iterable[tuple[object, object]], cut: _Cut, depth: int) -> dict[str, JsonValue]:
    cleaned: dict[str, JsonValue] = {}
    for name, value in pairs:
        if len(cleaned) >= cut.items:
            cleaned[TRUNCATED_KEY] = f"only the first {cut.items} entries were kept"
            break
        key = clean_text(str(name), 200)
        cleaned[key] = (
            MASK if isinstance(value, str) and value and _SECRET_KEY.match(key) else _clean(value, cut, depth + 1)
        )
    return cleaned


def _clean_items(values: Iterable[object], cut: _Cut, depth: int) -> list[JsonValue]:
    cleaned: list[JsonValue] = []
    for count, value in enumerate(values):
        if count >= cut.items:
            cleaned.append(f"... (only the first {cut.items} entries were kept)")
            break
        cleaned.append(_clean(value, cut, depth + 1))
    return cleaned
