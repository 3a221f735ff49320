"""Classes of libraries that a project inherits its behaviour from, as source of our own in the project's language.

A class-based view or a serializer runs mostly in the library: what it reads, writes and answers is told by a method of
the project that the library calls, or by none. Such a class is written down here as far as data flows through it, and
the interpreter reads it like a class of the project: overriding, mixins and `super()` need no rules of their own.

What happens in these sources happens, for every report, where the project calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.libraries import django_forms, django_views, rest_framework, serializers

if TYPE_CHECKING:
    from assay.probes.code.libraries.base import LibrarySource

SOURCES: Final[tuple[LibrarySource, ...]] = (
    django_views.SOURCE,
    django_forms.SOURCE,
    rest_framework.SOURCE,
    serializers.SOURCE,
)
_PREFIX: Final = "library:"
_BY_PATH: Final = {f"{_PREFIX}{source.name}.py": source for source in SOURCES}
_BY_MODULE: Final = {module: path for path, source in _BY_PATH.items() for module in (source.name, *source.modules)}


def is_library(path: str) -> bool:
    """The path is that of a library's source, which is no file of the project."""
    return path.startswith(_PREFIX)


def library_path(module: str) -> str | None:
    """The path of the source that holds the classes of a library's module."""
    return _BY_MODULE.get(module)


def library_names(path: str, name: str) -> tuple[str, ...]:
    """The dotted names under which a class of such a source is known."""
    source = _BY_PATH[path]
    return tuple(f"{module}.{name}" for module in (source.name, *source.modules))


def library_source(path: str) -> bytes:
    """The source at such a path."""
    return _BY_PATH[path].text.encode()
