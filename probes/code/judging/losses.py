"""Writes that answer success while what they were given reaches no store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.values import Kind
from assay.probes.code.judging.behind import commits_behind
from assay.probes.code.judging.case import Case, Judgement
from assay.probes.code.judging.score import marker
from assay.probes.code.model import Confidence, Verdict
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.trace import Event


_SAVES: Final = frozenset({"save", "asave", "commit", "execute"})
"""Calls that keep what was set on an object, whatever it is."""


def lossy(case: Case) -> Judgement | None:
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
        saving = sorted(name for name in case.trace.unresolved if name.rpartition(".")[2] in _SAVES)
        if saving or not all(event.library for event in uncommitted):
            why = ": ".join(("whether what it writes is kept is not known", *saving[:1]))
            return Judgement(Verdict.UNKNOWN, Confidence.LOW, (why,), at)
        flushed = any(event.kind is EffectKind.FLUSH for event in case.own)
        why = "the write is flushed, but never committed" if flushed else "the write is never committed"
        sure = Confidence.MEDIUM if case.trace.handed_on else Confidence.HIGH
        return Judgement(Verdict.LOSSY, sure, (why,), at)
    return _commits_nothing(case)


def _commits_nothing(case: Case) -> Judgement | None:
    """A write that commits, and nothing on the way added anything; what an unknown call did is not known."""
    own = [case.own[index] for index in case.commits if not any(case.own[index] is one for one in case.trace.deferred)]
    idle = not case.writes and not case.memory_writes and not case.trace.handed_on
    if not own or not case.is_write or not idle or not case.takes_data or (case.reads and case.stored):
        return None
    at = ((own[0].site, "commits nothing"),)
    if case.trace.unseen:
        why = f"it commits, and whether anything was added is not known: {min(case.trace.unseen)}"
        return Judgement(Verdict.UNKNOWN, Confidence.LOW, (why,), at)
    return Judgement(Verdict.LOSSY, Confidence.HIGH, ("it commits, but nothing was added",), at)


def _matters(event: Event) -> bool:
    """A write whose loss is a loss.

    A field that is set on a row only counts where it is set to what the request gave.
    """
    return event.handle != "dirty" or any(one.kind is Kind.REQUEST for one in event.data.all_atoms())


def only_told(case: Case) -> Judgement | None:
    """A change that a message tells of, naming what was asked for: the message is no result."""
    echoed = all(leaf.has(Kind.REQUEST, Kind.DERIVED) or leaf.literal for leaf in case.every)
    if case.data or not case.methods <= _CHANGING or not echoed or case.trace.handed_on:
        return None
    return claims_write(case, Confidence.MEDIUM)


def silent(case: Case) -> Judgement | None:
    """Success without any data."""
    if case.is_write and case.trace.handed_on:
        names = sorted(case.trace.handed_on)
        return Judgement(
            Verdict.UNKNOWN, Confidence.LOW, (f"what becomes of the data is not known: {', '.join(names[:3])}",)
        )
    if case.is_write:
        return claims_write(case, Confidence.MEDIUM)
    return Judgement(Verdict.STATIC, Confidence.LOW, ("it answers without data",))


def claims_write(case: Case, sure: Confidence) -> Judgement | None:
    """A write that is given data answers success, and nothing shows that the data went anywhere."""
    sent = any(event.kind is EffectKind.EXTERNAL for event in case.own)
    made = any(leaf.literal and _NAMES_ONE.search(leaf.name) for leaf in case.data)
    given = case.takes_data or made or _tells_of_a_change(case)
    computes = _COMPUTES.search(case.path) and not marker(case.words)
    if not given or not case.is_write or computes or sent or case.memory_writes or case.file_writes:
        return None
    known = not case.trace.unresolved and not case.trace.handed_on
    if known and not case.reads and (case.run.handles or marker(case.words)):
        sure = (
            Confidence.HIGH
        )  # a store was asked for or is spoken of, none is used, and every call on the way is known
    reason = "it answers success for a write, but no store is reached"
    site = case.normal[0].site if case.normal else case.run.served.route.site
    return Judgement(Verdict.LOSSY, sure, (reason,), ((site, "answers success"),))


def dropped(case: Case) -> Judgement | None:
    """A row is made of what the request gave and handed to nothing, and every call on the way is known."""
    kept = case.writes or case.commits or case.memory_writes or case.file_writes
    sent = any(event.kind is EffectKind.EXTERNAL for event in case.own)
    known = not case.trace.unresolved and not case.trace.handed_on and not case.trace.unseen
    if not case.trace.rows or not case.is_write or kept or sent or not known or _COMPUTES.search(case.path):
        return None
    table, site = next(iter(case.trace.rows.items()))
    return Judgement(
        Verdict.LOSSY,
        Confidence.MEDIUM,
        (f"a row of `{table}` is made of what it is given, and handed to no store",),
        ((site, "the row that nothing keeps"),),
    )


def _tells_of_a_change(case: Case) -> bool:
    """Nothing is read, called or done, and the answer tells in words that something was changed or begun."""
    called = len(case.trace.calls) > 1  # the handler is the first
    done = case.own or called or case.trace.unresolved or case.trace.handed_on
    return not done and any(_CHANGED.search(leaf.text) for leaf in case.every if leaf.literal)


_CHANGED: Final = re.compile(
    r"\b(created|saved|stored|updated|deleted|removed|registered|submitted|recorded|scheduled|cancell?ed|initiated|started"
    r"|triggered|queued|launched|deployed|activated|deactivated|enabled|disabled|approved|rejected|published|assigned"
    r"|enrolled|subscribed|booked|uploaded|imported|synced|restarted|stopped)\b|_(created|initiated|started|queued|scheduled)$",
    re.IGNORECASE,
)


_CHANGING: Final = frozenset({"PUT", "PATCH", "DELETE"})


_NAMES_ONE: Final = re.compile(r"(^|_)id$|Id$")


_COMPUTES: Final = re.compile(
    r"logout|log-out|signout|sign-out|analy[sz]|predict|optimi[sz]|validat|compar|calculat|search|preview|simulat|generate|estimate|convert"
    r"|recommend|test|verify|check|echo|parse|translate|evaluate|query|refresh|clear|reset",
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


def claims_success(case: Case) -> bool:
    """The answer says that something was done, or that all is well and nothing but what was asked."""
    well = any(leaf.name in {"success", "ok"} for leaf in case.every)
    return says_done(case) or (well and not any(leaf.literal and not leaf.nothing for leaf in case.data))


def says_done(case: Case) -> bool:
    """The answer says in words that something was done, or gives an identifier."""
    texts = " ".join(leaf.text.lower() for leaf in case.every)
    made = any(
        leaf.has(Kind.UUID) or (leaf.literal and _NAMES_ONE.search(leaf.name) is not None) for leaf in case.every
    )
    return made or any(word in texts for word in _SUCCESS) or _tells_of_a_change(case)
