"""The leaves of an answer: what each piece of data that a client gets is made of, envelope left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.flow import streams
from assay.probes.code.flow.refs import library_path
from assay.probes.code.flow.values import (
    BLANK,
    DATE,
    DEFAULT,
    IDENTITY,
    INVENTED,
    SAME,
    STAND_IN,
    STORED,
    THROUGH_UNKNOWN,
    ZERO,
    Atom,
    Kind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.probes.code.flow.values import Site, Value

ENVELOPE: Final = frozenset(
    [
        "success",
        "message",
        "status",
        "error",
        "ok",
        "timestamp",
        "version",
        "service",
        "detail",
        "msg",
        "code",
        "statusCode",
        "status_code",
        "errors",
        "request_id",
        "requestId",
    ]
)
_SUCCEEDS: Final = frozenset({"success", "succeeded", "ok", "connected", "available"})
_STATES: Final = frozenset({"status", "state", "database", "db", "connection"})
_FAILED: Final = re.compile(
    r"error|fail|unavailable|disconnected|not[ _-]?(connected|configured|available)"
    r"|unhealthy|degraded|offline|down\b|disabled"
)
_CONNECTED: Final = re.compile(r"(dis)?connected|(un)?healthy|(un)?reachable|online|offline")
_IS_CONNECTED: Final = re.compile(r"(^|_)(connected|healthy|reachable)$|(Connected|Healthy|Reachable)$")
_COUNT: Final = re.compile(r"count|total|number", re.IGNORECASE)
_OF_SERVER: Final = re.compile(r"version|collections|databases|tables|latency|ping|uptime|server", re.IGNORECASE)
_MEASURED: Final = re.compile(
    r"[$€£]\s?\d[\d,.]*[kKmM]?|[+-]?\d[\d,.]*\s?(%|[mµ]?s|secs?|seconds|min|minutes|h|hours|[KMGT]i?B|k?Wh?|kWh|MWh)"
)
_ERROR: Final = re.compile(r"(^|_)(errors?|exception|failures?|failed|traceback)$")
_CODES: Final = re.compile(r"(status|response|error|result|http)?_?code|status", re.IGNORECASE)
_FIRST_ERROR, _LAST_ERROR = 400, 599
_ERRORS: Final = re.compile(r"errors?|failures?|failed|failed_\w+|\w+_errors", re.IGNORECASE)
"""Names of lists that hold what went wrong."""
_MESSAGES: Final = frozenset({"message", "msg", "detail"})
_WENT_WRONG: Final = re.compile(
    r"\b(errors?|fail(ed|ure|s)?|went wrong|unable to|(could|can) ?n[o']t|unavailable|try again"
    r"|not (configured|available|connected))\b",
    re.IGNORECASE,
)
_SAID_DEPTH: Final = 4
_INDEX: Final = re.compile(r"\d+|\[\]|\?|\*")
_OUTSIDE: Final = frozenset({Kind.EXTERNAL, Kind.ENV, Kind.HOST, Kind.FILE, Kind.TOKEN, Kind.PAGE})
_OF_SHELL: Final = frozenset(
    {Kind.REQUEST, Kind.DERIVED, Kind.LITERAL, Kind.ENV, Kind.HOST, Kind.CLOCK, Kind.TOKEN, Kind.PAGE}
)
_NO_SAMPLE: Final = frozenset({Kind.REQUEST, Kind.DERIVED, Kind.CLOCK, Kind.UUID})
_COMPUTED: Final = frozenset({Kind.EXTERNAL, Kind.FILE, Kind.DERIVED})
_KEY_VALUE: Final = "redis:"
_DEPTH: Final = 8


class Leaf(NamedTuple):
    """One leaf: the names on its way, and its atoms."""

    path: tuple[str, ...]
    atoms: dict[Atom, Site]
    text: str = ""

    @property
    def name(self) -> str:
        """The last name on its way that is no index."""
        return next((part for part in reversed(self.path) if not _INDEX.fullmatch(part)), "")

    def has(self, *kinds: Kind) -> bool:
        """Some atom is of one of these kinds."""
        return any(one.kind in kinds for one in self.atoms)

    @property
    def stored(self) -> bool:
        """Comes from a store, other than the row that identifies the caller."""
        found = [one for one in self.atoms if one.kind in STORED and not one.marks & IDENTITY]
        cached = all(one.name.startswith(_KEY_VALUE) for one in found) and self.has(*_COMPUTED)
        return bool(found) and not cached

    @property
    def identity(self) -> bool:
        """Comes from the row that identifies the caller."""
        return any(one.kind in STORED and one.marks & IDENTITY for one in self.atoms)

    @property
    def proven(self) -> bool:
        """Comes from a store on a way that is known in full."""
        return any(one.kind in STORED and not one.marks & (IDENTITY | THROUGH_UNKNOWN) for one in self.atoms)

    @property
    def literal(self) -> bool:
        """A literal and nothing else."""
        return bool(self.atoms) and all(one.kind is Kind.LITERAL for one in self.atoms)

    @property
    def number(self) -> bool:
        """A literal number that is not zero, or a text that is one with its unit."""
        return self.literal and (
            any(one.name == "num" for one in self.atoms) or _MEASURED.fullmatch(self.text) is not None
        )

    @property
    def date(self) -> bool:
        """A literal date."""
        return self.literal and any(one.name == DATE for one in self.atoms)

    @property
    def random(self) -> bool:
        """Made by a random generator, not by a store, the request or another service."""
        return self.has(Kind.RANDOM) and not self.stored and not self.has(Kind.EXTERNAL)

    @property
    def invented(self) -> bool:
        """Made of data that is known to be invented, and not stored."""
        return any(one.marks & (INVENTED | SAME) for one in self.atoms) and not self.stored and not self.identity

    @property
    def stands_in(self) -> bool:
        """Given only where another service is not configured."""
        return (
            bool(self.atoms)
            and all(one.marks & STAND_IN or one.kind in _NO_SAMPLE for one in self.atoms)
            and any(one.marks & STAND_IN for one in self.atoms)
        )

    @property
    def outside(self) -> bool:
        """Comes from another service, the host, the environment or a file."""
        return self.has(*_OUTSIDE) and not self.stored

    @property
    def nothing(self) -> bool:
        """Empty, null or zero."""
        return self.literal and all(one.name in {"empty", "none", ZERO, BLANK} for one in self.atoms)

    @property
    def blank(self) -> bool:
        """An empty text, which stands for no records."""
        return self.literal and all(one.name == BLANK for one in self.atoms)

    @property
    def defaults(self) -> tuple[tuple[Atom, Site], ...]:
        """Invented content that stands in where the store had none."""
        invented = {"num", DATE}
        return tuple(
            (one, site)
            for one, site in self.atoms.items()
            if one.marks & DEFAULT and ((one.kind is Kind.LITERAL and one.name in invented) or one.kind is Kind.RANDOM)
        )


def leaves(value: Value, memory: frozenset[str], site: Site | None = None) -> tuple[Leaf, ...]:
    """All leaves of an answer. `memory` names what is written while the application runs; other memory is constant.

    With the place of the answer, what an object of a library holds is a leaf too: nobody knows what it is.
    """
    return tuple(_walk(value, (), memory, site, 0))


def _walk(
    value: Value, path: tuple[str, ...], memory: frozenset[str], answer: Site | None, depth: int
) -> Iterator[Leaf]:
    atoms = {one: site for one, site in value.atoms.items() if one.kind is not Kind.MEMORY or one.name in memory}
    if answer is not None and not value.atoms and not value.fields:
        atoms.update((Atom(Kind.UNKNOWN, name), answer) for name in map(library_path, value.refs) if name)
    if atoms and not (value.fields and all(one.kind is Kind.LITERAL for one in atoms)):
        yield Leaf(path, atoms, value.lit.text if value.lit is not None else "")
    if depth < _DEPTH:
        for key, child in value.fields.items():
            if not key.startswith("\0"):
                yield from _walk(child, (*path, key), memory, answer, depth + 1)


def tells_failure(value: Value) -> bool:
    """The answer says itself that something failed, or that the store is not there: `success: false`, an error."""
    found = tuple(leaves(value, frozenset()))
    if any(_is_failure(leaf) for leaf in found if len(leaf.path) <= _SAID_DEPTH):
        return True
    if _lists_errors(found):
        return True
    told = [leaf for leaf in found if _is_told(leaf)]
    if told and streams.is_one(value):
        return all(leaf in told or (leaf.literal and not leaf.name) for leaf in found)
    messages = any(leaf.name in _MESSAGES for leaf in told) and all(
        leaf.nothing or leaf.name in ENVELOPE for leaf in found
    )
    return messages or (bool(told) and all(leaf in told or leaf.name in ENVELOPE for leaf in found))


def _lists_errors(found: tuple[Leaf, ...]) -> bool:
    """What went wrong with each part of the request is listed, and nothing is told of parts that went well."""
    listed = [leaf for leaf in found if leaf.path and _ERRORS.fullmatch(leaf.path[0])]
    others = (leaf for leaf in found if leaf not in listed)
    return any(leaf.has(Kind.EXCEPTION) for leaf in listed) and all(
        leaf.nothing or leaf.name in ENVELOPE for leaf in others
    )


def _is_told(leaf: Leaf) -> bool:
    """A text that says what went wrong."""
    return _WENT_WRONG.search(leaf.text) is not None or (leaf.name in _MESSAGES and leaf.has(Kind.EXCEPTION))


def tells_connection(found: Iterable[Leaf]) -> bool:
    """The answer says that something is connected, and of what is stored there no more than one count.

    What the server tells of itself, as its version or its tables, is no data of anybody.
    """
    every = tuple(found)
    said = any(
        (leaf.name.lower() in _STATES and _CONNECTED.fullmatch(leaf.text.lower()) is not None)
        or (_IS_CONNECTED.search(leaf.name) is not None and leaf.text.lower() in {"true", "false"})
        for leaf in every
        if not any(_INDEX.fullmatch(part) for part in leaf.path)
    )
    stored = [leaf for leaf in every if leaf.stored and not _OF_SERVER.search(leaf.name)]
    counts = [leaf for leaf in stored if _COUNT.search(leaf.name) and not _INDEX.fullmatch(leaf.path[-1])]
    return said and len(stored) == len(counts) <= 1


def _is_failure(leaf: Leaf) -> bool:
    name, text = leaf.name.lower(), leaf.text.lower()
    if name in _SUCCEEDS:
        return text == "false"
    if _CODES.fullmatch(leaf.name) and text.isdecimal():
        return _FIRST_ERROR <= int(text) <= _LAST_ERROR
    if name in _STATES:
        return text == "false" or bool(_FAILED.search(text))
    return bool(_ERROR.search(name)) and not leaf.nothing


def data_leaves(found: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """The leaves that carry data: the envelope counts only where there is nothing else."""
    every = tuple(found)
    return tuple(
        leaf
        for leaf in every
        if leaf.name not in ENVELOPE or len([one for one in leaf.path if not _INDEX.fullmatch(one)]) > 1
    )


def content_of_page(found: tuple[Leaf, ...]) -> tuple[Leaf, ...]:
    """What a page is rendered with carries its data; that it is a page counts only where there is nothing else."""
    return tuple(leaf for leaf in found if leaf.path or not _is_page(leaf)) or found


def is_shell(found: tuple[Leaf, ...]) -> bool:
    """A page, rendered with nothing but what the request brought, settings, and texts and flags of its own."""
    page = any(_is_page(leaf) for leaf in found)
    return page and all(_is_page(leaf) or _dresses(leaf) for leaf in found)


def _is_page(leaf: Leaf) -> bool:
    return bool(leaf.atoms) and all(one.kind is Kind.PAGE for one in leaf.atoms)


def _dresses(leaf: Leaf) -> bool:
    """No record and no measure."""
    if leaf.invented or leaf.number or leaf.date:
        return False
    if leaf.literal:
        listed = any(_INDEX.fullmatch(part) for part in leaf.path if part != "**")
        return not listed and all(one.name != "empty" for one in leaf.atoms)
    return all(one.kind in _OF_SHELL for one in leaf.atoms)
