"""The place in a list where the next page begins, as opaque text that is checked when it comes back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from assay.audit.errors import InvalidQuery

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PLACE: Final = struct.Struct(">Bq16s")
_VERSION: Final = 1
_CHECK: Final = 6
_HINT: Final = "leave the cursor out to begin with the newest, and take later ones from the answers"


class Place(NamedTuple):
    """The last row that was shown."""

    timestamp: datetime
    id: UUID


def filter_digest(list_name: str, wanted: object) -> bytes:
    """What tells apart the lists and filters that a cursor may belong to; `wanted` has a faithful `repr`."""
    return f"{list_name} {wanted!r}".encode("utf-8", "surrogatepass")


def encode_cursor(place: Place, belongs_to: bytes) -> str:
    """The cursor for the rows after `place`."""
    packed = _PLACE.pack(_VERSION, (place.timestamp - _EPOCH) // _MICROSECOND, place.id.bytes)
    return base64.urlsafe_b64encode(packed + _check(packed, belongs_to)).rstrip(b"=").decode()


def decode_cursor(cursor: str, belongs_to: bytes) -> Place:
    """Where the next page begins.

    Raises:
        InvalidQuery: it is no cursor of this version, was changed, or belongs to another list or other filters.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    packed, check = raw[: _PLACE.size], raw[_PLACE.size :]
    if len(packed) != _PLACE.size or len(check) != _CHECK or packed[0] != _VERSION:
        raise InvalidQuery(f"the cursor is not one that Assay gave out; {_HINT}")
    if check != _check(packed, belongs_to):
        raise InvalidQuery(f"the cursor was changed, or given out for another list or other filters; {_HINT}")
    _, microseconds, key = _PLACE.unpack(packed)
    try:
        return Place(_EPOCH + microseconds * _MICROSECOND, UUID(bytes=key))
    except OverflowError as error:
        raise InvalidQuery(f"the cursor is out of range; {_HINT}") from error


def _check(packed: bytes, belongs_to: bytes) -> bytes:
    return hashlib.sha256(packed + belongs_to).digest()[:_CHECK]
