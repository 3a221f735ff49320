"""The state of a target follows its results, but not each of them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.audit.model import TargetState
from assay.monitor.judgement import Change, Hysteresis, Judgement, Round, judge, sum_up
from assay.probes.model import ProbeResult, Reason, Status

PASS, WARN, FAIL, UNKNOWN = Status.PASS, Status.WARN, Status.FAIL, Status.UNKNOWN


def _run(*statuses: Status, fall: int = 3, rise: int = 2) -> list[Change | None]:
    held, changes = Judgement(), []
    for status in statuses:
        held, change = judge(held, Round(status=status), Hysteresis(fall=fall, rise=rise))
        changes.append(change)
    return changes


def _states(*statuses: Status) -> list[str]:
    held, states = Judgement(), []
    for status in statuses:
        held, _ = judge(held, Round(status=status), Hysteresis())
        assert held.state is not None
        states.append(held.state.value)
    return states


def _result(probe: str, status: Status, reason: Reason | None = None) -> ProbeResult:
    return ProbeResult(
        target="t",
        probe=probe,
        status=status,
        reason=reason,
        message="",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        duration_seconds=0.1,
        timeout_seconds=1.0,
    )


@pytest.mark.parametrize(("status", "state"), [(PASS, "up"), (WARN, "degraded"), (FAIL, "down"), (UNKNOWN, "unknown")])
def test_the_first_round_decides_at_once(status: Status, state: str) -> None:
    assert _states(status) == [state]
    (change,) = _run(status)
    assert change is not None
    assert change.previous is None


def test_a_blip_shorter_than_fall_changes_nothing() -> None:
    assert _states(PASS, FAIL, FAIL, PASS, FAIL, FAIL) == ["up"] * 6


def test_the_third_failure_in_a_row_makes_it_down_and_the_second_pass_makes_it_up() -> None:
    assert _states(PASS, FAIL, FAIL, FAIL, PASS, PASS) == ["up", "up", "up", "down", "down", "up"]


def test_a_change_is_reported_once_with_where_it_came_from() -> None:
    changes = [change for change in _run(PASS, FAIL, FAIL, FAIL, FAIL, FAIL) if change]
    assert [(change.previous, change.state) for change in changes] == [
        (None, TargetState.UP),
        (TargetState.UP, TargetState.DOWN),
    ]


def test_mixed_bad_rounds_make_the_state_that_all_of_them_reached() -> None:
    assert _states(PASS, FAIL, WARN, FAIL)[-1] == "degraded"


def test_rounds_beyond_the_state_that_was_settled_on_count_towards_the_next() -> None:
    assert _states(PASS, UNKNOWN, WARN, FAIL, FAIL, FAIL) == ["up", "up", "up", "unknown", "degraded", "down"]


def test_alternating_failures_and_broken_probes_do_not_hide_behind_each_other() -> None:
    assert _states(PASS, FAIL, UNKNOWN, FAIL)[-1] == "unknown"


def test_a_step_in_the_other_direction_starts_the_count_again() -> None:
    assert _states(WARN, FAIL, FAIL, PASS, FAIL, FAIL) == ["degraded"] * 6
    assert _states(WARN, FAIL, FAIL, PASS, FAIL, FAIL, FAIL)[-1] == "down"


def test_a_result_that_failed_outweighs_one_that_warned_and_one_that_could_not_tell() -> None:
    summed = sum_up([_result("a", PASS), _result("b", UNKNOWN), _result("c", FAIL, Reason.REFUSED), _result("d", WARN)])
    assert (summed.status, summed.reason, summed.probe) == (FAIL, Reason.REFUSED, "c")


def test_a_probe_that_could_not_tell_outweighs_one_that_passed() -> None:
    assert sum_up([_result("a", PASS), _result("b", UNKNOWN, Reason.PERMISSION)]).status == UNKNOWN


def test_a_round_without_results_is_unknown_and_never_a_pass() -> None:
    assert sum_up([]).status == UNKNOWN


@given(st.lists(st.sampled_from(list(Status)), min_size=1, max_size=40), st.integers(1, 5), st.integers(1, 5))
def test_enough_equal_rounds_always_settle_on_their_state(noise: list[Status], fall: int, rise: int) -> None:
    held = Judgement()
    for status in [*noise, *[FAIL] * fall]:
        held, _ = judge(held, Round(status=status), Hysteresis(fall=fall, rise=rise))
    assert held.state == TargetState.DOWN
    for _ in range(rise):
        held, _ = judge(held, Round(status=PASS), Hysteresis(fall=fall, rise=rise))
    assert held.state == TargetState.UP


@given(st.lists(st.sampled_from(list(Status)), max_size=60))
def test_reported_changes_lead_from_one_state_to_the_next_without_a_gap(statuses: list[Status]) -> None:
    changes = [change for change in _run(*statuses) if change]
    for before, after in pairwise(changes):
        assert after.previous == before.state
        assert after.state != after.previous
