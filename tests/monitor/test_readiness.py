"""Readiness is a pure function of the snapshot and the time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assay.audit.model import TargetState
from assay.monitor.readiness import CheckName, Code, DatabaseHealth, ReadinessRules, is_alive, readiness
from assay.monitor.settings import DatabaseProblem
from assay.monitor.snapshot import Board, DatabaseView, SchemaStanding, Snapshot
from assay.probes.model import Reason, Status

NOW = 1000.0
RULES = ReadinessRules(interval_seconds=15.0, grace_seconds=30.0)
GOOD = DatabaseView(name="database", state=TargetState.UP, checked_at=NOW, was_good=True)
HEALTHY = Snapshot(databases=(GOOD,), schema=SchemaStanding.CURRENT, heartbeat_at=NOW, started=True)


def _status(snapshot: Snapshot, now: float = NOW, excluded: tuple[str, ...] = ()) -> Status:
    return readiness(snapshot, RULES, now).status(excluded)


def _codes(snapshot: Snapshot, now: float = NOW) -> list[str]:
    return [reason.code.value for check in readiness(snapshot, RULES, now).checks for reason in check.reasons]


def _with_database(**changes: object) -> Snapshot:
    return replace(HEALTHY, databases=(replace(GOOD, **changes),))  # type: ignore[arg-type]


def test_a_healthy_snapshot_is_ready_without_reasons() -> None:
    assert (_status(HEALTHY), _codes(HEALTHY)) == (Status.PASS, [])


def test_every_setting_problem_has_its_code_in_the_closed_list() -> None:
    assert {problem.value for problem in DatabaseProblem} <= {code.value for code in Code}


@pytest.mark.parametrize("problem", list(DatabaseProblem))
def test_a_database_url_that_is_no_use_fails_and_no_exclude_hides_it(problem: DatabaseProblem) -> None:
    snapshot = replace(HEALTHY, problem=problem, databases=())
    assert _status(snapshot, excluded=tuple(CheckName)) == Status.FAIL
    assert problem.value in _codes(snapshot)
    assert readiness(snapshot, RULES, NOW).database == DatabaseHealth.NOT_CONFIGURED


def test_a_database_that_was_good_fails_only_after_its_grace() -> None:
    snapshot = _with_database(state=TargetState.DOWN, failing_since=NOW - 20, reason=Reason.REFUSED)
    assert (_status(snapshot), _codes(snapshot)) == (Status.WARN, ["database_failing"])
    assert readiness(snapshot, RULES, NOW).database == DatabaseHealth.UNHEALTHY
    assert (_status(snapshot, NOW + 10), _codes(snapshot, NOW + 10)) == (Status.FAIL, ["database_unhealthy"])


def test_a_database_that_never_was_good_has_no_grace() -> None:
    snapshot = _with_database(state=TargetState.DOWN, failing_since=NOW, was_good=False)
    assert (_status(snapshot), _codes(snapshot)) == (Status.FAIL, ["database_unhealthy"])


def test_a_database_that_was_never_looked_at_is_not_ready() -> None:
    snapshot = _with_database(state=None, checked_at=None, was_good=False)
    assert _status(snapshot) == Status.FAIL
    assert _codes(snapshot) == ["database_not_checked", "snapshot_stale"]
    assert readiness(snapshot, RULES, NOW).database == DatabaseHealth.NOT_CONFIGURED


@pytest.mark.parametrize(
    ("state", "code"), [(TargetState.DEGRADED, "database_degraded"), (TargetState.UNKNOWN, "database_unknown")]
)
def test_a_degraded_or_unknown_database_warns_with_its_reason_and_stays_ready(state: TargetState, code: str) -> None:
    assert (_status(_with_database(state=state)), _codes(_with_database(state=state))) == (Status.WARN, [code])


def test_one_of_two_own_databases_that_is_down_decides() -> None:
    store = DatabaseView(name="store", state=TargetState.DOWN, checked_at=NOW, failing_since=NOW - 60)
    judged = readiness(replace(HEALTHY, databases=(GOOD, store)), RULES, NOW)
    assert judged.status() == Status.FAIL
    assert judged.checks[0].reasons[0].target == "store"


def test_the_embedded_database_is_ready_and_said_so() -> None:
    snapshot = replace(HEALTHY, embedded=True)
    assert (_status(snapshot), _codes(snapshot)) == (Status.PASS, ["database_embedded"])


@pytest.mark.parametrize(
    ("standing", "status", "codes"),
    [
        (SchemaStanding.NOT_CHECKED, Status.FAIL, ["schema_not_checked"]),
        (SchemaStanding.BEHIND, Status.FAIL, ["schema_behind"]),
        (SchemaStanding.NEWER, Status.WARN, ["schema_newer"]),
        (SchemaStanding.UNKNOWN, Status.WARN, ["schema_unknown"]),
        (SchemaStanding.CURRENT, Status.PASS, []),
    ],
)
def test_only_an_older_or_unseen_schema_makes_it_not_ready(
    standing: SchemaStanding, status: Status, codes: list[str]
) -> None:
    snapshot = replace(HEALTHY, schema=standing)
    assert (_status(snapshot), _codes(snapshot)) == (status, codes)


def test_a_snapshot_of_three_intervals_is_ready_and_an_older_one_is_not() -> None:
    snapshot = replace(HEALTHY, heartbeat_at=NOW + 45)
    assert _status(snapshot, NOW + 45) == Status.PASS
    assert _status(replace(snapshot, heartbeat_at=NOW + 46), NOW + 45.1) == Status.FAIL
    assert _codes(replace(snapshot, heartbeat_at=NOW + 46), NOW + 45.1) == ["snapshot_stale"]


def test_the_snapshot_is_as_old_as_its_oldest_database() -> None:
    old = replace(GOOD, name="store", checked_at=NOW - 100)
    assert "snapshot_stale" in _codes(replace(HEALTHY, databases=(GOOD, old)))


def test_a_scheduler_that_never_started_or_stalled_is_not_ready() -> None:
    assert _codes(replace(HEALTHY, heartbeat_at=None)) == ["scheduler_not_started"]
    assert _codes(replace(HEALTHY, heartbeat_at=NOW - 11)) == ["scheduler_stalled"]


def test_draining_is_not_ready_at_once_whatever_else_is_good() -> None:
    assert (_status(replace(HEALTHY, draining=True)), _codes(replace(HEALTHY, draining=True))) == (
        Status.FAIL,
        ["draining"],
    )


def test_an_excluded_check_does_not_count() -> None:
    snapshot = replace(HEALTHY, schema=SchemaStanding.BEHIND)
    assert _status(snapshot, excluded=("schema",)) == Status.PASS


def test_alive_ends_only_when_the_scheduler_has_surely_stopped() -> None:
    assert is_alive(replace(HEALTHY, heartbeat_at=None), NOW, 60)
    assert is_alive(HEALTHY, NOW + 60, 60)
    assert not is_alive(HEALTHY, NOW + 61, 60)
    assert is_alive(replace(HEALTHY, draining=True), NOW + 61, 60)


def test_a_monitored_target_cannot_get_into_the_snapshot() -> None:
    board = Board(HEALTHY)
    board.set_database(DatabaseView(name="somebody-elses", state=TargetState.DOWN, checked_at=NOW))
    assert board.current == HEALTHY
    assert board.database("somebody-elses") is None
