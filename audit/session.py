"""One connection that is not pooled, for commands: it cannot outlast its deadline either."""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import Future
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

_Driver = psycopg.Connection[tuple[object, ...]]


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
def _connected(url: str, seconds: float, application_name: str) -> Iterator[_Driver]:
    driver = _connect(url, seconds, application_name)
    try:
        check_server(driver)
        set_json_dumps(dumps, driver)
        yield driver
    finally:
        driver.close()


def _connect(url: str, seconds: float, application_name: str) -> _Driver:
    """Connect in a thread that is left behind at the deadline.

    Resolving a name cannot be interrupted, and the driver's own timeout is 2 s at least, for each address of a name.
    """
    found: Future[_Driver] = Future()

    def connect() -> None:
        try:
            driver = psycopg.connect(
                url, connect_timeout=math.ceil(seconds), application_name=application_name, prepare_threshold=None
            )
        except psycopg.Error as error:
            if found.set_running_or_notify_cancel():
                found.set_exception(error)
            return
        if found.set_running_or_notify_cancel():
            found.set_result(driver)
        else:
            driver.close()  # nobody waits for it any more

    threading.Thread(target=connect, name="assay-connect", daemon=True).start()
    try:
        return found.result(seconds)
    except TimeoutError as error:
        if found.cancel():
            raise psycopg.errors.ConnectionTimeout(f"no connection within {seconds:g} s") from error
        return found.result()


def _opened(driver: _Driver) -> Iterator[Connection]:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: driver,
        poolclass=NullPool,
        use_native_hstore=False,
        hide_parameters=True,
    )
    with engine.connect() as connection:
        yield connection
