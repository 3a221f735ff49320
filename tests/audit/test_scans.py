from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson
import psycopg
import pytest

from assay.audit.errors import InvalidScan
from assay.audit.model import AuditEntry, AuditOutcome, ScanStatus
from assay.audit.query import AuditFilter, ScanFilter, list_audit_logs, list_scans
from assay.audit.scans import MAX_DOCUMENT_BYTES, latest_scans, scan_document, store_failed_scan, store_scan
from tests.audit.clocks import SetClock

if TYPE_CHECKING:
    from assay.audit.scans import StoredScan
    from assay.audit.store import Store

_CONFIGURATION = "c" * 64


def _document(**changes: object) -> dict[str, Any]:
    return {
        "version": 1,
        "tool": {"name": "assay", "version": "0.1.0"},
        "root": ".",
        "service": "shop",
        "repository": "https://git.example/shop",
        "commit": "abc123",
        "branch": "main",
        "time": "2026-11-20T10:00:00Z",
        "endpoints": [{"method": "GET", "path": "/x", "verdict": "mock"}],
        "findings": [],
        "skipped": [{"file": "b.bin", "reason": "binary"}],
        "suppressed": [],
        "summary": {
            "endpoints": 1,
            "by_verdict": {"mock": 1},
            "by_service": {},
            "findings": {"mock-data": 2},
            "skipped": {},
        },
        **changes,
    }


async def _store(
    store: Store,
    document: dict[str, Any],
    clock: SetClock | None = None,
    *,
    configuration_digest: str = _CONFIGURATION,
    origin: str = "ci",
    service: str | None = None,
    audit: AuditEntry | None = None,
) -> StoredScan:
    return await store_scan(
        store,
        orjson.dumps(document),
        clock=clock or SetClock.today(),
        configuration_digest=configuration_digest,
        origin=origin,
        service=service,
        audit=audit,
    )


async def test_a_scan_is_stored_with_its_summary_and_its_whole_document(store: Store) -> None:
    clock = SetClock.today()
    stored = await _store(store, _document(), clock)
    assert stored.created
    (record,) = (await list_scans(store, ScanFilter(service="shop"))).items
    assert (record.id, record.commit, record.branch, record.origin) == (stored.run_id, "abc123", "main", "ci")
    assert (record.endpoints, record.skipped, record.by_verdict, record.findings) == (
        1,
        1,
        {"mock": 1},
        {"mock-data": 2},
    )
    assert record.status is ScanStatus.FINISHED
    assert record.tool_version == "0.1.0"
    assert await scan_document(store, stored.run_id) == _document(time=clock.now().isoformat())


async def test_the_same_commit_with_the_same_configuration_is_one_run(store: Store) -> None:
    first = await _store(store, _document())
    again = await _store(store, _document(time="2026-11-21T10:00:00Z"))
    assert (again.run_id, again.created) == (first.run_id, False)
    assert (await _store(store, _document(), configuration_digest="d" * 64)).created
    assert (await _store(store, _document(commit="def456"))).created
    assert (await _store(store, _document(service="stock"))).created


async def test_a_document_that_belongs_to_no_run_is_not_stored(store: Store, store_url: str) -> None:
    await _store(store, _document())
    await _store(store, _document(findings=[{"rule": "other"}]))
    with psycopg.connect(store_url) as connection:
        assert connection.execute("SELECT count(*) FROM assay.scan_documents").fetchone() == (1,)


async def test_two_that_send_the_same_commit_at_once_make_one_run(store: Store) -> None:
    results = await asyncio.gather(*(_store(store, _document()) for _ in range(4)))
    assert len({result.run_id for result in results}) == 1
    assert sum(result.created for result in results) == 1


async def test_runs_without_a_commit_are_rows_that_share_an_unchanged_document(store: Store, store_url: str) -> None:
    for hour in range(3):
        await _store(store, _document(commit=None, time=f"2026-11-20T1{hour}:00:00Z"), origin="schedule")
    await _store(store, _document(commit=None, endpoints=[]), origin="schedule")
    with psycopg.connect(store_url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM assay.scan_runs), (SELECT count(*) FROM assay.scan_documents)"
        ).fetchone()
    assert row == (4, 2)


async def test_a_scan_that_failed_is_a_run_with_a_reason_and_does_not_stand_for_the_service(store: Store) -> None:
    clock = SetClock.today()
    good = await _store(store, _document(), clock)
    clock.move(timedelta(seconds=1))
    bad = await store_failed_scan(
        store,
        service="shop",
        reason="out of memory",
        configuration_digest=_CONFIGURATION,
        origin="schedule",
        clock=clock,
        commit="abc123",
    )
    records = (await list_scans(store)).items
    assert [(record.id, record.status, record.reason) for record in records] == [
        (bad, ScanStatus.FAILED, "out of memory"),
        (good.run_id, ScanStatus.FINISHED, None),
    ]
    assert (await latest_scans(store))["shop"].id == good.run_id
    assert await scan_document(store, bad) is None
    assert await scan_document(store, uuid4()) is None


async def test_who_sent_a_scan_is_recorded_with_it_once(store: Store) -> None:
    entry = AuditEntry(actor="ci", action="scan.received", target="service/shop", outcome=AuditOutcome.SUCCESS)
    for _ in range(2):
        await _store(store, _document(), audit=entry)
    assert len((await list_audit_logs(store, AuditFilter(action="scan.received"))).items) == 1


async def test_the_service_may_be_named_beside_the_document(store: Store) -> None:
    await _store(store, _document(service=None), service="shop")
    assert list(await latest_scans(store)) == ["shop"]


async def test_characters_that_jsonb_refuses_are_replaced_in_the_document_and_secrets_masked(store: Store) -> None:
    finding = {"message": "a\0b postgresql://u:hunter2@h/d"}
    stored = await _store(store, _document(findings=[finding]))
    document = await scan_document(store, stored.run_id)
    assert document is not None
    assert document["findings"] == [{"message": "a\ufffdb postgresql://u:***@h/d"}]


def _nested(depth: int) -> bytes:
    document = orjson.dumps(_document(findings=["HERE"]))
    return document.replace(b'"HERE"', b"[" * depth + b"]" * depth)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "version 1"),
        (b'{"version": 2}', "version 1"),
        (b'{"version": 1}', "endpoints is missing or not a list"),
        (orjson.dumps(_document(summary=[])), "summary is missing or not an object"),
        (orjson.dumps(_document(service="")), "names no service: .* assay.toml"),
        (orjson.dumps(_document(service=7)), "names no service"),
        (b" " * (MAX_DOCUMENT_BYTES + 1), "at most 16777216 are taken"),
        (_nested(100), "nested deeper"),
    ],
)
async def test_what_is_no_scan_is_refused_with_what_is_wrong(store: Store, raw: bytes, told: str) -> None:
    with pytest.raises(InvalidScan, match=told):
        await store_scan(store, raw, configuration_digest=_CONFIGURATION, origin="ci", clock=SetClock.today())


async def test_a_digest_or_an_origin_that_cannot_be_is_refused_with_what_it_may_be(store: Store) -> None:
    for digest in ("a" * 65, "a\0", "\ud800"):
        with pytest.raises(InvalidScan, match="up to 64 letters and digits"):
            await _store(store, _document(), configuration_digest=digest)
    with pytest.raises(InvalidScan, match="it may be schedule, request, ci"):
        await _store(store, _document(), origin="elsewhere")


async def test_a_document_of_several_megabytes_is_stored(store: Store) -> None:
    findings = [{"rule": "r", "file": f"src/file{number}.py", "message": "m" * 200} for number in range(10_000)]
    stored = await _store(store, _document(findings=findings))
    (record,) = (await list_scans(store)).items
    assert record.document_bytes > 2_000_000
    document = await scan_document(store, stored.run_id)
    assert document is not None
    assert document["findings"] == findings
