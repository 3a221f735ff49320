"""From the sources to one frozen `Settings`, or to one error that names everything that is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from assay.monitor.settings.catalogue import settings_catalogue
from assay.monitor.settings.database_url import (
    EXPECTED_URL,
    DatabaseProblem,
    DatabaseSetting,
    DatabaseUrlError,
    libpq_url,
    shown_url,
)
from assay.monitor.settings.errors import SettingsError, shown
from assay.monitor.settings.model import Environment, Settings
from assay.monitor.settings.sources import (
    DATABASE_FILE,
    Given,
    Layer,
    config_layer,
    find_config,
    override_layer,
    read_env_file,
    spelled_environment,
    unknown_variables,
    variable_layer,
)
from assay.monitor.settings.targets import read_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic_core import ErrorDetails

_PATHS: Final = ("scan_path", "data_dir", "config_file")


def load_settings(
    overrides: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    env_file: Path | None = None,
) -> Settings:
    """The settings from, highest first: `overrides`, the environment, `env_file`, the configuration file.

    `overrides` are values of the command line by the name of the setting (`None`: not given). `environ` and `directory`
    are the process's own unless given; relative paths count from `directory`.

    Raises:
        SettingsError: one or more are wrong. In production a missing or unfit `DATABASE_URL` is not among them:
            `Settings.database.problem` carries it, so that the service lives and can say so.
    """
    here = (directory or Path.cwd()).absolute()
    from_file = read_env_file(here / env_file) if env_file else {}
    environment = {name: value for name, value in (os.environ if environ is None else environ).items() if value}
    variables = {**from_file, **environment}
    layers = [
        override_layer(overrides or {}),
        variable_layer(environment),
        variable_layer(from_file, where=f" in {env_file}"),
    ]
    below, problems = _lower_layers(_merged(layers), variables, here)
    found = _merged([*layers, *below])
    problems = [*unknown_variables(variables), *problems]
    values, more = _values(found, variables, here)
    return _validated(values, found, [*problems, *more])


def _lower_layers(upper: Layer, variables: Mapping[str, str], here: Path) -> tuple[list[Layer], list[str]]:
    spelled, problems = ({}, []) if "env" in upper else spelled_environment(variables)
    config = find_config(here, here / str(upper["config_file"].value) if "config_file" in upper else None)
    if config is None:
        return [spelled], problems
    layer, unknown_keys = config_layer(config)
    return [spelled, layer], problems + unknown_keys


def _merged(layers: Iterable[Layer]) -> Layer:
    """The highest value of each setting; the two names of the database are one setting."""
    found: Layer = {}
    for layer in reversed([*layers]):
        if layer.keys() & {"database", DATABASE_FILE}:
            found.pop("database", None)
            found.pop(DATABASE_FILE, None)
        found.update(layer)
    return found


def _values(found: Layer, variables: Mapping[str, str], here: Path) -> tuple[dict[str, object], list[str]]:
    """What the model is given, and what is wrong with those parts that it cannot judge."""
    values: dict[str, object] = {"service": here.name or "assay", "data_dir": here / ".assay"}
    values.update(
        (name, given.value) for name, given in found.items() if name not in {"database", DATABASE_FILE, "targets"}
    )
    values.update((name, here / value) for name in _PATHS if isinstance(value := values.get(name), str | Path))
    values["targets"], problems = read_targets(found.get("targets"), variables)
    scan_path = values.get("scan_path")
    if isinstance(scan_path, Path) and not scan_path.is_dir():
        problems.append(
            f"{found['scan_path'].origin} is {shown(str(scan_path))}: must be the path of a folder that exists"
        )
    try:
        values["database"] = database = _database(_database_text(found, here), _is_production(found))
        values["store_url"] = _store_url(found.get("store_url")) or database.url
    except SettingsError as error:
        problems += error.problems
        values.pop("store_url", None)
    return values, problems


def _is_production(found: Layer) -> bool:
    return "env" in found and str(found["env"].value).lower() == Environment.PRODUCTION


def _database_text(found: Layer, here: Path) -> Given | None:
    direct, file = found.get("database"), found.get(DATABASE_FILE)
    if file is None:
        return direct
    if direct is not None:
        raise SettingsError([f"{direct.origin} and {file.origin} are both set: keep one of them"])
    path = here / str(file.value)
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError([f"{file.origin} is {shown(str(path))}, which cannot be read: {reason}"]) from None
    return Given(value=text, origin=f"the address in the file that {file.origin} names") if text else None


def _database(given: Given | None, production: bool) -> DatabaseSetting:  # noqa: FBT001 - two environments, one of them is asked for
    if given is None or not given.value:
        detail = f"DATABASE_URL is not set: it must be {EXPECTED_URL}"
        return DatabaseSetting(problem=DatabaseProblem.MISSING, detail=detail) if production else DatabaseSetting()
    text = str(given.value).strip()
    try:
        return DatabaseSetting(url=libpq_url(text))
    except DatabaseUrlError as error:
        detail = f"{given.origin} is {shown_url(text)}: {error}; it must be {EXPECTED_URL}"
        problem = DatabaseProblem.NOT_FOR_PRODUCTION if error.is_sqlite else DatabaseProblem.INVALID
    if not production:
        raise SettingsError([f"{detail}, or unset for the embedded server"])
    return DatabaseSetting(problem=problem, detail=detail)


def _store_url(given: Given | None) -> str | None:
    if given is None:
        return None
    text = str(given.value).strip()
    try:
        return libpq_url(text)
    except DatabaseUrlError as error:
        raise SettingsError([f"{given.origin} is {shown_url(text)}: {error}; it must be {EXPECTED_URL}"]) from None


def _validated(values: dict[str, object], found: Layer, problems: list[str]) -> Settings:
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [sentence for details in error.errors(include_url=False) for sentence in _sentences(details, found)]
    else:
        if not problems:
            return settings
    raise SettingsError(problems)


def _sentences(details: ErrorDetails, found: Layer) -> Iterator[str]:
    if not details["loc"]:
        yield from details["msg"].removeprefix("Value error, ").splitlines()
        return
    name = str(details["loc"][0])
    if name in found:  # else it is a default that could not be made because of another setting, which is named
        allowed = next(entry.allowed for entry in settings_catalogue() if entry.name == name)
        yield f"{found[name].origin} is {shown(found[name].value)}: must be {allowed}"
