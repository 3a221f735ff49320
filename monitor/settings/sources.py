"""Where settings come from: command line, environment, `--env-file`, `assay.toml`. Each value remembers its origin."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dotenv.parser import parse_stream

from assay.monitor.settings.catalogue import OTHER_VARIABLES, settings_catalogue
from assay.monitor.settings.errors import SettingsError, shown, unknown
from assay.monitor.settings.model import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DATABASE_FILE: Final = "database_file"
_SPELLINGS: Final = {
    "development": Environment.DEVELOPMENT,
    "dev": Environment.DEVELOPMENT,
    "local": Environment.DEVELOPMENT,
    "production": Environment.PRODUCTION,
    "prod": Environment.PRODUCTION,
}
_OPTIONS: Final = {"config_file": "--config", "scan_path": "--scan"}
_SCANNER_TABLE: Final = "scan"
_CLUSTER_LINK: Final = re.compile(r"ASSAY_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PORT|PROTO|ADDR))?)")
_CLUSTER_PORT: Final = re.compile(r"(tcp|udp|sctp)://")


@dataclass(frozen=True, kw_only=True)
class Given:
    """A value as it was found, and the words that tell a reader where: `ASSAY_PORT`, `port in assay.toml`, `--port`."""

    value: object = field(repr=False)
    origin: str


Layer = dict[str, Given]
"""What one source gives, by the name of the setting; `DATABASE_FILE` for the path that stands for `database`."""


def override_layer(overrides: Mapping[str, object]) -> Layer:
    """What the command line gives; `None` is what was not given."""
    known = {entry.name for entry in settings_catalogue()} | {DATABASE_FILE}
    foreign = sorted(set(overrides) - known)
    if foreign:
        raise TypeError(f"no such settings: {', '.join(foreign)}")
    return {
        name: Given(value=value, origin=_OPTIONS.get(name, f"--{name.replace('_', '-')}"))
        for name, value in overrides.items()
        if value is not None
    }


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a `.env` file.

    Raises:
        SettingsError: it cannot be read, or a line of it: left out, it might be the address of the database.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            lines = [*parse_stream(stream)]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"--env-file {path} cannot be read: {_why(error)}"]) from error
    unread = [line.original.line for line in lines if line.error]
    if unread:
        raise SettingsError([f"--env-file {path}: line {number} is no NAME=VALUE" for number in unread])
    return {line.key: line.value for line in lines if line.key is not None and line.value is not None}


def variable_layer(variables: Mapping[str, str], *, where: str = "") -> Layer:
    """What variables give. An empty one counts as unset, as compose files pass `${NAME:-}`."""
    names = {entry.variables[0]: entry.name for entry in settings_catalogue() if entry.variables}
    names["DATABASE_URL_FILE"] = DATABASE_FILE
    return {
        name: Given(value=variables[variable], origin=f"{variable}{where}")
        for variable, name in names.items()
        if variables.get(variable) and not _is_cluster_link(variable, variables[variable])
    }


def spelled_environment(variables: Mapping[str, str]) -> tuple[Layer, list[str]]:
    """What `APP_ENV`, else `ENV`, says where `ASSAY_ENV` is not set; these belong to others, and have other spellings.

    `ENV` is also where a POSIX shell keeps the path of its start-up file: a value with a slash is that.
    """
    for variable in ("APP_ENV", "ENV"):
        value = variables.get(variable)
        if not value or (variable == "ENV" and "/" in value):
            continue
        environment = _SPELLINGS.get(value.lower())
        if environment is not None:
            return {"env": Given(value=environment, origin=variable)}, []
        return {}, [
            f"{variable} is {shown(value)}, which Assay cannot judge: set ASSAY_ENV to development or production"
        ]
    return {}, []


def unknown_variables(variables: Mapping[str, str]) -> Iterator[str]:
    """One sentence for each `ASSAY_*` variable that is no setting.

    A Kubernetes service named `assay` puts `ASSAY_PORT=tcp://...` and its like into every pod beside it: those are not
    meant for us.
    """
    known = {variable for entry in settings_catalogue() for variable in entry.variables} | set(OTHER_VARIABLES)
    for name in sorted(variables):
        if not name.startswith("ASSAY_") or name.startswith("ASSAY_TEST_") or name in known:
            continue
        if not _is_cluster_link(name, variables[name]):
            yield unknown(name, known, what="setting")


def _is_cluster_link(name: str, value: str) -> bool:
    return bool(_CLUSTER_LINK.fullmatch(name)) or (name == "ASSAY_PORT" and bool(_CLUSTER_PORT.match(value)))


@dataclass(frozen=True, kw_only=True)
class ConfigFile:
    """The file with the settings as a table. `label` is how an error calls it."""

    label: str
    table: dict[str, object] = field(repr=False)


def find_config(directory: Path, explicit: Path | None) -> ConfigFile | None:
    """The file that was named, or `assay.toml` or `[tool.assay]` of `pyproject.toml` in the directory.

    Raises:
        SettingsError: it cannot be read, or both hold settings.
    """
    if explicit is not None:
        return _tool_table(explicit) if explicit.name == "pyproject.toml" else _whole_table(explicit)
    own, project = directory / "assay.toml", directory / "pyproject.toml"
    in_project = _tool_table(project) if _is_there(project) else None
    if not _is_there(own):
        return in_project
    if in_project is not None and set(in_project.table) - {_SCANNER_TABLE}:
        raise SettingsError(
            ["assay.toml and [tool.assay] in pyproject.toml both hold settings: keep them in one of the two"]
        )
    return _whole_table(own)


def _is_there(path: Path) -> bool:
    """Whatever stands there was meant: a folder or dangling link is not left out silently, a pipe not waited on."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise SettingsError([f"{path} cannot be read: it is no regular file"])
    return os.path.lexists(path)


def _whole_table(path: Path) -> ConfigFile:
    return ConfigFile(label=path.name, table=_read_toml(path))


def _tool_table(path: Path) -> ConfigFile | None:
    tool = _read_toml(path).get("tool")
    table = tool.get("assay") if isinstance(tool, dict) else None
    return ConfigFile(label=f"[tool.assay] of {path.name}", table=table) if isinstance(table, dict) else None


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([f"{path} cannot be read: {_why(error)}"]) from error
    except RecursionError:
        raise SettingsError([f"{path} cannot be read: its values are nested too deep"]) from None


def _why(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def config_layer(config: ConfigFile) -> tuple[Layer, list[str]]:
    """What the file gives, and a sentence for each key that is no setting. The table `[scan]` is the scanner's."""
    names = {entry.key: entry.name for entry in settings_catalogue() if entry.key is not None}
    names["database_url_file"] = DATABASE_FILE
    layer: Layer = {}
    problems: list[str] = []
    for key, value in config.table.items():
        if key in names:
            layer[names[key]] = Given(value=value, origin=f"{key} in {config.label}")
        elif key != _SCANNER_TABLE:
            problems.append(unknown(key, names, what=f"setting (in {config.label})"))
    return layer, problems
