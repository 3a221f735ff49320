"""What a language is to the scanner: which files are its own, and how one of them becomes facts.

A language file exports `LANGUAGE`. It knows no framework and no other file of the project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.probes.code.facts import FileFacts


class Language(NamedTuple):
    """One language.

    `suffixes` are lower-case with their dot. `extract(path, source)` takes the path relative to the scanned root and
    the bytes of the file, whatever they are, and always returns: what could not be read stands in
    `FileFacts.problems`, never in an error.
    """

    name: str
    suffixes: tuple[str, ...]
    extract: Callable[[str, bytes], FileFacts]
