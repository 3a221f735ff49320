"""Runs the probes of the targets, judges what they found, and tells everybody who has to know.

A target's change of state is an event. So is the first bad result (fail or unknown) of a probe after a good one, and
each bad result whose status or reason differs from the one before; repetitions of the same are counted by the metrics
and kept in the rollups, not told again. A probe that was not run because an earlier one of the same round left no
session is no event.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from assay.audit.events import ProbeFailed, TargetStateChanged
from assay.audit.model import StateChange, TargetState
from assay.core.ids import uuid7
from assay.monitor.judgement import Hysteresis, Judgement, judge, sum_up
from assay.monitor.logs import bound
from assay.monitor.snapshot import DatabaseView
from assay.probes.database.check import check_target
from assay.probes.model import Reason, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from assay.core.clock import Clock
    from assay.monitor.history import History
    from assay.monitor.journal import Journal
    from assay.monitor.judgement import Change, Round
    from assay.monitor.metrics import Metrics
    from assay.monitor.snapshot import Board
    from assay.probes.model import ProbeResult, Target

_AT_ONCE: Final = 100
"""How many monitored targets are probed at the same time; the service's own databases never wait for them."""
_BAD: Final = frozenset({Status.FAIL, Status.UNKNOWN})


class UnknownTargetError(Exception):
    """No target has this name."""


@dataclass(frozen=True, kw_only=True)
class TargetView:
    """A target as it stands: its state since `changed_at`, and the results of its last round."""

    target: Target
    state: TargetState | None = None
    changed_at: datetime | None = None
    results: tuple[ProbeResult, ...] = ()


class Prober:
    """One per process. A target is never probed twice at the same time, whoever asks."""

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        hysteresis: Hysteresis,
        board: Board,
        metrics: Metrics,
        journal: Journal,
        history: History,
        clock: Clock,
    ) -> None:
        self._hysteresis = hysteresis
        self._board = board
        self._metrics = metrics
        self._journal = journal
        self._history = history
        self._clock = clock
        self._views = {target.name: TargetView(target=target) for target in targets}
        self._held = {target.name: Judgement() for target in targets}
        self._locks = {target.name: asyncio.Lock() for target in targets}
        self._room = asyncio.Semaphore(_AT_ONCE)

    def views(self) -> tuple[TargetView, ...]:
        """Every target, in the order of the configuration."""
        return tuple(self._views.values())

    def view(self, name: str) -> TargetView:
        """One target.

        Raises:
            UnknownTargetError: there is none of that name.
        """
        if name not in self._views:
            raise UnknownTargetError(name)
        return self._views[name]

    async def run(self, name: str) -> TargetView:
        """Probe a target now, or right after the run that is going on; the result is how it stands then.

        Raises:
            UnknownTargetError: there is none of that name.
        """
        target = self.view(name).target
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._locks[name])
            if self._board.database(name) is None:
                await stack.enter_async_context(self._room)
            with bound(run_id=str(uuid7())):
                results = await check_target(target, write=target.write_table is not None, clock=self._clock)
                return self._take(target, results)

    def _take(self, target: Target, results: tuple[ProbeResult, ...]) -> TargetView:
        before = self._views[target.name]
        seen = sum_up(results)
        self._held[target.name], change = judge(self._held[target.name], seen, self._hysteresis)
        state = self._held[target.name].state
        view = replace(before, state=state, results=results)
        if change is not None:
            view = replace(view, changed_at=self._clock.now())
        self._views[target.name] = view
        self._show(target, seen, view)
        self._tell_bad_results(before.results, results)
        if change is not None:
            self._tell_change(target, change, results)
        return view

    def _show(self, target: Target, seen: Round, view: TargetView) -> None:
        for result in view.results:
            self._metrics.saw(target, result)
            self._history.add(result)
        if view.state is not None:
            self._metrics.set_state(target.name, view.state)
        known = self._board.database(target.name)
        if known is not None:
            self._board.set_database(_database_view(known, seen, view.state, self._clock.monotonic()))

    def _tell_bad_results(self, before: tuple[ProbeResult, ...], results: tuple[ProbeResult, ...]) -> None:
        known = {result.probe: (result.status, result.reason) for result in before}
        for result in results:
            is_news = known.get(result.probe) != (result.status, result.reason)
            if result.status in _BAD and result.reason is not Reason.NOT_RUN and is_news:
                self._journal.post(_failed(result))

    def _tell_change(self, target: Target, change: Change, results: tuple[ProbeResult, ...]) -> None:
        message = next((result.message for result in results if result.probe == change.probe), "")
        event = TargetStateChanged(
            target=target.name,
            from_state=change.previous,
            to_state=change.state,
            probe=change.probe,
            reason=change.reason,
            message=message,
        )
        self._journal.post(event)
        self._history.changed(
            StateChange(
                target=target.name,
                from_state=change.previous,
                to_state=change.state,
                timestamp=self._clock.now(),
                probe=change.probe,
                reason=change.reason,
                message=message,
            )
        )


def _database_view(known: DatabaseView, seen: Round, state: TargetState | None, now: float) -> DatabaseView:
    in_trouble = seen.status is Status.FAIL or state is TargetState.DOWN
    return DatabaseView(
        name=known.name,
        state=state,
        reason=seen.reason or (known.reason if in_trouble else None),
        checked_at=now,
        failing_since=(known.failing_since or now) if in_trouble else None,
        was_good=known.was_good or state in {TargetState.UP, TargetState.DEGRADED},
    )


def _failed(result: ProbeResult) -> ProbeFailed:
    return ProbeFailed(
        target=result.target,
        probe=result.probe,
        status=result.status,
        reason=result.reason,
        message=result.message,
        duration_seconds=round(result.duration_seconds, 6),
        timeout_seconds=result.timeout_seconds,
    )
