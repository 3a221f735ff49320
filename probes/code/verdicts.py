"""Evidence -> verdict. The order of the questions is the precedence, and it is written here only.

A verdict of a fake needs a proven answer and every call on the way known; where only an unknown call separates two
verdicts the answer is `unknown`.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code import score
from assay.probes.code.evidence import chain, effects, replies, swallowed
from assay.probes.code.flow.values import IDENTITY, STORED, THROUGH_UNKNOWN, Kind
from assay.probes.code.leaves import Leaf, data_leaves, leaves
from assay.probes.code.model import Confidence, Endpoint, Evidence, Location, Verdict
from assay.probes.code.view import AnswerKind, Cause, EffectKind, EndpointFlow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from assay.probes.code.endpoint import Run
    from assay.probes.code.facts import FileFacts
    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.flow.machine import Event, Reply, Trace
    from assay.probes.code.flow.values import Site
    from assay.probes.code.importability import Obstacle
    from assay.probes.code.wiring import Served

_WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OK: Final = frozenset({AnswerKind.OK, AnswerKind.REDIRECT})
_FAILED: Final = frozenset({Cause.STORE_FAILURE, Cause.NOT_CONFIGURED})
_NORMAL: Final = frozenset({Cause.NORMAL, Cause.EMPTY})
_REQUEST: Final = frozenset({Kind.REQUEST, Kind.DERIVED})
_ELSEWHERE: Final = (Kind.EXTERNAL, Kind.FILE, Kind.HOST, Kind.DERIVED)
_HALF: Final = 0.5


class Judgement(NamedTuple):
    """A body verdict with its confidence and reasons; `at` are the places that prove it."""

    body: Verdict
    confidence: Confidence
    reasons: tuple[str, ...]
    at: tuple[tuple[Site, str], ...] = ()
    debatable: bool = False
    flags: tuple[str, ...] = ()


class Case:
    """Everything the judgement of one endpoint looks at, derived once from its run."""

    def __init__(
        self, run: Run, trace: Trace, memory: frozenset[str], caches: frozenset[str], words: tuple[str, str]
    ) -> None:
        route = run.served.route
        self.path = run.served.path
        self.run = run
        self.trace = trace
        self.methods = frozenset(route.methods)
        self.is_write = bool(self.methods & _WRITING)
        self.words, self.callee_words = words
        self.own = [event for event in trace.events if not event.guard]
        self.commits = [index for index, event in enumerate(self.own) if event.kind is EffectKind.COMMIT]
        self.ok = [reply for reply in trace.replies if reply.kind in _OK]
        self.normal = (
            [reply for reply in self.ok if reply.cause is Cause.NORMAL]
            or [reply for reply in self.ok if reply.cause is Cause.EMPTY]
            or [reply for reply in self.ok if reply.cause is Cause.FAILURE]
        )
        self.memory = memory - caches
        self.caches = caches
        self.every = tuple(leaf for reply in self.normal for leaf in leaves(reply.value, self.memory))
        self.data = data_leaves(self.every)
        self.reads = self._events(EffectKind.STORE_READ)
        self.writes = self._events(EffectKind.STORE_WRITE)
        self.committed = [event for event in self.writes if self.is_committed(event)]

    def _events(self, kind: EffectKind) -> list[Event]:
        return [event for event in self.own if event.kind is kind]

    def is_committed(self, event: Event) -> bool:
        """The write takes effect: at once, or by a commit that comes after it."""
        if event.commits:
            return True
        index = self.own.index(event)
        return any(later > index for later in self.commits)

    @property
    def memory_writes(self) -> list[Event]:
        """Writes to memory that outlives the request."""
        return [event for event in self._events(EffectKind.MEMORY_WRITE) if event.target not in self.caches]

    @property
    def file_writes(self) -> list[Event]:
        """Writes to local files."""
        return self._events(EffectKind.FILE_WRITE)

    @property
    def stored(self) -> list[Leaf]:
        """Leaves that come from a store."""
        return [leaf for leaf in self.every if leaf.stored]


def carries_request(event: Event) -> bool:
    """Data of the request is written, or selects what is."""
    return any(one.kind in _REQUEST for value in (event.data, event.selects) for one in value.all_atoms())


def judge(
    machine: Interpreter, runs: Sequence[tuple[Run, Trace]], facts: Callable[[str], FileFacts | None]
) -> Iterator[EndpointFlow]:
    """Judge every endpoint; what one of them writes to memory is what another reads from it."""
    memory = frozenset(
        event.target for _, trace in runs for event in trace.events if event.kind is EffectKind.MEMORY_WRITE
    ) | frozenset(
        one.name
        for _, trace in runs
        for reply in trace.replies
        for one in reply.value.all_atoms()
        if one.kind is Kind.MEMORY
        and not one.name.rpartition(":")[2].isdigit()
        and "." not in one.name.rpartition(":")[2]
    )
    caches = frozenset(name for name in sorted(memory) if _CACHES.search(memory_line(machine, name)))
    for run, trace in runs:
        case = Case(run, trace, memory, caches, _words(run, trace, facts))
        yield _flow(machine, case, judgement(case))


def memory_line(machine: Interpreter, name: str) -> str:
    """What the memory is called: its name, or the source line that makes it."""
    file, _, place = name.rpartition(":")
    return machine.line(file, int(place)) if place.isdigit() else place


def judgement(case: Case) -> Judgement:
    """The body verdict."""
    for question in (
        _undecidable,
        _unimplemented,
        _about_itself,
        _lossy,
        _fallback,
        _unused,
        _volatile,
        _real,
        _outside,
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
        flushed = any(event.kind is EffectKind.FLUSH for event in case.own)
        why = "the write is flushed, but never committed" if flushed else "the write is never committed"
        sure = Confidence.MEDIUM if case.trace.handed_on else Confidence.HIGH
        return Judgement(Verdict.LOSSY, sure, (why,), at)
    own = [case.own[index] for index in case.commits if not any(case.own[index] is one for one in case.trace.deferred)]
    idle = not case.writes and not case.memory_writes and not case.trace.handed_on
    if own and case.is_write and idle and case.run.takes_data:
        commit = own[0]
        return Judgement(
            Verdict.LOSSY, Confidence.HIGH, ("it commits, but nothing was added",), ((commit.site, "commits nothing"),)
        )
    return None


def _fallback(case: Case) -> Judgement | None:
    """A failure, a missing configuration or an empty store ends in success with data that is not the store's."""
    if not (case.reads or case.writes):
        return _canned(case)
    if _is_cache(case):
        return None
    for library, trace in case.run.outages:
        reply = next((one for one in trace.replies if one.kind in _OK and one.cause is Cause.STORE_FAILURE), None)
        if reply is not None and not _kept_by_store(case, reply, trace, library):
            at = tuple((one.site, "the failure is caught here") for one in trace.swallows[:1])
            return Judgement(
                Verdict.FALLBACK,
                Confidence.HIGH,
                ("when the store fails, it answers success all the same",),
                (*at, (reply.site, "answers success")),
            )
    for reply in case.ok:
        if reply.cause is Cause.NOT_CONFIGURED and not any(leaf.stored for leaf in leaves(reply.value, case.memory)):
            return Judgement(
                Verdict.FALLBACK,
                Confidence.HIGH,
                ("when the store is not configured, it answers success all the same",),
                ((reply.site, "answers success"),),
            )
    for reply in case.ok:
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
        if reply.cause is Cause.FAILURE and reply not in case.normal:
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


def _matters(event: Event) -> bool:
    """A write whose loss is a loss.

    A field that is set on a row only counts where it is set to what the request gave.
    """
    return event.handle != "dirty" or any(one.kind is Kind.REQUEST for one in event.data.all_atoms())


def _is_cache(case: Case) -> bool:
    """Only a key-value store is asked, and what the answer is made of comes from elsewhere."""
    durable = {event.library for event in (*case.reads, *case.writes)} - {"redis"}
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
    found = data_leaves(leaves(reply.value, case.memory))
    return (
        bool(found)
        and not any(leaf.stored for leaf in found)
        and sum(1 for leaf in found if leaf.number or leaf.date or leaf.random) >= 1
        and sum(1 for leaf in found if leaf.literal or leaf.random) / len(found) >= _HALF
    )


def _unused(case: Case) -> Judgement | None:
    """A store is read and the answer is invented all the same."""
    if not case.reads or case.committed or not case.data or score.is_health(case.path):
        return None
    if any(leaf.stored for leaf in case.every):
        return _partial(case)
    invented = [leaf for leaf in case.data if leaf.number or leaf.date or leaf.random]
    literal = [leaf for leaf in case.data if leaf.literal or leaf.random]
    if invented and len(literal) / len(case.data) >= _HALF and not case.trace.handed_on:
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
    if (random and share >= _HALF / 2) or (share >= _HALF and score.marker(case.words)):
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
    written = [event for event in case.memory_writes if carries_request(event) or read or _records(event)]
    files = [event for event in case.file_writes if carries_request(event)]
    if not read and not written and not files:
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
    weak = not written and not files
    why = "its state lives in process memory" if written or read else "its state lives in a local file"
    return Judgement(
        Verdict.VOLATILE,
        Confidence.MEDIUM if weak else Confidence.HIGH,
        (why,),
        tuple(at),
        debatable=score.is_health(case.path) or bool(case.reads),
    )


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
    if (not case.normal and not case.committed) or _is_cache(case):
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
        site = next(at for leaf in case.stored for one, at in leaf.atoms.items() if one.kind in STORED)
        return Judgement(
            Verdict.REAL,
            Confidence.HIGH if proven else Confidence.MEDIUM,
            ("stored data reaches the answer",),
            ((site, "read from the store"),),
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
    identity = [leaf for leaf in case.data if leaf.identity]
    if identity and len(identity) / len(case.data) >= _HALF:
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


def _outside(case: Case) -> Judgement | None:
    """The answer is computed from the request, or comes from outside; a store is not expected."""
    if not case.normal:
        if case.trace.replies and not case.ok:
            return Judgement(Verdict.UNKNOWN, Confidence.LOW, ("no path of it was seen to succeed",))
        return None
    data = case.data or case.every
    if not data:
        return _silent(case)
    unknown = [
        leaf
        for leaf in data
        if leaf.has(Kind.UNKNOWN) and not leaf.has(Kind.DERIVED, Kind.EXTERNAL, Kind.FILE, Kind.TOKEN)
    ]
    if len(unknown) / len(data) >= _HALF:
        names = sorted({one.name for leaf in unknown for one in leaf.atoms if one.kind is Kind.UNKNOWN and one.name})
        return Judgement(
            Verdict.UNKNOWN, Confidence.LOW, (f"it depends on calls that are not known: {', '.join(names[:3])}",)
        )
    outside = [leaf for leaf in data if leaf.outside or leaf.has(Kind.DERIVED)]
    if outside and len(outside) / len(data) >= _HALF:
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
    given = case.run.takes_data
    if not given or not case.is_write or _COMPUTES.search(case.path) or sent or case.memory_writes or case.file_writes:
        return None
    reason = "it answers success for a write, but no store is reached"
    site = case.normal[0].site if case.normal else case.run.served.route.site
    return Judgement(Verdict.LOSSY, sure, (reason,), ((site, "answers success"),))


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
    if case.is_write and not invented and (echo or _claims_success(case)) and not score.is_plain(case.path):
        found = _claims_write(case, Confidence.HIGH if echo else Confidence.MEDIUM)
        if found is not None and not any(leaf.has(Kind.DERIVED) for leaf in case.every):
            return found
    confidence = Confidence(score.sureness(points.total))
    verdict = Verdict.MOCK if points.total > 0 else Verdict.STATIC
    sites = [(site, "the literal") for leaf in (invented or case.data)[:1] for site in list(leaf.atoms.values())[:1]]
    return Judgement(verdict, confidence, points.reasons, tuple(sites), debatable=confidence is Confidence.LOW)


_COMPUTES: Final = re.compile(
    r"logout|log-out|signout|sign-out|analy[sz]|predict|optimi[sz]|validat|compar|calculat|search|preview|simulat|generate|estimate|convert"
    r"|recommend|test|verify|check|parse|translate|evaluate|query|refresh|clear|reset",
    re.IGNORECASE,
)
_CACHES: Final = re.compile(r"cache|memoi[sz]|rate_?limit|(?<![a-z])lock|breaker", re.IGNORECASE)
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
    uuid = any(leaf.has(Kind.UUID) for leaf in case.every)
    return uuid or any(word in texts for word in _SUCCESS) or any(leaf.name in {"success", "ok"} for leaf in case.every)


def _words(run: Run, trace: Trace, facts: Callable[[str], FileFacts | None]) -> tuple[str, str]:
    """What the handler's own lines say in comments, texts and names, and what the functions it calls say."""
    if run.handler is None:
        return "", ""
    own = _spoken(facts(run.handler.file), run.handler.index)
    below = " ".join(
        _spoken(facts(file), index)
        for file, index in list(trace.calls)[:12]
        if (file, index) != (run.handler.file, run.handler.index)
    )
    return own, below


def _spoken(facts: FileFacts | None, index: int) -> str:
    if facts is None:
        return ""
    function = facts.functions[index]
    start = min([function.line, *(node.line for node in function.decorators)])
    said = [one.text for one in facts.comments if start - 1 <= one.line <= function.end_line]
    return " ".join([function.name, function.docstring, *said])


def _flow(machine: Interpreter, case: Case, found: Judgement) -> EndpointFlow:
    served = case.run.served
    route = served.route
    obstacle = machine.importability.obstacle(route.site.file)
    unwired = not served.served or obstacle is not None or served.shadow is not None
    broken = case.run.fails and bool(case.ok)
    verdict = Verdict.UNWIRED if unwired else Verdict.BROKEN if broken else found.body
    name, at = _handler(machine, case)
    reason = None
    if obstacle is not None:
        reason = Evidence(
            at=Location(file=obstacle.site.file, line=obstacle.site.line),
            message=f"cannot be imported: {obstacle.reason}",
        )
    elif served.shadow is not None:
        reason = Evidence(at=_location(served.shadow), message="answers every request to this path first")
    elif unwired:
        reason = Evidence(at=_location(route.site), message="is never mounted on an application that is served")
    endpoint = Endpoint(
        methods=route.methods,
        path=served.path,
        at=_location(route.site),
        framework=route.framework.name,
        handler=name,
        component=_component(route.site.file),
        body=found.body,
        verdict=verdict,
        confidence=_wiring_confidence(served, obstacle) if unwired else Confidence.HIGH if broken else found.confidence,
        debatable=found.debatable and not unwired and not broken,
        broken=broken,
        flags=found.flags,
        evidence=chain(case.run, case.trace, tuple(case.trace.broken[:1]) if broken else found.at, reason),
        fingerprint=_fingerprint(route.methods, served.path, route.site.file, name),
    )
    return EndpointFlow(
        endpoint=endpoint,
        handler_at=at,
        effects=effects(case),
        answers=replies(case),
        swallowed=swallowed(case.trace),
        unresolved=tuple(sorted(case.trace.unresolved)),
        reasons=(case.trace.broken[0][1], *found.reasons) if broken else found.reasons,
        unwired=reason,
        exhausted=case.trace.exhausted,
    )


def _wiring_confidence(served: Served, obstacle: Obstacle | None) -> Confidence:
    """A module that cannot be imported and a route that shadows are proven; a missing mount is what was not found."""
    return Confidence.MEDIUM if obstacle is None and served.shadow is None else Confidence.HIGH


def _handler(machine: Interpreter, case: Case) -> tuple[str, Location | None]:
    handler = case.run.handler
    module = machine.modules.get(handler.file) if handler is not None else None
    if handler is None or module is None:
        return "", None
    function = module.facts.functions[handler.index]
    return function.name, Location(file=handler.file, line=function.line)


def _location(site: Site) -> Location:
    return Location(file=site.file, line=site.line)


def _component(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""


def _fingerprint(methods: Iterable[str], path: str, file: str, handler: str) -> str:
    text = "\n".join(("|".join(methods), path, file, handler))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


__all__ = ["IDENTITY", "THROUGH_UNKNOWN", "Case", "carries_request", "judge", "judgement"]
