"""Walking the facts of a file, for the rules that look at code outside the path of an endpoint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.syntax import Attr, Call, Expr, Item, Lit, LitKind, Name, Raise, TName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts

_ENDS: Final = frozenset({"exit", "_exit", "abort", "fail", "fatal"})

Node = tuple[object, ...]
"""Any node of the facts; which one is told by its class."""


_LEAVES: Final = frozenset({Lit, Name, TName})


def every_node(facts: FileFacts, *kinds: type) -> Iterator[Node]:
    """All nodes of a file's code, or those of the classes named, an outer one before what stands in it."""
    for function in facts.functions:
        yield from _walk(function.params, kinds)
        yield from _walk(function.body, kinds)
    for class_ in facts.classes:
        yield from _walk(class_.body or class_.fields, kinds)
    yield from _walk(facts.top, kinds)


def walk(start: object) -> Iterator[Node]:
    """A node or a sequence of nodes, and everything in it, in the order of the source."""
    return _walk(start, ())


def _walk(start: object, kinds: tuple[type, ...]) -> Iterator[Node]:
    stack = [start] if isinstance(start, tuple) else []
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is not tuple:
            if not kinds or kind in kinds:
                yield node
            if kind in _LEAVES:
                continue
        stack.extend([part for part in node[::-1] if isinstance(part, tuple)])


def text_of(expression: object) -> str | None:
    """The text of a string literal that is not empty."""
    is_text = isinstance(expression, Lit) and expression.kind is LitKind.STR and bool(expression.text)
    return expression.text if is_text and isinstance(expression, Lit) else None


def environment_variable(expression: object) -> str | None:
    """The variable that an expression reads from the environment, whatever the default."""
    match expression:
        case Call(fn=Name(id="getenv" | "env" | "config"), args=(name, *_)):
            return text_of(name)
        case Call(fn=Attr(name="getenv") | Attr(base=Name(id="env" | "environ"), name="str" | "url"), args=(name, *_)):
            return text_of(name)
        case Call(fn=Attr(base=base, name="get"), args=(name, *_)) if _is_environment(base):
            return text_of(name)
        case Item(base=base, key=key) if _is_environment(base):
            return text_of(key)
        case Attr(base=base, name=name) if _is_environment(base):
            return name
        case _:
            return None


def default_of(expression: object) -> Expr | None:
    """The default with which a call reads the environment, if it has one."""
    match expression:
        case Call(args=(_, default, *_)):
            return default
        case Call(kwargs=kwargs):
            return next((value for name, value in kwargs if name == "default"), None)
        case _:
            return None


def gives_up(body: object) -> bool:
    """It raises, ends the process, or answers with a server error."""
    for node in walk(body):
        if isinstance(node, Lit) and node.kind is LitKind.NUM and re.fullmatch(r"5\d\d", node.text):
            return True
        if isinstance(node, Raise):
            return True
        if isinstance(node, Call):
            called = node.fn.name if isinstance(node.fn, Attr) else node.fn.id if isinstance(node.fn, Name) else ""
            if called in _ENDS:
                return True
    return False


def _is_environment(expression: object) -> bool:
    return isinstance(expression, Attr | Name) and (
        (expression.name if isinstance(expression, Attr) else expression.id) in ("environ", "env")
    )
