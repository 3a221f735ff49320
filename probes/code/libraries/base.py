"""What the source of a library's classes is to the scanner.

The source may import from `__assay__` what no Python says: see `flow/intrinsics.py`.
"""

from __future__ import annotations

from typing import NamedTuple


class LibrarySource(NamedTuple):
    """The classes of one part of a library.

    `name` is the module where they live, `modules` are the others from which a project may import them. A name that
    the text does not define stays a name of the library.
    """

    name: str
    modules: tuple[str, ...]
    text: str
