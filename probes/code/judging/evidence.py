"""What the run of an endpoint shows, as values for reports and rules: effects, answers, swallowed failures, tables."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from assay.probes.code.flow.values import Kind
from assay.probes.code.judging.leaves import leaves
from assay.probes.code.model import Location, TableUse
from assay.probes.code.view import Answer, AnsweredLiteral, AnswerKind, Cause, Effect, EffectKind, SwallowedFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.trace import Event, Reply, Trace
    from assay.probes.code.flow.values import Site
    from assay.probes.code.judging.endpoint import Run

_LITERALS: Final = 64
_REQUEST: Final = frozenset({Kind.REQUEST, Kind.DERIVED})


class Judged(Protocol):
    """What this file needs of a case."""

    trace: Trace
    run: Run

    def is_committed(self, event: Event) -> bool:
        """The write takes effect."""
        ...


def location(site: Site) -> Location:
    """A place, for people."""
    return Location(file=site.file, line=site.line)


def effects(case: Judged) -> tuple[Effect, ...]:
    """The effects, in order."""
    return tuple(_effect(case, event) for event in case.trace.events if not event.guard)


def _effect(case: Judged, event: Event) -> Effect:
    is_write = event.kind is EffectKind.STORE_WRITE
    return Effect(
        kind=event.kind,
        at=location(event.site),
        library=event.library,
        target=event.target,
        function=event.function,
        cause=event.cause,
        committed=_committed(case, event) if is_write else None,
        carries_request=any(one.kind in _REQUEST for one in event.data.all_atoms()),
        after_response=event.detached,
        rests_on=_rests_on(event) if is_write else (),
    )


def _committed(case: Judged, event: Event) -> bool | None:
    """`None` where nothing commits a field that is set to nothing of the request: it may be meant for the answer."""
    if case.is_committed(event):
        return True
    plain = event.handle == "dirty" and not any(one.kind in _REQUEST for one in event.data.all_atoms())
    return None if plain else False


def _rests_on(event: Event) -> tuple[str, ...]:
    written = {one.name.partition(":")[2] for one in event.data.all_atoms() if one.kind is Kind.WRITTEN}
    return tuple(sorted(written - {event.target, ""}))


def replies(case: Judged) -> tuple[Answer, ...]:
    """The answers, in order; successes that answer the failure of a store last."""
    failing = [
        reply
        for _, trace in case.run.outages
        for reply in trace.replies
        if reply.cause is Cause.STORE_FAILURE and reply.kind is AnswerKind.OK
    ]
    return tuple(
        Answer(
            kind=reply.kind,
            at=location(reply.site),
            status=reply.status or None,
            cause=reply.cause,
            origins=tuple(sorted({one.kind.value for one in reply.value.all_atoms()})),
            literals=tuple(islice(_literals(reply), _LITERALS)),
        )
        for reply in (*case.trace.replies, *failing)
    )


def _literals(reply: Reply) -> Iterator[AnsweredLiteral]:
    for leaf in leaves(reply.value, frozenset()):
        if leaf.literal:
            yield AnsweredLiteral(name=leaf.name, text=leaf.text, at=location(next(iter(leaf.atoms.values()))))


def swallowed(trace: Trace) -> tuple[SwallowedFailure, ...]:
    """The store failures that were caught and not passed on, each once."""
    answers_ok = any(reply.kind is AnswerKind.OK and reply.cause is Cause.STORE_FAILURE for reply in trace.replies)
    found = [
        SwallowedFailure(at=location(one.site), effect=location(one.effect), library=one.library, answers_ok=answers_ok)
        for one in trace.swallows
    ]
    return tuple(dict.fromkeys(found))


def tables(found: tuple[Effect, ...]) -> tuple[TableUse, ...]:
    """The tables that are read or written, a write that is never committed left out."""
    kinds = {EffectKind.STORE_READ: False, EffectKind.STORE_WRITE: True}
    used: dict[tuple[str, str], set[bool]] = {}
    for effect in found:
        if effect.kind in kinds and effect.committed is not False:
            used.setdefault((effect.library, effect.target), set()).add(kinds[effect.kind])
    return tuple(
        TableUse(library=library, table=table, reads=False in how, writes=True in how)
        for (library, table), how in sorted(used.items())
    )
