"""Stdout, whatever it is connected to."""

from __future__ import annotations

import os
import sys


def on_terminal() -> bool:
    """Whether stdout is a terminal that wants colours (`NO_COLOR`, `TERM=dumb` say no)."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def write_stdout(text: str) -> None:
    """Write to stdout; what its encoding cannot hold is escaped, not an error."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()
