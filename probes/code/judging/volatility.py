"""State that lives in process memory or in a local file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.bindings import OF_LIBRARY
from assay.probes.code.flow.store_effects import IN_MEMORY
from assay.probes.code.flow.values import Kind
from assay.probes.code.judging import score
from assay.probes.code.judging.case import Case, Judgement, carries_request
from assay.probes.code.model import Confidence, Verdict

if TYPE_CHECKING:
    from assay.probes.code.flow.trace import Event
    from assay.probes.code.flow.values import Site
    from assay.probes.code.judging.leaves import Leaf

_OF_PROCESS: Final = frozenset(
    {Kind.MEMORY, Kind.LITERAL, Kind.CLOCK, Kind.UUID, Kind.HOST, Kind.ENV, Kind.REQUEST, Kind.DERIVED}
)


def volatile(case: Case) -> Judgement | None:
    """State in process memory or a local file, and no store."""
    if case.committed or case.stored:
        return None
    read = [leaf for leaf in case.every if leaf.has(Kind.MEMORY)]
    names = {one.name for leaf in read for one in leaf.atoms if one.kind is Kind.MEMORY}
    written = [
        event
        for event in case.memory_writes
        if event.target in names or event.target.endswith(IN_MEMORY) or _takes_away(case, event) or _keeps(case, event)
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
    if names <= case.changed and not written and not files and not shared:
        return _kept_elsewhere(case, read)
    at: list[tuple[Site, str]] = [(event.site, "writes to memory that ends with the process") for event in written[:1]]
    at += [(event.site, "writes to a local file") for event in files[:1] if not at]
    at += [(next(iter(leaf.atoms.values())), "reads memory that ends with the process") for leaf in read[:1] if not at]
    at += [
        (next(iter(leaf.atoms.values())), "reads a local file that endpoints write") for leaf in shared[:1] if not at
    ]
    states = {event.target for event in written} | names
    works = bool(states) and states <= case.work and not files and not shared
    weak = (not written and not files) or works
    why = "its state lives in process memory" if written or read else "its state lives in a local file"
    if works:
        why = "what it keeps in process memory may be about work of this process alone"
    return Judgement(
        Verdict.VOLATILE,
        Confidence.MEDIUM if weak else Confidence.HIGH,
        (why,),
        tuple(at),
        debatable=works or score.is_health(case.path) or bool(case.reads) or _sets_up(written),
    )


def _kept_elsewhere(case: Case, read: list[Leaf]) -> Judgement | None:
    """Counters and statistics of the process that no endpoint changes; beside other data they prove nothing."""
    if any(one.kind not in _OF_PROCESS for leaf in case.every for one in leaf.atoms):
        return None
    return Judgement(
        Verdict.STATIC,
        Confidence.MEDIUM,
        ("it tells what this process keeps in memory, and no endpoint changes it",),
        ((next(iter(read[0].atoms.values())), "reads memory that ends with the process"),),
        debatable=True,
    )


def _sets_up(written: list[Event]) -> bool:
    """All that is kept are settings of a library."""
    return bool(written) and all(event.target.startswith(OF_LIBRARY) for event in written)


def _takes_away(case: Case, event: Event) -> bool:
    """What the path names is taken out of a container that outlives the request."""
    return case.is_write and score.has_entity(case.path) and event.target.rpartition(":")[2].isdigit()


def _invented_list(case: Case) -> bool:
    """What is read from memory was put there as records that are declared to be invented."""
    kept = {leaf.path for leaf in case.every if leaf.has(Kind.MEMORY)}
    return any(
        leaf.invented and not leaf.nothing and any(leaf.path[: len(path)] == path for path in kept)
        for leaf in case.every
    )


def _keeps(case: Case, event: Event) -> bool:
    """It is kept for a later answer: a registry of sessions or loggers is not, whatever a request leaves there."""
    told = event.target in case.told
    return (carries_request(event) and (told or case.is_write)) or (bool(event.data.fields) and told)


def kept_locally(case: Case) -> Judgement | None:
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
