"""Reads the SQLSTATE of an error that a server answers while a session is being opened.

libpq hands out the text of such an error, which the server may have translated, but not its code. Without TLS the code
stands readable in the bytes that wait in the socket. Frontend/backend protocol 3: a message is a type byte, a length of
four bytes that counts itself, and a body; the body of an error is a list of fields, each a type byte and a text that
ends with a zero byte.
"""

from __future__ import annotations

from typing import Final

_ERROR: Final = ord("E")
_SQLSTATE_FIELD: Final = b"C"
_HEADER: Final = 5
_SQLSTATE_LENGTH: Final = 5
_LARGEST: Final = 64 * 1024


def sqlstate_of(received: bytes) -> str | None:
    """The SQLSTATE of the first error in `received`, which starts at the border of a message; `None` without one."""
    at = 0
    while at + _HEADER <= len(received):
        length = int.from_bytes(received[at + 1 : at + _HEADER], "big")
        if not 4 <= length <= _LARGEST:  # noqa: PLR2004 - the length counts its own four bytes
            return None
        if received[at] == _ERROR:
            return _sqlstate_field(received[at + _HEADER : at + 1 + length])
        at += 1 + length
    return None


def _sqlstate_field(body: bytes) -> str | None:
    for field in body.split(b"\0"):
        code = field[1:]
        if field[:1] == _SQLSTATE_FIELD and len(code) == _SQLSTATE_LENGTH and code.isalnum() and code.isascii():
            return code.decode("ascii")
    return None
