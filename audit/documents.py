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
    return masked if limit is None else shorten(masked, limit)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters; the end of a text that was cut tells how many are missing."""
    if len(text) <= limit:
        return text
    note = f"... (+{len(text) - limit} characters)"
    return text[: max(0, limit - len(note))] + note[:limit]


def to_json(document: object, *, limit: int = MAX_BYTES) -> RawJson:
    """The JSON text of a mapping or dataclass, at most `limit` bytes. Where something was cut, `_truncated` says so."""
    size = 0
    for cut in _CUTS:
        cleaner = _Cleaner(cut)
        cleaned = cleaner.clean(document)
        if cleaner.has_cut and isinstance(cleaned, dict):
            cleaned[TRUNCATED_KEY] = f"something was cut off to keep the document within {limit} bytes"
        text = orjson.dumps(cleaned)
        size = size or len(text)
        if len(text) <= limit:
            return RawJson(text)
    return RawJson(
        orjson.dumps({TRUNCATED_KEY: f"a document of {size} bytes did not fit into {limit} and was left out"})
    )


def dumps(value: object) -> bytes:
    """The serialiser of the store's JSON columns: prepared text as it is, anything else cleaned and bounded."""
    return value.text if isinstance(value, RawJson) else to_json(value).text


class _Cleaner:
    """Makes one document fit for `jsonb`; `has_cut` tells whether any of it had to go."""

    def __init__(self, cut: _Cut) -> None:
        self._cut = cut
        self.has_cut = False

    def clean(self, value: object, depth: int = 0) -> JsonValue:
        if depth > _MAX_DEPTH:
            self.has_cut = True
            return f"... (nested deeper than {_MAX_DEPTH} levels)"
        match value:
            case Mapping():
                return self._mapping(value.items(), depth)
            case list() | tuple():
                return self._items(value, depth)
            case set() | frozenset():
                return self._items(sorted(value, key=str), depth)
            case _ if is_dataclass(value):
                return self._mapping(((each.name, getattr(value, each.name)) for each in fields(value)), depth)
            case _:
                return self._scalar(value)

    def _scalar(self, value: object) -> JsonValue:
        match value:
            case None | bool():
                return value
            case str():
                return self._text(str(value))
            case int():
                return value if -_INT64 <= value < _INT64 else str(value)
            case float():
                return value if math.isfinite(value) else str(value)
            case _:
                return self._text(value.isoformat() if isinstance(value, datetime) else str(value))

    def _text(self, value: str) -> str:
        cleaned = clean_text(value)
        self.has_cut = self.has_cut or len(cleaned) > self._cut.characters
        return shorten(cleaned, self._cut.characters)

    def _mapping(self, pairs: Iterable[tuple[object, object]], depth: int) -> dict[str, JsonValue]:
        cleaned: dict[str, JsonValue] = {}
        for name, value in pairs:
            if len(cleaned) >= self._cut.items:
                self.has_cut = True
                cleaned[TRUNCATED_KEY] = f"only the first {self._cut.items} entries were kept"
                break
            key = clean_text(str(name), 200)
            secret = isinstance(value, str) and value and _SECRET_KEY.match(key)
            cleaned[key] = MASK if secret else self.clean(value, depth + 1)
        return cleaned

    def _items(self, values: Iterable[object], depth: int) -> list[JsonValue]:
        cleaned: list[JsonValue] = []
        for count, value in enumerate(values):
            if count >= self._cut.items:
                self.has_cut = True
                cleaned.append(f"... (only the first {self._cut.items} entries were kept)")
                break
            cleaned.append(self.clean(value, depth + 1))
        return cleaned
