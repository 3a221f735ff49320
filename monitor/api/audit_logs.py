"""`/v1/audit-logs`: who did what."""

from fastapi import APIRouter, Request, Response

from assay.audit.model import AuditOutcome
from assay.audit.query import AuditFilter
from assay.audit.query import list_audit_logs as query_audit_logs
from assay.monitor.api.callers import Reader
from assay.monitor.api.parts import PartsDep
from assay.monitor.api.shapes import (
    AuditOut,
    Cursor,
    Limit,
    PageOut,
    Since,
    Until,
    Word,
    audit_out,
    link_next,
    page_out,
)

router = APIRouter(prefix="/v1/audit-logs", tags=["audit"])


@router.get("")
async def list_audit_logs(
    *,
    request: Request,
    response: Response,
    parts: PartsDep,
    _: Reader,
    since: Since = None,
    until: Until = None,
    actor: Word = None,
    action: Word = None,
    target: Word = None,
    outcome: AuditOutcome | None = None,
    request_id: Word = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PageOut[AuditOut]:
    """Audit rows, newest first."""
    wanted = AuditFilter(
        since=since,
        until=until,
        actor=actor,
        action=action,
        target=target,
        outcome=outcome,
        request_id=request_id,
    )
    page = await query_audit_logs(parts.need_store(), wanted, limit=limit, cursor=cursor)
    link_next(request, response, page.next_cursor)
    return page_out(page, audit_out)
