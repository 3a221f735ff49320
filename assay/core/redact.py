"""Secrets never leave the process: one place that masks them.

Used by logs, error messages, settings, probe results and the scanner's reports alike.
"""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "***"

# user:password@ of any URL; the password may hold anything but a blank, a quote or the last @ before the host.
_URL_PASSWORD: Final = re.compile(
    r"(?P<head>[a-z][a-z0-9+.\-]*://[^\s:/@'\"]*):(?P<password>[^\s'\"]+)@", re.IGNORECASE
)
_KEY_VALUE: Final = re.compile(
    r"(?P<key>\b(?:password|passwd|pwd|secret|token|api_?key|sslpassword)\b['\"]?\s*[=:]\s*['\"]?)"
    r"(?P<value>[^\s'\"&,;)}]+)",
    re.IGNORECASE,
)


def mask_secrets(text: str) -> str:
    """The text with the password of every URL and the value of every `password=`-like pair replaced by `***`."""
    masked = _URL_PASSWORD.sub(lambda match: f"{match['head']}:{MASK}@", text)
    return _KEY_VALUE.sub(lambda match: f"{match['key']}{MASK}", masked)
