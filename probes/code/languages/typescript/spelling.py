"""What stretches of source are spelled like and stand for: strings, property names, type annotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.typescript.lowering import Lowering

_ESCAPE: Final = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_LARGEST_CODE_POINT: Final = 0x10FFFF


def _character(match: re.Match[str]) -> str:
    body = match.group(1)
    if body in _SIMPLE:
        return _SIMPLE[body]
    if len(body) > 1:
        return chr(min(int(body[1:].strip("{}"), 16), _LARGEST_CODE_POINT))
    return body


def unescape(raw: str) -> str:
    """The characters that a string's or template's source stands for; half a surrogate pair becomes U+FFFD."""
    if "\\" not in raw:
        return raw
    text = _ESCAPE.sub(_character, raw)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def string_text(low: Lowering, node: Node) -> str:
    """The value of a string literal."""
    return unescape(low.words[low.source[node.start_byte + 1 : node.end_byte - 1]])


def key_text(low: Lowering, node: Node) -> str | None:
    """A property's name as written, or `None` for a computed one that is no string."""
    kind = node.type
    if kind == "string":
        return string_text(low, node)
    if kind != "computed_property_name":
        return low.text(node)
    inner = next((child for child in node.named_children if not child.is_extra), None)
    return string_text(low, inner) if inner is not None and inner.type == "string" else None


def type_text(low: Lowering, node: Node | None) -> str:
    """The source of a type annotation without its colon, on one line."""
    if node is None:
        return ""
    text = low.text(node).removeprefix(":").strip()
    return " ".join(text.split()) if "\n" in text else text
