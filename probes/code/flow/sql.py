"""SQL text as far as it matters here: what it does, and to which table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.refs import TextRef

if TYPE_CHECKING:
    from assay.probes.code.flow.values import Value

_COMMENTS: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TABLE: Final = re.compile(r"\b(?:from|into|update|table|join)\s+[\"`\[]?([\w.]+)", re.IGNORECASE)
_OUTER: Final = frozenset({"with", "explain"})
_WRITES: Final = re.compile(
    r"\b(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|merge\s+into|delete\s+from|(?<!for\s)update\s+\S+[^;]{0,80}?\bset)\b",
    re.IGNORECASE,
)
_COPIES_OUT: Final = re.compile(r"\bto\s+stdout\b", re.IGNORECASE)
READ_VERBS: Final = frozenset({"select", "with", "show", "explain", "pragma", "values", "table", "describe"})


def text_of(value: Value) -> str:
    """The text of a statement, as far as it is known."""
    if value.lit is not None:
        return value.lit.text
    return next((ref.prefix for ref in value.refs if isinstance(ref, TextRef)), "")


def verb_of(text: str) -> str:
    """Its first word, in lower case; of a common table expression or an explained statement the one that writes."""
    words = _COMMENTS.sub(" ", text).strip().lstrip("(").split(None, 1)
    verb = words[0].lower().rstrip(";") if words else ""
    if verb in _OUTER:
        found = _WRITES.search(_COMMENTS.sub(" ", text))
        return found[0].split()[0].lower() if found else verb
    return "select" if verb == "copy" and _COPIES_OUT.search(text) else verb


def table_of(text: str) -> str:
    """The first table that it names, or an empty string."""
    found = _TABLE.search(text)
    return found[1] if found else ""
