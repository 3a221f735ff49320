"""Asking the rules of a scan, many of them in a second process where there is one, with the same result."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from assay.probes.code.model import Finding
from assay.probes.code.plain import from_plain, to_plain
from assay.probes.code.rules import RULES
from assay.probes.code.rules.base import About
from assay.probes.code.twin import Gone, twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from assay.probes.code.rules.base import Examined, Rule
    from assay.probes.code.twin import Channel

Early: TypeAlias = "Callable[[Examined], list[Finding]]"
"""What the rules about files find. It is given what is known at the end of the scan, and may have been done before."""

_ABOUT_FILES: Final = tuple(rule for rule in RULES if rule.about is About.FILES)
_ASIDE: Final = frozenset({"second-engine", "orphaned-database"})
"""About half of the work of the rules about code."""


@contextmanager
def asked_early(files: Callable[[], Examined], processes: int = 1) -> Iterator[Early]:
    """Ask the rules that need no endpoint in a second process, while this one looks for the endpoints."""
    if processes == 1:
        yield _about_files
        return
    with twin(lambda channel: _tell(files(), _ABOUT_FILES, channel)) as other:
        yield _about_files if other is None else partial(_told_early, other)


def findings_of(examined: Examined, about: About, processes: int = 1) -> list[Finding]:
    """What the rules find, rule by rule, the same with one process or two."""
    rules = [rule for rule in RULES if rule.about is about]
    aside = [rule for rule in rules if rule.id in _ASIDE]
    if processes == 1 or not aside:
        return _told(examined, rules)
    with twin(lambda channel: _tell(examined, aside, channel)) as other:
        found = _told(examined, [rule for rule in rules if rule.id not in _ASIDE])
        theirs = _received(other) if other is not None else None
    return [*found, *(_told(examined, aside) if theirs is None else theirs)]


def _about_files(examined: Examined) -> list[Finding]:
    return _told(examined, _ABOUT_FILES)


def _told_early(other: Channel, examined: Examined) -> list[Finding]:
    found = _received(other)
    return _about_files(examined) if found is None else found


def _told(examined: Examined, rules: Iterable[Rule]) -> list[Finding]:
    return [finding for rule in rules for finding in rule.findings(examined)]


def _tell(examined: Examined, rules: Iterable[Rule], other: Channel) -> None:
    other.send([to_plain(one) for one in _told(examined, rules)])


def _received(other: Channel) -> list[Finding] | None:
    with suppress(Gone):
        return [one for one in map(from_plain, other.receive()) if isinstance(one, Finding)]
    return None
