"""String literals: their values, and the parts of f-strings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.languages.python.context import DEEPEST, Lowering, expression, field, kind, kinds, named
from assay.probes.code.syntax import Expr, Lit, LitKind, Opaque, Text

if TYPE_CHECKING:
    from tree_sitter import Node

    from assay.probes.code.languages.python.context import ExprHandler

_ESCAPE: Final = re.compile(r"\\(\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\\'\"abfnrtv])")
_SIMPLE: Final = {"\n": "", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LITERAL: Final = re.compile(r"(?s)([A-Za-z]*)('''|\"\"\"|['\"])(.*)")
_SURROGATES: Final = range(0xD800, 0xE000)
_HIGHEST: Final = 0x10FFFF
_STRING: Final = kind("string")
_INTERPOLATION: Final = kind("interpolation")
_STRING_CONTENT: Final = kinds("string_content")
_FORMAT_SPECIFIER: Final = kind("format_specifier")
_EXPRESSION: Final = field("expression")


def string(c: Lowering, node: Node, depth: int) -> Expr:
    """A literal, or the parts of an f-string or t-string."""
    source = c.text(node)
    match = _LITERAL.match(source)
    line = node.start_point[0] + 1
    if match is None:  # Python 2's backticks, or a string whose start is missing
        return Opaque("string", (), line)
    prefix, quote, rest = match.groups()
    prefix = prefix.lower()
    if "f" in prefix or "t" in prefix:
        return _formatted(c, node, "r" in prefix, depth)
    return Lit(LitKind.STR, unescape(rest.removesuffix(quote), raw="r" in prefix), line)


def concatenated(c: Lowering, node: Node, depth: int) -> Expr:
    """Strings side by side: one literal where all of them are, else one text."""
    line = node.start_point[0] + 1
    found = [expression(c, child, depth + 1) for child in named(c, node)]
    pieces: list[Expr] = []
    for piece in found:
        pieces.extend(piece.parts if isinstance(piece, Text) else (piece,))
    literals = [piece.text for piece in pieces if isinstance(piece, Lit)]
    if len(literals) == len(pieces):
        return Lit(LitKind.STR, "".join(literals), line)
    return Text(tuple(pieces), line)


def unescape(text: str, *, raw: bool = False) -> str:
    r"""The value of the text between the quotes. What is no character (`\N{...}`, surrogates) stays as written."""
    if raw or "\\" not in text:
        return text
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = match[1]
    if code in _SIMPLE:
        return _SIMPLE[code]
    if code[0] in "xuU":
        number = int(code[1:], 16)
    elif code[0].isdigit():
        number = int(code, 8)
    else:
        return code
    return match[0] if number in _SURROGATES or number > _HIGHEST else chr(number)


def _formatted(c: Lowering, node: Node, raw: bool, depth: int) -> Expr:  # noqa: FBT001 - a fact about the literal
    line = node.start_point[0] + 1
    found: list[Expr] = []
    for child in node.children:
        if child.kind_id == _INTERPOLATION:
            found.extend(_interpolated(c, child, depth + 2))
        elif child.kind_id in _STRING_CONTENT:
            text = unescape(c.text(child), raw=raw).replace("{{", "{").replace("}}", "}")
            found.append(Lit(LitKind.STR, text, child.start_point[0] + 1))
    if all(isinstance(part, Lit) and part.kind is LitKind.STR for part in found):
        return Lit(LitKind.STR, "".join(part.text for part in found if isinstance(part, Lit)), line)
    return Text(tuple(found), line)


def _interpolated(c: Lowering, node: Node, depth: int) -> list[Expr]:
    found: list[Expr] = []
    value = node.child_by_field_id(_EXPRESSION)
    if value is not None:
        found.append(expression(c, value, depth))
    for child in node.children:
        if child.kind_id == _FORMAT_SPECIFIER:
            for inner in named(c, child):
                found.extend(_interpolated(c, inner, depth + 1) if depth < DEEPEST else (c.too_deep(inner),))
    return found


HANDLERS: Final[dict[str, ExprHandler]] = {"string": string, "concatenated_string": concatenated}
