"""Where a source does not parse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import ParseProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

MOST_PROBLEMS: Final = 20
_LONGEST_EXCERPT: Final = 40
_MARKUP: Final = frozenset({"jsx_element", "jsx_fragment", "jsx_attribute"})


def problems(root: Node, source: bytes) -> Iterator[ParseProblem]:
    """The first `MOST_PROBLEMS` places that the grammar rejects, in order.

    A bare `&` in the text of JSX is legal, whatever the grammar thinks of it.
    """
    waiting = [root] if root.has_error else []
    told = 0
    while waiting and told < MOST_PROBLEMS:
        node = waiting.pop()
        if node.is_error and not _is_ampersand(node, source):
            told += 1
            yield ParseProblem(_line(node, source), _message(node, source))
        elif node.is_missing:
            told += 1
            yield ParseProblem(_line(node, source), f"`{node.type}` is missing")
        else:
            waiting.extend(child for child in reversed(node.children) if child.has_error)


def _line(node: Node, source: bytes) -> int:
    line = node.start_point[0] + 1
    return min(line, source.count(b"\n") + 1)


def _message(node: Node, source: bytes) -> str:
    excerpt = source[node.start_byte : node.end_byte][:_LONGEST_EXCERPT].decode("utf-8", "replace")
    return f"does not parse: `{' '.join(excerpt.split())}`"


def _is_ampersand(node: Node, source: bytes) -> bool:
    parent = node.parent
    text = source[node.start_byte : node.end_byte].strip()
    return parent is not None and parent.type in _MARKUP and text.startswith(b"&")
