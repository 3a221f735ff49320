from __future__ import annotations

import asyncio
import shutil
import signal
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from assay.probes.database.check import check_target
from assay.probes.model import Reason, Status
from tests.plugins.network import Mode, proxy
from tests.plugins.postgres import make_server
from tests.probes.database.support import (
    LATE_SECONDS,
    assert_no_session_stays,
    nothing_leaks,
    probe_sessions,
    target,
    through,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.probes.model import ProbeResult
    from tests.plugins.postgres import PostgresServer

TABLE = "public.probe_writes"
COLUMNS = "(token uuid PRIMARY KEY, written_at timestamptz NOT NULL DEFAULT now())"


@pytest.fixture
def table(database: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with the probe's table."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {TABLE} {COLUMNS}")
        yield connection


async def write(url: str, *, table: str = TABLE, seconds: float = 5.0) -> ProbeResult:
    with nothing_leaks():
        results = await check_target(target(url, write_table=table, timeout_seconds=seconds), write=True)
    assert [result.probe for result in results] == ["select-1", "write-roundtrip"]
    return results[1]


def rows_in(connection: psycopg.Connection, table: str = TABLE) -> int:
    found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))).fetchone()
    assert found is not None
    return int(found[0])


async def test_a_row_is_written_read_back_and_deleted(database: str, table: psycopg.Connection) -> None:
    table.execute("CREATE TABLE seen (token uuid, op text, xid xid8)")
    table.execute(
        "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO seen VALUES (coalesce(NEW.token, OLD.token), TG_OP, pg_current_xact_id()); RETURN NULL; END $$"
    )
    table.execute(f"CREATE TRIGGER see AFTER INSERT OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION see()")
    result = await write(database)
    assert (result.status, result.message) == (Status.PASS, "")
    assert [(each.name, each.unit) for each in result.measurements] == [("write", "seconds"), ("round_trip", "seconds")]
    assert rows_in(table) == 0
    seen = table.execute("SELECT token, op, xid FROM seen ORDER BY xid").fetchall()
    assert [row[1] for row in seen] == ["INSERT", "DELETE"]
    assert seen[0][0] == seen[1][0]
    assert seen[0][0].version == 7
    assert seen[0][2] != seen[1][2]


async def test_the_oldest_server_passes_as_well(oldest_database: str) -> None:
    with psycopg.connect(oldest_database, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {TABLE} {COLUMNS}")
    assert (await write(oldest_database)).status is Status.PASS


@pytest.mark.parametrize(("write_table", "write"), [(TABLE, False), (None, True), (None, False)])
async def test_nothing_is_written_unless_asked_for_and_a_table_is_named(
    database: str,
    write_table: str | None,
    write: bool,  # noqa: FBT001 - a table's column
) -> None:
    results = await check_target(target(database, write_table=write_table), write=write)
    assert [result.probe for result in results] == ["select-1"]


async def test_names_that_need_quotes_are_quoted(database: str, table: psycopg.Connection) -> None:
    table.execute('CREATE SCHEMA "Mixed Case"')
    table.execute(f'CREATE TABLE "Mixed Case"."x; DROP TABLE {TABLE}" {COLUMNS}')
    result = await write(database, table="Mixed Case.x; DROP TABLE public")
    assert result.status is Status.UNKNOWN  # there is no such table, and nothing was dropped
    table.execute('CREATE TABLE "Mixed Case"."a ""b"" %s" (LIKE public.probe_writes INCLUDING ALL)')
    result = await write(database, table='Mixed Case.a "b" %s')
    assert result.status is Status.PASS, result.message


async def test_a_row_that_an_earlier_run_left_is_deleted_when_it_is_old(
    database: str, table: psycopg.Connection
) -> None:
    old, young = uuid4(), uuid4()
    table.execute("INSERT INTO probe_writes VALUES (%s, now() - interval '61 minutes'), (%s, now())", [old, young])
    assert (await write(database)).status is Status.PASS
    assert table.execute("SELECT token FROM probe_writes").fetchall() == [(young,)]


async def test_a_run_that_the_network_swallowed_half_way_leaves_a_row_that_a_later_one_deletes(
    pg18: PostgresServer, database: str, table: psycopg.Connection
) -> None:
    table.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN OLD; END $$"
    )
    table.execute(f"CREATE TRIGGER slow BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION slow()")
    with proxy(pg18.port) as hole:
        url = through(database, pg18, hole.port)
        checking = asyncio.ensure_future(check_target(target(url, write_table=TABLE, timeout_seconds=2.0), write=True))
        while not rows_in(table):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.01)
        hole.mode = Mode.HOLE
        result = (await checking)[1]
    assert (result.status, result.reason) == (Status.FAIL, Reason.TIMEOUT_QUERY)
    assert result.overrun_seconds < LATE_SECONDS
    assert rows_in(table) == 1
    table.execute(f"DROP TRIGGER slow ON {TABLE}")
    table.execute("UPDATE probe_writes SET written_at = written_at - interval '2 hours'")
    assert (await write(database)).status is Status.PASS
    assert rows_in(table) == 0


async def test_a_table_that_may_be_somebodys_data_is_left_alone(database: str, table: psycopg.Connection) -> None:
    table.execute("CREATE TABLE sessions (token uuid PRIMARY KEY, written_at timestamptz, customer text)")
    table.execute("INSERT INTO sessions VALUES (gen_random_uuid(), now() - interval '1 year', 'c')")
    result = await write(database, table="public.sessions")
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.INVALID_TARGET)
    assert "customer text" in result.message
    assert rows_in(table, "public.sessions") == 1


@pytest.mark.parametrize("name", ["public.missing", "nowhere.probe_writes", "probe_writes", "a.b.c", ".x", "x."])
async def test_a_table_that_is_not_there_is_unknown_and_named(database: str, name: str) -> None:
    result = await write(database, table=name)
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.INVALID_TARGET)
    assert name in result.message


async def test_a_role_that_may_not_write_is_unknown_until_it_has_the_three_rights_of_the_docs(
    database: str, table: psycopg.Connection
) -> None:
    role = f"r{uuid4().hex}"
    table.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'p'").format(sql.Identifier(role)))
    place = database.partition("@")[2]
    result = await write(f"postgresql://{role}:p@{place}")
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.PERMISSION), result.message
    table.execute(sql.SQL("GRANT SELECT, INSERT, DELETE ON probe_writes TO {}").format(sql.Identifier(role)))
    assert (await write(f"postgresql://{role}:p@{place}")).status is Status.PASS
    table.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
    table.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


async def test_a_row_that_vanishes_after_its_commit_fails(database: str, table: psycopg.Connection) -> None:
    table.execute("CREATE RULE swallow AS ON INSERT TO probe_writes DO INSTEAD NOTHING")
    result = await write(database)
    assert (result.status, result.reason) == (Status.FAIL, Reason.UNEXPECTED_RESULT)
    assert result.message == "committed one row, read 0 back and deleted 0"


async def test_a_server_that_is_set_read_only_fails(database: str, table: psycopg.Connection) -> None:
    name = database.rpartition("/")[2]
    table.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(sql.Identifier(name)))
    result = await write(database)
    assert (result.status, result.reason) == (Status.FAIL, Reason.READ_ONLY)


async def test_a_standby_reads_and_fails_to_write(pg15_bin: Path) -> None:
    server = make_server(pg15_bin)
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {TABLE} {COLUMNS}")
    server.stop()
    (server.data_dir / "standby.signal").touch()
    server.start()
    try:
        results = await check_target(target(server.url(), write_table=TABLE), write=True)
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.data_dir.parent)
    assert [(result.status, result.reason) for result in results] == [
        (Status.PASS, None),
        (Status.FAIL, Reason.READ_ONLY),
    ]
    assert results[0].server is not None
    assert results[0].server.role == "standby"


async def test_without_a_session_the_other_checks_were_not_run() -> None:
    results = await check_target(target("postgresql://u@127.0.0.1:1/d", write_table=TABLE), write=True)
    assert [(result.status, result.reason) for result in results] == [
        (Status.FAIL, Reason.REFUSED),
        (Status.UNKNOWN, Reason.NOT_RUN),
    ]
    assert results[1].message == "not run: select-1 left no session (refused)"


async def test_both_checks_use_one_session(pg18: PostgresServer, database: str, table: psycopg.Connection) -> None:
    table.execute("CREATE TABLE backends (pid int)")
    table.execute(
        "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO backends SELECT count(*) FROM pg_stat_activity WHERE application_name = 'assay-probe' "
        "AND datname = current_database(); RETURN NULL; END $$"
    )
    table.execute(f"CREATE TRIGGER see AFTER INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION see()")
    assert (await write(database)).status is Status.PASS
    assert table.execute("SELECT pid FROM backends").fetchall() == [(1,)]
    assert_no_session_stays(pg18)
    assert probe_sessions(pg18) == 0
