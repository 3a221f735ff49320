"""The `[[target]]` tables of the configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from assay.monitor.settings.catalogue import target_catalogue
from assay.monitor.settings.database_url import EXPECTED_URL, DatabaseUrlError, libpq_url, shown_url
from assay.monitor.settings.errors import shown, unknown
from assay.monitor.settings.model import TargetSetting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from assay.monitor.settings.sources import Given


class _WrongTarget(Exception):  # noqa: N818 - carries the sentences, is never seen outside
    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


def read_targets(given: Given | None, variables: Mapping[str, str]) -> tuple[tuple[TargetSetting, ...], list[str]]:
    """The targets that are right, and one sentence for everything that is wrong with the others."""
    if given is None:
        return (), []
    if not isinstance(given.value, list) or not all(isinstance(table, dict) for table in given.value):
        return (), [f"{given.origin} must be a list of tables: write [[target]], not [target]"]
    where = given.origin.removeprefix("target")
    targets: list[TargetSetting] = []
    problems: list[str] = []
    for number, table in enumerate(given.value, start=1):
        try:
            targets.append(_read(table, variables))
        except _WrongTarget as wrong:
            problems += [f"[[target]] {number}{where}: {problem}" for problem in wrong.problems]
    return tuple(targets), problems


def _read(table: dict[str, object], variables: Mapping[str, str]) -> TargetSetting:
    rest = {key: value for key, value in table.items() if key not in {"url", "url_env"}}
    problems: list[str] = []
    try:
        rest["url"] = _address(table, variables)
    except _WrongTarget as wrong:
        problems += wrong.problems
        rest["url"] = ""  # said already; the other keys are still to be judged
    try:
        target = TargetSetting.model_validate(rest)
    except ValidationError as error:
        problems += [_problem(details) for details in error.errors(include_url=False)]
    else:
        if not problems:
            return target
    raise _WrongTarget(*problems)


def _address(table: dict[str, object], variables: Mapping[str, str]) -> str:
    match table:
        case {"url": _, "url_env": _}:
            raise _WrongTarget("url and url_env are both set: keep one of them")
        case {"url": str(text)}:
            origin = "url"
        case {"url_env": str(variable)}:
            text, origin = variables.get(variable, ""), f"url_env: the variable {variable}"
            if not text:
                raise _WrongTarget(f"url_env names the variable {variable}, which is not set")
        case _:
            raise _WrongTarget(f"it needs url ({EXPECTED_URL}) or url_env (the name of a variable that holds one)")
    try:
        return libpq_url(text.strip())
    except DatabaseUrlError as error:
        raise _WrongTarget(f"{origin} is {shown_url(text)}: {error}; it must be {EXPECTED_URL}") from None


def _problem(details: ErrorDetails) -> str:
    key = str(details["loc"][0])
    entries = {entry.name: entry for entry in target_catalogue()}
    if key not in entries:
        return unknown(key, [*entries, "url_env"], what="key of a target")
    if details["type"] == "missing":
        return f"it needs {key}: {entries[key].meaning}"
    return f"{key} is {shown(details['input'])}: must be {entries[key].allowed}"
