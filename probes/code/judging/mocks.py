"""Answers that are invented: declared to be, beside a store that is read, or literal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.values import INVENTED, SAME, Kind
from assay.probes.code.judging import score
from assay.probes.code.judging.case import HALF, Case, Judgement
from assay.probes.code.judging.fallbacks import is_cache
from assay.probes.code.judging.losses import claims_success, claims_write, says_done
from assay.probes.code.model import Confidence, Verdict
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.judging.leaves import Leaf


def declared(case: Case) -> Judgement | None:
    """Data that is invented, as declared or seen where it is made, is most of the answer, texts and labels left out."""
    cached = is_cache(case)
    stored = set() if cached else {leaf.path for leaf in case.stored}
    told = [leaf for leaf in case.data if _is_told(leaf) and not any(leaf.path[: len(one)] == one for one in stored)]
    if not told or score.is_health(case.path) or (case.is_write and case.memory_writes):
        return None
    if case.committed and not cached:
        return None
    facts = [leaf for leaf in case.data if not leaf.literal or leaf.number or leaf.date]
    if len(told) / len(facts) < HALF:
        return None
    made, site = next((one, at) for one, at in told[0].atoms.items() if one.marks & (INVENTED | SAME))
    declares = bool(made.marks & INVENTED)
    canned = any(leaf.has(Kind.EXTERNAL) for leaf in told)  # what stands in for another service that does not answer
    why = "what it answers is declared to be invented where it is made"
    return Judgement(
        Verdict.MOCK,
        Confidence.HIGH,
        (why if declares else "what it answers is made of records that are the same for every entity",),
        ((site, "the invented data"),),
        debatable=bool(stored) or canned,
        flags=("declared",) if declares else (),
    )


def _is_told(leaf: Leaf) -> bool:
    """It is declared to be invented, and more than a text or nothing."""
    return leaf.invented and not leaf.nothing and (not leaf.literal or leaf.number or leaf.date)


def unused(case: Case) -> Judgement | None:
    """A store is read and the answer is invented all the same."""
    if not case.reads or case.committed or not case.data or score.is_health(case.path):
        return None
    if any(leaf.stored for leaf in case.every):
        return _partial(case)
    invented = [leaf for leaf in case.data if leaf.number or leaf.date or leaf.random]
    literal = [leaf for leaf in case.data if leaf.literal or leaf.random]
    if invented and len(literal) / len(case.data) >= HALF and not case.trace.handed_on:
        site = next(iter(invented[0].atoms.values()))
        return Judgement(
            Verdict.MOCK,
            Confidence.MEDIUM if case.trace.unresolved else Confidence.HIGH,
            ("a store is read, but its result does not reach the answer",),
            ((case.reads[0].site, "the query"), (site, "the invented value")),
            flags=("result-unused",),
        )
    return None


def _partial(case: Case) -> Judgement | None:
    invented = [leaf for leaf in case.data if leaf.random or (leaf.number and not leaf.stored)]
    share = len(invented) / len(case.data)
    random = any(leaf.random for leaf in invented)
    if (random and share >= HALF / 2) or (share >= HALF and score.marker(case.words)):
        site = next(iter(invented[0].atoms.values()))
        return Judgement(
            Verdict.MOCK,
            Confidence.MEDIUM,
            ("measures are invented beside stored ones",),
            ((site, "the invented value"),),
            debatable=True,
            flags=("partial",),
        )
    return None


def _constant_token(case: Case) -> Judgement | None:
    """Whoever signs in is given the same token: no session is made, and no caller is looked up."""
    tokens = [leaf for leaf in case.every if leaf.literal and not leaf.nothing and _TOKEN.search(leaf.name)]
    if not tokens or not case.is_write or not _SIGNS_IN.search(case.path):
        return None
    site = next(iter(tokens[0].atoms.values()))
    return Judgement(
        Verdict.MOCK, Confidence.HIGH, ("every caller is given the same token",), ((site, "the constant token"),)
    )


def literal(case: Case) -> Judgement | None:
    """Only literals, echo of the request, clock and identifiers."""
    if not case.normal:
        return None
    if (found := _constant_token(case)) is not None:
        return found
    if case.is_write and case.trace.handed_on and not any(leaf.number or leaf.random for leaf in case.data):
        names = sorted(case.trace.handed_on)
        return Judgement(
            Verdict.UNKNOWN, Confidence.LOW, (f"what becomes of the data is not known: {', '.join(names[:3])}",)
        )
    points = score.score(
        score.Case(
            path=case.path,
            data=case.data,
            every=case.every,
            words=case.words,
            callee_words=case.callee_words,
            selects_nothing=not any(leaf.has(Kind.DERIVED) for leaf in case.every),
            unused_store=bool(case.run.handles) and not case.reads and not case.writes,
            is_write=case.is_write,
        )
    )
    echo = [leaf for leaf in case.data if leaf.has(Kind.REQUEST)]
    invented = [leaf for leaf in case.data if leaf.number or leaf.date or leaf.random]
    measures = [leaf for leaf in invented if leaf.random or not _IDENTIFIES.search(leaf.name)]
    mirrors = bool(echo) and (len(echo) / len(case.data) >= HALF or says_done(case))
    if case.is_write and not measures and (mirrors or claims_success(case)) and not score.is_plain(case.path):
        found = claims_write(case, Confidence.HIGH if mirrors else Confidence.MEDIUM)
        if found is not None and not any(leaf.has(Kind.DERIVED) for leaf in case.every):
            return found
    sent = next((event for event in case.own if event.kind is EffectKind.EXTERNAL), None)
    if sent is not None and case.is_write and not any(leaf.random for leaf in case.data):
        return Judgement(
            Verdict.STATIC,
            Confidence.MEDIUM,
            ("it hands on to another service and tells so",),
            ((sent.site, "calls another service"),),
        )
    confidence = Confidence(score.sureness(points.total))
    verdict = Verdict.MOCK if points.total > 0 else Verdict.STATIC
    sites = [(site, "the literal") for leaf in (invented or case.data)[:1] for site in list(leaf.atoms.values())[:1]]
    return Judgement(verdict, confidence, points.reasons, tuple(sites), debatable=confidence is Confidence.LOW)


_IDENTIFIES: Final = re.compile(r"(^|_)(id|uuid|key|number|no|date|at|on|time|timestamp)$|Id$|At$", re.IGNORECASE)
_SIGNS_IN: Final = re.compile(r"(^|[/_-])(log-?in|sign-?in|auth|authenticate|token|session)/?$", re.IGNORECASE)
_TOKEN: Final = re.compile(r"(^|_)(token|jwt)$|(Token|Jwt)$")
