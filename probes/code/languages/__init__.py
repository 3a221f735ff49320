"""Source bytes of one file -> `FileFacts`; one module per language."""

from __future__ import annotations

from typing import Final

from assay.probes.code.languages import python, typescript
from assay.probes.code.languages.base import Language

LANGUAGES: Final[tuple[Language, ...]] = (python.LANGUAGE, typescript.LANGUAGE)
