"""The probes work through PgBouncer in transaction mode, and leave nothing on its connections."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.probes.database.check import check_target
from assay.probes.model import Reason, Status
from tests.plugins.components import need_program
from tests.plugins.postgres import free_port, unprivileged
from tests.probes.database.support import target, through

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.postgres import PostgresServer

START_SECONDS = 20.0
_CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = transaction
default_pool_size = 1
"""


@pytest.fixture
def pooler(pg15: PostgresServer) -> Iterator[int]:
    """The port of a PgBouncer in front of PostgreSQL 15 that has one server connection for everybody."""
    program = need_program("pgbouncer", "apt-get install pgbouncer", Path("/usr/sbin/pgbouncer"))
    folder, port = Path(tempfile.mkdtemp(prefix="assay-test-pgbouncer-")), free_port()
    folder.chmod(0o755)
    (folder / "users").write_text(f'"postgres" "{pg15.password}"\n')
    (folder / "ini").write_text(_CONFIGURATION.format(server=pg15.port, port=port, users=folder / "users"))
    with subprocess.Popen(unprivileged(program, "-q", folder / "ini"), stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_it_answers(through(pg15.url(), pg15, port))
            yield port
        finally:
            process.terminate()
    shutil.rmtree(folder)


def _wait_until_it_answers(url: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)
        else:
            return


async def test_through_a_pooler_both_checks_pass_and_nothing_stays_on_its_connection(
    pg15: PostgresServer, oldest_database: str, pooler: int
) -> None:
    url = through(oldest_database, pg15, pooler)
    with psycopg.connect(oldest_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE probe_writes (token uuid PRIMARY KEY, written_at timestamptz NOT NULL)")
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        pid = connection.execute("SELECT pg_backend_pid()").fetchone()
    results = await check_target(target(url, write_table="public.probe_writes"), write=True)
    assert [(result.status, result.message) for result in results] == [(Status.PASS, ""), (Status.PASS, "")]
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        assert connection.execute("SELECT pg_backend_pid()").fetchone() == pid
        assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)
        assert connection.execute("SHOW transaction_read_only").fetchone() == ("off",)


async def test_a_pool_that_is_exhausted_is_a_timeout_of_the_query(
    pg15: PostgresServer, oldest_database: str, pooler: int
) -> None:
    url = through(oldest_database, pg15, pooler)
    with psycopg.connect(url, prepare_threshold=None) as holder:
        holder.execute("SELECT 1")  # holds the only server connection in its transaction
        (result,) = await check_target(target(url, timeout_seconds=1.5))
    assert (result.status, result.reason) == (Status.FAIL, Reason.TIMEOUT_QUERY), result.message


async def test_a_database_that_the_pooler_cannot_reach_is_named(pg15: PostgresServer, pooler: int) -> None:
    (result,) = await check_target(target(through(pg15.url("nothing"), pg15, pooler)))
    assert result.status is Status.FAIL
    assert result.reason is Reason.MISSING_DATABASE, result.message
