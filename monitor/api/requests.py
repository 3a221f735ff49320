"""What happens to every request before and after the API proper: an id, a line in the log, a bound on the body."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders

from assay.core.ids import uuid7
from assay.monitor.api.problems import ProblemError, internal_problem, problem_response
from assay.monitor.logs import bound, logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG: Final = logger("assay.api")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
DEFAULT_BODY_BYTES: Final = 64 * 1024


class RequestFrame:
    """ASGI middleware round the API.

    `X-Request-ID` is kept where it is sane (letters, digits, `._:-`, at most 100) and made otherwise; it is in the
    answer and on every line of the log. A body may have `limits[path]` bytes, or 64 KiB.
    """

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; anything but HTTP goes through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        with bound(request_id=request_id):
            await _Exchange(self._app, scope, send, request_id).run(receive, self._limits)


class _Exchange:
    """One request and its answer."""

    def __init__(self, app: ASGIApp, scope: Scope, send: Send, request_id: str) -> None:
        self._app = app
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._status: int | None = None

    async def run(self, receive: Receive, limits: Mapping[str, int]) -> None:
        """Have the request answered, whatever happens."""
        began = time.monotonic()
        limit = limits.get(self._scope["path"], DEFAULT_BODY_BYTES)
        try:
            _check_declared_length(self._scope, limit)
            await self._app(self._scope, _bounded(receive, limit), self._answer)
        except ProblemError as problem:
            await self._refuse(problem)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever it was, the client is told and the log knows
            _LOG.error("request_failed", error=type(error).__name__, exc_info=error)
            await self._refuse(internal_problem())
        finally:
            self._say(time.monotonic() - began)

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)

    async def _refuse(self, problem: ProblemError) -> None:
        if self._status is None:
            await problem_response(problem, self._request_id)(self._scope, _nothing, self._answer)

    def _say(self, seconds: float) -> None:
        _LOG.info(
            "request",
            method=self._scope["method"],
            path=self._scope["path"],
            status=self._status,
            duration_seconds=round(seconds, 6),
            actor=self._scope.get("state", {}).get("actor"),
        )


def _request_id(given: str | None) -> str:
    return given if given is not None and _REQUEST_ID.fullmatch(given) else str(uuid7())


def _check_declared_length(scope: Scope, limit: int) -> None:
    told = Headers(scope=scope).get("content-length", "0")
    if told.isascii() and told.isdigit() and int(told) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> ProblemError:
    detail = f"the body is larger than {limit} bytes"
    return ProblemError(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, type="too-large", detail=detail)


def _bounded(receive: Receive, limit: int) -> Receive:
    """A body without a declared length is counted as it comes."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        return message

    return counted


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
