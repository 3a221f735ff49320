"""Evidence -> verdict. The order of the questions is the precedence, and it is written here only.

A verdict of a fake needs a proven answer and every call on the way known; where only an unknown call separates two
verdicts the answer is `unknown`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.values import INVENTED, STORED, Kind
from assay.probes.code.judging import score
from assay.probes.code.judging.behind import commits_behind
from assay.probes.code.judging.case import HALF, Case, Judgement, carries_request
from assay.probes.code.judging.fallbacks import fallback, is_cache
from assay.probes.code.model import Confidence, Verdict
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.trace import Event
    from assay.probes.code.flow.values import Atom, Site
    from assay.probes.code.judging.leaves import Leaf

_NORMAL: Final = frozenset({Cause.NORMAL, Cause.EMPTY})


def judgement(case: Case) -> Judgement:
    """The body verdict."""
    for question in (
        _undecidable,
        _unimplemented,
        _about_itself,
        _lossy,
        fallback,
        _declared,
        _unused,
        _volatile,
        _real,
        _outside,
        _kept_locally,
        _literal,
    ):
        found = question(case)
        if found is not None:
            return _doubted(case, found)
    return Judgement(Verdict.UNKNOWN, Confidence.LOW, ("nothing on the way of this endpoint could be decided",))


def _doubted(case: Case, found: Judgement) -> Judgement:
    if case.trace.exhausted or case.trace.cut:
        return found._replace(confidence=Confidence.LOW, flags=(*found.flags, "budget"))
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
    if case.is_write or not score.is_health(case.path) or case.committed or score.has_entity(case.path) or not case.ok:
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


def _lossy(case: Case) -> Judgement | None:
    """A write that answers success and whose data reaches no store."""
    if not case.normal:
        return None
    uncommitted = [event for event in case.writes if not case.is_committed(event) and _matters(event)]
    if uncommitted and not case.committed and case.is_write:
        at = tuple(
            (event.site, f"writes `{event.target or event.library}`, but nothing commits it")
            for event in uncommitted[:2]
        )
        behind = case.run.ends_with_commit or commits_behind(case.run.machine)
        if behind is not None:
            return Judgement(
                Verdict.REAL,
                Confidence.MEDIUM,
                ("what surrounds every request commits what it writes",),
                ((uncommitted[0].site, "writes to a store"), (behind, "commits behind the handler")),
                flags=("commit-after-response",),
            )
        flushed = any(event.kind is EffectKind.FLUSH for event in case.own)
        why = "the write is flushed, but never committed" if flushed else "the write is never committed"
        sure = Confidence.MEDIUM if case.trace.handed_on else Confidence.HIGH
        return Judgement(Verdict.LOSSY, sure, (why,), at)
    own = [case.own[index] for index in case.commits if not any(case.own[index] is one for one in case.trace.deferred)]
    idle = not case.writes and not case.memory_writes and not case.trace.handed_on
    if own and case.is_write and idle and case.takes_data and not (case.reads and case.stored):
        commit = own[0]
        return Judgement(
            Verdict.LOSSY, Confidence.HIGH, ("it commits, but nothing was added",), ((commit.site, "commits nothing"),)
        )
    return None


def _matters(event: Event) -> bool:
    """A write whose loss is a loss.

    A field that is set on a row only counts where it is set to what the request gave.
    """
    return event.handle != "dirty" or any(one.kind is Kind.REQUEST for one in event.data.all_atoms())


def _declared(case: Case) -> Judgement | None:
    """Data that its authors declare to be invented is most of the answer."""
    invented = [leaf for leaf in case.data if leaf.invented and not leaf.nothing]
    told = [leaf for leaf in invented if not leaf.literal or leaf.number or leaf.date]
    if not told or case.committed or (case.is_write and case.memory_writes):
        return None
    if len(invented) / len(case.data) < HALF or score.is_health(case.path):
        return None
    site = next(at for one, at in told[0].atoms.items() if one.marks & INVENTED)
    return Judgement(
        Verdict.MOCK,
        Confidence.HIGH,
        ("what it answers is declared to be invented where it is made",),
        ((site, "the invented data"),),
        flags=("declared",),
    )


def _unused(case: Case) -> Judgement | None:
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
            Confidence.HIGH,
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


def _volatile(case: Case) -> Judgement | None:
    """State in process memory or a local file, and no store."""
    if case.committed or any(leaf.stored for leaf in case.every):
        return None
    read = [leaf for leaf in case.every if leaf.has(Kind.MEMORY)]
    names = {one.name for leaf in read for one in leaf.atoms if one.kind is Kind.MEMORY}
    written = [
        event
        for event in case.memory_writes
        if carries_request(event) or event.target in names or _records(event) or _takes_away(case, event)
    ]
    files = case.kept_files
    shared = [leaf for leaf in case.data if any(one.kind is Kind.FILE and one.name in case.files for one in leaf.atoms)]
    if not read and not written and not files and not shared:
        return None
    if (case.reads and not written) or (
        score.is_health(case.path) and not any(carries_request(one) for one in written)
    ):
        return None
    if not case.is_write and _invented_list(case) and not written:
        return None
    at: list[tuple[Site, str]] = [(event.site, "writes to memory that ends with the process") for event in written[:1]]
    at += [(event.site, "writes to a local file") for event in files[:1] if not at]
    at += [(next(iter(leaf.atoms.values())), "reads memory that ends with the process") for leaf in read[:1] if not at]
    at += [
        (next(iter(leaf.atoms.values())), "reads a local file that endpoints write") for leaf in shared[:1] if not at
    ]
    weak = not written and not files
    why = "its state lives in process memory" if written or read else "its state lives in a local file"
    return Judgement(
        Verdict.VOLATILE,
        Confidence.MEDIUM if weak else Confidence.HIGH,
        (why,),
        tuple(at),
        debatable=score.is_health(case.path) or bool(case.reads),
    )


def _takes_away(case: Case, event: Event) -> bool:
    """What the path names is taken out of a container that outlives the request."""
    return case.is_write and score.has_entity(case.path) and event.target.rpartition(":")[2].isdigit()


def _invented_list(case: Case) -> bool:
    """What is read from memory was put there as literal records when the module was loaded."""
    kept = {leaf.path for leaf in case.every if leaf.has(Kind.MEMORY)}
    return any(
        leaf.literal and not leaf.nothing and any(leaf.path[: len(path)] == path for path in kept)
        for leaf in case.every
    )


def _records(event: Event) -> bool:
    return bool(event.data.fields)


def _real(case: Case) -> Judgement | None:
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


def _outside(case: Case) -> Judgement | None:
    """The answer is computed from the request, or comes from outside; a store is not expected."""
    if not case.normal:
        failed = bool(case.trace.replies) and not case.ok
        return Judgement(Verdict.UNKNOWN, Confidence.LOW, ("no path of it was seen to succeed",)) if failed else None
    data = case.data or case.every
    if not data:
        return _silent(case)
    return _depends(data) or _only_told(case) or _elsewhere(case, data)


def _only_told(case: Case) -> Judgement | None:
    """A change that a message tells of, naming what was asked for: the message is no result."""
    echoed = all(leaf.has(Kind.REQUEST, Kind.DERIVED) or leaf.literal for leaf in case.every)
    if case.data or not case.methods <= _CHANGING or not echoed or case.trace.handed_on:
        return None
    return _claims_write(case, Confidence.MEDIUM)


def _depends(data: tuple[Leaf, ...]) -> Judgement | None:
    """Half of the answer or more comes from calls that are not known."""
    unknown = [
        leaf
        for leaf in data
        if leaf.has(Kind.UNKNOWN) and not leaf.has(Kind.DERIVED, Kind.EXTERNAL, Kind.FILE, Kind.TOKEN)
    ]
    if len(unknown) / len(data) >= HALF:
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


def _silent(case: Case) -> Judgement | None:
    """Success without any data."""
    if case.is_write and case.trace.handed_on:
        names = sorted(case.trace.handed_on)
        return Judgement(
            Verdict.UNKNOWN, Confidence.LOW, (f"what becomes of the data is not known: {', '.join(names[:3])}",)
        )
    if case.is_write:
        return _claims_write(case, Confidence.MEDIUM)
    return Judgement(Verdict.STATIC, Confidence.LOW, ("it answers without data",))


def _claims_write(case: Case, sure: Confidence) -> Judgement | None:
    sent = any(event.kind is EffectKind.EXTERNAL for event in case.own)
    made = any(leaf.literal and _NAMES_ONE.search(leaf.name) for leaf in case.data)
    given = case.takes_data or made
    if not given or not case.is_write or _COMPUTES.search(case.path) or sent or case.memory_writes or case.file_writes:
        return None
    reason = "it answers success for a write, but no store is reached"
    site = case.normal[0].site if case.normal else case.run.served.route.site
    return Judgement(Verdict.LOSSY, sure, (reason,), ((site, "answers success"),))


def _kept_locally(case: Case) -> Judgement | None:
    """What a write was given, an upload for instance, goes to a local file and nowhere else."""
    kept = [event for event in case.file_writes if carries_request(event)]
    if not kept or not case.is_write or not case.normal or case.trace.handed_on:
        return None
    if any(leaf.random for leaf in case.data):
        return None  # what it answers is invented, whatever became of what it was given
    return Judgement(
        Verdict.VOLATILE,
        Confidence.MEDIUM,
        ("what it is given is kept in a local file",),
        ((kept[0].site, "writes to a local file"),),
        debatable=True,
    )


def _literal(case: Case) -> Judgement | None:
    """Only literals, echo of the request, clock and identifiers."""
    if not case.normal:
        return None
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
    if case.is_write and not measures and (echo or _claims_success(case)) and not score.is_plain(case.path):
        found = _claims_write(case, Confidence.HIGH if echo else Confidence.MEDIUM)
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


_CHANGING: Final = frozenset({"PUT", "PATCH", "DELETE"})
_NAMES_ONE: Final = re.compile(r"(^|_)id$|Id$")
_IDENTIFIES: Final = re.compile(r"(^|_)(id|uuid|key|number|no|date|at|on|time|timestamp)$|Id$|At$", re.IGNORECASE)
_COMPUTES: Final = re.compile(
    r"logout|log-out|signout|sign-out|analy[sz]|predict|optimi[sz]|validat|compar|calculat|search|preview|simulat|generate|estimate|convert"
    r"|recommend|test|verify|check|parse|translate|evaluate|query|refresh|clear|reset",
    re.IGNORECASE,
)
_SUCCESS: Final = (
    "creat",
    "sav",
    "updat",
    "delet",
    "remov",
    "add",
    "regist",
    "submit",
    "record",
    "success",
    "stor",
    "sent",
    "schedul",
    "cancel",
)


def _claims_success(case: Case) -> bool:
    texts = " ".join(leaf.text.lower() for leaf in case.every)
    uuid = any(
        leaf.has(Kind.UUID) or (leaf.literal and _NAMES_ONE.search(leaf.name) is not None) for leaf in case.every
    )
    return uuid or any(word in texts for word in _SUCCESS) or any(leaf.name in {"success", "ok"} for leaf in case.every)
