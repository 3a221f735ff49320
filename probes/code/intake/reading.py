"""One file of a hostile tree as bytes that a parser may have, or the reason why not.

Nothing but a regular file is opened, no link is followed at the last step, and no more is read than the limit.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

SOURCE_LIMIT_BYTES: Final = 1_500_000
TOO_LARGE: Final = "larger than 1.5 MB"
NOT_REGULAR: Final = "not a regular file"
NOT_TEXT: Final = "binary"
NOT_UTF8: Final = "not UTF-8"

_COOKIE: Final = re.compile(rb"\A(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)")
_SAFE_FLAGS: Final = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
)


class Unreadable(NamedTuple):
    """Why a file could not be had."""

    reason: str


def read_bytes(path: str | Path, *, limit: int) -> bytes | Unreadable:
    """At most `limit` bytes of a regular file; a larger one is refused, not cut."""
    try:
        descriptor = os.open(path, _SAFE_FLAGS)
    except OSError as error:
        return Unreadable(f"unreadable: {error.strerror or type(error).__name__}")
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Unreadable(NOT_REGULAR)
        if status.st_size > limit:
            return Unreadable(TOO_LARGE)
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        return Unreadable(f"unreadable: {error.strerror or type(error).__name__}")
    finally:
        os.close(descriptor)
    return content if len(content) <= limit else Unreadable(TOO_LARGE)


def read_text(path: str | Path, *, limit: int) -> str | None:
    """A small text file of the tree, such as an ignore file, or None where there is none to be had."""
    content = read_bytes(path, limit=limit)
    return None if isinstance(content, Unreadable) else content.decode("utf-8", "surrogateescape")


def read_source(path: str) -> bytes | Unreadable:
    """The source of one file in UTF-8 without a byte order mark.

    UTF-16 with its mark and the encoding that a Python file declares are translated. Anything else that is not UTF-8 is
    unreadable: guessing would move every column.
    """
    content = read_bytes(path, limit=SOURCE_LIMIT_BYTES)
    if isinstance(content, Unreadable):
        return content
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _translated(content, "utf-16")
    if b"\0" in content:
        return Unreadable(NOT_TEXT)
    content = content.removeprefix(codecs.BOM_UTF8)
    if content.isascii():
        return content
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        cookie = _COOKIE.match(content) if path.endswith(".py") else None
        return _translated(content, cookie[1].decode("ascii")) if cookie else Unreadable(NOT_UTF8)
    return content


def _translated(content: bytes, encoding: str) -> bytes | Unreadable:
    """The content in UTF-8. Only text encodings are known: a cookie may not ask for `zip` or `unicode_escape`."""
    if encoding.lower().replace("_", "-") not in _TEXT_ENCODINGS:
        return Unreadable(NOT_UTF8)
    try:
        return content.decode(encoding).encode("utf-8")
    except UnicodeError:
        return Unreadable(NOT_UTF8)


_TEXT_ENCODINGS: Final = frozenset(
    {"utf-16", "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "iso8859-1", "iso-8859-15", "iso8859-15"}
    | {"cp1252", "windows-1252", "cp1251", "windows-1251", "koi8-r", "gbk", "gb2312", "gb18030", "big5", "shift-jis"}
    | {"euc-jp", "euc-kr", "cp949"}
)
