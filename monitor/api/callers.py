"""The caller of a request as a dependency: one for reading, one for changing or triggering something."""

from typing import Annotated

from fastapi import Depends, Request

from assay.audit.model import AuditEntry, AuditOutcome, Scope
from assay.monitor.api.access import Caller
from assay.monitor.api.parts import PartsDep
from assay.monitor.api.problems import ProblemError


async def reader(request: Request, parts: PartsDep) -> Caller:
    """Somebody who may read."""
    return await parts.access.caller(request, Scope.READ)


async def writer(request: Request, parts: PartsDep) -> Caller:
    """Somebody who may change or trigger something; a known caller who may not is recorded."""
    try:
        return await parts.access.caller(request, Scope.WRITE)
    except ProblemError as problem:
        if problem.type == "forbidden" and parts.recorder is not None:
            await parts.recorder.audit_or_spool(await _denied(request, parts))
        raise


async def _denied(request: Request, parts: PartsDep) -> AuditEntry:
    known = await parts.access.caller(request, Scope.READ)
    return AuditEntry(
        actor=known.actor,
        action="access.denied",
        target=f"{request.method} {request.url.path}",
        outcome=AuditOutcome.DENIED,
        request_id=known.request_id,
        source_ip=known.source_ip,
    )


Reader = Annotated[Caller, Depends(reader)]
Writer = Annotated[Caller, Depends(writer)]
