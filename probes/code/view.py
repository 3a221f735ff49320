"""What the engine knows of a project after the analysis: the values that rules read.

Everything here is frozen and in a stable order: endpoints by file, line, method and path, effects and answers in the
order in which the interpreter met them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from assay.probes.code.model import Analysis, Endpoint, Evidence, Finding, Location, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.probes.code.facts import FileFacts


class EffectKind(StrEnum):
    """What a step of a handler does to the world outside its own variables."""

    STORE_READ = "store-read"
    STORE_WRITE = "store-write"
    """A write that takes effect with the commit of its transaction, or at once; `committed` says whether it does."""
    FLUSH = "flush"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    MEMORY_READ = "memory-read"
    MEMORY_WRITE = "memory-write"
    """Only memory that outlives the request: module level, class attribute, singleton."""
    FILE_READ = "file-read"
    FILE_WRITE = "file-write"
    EXTERNAL = "external"
    """A call to another service."""
    DROPPED = "dropped"
    """A query that is built and never executed."""


class Cause(StrEnum):
    """Why control came to a place."""

    NORMAL = "normal"
    STORE_FAILURE = "store-failure"
    NOT_CONFIGURED = "not-configured"
    EMPTY = "empty"
    """The store had no row."""
    FAILURE = "failure"
    """Something that is no store failed."""


class AnswerKind(StrEnum):
    """What a client is told. `RAISE` is an exception that no handler of the project answers; it becomes a 500."""

    OK = "ok"
    REDIRECT = "redirect"
    CLIENT_ERROR = "client-error"
    SERVER_ERROR = "server-error"
    REFUSED = "refused"
    RAISE = "raise"


class Effect(NamedTuple):
    """One effect of an endpoint.

    `library` is the store library (`sqlalchemy`, `pg`, `redis`), `target` its table, model or collection where it is
    known, or the name of the memory or file. `function` names the function it stands in. `committed` is `None` where
    that means nothing. `carries_request`: data of the request is among what is written. `cause` tells on which path
    it happens. `after_response`: in a background task, or behind the `yield` of a dependency that ends so late.
    `rests_on` are the targets of earlier writes whose rows are among what is written.
    """

    kind: EffectKind
    at: Location
    library: str = ""
    target: str = ""
    function: str = ""
    cause: Cause = Cause.NORMAL
    committed: bool | None = None
    carries_request: bool = False
    after_response: bool = False
    rests_on: tuple[str, ...] = ()


class AnsweredLiteral(NamedTuple):
    """A constant in an answer: the name of its field, its text where it is one known constant, and where it stands."""

    name: str
    text: str
    at: Location


class Answer(NamedTuple):
    """One way in which an endpoint answers.

    `origins` are the kinds of what its data comes from, sorted (`row`, `literal`, ...). `literals` are its first
    constants, in order. A success that answers the failure of a store is here too.
    """

    kind: AnswerKind
    at: Location
    status: int | None
    cause: Cause
    origins: tuple[str, ...] = ()
    literals: tuple[AnsweredLiteral, ...] = ()


class SwallowedFailure(NamedTuple):
    """A store failure that is caught and not passed on.

    `at` is the `except` or `catch`, `effect` the store call that fails. `answers_ok`: the endpoint then answers
    success.
    """

    at: Location
    effect: Location
    library: str
    answers_ok: bool


class EndpointFlow(NamedTuple):
    """An endpoint with what the analysis saw on its way. `handler_at` is where its handler starts, if that is known.

    `exhausted`: the budget ended before the analysis did. `unresolved` are calls whose target is not known, as written.
    """

    endpoint: Endpoint
    handler_at: Location | None
    effects: tuple[Effect, ...] = ()
    answers: tuple[Answer, ...] = ()
    swallowed: tuple[SwallowedFailure, ...] = ()
    unresolved: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why the verdict is what it is, one short sentence each, most important first."""
    unwired: Evidence | None = None
    """Why it is never served."""
    exhausted: bool = False
    about_itself: bool = False
    """Its path is one that tells of the service itself: health, readiness, liveness."""

    def of_kind(self, *kinds: EffectKind) -> tuple[Effect, ...]:
        """Its effects of these kinds, in order."""
        return tuple(effect for effect in self.effects if effect.kind in kinds)

    @property
    def store_reads(self) -> tuple[Effect, ...]:
        """Reads of a persistent store that are executed."""
        return self.of_kind(EffectKind.STORE_READ)

    @property
    def store_writes(self) -> tuple[Effect, ...]:
        """Writes to a persistent store that are executed, committed or not."""
        return self.of_kind(EffectKind.STORE_WRITE)

    @property
    def memory_writes(self) -> tuple[Effect, ...]:
        """Writes to memory that outlives the request."""
        return self.of_kind(EffectKind.MEMORY_WRITE)


class UnimportableModule(NamedTuple):
    """A module that cannot be imported: why, and which file it is.

    `because` is the place at fault, which may be in another module; `cause` is what is wrong there.
    """

    file: str
    at: Location
    reason: str
    because: Location
    cause: str


class ProjectView(NamedTuple):
    """A project as the engine sees it; what a rule is given.

    `files` are the paths that were handed in, sorted. `facts` lowers a file when it is asked for it the first time, and
    gives `None` for a file that could not be read or is in no known language. `source` gives its bytes (a cheap test
    before `facts`). `loaded` are the Python files that hold what is served, and those that they import as far as the
    analysis followed them; `applications` the same, for each file in which routes are put together. `reached` are the
    places of the functions that a served endpoint runs. `resolve` gives the file that a module means in a Python file
    that imports it.
    """

    files: tuple[str, ...]
    endpoints: tuple[EndpointFlow, ...]
    skipped: tuple[Skipped, ...]
    unimportable: tuple[UnimportableModule, ...]
    imports_web_framework: bool
    facts: Callable[[str], FileFacts | None]
    source: Callable[[str], bytes]
    loaded: frozenset[str]
    applications: tuple[frozenset[str], ...]
    reached: frozenset[Location]
    resolve: Callable[[str, str], str | None]

    def analysis(self, findings: Sequence[Finding] = ()) -> Analysis:
        """The result to report, with the findings that rules made of this view."""
        return Analysis(
            endpoints=tuple(flow.endpoint for flow in self.endpoints),
            findings=tuple(findings),
            skipped=self.skipped,
            imports_web_framework=self.imports_web_framework,
        )
