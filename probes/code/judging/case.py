"""What the judgement of one endpoint looks at, derived once from its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow.values import Kind
from assay.probes.code.judging.leaves import Leaf, content_of_page, data_leaves, leaves
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.trace import Event, Trace
    from assay.probes.code.flow.values import Site
    from assay.probes.code.judging.endpoint import Run
    from assay.probes.code.model import Confidence, Verdict

_WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ANSWERED: Final = frozenset({AnswerKind.OK, AnswerKind.REDIRECT})
_REQUEST: Final = frozenset({Kind.REQUEST, Kind.DERIVED})
HALF: Final = 0.5


class Judgement(NamedTuple):
    """A body verdict with its confidence and reasons; `at` are the places that prove it."""

    body: Verdict
    confidence: Confidence
    reasons: tuple[str, ...]
    at: tuple[tuple[Site, str], ...] = ()
    debatable: bool = False
    flags: tuple[str, ...] = ()


class Kept(NamedTuple):
    """Where the endpoints of a project keep data between requests: memory and local files.

    Of the memory `caches` are no data, what is `told` is in some answer, and `work` is about what this process does.
    What is `changed` no endpoint was seen to change.
    """

    memory: frozenset[str]
    caches: frozenset[str]
    told: frozenset[str]
    files: frozenset[str]
    work: frozenset[str]
    changed: frozenset[str]


class Case:
    """Everything the judgement of one endpoint looks at, derived once from its run."""

    def __init__(self, run: Run, trace: Trace, kept: Kept, words: tuple[str, str]) -> None:
        route = run.served.route
        self.path = run.served.path
        self.run = run
        self.trace = trace
        self.methods = frozenset(route.methods)
        self.is_write = bool(self.methods & _WRITING)
        self.takes_data = run.takes_data or trace.asked
        self.words, self.callee_words = words
        self.own = [event for event in trace.events if not event.guard]
        self.commits = [index for index, event in enumerate(self.own) if event.kind is EffectKind.COMMIT]
        self.ok = [reply for reply in trace.replies if reply.kind in ANSWERED]
        self.normal = (
            [reply for reply in self.ok if reply.cause is Cause.NORMAL]
            or [reply for reply in self.ok if reply.cause is Cause.EMPTY]
            or [reply for reply in self.ok if reply.cause is Cause.FAILURE]
        )
        self.memory = kept.memory - kept.caches
        self.caches = kept.caches
        self.told = kept.told
        self.files = kept.files
        self.changed = kept.changed
        self.work = kept.work
        given = tuple(leaf for reply in self.normal for leaf in leaves(reply.value, self.memory, reply.site))
        self.stand_ins = tuple(leaf for leaf in given if leaf.stands_in)
        self.every = tuple(leaf for leaf in given if not leaf.stands_in) or given
        self.data = content_of_page(data_leaves(self.every))
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
        return any(later > index and self.own[later].library == event.library for later in self.commits)

    @property
    def memory_writes(self) -> list[Event]:
        """Writes to memory that outlives the request."""
        return [event for event in self._events(EffectKind.MEMORY_WRITE) if event.target not in self.caches]

    @property
    def file_writes(self) -> list[Event]:
        """Writes to local files."""
        return self._events(EffectKind.FILE_WRITE)

    @property
    def kept_files(self) -> list[Event]:
        """Writes to local files in which endpoints keep data."""
        return [event for event in self.file_writes if event.target in self.files and keeps_data(event)]

    @property
    def stored(self) -> list[Leaf]:
        """Leaves that come from a store; what it would give an object that nothing hands to it comes from none."""
        asked = self.reads or self.writes or self.trace.unresolved
        return [leaf for leaf in self.every if leaf.stored and (asked or leaf.has(Kind.ROW, Kind.COUNT))]


def carries_request(event: Event) -> bool:
    """Data of the request is written, or selects what is."""
    return any(one.kind in _REQUEST for value in (event.data, event.selects) for one in value.all_atoms())


def keeps_data(event: Event) -> bool:
    """Data of the request, or what the file held, is written to a file whose name does not depend on the request.

    What another file held is a copy, of defaults for instance.
    """
    held = any(
        one.kind in _REQUEST or (one.kind is Kind.FILE and one.name == event.target) for one in event.data.all_atoms()
    )
    return event.kind is EffectKind.FILE_WRITE and bool(event.target) and held
