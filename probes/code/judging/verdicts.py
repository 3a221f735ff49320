"""Evidence -> verdict. The order of the questions is the precedence, and it is written here only.

A verdict of a fake needs a proven answer and every call on the way known; where only an unknown call separates two
verdicts the answer is `unknown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.flow.values import Kind
from assay.probes.code.judging import score
from assay.probes.code.judging.case import HALF, Case, Judgement
from assay.probes.code.judging.fallbacks import fallback
from assay.probes.code.judging.leaves import is_shell, tells_connection
from assay.probes.code.judging.losses import dropped, lossy, only_told, silent
from assay.probes.code.judging.mocks import declared, literal, unused
from assay.probes.code.judging.storage import real
from assay.probes.code.judging.volatility import kept_locally, volatile
from assay.probes.code.model import Confidence, Verdict
from assay.probes.code.view import AnswerKind

if TYPE_CHECKING:
    from assay.probes.code.judging.leaves import Leaf


def judgement(case: Case) -> Judgement:
    """The body verdict."""
    for question in (
        _undecidable,
        _unimplemented,
        _about_itself,
        lossy,
        declared,
        fallback,
        unused,
        volatile,
        real,
        _outside,
        kept_locally,
        literal,
    ):
        found = question(case)
        if found is not None:
            lost = dropped(case) if found.body is Verdict.STATIC else None
            return _doubted(case, lost or found)
    return Judgement(Verdict.UNKNOWN, Confidence.LOW, ("nothing on the way of this endpoint could be decided",))


def _doubted(case: Case, found: Judgement) -> Judgement:
    """A verdict on an endpoint that was not examined to its end says only that; calls too deep make it less sure."""
    if case.trace.exhausted or case.trace.cut:
        ended = () if found.body is Verdict.UNKNOWN else ("the analysis ended before everything was examined",)
        reasons = (*ended, *found.reasons)
        return Judgement(Verdict.UNKNOWN, Confidence.LOW, reasons, found.at, flags=(*found.flags, "budget"))
    if case.trace.deep:
        sure = Confidence.MEDIUM if found.confidence is Confidence.HIGH else found.confidence
        return found._replace(confidence=sure, flags=(*found.flags, "budget"))
    return found


def _undecidable(case: Case) -> Judgement | None:
    if case.run.handler is None:
        return Judgement(Verdict.UNKNOWN, Confidence.LOW, ("its handler could not be found",))
    if case.trace.exhausted and not case.ok:
        return Judgement(Verdict.UNKNOWN, Confidence.LOW, ("the analysis ended before its answer was reached",))
    return None


def _unimplemented(case: Case) -> Judgement | None:
    refused = [reply for reply in case.trace.replies if reply.kind is AnswerKind.REFUSED]
    if refused and not case.ok:
        return Judgement(
            Verdict.UNIMPLEMENTED, Confidence.HIGH, ("it refuses with 501",), ((refused[0].site, "refuses"),)
        )
    return None


def _about_itself(case: Case) -> Judgement | None:
    """Health and readiness tell of the service; whether they look is another question."""
    if case.is_write or case.committed or score.has_entity(case.path) or not case.ok:
        return None
    if not score.is_health(case.path) and not (case.reads and tells_connection(case.every)):
        return None
    looks = bool(case.reads) or any(
        leaf.has(Kind.UNKNOWN, Kind.HOST, Kind.EXTERNAL, Kind.MEMORY) for leaf in case.every
    )
    return Judgement(
        Verdict.STATIC,
        Confidence.MEDIUM if looks else Confidence.HIGH,
        ("it tells of the service itself",),
        ((case.ok[0].site, "answers"),),
    )


def _outside(case: Case) -> Judgement | None:
    """The answer is computed from the request, or comes from outside; a store is not expected."""
    if not case.normal:
        failed = bool(case.trace.replies) and not case.ok
        return Judgement(Verdict.UNKNOWN, Confidence.LOW, ("no path of it was seen to succeed",)) if failed else None
    data = case.data or case.every
    if not data:
        return silent(case)
    return _shell(case) or _depends(case, data) or only_told(case) or _elsewhere(case, data)


def _shell(case: Case) -> Judgement | None:
    """A page whose scripts load the data: what it is rendered with holds none."""
    if case.is_write or not is_shell(case.every):
        return None
    return Judgement(Verdict.STATIC, Confidence.MEDIUM, ("it renders a page that is given no records",))


def _depends(case: Case, data: tuple[Leaf, ...]) -> Judgement | None:
    """Half of the answer or more, labels left out, comes from calls that are not known.

    What a guard answers in the place of the data is no other part of it. What a library makes of the request is
    computed from it; what an inherited method does with it is not known.
    """
    unknown = [
        leaf
        for leaf in data
        if leaf.has(Kind.UNKNOWN)
        and not leaf.has(Kind.EXTERNAL, Kind.FILE, Kind.TOKEN)
        and (not leaf.has(Kind.DERIVED) or any(one.name in case.trace.inherited for one in leaf.atoms))
    ]
    facts = {leaf.path for leaf in data if not leaf.literal or leaf.number or leaf.date}
    if unknown and len({leaf.path for leaf in unknown}) / len(facts) >= HALF:
        names = sorted({one.name for leaf in unknown for one in leaf.atoms if one.kind is Kind.UNKNOWN and one.name})
        return Judgement(
            Verdict.UNKNOWN, Confidence.LOW, (f"it depends on calls that are not known: {', '.join(names[:3])}",)
        )
    return None


def _elsewhere(case: Case, data: tuple[Leaf, ...]) -> Judgement | None:
    outside = [leaf for leaf in data if leaf.outside or leaf.has(Kind.DERIVED)]
    if outside and len(outside) / len(data) >= HALF:
        return Judgement(
            Verdict.STATIC, Confidence.MEDIUM, ("the answer is computed from the request or comes from outside",)
        )
    if all(reply.kind is AnswerKind.REDIRECT for reply in case.normal):
        return Judgement(Verdict.STATIC, Confidence.HIGH, ("it redirects",))
    return None
