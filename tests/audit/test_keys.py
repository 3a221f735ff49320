from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from assay.audit import schema
from assay.audit.keys import derived_key, first_key
from assay.core.ids import uuid7


@pytest.fixture(params=["database", "oldest_database"])
def migrated(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    schema.upgrade(url, actor="tests")
    return url


def _shape(key: UUID) -> tuple[int, str]:
    return key.version or 0, key.variant


def test_the_database_makes_keys_of_the_same_layout_and_time_as_the_process(migrated: str) -> None:
    with psycopg.connect(migrated) as connection:
        before = uuid7()
        rows = connection.execute("SELECT assay.uuid7() FROM generate_series(1, 1000)").fetchall()
        after = uuid7()
    keys = [row[0] for row in rows]
    assert {_shape(key) for key in keys} == {_shape(before)} == {(7, "specified in RFC 4122")}
    slack = 5  # milliseconds; both clocks are this machine's
    assert all((before.int >> 80) - slack <= key.int >> 80 <= (after.int >> 80) + slack for key in keys)
    assert len(set(keys)) == 1000


def test_keys_of_later_statements_sort_after_those_of_earlier_ones(migrated: str) -> None:
    with psycopg.connect(migrated, autocommit=True) as connection:
        keys = [connection.execute("SELECT assay.uuid7()").fetchone() for _ in range(300)]
    assert keys == sorted(keys, key=lambda row: row[0] if row else UUID(int=0))


def test_the_database_and_the_process_agree_where_a_moment_begins(migrated: str) -> None:
    moment = datetime(2026, 3, 29, 1, 59, 59, 999_000, tzinfo=UTC)
    with psycopg.connect(migrated) as connection:
        row = connection.execute(
            "SELECT assay.uuid7_floor(%(m)s), assay.uuid7_time(%(k)s)", {"m": moment, "k": first_key(moment)}
        ).fetchone()
    assert row == (first_key(moment), moment)


def test_a_default_key_of_the_table_lets_other_writers_insert(migrated: str) -> None:
    with psycopg.connect(migrated) as connection:
        row = connection.execute(
            "INSERT INTO assay.system_events (event_type, source, payload) VALUES ('deploy.done', 'ci', '{}')"
            " RETURNING id, severity, metadata, assay.uuid7_time(id) - timestamp"
        ).fetchone()
    assert row is not None
    assert _shape(row[0]) == (7, "specified in RFC 4122")
    assert row[1:3] == ("info", {})
    assert abs(row[3]) < timedelta(seconds=5)


def test_a_derived_key_is_the_same_for_the_same_and_sorts_by_time() -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    key = derived_key(moment, "rollup", "a", "b")
    assert key == derived_key(moment, "rollup", "a", "b")
    assert key != derived_key(moment, "rollup", "ab", "")
    assert (key.version, key.variant) == (8, "specified in RFC 4122")
    assert first_key(moment) < key < first_key(moment + timedelta(milliseconds=1))


def test_a_row_cannot_claim_to_be_of_a_later_day_than_its_key(migrated: str) -> None:
    with psycopg.connect(migrated) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "INSERT INTO assay.system_events (event_type, source, payload, timestamp)"
            " VALUES ('a.b', 'ci', '{}', now() + interval '25 hours')"
        )
