r"""The bytes of a Python file -> UTF-8 with plain line ends, and what was wrong with them.

Lines are counted as Python counts them: `\r\n` and a lone `\r` end a line as `\n` does.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

from assay.probes.code.facts import ParseProblem

# PEP 263: a comment in the first two lines, the first of which must be a comment or blank.
_COOKIE: Final = re.compile(rb"^(?:[ \t\f]*(?:#[^\n]*)?\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)")
_UTF8_NAMES: Final = frozenset({"utf-8", "ascii"})


class Source(NamedTuple):
    """The text of a file as UTF-8 without a byte order mark, and its problems."""

    utf8: bytes
    problems: tuple[ParseProblem, ...] = ()


def read(source: bytes) -> Source:
    """Any bytes as UTF-8. What does not decode is read as Latin-1, byte by byte, and said so."""
    if b"\r" in source:
        source = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(source, "utf-16", (ParseProblem(1, "the file is UTF-16, which Python does not read"),))
    problems = _null_byte(source)
    if source.startswith(codecs.BOM_UTF8):
        return _decoded(source[len(codecs.BOM_UTF8) :], "utf-8", problems)
    cookie = _COOKIE.match(source)
    if cookie is None and source.isascii():
        return Source(source, problems)
    return _decoded(source, cookie[1].decode("ascii") if cookie else "utf-8", problems)


def _decoded(source: bytes, encoding: str, problems: tuple[ParseProblem, ...]) -> Source:
    try:
        if codecs.lookup(encoding).name in _UTF8_NAMES:
            source.decode("utf-8")
            return Source(source, problems)
        return Source(source.decode(encoding).encode("utf-8"), problems)
    except LookupError:
        problem = ParseProblem(1, f"unknown encoding `{encoding}`")
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        problem = ParseProblem(source.count(b"\n", 0, start) + 1, f"not {encoding}")
    return Source(source.decode("latin-1").encode("utf-8"), (*problems, problem))


def _null_byte(source: bytes) -> tuple[ParseProblem, ...]:
    position = source.find(b"\0")
    if position < 0:
        return ()
    return (ParseProblem(source.count(b"\n", 0, position) + 1, "the file contains a null byte"),)
