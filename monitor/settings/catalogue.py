"""What each setting is called where, and what it may be: read off `Settings`, so that nothing is said twice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

from assay.monitor.settings.model import Allowed, Default, Settings, Sources, TargetSetting

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

_Note = TypeVar("_Note")

OTHER_VARIABLES: Final = {
    "ASSAY_DEBUG": "any value: a command that fails prints where",
    "ASSAY_PASSWORD": "for `docker-compose.yml`: the password of Assay's role",
    "ASSAY_SCAN": "for `docker-compose.yml`: the folder of the host that is scanned",
    "ASSAY_TOKEN": "the API token that `assay scan --send` shows",
}
"""Variables of Assay's that are no settings of the service."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One setting. `variables` are in order of precedence; `key` is its name in `assay.toml`, where it has one."""

    name: str
    variables: tuple[str, ...]
    key: str | None
    allowed: str
    default: str
    meaning: str


@cache
def settings_catalogue() -> tuple[Entry, ...]:
    """Every setting, in the order of the model."""
    return _entries(Settings, prefix="ASSAY_")


@cache
def target_catalogue() -> tuple[Entry, ...]:
    """Every key of a `[[target]]` table."""
    return _entries(TargetSetting, prefix=None)


def _entries(model: type[BaseModel], *, prefix: str | None) -> tuple[Entry, ...]:
    return tuple(_entry(name, info, prefix) for name, info in model.model_fields.items())


def _entry(name: str, info: FieldInfo, prefix: str | None) -> Entry:
    sources = _note(info, Sources) or Sources(variables=(f"{prefix}{name.upper()}",) if prefix else (), key=name)
    allowed = _note(info, Allowed)
    return Entry(
        name=name,
        variables=sources.variables,
        key=sources.key,
        allowed=allowed.text if allowed else "",
        default=_default(info),
        meaning=info.description or "",
    )


def _note(info: FieldInfo, kind: type[_Note]) -> _Note | None:
    found = [note for note in info.metadata if isinstance(note, kind)]
    return found[-1] if found else None


def _default(info: FieldInfo) -> str:
    described = _note(info, Default)
    if described is not None:
        return described.text
    if info.is_required():
        return "required"
    match info.default:
        case None:
            return "none"
        case StrEnum() as choice:
            return f"`{choice.value}`"
        case float() as number:
            return f"`{number:g}`"
        case other:
            return f"`{other}`"
