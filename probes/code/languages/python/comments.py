"""Long runs of comments, kept from the parser.

Inside a block the grammar looks through all comments that follow one comment, for each of them: sixty thousand lines
would take it a quarter of an hour. What is blanked keeps its length, so that no place moves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Comment

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TOGETHER: Final = 200
_TOKEN: Final = re.compile(
    rb"#[^\n]*|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL
)


def without_long_runs(source: bytes) -> tuple[bytes, list[Comment]]:
    """A source in which at most `MOST_TOGETHER` lines of comments follow each other, and the comments it has lost."""
    if source.count(b"#") <= MOST_TOGETHER:
        return source, []
    lines = source.split(b"\n")
    beyond = list(_beyond(lines))
    inside = _inside_strings(source) if beyond else frozenset()
    lost: list[Comment] = []
    for index in beyond:
        text = lines[index]
        if index + 1 not in inside:
            lost.append(Comment(index + 1, text.decode("utf-8", "replace").strip().lstrip("#").strip()))
            lines[index] = b" " * len(text)
    return (b"\n".join(lines), lost) if lost else (source, [])


def _beyond(lines: list[bytes]) -> Iterator[int]:
    """The lines of comments, from 0, that stand too far behind the first of their run; blank lines end no run."""
    run = 0
    for index, line in enumerate(lines):
        text = line.lstrip()
        if text.startswith(b"#"):
            run += 1
            if run > MOST_TOGETHER:
                yield index
        elif text:
            run = 0


def _inside_strings(source: bytes) -> frozenset[int]:
    """The lines, from 1, that begin inside a string."""
    found: set[int] = set()
    line, place = 1, 0
    for token in _TOKEN.finditer(source):
        line += source.count(b"\n", place, token.start())
        place = token.start()
        if not token[0].startswith(b"#"):
            found.update(range(line + 1, line + 1 + token[0].count(b"\n")))
    return frozenset(found)
