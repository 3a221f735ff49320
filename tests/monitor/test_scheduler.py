"""Jobs run by the clock: spread, never twice at once, and what does not run is counted."""

from __future__ import annotations

import asyncio
import statistics
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from assay.monitor.metrics import Metrics
from assay.monitor.readiness import ReadinessRules
from assay.monitor.scheduler import Job, Scheduler, phase_offset
from assay.monitor.snapshot import Board, Snapshot
from tests.monitor.clocks import HandClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_SOON = 20.0


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(board=Board(Snapshot()), rules=ReadinessRules(interval_seconds=1), clock=HandClock(), counts=None)


@pytest_asyncio.fixture
async def scheduler(metrics: Metrics) -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(metrics)
    yield scheduler
    scheduler.stop()
    await asyncio.sleep(0)


def _value(metrics: Metrics, name: str, **labels: str) -> float:
    value = metrics.registry.get_sample_value(name, labels)
    assert value is not None
    return value


class _Count:
    """A job that counts its runs and can be waited for."""

    def __init__(self) -> None:
        self.runs = 0
        self._changed = asyncio.Condition()

    async def __call__(self) -> None:
        async with self._changed:
            self.runs += 1
            self._changed.notify_all()

    async def reaches(self, runs: int) -> None:
        async with asyncio.timeout(_SOON), self._changed:
            await self._changed.wait_for(lambda: self.runs >= runs)


async def test_a_job_runs_again_and_again_and_its_lateness_is_measured(scheduler: Scheduler, metrics: Metrics) -> None:
    job = _Count()
    scheduler.add(Job(name="probe:database", interval_seconds=0.05, run=job, at_once=True))
    scheduler.start()
    await job.reaches(3)
    assert _value(metrics, "assay_scheduler_lateness_seconds_count") >= 3


async def test_a_job_at_once_does_not_wait_for_its_offset(scheduler: Scheduler) -> None:
    job = _Count()
    scheduler.add(Job(name="probe:database", interval_seconds=3600, run=job, at_once=True))
    scheduler.start()
    await job.reaches(1)


async def test_a_run_that_is_still_going_is_not_joined_by_another_and_the_overlap_is_counted(
    scheduler: Scheduler, metrics: Metrics
) -> None:
    running, together = 0, 0
    release = asyncio.Event()

    async def slow() -> None:
        nonlocal running, together
        running += 1
        together = max(together, running)
        await release.wait()
        running -= 1

    ticks = _Count()
    scheduler.add(Job(name="slow", interval_seconds=0.05, run=slow, at_once=True))
    scheduler.add(Job(name="tick", interval_seconds=0.05, run=ticks, at_once=True))
    scheduler.start()
    await ticks.reaches(5)
    release.set()
    assert together == 1
    assert _value(metrics, "assay_scheduler_skipped_total", reason="overlap") >= 2


async def test_runs_that_a_busy_process_missed_are_merged_into_one_and_counted(
    scheduler: Scheduler, metrics: Metrics
) -> None:
    job, ticks = _Count(), _Count()
    blocked = False

    async def block_once() -> None:
        nonlocal blocked
        if not blocked and ticks.runs:
            blocked = True
            _busy(0.4)

    scheduler.add(Job(name="tick", interval_seconds=0.05, run=ticks, at_once=True))
    scheduler.add(Job(name="block", interval_seconds=0.05, run=block_once, at_once=True))
    scheduler.add(Job(name="job", interval_seconds=0.05, run=job, at_once=True))
    scheduler.start()
    await ticks.reaches(8)
    assert _value(metrics, "assay_scheduler_skipped_total", reason="misfire") >= 3


def _busy(seconds: float) -> None:
    """Hold the event loop, as a blocking call would."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        pass


async def test_a_job_that_raises_runs_again(scheduler: Scheduler) -> None:
    job = _Count()

    async def raises() -> None:
        await job()
        raise RuntimeError("on purpose")

    scheduler.add(Job(name="raises", interval_seconds=0.05, run=raises, at_once=True))
    scheduler.start()
    await job.reaches(2)


async def test_stopping_cancels_what_runs_and_that_is_no_failure(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def endless() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    scheduler.add(Job(name="endless", interval_seconds=3600, run=endless, at_once=True))
    scheduler.start()
    async with asyncio.timeout(_SOON):
        await started.wait()
        scheduler.stop()
        await cancelled.wait()
    await asyncio.sleep(0)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_offsets_are_spread_evenly_and_the_same_every_time() -> None:
    offsets = [phase_offset(f"probe:target-{number}", 10) for number in range(10_000)]
    assert offsets == [phase_offset(f"probe:target-{number}", 10) for number in range(10_000)]
    assert min(offsets) >= 0
    assert max(offsets) < 10
    in_each_tenth = [sum(1 for offset in offsets if int(offset * 10) == tenth) for tenth in range(100)]
    assert max(in_each_tenth) < 2 * statistics.mean(in_each_tenth)
