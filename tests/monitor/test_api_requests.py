"""What the API answers, and what it leaves in the store before it does."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from assay.audit.schema import upgrade
from assay.monitor.api.problems import install_problem_handlers
from assay.monitor.api.requests import RequestFrame
from tests.monitor.api_client import api
from tests.plugins.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def _scan(**changes: object) -> dict[str, object]:
    endpoint = {"method": "GET", "path": "/x", "verdict": "mock"}
    return {
        "version": 1,
        "tool": {"name": "assay", "version": "0.1.0"},
        "service": "clinic",
        "commit": "c0ffee",
        "configuration": "abc",
        "endpoints": [endpoint],
        "findings": [{"rule": "volatile-state", "severity": "error"}],
        "skipped": [],
        "summary": {"by_verdict": {"mock": 1}, "findings": {"volatile-state": 1}},
        **changes,
    }


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


async def test_a_run_on_request_is_recorded_before_it_is_answered(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        answer = await client.post("/v1/probes/database/run", headers={"X-Request-ID": "req-1"})
    assert answer.status_code == 200
    assert answer.json()["state"] == "up"
    assert [result["status"] for result in answer.json()["results"]] == ["pass", "pass"]
    query = (
        "SELECT actor, target, outcome, request_id, host(source_ip) FROM assay.audit_logs "
        "WHERE action = 'probe.triggered'"
    )
    assert _rows(store_database, query) == [("anonymous@loopback", "target/database", "accepted", "req-1", "127.0.0.1")]


async def test_a_run_that_cannot_be_recorded_is_refused_and_not_run(tmp_path: Path) -> None:
    async with api(f"postgresql://u:sesame@127.0.0.1:{free_port()}/x", tmp_path) as client:
        answer = await client.post("/v1/probes/database/run")
        after = await client.get("/v1/probes/database")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "127.0.0.1" not in answer.text
    assert after.json()["results"] == []


async def test_targets_are_told_without_a_store_and_without_their_address(tmp_path: Path) -> None:
    async with api(f"postgresql://u:sesame@127.0.0.1:{free_port()}/x", tmp_path) as client:
        answer = await client.get("/v1/probes")
    assert answer.status_code == 200
    (target,) = answer.json()["items"]
    assert (target["target"], target["state"], target["results"]) == ("database", None, [])
    assert "sesame" not in answer.text
    assert "127.0.0.1" not in answer.text


async def test_an_unknown_target_is_404(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        for answer in (await client.get("/v1/probes/nobody"), await client.post("/v1/probes/nobody/run")):
            assert answer.status_code == 404
            assert answer.json()["type"] == "urn:assay:problem:unknown-target"
    assert _rows(store_database, "SELECT 1 FROM assay.audit_logs WHERE action = 'probe.triggered'") == []


async def test_a_scan_is_taken_in_once_with_its_audit_row(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        first = await client.post("/v1/scans", json=_scan())
        second = await client.post("/v1/scans", json=_scan())
        other = await client.post("/v1/scans", json=_scan(configuration="other"))
        document = await client.get(first.headers["location"])
        listed = await client.get("/v1/scans?service=clinic")
        metrics = (await client.get("/metrics")).text
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()) == (200, {**first.json(), "created": False})
    assert other.status_code == 201
    assert document.json()["endpoints"] == _scan()["endpoints"]
    assert {item["id"] for item in listed.json()["items"]} == {first.json()["id"], other.json()["id"]}
    rows = _rows(store_database, "SELECT actor, target, outcome FROM assay.audit_logs WHERE action = 'scan.submitted'")
    assert rows == [("anonymous@loopback", "service/clinic", "success")] * 2
    assert 'assay_scan_endpoints{service="clinic",verdict="mock"} 1.0' in metrics
    assert 'assay_scan_findings{rule="volatile-state",service="clinic"} 1.0' in metrics


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        json.dumps(_scan(version=2)).encode(),
        json.dumps(_scan(endpoints=None)).encode(),
        json.dumps(_scan(endpoints=[{"path": "/x"}])).encode(),
        json.dumps(_scan(endpoints=["x"])).encode(),
        json.dumps(_scan(findings=[{}])).encode(),
        json.dumps(_scan(service="")).encode(),
        json.dumps({**_scan(), "summary": 1}).encode(),
    ],
)
async def test_what_is_no_scan_is_refused_and_nothing_is_stored(
    body: bytes, store_database: str, tmp_path: Path
) -> None:
    async with api(store_database, tmp_path) as client:
        answer = await client.post("/v1/scans", content=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:assay:problem:invalid-scan"
    assert "Error(" not in answer.json()["detail"]
    assert _rows(store_database, "SELECT 1 FROM assay.scan_runs") == []


async def test_a_scan_that_does_not_exist_is_404(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        assert (await client.get(f"/v1/scans/{uuid4()}")).status_code == 404
        assert (await client.get("/v1/scans/not-an-id")).status_code == 400


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_413(*, declared: bool, store_database: str, tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 2**20

    async with api(store_database, tmp_path) as client:
        content = b" " * (17 * 2**20) if declared else chunks()
        answer = await client.post("/v1/scans", content=content)
        small = await client.post("/v1/probes/database/run", content=b" " * 70_000)
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:assay:problem:too-large"
    assert small.status_code == 413


async def test_lists_go_page_by_page_with_a_cursor_and_a_link(store_database: str, tmp_path: Path) -> None:
    seen: list[str] = []
    async with api(store_database, tmp_path) as client:
        for number in range(5):
            await client.post("/v1/scans", json=_scan(commit=f"c{number}"))
        path = "/v1/audit-logs?action=scan.submitted&limit=2"
        answer = await client.get(path)
        seen += [item["id"] for item in answer.json()["items"]]
        while "link" in answer.headers:
            following = answer.headers["link"].removeprefix("<").partition(">")[0]
            answer = await client.get(f"/v1/audit-logs{following}")
            seen += [item["id"] for item in answer.json()["items"]]
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, key=UUID, reverse=True)
    assert answer.json()["next_cursor"] is None


async def test_lists_are_filtered(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        upgraded = await client.get("/v1/events?event_type=schema.upgraded&severity=info&severity=error")
        none = await client.get("/v1/events?event_type=schema.upgraded&since=2999-01-01T00:00:00Z")
        by_actor = await client.get("/v1/audit-logs?actor=test&outcome=success")
    assert [item["source"] for item in upgraded.json()["items"]] == ["schema"]
    assert none.json() == {"items": [], "next_cursor": None}
    assert [item["action"] for item in by_actor.json()["items"]] == ["schema.upgraded"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=x",
        "cursor=nonsense",
        "since=yesterday",
        "since=2026-01-01T00:00:00",
        "severity=bad",
    ],
)
async def test_a_query_that_cannot_be_is_400_with_what_is_wrong(
    query: str, store_database: str, tmp_path: Path
) -> None:
    async with api(store_database, tmp_path) as client:
        answer = await client.get(f"/v1/events?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert query.partition("=")[0] in answer.json()["detail"]


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1.2:3", True), ("a b", False), ("x" * 101, False), ("<script>", False)]
)
async def test_a_sane_request_id_is_kept_and_any_other_replaced(
    *,
    given: str,
    kept: bool,
    store_database: str,
    tmp_path: Path,
) -> None:
    async with api(store_database, tmp_path) as client:
        answer = await client.get("/v1/probes", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept
    if not kept:
        assert UUID(answer.headers["x-request-id"]).version == 7


async def test_every_error_has_one_shape_with_the_request_id(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        answers = [
            await client.get("/v1/nothing"),
            await client.delete("/v1/probes"),
            await client.get("/v1/probes/nobody"),
            await client.get("/v1/events?limit=0"),
            await client.get("/nothing"),
        ]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert {"type", "title", "status", "detail", "request_id"} <= body.keys()
        assert (body["status"], body["request_id"]) == (answer.status_code, answer.headers["x-request-id"])
    assert answers[1].headers["allow"] == "GET"


async def test_answers_are_not_stored_and_not_sniffed(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        answer = await client.get("/v1/events")
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")


async def test_health_and_metrics_stand_outside_the_openapi_document(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    assert set(paths) == {
        "/v1/probes",
        "/v1/probes/{target}",
        "/v1/probes/{target}/run",
        "/v1/scans",
        "/v1/scans/{scan_id}",
        "/v1/events",
        "/v1/audit-logs",
    }


async def test_with_an_admin_port_the_main_port_has_no_metrics(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path, ASSAY_ADMIN_PORT="9100") as client:
        assert (await client.get("/metrics")).status_code == 404
        assert "checks" not in (await client.get("/readyz?verbose", headers={"Accept": "application/json"})).json()


async def test_a_large_scan_does_not_keep_the_health_answer_waiting(store_database: str, tmp_path: Path) -> None:
    endpoints = [
        {"method": "GET", "path": f"/{n}", "verdict": "real", "evidence": ["x" * 50] * 5} for n in range(30_000)
    ]
    async with api(store_database, tmp_path) as client:
        posting = asyncio.create_task(client.post("/v1/scans", json=_scan(endpoints=endpoints), timeout=60))
        slowest = 0.0
        loop = asyncio.get_running_loop()
        while not posting.done():
            began = loop.time()
            await client.get("/livez")
            slowest = max(slowest, loop.time() - began)
            await asyncio.sleep(0.005)
        assert (await posting).status_code == 201
    assert slowest < 1.0


def test_a_schema_that_is_not_there_is_503_and_not_an_empty_list(database: str, tmp_path: Path) -> None:
    async def ask() -> tuple[int, int]:
        async with api(database, tmp_path) as client:
            before = (await client.get("/v1/events")).status_code
            await asyncio.to_thread(upgrade, database, actor="test")
            return before, (await client.get("/v1/events")).status_code

    assert asyncio.run(ask()) == (503, 200)


async def test_a_defect_is_a_problem_with_the_request_id_and_nothing_of_the_defect() -> None:
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("postgresql://u:sesame@h/x")

    framed = httpx.ASGITransport(app=RequestFrame(app, limits={}))
    async with httpx.AsyncClient(transport=framed, base_url="http://assay") as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "sesame" not in answer.text
