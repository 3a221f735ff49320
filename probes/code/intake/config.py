"""The scan's settings: `[scan]` of `assay.toml` or `[tool.assay.scan]` of `pyproject.toml`, nearest file upwards.

The project that is scanned writes them, and so does whoever sends a change to it. Each setting that hides something
is therefore a `Weakening`, which a rule reports; a file that the caller names with `--config` replaces the project's
own and weakens nothing, because the caller decides.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.core.command import UsageError
from assay.core.redact import mask_secrets
from assay.probes.code.gate import DEFAULT, FailOn, did_you_mean, parse_fail_on
from assay.probes.code.intake.reading import Unreadable, read_bytes
from assay.probes.code.intake.stores import declared_stores

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from assay.probes.code.stores.declared import DeclaredStore

OWN_FILE: Final = "assay.toml"
SHARED_FILE: Final = "pyproject.toml"
_LIMIT_BYTES: Final = 1_000_000
_KEYS: Final = ("exclude", "fail-on", "include", "python", "service", "stores")
_PYTHON: Final = re.compile(r"3\.(\d{1,2})")
_SERVICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/@-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Weakening:
    """A setting of the project by which the scan sees or fails less. `line` counts from 1."""

    line: int
    message: str


@dataclass(frozen=True, kw_only=True)
class ScanSettings:
    """What the project or the caller chose. `exclude` and `include` are `.gitignore` patterns relative to `folder`.

    `file` is where the settings stand; None: nothing is configured. `weakenings` are empty where the caller chose.
    """

    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    fail_on: FailOn = DEFAULT
    service: str | None = None
    stores: tuple[DeclaredStore, ...] = ()
    python: tuple[int, int] | None = None
    file: Path | None = None
    folder: Path | None = None
    weakenings: tuple[Weakening, ...] = ()


def load_settings(root: Path, *, top: Path | None, chosen: Path | None, rules: Collection[str]) -> ScanSettings:
    """The settings for a scan of `root`: the chosen file, else the nearest one from `root` up to `top`.

    `top` is the top folder of the repository; without one only the root itself is looked at.

    Raises:
        UsageError: a file cannot be read, or a key or value is wrong.
    """
    if chosen is not None:
        table, text = _chosen_table(chosen)
        return _settings(table, text, file=chosen, folder=root, rules=rules, of_project=False)
    for folder in _upwards(root, top):
        for name in (OWN_FILE, SHARED_FILE):
            found = _project_table(folder / name)
            if found is not None:
                return _settings(*found, file=folder / name, folder=folder, rules=rules, of_project=True)
    return ScanSettings()


def configuration_digest(settings: ScanSettings, *, version: str, named: Collection[str]) -> str:
    """The SHA-256 of what decides a scan's report besides the commit: settings, what was named, the version."""
    effective = {
        "version": version,
        "named": sorted(named),
        "exclude": settings.exclude,
        "include": settings.include,
        "fail_on": settings.fail_on.words,
        "service": settings.service,
        "stores": settings.stores,
        "python": settings.python,
    }
    return hashlib.sha256(json.dumps(effective, sort_keys=True).encode()).hexdigest()


def _upwards(root: Path, top: Path | None) -> Iterator[Path]:
    yield root
    if top is not None and top in root.parents:
        for folder in root.parents:
            yield folder
            if folder == top:
                return


def _chosen_table(file: Path) -> tuple[Mapping[str, object], str]:
    content = b"" if _is_null_device(file) else read_bytes(os.path.realpath(file), limit=_LIMIT_BYTES)
    if isinstance(content, Unreadable):
        raise UsageError(f"--config {file}: {content.reason}")
    table = _scan_table(_parse(content, file), shared=file.name == SHARED_FILE, file=file)
    if table is None and not content.strip():
        table = {}  # an empty file: no settings are wanted, not even the project's own
    if table is None:
        wanted = "[tool.assay.scan]" if file.name == SHARED_FILE else "[scan]"
        raise UsageError(f"--config {file}: it has no table {wanted}")
    return table, content.decode()


def _is_null_device(file: Path) -> bool:
    """Whether it is /dev/null or its like: the usual way to name an empty file."""
    try:
        return file.samefile(os.devnull)
    except OSError:
        return False


def _project_table(file: Path) -> tuple[Mapping[str, object], str] | None:
    if not os.path.lexists(file):
        return None
    content = read_bytes(file, limit=_LIMIT_BYTES)
    shared = file.name == SHARED_FILE
    if isinstance(content, Unreadable):
        raise UsageError(f"{file}: {content.reason}; name another file with --config")
    if shared and b"assay" not in content:
        return None
    table = _scan_table(_parse(content, file), shared=shared, file=file)
    return None if table is None else (table, content.decode())


def _parse(content: bytes, file: Path) -> Mapping[str, object]:
    import tomllib  # noqa: PLC0415 - 3 ms that a project without settings does not pay

    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{file} is no valid TOML: {mask_secrets(str(error))}") from error


def _scan_table(document: Mapping[str, object], *, shared: bool, file: Path) -> Mapping[str, object] | None:
    table: object = document
    for key in ("tool", "assay", "scan") if shared else ("scan",):
        if not isinstance(table, dict):
            raise UsageError(f"{file}: the parent of `{key}` is no table")
        if key not in table:
            return None
        table = table[key]
    if not isinstance(table, dict):
        raise UsageError(f"{file}: `scan` is no table")
    return table


def _settings(
    table: Mapping[str, object], text: str, *, file: Path, folder: Path, rules: Collection[str], of_project: bool
) -> ScanSettings:
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{file}: `{mask_secrets(key)}` is no setting of the scan{did_you_mean(key, _KEYS)}")
    exclude = _texts(table, "exclude", file)
    fail_on = _fail_on(table, file, rules)
    stores = declared_stores(table, file)
    python = _python(table, file)
    return ScanSettings(
        exclude=exclude,
        include=_texts(table, "include", file),
        fail_on=fail_on,
        service=_service(table, file),
        stores=stores,
        python=python,
        file=file,
        folder=folder,
        weakenings=(*_weakenings(text, exclude, fail_on), *_trusted(text, stores, python)) if of_project else (),
    )


def _texts(table: Mapping[str, object], key: str, file: Path) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
        return tuple(value)
    raise UsageError(f'{file}: `{key}` is {_shown(value)}, and may be a list of patterns such as ["examples/"]')


def _fail_on(table: Mapping[str, object], file: Path, rules: Collection[str]) -> FailOn:
    if "fail-on" not in table:
        return DEFAULT
    return parse_fail_on(_texts(table, "fail-on", file), rules=rules, source=f"{file}: `fail-on`")


def _service(table: Mapping[str, object], file: Path) -> str | None:
    value = table.get("service")
    if value is None or (isinstance(value, str) and _SERVICE.fullmatch(value)):
        return value
    raise UsageError(
        f"{file}: `service` is {_shown(value)}, and may be a name of up to 100 letters, digits and `. _ / @ -`"
    )


def _shown(value: object) -> str:
    return mask_secrets(json.dumps(value, default=str))[:80]


def _weakenings(text: str, exclude: tuple[str, ...], fail_on: FailOn) -> Iterator[Weakening]:
    if exclude:
        yield Weakening(
            line=_line_of(text, "exclude"), message=f"the project leaves out of its scan: {', '.join(exclude)}"
        )
    missing = fail_on.missing_defaults()
    if missing:
        yield Weakening(
            line=_line_of(text, "fail-on"), message=f"the project lets pass by default: {', '.join(missing)}"
        )


def _trusted(text: str, stores: tuple[DeclaredStore, ...], python: tuple[int, int] | None) -> Iterator[Weakening]:
    """What the scan takes from the project's word: it makes endpoints real, or modules importable."""
    for store in stores:
        told = "; ".join(
            f"{what} {', '.join(names)}"
            for what, names in (("reads by", store.reads), ("writes by", store.writes))
            if names
        )
        yield Weakening(
            line=_line_with(text, store.name), message=f"the project says that {store.name} is a store: {told}"
        )
    if python is not None:
        said = f"the project says that it runs on Python {python[0]}.{python[1]}"
        yield Weakening(line=_line_of(text, "python"), message=f"{said}; its modules are judged for that")


def _line_with(text: str, word: str) -> int:
    """The line on which a quoted word stands, or 1."""
    return next((number for number, line in enumerate(text.splitlines(), start=1) if f'"{word}"' in line), 1)


def _python(table: Mapping[str, object], file: Path) -> tuple[int, int] | None:
    value = table.get("python")
    if value is None:
        return None
    found = _PYTHON.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise UsageError(f'{file}: `python` is {_shown(value)}, and may be the version it runs on such as "3.12"')
    return 3, int(found[1])


def _line_of(text: str, key: str) -> int:
    """The line where a key of the scan's table is set, or 1 where it is written in a form that is not recognised."""
    in_table = False
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[([^\]]+)\]", line)
        if header:
            in_table = header[1].strip() in ("scan", "tool.assay.scan")
        elif in_table and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
            return number
    return 1
