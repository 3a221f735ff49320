"""What makes a finding or an endpoint the same one in the next scan: never a line number.

A finding is its rule, its endpoint or else its file, and the text of its line with blanks and secrets taken out.
Equal ones are told apart by their order in the file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.core.redact import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from assay.probes.code.model import Endpoint, Finding, Location

_LENGTH: Final = 32


def stamp_endpoints(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """The endpoints in the same order, each with its fingerprint."""
    seen: Counter[tuple[str, ...]] = Counter()
    stamped = []
    for endpoint in endpoints:
        identity = ("endpoint", endpoint.at.file, endpoint.title, endpoint.handler)
        stamped.append(replace(endpoint, fingerprint=_digest(identity, seen)))
    return tuple(stamped)


def stamp_findings(findings: Iterable[Finding], line_at: Callable[[Location], str]) -> tuple[Finding, ...]:
    """The findings in the same order, each with its fingerprint; `line_at` gives the source text of a line."""
    seen: Counter[tuple[str, ...]] = Counter()
    stamped = []
    for finding in findings:
        title = finding.endpoint.title if finding.endpoint else ""
        text = "".join(mask_secrets(line_at(finding.at)).split())
        identity = (finding.rule, finding.at.file, title, text)
        stamped.append(replace(finding, fingerprint=_digest(identity, seen)))
    return tuple(stamped)


def _digest(identity: tuple[str, ...], seen: Counter[tuple[str, ...]]) -> str:
    ordinal = seen[identity]
    seen[identity] += 1
    text = "\0".join((*identity, str(ordinal)))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_LENGTH]
