"""What can go wrong between a probe and a PostgreSQL server, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.probes.model import Phase, Reason


class PostgresProbeError(Exception):
    """The base of this package's errors."""


class InvalidTargetError(PostgresProbeError):
    """The target's address or table cannot be used as it is written.

    Says which part and what it may be; holds no secret.
    """


class ConnectionNotMadeError(PostgresProbeError):
    """No session could be opened.

    `phase` is where it ended; `Reason.INTERNAL` says that it was this machine's fault.
    """

    def __init__(self, message: str, *, reason: Reason, phase: Phase) -> None:
        super().__init__(message)
        self.reason = reason
        self.phase = phase
