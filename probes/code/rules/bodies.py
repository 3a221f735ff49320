"""What the rules about an endpoint's body share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.lines import line_at
from assay.probes.code.model import Verdict
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.model import Location
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.view import Effect, EndpointFlow, ProjectView

_PLACEHOLDER: Final = re.compile(
    r"not[ _-]?(?:yet )?implemented|coming soon|under construction|place ?holder|\bstub(?:bed)?\b|\bto ?do\b"
    r"|lorem ipsum|(?:will|to) be (?:implemented|added|available)|not (?:yet )?available yet|available soon",
    re.IGNORECASE,
)
_MADE: Final = re.compile(r"\s*(?:export\s+)?(?:const|let|var)?\s*(?P<name>[\w.]+)\s*(?::[^=]*)?=")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ABOUT_THE_PLACE: Final = frozenset(
    {"db", "database", "store", "storage", "list", "map", "dict", "data", "memory", "in", "all", "fake", "mock", "json"}
)
FILES: Final = (EffectKind.FILE_WRITE, EffectKind.FILE_READ)
_STATE: Final = (EffectKind.MEMORY_WRITE, EffectKind.FILE_WRITE, EffectKind.MEMORY_READ, EffectKind.FILE_READ)
_ANSWER_LINES: Final = 6
"""How far below the start of an answer its words are looked for."""


def served_with(examined: Examined, body: Verdict) -> Iterator[EndpointFlow]:
    """The endpoints with this body that a client can reach; of the others the rule about their wiring speaks."""
    for flow in examined.view.endpoints:
        if flow.endpoint.body is body and flow.endpoint.verdict is not Verdict.UNWIRED:
            yield flow


def answer_place(flow: EndpointFlow, *causes: Cause) -> Location:
    """Where the endpoint answers success for one of these causes, else where its route is declared."""
    for answer in flow.answers:
        if answer.kind is AnswerKind.OK and answer.cause in causes:
            return answer.at
    return flow.endpoint.at


def state_of(flow: EndpointFlow) -> Effect | None:
    """What a volatile endpoint keeps its state with: the effect that proves it, else the first of memory."""
    proof = {step.at for step in flow.endpoint.evidence[1:]}
    state = [effect for kind in _STATE for effect in flow.of_kind(kind)]
    proven = [effect for effect in state if effect.at in proof]
    return next(iter(proven or [effect for effect in state if effect.kind not in FILES]), None)


def name_of_memory(view: ProjectView, target: str) -> str:
    """The name of a memory; of one that is known by its place, the name on that line."""
    file, _, place = target.rpartition(":")
    if not place.isdigit():
        return place
    found = _MADE.match(line_at(view.source(file), int(place)))
    return found["name"] if found else target


def because(flow: EndpointFlow, otherwise: str) -> str:
    """The analysis's main reason, or a general one."""
    return flow.reasons[0] if flow.reasons else otherwise


def says_placeholder(view: ProjectView, flow: EndpointFlow) -> bool:
    """The text of a normal answer owns up to being none."""
    places = [answer.at for answer in flow.answers if answer.kind is AnswerKind.OK and answer.cause is Cause.NORMAL]
    return any(_PLACEHOLDER.search(_text_from(view, at)) for at in places)


def _text_from(view: ProjectView, at: Location) -> str:
    """The statement at a place, as far as brackets tell where it ends."""
    source = view.source(at.file)
    depth, taken = 0, []
    for number in range(at.line, at.line + _ANSWER_LINES):
        line = line_at(source, number)
        taken.append(line)
        depth += sum(line.count(sign) for sign in "([{") - sum(line.count(sign) for sign in ")]}")
        if depth <= 0:
            break
    return "\n".join(taken)


def thing_of(name: str) -> str:
    """What a name speaks of: in the singular, without words about the place where it is kept."""
    words = [one.lower() for one in _WORD.findall(name)]
    rest = [one for one in words if one not in _ABOUT_THE_PLACE]
    if not rest:
        return ""
    last = rest[-1]
    last = f"{last[:-3]}y" if last.endswith("ies") else last.removesuffix("s")
    return "_".join((*rest[:-1], last))
