"""Each line of the contract "Health endpoints", asked over HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette

from assay.audit.model import TargetState
from assay.monitor.api.health import HealthRoutes
from assay.monitor.readiness import ReadinessRules
from assay.monitor.settings import DatabaseProblem
from assay.monitor.snapshot import Board, DatabaseView, SchemaStanding, Snapshot
from assay.probes.model import Reason
from tests.monitor.api_client import api
from tests.monitor.clocks import HandClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

CLOCK = HandClock()
NOW = CLOCK.monotonic()
GOOD = DatabaseView(name="database", state=TargetState.UP, checked_at=NOW, was_good=True)
HEALTHY = Snapshot(databases=(GOOD,), schema=SchemaStanding.CURRENT, heartbeat_at=NOW, started=True)
MISSING = replace(HEALTHY, problem=DatabaseProblem.MISSING, databases=())
DOWN = replace(
    HEALTHY, databases=(replace(GOOD, state=TargetState.DOWN, reason=Reason.TIMEOUT_QUERY, failing_since=NOW - 99),)
)
PATHS = ["/livez", "/readyz", "/readyz/database", "/startupz", "/healthz"]


def _asks(snapshot: Snapshot, *, detailed: bool = True) -> Callable[..., Awaitable[httpx.Response]]:
    health = HealthRoutes(
        board=Board(snapshot), rules=ReadinessRules(interval_seconds=15.0), clock=CLOCK, detailed=detailed
    )
    transport = httpx.ASGITransport(app=Starlette(routes=health.routes))

    async def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://assay") as client:
            return await client.request(method, path, headers=headers)

    return ask


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("snapshot", [HEALTHY, replace(MISSING, started=False)])
async def test_get_head_and_options_answer_with_the_same_code(path: str, snapshot: Snapshot) -> None:
    ask = _asks(snapshot)
    answers = [await ask(path, method) for method in ("GET", "HEAD", "OPTIONS")]
    assert len({answer.status_code for answer in answers}) == 1
    assert answers[0].content
    assert [answer.content for answer in answers[1:]] == [b"", b""]
    assert answers[2].headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused_and_the_allowed_ones_named(path: str, method: str) -> None:
    answer = await _asks(HEALTHY)(path, method)
    assert answer.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("snapshot", [HEALTHY, replace(MISSING, started=False)])
async def test_no_answer_may_be_stored_or_sniffed_and_a_503_says_when_to_ask_again(
    path: str, snapshot: Snapshot
) -> None:
    answer = await _asks(snapshot)(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers.get("retry-after") == ("15" if answer.status_code == 503 else None)


async def test_a_ready_service_says_pass_and_healthy() -> None:
    answer = await _asks(HEALTHY)("/readyz")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["database"], body["reasons"]) == ("pass", "healthy", [])
    assert body["snapshot_age_seconds"] == 0


async def test_a_missing_database_url_leaves_the_process_alive_and_not_ready() -> None:
    ask = _asks(MISSING)
    assert (await ask("/livez")).status_code == 200
    answer = await ask("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["database"]) == ("fail", "not-configured")
    assert {"check": "database", "code": "database_url_missing"} in answer.json()["reasons"]


@pytest.mark.parametrize("problem", list(DatabaseProblem))
async def test_no_exclude_hides_a_database_url_that_is_no_use(problem: DatabaseProblem) -> None:
    query = "&".join(f"exclude={name}" for name in ("database", "schema", "scheduler", "snapshot", "drain"))
    answer = await _asks(replace(MISSING, problem=problem))(f"/readyz?{query}")
    assert answer.status_code == 503
    assert [reason["code"] for reason in answer.json()["reasons"]] == [problem.value]


async def test_a_database_that_is_down_is_unhealthy_with_the_probes_reason_as_cause() -> None:
    answer = await _asks(DOWN)("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unhealthy"
    reason = {"check": "database", "code": "database_unhealthy", "target": "database", "cause": "timeout_query"}
    assert answer.json()["reasons"] == [reason]


async def test_the_embedded_database_answers_200_and_says_so() -> None:
    answer = await _asks(replace(HEALTHY, embedded=True))("/readyz")
    assert answer.status_code == 200
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["database_embedded"]


async def test_an_older_schema_is_503_and_a_newer_one_a_warning() -> None:
    behind = await _asks(replace(HEALTHY, schema=SchemaStanding.BEHIND))("/readyz")
    assert (behind.status_code, behind.json()["reasons"][0]["code"]) == (503, "schema_behind")
    newer = await _asks(replace(HEALTHY, schema=SchemaStanding.NEWER))("/readyz")
    assert (newer.status_code, newer.json()["status"], newer.json()["reasons"][0]["code"]) == (
        200,
        "warn",
        "schema_newer",
    )


async def test_startup_is_503_until_the_first_looks_have_ended() -> None:
    starting = await _asks(replace(HEALTHY, started=False))("/startupz")
    assert (starting.status_code, starting.json()["reasons"]) == (503, [{"code": "starting"}])
    assert (await _asks(replace(DOWN, started=True))("/startupz")).status_code == 200


async def test_excludes_repeat_and_an_unknown_one_is_noted_and_changes_nothing() -> None:
    snapshot = replace(HEALTHY, schema=SchemaStanding.BEHIND, draining=True)
    assert (await _asks(snapshot)("/readyz?exclude=schema")).status_code == 503
    answer = await _asks(snapshot)("/readyz?exclude=schema&exclude=drain&exclude=etcd")
    assert answer.status_code == 200
    assert answer.json()["notes"] == ["some checks cannot be excluded: no check is named 'etcd'"]


async def test_verbose_is_text_in_the_style_of_the_apiserver() -> None:
    snapshot = replace(DOWN, schema=SchemaStanding.NEWER, draining=True)
    answer = await _asks(snapshot)("/readyz?verbose&exclude=drain&exclude=etcd")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        "[-]database failed: database_unhealthy (timeout_query)",
        "[+]schema ok (warn: schema_newer)",
        "[+]scheduler ok",
        "[+]snapshot ok",
        "[+]drain excluded: ok",
        "warn: some checks cannot be excluded: no check is named 'etcd'",
        "readyz check failed",
    ]
    assert (await _asks(HEALTHY)("/readyz?verbose")).text.endswith("readyz check passed\n")


async def test_verbose_is_json_with_every_check_when_json_is_asked_for() -> None:
    answer = await _asks(DOWN)("/readyz?verbose", accept="application/health+json")
    assert answer.headers["content-type"] == "application/health+json"
    checks = answer.json()["checks"]
    assert list(checks) == ["database", "schema", "scheduler", "snapshot", "drain"]
    expected = {"componentType": "datastore", "status": "fail", "output": "database_unhealthy (timeout_query)"}
    assert checks["database"] == [expected]
    assert checks["drain"] == [{"componentType": "system", "status": "pass"}]


async def test_verbose_stays_plain_where_an_admin_port_has_it() -> None:
    answer = await _asks(DOWN, detailed=False)("/readyz?verbose")
    assert answer.headers["content-type"] == "application/json"
    assert "checks" not in answer.json()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/health+json", "application/health+json"),
    ],
)
async def test_the_media_type_follows_the_accept_header(accept: str, media_type: str) -> None:
    assert (await _asks(HEALTHY)("/readyz", accept=accept)).headers["content-type"] == media_type


async def test_one_check_is_asked_by_its_name_and_an_unknown_name_is_404() -> None:
    ask = _asks(replace(HEALTHY, schema=SchemaStanding.BEHIND))
    assert (await ask("/readyz/schema")).status_code == 503
    assert (await ask("/readyz/database")).status_code == 200
    unknown = await ask("/readyz/etcd")
    assert unknown.status_code == 404
    assert unknown.json()["checks"] == ["database", "schema", "scheduler", "snapshot", "drain"]


async def test_liveness_ends_only_with_a_scheduler_that_has_stopped() -> None:
    assert (await _asks(DOWN)("/livez")).status_code == 200
    stalled = await _asks(replace(HEALTHY, heartbeat_at=NOW - 61))("/livez")
    assert (stalled.status_code, stalled.json()["reasons"]) == (503, [{"code": "scheduler_stalled"}])


async def test_what_is_asked_for_comes_back_short_and_harmless() -> None:
    answer = await _asks(HEALTHY)("/readyz?exclude=" + "%0a%1b<script>" + "x" * 500)
    note = json.loads(answer.content)["notes"][0]
    assert len(note) < 120
    assert note.isprintable()


@pytest.mark.parametrize("path", [*PATHS, "/metrics"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_in_front_of_the_api_a_path_that_is_there_refuses_other_methods_by_name(
    path: str, method: str, store_database: str, tmp_path: Path
) -> None:
    async with api(store_database, tmp_path) as client:
        answer = await client.request(method, path)
    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["allow"].split(", "))
