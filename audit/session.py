"""One connection that is not pooled, for commands: it cannot outlast its deadline either."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg.types.json import set_json_dumps
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from assay.audit.address import check_server, check_url
from assay.audit.deadline import SocketCut
from assay.audit.documents import dumps
from assay.audit.errors import StoreUnavailable, UnavailableReason
from assay.audit.failures import translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@contextmanager
def session(url: str, *, deadline_seconds: float, application_name: str) -> Iterator[Connection]:
    """A connection for the length of the block, after which it is closed.

    Raises:
        InvalidStoreUrl: `url` cannot be parsed.
        StoreUnavailable: there is no connection, the server is too old, or the block did not end at the deadline.
        StoreRejected: the server will never take a statement of the block.
    """
    check_url(url)
    ends = time.monotonic() + deadline_seconds
    try:
        with _connected(url, deadline_seconds, application_name) as driver:
            cut = SocketCut(driver.pgconn.socket)
            timer = threading.Timer(ends - time.monotonic(), cut.cut)
            timer.daemon = True
            timer.start()
            try:
                yield from _opened(driver)
            finally:
                timer.cancel()
                cut.release()
    except (DBAPIError, psycopg.Error) as error:
        if time.monotonic() >= ends:
            raise StoreUnavailable(UnavailableReason.TIMEOUT, f"no answer within {deadline_seconds:g} s") from error
        raise translate(error) from error


@contextmanager
def _connected(url: str, seconds: float, application_name: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    driver = psycopg.connect(
        url, connect_timeout=max(1, round(min(seconds, 10))), application_name=application_name, prepare_threshold=None
    )
    try:
        check_server(driver)
        set_json_dumps(dumps, driver)
        yield driver
    finally:
        driver.close()


def _opened(driver: psycopg.Connection[tuple[object, ...]]) -> Iterator[Connection]:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: driver,
        poolclass=NullPool,
        use_native_hstore=False,
        hide_parameters=True,
    )
    with engine.connect() as connection:
        yield connection
