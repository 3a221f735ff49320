"""The life of the service: start, serve, drain, stop.

It serves from the first moment, also while its database is away: `/livez` says 200, `/readyz` says why not. Told to
stop, it says 503 on `/readyz` at once, goes on serving for the drain, finishes what it is answering, and leaves its
last records within bounds, whatever the store does.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay import __version__
from assay.audit.errors import AuditError
from assay.audit.events import ServiceDraining, ServiceStarted, ServiceStopped
from assay.monitor.logs import logger
from assay.monitor.scheduler import Job

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from assay.audit.recorder import Recorder
    from assay.audit.store import Store
    from assay.core.clock import Clock
    from assay.monitor.housekeeping import Housekeeping, Pulse
    from assay.monitor.journal import Journal
    from assay.monitor.probing import Prober
    from assay.monitor.scanning import Scans
    from assay.monitor.scheduler import Scheduler
    from assay.monitor.server import HttpServer
    from assay.monitor.snapshot import Board
    from assay.probes.model import Target

_LOG: Final = logger("assay.service")
_TICK_SECONDS: Final = 2.0
_HISTORY_SECONDS: Final = 15.0
_SCANS_SECONDS: Final = 60.0
_PARTITIONS_SECONDS: Final = 600.0
_LAST_RECORDS_SECONDS: Final = 3.0
_PAUSE_SECONDS: Final = 1.0
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How the service keeps time. `drain_on_interrupt_seconds` is the drain after Ctrl-C."""

    schema_interval_seconds: float
    scan_interval_seconds: float
    drain_seconds: float
    drain_on_interrupt_seconds: float


@dataclass(frozen=True, kw_only=True)
class Machinery:
    """What the service consists of. Where no store is configured, `store`, `recorder` and `housekeeping` are absent."""

    environment: str
    targets: Sequence[Target]
    own: Sequence[str]
    board: Board
    journal: Journal
    prober: Prober
    scans: Scans
    scans_scheduled: bool
    scheduler: Scheduler
    pulse: Pulse
    store: Store | None
    recorder: Recorder | None
    housekeeping: Housekeeping | None
    rhythm: Rhythm
    clock: Clock


class Service:
    """One process. `run` returns when it has stopped."""

    def __init__(self, machinery: Machinery) -> None:
        self._m = machinery
        self._began = machinery.clock.monotonic()
        self._stop = asyncio.Event()
        self._cause = "request"
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self, servers: Sequence[HttpServer], *, serving: Callable[[], None] = lambda: None) -> None:
        """Serve until a signal says stop. `serving` is called once requests are answered."""
        self._take_signals()
        for server in servers:
            server.start()
        self._start_work()
        event = ServiceStarted(version=__version__, environment=self._m.environment, targets=len(self._m.targets))
        self._m.journal.post(event)
        serving()
        await self._stop.wait()
        await self._drain()
        for server in servers:
            await server.stop()
        await self._finish()

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)

    def _signalled(self, number: signal.Signals) -> None:
        """The first signal stops in good order, the second at once: the kernel takes back what we hold."""
        if self._stop.is_set():
            os._exit(128 + number)
        self._cause = number.name
        self._m.board.drain()
        self._stop.set()

    def _start_work(self) -> None:
        if self._m.recorder is not None:
            self._tasks.append(asyncio.create_task(_keep_recording(self._m.recorder)))
        for job in self._jobs():
            self._m.scheduler.add(job)
        self._m.scheduler.start()
        self._tasks.append(asyncio.create_task(self._first_looks()))

    def _jobs(self) -> list[Job]:
        jobs = [Job(name="pulse", interval_seconds=_TICK_SECONDS, run=self._m.pulse.beat, at_once=True)]
        jobs += [
            Job(name=f"probe:{target.name}", interval_seconds=target.interval_seconds, run=self._probing(target.name))
            for target in self._m.targets
        ]
        if self._m.scans_scheduled:
            interval = self._m.rhythm.scan_interval_seconds
            jobs.append(Job(name="scan", interval_seconds=interval, run=self._m.scans.run_scheduled, at_once=True))
        keep = self._m.housekeeping
        if keep is not None:
            schema = self._m.rhythm.schema_interval_seconds
            jobs += [
                Job(name="schema", interval_seconds=schema, run=keep.look_at_schema),
                Job(name="history", interval_seconds=_HISTORY_SECONDS, run=keep.store_history),
                Job(name="scans", interval_seconds=_SCANS_SECONDS, run=keep.refresh_scans, at_once=True),
                Job(name="partitions", interval_seconds=_PARTITIONS_SECONDS, run=keep.make_partitions, at_once=True),
            ]
        return jobs

    def _probing(self, name: str) -> Callable[[], Awaitable[None]]:
        async def probe() -> None:
            await self._m.prober.run(name)
            self._m.pulse.look()

        return probe

    async def _first_looks(self) -> None:
        """The start is over when the own databases and the schema were looked at once, however that ended."""
        looks: list[Awaitable[object]] = [self._m.prober.run(name) for name in self._m.own]
        if self._m.housekeeping is not None:
            looks.append(self._m.housekeeping.look_at_schema())
        for failure in await asyncio.gather(*looks, return_exceptions=True):
            if isinstance(failure, Exception):
                _LOG.error("first_look_failed", error=type(failure).__name__, exc_info=failure)
        self._m.board.start_is_over()
        self._m.pulse.look()

    async def _drain(self) -> None:
        rhythm = self._m.rhythm
        seconds = rhythm.drain_on_interrupt_seconds if self._cause == "SIGINT" else rhythm.drain_seconds
        self._m.journal.post(ServiceDraining(cause=self._cause, grace_seconds=seconds))
        self._m.pulse.look()
        await asyncio.sleep(seconds)

    async def _finish(self) -> None:
        self._m.scheduler.stop()
        clean = await self._leave_records()
        uptime = round(self._m.clock.monotonic() - self._began, 3)
        self._m.journal.post(ServiceStopped(uptime_seconds=uptime, clean=clean))
        await self._m.journal.settle(_LAST_RECORDS_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._m.recorder is not None and self._m.recorder.counts.spooled:
            _LOG.error("records_lost", count=self._m.recorder.counts.spooled)
        await self.close()

    async def close(self) -> None:
        """Give back the connections to the store."""
        if self._m.store is not None:
            await _within(_LAST_RECORDS_SECONDS, self._m.store.close())

    async def _leave_records(self) -> bool:
        """Store what waits; whether all of it is stored."""
        settled = await self._m.journal.settle(_LAST_RECORDS_SECONDS)
        if self._m.recorder is None or self._m.housekeeping is None:
            return settled
        stored = await _within(_LAST_RECORDS_SECONDS, self._m.housekeeping.store_history())
        flushed = await _within(_LAST_RECORDS_SECONDS, self._m.recorder.flush())
        return settled and stored and flushed and not self._m.recorder.counts.spooled


async def _keep_recording(recorder: Recorder) -> None:
    """The recorder's own task; a defect in it must not end the recording."""
    while True:
        try:
            await recorder.run()
        except AuditError as error:
            _LOG.warning("recording_held_up", detail=str(error))
        except Exception:  # noqa: BLE001 - the boundary of a task that nobody awaits: the log knows, the service goes on
            _LOG.exception("recording_failed")
        await asyncio.sleep(_PAUSE_SECONDS)


async def _within(seconds: float, work: Awaitable[object]) -> bool:
    """Whether the work ended in time, and without an error of the store."""
    with suppress(TimeoutError, AuditError):
        async with asyncio.timeout(seconds):
            await work
            return True
    return False
