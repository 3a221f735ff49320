"""Stored data that reaches the answer, and data of the request that reaches a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.values import STORED, Kind
from assay.probes.code.judging import score
from assay.probes.code.judging.case import HALF, Case, Judgement, carries_request
from assay.probes.code.judging.fallbacks import is_cache
from assay.probes.code.model import Confidence, Verdict
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from assay.probes.code.flow.trace import Event
    from assay.probes.code.flow.values import Atom


_NORMAL: Final = frozenset({Cause.NORMAL, Cause.EMPTY})


def real(case: Case) -> Judgement | None:
    """Stored data reaches the answer, or data of the request reaches the store and is committed."""
    if (not case.normal and not case.committed) or is_cache(case):
        return None
    writes = [event for event in case.committed if event.cause in _NORMAL]
    if writes:
        sure = (
            Confidence.HIGH
            if any(carries_request(event) or _selected(event) for event in writes)
            else Confidence.MEDIUM
        )
        event = writes[0]
        return Judgement(
            Verdict.REAL,
            sure,
            ("it writes to a store and commits",),
            ((event.site, f"writes {_target(event)}"),),
            debatable=_kv(case),
        )
    if case.stored:
        proven = any(leaf.proven for leaf in case.stored)
        row, site = next((one, at) for leaf in case.stored for one, at in leaf.atoms.items() if one.kind in STORED)
        return Judgement(
            Verdict.REAL,
            Confidence.HIGH if proven else Confidence.MEDIUM,
            ("stored data reaches the answer",),
            ((site, f"reads {_stored(row)}"),),
            debatable=_kv(case),
        )
    if case.reads and not score.is_health(case.path):
        events = [event for event in case.reads if event.cause in _NORMAL]
        decides = any(leaf.has(Kind.TOKEN, Kind.EXTERNAL, Kind.DERIVED, Kind.PAGE, Kind.UNKNOWN) for leaf in case.every)
        if events and (decides or not case.data or all(leaf.literal for leaf in case.every)):
            return Judgement(
                Verdict.REAL,
                Confidence.MEDIUM,
                ("what the store holds decides the answer",),
                ((events[0].site, f"reads {_target(events[0])}"),),
                debatable=True,
            )
    identity = [leaf for leaf in case.data if leaf.identity and not leaf.has(Kind.ENV, Kind.TOKEN)]
    if identity and len(identity) / len(case.data) >= HALF:
        return Judgement(
            Verdict.REAL,
            Confidence.MEDIUM,
            ("the stored row of the caller reaches the answer",),
            debatable=False,
        )
    return None


def _selected(event: Event) -> bool:
    return any(one.kind in STORED for one in (*event.selects.all_atoms(), *event.data.all_atoms()))


def _kv(case: Case) -> bool:
    """Nothing but a key-value store is asked."""
    libraries = {event.library for event in (*case.reads, *case.committed)}
    return bool(libraries) and libraries <= {"redis"}


def _target(event: Event) -> str:
    return f"`{event.target}` ({event.library})" if event.target else event.library


def _stored(row: Atom) -> str:
    library, _, table = row.name.partition(":")
    return f"`{table}` ({library})" if table else library or "the store"
