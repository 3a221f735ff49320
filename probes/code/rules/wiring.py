"""Why endpoints are never served, told apart for the three rules that speak of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay.probes.code.model import Verdict

if TYPE_CHECKING:
    from assay.probes.code.view import EndpointFlow, ProjectView


class Unserved(NamedTuple):
    """Endpoints that no client can reach, each in one group, in the order of the view."""

    unmounted: tuple[EndpointFlow, ...]
    shadowed: tuple[EndpointFlow, ...]
    unimportable: tuple[EndpointFlow, ...]


def unserved(view: ProjectView) -> Unserved:
    """A broken module explains its routes; where the reason stands at another route, that one shadows."""
    broken_files = {module.file for module in view.unimportable}
    faults = {module.because for module in view.unimportable}
    declared = {flow.endpoint.at for flow in view.endpoints}
    unmounted, shadowed, unimportable = [], [], []
    for flow in view.endpoints:
        if flow.endpoint.verdict is not Verdict.UNWIRED:
            continue
        if flow.endpoint.at.file in broken_files or (flow.unwired and flow.unwired.at in faults):
            unimportable.append(flow)
        elif flow.unwired and flow.unwired.at != flow.endpoint.at and flow.unwired.at in declared:
            shadowed.append(flow)
        else:
            unmounted.append(flow)
    return Unserved(unmounted=tuple(unmounted), shadowed=tuple(shadowed), unimportable=tuple(unimportable))
