"""Where Assay's own store is: set, or in development the embedded server."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assay.core.command import UsageError
from assay.monitor.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.monitor.settings import Settings


@contextmanager
def store_url(settings: Settings | None = None) -> Iterator[str]:
    """The libpq URL of the store, for the time of the context: `ASSAY_STORE_URL`, else `DATABASE_URL`.

    In development without either the embedded server runs for as long as the context is open; its steps go to stderr.

    Raises:
        UsageError: production has no usable address, a setting is wrong, or the embedded server cannot be had.
    """
    known = settings or load_settings()
    if known.store_url is not None:
        yield known.store_url
    elif not known.embedded:
        raise UsageError(f"there is no store to write to: {known.database.detail} (or set ASSAY_STORE_URL)")
    else:
        with _embedded(known) as url:
            yield url


@contextmanager
def _embedded(settings: Settings) -> Iterator[str]:
    if os.name != "posix":
        raise UsageError(
            "the embedded server runs on Linux and macOS only: set DATABASE_URL to a PostgreSQL of your own"
        )
    from assay.monitor.embedded import EmbeddedServer  # noqa: PLC0415 - it needs a POSIX system to be imported

    with EmbeddedServer(settings.data_dir, progress=_tell) as url:
        yield url


def _tell(sentence: str) -> None:
    sys.stderr.write(f"assay: {sentence}\n")
    sys.stderr.flush()
