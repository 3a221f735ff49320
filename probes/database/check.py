"""Runs every probe of a target, one after the other, on one session of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from psycopg import pq

from assay.core.clock import SystemClock
from assay.probes.database.guard import guarded
from assay.probes.database.postgres.classify import judge_error
from assay.probes.database.postgres.connection import close_session, open_session
from assay.probes.database.postgres.session import PostgresSession
from assay.probes.database.resolver import SHARED
from assay.probes.model import Phase, ProbeResult, Reason, Status
from assay.probes.registry import probes_for
from assay.probes.runner import run_probe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import AsyncConnection

    from assay.core.clock import Clock
    from assay.probes.database.guard import SocketGuard
    from assay.probes.database.resolver import Resolver
    from assay.probes.model import Outcome, Probe, Target
    from assay.probes.runner import Run

_SYSTEM_CLOCK: Final = SystemClock()


async def check_target(
    target: Target,
    *,
    write: bool = False,
    clock: Clock = _SYSTEM_CLOCK,
    resolver: Resolver = SHARED,
    within_seconds: float = math.inf,
) -> tuple[ProbeResult, ...]:
    """One result for each probe of `target`, in the registry's order, each within `target.timeout_seconds`.

    `within_seconds` is the most that all of them together may take.

    The first probe opens the session and says why where that is not possible. A probe that finds no session any more,
    because an earlier one could not open it or lost it, is unknown with `Reason.NOT_RUN`. The session is ended before
    this returns, also when the caller is cancelled.

    A target is to be checked by one caller at a time: each check is one connection, and a server in trouble must not
    collect them.
    """
    check = _Check(target, resolver)
    results: list[ProbeResult] = []
    ends = clock.monotonic() + within_seconds
    try:
        for probe in probes_for(target, write=write):
            left = ends - clock.monotonic() if results else within_seconds
            seconds = max(0.0, min(target.timeout_seconds, left))
            if results and not check.has_session:
                results.append(_not_run(target, probe, results, clock))
            else:
                results.append(await check.run(probe, clock, seconds))
    finally:
        check.close()
    return tuple(results)


class _Check:
    """The one session of a check, opened by its first probe."""

    def __init__(self, target: Target, resolver: Resolver) -> None:
        self._target = target
        self._resolver = resolver
        self._connection: AsyncConnection | None = None
        self._guard: SocketGuard | None = None

    @property
    def has_session(self) -> bool:
        """Whether another probe can start on it: its socket was not shut, and no transaction was left behind."""
        if self._connection is None or (self._guard is not None and self._guard.fired):
            return False
        return self._connection.pgconn.transaction_status == pq.TransactionStatus.IDLE

    async def run(self, probe: Probe[PostgresSession], clock: Clock, timeout_seconds: float) -> ProbeResult:
        """Run `probe` on the session, which is opened where there is none, with its socket guarded."""

        async def evaluate(run: Run) -> Outcome:
            connection = self._connection or await self._open(run)
            run.enter(Phase.QUERY)
            with guarded(connection.pgconn.socket, deadline=run.deadline) as guard, run.stopped_by(guard.fire):
                self._guard = guard
                return await probe.evaluate(PostgresSession(connection=connection, target=self._target, run=run))

        return await run_probe(
            target=self._target,
            probe=probe.name,
            evaluate=evaluate,
            judge_error=judge_error,
            clock=clock,
            timeout_seconds=timeout_seconds,
        )

    async def _open(self, run: Run) -> AsyncConnection:
        self._connection = await open_session(self._target.url, run, self._resolver)
        return self._connection

    def close(self) -> None:
        """End the session, if there is one; an abandoned probe that still holds it keeps no socket."""
        if self._guard is not None:
            self._guard.close()
        if self._connection is not None:
            close_session(self._connection)


def _not_run(
    target: Target, probe: Probe[PostgresSession], results: Sequence[ProbeResult], clock: Clock
) -> ProbeResult:
    cause = next(result for result in reversed(results) if result.reason is not Reason.NOT_RUN)
    return ProbeResult(
        target=target.name,
        probe=probe.name,
        status=Status.UNKNOWN,
        reason=Reason.NOT_RUN,
        message=f"not run: {cause.probe} left no session ({cause.reason or cause.status})",
        started_at=clock.now(),
        duration_seconds=0.0,
        timeout_seconds=target.timeout_seconds,
    )
