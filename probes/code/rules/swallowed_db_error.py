"""A store failure is caught and passed over, and the endpoint goes on to answer.

This is about failures beside the main answer: an audit entry, a counter, a second table. Where the whole answer
becomes a substitute, `fallback-on-db-error` says so.

## Why this is a defect
Part of what the endpoint promises did not happen, and only a log line knows.

## What to do
Pass the failure on, or tell the caller which part failed.

## Known limits
The `except` or `catch` that is nearest to the call is judged, and only whether it raises, returns or answers. Writes
that are meant to be lossy (statistics) are reported as well: say so in a suppression.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Evidence, Location, Severity, Verdict
from assay.probes.code.names import last_name
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.nodes import every_node, walk
from assay.probes.code.syntax import Call, Lit, LitKind, Raise, Return, Try
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.syntax import Handler

_SAID_ELSEWHERE: Final = (Verdict.FALLBACK, Verdict.MOCK, Verdict.LOSSY)
_STORE_CALLS: Final = (EffectKind.STORE_READ, EffectKind.STORE_WRITE, EffectKind.COMMIT)
_PASSES_ON: Final = frozenset({"abort", "exit", "fail", "next", "reject"})
_ANSWERS: Final = frozenset({"json", "send", "sendStatus", "render", "redirect", "end"})
_EVERYTHING: Final = frozenset({"Exception", "BaseException", "Error"})
_STORE_ERROR: Final = re.compile(r".*(?:SQL|DB|Database|Operational|Integrity|Interface|Mongo|Redis)\w*Err?or")
_ERROR_STATUS: Final = re.compile(r"[45]\d\d")


def _check(examined: Examined) -> Iterator[Violation]:
    found: dict[Location, Violation] = {}
    blocks: dict[str, tuple[_Block, ...]] = {}
    for flow in examined.view.endpoints:
        if flow.endpoint.body in _SAID_ELSEWHERE or flow.endpoint.verdict is Verdict.UNWIRED:
            continue
        for effect in flow.of_kind(*_STORE_CALLS):
            file = effect.at.file
            if file not in blocks:
                facts = examined.view.facts(file)
                blocks[file] = tuple(_blocks(facts)) if facts else ()
            around = [block for block in blocks[file] if block.first <= effect.at.line <= block.last]
            handler = max(around, key=lambda block: block.first).passes_over if around else None
            if handler is not None:
                at = Location(file=file, line=handler)
                library = effect.library or "the store"
                message = f"{flow.endpoint.title} goes on as if nothing had happened when {library} fails"
                related = (Evidence(at=effect.at, message="this call may fail"),)
                found.setdefault(at, Violation(at=at, message=message, flow=flow, related=related))
    yield from found.values()


class _Block:
    """The body of a `try`: its lines, and the line of the handler that passes a store's failure over, if one does."""

    def __init__(self, node: Try) -> None:
        lines = [line for inner in walk(node.body) if isinstance(line := getattr(inner, "line", None), int)]
        self.first = min(lines, default=node.line)
        self.last = max(lines, default=node.line)
        catching = next((one for one in node.handlers if _catches_store_errors(one)), None)
        self.passes_over = catching.line if catching is not None and not _ends_or_answers(catching) else None


def _blocks(facts: FileFacts) -> Iterator[_Block]:
    for node in every_node(facts):
        if isinstance(node, Try) and node.handlers:
            yield _Block(node)


def _catches_store_errors(handler: Handler) -> bool:
    names = [last_name(one) for one in handler.types]
    return not names or any(name in _EVERYTHING or _STORE_ERROR.fullmatch(name) for name in names)


def _ends_or_answers(handler: Handler) -> bool:
    """It raises, returns, answers, or tells of an error otherwise than in a log."""
    for node in walk(handler.body):
        if isinstance(node, Raise | Return):
            return True
        if isinstance(node, Lit) and node.kind is LitKind.NUM and _ERROR_STATUS.fullmatch(node.text):
            return True
        if isinstance(node, Call) and last_name(node.fn) in _PASSES_ON | _ANSWERS:
            return True
    return False


RULE: Final = Rule(
    id="swallowed-db-error",
    summary="a store failure is caught and passed over",
    severity=Severity.WARNING,
    check=_check,
)
