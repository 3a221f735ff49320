"""Asking the rules of a scan, those that read many files in a second process where there is one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Finding
from assay.probes.code.plain import from_plain, to_plain
from assay.probes.code.rules import RULES
from assay.probes.code.twin import Gone, twin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.probes.code.rules.base import About, Examined, Rule
    from assay.probes.code.twin import Channel

_ASIDE: Final = frozenset({"hardcoded-credentials", "weak-default-secret", "optional-database"})
"""About half of the work: rules that look through all files, and at no endpoint."""


def findings_of(examined: Examined, about: About, processes: int = 1) -> list[Finding]:
    """What the rules find, rule by rule, the same with one process or two."""
    rules = [rule for rule in RULES if rule.about is about]
    aside = [rule for rule in rules if rule.id in _ASIDE]
    if processes == 1 or not aside:
        return _told(examined, rules)
    with twin(lambda channel: _tell(examined, aside, channel)) as other:
        found = _told(examined, [rule for rule in rules if rule.id not in _ASIDE])
        if other is not None:
            with suppress(Gone):
                theirs = [from_plain(one) for one in other.receive()]
                return [*found, *(one for one in theirs if isinstance(one, Finding))]
    return [*found, *_told(examined, aside)]


def _told(examined: Examined, rules: Iterable[Rule]) -> list[Finding]:
    return [finding for rule in rules for finding in rule.findings(examined)]


def _tell(examined: Examined, rules: Iterable[Rule], other: Channel) -> None:
    other.send([to_plain(one) for one in _told(examined, rules)])
