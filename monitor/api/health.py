"""The health answers: plain routes that read the snapshot and nothing else.

`/livez`, `/readyz`, `/readyz/<check>`, `/startupz` and `/healthz` stand in front of the API, so that no token, no body,
no thread pool and no database can keep a load balancer waiting. GET, HEAD and OPTIONS answer with the same code
(HAProxy asks with OPTIONS). No host, address, SQL or trace is in any answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson
from starlette.responses import Response
from starlette.routing import Route

from assay import __version__
from assay.monitor.readiness import CheckName, CheckResult, Readiness, ReasonCode, is_alive, readiness
from assay.probes.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from starlette.requests import Request

    from assay.core.clock import Clock
    from assay.monitor.readiness import ReadinessRules
    from assay.monitor.snapshot import Board, Snapshot

_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_ALIVE_SECONDS: Final = 60.0
_CODES: Final = {Status.PASS: 200, Status.WARN: 200, Status.FAIL: 503, Status.UNKNOWN: 200}
_HEALTH_JSON: Final = "application/health+json"

Json: TypeAlias = "Mapping[str, object]"


@dataclass(frozen=True, kw_only=True)
class HealthRoutes:
    """The health answers over one snapshot. `detailed` allows `?verbose`: false where an admin port has it instead."""

    board: Board
    rules: ReadinessRules
    clock: Clock
    detailed: bool = True
    routes: list[Route] = field(init=False)

    def __post_init__(self) -> None:
        endpoints = {
            "/livez": self._livez,
            "/readyz": self._readyz,
            "/readyz/{check}": self._one_check,
            "/startupz": self._startupz,
            "/healthz": self._readyz,
        }
        routes = [Route(path, endpoint, methods=list(_METHODS)) for path, endpoint in endpoints.items()]
        object.__setattr__(self, "routes", routes)

    async def _livez(self, request: Request) -> Response:
        alive = is_alive(self.board.current, self.clock.monotonic(), _ALIVE_SECONDS)
        reasons = [] if alive else [{"code": "scheduler_stalled"}]
        return self._answer(request, Status.PASS if alive else Status.FAIL, {"reasons": reasons})

    async def _startupz(self, request: Request) -> Response:
        started = self.board.current.started
        reasons = [] if started else [{"code": "starting"}]
        return self._answer(request, Status.PASS if started else Status.FAIL, {"reasons": reasons})

    async def _readyz(self, request: Request) -> Response:
        judged = readiness(self.board.current, self.rules, self.clock.monotonic())
        excluded = request.query_params.getlist("exclude")
        status = judged.status(excluded)
        detailed = self.detailed and "verbose" in request.query_params
        if detailed and "json" not in request.headers.get("accept", ""):
            return self._respond(
                request, status, _verbose_text(judged, excluded, status).encode(), "text/plain; charset=utf-8"
            )
        body: dict[str, object] = {"database": judged.database, "reasons": _reasons(judged.counted(excluded))}
        notes = _notes(excluded)
        if notes:
            body["notes"] = notes
        if detailed:
            body["checks"] = {check.name.value: [_check_json(check)] for check in judged.checks}
        return self._answer(request, status, body)

    async def _one_check(self, request: Request) -> Response:
        judged = readiness(self.board.current, self.rules, self.clock.monotonic())
        asked = request.path_params["check"]
        check = next((check for check in judged.checks if check.name == asked), None)
        if check is None:
            known = [name.value for name in CheckName]
            return self._respond(request, 404, orjson.dumps({"status": "unknown", "checks": known}), "application/json")
        return self._answer(request, check.status, {"check": check.name, "reasons": _reasons([check])})

    def _answer(self, request: Request, status: Status, body: Json) -> Response:
        accepted = request.headers.get("accept", "")
        media_type = _HEALTH_JSON if _HEALTH_JSON in accepted else "application/json"
        head = {
            "status": status,
            "version": __version__,
            "time": self.clock.now().isoformat(),
            **self._age(self.board.current),
        }
        return self._respond(request, status, orjson.dumps({**head, **body}), media_type)

    def _age(self, snapshot: Snapshot) -> Json:
        taken_at = snapshot.taken_at()
        return {} if taken_at is None else {"snapshot_age_seconds": round(self.clock.monotonic() - taken_at, 3)}

    def _respond(self, request: Request, status: Status | int, body: bytes, media_type: str) -> Response:
        code = _CODES[status] if isinstance(status, Status) else status
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if code == 503:  # noqa: PLR2004 - the HTTP status is its own name
            headers["Retry-After"] = str(max(1, math.ceil(self.rules.interval_seconds)))
        if request.method == "OPTIONS":
            headers["Allow"] = ", ".join(_METHODS)
        return Response(
            body if request.method == "GET" else b"", status_code=code, headers=headers, media_type=media_type
        )


def _reasons(checks: Sequence[CheckResult]) -> list[Json]:
    return [{"check": check.name, **_reason_json(reason)} for check in checks for reason in check.reasons]


def _reason_json(reason: ReasonCode) -> Json:
    optional = {"target": reason.target, "cause": reason.cause}
    return {"code": reason.code, **{key: value for key, value in optional.items() if value is not None}}


def _check_json(check: CheckResult) -> Json:
    output = {} if check.status is Status.PASS else {"output": _output(check)}
    return {
        "componentType": "datastore" if check.name is CheckName.DATABASE else "system",
        "status": check.status,
        **output,
    }


def _output(check: CheckResult) -> str:
    return ", ".join(f"{reason.code} ({reason.cause})" if reason.cause else reason.code for reason in check.reasons)


def _notes(excluded: Sequence[str]) -> list[str]:
    """An unknown name is told and otherwise changes nothing. Only its length-limited, printable form is repeated."""
    unknown = sorted({name for name in excluded if name not in set(CheckName)})
    return [f"some checks cannot be excluded: no check is named {_printable(name)}" for name in unknown]


def _printable(name: str) -> str:
    return ascii(name[:40])


def _verbose_text(judged: Readiness, excluded: Sequence[str], status: Status) -> str:
    counted = judged.counted(excluded)
    lines = [_line(check, excluded=check not in counted) for check in judged.checks]
    lines += [f"warn: {note}" for note in _notes(excluded)]
    ending = "failed" if status is Status.FAIL else "passed"
    return "\n".join([*lines, f"readyz check {ending}", ""])


def _line(check: CheckResult, *, excluded: bool) -> str:
    if excluded:
        return f"[+]{check.name} excluded: ok"
    if check.status is Status.FAIL:
        return f"[-]{check.name} failed: {_output(check)}"
    if not check.reasons:
        return f"[+]{check.name} ok"
    warning = "" if check.status is Status.PASS else f"{check.status}: "
    return f"[+]{check.name} ok ({warning}{_output(check)})"
