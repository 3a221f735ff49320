"""What the driver's errors mean for records: "now not" (`StoreUnavailable`) or "never" (`StoreRejected`)."""

from __future__ import annotations

from typing import Final

import psycopg
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assay.audit.errors import AuditError, StoreRejected, StoreUnavailable, UnavailableReason
from assay.core.redact import mask_secrets

_BY_STATE: Final = {
    "57P01": UnavailableReason.SHUTTING_DOWN,
    "57P02": UnavailableReason.SHUTTING_DOWN,
    "57P03": UnavailableReason.STARTING_UP,
    "57P04": UnavailableReason.MISSING_DATABASE,
    "57P05": UnavailableReason.CONNECTION_LOST,
    "57014": UnavailableReason.TIMEOUT,
    "53300": UnavailableReason.TOO_MANY_CONNECTIONS,
    "25006": UnavailableReason.READ_ONLY,
    "25P03": UnavailableReason.CONNECTION_LOST,
    "3D000": UnavailableReason.MISSING_DATABASE,
    "3F000": UnavailableReason.SCHEMA,
    "42P01": UnavailableReason.SCHEMA,
    "42703": UnavailableReason.SCHEMA,
    "42883": UnavailableReason.SCHEMA,
    "42501": UnavailableReason.PERMISSION,
    "55P03": UnavailableReason.LOCKED,
}
_BY_CLASS: Final = {
    "08": UnavailableReason.CONNECTION_LOST,
    "28": UnavailableReason.AUTH,
    "40": UnavailableReason.LOCKED,
    "53": UnavailableReason.FULL,
    "58": UnavailableReason.SERVER_ERROR,
    "XX": UnavailableReason.SERVER_ERROR,
}
_CHECK_VIOLATION: Final = "23514"


def translate(error: StatementError | PoolTimeout | psycopg.Error) -> AuditError:
    """The error of this package that says what the driver's error means."""
    if isinstance(error, PoolTimeout):
        return StoreUnavailable(UnavailableReason.TIMEOUT, "no connection of the pool became free in time")
    original = error.orig if isinstance(error, StatementError) else error
    message = _text(original)
    if not isinstance(original, psycopg.Error):
        return StoreRejected("HY000", message)
    state = original.sqlstate
    if state is None:
        return _without_state(original, message)
    if state == _CHECK_VIOLATION and original.diag.constraint_name is None:
        return StoreUnavailable(
            UnavailableReason.PARTITION_MISSING, f"{message}; run `assay db upgrade` to make partitions"
        )
    reason = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    return StoreUnavailable(reason, message) if reason else StoreRejected(state, message)


def _without_state(error: psycopg.Error, message: str) -> AuditError:
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return StoreUnavailable(UnavailableReason.TIMEOUT, message)
    if not isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return StoreRejected("HY000", message)
    told = str(error)
    for words, reason in (
        ("refused", UnavailableReason.REFUSED),
        ("resolve host", UnavailableReason.DNS),
        ("getaddrinfo", UnavailableReason.DNS),
        ("could not translate host name", UnavailableReason.DNS),
        ("No such file or directory", UnavailableReason.REFUSED),
        ("password authentication failed", UnavailableReason.AUTH),
        ("no password supplied", UnavailableReason.AUTH),
        ("no pg_hba.conf entry", UnavailableReason.AUTH),
        ("does not exist", UnavailableReason.MISSING_DATABASE),
        ("starting up", UnavailableReason.STARTING_UP),
        ("shutting down", UnavailableReason.SHUTTING_DOWN),
        ("too many clients", UnavailableReason.TOO_MANY_CONNECTIONS),
        ("remaining connection slots", UnavailableReason.TOO_MANY_CONNECTIONS),
        ("timeout expired", UnavailableReason.TIMEOUT),
    ):
        if words in told:
            return StoreUnavailable(reason, message)
    return StoreUnavailable(UnavailableReason.CONNECTION_LOST, message)


def _text(error: BaseException | None) -> str:
    """One line: the server's own message where there is one, never the statement or its parameters."""
    told = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    lines = (told or str(error)).strip().splitlines()
    return mask_secrets(" ".join(line.strip() for line in lines[:3]) if lines else type(error).__name__)
