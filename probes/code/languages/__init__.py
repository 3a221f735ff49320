"""Source bytes of one file -> `FileFacts`; one module per language, loaded when a file of it is met.

Loading a grammar costs more than analysing a small project, so a project without TypeScript does not pay for it.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from assay.probes.code.languages.base import Language

BY_SUFFIX: Final = {
    ".py": "python",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "typescript",
    ".js": "typescript",
    ".jsx": "typescript",
    ".mjs": "typescript",
    ".cjs": "typescript",
}
"""Which module of this package knows the files of a suffix."""


@cache
def language(name: str) -> Language:
    """The language of a module of this package."""
    return cast("Language", importlib.import_module(f"{__name__}.{name}").LANGUAGE)
