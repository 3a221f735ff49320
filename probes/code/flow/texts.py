"""Texts that are put together from known parts: paths, prefixes, names of modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.refs import TextRef
from assay.probes.code.flow.values import Site, Value, mixed, text_literal
from assay.probes.code.syntax import LitKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.probes.code.flow.state import Arguments

_FIELD: Final = re.compile(r"\{(\w*)\}")
_PERCENT: Final = re.compile(r"%[sd]")


def concatenated(values: Sequence[Value], site: Site) -> Value:
    """Texts one behind the other: whole where all are known, else as far as the first that is not."""
    known = [_text(value) for value in values]
    whole = "".join(text.prefix for text in known if text is not None)
    if all(value.lit is not None for value in values):
        return text_literal(whole, site)
    dynamic = mixed(value for value in values if value.lit is None)
    if all(
        text is not None and (text.usual or value.lit is not None) for text, value in zip(known, values, strict=True)
    ):
        return Value(dynamic.atoms, None, (TextRef(whole, usual=True),))
    prefix = ""
    for value, text in zip(values, known, strict=True):
        prefix += text.prefix if text is not None else ""
        if text is None or (value.lit is None and not text.usual):
            break
    return Value(dynamic.atoms, None, (TextRef(prefix),) if prefix else ())


def _text(value: Value) -> TextRef | None:
    if value.lit is not None:
        return TextRef(value.lit.text)
    return next((ref for ref in value.refs if isinstance(ref, TextRef)), None)


def formatted(template: Value, arguments: Arguments, site: Site) -> Value:
    """`"a{}b{name}".format(x, name=y)`."""
    position = iter(range(len(arguments.positional)))

    def part(found: re.Match[str]) -> Value | None:
        name = found[1]
        if name and not name.isdigit():
            return arguments.keywords.get(name)
        return arguments.at(int(name) if name else next(position, -1))

    return _filled(template, _FIELD, part, arguments.all(), site)


def interpolated(template: Value, given: Value, site: Site) -> Value:
    """`"a%sb" % x`."""
    parts = [given.fields[key] for key in sorted(given.fields) if key.isdigit()] or [given]
    left = iter(parts)
    return _filled(template, _PERCENT, lambda _found: next(left, None), parts, site)


def _filled(
    template: Value,
    field: re.Pattern[str],
    part: Callable[[re.Match[str]], Value | None],
    given: Sequence[Value],
    site: Site,
) -> Value:
    """The template with its fields replaced; where it is in another style, what a computation gives."""
    text = template.lit.text if template.lit is not None and template.lit.kind is LitKind.STR else ""
    pieces: list[Value] = []
    end = 0
    for found in field.finditer(text):
        value = part(found)
        if value is None:
            return mixed([template, *given])
        pieces.extend((text_literal(text[end : found.start()], site), value))
        end = found.end()
    if not pieces:
        return mixed([template, *given])
    return concatenated([*pieces, text_literal(text[end:], site)], site)
