"""What can go wrong with the records: one root, and the one question that matters, "now not" or "never"."""

from __future__ import annotations

from enum import StrEnum


class AuditError(Exception):
    """The root of every error of this package. Its text is fit for people and holds no secret."""


class UnavailableReason(StrEnum):
    """Why the store cannot take or give anything at the moment: a closed list, fit to be a metric label."""

    REFUSED = "refused"
    DNS = "dns"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    AUTH = "auth"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    STARTING_UP = "starting_up"
    SHUTTING_DOWN = "shutting_down"
    MISSING_DATABASE = "missing_database"
    READ_ONLY = "read_only"
    FULL = "full"
    LOCKED = "locked"
    PERMISSION = "permission"
    SCHEMA = "schema"
    PARTITION_MISSING = "partition_missing"
    SERVER_ERROR = "server_error"
    UNSUPPORTED_SERVER = "unsupported_server"


class StoreUnavailable(AuditError):  # noqa: N818 - named for what is true of the store, as its callers speak of it
    """The store cannot do it now, and may later: it is away, frozen, full, read-only, locked, or has no schema.

    `reason` is fit for a label or an HTTP answer; the text is for people and may name the host.
    """

    def __init__(self, reason: UnavailableReason, message: str) -> None:
        super().__init__(f"the store is unavailable ({reason}): {message}")
        self.reason = reason


class StoreRejected(AuditError):  # noqa: N818 - as above
    """The store answered that it will never take this: the statement or the row is wrong. `sqlstate` says how."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(f"the store rejected the statement ({sqlstate}): {message}")
        self.sqlstate = sqlstate


class InvalidStoreUrl(AuditError):  # noqa: N818 - as above
    """The address of the store cannot be parsed. Its text shows the address without anything that may be a password."""


class UnsupportedServer(StoreUnavailable):
    """The server is older than the oldest version that Assay supports."""

    def __init__(self, message: str) -> None:
        super().__init__(UnavailableReason.UNSUPPORTED_SERVER, message)


class InvalidQuery(AuditError):  # noqa: N818 - as above
    """A filter, limit or cursor that cannot be: the caller's mistake. Its text says which and what it may be."""


class InvalidScan(AuditError):  # noqa: N818 - as above
    """A scan document that is not one, or is too large. Its text says what is wrong with it."""


class TokenNameTaken(AuditError):  # noqa: N818 - as above
    """An active token has this name."""


class MigrationLocked(AuditError):  # noqa: N818 - as above
    """Another session migrates, or holds what the migration needs. Its text names that session."""


class UnknownRevision(AuditError):  # noqa: N818 - as above
    """No revision of this build has that name."""
