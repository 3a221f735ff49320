"""`/v1/scans`: what scans found, and the intake of a scan's JSON from elsewhere."""

import asyncio
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from assay.audit.model import AuditEntry, AuditOutcome, ScanStatus
from assay.audit.query import ScanFilter
from assay.audit.query import list_scans as query_scans
from assay.audit.scans import scan_document, store_scan
from assay.monitor.api.callers import Reader, Writer
from assay.monitor.api.parts import PartsDep
from assay.monitor.api.problems import ProblemError
from assay.monitor.api.shapes import (
    Cursor,
    Limit,
    PageOut,
    ScanOut,
    Since,
    StoredScanOut,
    Until,
    Word,
    link_next,
    page_out,
    scan_out,
)
from assay.monitor.scanning import read_content

PATH = "/v1/scans"
router = APIRouter(prefix=PATH, tags=["scans"])


@router.get("")
async def list_scans(
    *,
    request: Request,
    response: Response,
    parts: PartsDep,
    _: Reader,
    since: Since = None,
    until: Until = None,
    service: Word = None,
    commit: Word = None,
    status: ScanStatus | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PageOut[ScanOut]:
    """Runs of scans, newest first."""
    wanted = ScanFilter(since=since, until=until, service=service, commit=commit, status=status)
    page = await query_scans(parts.need_store(), wanted, limit=limit, cursor=cursor)
    link_next(request, response, page.next_cursor)
    return page_out(page, scan_out)


@router.get("/{scan_id}")
async def get_scan(scan_id: UUID, parts: PartsDep, _: Reader) -> dict[str, JsonValue]:
    """The document of one run, as `assay scan --format json` wrote it, with the time of the run."""
    document = await scan_document(parts.need_store(), scan_id)
    if document is None:
        detail = "there is no such scan, or it ended without a document"
        raise ProblemError(status=HTTPStatus.NOT_FOUND, type="unknown-scan", detail=detail)
    return dict(document)


@router.post("", status_code=HTTPStatus.CREATED, responses={200: {"model": StoredScanOut}})
async def submit_scan(request: Request, response: Response, parts: PartsDep, caller: Writer) -> StoredScanOut:
    """Take in a scan's JSON (version 1, at most 16 MiB).

    201 and `Location` for a new one; 200 where the same service, commit and configuration were taken in before, which
    changes nothing. The scan and the audit row are committed together before the answer.
    """
    store = parts.need_store()
    body = await request.body()
    content = await asyncio.to_thread(read_content, body)
    entry = AuditEntry(
        actor=caller.actor,
        action="scan.submitted",
        target=f"service/{content.service}",
        outcome=AuditOutcome.SUCCESS,
        request_id=caller.request_id,
        source_ip=caller.source_ip,
        after={"commit": content.commit, "digest": content.digest},
    )
    stored = await store_scan(
        store, body, configuration_digest=content.configuration, origin="ci", clock=parts.clock, audit=entry
    )
    if stored.created:
        parts.scans.taken_in(content, run_id=str(stored.run_id))
    else:
        response.status_code = HTTPStatus.OK
    response.headers["Location"] = f"{PATH}/{stored.run_id}"
    return StoredScanOut(id=stored.run_id, service=content.service, created=stored.created)
