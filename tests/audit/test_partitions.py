from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.audit.errors import StoreRejected, StoreUnavailable, UnavailableReason
from assay.audit.events import PartitionsLow
from assay.audit.outbox import Recording
from assay.audit.partitions import ensure_partitions, partition_name, partition_runway
from assay.audit.recorder import Recorder
from assay.audit.store import Store
from assay.audit.tables import PARTITIONED
from assay.core.clock import SystemClock
from tests.audit.clocks import SetClock

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOCK = SystemClock()


def _names(days: Iterator[int] | range) -> set[str]:
    today = datetime.now(UTC).date()
    return {partition_name(table.name, today + timedelta(days=day)) for table in PARTITIONED for day in days}


async def test_a_new_schema_has_a_week_ahead_and_asking_again_makes_nothing(store: Store) -> None:
    assert await partition_runway(store, _CLOCK) == 7
    assert await ensure_partitions(store) == ()


async def test_only_what_is_missing_is_made_and_named(store: Store) -> None:
    assert set(await ensure_partitions(store, 10)) == _names(range(8, 11))
    assert await partition_runway(store, _CLOCK) == 10


async def test_two_that_make_partitions_at_once_do_not_hinder_each_other(store: Store) -> None:
    made = await asyncio.gather(*(ensure_partitions(store, 12) for _ in range(4)))
    assert {name for names in made for name in names} == _names(range(8, 13))
    assert sum(map(len, made)) == len(_names(range(8, 13)))


async def test_a_gap_ends_the_runway(store: Store, store_url: str) -> None:
    missing = partition_name("audit_logs", datetime.now(UTC).date() + timedelta(days=3))
    with psycopg.connect(store_url) as connection:
        connection.execute(f"DROP TABLE assay.{missing}")
    assert await partition_runway(store, _CLOCK) == 2
    assert await ensure_partitions(store) == (missing,)


async def test_time_that_passes_shortens_the_runway_down_to_none(store: Store) -> None:
    clock = SetClock.today()
    clock.move(timedelta(days=7))
    assert await partition_runway(store, clock) == 0
    clock.move(timedelta(days=1))
    assert await partition_runway(store, clock) == -1


async def test_a_record_of_each_day_of_the_runway_has_its_place(store: Store, store_url: str) -> None:
    with psycopg.connect(store_url) as connection:
        for day in range(-1, 8):
            moment = datetime.now(UTC) + timedelta(days=day)
            row = connection.execute(
                "INSERT INTO assay.system_events (id, event_type, source, payload, timestamp)"
                " VALUES (assay.uuid7_floor(%(m)s), 'a.b', 't', '{}', %(m)s) RETURNING tableoid::regclass::text",
                {"m": moment},
            ).fetchone()
            assert row == (f"assay.{partition_name('system_events', moment.date())}",)
    assert await partition_runway(store, _CLOCK) == 7


async def test_inserts_and_queries_go_on_while_partitions_are_made(store: Store, store_url: str) -> None:
    """An open transaction that wrote to the parent holds nobody up, nor do new partitions hold up a writer."""
    recorder = Recorder(store, clock=_CLOCK)
    with psycopg.connect(store_url) as writer, psycopg.connect(store_url) as maker:
        writer.execute("INSERT INTO assay.system_events (event_type, source, payload) VALUES ('a.b', 't', '{}')")
        writer.execute("SELECT count(*) FROM assay.system_events")
        made = maker.execute("SELECT assay.ensure_partitions(9)").fetchall()
        assert len(made) == 6
        assert await recorder.record(PartitionsLow(days_ahead=1)) is Recording.STORED


async def test_a_lock_that_is_not_free_is_told_as_locked_and_not_waited_for_without_end(store_url: str) -> None:
    async with Store(store_url, deadline_seconds=20) as store:
        with psycopg.connect(store_url) as other:
            other.execute("LOCK TABLE assay.audit_logs IN SHARE UPDATE EXCLUSIVE MODE")
            with pytest.raises(StoreUnavailable) as caught:
                await ensure_partitions(store, 9)
        assert caught.value.reason is UnavailableReason.LOCKED
        assert len(await ensure_partitions(store, 9)) == 6


@pytest.mark.parametrize("days", [-1, 367])
async def test_a_number_of_days_that_cannot_be_is_rejected(store: Store, days: int) -> None:
    with pytest.raises(StoreRejected, match="it may be 0 to 366"):
        await ensure_partitions(store, days)
