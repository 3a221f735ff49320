"""The setting `stores`: classes of the project, or of its company's libraries, that are stores."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from assay.core.command import UsageError
from assay.core.redact import mask_secrets
from assay.probes.code.stores.declared import DeclaredStore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAME: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_KEYS: Final = ("class", "reads", "writes")
_EXAMPLE: Final = '{ class = "app.storage.Table", reads = ["get"], writes = ["put"] }'


def declared_stores(table: Mapping[str, object], file: Path) -> tuple[DeclaredStore, ...]:
    """The stores that a configuration declares.

    Raises:
        UsageError: one of them is not understood.
    """
    given = table.get("stores", [])
    if not isinstance(given, list):
        raise UsageError(f"{file}: `stores` is {_shown(given)}, and may be a list of tables such as {_EXAMPLE}")
    return tuple(_store(one, f"{file}: `stores`, entry {number}") for number, one in enumerate(given, start=1))


def _store(given: object, where: str) -> DeclaredStore:
    if not isinstance(given, dict):
        raise UsageError(f"{where} is {_shown(given)}, and may be a table such as {_EXAMPLE}")
    for key in given:
        if key not in _KEYS:
            raise UsageError(f"{where}: `{mask_secrets(key)}` is no key of a store; those are {', '.join(_KEYS)}")
    name = given.get("class")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(f'{where}: `class` is {_shown(name)}, and is a dotted name such as "app.storage.Table"')
    store = DeclaredStore(name, _methods(given, "reads", where), _methods(given, "writes", where))
    if not store.reads and not store.writes:
        raise UsageError(f"{where}: `{name}` has neither `reads` nor `writes`, so that nothing would follow from it")
    both = sorted(set(store.reads) & set(store.writes))
    if both:
        raise UsageError(f"{where}: `{both[0]}` stands in `reads` and in `writes`; one that does both is a write")
    return store


def _methods(given: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    value = given.get(key, [])
    if isinstance(value, list) and all(isinstance(one, str) and one.isidentifier() for one in value):
        return tuple(value)
    raise UsageError(f'{where}: `{key}` is {_shown(value)}, and may be a list of names of methods such as ["get"]')


def _shown(value: object) -> str:
    return mask_secrets(json.dumps(value, default=str))[:80]
