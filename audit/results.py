"""What the probes found: every change of state, and one row a minute for all runs of a check on a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from assay.audit.documents import clean_text, to_json
from assay.audit.keys import derived_key
from assay.audit.model import MeasuredRange, ProbeStatus, ResultKind, ResultRecord, Rollup, StateChange, TargetState
from assay.audit.tables import probe_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import RowMapping

    from assay.audit.rows import Row
    from assay.audit.store import Store

_ROLLUP_COLUMNS: Final = ("passed", "warned", "failed", "unknown", "last_status", "reason", "measurements")
_DURATION_COLUMNS: Final = ("duration_lowest_seconds", "duration_mean_seconds", "duration_highest_seconds")
_NAME: Final = 100
_TARGET: Final = 200
_MESSAGE: Final = 4000


async def store_state_changes(store: Store, changes: Sequence[StateChange], *, instance: str) -> None:
    """Store changes of state, all or none. `instance` is the process that saw them.

    Safe to repeat: the same change of the same target at the same time by the same instance is one row.

    Raises:
        StoreUnavailable: nothing was stored, or its commit did not answer in time.
    """
    rows = [_change_row(change, instance) for change in changes]
    if rows:
        async with store.begin() as connection:
            await connection.execute(insert(probe_results).on_conflict_do_nothing(index_elements=["id"]), rows)


async def store_rollups(store: Store, rollups: Sequence[Rollup], *, instance: str) -> None:
    """Store rollups, all or none. A rollup of the same minute, target, check and instance replaces what was there.

    `instance` names one process from its start to its end, so that a restart within a minute adds a row and replaces
    none.

    Raises:
        StoreUnavailable: nothing was stored, or its commit did not answer in time.
    """
    rows = {row["id"]: row for row in (_rollup_row(rollup, instance) for rollup in rollups)}
    if not rows:
        return
    statement = insert(probe_results)
    replaced = {name: statement.excluded[name] for name in (*_ROLLUP_COLUMNS, *_DURATION_COLUMNS)}
    async with store.begin() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=replaced), [rows[key] for key in sorted(rows)]
        )


async def latest_states(store: Store) -> dict[str, StateChange]:
    """The last change of state of every target, by target.

    Raises:
        StoreUnavailable: it cannot be read now.
    """
    table = probe_results
    statement = (
        select(table)
        .ext(distinct_on(table.c.target))
        .where(table.c.kind == ResultKind.STATE_CHANGE)
        .order_by(table.c.target, table.c.timestamp.desc(), table.c.id.desc())
    )
    async with store.begin() as connection:
        rows = (await connection.execute(statement)).mappings().all()
    return {row["target"]: _change(row) for row in rows}


def result_record(row: RowMapping) -> ResultRecord:
    """The value of a row of `probe_results`."""
    kind = ResultKind(row["kind"])
    return ResultRecord(
        id=row["id"],
        kind=kind,
        instance=row["instance"],
        change=_change(row) if kind is ResultKind.STATE_CHANGE else None,
        rollup=_rollup(row) if kind is ResultKind.ROLLUP else None,
        recorded_at=row["recorded_at"],
    )


def _change_row(change: StateChange, instance: str) -> Row:
    named = (instance, change.target, change.timestamp.isoformat(), change.from_state or "", change.to_state)
    return {
        "id": derived_key(change.timestamp, ResultKind.STATE_CHANGE, *named),
        "kind": ResultKind.STATE_CHANGE,
        "target": clean_text(change.target, _TARGET),
        "probe": None if change.probe is None else clean_text(change.probe, _NAME),
        "instance": clean_text(instance, _NAME),
        "timestamp": change.timestamp,
        "from_state": change.from_state,
        "to_state": change.to_state,
        "reason": None if change.reason is None else clean_text(change.reason, _NAME),
        "message": clean_text(change.message, _MESSAGE),
    }


def _rollup_row(rollup: Rollup, instance: str) -> Row:
    named = (instance, rollup.target, rollup.probe)
    ranges = {
        each.name: {"unit": each.unit, "lowest": each.lowest, "highest": each.highest, "last": each.last}
        for each in rollup.measurements
    }
    return {
        "id": derived_key(rollup.minute, ResultKind.ROLLUP, *named),
        "kind": ResultKind.ROLLUP,
        "target": clean_text(rollup.target, _TARGET),
        "probe": clean_text(rollup.probe, _NAME),
        "instance": clean_text(instance, _NAME),
        "timestamp": rollup.minute,
        "passed": rollup.passed,
        "warned": rollup.warned,
        "failed": rollup.failed,
        "unknown": rollup.unknown,
        "duration_lowest_seconds": rollup.duration_lowest_seconds,
        "duration_mean_seconds": rollup.duration_mean_seconds,
        "duration_highest_seconds": rollup.duration_highest_seconds,
        "last_status": rollup.last_status,
        "reason": None if rollup.last_reason is None else clean_text(rollup.last_reason, _NAME),
        "measurements": to_json(ranges),
    }


def _change(row: RowMapping) -> StateChange:
    return StateChange(
        target=row["target"],
        from_state=None if row["from_state"] is None else TargetState(row["from_state"]),
        to_state=TargetState(row["to_state"]),
        timestamp=row["timestamp"],
        probe=row["probe"],
        reason=row["reason"],
        message=row["message"] or "",
    )


def _rollup(row: RowMapping) -> Rollup:
    ranges: dict[str, Any] = row["measurements"]
    return Rollup(
        target=row["target"],
        probe=row["probe"],
        minute=row["timestamp"],
        passed=row["passed"],
        warned=row["warned"],
        failed=row["failed"],
        unknown=row["unknown"],
        duration_lowest_seconds=row["duration_lowest_seconds"],
        duration_mean_seconds=row["duration_mean_seconds"],
        duration_highest_seconds=row["duration_highest_seconds"],
        last_status=ProbeStatus(row["last_status"]),
        last_reason=row["reason"],
        measurements=tuple(MeasuredRange(name=name, **values) for name, values in sorted(ranges.items())),
    )
