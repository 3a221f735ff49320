"""Secrets never leave the process: one place that masks them.

Used by logs, error messages, settings, probe results and the scanner's reports alike.
"""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "***"

# A run without blanks and quotes is looked at once for each :// in it, so that the time taken is linear in the length:
# one expression for the whole URL took minutes on a megabyte of text.
_RUN: Final = re.compile(r"[^\s'\"]+")
_SCHEME_END: Final = re.compile(r"[a-z0-9+.\-]://(?P<user>[^:/@]*):", re.IGNORECASE)
_KEY_VALUE: Final = re.compile(
    r"(?P<key>\b(?:password|passwd|pwd|secret|token|api_?key|sslpassword)\b['\"]?\s*[=:]\s*['\"]?)"
    r"(?P<value>[^\s'\"&,;)}]+)",
    re.IGNORECASE,
)


def mask_secrets(text: str) -> str:
    """The text with the password of every URL and the value of every `password=`-like pair replaced by `***`."""
    masked = _RUN.sub(lambda run: _mask_url(run[0]), text) if "://" in text else text
    return _KEY_VALUE.sub(lambda match: f"{match['key']}{MASK}", masked)


def _mask_url(run: str) -> str:
    """The password lies between the first user's name and the last @; it may hold anything else, a :// too."""
    last_at = run.rfind("@")
    start = _SCHEME_END.search(run, 0, max(last_at, 0))
    if start is None or start.end() == last_at:
        return run
    return f"{run[: start.end()]}{MASK}{run[last_at:]}"
