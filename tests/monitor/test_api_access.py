"""Who may ask what: tokens in production, nobody in particular on loopback in development."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.audit.model import Scope
from assay.audit.store import Store
from assay.audit.tokens import revoke_token
from assay.core.clock import SystemClock
from assay.monitor.api.access import REMEMBERED_SECONDS
from tests.monitor.api_client import api
from tests.plugins.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeToken = Callable[..., str]

PRODUCTION = {"ASSAY_ENV": "production"}
GUARDED = ["/v1/probes", "/v1/scans", "/v1/events", "/v1/audit-logs", "/docs", "/openapi.json", "/"]


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("path", GUARDED)
async def test_production_answers_nobody_without_a_token(path: str, store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path, **PRODUCTION) as client:
        answer = await client.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="assay"'
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/startupz", "/healthz", "/metrics"])
async def test_health_and_metrics_are_open_in_production(path: str, store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path, **PRODUCTION) as client:
        assert (await client.get(path)).status_code in {200, 503}
        assert (await client.head(path)).status_code in {200, 503}


def test_a_token_with_the_scope_reads_and_one_without_it_may_not_write(
    store_database: str, tmp_path: Path, token: MakeToken
) -> None:
    secret = token("dashboard", Scope.READ)

    async def ask() -> None:
        async with api(store_database, tmp_path, **PRODUCTION) as client:
            assert (await client.get("/v1/probes", headers=_bearer(secret))).status_code == 200
            refused = await client.post("/v1/probes/database/run", headers=_bearer(secret))
            assert refused.status_code == 403
            assert 'error="insufficient_scope", scope="write"' in refused.headers["www-authenticate"]

    asyncio.run(ask())
    with psycopg.connect(store_database) as connection:
        rows = connection.execute(
            "SELECT actor, action, outcome, target FROM assay.audit_logs WHERE actor = 'dashboard'"
        )
        assert rows.fetchall() == [("dashboard", "access.denied", "denied", "POST /v1/probes/database/run")]


def test_a_revoked_token_stops_within_seconds(store_database: str, tmp_path: Path, token: MakeToken) -> None:
    secret = token("robot", Scope.READ)

    async def ask() -> None:
        async with api(store_database, tmp_path, **PRODUCTION) as client:
            assert (await client.get("/v1/probes", headers=_bearer(secret))).status_code == 200
            async with Store(store_database) as store:
                await revoke_token(store, name="robot", actor="test", clock=SystemClock())
            await asyncio.sleep(REMEMBERED_SECONDS + 0.1)  # the bound that is promised
            gone = await client.get("/v1/probes", headers=_bearer(secret))
            assert gone.status_code == 401
            assert 'error="invalid_token"' in gone.headers["www-authenticate"]

    asyncio.run(ask())


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic dTpw", "Bearer nonsense", "Bearer assay_" + "x" * 43])
async def test_what_is_no_token_is_refused(header: str, store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path, **PRODUCTION) as client:
        assert (await client.get("/v1/probes", headers={"Authorization": header})).status_code == 401


async def test_where_the_store_is_away_nobody_can_be_told_apart_and_the_answer_is_503(tmp_path: Path) -> None:
    nobody = f"postgresql://u:sesame@127.0.0.1:{free_port()}/x"
    async with api(nobody, tmp_path, **PRODUCTION) as client:
        answer = await client.get("/v1/probes", headers=_bearer("assay_" + "x" * 43))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "sesame" not in answer.text


async def test_without_any_store_a_token_is_503_and_no_token_is_401(tmp_path: Path) -> None:
    async with api("", tmp_path, **PRODUCTION) as client:
        assert (await client.get("/v1/probes")).status_code == 401
        assert (await client.get("/v1/probes", headers=_bearer("assay_" + "x" * 43))).status_code == 503
        ready = await client.get("/readyz?exclude=database")
    assert ready.status_code == 503
    assert "database_url_missing" in {reason["code"] for reason in ready.json()["reasons"]}


async def test_development_on_loopback_reads_without_a_token(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        for path in ("/v1/probes", "/v1/scans", "/v1/events", "/v1/audit-logs", "/docs", "/openapi.json"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get("/")).headers["location"] == "/docs"


@pytest.mark.parametrize(
    ("client_address", "host", "origin"),
    [
        ("192.0.2.7", "127.0.0.1:8000", None),
        ("127.0.0.1", "rebound.example:8000", None),
        ("127.0.0.1", "127.0.0.1:8000", "https://elsewhere.example"),
        ("127.0.0.1", "127.0.0.1:8000", "null"),
        ("127.0.0.1", "127.0.0.1:8000", "http://[unclosed"),
    ],
)
async def test_development_is_open_to_nobody_from_elsewhere(
    client_address: str, host: str, origin: str | None, store_database: str, tmp_path: Path
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    async with api(store_database, tmp_path, client=client_address, host=host) as client:
        answer = await client.post("/v1/probes/database/run", headers=headers)
    assert answer.status_code == 401


async def test_a_host_that_cannot_be_read_is_nobody_s(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        assert (await client.get("/v1/probes", headers={"Host": "[::unclosed"})).status_code == 401
