from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from assay.audit.model import MeasuredRange, ProbeStatus, ResultKind, Rollup, StateChange, TargetState
from assay.audit.query import ResultFilter, list_results
from assay.audit.results import latest_states, store_rollups, store_state_changes
from assay.audit.store import Store

_MINUTE = datetime.now(UTC).replace(second=0, microsecond=0)
_ROLLUP = Rollup(
    target="orders",
    probe="select-1",
    minute=_MINUTE,
    passed=3,
    warned=0,
    failed=1,
    unknown=0,
    duration_lowest_seconds=0.001,
    duration_mean_seconds=0.002,
    duration_highest_seconds=0.004,
    last_status=ProbeStatus.FAIL,
    last_reason="timeout_query",
    measurements=(MeasuredRange(name="connections", unit="connections", lowest=1.0, highest=9.0, last=4.0),),
)


def _change(state: TargetState, seconds: int, target: str = "orders") -> StateChange:
    return StateChange(
        target=target,
        from_state=TargetState.UP,
        to_state=state,
        timestamp=_MINUTE + timedelta(seconds=seconds),
        probe="select-1",
        reason="refused",
        message="nobody listens\0",
    )


async def test_the_last_state_of_every_target_is_read_back(store: Store) -> None:
    changes = [_change(TargetState.DOWN, 1), _change(TargetState.UP, 2), _change(TargetState.DEGRADED, 0, "stock")]
    await store_state_changes(store, changes, instance="one")
    states = await latest_states(store)
    assert {target: change.to_state for target, change in states.items()} == {
        "orders": TargetState.UP,
        "stock": TargetState.DEGRADED,
    }
    assert states["stock"] == replace(changes[2], message="nobody listens\ufffd")


async def test_a_change_that_is_stored_twice_is_one_row(store: Store) -> None:
    for _ in range(2):
        await store_state_changes(store, [_change(TargetState.DOWN, 1)], instance="one")
    await store_state_changes(store, [_change(TargetState.DOWN, 1)], instance="two")
    rows = (await list_results(store, ResultFilter(kind=ResultKind.STATE_CHANGE))).items
    assert sorted(row.instance for row in rows) == ["one", "two"]


async def test_a_rollup_reads_back_as_it_was_and_the_same_minute_again_replaces_it(store: Store) -> None:
    await store_rollups(store, [_ROLLUP], instance="one")
    later = replace(_ROLLUP, passed=4, last_status=ProbeStatus.PASS, last_reason=None)
    await store_rollups(store, [later, replace(later, probe="write-roundtrip")], instance="one")
    rows = (await list_results(store, ResultFilter(target="orders", probe="select-1"))).items
    assert [row.rollup for row in rows] == [later]
    assert rows[0].rollup is not None
    assert rows[0].rollup.runs == 5


async def test_the_same_minute_of_another_instance_is_a_row_of_its_own(store: Store) -> None:
    await store_rollups(store, [_ROLLUP], instance="one")
    await store_rollups(store, [_ROLLUP], instance="two")
    assert len((await list_results(store)).items) == 2


async def test_a_batch_that_names_a_rollup_twice_keeps_the_last(store: Store) -> None:
    await store_rollups(store, [_ROLLUP, replace(_ROLLUP, passed=9)], instance="one")
    (row,) = (await list_results(store)).items
    assert row.rollup == replace(_ROLLUP, passed=9)


async def test_a_thousand_rollups_are_one_batch(store: Store) -> None:
    await store_rollups(store, [replace(_ROLLUP, target=f"t{number}") for number in range(1000)], instance="one")
    assert len((await list_results(store, limit=1000)).items) == 1000


async def test_nothing_to_store_asks_no_server() -> None:
    async with Store("postgresql://u@127.0.0.1:1/d") as store:
        await store_rollups(store, [], instance="one")
        await store_state_changes(store, [], instance="one")
