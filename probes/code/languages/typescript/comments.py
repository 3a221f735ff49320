"""Comments, wherever they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Comment

if TYPE_CHECKING:
    from tree_sitter import Node

_START: Final = re.compile(rb"//|/\*")
_DECORATION: Final = re.compile(r"^[ \t]*\*+[ \t]?", re.MULTILINE)


def comments(root: Node, source: bytes) -> tuple[Comment, ...]:
    """Every comment in order; what looks like one is looked up in the tree, since strings hold the like too."""
    found: list[Comment] = []
    at = 0
    while (match := _START.search(source, at)) is not None:
        start = match.start()
        node = root.descendant_for_byte_range(start, start + 1)
        if node is None or node.type != "comment":
            at = start + 1
            continue
        text = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        found.append(Comment(node.start_point[0] + 1, _bare(text)))
        at = max(node.end_byte, start + 1)
    return tuple(found)


def _bare(text: str) -> str:
    """The text without its delimiters; a block keeps its line breaks, so that lines can be counted in it."""
    if text.startswith("//"):
        return text[2:].strip()
    inner = text[2:].removesuffix("*/")
    return _DECORATION.sub("", inner).strip(" \t*")
