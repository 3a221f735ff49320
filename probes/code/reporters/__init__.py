"""The formats of a scan report; one file per format, one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.reporters.json import FORMAT as JSON
from assay.probes.code.reporters.text import FORMAT as TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.probes.code.reporters.base import Format

FORMATS: Final[Mapping[str, Format]] = {format_.name: format_ for format_ in (TEXT, JSON)}
