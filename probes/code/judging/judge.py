"""Judging every endpoint of a project, and writing down the verdict with its evidence."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow.bindings import COUNTS, REMOVES, RUNS
from assay.probes.code.flow.files import FOLDER
from assay.probes.code.flow.lineage import facts_of
from assay.probes.code.flow.refs import InstanceRef
from assay.probes.code.flow.values import Kind
from assay.probes.code.frameworks.base import Role
from assay.probes.code.judging import score
from assay.probes.code.judging.case import Case, Judgement, Kept, keeps_data
from assay.probes.code.judging.chain import chain
from assay.probes.code.judging.evidence import effects, replies, swallowed, tables
from assay.probes.code.judging.mutations import changes
from assay.probes.code.judging.verdicts import judgement
from assay.probes.code.libraries import is_library
from assay.probes.code.linking.mentions import Mentions
from assay.probes.code.model import Confidence, Endpoint, Evidence, Location, Verdict
from assay.probes.code.view import EffectKind, EndpointFlow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.flow.trace import Trace
    from assay.probes.code.flow.values import Site
    from assay.probes.code.judging.endpoint import Run
    from assay.probes.code.linking.importability import Obstacle
    from assay.probes.code.linking.module import Module
    from assay.probes.code.linking.wiring import Served

# What holds work in progress is no data either: tasks and futures that several requests wait for.
_CACHES: Final = re.compile(
    r"(?i:cache|memoi[sz]|rate_?limit|(?<![a-z])lock|breaker)|\basyncio\.Task\b|\b(?:Future|Semaphore)\b"
)
_CACHED: Final = re.compile(r"cache|memoi[sz]", re.IGNORECASE)
_LOGS: Final = re.compile(r"\blogs?\b|\.log|trace|audit", re.IGNORECASE)


def judge(
    machine: Interpreter,
    runs: Sequence[tuple[Run, Trace]],
    left: LeftBehind,
) -> Iterator[EndpointFlow]:
    """Judge endpoints; what one of the project writes to memory is what another reads from it."""
    caches = frozenset(name for name in sorted(left.memory) if _CACHES.search(memory_line(machine, name)))
    counted = left.counts - left.records
    kept = Kept(
        memory=left.memory | left.changed,
        caches=caches | left.caches | (counted - left.told),
        told=left.told,
        files=left.files,
        changed=left.changed - left.memory,
        work=left.runs | counted,
    )
    mentions = Mentions(machine.python_files, machine.source)
    for run, trace in runs:
        case = Case(run, trace, kept, _words(run, trace))
        yield _flow(machine, case, judgement(case), mentions)


class LeftBehind(NamedTuple):
    """The memory and the local files in which endpoints keep something, by name.

    `told` is the memory that is in some answer, `caches` that which holds what can be had again. In `runs` are tasks,
    or what they write while they run; into `counts` counts and times are put, into `records` anything else. What is
    `changed` only some other code changes.
    """

    memory: frozenset[str]
    files: frozenset[str]
    told: frozenset[str]
    caches: frozenset[str]
    runs: frozenset[str]
    counts: frozenset[str]
    records: frozenset[str]
    changed: frozenset[str]


def left_behind(runs: Sequence[tuple[Run, Trace]]) -> LeftBehind:
    """What these endpoints keep where the next request finds it."""
    written = [(run, event) for run, trace in runs for event in trace.events if event.kind is EffectKind.MEMORY_WRITE]
    told = frozenset(
        one.name
        for _, trace in runs
        for reply in trace.replies
        for one in reply.value.all_atoms()
        if one.kind is Kind.MEMORY
    )
    named = frozenset(
        name for name in told if not name.rpartition(":")[2].isdigit() and "." not in name.rpartition(":")[2]
    )
    machine = runs[0][0].machine if runs else None
    changed = frozenset(name for name in told - named if machine is not None and changes(machine, name))
    caches = frozenset(event.target for run, event in written if _CACHED.search(run.machine.line(*event.site)))
    own = frozenset(event.target for _, event in written) | named
    return LeftBehind(
        memory=own,
        files=_data_files(trace for _, trace in runs),
        told=told,
        caches=caches,
        runs=frozenset(event.target for _, event in written if event.detached or event.handle == RUNS),
        counts=frozenset(event.target for _, event in written if event.handle == COUNTS),
        records=frozenset(event.target for _, event in written if event.handle not in {COUNTS, REMOVES}),
        changed=changed,
    )


def _data_files(traces: Iterable[Trace]) -> frozenset[str]:
    """The local files in which endpoints keep data, by name."""
    events = [event for trace in traces for event in trace.events]
    names = {event.target for event in events if keeps_data(event)}
    read = {event.target for event in events if event.kind is EffectKind.FILE_READ}
    kept = (name for name in names if name in read or not name.endswith(FOLDER))
    return frozenset(name for name in kept if not _CACHES.search(name) and not _LOGS.search(name))


def memory_line(machine: Interpreter, name: str) -> str:
    """What the memory is called: its name, or the source line that makes it."""
    file, _, place = name.rpartition(":")
    return machine.line(file, int(place)) if place.isdigit() else place


def _words(run: Run, trace: Trace) -> tuple[str, str]:
    """What the handler's own lines say in comments, texts and names, and what the functions it calls say."""
    if run.handler is None:
        return "", ""
    modules = run.machine.modules
    own = _spoken(modules.get(run.handler.file), run.handler.index)
    below = " ".join(
        _spoken(modules.get(file), index)
        for file, index in list(trace.calls)[:12]
        if (file, index) != (run.handler.file, run.handler.index)
    )
    return own, below


def _spoken(module: Module | None, index: int) -> str:
    if module is None:
        return ""
    function = module.facts.functions[index]
    start = min([function.line, *(node.line for node in function.decorators)])
    return " ".join([function.name, function.docstring, *module.comments(start - 1, function.end_line)])


def _flow(machine: Interpreter, case: Case, found: Judgement, mentions: Mentions) -> EndpointFlow:
    served = case.run.served
    route = served.route
    obstacle = machine.importability.obstacle(route.site.file)
    mounting = machine.importability.obstacle(served.lost.file) if served.lost is not None else None
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
    elif mounting is not None:
        reason = Evidence(
            at=_location(mounting.root), message=f"what would serve it cannot be imported: {mounting.cause}"
        )
    elif unwired:
        reason = Evidence(at=_location(route.site), message="is never mounted on an application that is served")
    reasons = (case.trace.broken[0][1], *found.reasons) if broken else found.reasons
    done = effects(case)
    confidence = Confidence.HIGH if broken else found.confidence
    if unwired:
        proven = obstacle is not None or mounting is not None or served.shadow is not None
        confidence = Confidence.HIGH if proven or _is_alone(machine, served, mentions) else Confidence.MEDIUM
    endpoint = Endpoint(
        methods=route.methods,
        path=served.path,
        at=_location(route.site),
        framework=route.framework.name,
        handler=name,
        component=_component(route.site.file),
        body=found.body,
        verdict=verdict,
        confidence=confidence,
        debatable=machine.wiring.is_down if unwired else served.doubtful or (found.debatable and not broken),
        broken=broken,
        flags=(*found.flags, *(("conditional-mount",) if served.doubtful and not unwired else ())),
        evidence=chain(case, found, Verdict.BROKEN if broken else found.body, reason),
        reasons=(_unserved(served, obstacle, mounting), *reasons) if unwired else reasons,
        tables=tables(done),
        fingerprint=_fingerprint(route.methods, served.path, route.site.file, name),
    )
    return EndpointFlow(
        endpoint=endpoint,
        handler_at=at,
        effects=done,
        answers=replies(case),
        swallowed=swallowed(case.trace),
        unresolved=tuple(sorted(case.trace.unresolved)),
        reasons=reasons,
        unwired=reason,
        exhausted=case.trace.exhausted,
        about_itself=score.is_health(case.path),
    )


def _unserved(served: Served, obstacle: Obstacle | None, mounting: Obstacle | None) -> str:
    if obstacle is not None:
        return f"its module cannot be imported: {obstacle.reason}"
    if served.shadow is not None:
        return "an earlier route answers every request to this path"
    if mounting is not None:
        return f"what would serve it cannot be imported: {mounting.cause}"
    return "it is never mounted on an application that is served"


def _is_alone(machine: Interpreter, served: Served, mentions: Mentions) -> bool:
    """Nothing can load the router's module, and an application beside it is known: no mount was overlooked."""
    path = served.route.site.file
    component = _component(path)
    apps = [one.site.file for one in machine.wiring.routers if one.role is Role.APP]
    beside = path not in apps and any(_component(one) == component for one in apps)
    return beside and machine.is_python(path) and not mentions.may_load(path)


def _handler(machine: Interpreter, case: Case) -> tuple[str, Location | None]:
    handler = case.run.handler
    module = machine.modules.get(handler.file) if handler is not None else None
    if handler is None or module is None:
        return "", None
    function = module.facts.functions[handler.index]
    held = handler.receiver.refs if handler.receiver and case.run.served.route.framework.tables is not None else ()
    owners = [facts_of(machine, ref.of).name for ref in held if isinstance(ref, InstanceRef)]
    name = ".".join((*owners[:1], function.name))
    if is_library(handler.file):
        return name, _location(case.run.served.route.site)
    return name, Location(file=handler.file, line=function.line)


def _location(site: Site) -> Location:
    return Location(file=site.file, line=site.line)


def _component(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""


def _fingerprint(methods: Iterable[str], path: str, file: str, handler: str) -> str:
    text = "\n".join(("|".join(methods), path, file, handler))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
