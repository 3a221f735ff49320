"""The store's address: a libpq URL or conninfo, handed to libpq as it is and never shown with its password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from assay.audit.errors import InvalidStoreUrl, UnsupportedServer
from assay.core.redact import MASK, mask_secrets

if TYPE_CHECKING:
    import psycopg

OLDEST_MAJOR: Final = 15
"""The oldest supported major version of PostgreSQL."""

APPLICATION_NAME: Final = "assay-store"

_URL: Final = re.compile(r"(?i)^postgres(?:ql)?://")


def check_url(url: str) -> None:
    """See that libpq can parse the address and that it is PostgreSQL's.

    Raises:
        InvalidStoreUrl: it cannot.
    """
    hint = "expected postgresql://user:password@host:port/database, with % and @ of a password percent-encoded"
    if not _URL.match(url) and "://" in url:
        raise InvalidStoreUrl(f"the store's address is not PostgreSQL's: {masked_url(url)}; {hint}")
    try:
        parsed = conninfo_to_dict(url) if url.strip() else {}
        port = str(parsed.get("port") or "")
    except (ProgrammingError, UnicodeError):
        parsed, port = {}, ""  # libpq quotes the offending part, which may be the password: its text is not passed on
    if not parsed:
        raise InvalidStoreUrl(f"the store's address cannot be parsed: {masked_url(url)}; {hint}")
    if any(part and not part.isdigit() for part in port.split(",")):
        raise InvalidStoreUrl(f"the port of the store's address is not a number: {masked_url(url)}; {hint}")


def masked_url(url: str) -> str:
    """The address for people: everything between the scheme's // and the last @ is hidden but the user's name."""
    head, slashes, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    if not slashes or not at:
        return mask_secrets(url)
    user, colon, _ = credentials.partition(":")
    return f"{head}://{user}{colon}{MASK if colon else ''}@{mask_secrets(place)}"


def check_server(connection: psycopg.Connection[object] | psycopg.AsyncConnection[object]) -> None:
    """See that the server is not older than the oldest supported version.

    Raises:
        UnsupportedServer: it is.
    """
    version = connection.info.server_version
    if version < OLDEST_MAJOR * 10_000:
        told = connection.info.parameter_status("server_version")
        raise UnsupportedServer(f"the store's server is PostgreSQL {told}; Assay needs {OLDEST_MAJOR} or later")
