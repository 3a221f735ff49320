"""What the project asks not to be told of: a comment with a rule, a reason and, if it is wise, an end.

The form is `assay: ignore[RULE, ...] REASON until=YYYY-MM-DD`, in a comment of either language. Behind code it
speaks of its own line; alone on a line, of the next line that is neither blank nor a comment. Without a reason, with
a rule that does not exist, or after its day it suppresses nothing and is a finding itself; so is one that is not
needed. The text is found in comments only where the line looks like one: a string that quotes such a comment reads
as one, too.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.model import Location, Suppressed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from assay.probes.code.model import Finding

_GATE: Final = b"assay: ignore["
_COMMENT: Final = re.compile(
    r"(?:\#|//|/\*+|\{/\*+|^\s*\*)\s*assay:\s*ignore\[(?P<rules>[^\]]*)\](?P<rest>.*?)(?:\*/\s*\}?\s*)?$"
)
_UNTIL: Final = re.compile(r"\buntil=(?P<day>\S+)")
_BLANK_OR_COMMENT: Final = re.compile(r"\s*(?:\#.*|//.*|/\*.*|\{/\*.*|\*.*)?$")


class Suppression(NamedTuple):
    """One comment. `speaks_of` is the line it is about; `used` is known after the rules have run."""

    at: Location
    speaks_of: int
    rules: tuple[str, ...]
    reason: str
    until: str | None
    used: bool = False

    def problem(self, *, rule_ids: Collection[str], today: date) -> str | None:
        """Why it suppresses nothing, or None."""
        if not self.rules:
            return "names no rule"
        unknown = next((rule for rule in self.rules if rule not in rule_ids), None)
        if unknown is not None:
            return f"names `{unknown}`, which is no rule of the code"
        if not self.reason:
            return "gives no reason"
        if self.until is None:
            return None
        try:
            last = date.fromisoformat(self.until)
        except ValueError:
            return f"has an end that is no date: until={self.until[:20]} (write until=YYYY-MM-DD)"
        return f"ended on {self.until}" if last < today else None


def find_suppressions(file: str, source: bytes) -> Iterator[Suppression]:
    """The suppressing comments of one file."""
    if _GATE not in source:
        return
    lines = source.decode("utf-8", "replace").splitlines()
    for index, line in enumerate(lines):
        found = _COMMENT.search(line)
        if found is None:
            continue
        until = _UNTIL.search(found["rest"])
        alone = not line[: found.start()].strip()
        yield Suppression(
            at=Location(file=file, line=index + 1, column=found.start() + 1),
            speaks_of=_next_code(lines, index) if alone else index + 1,
            rules=tuple(rule.strip() for rule in found["rules"].split(",") if rule.strip()),
            reason=_UNTIL.sub("", found["rest"]).strip(" \t:-"),
            until=until["day"] if until else None,
        )


def _next_code(lines: list[str], index: int) -> int:
    following = range(index + 1, len(lines))
    return next((number + 1 for number in following if not _BLANK_OR_COMMENT.match(lines[number])), index + 1)


def apply_suppressions(
    findings: Iterable[Finding], suppressions: tuple[Suppression, ...], *, rule_ids: Collection[str], today: date
) -> tuple[tuple[Finding, ...], tuple[tuple[Finding, Suppressed], ...], tuple[Suppression, ...]]:
    """(findings that stay, findings that are suppressed and why, the suppressions with `used` known)."""
    valid = [one for one in suppressions if one.problem(rule_ids=rule_ids, today=today) is None]
    by_place = {(one.at.file, one.speaks_of, rule): one for one in valid for rule in one.rules}
    stay, gone, used = [], [], set()
    for finding in findings:
        chosen = next((by_place[key] for key in _keys(finding) if key in by_place), None)
        if chosen is None:
            stay.append(finding)
        else:
            used.add(chosen)
            accepted = Suppressed(fingerprint=finding.fingerprint, reason=chosen.reason, until=chosen.until)
            gone.append((finding, accepted))
    return tuple(stay), tuple(gone), tuple(one._replace(used=one in used) for one in suppressions)


def _keys(finding: Finding) -> Iterator[tuple[str, int, str]]:
    """The places where a comment may speak of a finding: its own line, and the declaration of its route."""
    yield finding.at.file, finding.at.line, finding.rule
    if finding.endpoint is not None:
        yield finding.endpoint.at.file, finding.endpoint.at.line, finding.rule
