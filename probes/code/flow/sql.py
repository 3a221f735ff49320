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
_SESSION_VERBS: Final = frozenset(
    {
        "set",
        "reset",
        "discard",
        "begin",
        "start",
        "savepoint",
        "release",
        "listen",
        "unlisten",
        "notify",
        "lock",
        "unlock",
        "analyze",
        "vacuum",
        "checkpoint",
        "deallocate",
    }
)
_SESSION_CALLS: Final = re.compile(
    r"select\s+(?:pg_catalog\.)?(?:set_config|pg_notify|pg_(?:try_)?advisory_\w+)\s*\(", re.IGNORECASE
)
_BACK_TO: Final = re.compile(r"rollback\s+(?:work\s+|transaction\s+)?to\b", re.IGNORECASE)
_ENDS: Final = frozenset({"commit", "rollback"})
_FROM: Final = re.compile(r"\bfrom\b", re.IGNORECASE)
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


def control_of(text: str) -> str:
    """What a statement does to its session alone: `commit`, `rollback`, or `session` for what it sets, locks or tells.

    Empty for one that writes or reads rows: also where it does so after it set something (`SET x = 1; DELETE FROM t`).
    """
    plain = _COMMENTS.sub(" ", text).strip()
    verb = verb_of(text)
    if verb == "select":
        return "session" if _SESSION_CALLS.match(plain) and not _FROM.search(plain) else ""
    if (verb not in _SESSION_VERBS and verb not in _ENDS) or _WRITES.search(plain):
        return ""
    return verb if verb in _ENDS and not _BACK_TO.match(plain) else "session"


def table_of(text: str) -> str:
    """The first table that it names, or an empty string."""
    found = _TABLE.search(text)
    return found[1] if found else ""
