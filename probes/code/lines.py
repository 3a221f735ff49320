"""The lines of sources, split once however often they are asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_KEPT: Final = 8


@lru_cache(maxsize=_KEPT)
def lines_of(source: bytes) -> tuple[bytes, ...]:
    """The lines of a source without their ends, as Python counts them."""
    return tuple(source.splitlines())


def line_at(source: bytes, number: int) -> str:
    """One line, counted from 1, or an empty string."""
    lines = lines_of(source)
    return lines[number - 1].decode("utf-8", "replace") if 0 < number <= len(lines) else ""


def between(source: bytes, first: int, last: int) -> bytes:
    """The lines from one to another, both included and counted from 1."""
    return b"\n".join(lines_of(source)[first - 1 : last])
