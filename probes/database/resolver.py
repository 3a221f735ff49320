"""Host names are resolved in threads of our own, a bounded number of them.

`loop.getaddrinfo` runs in the event loop's default executor: six look-ups that hang were seen to stop every other use
of it for 5 s and the exit of the interpreter for 20 s. Here the threads are daemons, callers that ask for the same name
share one look-up, and a look-up that hangs is written off after `stuck_seconds`, so that it keeps its place from
nobody.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Lookup = Callable[[str], tuple[str, ...]]


def system_lookup(host: str) -> tuple[str, ...]:
    """The addresses of `host` in the system's order, without repetition.

    Raises:
        OSError: there are none, or the resolver answered with an error.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_address(host: str) -> bool:
    """Whether `host` is an IP address, with or without a zone, and needs no look-up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Job:
    """One look-up and all who wait for it."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.waiting: list[Future[tuple[str, ...]]] = []
        self.started: float | None = None

    def wanted(self) -> bool:
        return not all(future.cancelled() for future in self.waiting)

    def stuck(self, seconds: float) -> bool:
        return self.started is not None and time.monotonic() - self.started >= seconds


class Resolver:
    """Resolves at most `workers` names at a time, and never has more than `4 * workers` threads."""

    def __init__(self, *, lookup: Lookup = system_lookup, workers: int = 16, stuck_seconds: float = 10.0) -> None:
        self._lookup = lookup
        self._workers = workers
        self._stuck_seconds = stuck_seconds
        self._lock = threading.Lock()
        self._queue: deque[_Job] = deque()
        self._running: list[_Job] = []

    async def resolve(self, host: str) -> tuple[str, ...]:
        """The addresses of `host`; how long to wait is the caller's affair, who may be cancelled at any time.

        Raises:
            OSError: the resolver answered that there are none.
        """
        future: Future[tuple[str, ...]] = Future()
        with self._lock:
            self._job_for(host).waiting.append(future)
            while (job := self._next()) is not None:
                threading.Thread(target=self._work, args=(job,), name="assay-dns", daemon=True).start()
        return await asyncio.wrap_future(future)

    def _job_for(self, host: str) -> _Job:
        for job in (*self._running, *self._queue):
            if job.host == host and not job.stuck(self._stuck_seconds):
                return job
        job = _Job(host)
        self._queue.append(job)
        return job

    def _may_start(self) -> bool:
        working = sum(not job.stuck(self._stuck_seconds) for job in self._running)
        return working < self._workers and len(self._running) < 4 * self._workers

    def _work(self, job: _Job) -> None:
        following: _Job | None = job
        while following is not None:
            answer = self._answer(following.host)
            following = self._finish(following, answer)

    def _answer(self, host: str) -> tuple[str, ...] | OSError:
        try:
            return self._lookup(host)
        except OSError as error:
            return error
        except ValueError as error:  # a label that IDNA refuses, such as an empty or overlong one
            return OSError(f"not a valid host name: {error}")

    def _finish(self, job: _Job, answer: tuple[str, ...] | OSError) -> _Job | None:
        """Tell everybody who still waits; the next job for this thread, if there is one."""
        with self._lock:
            self._running.remove(job)
            waiting, following = job.waiting, self._next()
        for future in waiting:
            if future.set_running_or_notify_cancel():
                if isinstance(answer, OSError):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        return following

    def _next(self) -> _Job | None:
        """The next job that somebody still waits for, marked as running; `None` while there is no place for it."""
        while self._queue and self._may_start():
            job = self._queue.popleft()
            if job.wanted():
                job.started = time.monotonic()
                self._running.append(job)
                return job
        return None


SHARED: Final = Resolver()
"""The resolver of this process."""
