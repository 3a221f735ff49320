"""Lines are JSON with ids and UTC times, and a password reaches them by no path."""

from __future__ import annotations

import io
import json
import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import structlog

from assay.monitor.logs import bound, configure_logs, logger, passwords_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "s3cr3t-Pa/ss"
URL = "postgresql://assay:s3cr3t-Pa%2Fss@db.example/app"
KNOWN = passwords_of([URL])


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged in the test; afterwards the logging of the process is as it was."""
    root = logging.getLogger()
    kept, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    stream = io.StringIO()
    configure_logs(level="debug", json=True, secrets=KNOWN, stream=stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)
    logging.raiseExceptions = raising
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def _lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@dataclass
class _Careless:
    url: str = URL


def _connect() -> None:
    raise ConnectionError(f"no route for {PASSWORD}")


def _raise() -> None:
    try:
        _connect()
    except ConnectionError as error:
        raise RuntimeError(f"cannot reach {URL}") from error


def test_a_line_is_one_json_object_with_time_in_utc_level_and_event(written: io.StringIO) -> None:
    logger("assay.test").info("probe_failed", target="database", duration_seconds=0.25)
    (line,) = _lines(written)
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert str(line["timestamp"]).endswith("Z")
    assert (line["level"], line["event"], line["target"], line["logger"]) == (
        "info",
        "probe_failed",
        "database",
        "assay.test",
    )


def test_request_and_run_ids_are_on_every_line_inside_and_none_outside(written: io.StringIO) -> None:
    with bound(request_id="r1"), bound(run_id="u1"):
        logger("assay.test").info("inside")
        logging.getLogger("somebody").warning("inside, too")
    logger("assay.test").info("outside")
    inside, too, outside = _lines(written)
    assert [(line.get("request_id"), line.get("run_id")) for line in (inside, too, outside)] == [
        ("r1", "u1"),
        ("r1", "u1"),
        (None, None),
    ]


def test_a_password_is_written_by_no_path(written: io.StringIO) -> None:
    log = logger("assay.test")
    log.info(f"event {URL}")  # noqa: G004 - the worst case on purpose
    log.info("field", url=URL, nested={"deep": [{"url": URL}, (URL,)]}, thing=_Careless(), raw=URL.encode())
    log.info(
        "bare", detail=f"the password is {PASSWORD} indeed", password="x", authorization="Bearer abc", token="assay_1"
    )
    log.info("key", **{PASSWORD: 1, "map": {PASSWORD: 1}})
    log.info("positional %s", URL)
    try:
        _raise()
    except RuntimeError:
        log.exception("failed")
        logging.getLogger("uvicorn.error").exception("failed")
    logging.getLogger("uvicorn.error").error("cannot open %s", URL, extra={"url": URL})
    logging.getLogger("apscheduler.executors").error("job raised for %r", _Careless())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd url {URL}", stacklevel=1)
    text = written.getvalue()
    assert len(_lines(written)) == 10
    for secret in (PASSWORD, "s3cr3t", "Bearer abc", "assay_1"):
        assert secret not in text


def test_the_text_for_people_hides_passwords_as_well() -> None:
    stream = io.StringIO()
    kept = logging.getLogger().handlers[:]
    try:
        configure_logs(level="info", json=False, secrets=KNOWN, stream=stream)
        try:
            _raise()
        except RuntimeError:
            logger("assay.test").exception("failed", url=URL)
    finally:
        logging.getLogger().handlers[:] = kept
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()
    assert "RuntimeError" in stream.getvalue()
    assert "s3cr3t" not in stream.getvalue()


def test_a_password_too_short_to_be_masked_everywhere_is_not_taken_for_a_word() -> None:
    assert passwords_of(["postgresql://u:db@h/x", None]) == frozenset()
    assert passwords_of([URL]) == {PASSWORD, "s3cr3t-Pa%2Fss"}


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    kept = logging.getLogger().handlers[:]
    try:
        configure_logs(level="warning", json=True, stream=stream)
        logger("assay.test").info("quiet")
        logger("assay.test").warning("loud")
    finally:
        logging.getLogger().handlers[:] = kept
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()
    assert [line["event"] for line in _lines(stream)] == ["loud"]


def test_what_others_say_of_runs_they_skip_or_errors_they_also_raise_is_not_repeated(written: io.StringIO) -> None:
    for name in ("apscheduler.scheduler", "psycopg"):
        logging.getLogger(name).warning("skipped")
        logging.getLogger(name).error("failed")
    assert [line["event"] for line in _lines(written)] == ["failed", "failed"]
