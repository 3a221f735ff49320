"""A migrated database for each test, copied from a template, and a server that a test may stop or freeze."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from assay.audit import schema
from assay.audit.store import Store
from tests.plugins.postgres import PostgresServer, make_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

_TEMPLATE = "migrated"


def _prepare(server: PostgresServer) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    schema.upgrade(server.url(_TEMPLATE), actor="tests")


def _copy(server: PostgresServer) -> str:
    name = f"m{uuid4().hex}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    return server.url(name)


@pytest.fixture(scope="session")
def _prepared(pg18: PostgresServer) -> PostgresServer:
    _prepare(pg18)
    return pg18


@pytest.fixture
def store_url(_prepared: PostgresServer) -> str:
    """The URL of a migrated database of this test's own on PostgreSQL 18."""
    return _copy(_prepared)


@pytest_asyncio.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """A store on that database."""
    async with Store(store_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def _own_server(pg18_bin: Path) -> Iterator[PostgresServer]:
    server = make_server(pg18_bin)
    server.start()
    _prepare(server)
    try:
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.data_dir.parent, ignore_errors=True)


@pytest.fixture
def own_server(_own_server: PostgresServer) -> Iterator[PostgresServer]:
    """A server that the test may stop, freeze or kill; it runs again afterwards."""
    yield _own_server
    _own_server.thaw()
    if _own_server.process is None or _own_server.process.poll() is not None:
        _own_server.start()


@pytest.fixture
def own_url(own_server: PostgresServer) -> str:
    """The URL of a migrated database on that server."""
    return _copy(own_server)
