"""What fails a build: the words of `--fail-on`, and whether a report meets one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.core.command import UsageError
from assay.probes.code.model import Confidence, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assay.probes.code.model import Endpoint, Finding, ScanReport

DEFAULT_WORDS: Final = (
    Verdict.UNWIRED,
    Verdict.BROKEN,
    Verdict.MOCK,
    Verdict.LOSSY,
    Verdict.FALLBACK,
    Verdict.VOLATILE,
    Severity.ERROR,
)
NOTHING: Final = "none"


@dataclass(frozen=True, kw_only=True)
class FailOn:
    """Verdicts and severities count at high confidence and where not debatable; a rule that is named always."""

    verdicts: frozenset[Verdict]
    severities: frozenset[Severity]
    rules: frozenset[str] = frozenset()

    @property
    def words(self) -> tuple[str, ...]:
        """Its words in a stable order."""
        return (*sorted(self.verdicts), *sorted(self.severities), *sorted(self.rules))

    def missing_defaults(self) -> tuple[str, ...]:
        """Words of the default that are not among these: what this setting lets pass."""
        return tuple(word for word in DEFAULT_WORDS if word not in self.verdicts and word not in self.severities)

    def endpoints(self, report: ScanReport) -> tuple[Endpoint, ...]:
        """The endpoints that fail the build; one that is suppressed does not."""
        accepted = {suppressed.fingerprint for suppressed in report.suppressed}
        return tuple(
            endpoint
            for endpoint in report.endpoints
            if endpoint.verdict in self.verdicts
            and endpoint.confidence is Confidence.HIGH
            and not endpoint.debatable
            and endpoint.fingerprint not in accepted
        )

    def findings(self, report: ScanReport) -> tuple[Finding, ...]:
        """The findings that fail the build."""
        return tuple(finding for finding in report.findings if finding.rule in self.rules or self._is_severe(finding))

    def _is_severe(self, finding: Finding) -> bool:
        debatable = finding.endpoint is not None and finding.endpoint.debatable
        return finding.severity in self.severities and finding.confidence is Confidence.HIGH and not debatable


DEFAULT: Final = FailOn(
    verdicts=frozenset(word for word in DEFAULT_WORDS if isinstance(word, Verdict)),
    severities=frozenset(word for word in DEFAULT_WORDS if isinstance(word, Severity)),
)


def parse_fail_on(words: Iterable[str], *, rules: Collection[str], source: str) -> FailOn:
    """Read a list of verdicts, severities and rule names; `none` alone means that nothing fails.

    Raises:
        UsageError: a word is none of them. `source` says where it stood.
    """
    given = [word.strip() for word in words if word.strip()]
    if not given:
        raise UsageError(f"{source}: nothing is listed; write `{NOTHING}` if nothing shall fail")
    if given == [NOTHING]:
        return FailOn(verdicts=frozenset(), severities=frozenset())
    known = {*Verdict, *Severity, *rules}
    for word in given:
        if word not in known:
            raise UsageError(f"{source}: `{word}` is no verdict, severity or rule{did_you_mean(word, known)}")
    return FailOn(
        verdicts=frozenset(Verdict(word) for word in given if word in set(Verdict)),
        severities=frozenset(Severity(word) for word in given if word in set(Severity)),
        rules=frozenset(word for word in given if word in rules),
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to end a message with: the nearest known word, or all of them."""
    import difflib  # noqa: PLC0415 - only a wrong word needs it

    names = sorted(str(name) for name in known)
    near = difflib.get_close_matches(word, names, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; known are: {', '.join(names)}"
