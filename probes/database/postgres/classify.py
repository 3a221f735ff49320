"""What an error means: by SQLSTATE, else by the system's error, else by text, else by the phase it ended in."""

from __future__ import annotations

import errno
import os
from typing import Final

import psycopg

from assay.probes.database.postgres.errors import ConnectionNotMadeError, InvalidTargetError
from assay.probes.model import Outcome, Phase, Reason

_BY_SQLSTATE: Final = {
    "08": Reason.CONNECTION_LOST,
    "25006": Reason.READ_ONLY,
    "28": Reason.AUTH,
    "3D": Reason.MISSING_DATABASE,
    "42501": Reason.PERMISSION,
    "53300": Reason.TOO_MANY_CONNECTIONS,
    "55P03": Reason.TIMEOUT_QUERY,
    "57014": Reason.TIMEOUT_QUERY,
    "57P01": Reason.SHUTTING_DOWN,
    "57P02": Reason.SHUTTING_DOWN,
    "57P03": Reason.STARTING_UP,
    "57P04": Reason.MISSING_DATABASE,
    "57P05": Reason.CONNECTION_LOST,
    "25P03": Reason.TIMEOUT_QUERY,
    "25P04": Reason.TIMEOUT_QUERY,
}
"""By the whole code, else by its class, the first two characters. `53300` is also a role's or a database's limit."""

_BY_ERRNO: Final = {
    errno.ECONNREFUSED: Reason.REFUSED,
    errno.ENOENT: Reason.REFUSED,
    errno.EHOSTUNREACH: Reason.UNREACHABLE,
    errno.ENETUNREACH: Reason.UNREACHABLE,
    errno.EHOSTDOWN: Reason.UNREACHABLE,
    errno.ENETDOWN: Reason.UNREACHABLE,
    errno.EAGAIN: Reason.UNREACHABLE,
    errno.ETIMEDOUT: Reason.TIMEOUT_CONNECT,
    errno.EACCES: Reason.PERMISSION,
    errno.ECONNRESET: Reason.CONNECTION_LOST,
    errno.EPIPE: Reason.CONNECTION_LOST,
}
"""`ENOENT`: the file of a unix socket is missing, so nothing listens there; `EAGAIN`: its queue is full."""

_OURS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
"""This machine ran out of something: that says nothing about the target."""

_BY_TEXT: Final = (
    ("closed the connection unexpectedly", Reason.CONNECTION_LOST),
    ("connection is lost", Reason.CONNECTION_LOST),
    ("starting up", Reason.STARTING_UP),
    ("not yet accepting connections", Reason.STARTING_UP),
    ("hot standby mode is disabled", Reason.STARTING_UP),
    ("shutting down", Reason.SHUTTING_DOWN),
    ("too many clients", Reason.TOO_MANY_CONNECTIONS),
    ("too many connections", Reason.TOO_MANY_CONNECTIONS),
    ("remaining connection slots are reserved", Reason.TOO_MANY_CONNECTIONS),
    ("no such database", Reason.MISSING_DATABASE),
    ("no more connections allowed", Reason.TOO_MANY_CONNECTIONS),
    ("permission denied for database", Reason.PERMISSION),
    ("session is read-only", Reason.READ_ONLY),
    ("server is in hot standby mode", Reason.READ_ONLY),
    ("server is not in hot standby mode", Reason.UNEXPECTED_RESULT),
    ("session is not read-only", Reason.UNEXPECTED_RESULT),
    ("expected authentication request", Reason.UNEXPECTED_RESULT),
    ("invalid response to SSL negotiation", Reason.UNEXPECTED_RESULT),
)
"""Only where no code is known, behind TLS and for libpq's own errors, or where the code has several meanings."""

_SEVERAL_MEANINGS: Final = frozenset({"08P01", "57P03"})
"""`08P01` is most of what PgBouncer says; `57P03` is a server that starts, or that shuts down."""

_MISSING_DATABASE: Final = ('database "', "does not exist")


def judge_error(error: Exception) -> Outcome | None:
    """What an exception of a probe says about its target; `None`: nothing, the probe broke."""
    match error:
        case InvalidTargetError():
            return Outcome.unknown(str(error), reason=Reason.INVALID_TARGET)
        case ConnectionNotMadeError(reason=Reason.INTERNAL):
            return Outcome.unknown(f"this machine ran out of something: {error}")
        case ConnectionNotMadeError(reason=reason):
            return Outcome.fail(str(error), reason=reason)
        case psycopg.errors.InsufficientPrivilege():
            return Outcome.unknown(_first_line(str(error)), reason=Reason.PERMISSION)  # it may not look
        case psycopg.OperationalError(sqlstate=sqlstate) | psycopg.Error(sqlstate=str(sqlstate)):
            return Outcome.fail(_first_line(str(error)), reason=reason_of(str(error), Phase.QUERY, sqlstate))
        case _:
            return None


def reason_of(text: str, phase: Phase, sqlstate: str | None) -> Reason:
    """Why it ended, from what libpq or the server said; `INTERNAL` where this machine is to blame."""
    by_text = _by_text(text)
    if sqlstate is not None and not (sqlstate in _SEVERAL_MEANINGS and by_text):
        return _BY_SQLSTATE.get(sqlstate) or _BY_SQLSTATE.get(sqlstate[:2]) or Reason.QUERY_ERROR
    number = _errno_in(text)
    if number is not None:
        return _BY_ERRNO.get(number, Reason.INTERNAL)
    return by_text or _BY_PHASE[phase]


_BY_PHASE: Final = {
    Phase.DNS: Reason.DNS,
    Phase.CONNECT: Reason.UNREACHABLE,
    Phase.TLS: Reason.TLS,
    Phase.AUTH: Reason.AUTH,
    Phase.QUERY: Reason.CONNECTION_LOST,
}


def _by_text(text: str) -> Reason | None:
    if all(part in text for part in _MISSING_DATABASE):
        return Reason.MISSING_DATABASE
    return next((reason for part, reason in _BY_TEXT if part in text), None)


def _errno_in(text: str) -> int | None:
    """The error number whose description ends the first line, as libpq writes `... failed: Connection refused`."""
    line = _first_line(text)
    return next((number for number in (*_BY_ERRNO, *_OURS) if line.endswith(os.strerror(number))), None)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()
