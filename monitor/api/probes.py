"""`/v1/probes`: the targets as they stand, and a run on request."""

from typing import Annotated

from fastapi import APIRouter, Path

from assay.audit.model import AuditEntry, AuditOutcome
from assay.monitor.api.callers import Reader, Writer
from assay.monitor.api.parts import PartsDep
from assay.monitor.api.shapes import TargetOut, TargetsOut, target_out

router = APIRouter(prefix="/v1/probes", tags=["probes"])

TargetName = Annotated[str, Path(max_length=100)]


@router.get("")
async def list_targets(parts: PartsDep, _: Reader) -> TargetsOut:
    """Every target with its state and the results of its last round. Needs no store."""
    return TargetsOut(items=[target_out(view) for view in parts.prober.views()])


@router.get("/{target}")
async def get_target(target: TargetName, parts: PartsDep, _: Reader) -> TargetOut:
    """One target. Needs no store."""
    return target_out(parts.prober.view(target))


@router.post("/{target}/run")
async def run_target(target: TargetName, parts: PartsDep, caller: Writer) -> TargetOut:
    """Probe a target now.

    That it was asked for is committed before the run begins; where it cannot be, the answer is 503 and nothing is
    run. What the run found is told by events and metrics, like that of any other.
    """
    name = parts.prober.view(target).target.name
    entry = AuditEntry(
        actor=caller.actor,
        action="probe.triggered",
        target=f"target/{name}",
        outcome=AuditOutcome.ACCEPTED,
        request_id=caller.request_id,
        source_ip=caller.source_ip,
    )
    await parts.need_recorder().audit(entry)
    return target_out(await parts.prober.run(name))
