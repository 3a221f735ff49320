"""What a UUIDv7 key says about time, and keys made from what they stand for."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_RANDOM_BITS: Final = 80


def first_key(moment: datetime) -> UUID:
    """The smallest value that a key made at `moment` or later can have; partitions begin and end at such values."""
    return UUID(int=max(0, (moment - _EPOCH) // _MILLISECOND) << _RANDOM_BITS)


def derived_key(moment: datetime, *parts: str) -> UUID:
    """The one key of what happened at `moment` and is named by `parts`: UUIDv8, which sorts by time like UUIDv7.

    The same parts give the same key, so that writing them again meets the row that is there.
    """
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    value = first_key(moment).int | int.from_bytes(digest[:10], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
