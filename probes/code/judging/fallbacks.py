"""Fallbacks: what an endpoint answers when its store, or another service, fails, is empty or not configured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import streams
from assay.probes.code.flow.branches import KEY_VALUE
from assay.probes.code.flow.values import Kind
from assay.probes.code.judging.case import ANSWERED, HALF, Case, Judgement
from assay.probes.code.judging.leaves import ENVELOPE, data_leaves, leaves, tells_failure
from assay.probes.code.model import Confidence, Verdict
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.trace import Reply, Trace

_PAGING: Final = re.compile(
    r"(total_?|per_?|current_?)?pages?(_?size|_?number|_?count)?|limit|offset|size|skip", re.IGNORECASE
)
_ARGUABLE: Final = re.compile(r"log-?out|sign-?out|health|metrics|warm-?up|db-?check|(^|[/_-])status/?$", re.IGNORECASE)
_LOG: Final = re.compile(r"[Aa]udit|(^|_)logs?$|[a-z]Logs?$|(^|_)log_entr|LogEntr")
"""Names of tables that hold what happened."""
_OF_LOGS: Final = re.compile(r"audit|(^|[/_-])(logs?|events?|activit(y|ies)|history|track\w*)([/_-]|$)", re.IGNORECASE)
_STORE: Final = frozenset({EffectKind.STORE_READ, EffectKind.STORE_WRITE})
_FOREIGN: Final = (Kind.UNKNOWN, Kind.EXTERNAL, Kind.FILE, Kind.HOST, Kind.TOKEN)
_ELSEWHERE: Final = (Kind.EXTERNAL, Kind.FILE, Kind.HOST, Kind.DERIVED)


def fallback(case: Case) -> Judgement | None:
    """A failure, a missing configuration or an empty store ends in success with data that is not the store's."""
    if not (case.reads or case.writes):
        return _canned(case) or _without_service(case)
    if is_cache(case):
        return None
    return _when_down(case) or _when_unconfigured(case) or _when_empty(case) or _without_service(case)


def _when_down(case: Case) -> Judgement | None:
    for library, trace in case.run.outages:
        reply = next((one for one in trace.replies if _hides_a_failure(one)), None)
        if reply is None or _kept_by_store(case, reply, trace, library) or _unused(case, reply):
            continue
        if library == KEY_VALUE and _is_done_elsewhere(case):
            return Judgement(
                Verdict.STATIC,
                Confidence.MEDIUM,
                ("another service does it, and a failure of that is told; what is noted beside it may be lost",),
                (
                    (
                        next(event.site for event in case.own if event.kind is EffectKind.EXTERNAL),
                        "asks another service",
                    ),
                ),
                flags=("swallowed-side-effect",),
            )
        if library == KEY_VALUE and _may_come_from_elsewhere(case, reply):
            continue
        at = tuple((one.site, "the failure is caught here") for one in trace.swallows[:1])
        unsure = _rests_on_unknown(case, reply) or _comes_from_elsewhere(case, reply)
        arguable = reply.kind is AnswerKind.REDIRECT or bool(_ARGUABLE.search(case.path)) or _only_noted(case, trace)
        return Judgement(
            Verdict.FALLBACK,
            Confidence.MEDIUM if unsure else Confidence.HIGH,
            ("when the store fails, it answers success all the same",),
            (*at, (reply.site, "answers success")),
            debatable=unsure or arguable,
        )
    return None


def _only_noted(case: Case, trace: Trace) -> bool:
    """What fails unseen is an entry in a log, and the endpoint is none that keeps logs."""
    failed = {one.effect for one in trace.swallows}
    lost = [event for event in (*case.reads, *case.writes) if event.site in failed]
    return bool(lost) and all(_LOG.search(event.target) for event in lost) and not _OF_LOGS.search(case.path)


def _is_done_elsewhere(case: Case) -> bool:
    """A write that another service does: where that fails the client is told, and no other store is written."""
    outside = case.run.outside
    if outside is None or outside.exhausted or outside.cut or not case.is_write or case.stored:
        return False
    if any(event.library != KEY_VALUE for event in case.writes):
        return False
    return not any(_hides_a_failure(reply) for reply in outside.replies)


def _rests_on_unknown(case: Case, reply: Reply) -> bool:
    """It answers with what a call that nobody followed gives: what is read or written may be there, and fail."""
    found = data_leaves(leaves(reply.value, case.memory))
    made = [leaf for leaf in found if leaf.has(Kind.UNKNOWN) and not leaf.stored]
    same = [leaf for one in case.normal if one.site == reply.site for leaf in leaves(one.value, case.memory)]
    followed = not case.trace.handed_on if case.is_write else any(leaf.stored for leaf in same)
    return (not followed or streams.is_one(reply.value)) and bool(found) and len(made) / len(found) >= HALF


def _comes_from_elsewhere(case: Case, reply: Reply) -> bool:
    """What a read answers instead was asked of another service, or stands in a file: it may be just as true."""
    found = data_leaves(leaves(reply.value, case.memory))
    outside = [leaf for leaf in found if leaf.has(Kind.EXTERNAL, Kind.FILE)]
    return not case.writes and bool(found) and len(outside) / len(found) >= HALF


def _hides_a_failure(reply: Reply) -> bool:
    return reply.kind in ANSWERED and reply.cause is Cause.STORE_FAILURE and not tells_failure(reply.value)


def _may_come_from_elsewhere(case: Case, reply: Reply) -> bool:
    """Beside a key-value store the handler asks what nobody followed, and that may be where its data is."""
    found = leaves(reply.value, case.memory)
    return bool(case.trace.unresolved) or any(leaf.has(*_FOREIGN) for leaf in found)


def _unused(case: Case, reply: Reply) -> bool:
    """What was read is in no answer, or not in this one, which another service gives: its failure hides nothing."""
    same = [one for one in case.normal if one.site == reply.site]
    if not same or case.writes:
        return False
    given = [leaf for one in same for leaf in leaves(one.value, case.memory)]
    foreign = any(leaf.has(Kind.UNKNOWN, Kind.EXTERNAL) for leaf in leaves(reply.value, case.memory))
    return not case.stored or (foreign and not any(leaf.stored for leaf in given))


def _when_unconfigured(case: Case) -> Judgement | None:
    durable = any(event.kind in _STORE and event.library != KEY_VALUE for event in case.own)
    if _writes_all_the_same(case):
        return None
    for reply in case.ok:
        beside = case.trace.absent == {KEY_VALUE} and (durable or _may_come_from_elsewhere(case, reply))
        if (
            reply.cause is Cause.NOT_CONFIGURED
            and not beside
            and not tells_failure(reply.value)
            and not any(leaf.stored for leaf in leaves(reply.value, case.memory))
        ):
            return Judgement(
                Verdict.FALLBACK,
                Confidence.HIGH,
                ("when the store is not configured, it answers success all the same",),
                ((reply.site, "answers success"),),
                debatable=reply.kind is AnswerKind.REDIRECT or bool(_ARGUABLE.search(case.path)),
            )
    return None


def _writes_all_the_same(case: Case) -> bool:
    """What is not configured is beside the point: a store is written where nobody asks whether it is there."""
    machine = case.run.machine
    asking = {machine.function_at(site) for site in case.trace.gates}
    return any(
        event.library != KEY_VALUE
        and (event.cause is Cause.NOT_CONFIGURED or machine.function_at(event.site) not in asking)
        for event in case.committed
    )


def _when_empty(case: Case) -> Judgement | None:
    made = any(event.cause is Cause.EMPTY for event in case.committed)
    for reply in () if made else case.ok:
        if reply.cause is Cause.EMPTY and _invented(case, reply) and any(one.cause is Cause.NORMAL for one in case.ok):
            return Judgement(
                Verdict.FALLBACK,
                Confidence.MEDIUM,
                ("when the store is empty, it answers with invented data",),
                ((reply.site, "answers with invented data"),),
            )
    for leaf in case.data:
        if leaf.stored and leaf.defaults:
            site = leaf.defaults[0][1]
            return Judgement(
                Verdict.FALLBACK,
                Confidence.MEDIUM,
                (f"where the store has no `{leaf.name}`, it is invented",),
                ((site, "the invented value"),),
                debatable=True,
            )
    return None


def _canned(case: Case) -> Judgement | None:
    """Another service is asked, and when it fails a constant is told as success."""
    asked = any(event.kind is EffectKind.EXTERNAL for event in case.own)
    if not asked or not any(leaf.outside for leaf in case.every):
        return None
    for reply in case.ok:
        if reply.cause is Cause.FAILURE and reply not in case.normal and not tells_failure(reply.value):
            found = data_leaves(leaves(reply.value, case.memory)) or leaves(reply.value, case.memory)
            if found and not any(leaf.outside for leaf in found) and any(leaf.literal for leaf in found):
                return Judgement(
                    Verdict.FALLBACK,
                    Confidence.MEDIUM,
                    ("when the other service fails, it answers success with a constant",),
                    ((reply.site, "answers success"),),
                    debatable=True,
                )
    return None


def _without_service(case: Case) -> Judgement | None:
    """Where another service is not configured samples are answered as success, and else what it gives."""
    sample = next((leaf for leaf in case.stand_ins if not leaf.nothing and leaf.name not in ENVELOPE), None)
    if sample is None or case.committed or not any(leaf.outside or leaf.has(Kind.UNKNOWN) for leaf in case.data):
        return None
    if any(tells_failure(reply.value) and _stands_in(case, reply) for reply in case.normal):
        return None
    return Judgement(
        Verdict.FALLBACK,
        Confidence.MEDIUM,
        ("when the other service is not configured, it answers success with a sample",),
        ((next(iter(sample.atoms.values())), "the sample"),),
        debatable=True,
    )


def _stands_in(case: Case, reply: Reply) -> bool:
    """The answer is given only where another service is not configured."""
    found = leaves(reply.value, case.memory)
    return any(leaf.stands_in for leaf in found) and not any(leaf.outside or leaf.stored for leaf in found)


def is_cache(case: Case) -> bool:
    """Only a key-value store is asked, and what the answer is made of comes from elsewhere."""
    durable = {event.library for event in (*case.reads, *case.writes)} - {KEY_VALUE}
    mirrors = any(one.kind is Kind.REQUEST for event in case.writes for one in event.data.all_atoms()) and not any(
        one.kind is Kind.EXTERNAL for event in case.writes for one in event.data.all_atoms()
    )
    return not durable and not mirrors and any(leaf.has(*_ELSEWHERE) for leaf in case.data)


def _kept_by_store(case: Case, reply: Reply, trace: Trace, down: str) -> bool:
    """Without this store the answer still comes from another one, or what was to be written is."""
    if any(leaf.stored for leaf in leaves(reply.value, case.memory)):
        return True
    others = [event for event in trace.events if event.library != down and not event.guard]
    return any(event.kind is EffectKind.STORE_WRITE for event in others)


def _invented(case: Case, reply: Reply) -> bool:
    found = [leaf for leaf in data_leaves(leaves(reply.value, case.memory)) if not _PAGING.fullmatch(leaf.name)]
    return (
        bool(found)
        and not any(leaf.stored for leaf in found)
        and sum(1 for leaf in found if leaf.number or leaf.date or leaf.random) >= 1
        and sum(1 for leaf in found if leaf.literal or leaf.random) / len(found) >= HALF
    )
