"""Runs a probe under an absolute deadline: every ending becomes a `ProbeResult`.

The deadline covers everything that the probe does. Whoever opens a socket for a probe says how to shut it
(`Run.stopped_by`), and the runner does so when the deadline passes or its caller is cancelled: a driver that is asked
to stop by cancellation alone was seen to take 6 to 11 seconds longer. A probe that does not come back even then is
abandoned, and its result is unknown. Code that blocks the event loop cannot be interrupted; its result comes late, says
by how much, and is unknown as well.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from assay.core.redact import mask_secrets
from assay.probes.model import Measurement, Outcome, Phase, ProbeResult, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from assay.core.clock import Clock
    from assay.probes.model import Target

GRACE_SECONDS: Final = 0.1
"""How long a probe may take to notice that its socket is shut."""
BUSY_SECONDS: Final = 0.5
"""A result this late says more about this process than about the target."""
MESSAGE_CHARACTERS: Final = 400

_tasks: Final[set[asyncio.Task[Outcome]]] = (
    set()
)  # the loop alone holds tasks weakly: an abandoned one could vanish with its socket open


class DeadlineExceededError(Exception):
    """The deadline passed before the probe had its answer; the text, if any, is what had been learnt by then."""


class Run:
    """One run of a probe while it lasts: its deadline, its phases, and how to stop it.

    `deadline` is a time of the running event loop. `phase` is the phase the run is in, or ended in.
    """

    def __init__(self, timeout_seconds: float, clock: Clock) -> None:
        self.timeout_seconds = timeout_seconds
        self.deadline = asyncio.get_running_loop().time() + timeout_seconds
        self.started_at = clock.now()
        self.phase: Phase | None = None
        self._clock = clock
        self._started = self._entered = clock.monotonic()
        self._ended: float | None = None
        self._spent: dict[Phase, float] = {}
        self._stop: Callable[[], object] | None = None

    def remaining(self) -> float:
        """Seconds until the deadline, never below 0."""
        return max(0.0, self.deadline - asyncio.get_running_loop().time())

    def elapsed(self) -> float:
        """Seconds since the start, until the end."""
        return self._time() - self._started

    def enter(self, phase: Phase) -> None:
        """The time from here on belongs to `phase`; a phase that is entered again adds to its first time."""
        now = self._time()
        if self.phase is not None:
            self._spent[self.phase] = self._spent.get(self.phase, 0.0) + now - self._entered
        self.phase, self._entered = phase, now

    def phases(self) -> tuple[tuple[Phase, float], ...]:
        """Seconds spent so far in each phase that was reached, in the order of `Phase`."""
        if self.phase is not None:
            self.enter(self.phase)
        return tuple((phase, self._spent[phase]) for phase in Phase if phase in self._spent)

    def end(self) -> None:
        """The result is made: from here on no time passes for this run."""
        self._ended = self._clock.monotonic()

    def _time(self) -> float:
        return self._clock.monotonic() if self._ended is None else self._ended

    @contextmanager
    def stopped_by(self, stop: Callable[[], object]) -> Iterator[None]:
        """While open, `stop` is what ends this run before its time; elsewhere its task is cancelled."""
        previous, self._stop = self._stop, stop
        try:
            yield
        finally:
            self._stop = previous

    def stop(self, task: asyncio.Task[Outcome]) -> None:
        """Make the run end now, whatever it is waiting for."""
        (self._stop or task.cancel)()


async def run_probe(
    *,
    target: Target,
    probe: str,
    evaluate: Callable[[Run], Awaitable[Outcome]],
    judge_error: Callable[[Exception], Outcome | None],
    clock: Clock,
    timeout_seconds: float | None = None,
) -> ProbeResult:
    """One run of `evaluate` on `target`, within `timeout_seconds` or else the target's own.

    `judge_error` says what an exception means for the target, or `None` where it means nothing: then the probe broke,
    and the result is unknown. When the caller is cancelled the run is stopped first, and the cancellation raised again.
    """
    run = Run(target.timeout_seconds if timeout_seconds is None else timeout_seconds, clock)
    task = asyncio.ensure_future(_evaluate(evaluate, run))
    _tasks.add(task)
    task.add_done_callback(_forget)
    try:
        await asyncio.wait({task}, timeout=run.remaining())
        if not task.done():
            await _end(run, task)
    except asyncio.CancelledError:
        await _end(run, task)
        raise
    run.end()
    return _result(target, probe, run, _ending(run, task, judge_error))


async def _evaluate(evaluate: Callable[[Run], Awaitable[Outcome]], run: Run) -> Outcome:
    return await evaluate(run)


async def _end(run: Run, task: asyncio.Task[Outcome]) -> None:
    """Stop the run; where it does not come back, cancel it and wait no longer."""
    run.stop(task)
    try:
        await asyncio.wait({task}, timeout=GRACE_SECONDS)
    finally:
        task.cancel()


def _forget(task: asyncio.Task[Outcome]) -> None:
    _tasks.discard(task)
    if not task.cancelled():
        task.exception()  # marks it as seen: an abandoned task has nobody else to tell


def _ending(run: Run, task: asyncio.Task[Outcome], judge_error: Callable[[Exception], Outcome | None]) -> Outcome:
    if not task.done():
        return Outcome.unknown(f"the probe did not return {GRACE_SECONDS:g} s after its deadline and was abandoned")
    if task.cancelled():
        return _late(run)
    match task.exception():
        case None:
            return _late(run) if _overrun(run) > 0 else _with_thresholds(task.result())
        case DeadlineExceededError() as error:
            return _late(run, str(error))
        case Exception() as error:
            return judge_error(error) or Outcome.unknown(f"the probe broke: {type(error).__name__}: {error}")
        case error:
            raise error


def _late(run: Run, learnt: str = "") -> Outcome:
    if _overrun(run) > BUSY_SECONDS:
        return Outcome.unknown(
            f"this process was too busy to tell: the run ended {_overrun(run):.1f} s after its deadline"
        )
    waiting = f"no answer within {run.timeout_seconds:.3g} s"
    known = f" ({learnt})" if learnt else ""
    match run.phase:
        case Phase.DNS:
            return Outcome.fail(f"{waiting}: the host name was not resolved{known}", reason=Reason.DNS)
        case Phase.CONNECT | Phase.TLS | Phase.AUTH:
            return Outcome.fail(
                f"{waiting}: no session was opened, waiting in phase {run.phase}{known}", reason=Reason.TIMEOUT_CONNECT
            )
        case Phase.QUERY | None:
            return Outcome.fail(f"{waiting}: the query did not return{known}", reason=Reason.TIMEOUT_QUERY)


def _overrun(run: Run) -> float:
    return max(0.0, run.elapsed() - run.timeout_seconds)


def _with_thresholds(outcome: Outcome) -> Outcome:
    """The outcome, worsened where a measurement has reached a bound; only what passed so far can be."""
    if outcome.status is not Status.PASS:
        return outcome
    judged = [(measurement, _judge(measurement)) for measurement in outcome.measurements]
    for status in (Status.FAIL, Status.WARN):
        reached = [_describe(measurement) for measurement, its_status in judged if its_status is status]
        if reached:
            return Outcome(
                status=status,
                reason=Reason.THRESHOLD,
                message="; ".join(reached),
                measurements=outcome.measurements,
                server=outcome.server,
            )
    return outcome


def _judge(measurement: Measurement) -> Status:
    return Status.PASS if measurement.threshold is None else measurement.threshold.judge(measurement.value)


def _describe(measurement: Measurement) -> str:
    return f"{measurement.name} is {measurement.value:.4g} {measurement.unit}, at or beyond its threshold"


def _result(target: Target, probe: str, run: Run, outcome: Outcome) -> ProbeResult:
    return ProbeResult(
        target=target.name,
        probe=probe,
        status=outcome.status,
        reason=outcome.reason,
        message=_presentable(outcome.message),
        started_at=run.started_at,
        duration_seconds=run.elapsed(),
        timeout_seconds=run.timeout_seconds,
        overrun_seconds=_overrun(run),
        phases=run.phases(),
        measurements=outcome.measurements,
        server=outcome.server,
    )


def _presentable(message: str) -> str:
    """One masked, printable line of bounded length: a server may answer with anything."""
    words = mask_secrets(message[: 4 * MESSAGE_CHARACTERS]).split()
    line = "".join(character if character.isprintable() else "?" for character in " ".join(words))
    return line if len(line) <= MESSAGE_CHARACTERS else f"{line[: MESSAGE_CHARACTERS - 3]}..."
