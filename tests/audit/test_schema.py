from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.audit import schema
from assay.audit.errors import (
    InvalidStoreUrl,
    MigrationLocked,
    StoreRejected,
    StoreUnavailable,
    UnavailableReason,
    UnknownRevision,
    UnsupportedServer,
)
from assay.audit.query import AuditFilter, EventFilter, list_audit_logs, list_events
from assay.audit.revisions import SchemaState, known_revisions, schema_status
from assay.audit.store import Store

if TYPE_CHECKING:
    from tests.plugins.postgres import PostgresServer

_HEAD = known_revisions()[0]


def _set_revision(url: str, revision: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE assay.alembic_version SET version_num = %s", [revision])


async def test_a_migration_is_recorded_with_who_ran_it_and_what_became_of_it(store: Store) -> None:
    (event,) = (await list_events(store, EventFilter(event_type="schema.upgraded"))).items
    assert event.payload == {"from_revision": None, "to_revision": _HEAD}
    (entry,) = (await list_audit_logs(store, AuditFilter(action="schema.upgraded"))).items
    assert (entry.actor, entry.target, entry.outcome.value) == ("tests", f"schema/{_HEAD}", "success")
    assert (entry.before, entry.after) == ({"revision": None}, {"revision": _HEAD})


async def test_the_state_of_the_schema_is_told_by_its_revision(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def state() -> SchemaState:
        async with store.begin() as connection:
            return (await schema_status(connection)).state

    assert await state() is SchemaState.CURRENT
    _set_revision(store_url, "9999")
    assert await state() is SchemaState.NEWER
    _set_revision(store_url, _HEAD)
    monkeypatch.setattr("assay.audit.revisions.known_revisions", lambda: ("later", _HEAD))
    assert await state() is SchemaState.BEHIND


async def test_a_database_without_the_schema_is_missing_it(database: str) -> None:
    async with Store(database) as store, store.begin() as connection:
        status = await schema_status(connection)
    assert (status.state, status.revision, status.head) == (SchemaState.MISSING, None, _HEAD)


def test_two_migrators_at_once_take_turns_and_the_second_finds_it_done(database: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda number: schema.upgrade(database, actor=f"m{number}"), range(4)))
    assert sorted(str(each.from_revision) for each in done) == [_HEAD, _HEAD, _HEAD, "None"]
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM assay.audit_logs WHERE action = 'schema.upgraded'").fetchone()
    assert row == (1,)


def test_who_holds_the_lock_is_named_while_waiting_and_when_giving_up(database: str) -> None:
    told: list[str] = []
    with psycopg.connect(database, application_name="other-migrator") as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [schema.LOCK_KEY])
        with pytest.raises(MigrationLocked) as caught:
            schema.upgrade(database, actor="tests", lock_timeout_seconds=0.3, tell=told.append)
        name = f"process {other.info.backend_pid} (user postgres, application other-migrator)"
    assert name in str(caught.value)
    assert len(told) == 1
    assert name in told[0]
    assert schema.upgrade(database, actor="tests").to_revision == _HEAD


def test_a_reader_of_a_table_that_a_downgrade_needs_is_named(database: str) -> None:
    schema.upgrade(database, actor="tests")
    with psycopg.connect(database, application_name="long-report") as other:
        other.execute("SELECT count(*) FROM assay.system_events")
        with pytest.raises(MigrationLocked, match="application long-report"):
            schema.downgrade(database, "base", actor="tests", lock_timeout_seconds=0.3)
    assert schema.current(database).state is SchemaState.CURRENT


def test_a_migration_waits_for_the_lock_and_then_goes_on(database: str) -> None:
    waits = threading.Event()
    with ThreadPoolExecutor(1) as threads, psycopg.connect(database) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [schema.LOCK_KEY])
        migration = threads.submit(
            schema.upgrade, database, actor="tests", lock_timeout_seconds=30.0, tell=lambda _: waits.set()
        )
        assert waits.wait(30)
        other.rollback()
        assert migration.result(30).to_revision == _HEAD


def test_a_database_of_a_later_build_is_not_touched(database: str) -> None:
    schema.upgrade(database, actor="tests")
    _set_revision(database, "9999")
    for migrate, target in ((schema.upgrade, "head"), (schema.downgrade, "base")):
        with pytest.raises(UnknownRevision, match="at revision 9999, which this build does not know"):
            migrate(database, target, actor="tests")
    assert schema.current(database).state is SchemaState.NEWER


def test_a_revision_that_nobody_knows_is_refused_with_those_that_are_known(database: str) -> None:
    with pytest.raises(UnknownRevision, match=f"this build knows {_HEAD}"):
        schema.upgrade(database, "nope", actor="tests")
    assert schema.current(database).state is SchemaState.MISSING


def test_downgrading_what_was_never_there_does_nothing(database: str) -> None:
    done = schema.downgrade(database, "base", actor="tests")
    assert (done.from_revision, done.to_revision) == (None, None)


def test_a_schema_that_was_prepared_for_a_role_needs_no_right_to_create_one(
    pg18: PostgresServer, database: str
) -> None:
    role = f"r_{database[-12:]}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'p'")
        connection.execute(f"CREATE SCHEMA assay AUTHORIZATION {role}")
    url = pg18.url(database.rpartition("/")[2], user=role, password="p")
    assert schema.upgrade(url, actor="tests").to_revision == _HEAD


def test_a_role_without_rights_is_told_so(pg18: PostgresServer, database: str) -> None:
    role = f"n_{database[-12:]}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'p'")
    with pytest.raises(StoreUnavailable) as caught:
        schema.upgrade(pg18.url(database.rpartition("/")[2], user=role, password="p"), actor="tests")
    assert caught.value.reason is UnavailableReason.PERMISSION


def test_a_frozen_server_cannot_hold_a_check_or_a_migration_beyond_the_deadline(
    own_server: PostgresServer, own_url: str
) -> None:
    own_server.freeze()
    for look in (schema.check, schema.current):
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            look(own_url, deadline_seconds=1.0)
        assert caught.value.reason is UnavailableReason.TIMEOUT
        assert time.monotonic() - started < 1.0 + 0.9


def test_a_server_that_freezes_during_a_migration_is_given_up_at_the_deadline(
    own_server: PostgresServer, own_url: str
) -> None:
    with psycopg.connect(own_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [schema.LOCK_KEY])
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            schema.upgrade(
                own_url,
                actor="tests",
                lock_timeout_seconds=60,
                deadline_seconds=1.5,
                tell=lambda _: own_server.freeze(),
            )
        assert caught.value.reason is UnavailableReason.TIMEOUT
        assert time.monotonic() - started < 5.0
        own_server.thaw()


def test_a_server_that_is_too_old_is_refused_before_anything_is_made(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.audit.address.OLDEST_MAJOR", 99)
    with pytest.raises(UnsupportedServer, match="needs 99 or later"):
        schema.upgrade(database, actor="tests")


def test_an_address_that_cannot_be_parsed_is_refused() -> None:
    with pytest.raises(InvalidStoreUrl):
        schema.check("postgresql://u:hun%zz@h/d")


def test_a_failure_that_is_the_servers_last_word_is_not_hidden(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE SCHEMA assay")
        connection.execute("CREATE TABLE assay.audit_logs (mine text)")
    with pytest.raises(StoreRejected, match='relation "audit_logs" already exists'):
        schema.upgrade(database, actor="tests")
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT * FROM assay.audit_logs").fetchall() == []
