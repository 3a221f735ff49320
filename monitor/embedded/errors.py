"""Why the embedded server cannot be had."""

from __future__ import annotations

from typing import Final

from assay.core.command import UsageError

OWN_SERVER: Final = "or set DATABASE_URL to a PostgreSQL of your own"


class EmbeddedServerError(UsageError):
    """The embedded server cannot be had here: what is in the way, and what to do."""
