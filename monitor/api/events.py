"""`/v1/events`: what happened."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from assay.audit.model import Severity
from assay.audit.query import EventFilter
from assay.audit.query import list_events as query_events
from assay.monitor.api.callers import Reader
from assay.monitor.api.parts import PartsDep
from assay.monitor.api.shapes import (
    Cursor,
    EventOut,
    Limit,
    PageOut,
    Since,
    Until,
    Word,
    event_out,
    link_next,
    page_out,
)

router = APIRouter(prefix="/v1/events", tags=["events"])


@router.get("")
async def list_events(
    *,
    request: Request,
    response: Response,
    parts: PartsDep,
    _: Reader,
    since: Since = None,
    until: Until = None,
    event_type: Word = None,
    source: Word = None,
    severity: Annotated[list[Severity] | None, Query(description="may be given several times: any of them")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PageOut[EventOut]:
    """System events, newest first."""
    wanted = EventFilter(
        since=since, until=until, event_type=event_type, source=source, severities=tuple(severity or ())
    )
    page = await query_events(parts.need_store(), wanted, limit=limit, cursor=cursor)
    link_next(request, response, page.next_cursor)
    return page_out(page, event_out)
