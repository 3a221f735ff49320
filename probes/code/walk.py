"""Walking facts without interpreting them: every expression of a block, in source order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.facts import Param

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.syntax import Stmt


def expressions_of(body: tuple[Stmt, ...]) -> Iterator[object]:
    """Every node below these statements, functions' own bodies left out (they are reached by index)."""
    stack: list[object] = list(reversed(body))
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            if hasattr(node, "_fields") and not isinstance(node, Param):
                yield node
            stack.extend(part for part in reversed(node) if isinstance(part, tuple))
