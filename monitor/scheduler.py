"""What runs by the clock: APScheduler, set so that late is merged, overlap is counted, and start times are spread.

How long after the start a job first runs follows from its name alone, so that ten thousand targets do not start in
the same millisecond, nor in another order after a restart. Every replica runs every job: each is safe to do twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, EVENT_JOB_SUBMITTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from apscheduler.events import JobExecutionEvent, JobSubmissionEvent

    from assay.monitor.metrics import Metrics

_ALMOST: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something to run every `interval_seconds`, first at the start (`at_once`) or at the job's own offset from it."""

    name: str
    interval_seconds: float
    run: Callable[[], Awaitable[None]]
    at_once: bool = False


def phase_offset(name: str, interval_seconds: float) -> float:
    """Seconds from the start to a job's first run: always the same for a name, evenly spread over names."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 * interval_seconds


class Scheduler:
    """Runs jobs on the event loop that `start` is called on."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._due: dict[str, datetime] = {}
        self._intervals: dict[str, float] = {}
        self._stopping = False
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
        self._scheduler.add_listener(self._submitted, EVENT_JOB_SUBMITTED)
        self._scheduler.add_listener(self._overlapped, EVENT_JOB_MAX_INSTANCES)
        self._scheduler.add_listener(self._missed, EVENT_JOB_MISSED)

    def add(self, job: Job) -> None:
        """Schedule a job; its name is its key.

        A run that cannot begin within its interval is left out: the next one is due by then.
        """

        async def run() -> None:
            due = self._due.get(job.name)
            if due is not None:
                self._metrics.job_began((datetime.now(UTC) - due).total_seconds())
            try:
                await job.run()
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
                # else it is what `stop` wants: APScheduler would log it as a failure, with a traceback

        offset = 0.0 if job.at_once else phase_offset(job.name, job.interval_seconds)
        self._intervals[job.name] = job.interval_seconds
        self._scheduler.add_job(
            run,
            IntervalTrigger(seconds=job.interval_seconds, timezone=UTC),
            id=job.name,
            name=job.name,
            next_run_time=datetime.now(UTC) + timedelta(seconds=offset),
            misfire_grace_time=max(1, math.ceil(job.interval_seconds)),
        )

    def start(self) -> None:
        """Begin; due jobs start with the next turn of the loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more and cancel what runs."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _submitted(self, event: JobSubmissionEvent) -> None:
        due: datetime = event.scheduled_run_times[-1]
        self._count_merged(event.job_id, due)
        self._due[event.job_id] = due

    def _overlapped(self, event: JobSubmissionEvent) -> None:
        self._metrics.job_skipped("overlap")
        self._count_merged(event.job_id, event.scheduled_run_times[-1])
        self._due[event.job_id] = event.scheduled_run_times[-1]

    def _missed(self, _event: JobExecutionEvent) -> None:
        self._metrics.job_skipped("misfire")

    def _count_merged(self, name: str, due: datetime) -> None:
        """Runs that were due in between and were merged into this one: the scheduler itself does not tell."""
        before = self._due.get(name)
        if before is None:
            return
        times = int((due - before).total_seconds() / self._intervals[name] + _ALMOST) - 1
        if times > 0:
            self._metrics.job_skipped("misfire", times)
