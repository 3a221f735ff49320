"""Running the endpoints of a project: all in one process, or half of them in a second one, with the same result."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from assay.probes.code.judging.judge import LeftBehind, left_behind
from assay.probes.code.model import Location, Skipped
from assay.probes.code.plain import from_plain, to_plain
from assay.probes.code.twin import Gone, twin
from assay.probes.code.view import EndpointFlow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.probes.code.flow.trace import Trace
    from assay.probes.code.judging.endpoint import Run
    from assay.probes.code.linking.wiring import Served
    from assay.probes.code.twin import Channel


class Notes(NamedTuple):
    """What a process learned of the project beside the endpoints.

    `lowered` are the files whose facts were needed, `reached` where the functions stand that endpoints run.
    """

    lowered: frozenset[str]
    reached: frozenset[Location]
    skipped: frozenset[Skipped]

    def with_those_of(self, other: Notes) -> Notes:
        """What both learned."""
        return Notes(self.lowered | other.lowered, self.reached | other.reached, self.skipped | other.skipped)


class Work(NamedTuple):
    """The steps of the work: run endpoints, judge what was run beside what all of them leave behind, tell the rest."""

    run: Callable[[Sequence[Served]], list[tuple[Run, Trace]]]
    judge: Callable[[list[tuple[Run, Trace]], LeftBehind], list[EndpointFlow]]
    notes: Callable[[list[tuple[Run, Trace]]], Notes]


def examined(work: Work, served: Sequence[Served], processes: int) -> tuple[list[EndpointFlow], Notes]:
    """What the endpoints do, and what was learned on the way."""
    middle = len(served) // 2
    if processes == 1 or not middle:
        return _alone(work, work.run(served))
    with twin(lambda channel: _second(work, served[middle:], channel)) as other:
        runs = work.run(served[:middle])
        if other is not None:
            with suppress(Gone):
                return _first(work, runs, other)
    return _alone(work, [*runs, *work.run(served[middle:])])


def _alone(work: Work, runs: list[tuple[Run, Trace]]) -> tuple[list[EndpointFlow], Notes]:
    flows = work.judge(runs, left_behind(runs))
    return flows, work.notes(runs)


def _first(work: Work, runs: list[tuple[Run, Trace]], other: Channel) -> tuple[list[EndpointFlow], Notes]:
    """Judge the one half while the second process judges its own."""
    own = left_behind(runs)
    left = LeftBehind(*(mine.union(theirs) for mine, theirs in zip(own, other.receive(), strict=True)))
    other.send([sorted(names) for names in left])
    flows = work.judge(runs, left)
    found, lowered, *rest = other.receive()
    flows.extend(one for one in map(from_plain, found) if isinstance(one, EndpointFlow))
    reached, skipped = ([from_plain(one) for one in part] for part in rest)
    theirs = Notes(
        frozenset(lowered),
        frozenset(one for one in reached if isinstance(one, Location)),
        frozenset(one for one in skipped if isinstance(one, Skipped)),
    )
    return flows, work.notes(runs).with_those_of(theirs)


def _second(work: Work, served: Sequence[Served], other: Channel) -> None:
    runs = work.run(served)
    own = left_behind(runs)
    other.send([sorted(names) for names in own])
    flows = work.judge(runs, LeftBehind(*(frozenset(names) for names in other.receive())))
    notes = work.notes(runs)
    other.send(
        [
            [to_plain(flow) for flow in flows],
            sorted(notes.lowered),
            [to_plain(one) for one in notes.reached],
            [to_plain(one) for one in notes.skipped],
        ]
    )
