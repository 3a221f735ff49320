"""Wrong settings, all of them at once, each with its name, what it was and what it may be."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from assay.core.command import UsageError
from assay.core.redact import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHOWN_CHARACTERS: Final = 80
_CLOSE: Final = 0.7


class SettingsError(UsageError):
    """One or more settings are wrong; `problems` has one sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        lines = (
            self.problems
            if len(self.problems) == 1
            else [f"{len(self.problems)} settings are wrong:", *_bullets(self.problems)]
        )
        super().__init__("\n".join(lines))


def _bullets(problems: Iterable[str]) -> list[str]:
    return [f"  - {problem}" for problem in problems]


def shown(value: object) -> str:
    """A wrong value as an error may show it: short, and without secrets."""
    text = mask_secrets(repr(value))
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}... ({len(text)} characters)"


def unknown(name: str, known: Iterable[str], *, what: str) -> str:
    """The sentence about a name that is no setting, with the one that was probably meant."""
    close = get_close_matches(name, list(known), n=1, cutoff=_CLOSE)
    hint = f"did you mean {close[0]}?" if close else "docs/settings.md lists them all"
    return f"{name} is no {what}; {hint}"
