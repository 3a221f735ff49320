"""From the stream of raw results of a target to its state: pure, with hysteresis, changes as values.

A single bad round is a blip; `fall` rounds in a row are a state. The other way round, `rise` good rounds in a row are
needed to believe a recovery. The first round of all decides at once, because there is nothing to be steady about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from assay.audit.model import TargetState
from assay.probes.model import Reason, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.probes.model import ProbeResult


_STATE_OF: Final = {
    Status.PASS: TargetState.UP,
    Status.WARN: TargetState.DEGRADED,
    Status.FAIL: TargetState.DOWN,
    Status.UNKNOWN: TargetState.UNKNOWN,
}
# What is surely bad counts before what could not be told, and that before what is good.
_BADNESS: Final = {TargetState.UP: 0, TargetState.UNKNOWN: 1, TargetState.DEGRADED: 2, TargetState.DOWN: 3}


@dataclass(frozen=True, kw_only=True)
class Hysteresis:
    """How many rounds in a row make a state worse (`fall`) or better (`rise`); each at least 1."""

    fall: int = 3
    rise: int = 2


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round of all probes of a target, summed up: the worst of its results, and why."""

    status: Status
    reason: Reason | None = None
    probe: str | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """A target is no longer what it was. `previous` is `None` for the first judgement of all."""

    previous: TargetState | None
    state: TargetState
    reason: Reason | None
    probe: str | None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What is held of a target. `streak` are the states seen in a row that contradict `state`, all in one direction."""

    state: TargetState | None = None
    streak: tuple[TargetState, ...] = ()


def sum_up(results: Iterable[ProbeResult]) -> Round:
    """The worst result of a round.

    No result at all is `unknown`: nothing was observed.
    """
    ranked = sorted(results, key=lambda result: -_BADNESS[_STATE_OF[result.status]])
    if not ranked:
        return Round(status=Status.UNKNOWN, reason=Reason.INTERNAL)
    worst = ranked[0]
    return Round(status=worst.status, reason=worst.reason, probe=worst.probe)


def judge(judgement: Judgement, seen: Round, hysteresis: Hysteresis) -> tuple[Judgement, Change | None]:
    """What is held of a target after one more round, and the change if there is one.

    A streak of mixed badness changes to what all of its last rounds at least reached: fail, fail, warn makes
    `degraded`. Rounds at its end that go beyond that count on towards the next change.
    """
    observed = _STATE_OF[seen.status]
    if judgement.state is None:
        return _changed(judgement, observed, seen)
    if observed == judgement.state:
        return replace(judgement, streak=()), None
    worse = _is_worse(observed, judgement.state)
    kept = judgement.streak if judgement.streak and _is_worse(judgement.streak[-1], judgement.state) == worse else ()
    streak = (*kept, observed)
    needed = hysteresis.fall if worse else hysteresis.rise
    if len(streak) < needed:
        return replace(judgement, streak=streak), None
    pick = min if worse else max
    settled = pick(streak[-needed:], key=_BADNESS.__getitem__)
    beyond = tuple(takewhile(lambda state: state != settled and _is_worse(state, settled) == worse, reversed(streak)))
    return _changed(judgement, settled, seen, beyond[::-1])


def _is_worse(state: TargetState, than: TargetState) -> bool:
    return _BADNESS[state] > _BADNESS[than]


def _changed(
    judgement: Judgement, state: TargetState, seen: Round, streak: tuple[TargetState, ...] = ()
) -> tuple[Judgement, Change]:
    change = Change(previous=judgement.state, state=state, reason=seen.reason, probe=seen.probe)
    return Judgement(state=state, streak=streak), change
