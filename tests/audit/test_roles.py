"""The grants of `docs/store-roles.md` are enough for the service, and no more than it says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.audit import schema
from assay.audit.events import PartitionsLow
from assay.audit.model import AuditEntry, AuditOutcome, ProbeStatus, Rollup, Scope
from assay.audit.outbox import Recording
from assay.audit.partitions import ensure_partitions, partition_runway
from assay.audit.query import list_audit_logs, list_events, list_results, list_scans
from assay.audit.recorder import Recorder
from assay.audit.results import latest_states, store_rollups
from assay.audit.revisions import SchemaState, schema_status
from assay.audit.scans import latest_scans, store_failed_scan, store_scan
from assay.audit.store import Store
from assay.audit.tokens import authenticate, create_token, list_tokens, revoke_token
from assay.core.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.postgres import PostgresServer

_PAGE = Path(__file__).parents[2] / "docs" / "store-roles.md"
_CLOCK = SystemClock()
_SCAN = b'{"version": 1, "service": "shop", "endpoints": [], "findings": [], "skipped": [], "summary": {}}'


def _grants() -> str:
    found = re.search(r"```sql\n-- grants\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(params=["pg15", "pg18"])
def writer_url(request: pytest.FixtureRequest) -> Iterator[str]:
    server: PostgresServer = request.getfixturevalue(request.param)
    fixture = {"pg15": "oldest_database", "pg18": "database"}[request.param]
    url: str = request.getfixturevalue(fixture)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS assay_migrator, assay_writer")
        connection.execute("CREATE ROLE assay_migrator LOGIN PASSWORD 'm'")
        connection.execute("CREATE ROLE assay_writer LOGIN PASSWORD 'w'")
        connection.execute("CREATE SCHEMA assay AUTHORIZATION assay_migrator")
    name = url.rpartition("/")[2]
    migrator = server.url(name, user="assay_migrator", password="m")
    schema.upgrade(migrator, actor="tests")
    with psycopg.connect(migrator) as connection:
        connection.execute(_grants())
    yield server.url(name, user="assay_writer", password="w")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY assay_migrator, assay_writer CASCADE")
        connection.execute("DROP ROLE assay_migrator, assay_writer")


async def test_the_writer_can_do_all_that_the_service_does(writer_url: str) -> None:
    rollup = Rollup(
        target="orders",
        probe="select-1",
        minute=datetime.now(UTC).replace(second=0, microsecond=0),
        passed=1,
        warned=0,
        failed=0,
        unknown=0,
        duration_lowest_seconds=0.1,
        duration_mean_seconds=0.1,
        duration_highest_seconds=0.1,
        last_status=ProbeStatus.PASS,
    )
    entry = AuditEntry(actor="a", action="b.c", target="d", outcome=AuditOutcome.SUCCESS)
    async with Store(writer_url) as store:
        recorder = Recorder(store, clock=_CLOCK)
        assert await recorder.record(PartitionsLow(days_ahead=2)) is Recording.STORED
        await recorder.audit(entry)
        for _ in range(2):
            await store_rollups(store, [rollup], instance="one")
        await store_scan(store, _SCAN, configuration_digest="c", origin="ci", clock=_CLOCK, audit=entry)
        await store_failed_scan(store, service="s", reason="r", configuration_digest="c", origin="ci", clock=_CLOCK)
        made = await create_token(store, name="ci", scopes=[Scope.READ], actor="a", clock=_CLOCK)
        assert await authenticate(store, made.secret, clock=_CLOCK) is not None
        assert await revoke_token(store, name="ci", actor="a", clock=_CLOCK) is not None
        assert len(await ensure_partitions(store, 8)) == 3
        assert await partition_runway(store, _CLOCK) == 8
        for read in (list_events, list_audit_logs, list_results, list_scans):
            assert (await read(store)).items
        assert await latest_states(store) == {}
        assert list(await latest_scans(store)) == ["shop"]
        assert len(await list_tokens(store)) == 1
        async with store.begin() as connection:
            assert (await schema_status(connection)).state is SchemaState.CURRENT
    assert schema.check(writer_url).schema.state is SchemaState.CURRENT
    with psycopg.connect(writer_url) as driver:
        driver.execute("INSERT INTO assay.probe_writes (token) VALUES (gen_random_uuid())")
        assert driver.execute("DELETE FROM assay.probe_writes WHERE written_at <= now()").rowcount == 1


@pytest.mark.parametrize("table", ["system_events", "audit_logs"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE assay.{} SET metadata = '{{}}'",
        "DELETE FROM assay.{}",
        "TRUNCATE assay.{}",
        "DROP TABLE assay.{}",
        "ALTER TABLE assay.{} DISABLE TRIGGER ALL",
    ],
)
def test_the_writer_cannot_change_or_remove_a_record(writer_url: str, table: str, statement: str) -> None:
    today = f"{table}_p{datetime.now(UTC):%Y%m%d}"
    for name in (table, today):
        with psycopg.connect(writer_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.format(name))


def test_the_writer_cannot_make_anything(writer_url: str) -> None:
    for statement in ("CREATE TABLE assay.mine (a int)", "CREATE FUNCTION assay.f() RETURNS int LANGUAGE sql RETURN 1"):
        with psycopg.connect(writer_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_nobody_else_may_make_partitions(writer_url: str) -> None:
    with psycopg.connect(writer_url) as connection:
        row = connection.execute(
            "SELECT proacl::text FROM pg_proc WHERE oid = 'assay.ensure_partitions(integer)'::regprocedure"
        ).fetchone()
    assert row is not None
    assert not re.search(r"[{,]=X/", row[0])  # an entry without a name before = is PUBLIC's


def test_partitions_are_made_with_the_owners_functions_whatever_the_caller_put_in_its_way(writer_url: str) -> None:
    """A function that runs with its owner's rights must not find names that its caller chose."""
    with psycopg.connect(writer_url) as connection:
        connection.execute("CREATE FUNCTION pg_temp.to_char(date, text) RETURNS text LANGUAGE sql RETURN 'evil'")
        connection.execute("SET search_path = pg_temp, pg_catalog")
        made = [row[0] for row in connection.execute("SELECT assay.ensure_partitions(8)")]
    assert len(made) == 3
    assert not any("evil" in name for name in made)
