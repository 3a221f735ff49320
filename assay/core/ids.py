"""Keys are UUIDv7 (RFC 9562): unique without a server, and ordered by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7 as _uuid7

if TYPE_CHECKING:
    from uuid import UUID


def uuid7() -> UUID:
    """A new UUIDv7; within one process later ones sort after earlier ones."""
    return _uuid7()
