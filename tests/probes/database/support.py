"""What the tests of the database probes share: targets, and what a probe may not leave behind."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from assay.probes.model import Engine, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.postgres import PostgresServer

LATE_SECONDS = 0.5
"""A bound for a loaded machine; what is measured is 1 to 5 ms."""
_GONE_SECONDS = 2.0


def target(url: str, *, timeout_seconds: float = 5.0, write_table: str | None = None) -> Target:
    return Target(name="t", engine=Engine.POSTGRESQL, url=url, timeout_seconds=timeout_seconds, write_table=write_table)


def through(url: str, server: PostgresServer, port: int) -> str:
    """The same address by another port, such as a proxy's."""
    return url.replace(f":{server.port}/", f":{port}/")


def probe_sessions(server: PostgresServer) -> int:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        counted = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'assay-probe' AND pid <> pg_backend_pid()"
        ).fetchone()
    assert counted is not None
    return int(counted[0])


def assert_no_session_stays(server: PostgresServer) -> None:
    """Every session of a probe is gone within 2 s."""
    ends = time.monotonic() + _GONE_SECONDS
    while (left := probe_sessions(server)) and time.monotonic() < ends:
        time.sleep(0.02)
    assert left == 0


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def nothing_leaks() -> Iterator[None]:
    """The block ends with no more descriptors and threads than it began with."""
    descriptors, threads = open_descriptors(), threading.active_count()
    yield
    assert open_descriptors() <= descriptors
    assert threading.active_count() <= threads
