"""Events on their way: each is a line of the log, and a record where there is a store.

`post` never keeps the caller waiting: a probe's rhythm must not depend on whether the store answers.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from assay.audit.errors import AuditError
from assay.audit.model import Severity
from assay.monitor.logs import logger

if TYPE_CHECKING:
    from datetime import datetime

    from assay.audit.events import Event
    from assay.audit.recorder import Recorder
    from assay.core.clock import Clock

_LOG: Final = logger("assay.events")
_RESERVED: Final = {"event": "what", "level": "its_level", "timestamp": "its_timestamp"}


class Journal:
    """Takes the events of the process. Without a recorder (no store is configured) the log is all there is."""

    def __init__(self, recorder: Recorder | None, *, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def post(self, event: Event) -> None:
        """Something happened now. Events are recorded in the order in which they were posted."""
        self._say(event)
        if self._recorder is not None:
            task = asyncio.create_task(self._record(self._recorder, event, self._clock.now()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settle(self, seconds: float) -> bool:
        """Wait until what was posted is committed or waits in the outbox, `seconds` at most; whether it is."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=seconds)
        return not self._tasks

    async def _record(self, recorder: Recorder, event: Event, timestamp: datetime) -> None:
        try:
            await recorder.record(event, timestamp=timestamp)
        except AuditError as error:
            _LOG.error("event_not_recorded", event_type=event.event_type, detail=str(error))

    def _say(self, event: Event) -> None:
        facts = {_RESERVED.get(name, name): value for name, value in asdict(event).items()}
        say = {Severity.DEBUG: _LOG.debug, Severity.INFO: _LOG.info, Severity.WARNING: _LOG.warning}.get(
            event.severity, _LOG.error
        )
        say(event.event_type, **facts)
