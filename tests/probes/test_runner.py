from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from assay.core.clock import SystemClock
from assay.probes.model import Engine, Measurement, Outcome, Phase, Reason, ServerInfo, Status, Target, Threshold
from assay.probes.runner import GRACE_SECONDS, MESSAGE_CHARACTERS, DeadlineExceededError, Run, run_probe

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.probes.model import ProbeResult

LATE_SECONDS = 0.5
TARGET = Target(name="t", engine=Engine.POSTGRESQL, url="postgresql://u:secret@h/d", timeout_seconds=5.0)


async def run(
    evaluate: Callable[[Run], Awaitable[Outcome]],
    *,
    timeout_seconds: float = 5.0,
    judge_error: Callable[[Exception], Outcome | None] = lambda _: None,
) -> ProbeResult:
    return await run_probe(
        target=TARGET,
        probe="p",
        evaluate=evaluate,
        judge_error=judge_error,
        clock=SystemClock(),
        timeout_seconds=timeout_seconds,
    )


def answering(outcome: Outcome) -> Callable[[Run], Awaitable[Outcome]]:
    async def evaluate(_: Run) -> Outcome:
        await asyncio.sleep(0)
        return outcome

    return evaluate


def raising(error: Exception) -> Callable[[Run], Awaitable[Outcome]]:
    async def evaluate(_: Run) -> Outcome:
        await asyncio.sleep(0)
        raise error

    return evaluate


async def hang(_: Run) -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_probe_that_is_content_passes_with_what_it_measured() -> None:
    measurement = Measurement(name="m", value=1.0, unit="seconds", threshold=Threshold(warn=2.0))
    server = ServerInfo(version="18.4", role="primary")
    result = await run(answering(Outcome.ok(measurement, server=server)))
    assert (result.target, result.probe, result.status, result.reason) == ("t", "p", Status.PASS, None)
    assert result.measurements == (measurement,)
    assert result.server == server
    assert result.overrun_seconds == 0
    assert 0 < result.duration_seconds < result.timeout_seconds == 5.0


@pytest.mark.parametrize(
    ("value", "status"), [(0.9, Status.PASS), (1.0, Status.WARN), (1.9, Status.WARN), (2.0, Status.FAIL)]
)
async def test_a_measurement_at_or_beyond_its_threshold_worsens_a_pass(value: float, status: Status) -> None:
    measurement = Measurement(name="lag", value=value, unit="seconds", threshold=Threshold(warn=1.0, fail=2.0))
    result = await run(answering(Outcome.ok(measurement)))
    assert result.status is status
    assert result.reason is (None if status is Status.PASS else Reason.THRESHOLD)
    assert ("lag" in result.message) is (status is not Status.PASS)
    assert result.measurements == (measurement,)


async def test_the_worst_measurement_decides_whichever_comes_first() -> None:
    warns = Measurement(name="a", value=1.0, unit="seconds", threshold=Threshold(warn=1.0))
    fails = Measurement(name="b", value=1.0, unit="ratio", threshold=Threshold(fail=2.0, below=True))
    result = await run(answering(Outcome.ok(warns, fails)))
    assert result.status is Status.FAIL
    assert result.message.startswith("b is 1 ratio")


async def test_a_failure_keeps_its_own_reason_whatever_the_thresholds_say() -> None:
    outcome = Outcome.fail("no", reason=Reason.READ_ONLY)
    assert (await run(answering(outcome))).reason is Reason.READ_ONLY


async def test_an_error_that_means_something_for_the_target_is_what_the_judge_makes_of_it() -> None:
    result = await run(raising(LookupError("x")), judge_error=lambda _: Outcome.fail("seen", reason=Reason.AUTH))
    assert (result.status, result.reason, result.message) == (Status.FAIL, Reason.AUTH, "seen")


async def test_an_error_that_means_nothing_for_the_target_is_unknown() -> None:
    result = await run(raising(LookupError("broken index")))
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.INTERNAL)
    assert "LookupError: broken index" in result.message


async def test_secrets_in_a_message_are_masked() -> None:
    result = await run(raising(LookupError("at postgresql://u:secret@h/d?password=secret")))
    assert "secret" not in result.message


async def test_a_message_is_one_printable_line_of_bounded_length() -> None:
    result = await run(answering(Outcome.fail("a\n\tb\x1b[2J" + "x" * 1_000_000)))
    assert result.message.startswith("a b?[2Jxxx")
    assert len(result.message) == MESSAGE_CHARACTERS


async def test_a_probe_that_stops_at_its_deadline_failed_by_timeout() -> None:
    result = await run(hang, timeout_seconds=0.1)
    assert (result.status, result.reason) == (Status.FAIL, Reason.TIMEOUT_QUERY)
    assert result.duration_seconds >= 0.1
    assert result.overrun_seconds < LATE_SECONDS


@pytest.mark.parametrize(
    ("phase", "reason"),
    [
        (Phase.DNS, Reason.DNS),
        (Phase.CONNECT, Reason.TIMEOUT_CONNECT),
        (Phase.TLS, Reason.TIMEOUT_CONNECT),
        (Phase.AUTH, Reason.TIMEOUT_CONNECT),
        (Phase.QUERY, Reason.TIMEOUT_QUERY),
    ],
)
async def test_the_phase_in_which_the_deadline_passed_is_the_reason(phase: Phase, reason: Reason) -> None:
    async def evaluate(run: Run) -> Outcome:
        run.enter(phase)
        return await hang(run)

    result = await run(evaluate, timeout_seconds=0.05)
    assert (result.status, result.reason) == (Status.FAIL, reason)
    assert [name for name, _ in result.phases] == [phase]


async def test_what_was_learnt_before_the_deadline_is_told() -> None:
    result = await run(raising(DeadlineExceededError("h1:5432: Connection refused")))
    assert result.status is Status.FAIL
    assert "h1:5432: Connection refused" in result.message


async def test_phases_are_timed_apart_and_a_phase_entered_twice_is_one() -> None:
    async def evaluate(run: Run) -> Outcome:
        for phase in (Phase.CONNECT, Phase.AUTH, Phase.CONNECT, Phase.QUERY):
            run.enter(phase)
            await asyncio.sleep(0.01)
        return Outcome.ok()

    result = await run(evaluate)
    phases = dict(result.phases)
    assert list(phases) == [Phase.CONNECT, Phase.AUTH, Phase.QUERY]
    assert phases[Phase.CONNECT] >= 0.02
    assert sum(phases.values()) <= result.duration_seconds


async def test_a_probe_that_does_not_stop_is_abandoned_and_unknown() -> None:
    ignored = 0

    async def evaluate(run: Run) -> Outcome:
        nonlocal ignored
        ends = asyncio.get_running_loop().time() + 5 * run.timeout_seconds
        while asyncio.get_running_loop().time() < ends:
            try:
                await asyncio.sleep(5 * run.timeout_seconds)
            except asyncio.CancelledError:
                ignored += 1
        return Outcome.ok()

    result = await run(evaluate, timeout_seconds=0.1)
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.INTERNAL)
    assert "abandoned" in result.message
    assert ignored >= 1
    assert result.overrun_seconds < GRACE_SECONDS + LATE_SECONDS


async def test_the_run_is_stopped_by_its_own_means_before_its_task_is_cancelled() -> None:
    stopped = asyncio.Event()

    async def evaluate(run: Run) -> Outcome:
        with run.stopped_by(stopped.set):
            await stopped.wait()
        raise DeadlineExceededError

    result = await run(evaluate, timeout_seconds=0.05)
    assert (result.status, result.reason) == (Status.FAIL, Reason.TIMEOUT_QUERY)


async def test_an_answer_after_the_deadline_is_no_pass() -> None:
    async def evaluate(run: Run) -> Outcome:
        time.sleep(run.timeout_seconds + 0.02)  # noqa: ASYNC251 - it blocks the loop on purpose
        return Outcome.ok()

    result = await run(evaluate, timeout_seconds=0.05)
    assert result.status is Status.FAIL
    assert result.overrun_seconds >= 0.02


async def test_a_result_that_a_busy_process_delayed_says_nothing_about_the_target() -> None:
    async def evaluate(run: Run) -> Outcome:
        time.sleep(run.timeout_seconds + 0.6)  # noqa: ASYNC251 - it blocks the loop on purpose
        return Outcome.ok()

    result = await run(evaluate, timeout_seconds=0.05)
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.INTERNAL)
    assert "too busy" in result.message


async def test_cancelling_the_caller_stops_the_run_and_is_raised_again() -> None:
    stopped = asyncio.Event()
    started = asyncio.Event()

    async def evaluate(run: Run) -> Outcome:
        with run.stopped_by(stopped.set):
            started.set()
            await stopped.wait()
        raise DeadlineExceededError

    caller = asyncio.ensure_future(run(evaluate))
    await started.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert stopped.is_set()


async def test_no_time_at_all_is_a_timeout() -> None:
    assert (await run(hang, timeout_seconds=0)).reason is Reason.TIMEOUT_QUERY
