"""Logs: one JSON object a line on standard error, with request and run ids, in UTC, and without a secret.

Everything that logs ends here: structlog, the standard library's loggers (uvicorn, APScheduler, warnings) and
tracebacks. The last step before a line is written masks secrets in every string of it, however deep, so that no
caller has to remember to.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import orjson
import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars

from assay.core.redact import MASK, mask_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager
    from typing import TextIO

    from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_KEYS: Final = frozenset(
    {"password", "passwd", "pwd", "secret", "token", "authorization", "cookie", "api_key", "apikey"}
)
_SHORTEST_KNOWN_SECRET: Final = 6
_DEEPEST: Final = 6
_OTHERS: Final = {
    "uvicorn": logging.WARNING,  # the service tells of its requests itself
    "apscheduler": logging.ERROR,  # a skipped run is counted; while a database hangs it would be a line per interval
    "psycopg": logging.ERROR,  # its warnings repeat an error that it also raises
}
"""From which level on other loggers are heard."""


def passwords_of(urls: Iterable[str | None]) -> frozenset[str]:
    """The passwords inside database addresses, as written and percent-decoded, to be masked wherever they turn up.

    A password of fewer than six characters is left out: masking it everywhere would mask words that are not it.
    Inside an address or a `password=` it is masked all the same.
    """
    found: set[str] = set()
    for url in filter(None, urls):
        written = urlsplit(url).password or ""
        found |= {written, unquote(written)}
    return frozenset(secret for secret in found if len(secret) >= _SHORTEST_KNOWN_SECRET)


class Masker:
    """The processor that masks: known secrets wherever they stand, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted(secrets, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Every value of the event as plain data without secrets."""
        return {self.text(str(key)): self._masked(key, value, 0) for key, value in event.items()}

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return mask_secrets(text)

    def _masked(self, key: object, value: object, depth: int) -> object:
        if isinstance(key, str) and key.lower() in _SECRET_KEYS and value is not None:
            return MASK
        match value:
            case None | bool() | int() | float():
                return value
            case dict() if depth < _DEEPEST:
                return {self.text(str(name)): self._masked(name, inner, depth + 1) for name, inner in value.items()}
            case list() | tuple() if depth < _DEEPEST:
                return [self._masked(None, inner, depth + 1) for inner in value]
            case _:
                return self.text(str(value))


def configure_logs(*, level: str, json: bool, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send everything that logs to `stream` (standard error) as JSON lines, or as aligned text for people.

    `level` is a name such as `info`. `secrets` are known texts that must never be written.
    """
    target = stream if stream is not None else sys.stderr
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = _render_json if json else structlog.dev.ConsoleRenderer(colors=target.isatty())
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, Masker(secrets), renderer],
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    _take_over(handler, level.upper())


def _take_over(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # a closed standard error must not become a traceback on it
    for name, lowest in _OTHERS.items():
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(max(lowest, root.level))


def _render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    ordered: Mapping[str, object] = {
        key: event.pop(key) for key in ("timestamp", "level", "event") if key in event
    } | dict(event)
    return orjson.dumps(ordered, option=orjson.OPT_NON_STR_KEYS).decode()


def bound(**ids: str) -> AbstractContextManager[None]:
    """Every line logged inside carries these ids (`request_id`, `run_id`), also in tasks started there."""
    return bound_contextvars(**ids)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; the event is a short snake_case name, everything else a keyword."""
    return structlog.stdlib.get_logger(name)
