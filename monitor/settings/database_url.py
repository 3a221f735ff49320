"""Database addresses: what libpq accepts, and what a missing or unfit one means."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl

from psycopg import ProgrammingError, pq
from psycopg.conninfo import conninfo_to_dict

from assay.core.redact import MASK

_SCHEME: Final = re.compile(r"(?P<name>[a-z][a-z0-9]*)(?:[+.-][a-z0-9+.-]+)?://", re.IGNORECASE)
_POSTGRESQL: Final = frozenset({"postgresql", "postgres"})
_LARGEST_PORT: Final = 65535

EXPECTED_URL: Final = "a PostgreSQL URL such as postgresql://USER:PASSWORD@HOST:5432/DATABASE"


class DatabaseProblem(StrEnum):
    """Why there is no usable database address in production: the codes that `/readyz` answers."""

    MISSING = "database_url_missing"
    INVALID = "database_url_invalid"
    NOT_FOR_PRODUCTION = "database_url_not_for_production"


@dataclass(frozen=True, kw_only=True)
class DatabaseSetting:
    """The address of the service's own database, or why there is none.

    `url` is a libpq URL and never appears in `repr`. `problem` is set in production only; `detail` then is one sentence
    for the log, without secrets. Neither is set in development without `DATABASE_URL`: there the embedded
    server stands in.
    """

    url: str | None = field(default=None, repr=False)
    problem: DatabaseProblem | None = None
    detail: str = ""


class DatabaseUrlError(ValueError):
    """The text is no PostgreSQL URL; the message says why, without secrets. `is_sqlite`: it names a SQLite database."""

    def __init__(self, message: str, *, is_sqlite: bool = False) -> None:
        super().__init__(message)
        self.is_sqlite = is_sqlite


def libpq_url(text: str) -> str:
    """The address as libpq takes it: `postgres://` and SQLAlchemy's `postgresql+driver://` become `postgresql://`.

    Raises:
        DatabaseUrlError: it is not the URL of a PostgreSQL database.
    """
    match = _SCHEME.match(text)
    if match is None:
        raise DatabaseUrlError("it is not a URL")
    scheme = match["name"].lower()
    if scheme not in _POSTGRESQL:
        raise DatabaseUrlError(
            f"it is the address of another kind of database ({scheme})", is_sqlite=scheme.startswith("sqlite")
        )
    url = f"postgresql://{text[match.end() :]}"
    _check(url)
    return url


def _check(url: str) -> None:
    try:
        parsed = conninfo_to_dict(url)
    except ProgrammingError:
        reason = _why_rejected(url)  # not libpq's own words: they quote the part they reject, which may be the password
    else:
        reason = _why_unfit(host=str(parsed.get("host") or ""), port=str(parsed.get("port") or ""))
    if reason:
        raise DatabaseUrlError(reason)


def _why_rejected(url: str) -> str:
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    _, _, query = url.partition("?")
    foreign = sorted({key for key, _ in parse_qsl(query, keep_blank_values=True)} - known)
    if foreign:
        return f"libpq does not know its parameter {', '.join(foreign)} (another driver's?)"
    return (
        "libpq cannot read it: characters such as @ : / % or a blank in a user name or password must be percent-encoded"
    )


def _why_unfit(*, host: str, port: str) -> str:
    if "@" in host:
        return "it has more than one @: an @ in a user name or password must be written %40"
    for each in filter(None, port.split(",")):
        if not (each.isascii() and each.isdecimal() and 0 < int(each) <= _LARGEST_PORT):
            return f"its port is not a number from 1 to {_LARGEST_PORT}"
    return ""


def shown_url(text: str) -> str:
    """A wrong address as an error may show it: scheme, host and path; never user, password or parameters."""
    match = _SCHEME.match(text)
    if match is None:
        return f"a text of {len(text)} characters that is no URL"
    _, at, place = (
        text[match.end() :].partition("?")[0].rpartition("@")
    )  # the query first: it may hold a password with an @
    return f"{match.group()}{MASK}@{place}" if at else f"{match.group()}{MASK}"
