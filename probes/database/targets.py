"""Which target a word of the command line means: a URL, a `[[target]]` of the configuration, or `DATABASE_URL`."""

from __future__ import annotations

import math
import os
import tomllib
from typing import TYPE_CHECKING, Final

from assay.core.command import UsageError
from assay.core.redact import mask_secrets
from assay.probes.database.postgres import address
from assay.probes.database.postgres.errors import InvalidTargetError
from assay.probes.model import Engine, Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Table = Mapping[str, object]

DATABASE: Final = "database"
"""The name of the target that `DATABASE_URL` is."""
STORE_WRITE_TABLE: Final = "assay.probe_writes"
"""Where a probe may write in Assay's own store, which is in `DATABASE_URL` unless `ASSAY_STORE_URL` says otherwise."""

_DEFAULT_TIMEOUT_SECONDS: Final = 5.0
_DEFAULT_INTERVAL_SECONDS: Final = 15.0


def find_target(word: str | None, *, folder: Path, variables: Mapping[str, str]) -> Target:
    """The target that `word` means; without one, `DATABASE_URL`.

    Raises:
        UsageError: there is no such target, or it is not written as it has to be.
    """
    if word is not None and "://" in word:
        return _target(name="url", url=word, table={}, origin="the address")
    configuration = _configuration(folder, variables)
    tables = {str(table.get("name")): table for table in _tables(configuration)}
    if word is not None and word in tables:
        return _configured(word, tables[word], configuration, variables)
    if word is None or word == DATABASE:
        return _database(configuration, variables)
    known = ", ".join([*tables, DATABASE])
    raise UsageError(f"there is no target {word!r}: name one of {known}, or write its address as postgresql://...")


def _database(configuration: Table, variables: Mapping[str, str]) -> Target:
    url = _database_url(configuration, variables)
    if not url:
        names = ", ".join(str(table["name"]) for table in _tables(configuration)) or "there is none yet"
        raise UsageError(f"nothing to probe: name a [[target]] ({names}), or postgresql://..., or set DATABASE_URL")
    table: dict[str, object] = {} if variables.get("ASSAY_STORE_URL") else {"write_table": STORE_WRITE_TABLE}
    default = _default_seconds("probe_timeout_seconds", configuration, variables, _DEFAULT_TIMEOUT_SECONDS)
    return _target(name=DATABASE, url=url, table={"timeout_seconds": default, **table}, origin="DATABASE_URL")


def _database_url(configuration: Table, variables: Mapping[str, str]) -> str:
    file = variables.get("DATABASE_URL_FILE")
    if variables.get("DATABASE_URL") or not file:
        return variables.get("DATABASE_URL") or str(configuration.get("database_url") or "")
    try:
        with open(file, encoding="utf-8") as stream:  # noqa: PTH123 - the name is the user's, as it was written
            return stream.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"DATABASE_URL_FILE {file} cannot be read: {error}") from error


def _configured(name: str, table: Table, configuration: Table, variables: Mapping[str, str]) -> Target:
    match table:
        case {"url": _, "url_env": _}:
            raise UsageError(f"[[target]] {name} has both url and url_env: keep one of them")
        case {"url": str(url)}:
            origin = f"[[target]] {name}: url"
        case {"url_env": str(variable)}:
            url, origin = variables.get(variable, ""), f"[[target]] {name}: the variable {variable}"
            if not url:
                raise UsageError(f"[[target]] {name}: url_env names the variable {variable}, which is not set")
        case _:
            raise UsageError(f"[[target]] {name} needs url, or url_env with the name of a variable that holds it")
    default = _default_seconds("probe_timeout_seconds", configuration, variables, _DEFAULT_TIMEOUT_SECONDS)
    return _target(name=name, url=url, table={"timeout_seconds": default, **table}, origin=origin)


def _target(*, name: str, url: str, table: Table, origin: str) -> Target:
    try:
        libpq_url = address.normalised(url)
        address.parse(libpq_url)
    except InvalidTargetError as error:
        raise UsageError(f"{origin} cannot be probed: {error}") from None
    write_table = table.get("write_table")
    if write_table is not None and (not isinstance(write_table, str) or write_table.count(".") != 1):
        raise UsageError(
            f"[[target]] {name}: write_table is {write_table!r}: it has to be schema.table, without quotes"
        )
    return Target(
        name=name,
        engine=Engine.POSTGRESQL,
        url=libpq_url,
        timeout_seconds=_seconds(table, "timeout_seconds", _DEFAULT_TIMEOUT_SECONDS, name),
        interval_seconds=_seconds(table, "interval_seconds", _DEFAULT_INTERVAL_SECONDS, name),
        write_table=write_table,
    )


def _default_seconds(key: str, configuration: Table, variables: Mapping[str, str], otherwise: float) -> float:
    variable = f"ASSAY_{key.upper()}"
    given = variables.get(variable)
    if not given:
        return _seconds(configuration, key, otherwise, "the configuration")
    try:
        return _seconds({key: float(given)}, key, otherwise, variable)
    except ValueError:
        raise UsageError(f"{variable} is {given!r}: it has to be a number of seconds above 0") from None


def _seconds(table: Table, key: str, otherwise: float, where: str) -> float:
    value = table.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise UsageError(f"{where}: {key} is {value!r}: it has to be a number of seconds above 0")
    return float(value)


def _configuration(folder: Path, variables: Mapping[str, str]) -> Table:
    """The settings in the file that `ASSAY_CONFIG` names, else in `assay.toml`, else `[tool.assay]` of a project."""
    named = variables.get("ASSAY_CONFIG")
    if named:
        path = folder / named
        return _read(path, required=True)
    return _read(folder / "assay.toml") or _read(folder / "pyproject.toml")


def _read(path: Path, *, required: bool = False) -> Table:
    if not required and not os.path.lexists(path):
        return {}
    if not required and path.exists() and not (path.is_file() or path.is_dir()):
        raise UsageError(f"{path} cannot be read: it is no regular file")
    try:
        content: object = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(mask_secrets(f"{path} cannot be read: {error}")) from error
    except RecursionError:
        raise UsageError(f"{path} cannot be read: its values are nested too deep") from None
    if path.name == "pyproject.toml":
        for key in ("tool", "assay"):
            content = content.get(key, {}) if isinstance(content, dict) else {}
    return content if isinstance(content, dict) else {}


def _tables(configuration: Table) -> list[Table]:
    tables = configuration.get("target", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) and table.get("name") for table in tables):
        raise UsageError("target must be a list of tables that each have a name: write [[target]], not [target]")
    return tables
