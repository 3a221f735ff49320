"""The chain of steps that proves a verdict, in the order in which a request takes them.

The route, the mounts of its router from the inside out, the handler, the calls down to what decides the verdict, and
the answer. Steps in the code of a library are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.values import IDENTITY, Kind, Site
from assay.probes.code.judging.evidence import location
from assay.probes.code.libraries import is_library
from assay.probes.code.model import Evidence, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.flow.trace import Reply
    from assay.probes.code.flow.values import Atom
    from assay.probes.code.judging.case import Case, Judgement

Step = tuple[Site, str]

_CALLS: Final = 8
_ORIGINS: Final = 2
_ANSWERED: Final = "answers success"
_SAYS: Final = {
    Kind.ROW: "reads {name}",
    Kind.COUNT: "reads {name}",
    Kind.WRITTEN: "writes {name}",
    Kind.DERIVED: "computed from the request",
    Kind.REQUEST: "taken from the request",
    Kind.EXTERNAL: "asks another service",
    Kind.FILE: "reads a file",
    Kind.ENV: "reads the environment",
    Kind.HOST: "asks the machine it runs on",
    Kind.TOKEN: "signs or hashes",
    Kind.PAGE: "renders a page",
    Kind.RANDOM: "drawn at random",
    Kind.UNKNOWN: "what `{name}` gives is not known",
    Kind.MEMORY: "reads memory of the process",
    Kind.LITERAL: "a literal",
}


def chain(case: Case, found: Judgement, verdict: Verdict, unwired: Evidence | None) -> tuple[Evidence, ...]:
    """From the route over the handler to what proves the verdict."""
    served = case.run.served
    steps = [Evidence(at=location(served.route.site), message=f"route {'|'.join(served.route.methods)} {served.path}")]
    steps.extend(Evidence(at=location(site), message="its router is mounted here") for site in reversed(served.mounts))
    if unwired is not None:
        steps.append(unwired)
    steps.extend(_handler(case))
    for site, message in _broken(case) if verdict is Verdict.BROKEN else _proof(case, found):
        steps.extend(_calls_to(case, site))
        steps.append(Evidence(at=location(site), message=message))
    return tuple(step for step in dict.fromkeys(steps) if not is_library(step.at.file))


def _handler(case: Case) -> Iterator[Evidence]:
    handler = case.run.handler
    module = case.run.machine.modules.get(handler.file) if handler is not None else None
    if handler is not None and module is not None:
        function = module.facts.functions[handler.index]
        name = f"handler `{function.name}`" if function.name else "handler"
        yield Evidence(at=location(Site(handler.file, function.line)), message=name)


def _broken(case: Case) -> list[Step]:
    return list(case.trace.broken[:1])


def _proof(case: Case, found: Judgement) -> Iterator[Step]:
    """What the judgement names, with what comes just before it and the answer that ends it."""
    named = list(found.at) or _origins(case, found.body)
    for site, message in named:
        yield from _before(case, site)
        yield site, message
        yield from _commit_after(case, site)
    if found.body is not Verdict.UNIMPLEMENTED and not any(message.startswith("answers") for _, message in named):
        reply = _answer(case, named)
        if reply is not None and all(reply.site != site for site, _ in named):
            yield reply.site, _ANSWERED


def _origins(case: Case, body: Verdict) -> list[Step]:
    """What the answer is made of, where the judgement names no place: the most telling kind, the caller's row last."""
    kinds = (Kind.UNKNOWN, *_SAYS) if body is Verdict.UNKNOWN else tuple(_SAYS)
    atoms = [pair for leaf in case.data or case.every for pair in leaf.atoms.items()]
    for callers in (False, True):
        for kind in kinds:
            found = {
                site: _said(one) for one, site in atoms if one.kind is kind and bool(one.marks & IDENTITY) is callers
            }
            if found:
                return list(found.items())[:_ORIGINS]
    return []


def _said(one: Atom) -> str:
    library, _, table = one.name.partition(":")
    name = f"`{table}` ({library})" if table else one.name or library or "the store"
    return _SAYS[one.kind].format(name=one.name if one.kind is Kind.UNKNOWN else name)


def _before(case: Case, site: Site) -> Iterator[Step]:
    """The call that fails, where what follows is its handler."""
    for _, trace in case.run.outages:
        for one in trace.swallows:
            if one.site == site:
                yield one.effect, f"this call of {one.library or 'the store'} may fail"
                return


def _commit_after(case: Case, site: Site) -> Iterator[Step]:
    """The commit that makes a write at this place last."""
    write = next((one for one in case.committed if one.site == site), None)
    if write is not None and not write.commits:
        index = case.own.index(write)
        commit = next((case.own[one] for one in case.commits if one > index), None)
        if commit is not None and commit.site != site:
            yield commit.site, "commits"


def _answer(case: Case, named: list[Step]) -> Reply | None:
    """The normal answer that a named place reaches, else the first."""
    places = {site for site, _ in named}
    reached = [one for one in case.normal if places & set(one.value.all_atoms().values())]
    return next(iter(reached or case.normal), None)


def _calls_to(case: Case, site: Site) -> list[Evidence]:
    """The calls that lead from the handler to the function in which a place stands."""
    run, calls = case.run, case.trace.calls
    if run.handler is None:
        return []
    inside = run.machine.function_at(site)
    found: list[Evidence] = []
    while inside is not None and inside != (run.handler.file, run.handler.index) and len(found) < _CALLS:
        call = calls.get(inside)
        if call is None:
            break
        found.append(Evidence(at=location(call[0]), message=f"calls `{run.machine.function_name(inside)}`"))
        inside = run.machine.function_at(call[0])
    return found[::-1]
