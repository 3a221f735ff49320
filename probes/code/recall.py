"""A scan of what has not changed since the last one is answered with what that one found.

The result of the last scan of a folder is kept in the user's cache (`$XDG_CACHE_HOME/assay`, `~/.cache/assay`). It is
given again where everything that it depends on is the same: the scanner itself, its parsers and the interpreter, the
settings, what was named, the day (a suppression may have ended), the ignore files above the folder, and the state of
every file below it by name, size and times. It holds what a report holds, with the same secrets masked. Whatever is
wrong with the cache, the scan is done.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import stat
import sys
import time
from contextlib import suppress
from datetime import UTC
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay import __version__
from assay.core.clock import SystemClock
from assay.probes.code.intake.config import configuration_digest
from assay.probes.code.intake.snapshot import contents, snapshot
from assay.probes.code.memory import collecting_rarely_until_the_end
from assay.probes.code.plain import from_plain, to_plain
from assay.probes.code.request import Result, outcome_of, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assay.core.clock import Clock
    from assay.probes.code.request import Place, ScanOutcome, ScanRequest

_SYSTEM_CLOCK: Final = SystemClock()
_PARSERS: Final = ("tree_sitter", "tree_sitter_python", "tree_sitter_javascript", "tree_sitter_typescript", "pathspec")
_RACE_NS: Final = 2_000_000_000
"""What changed so shortly before it was looked at may change again without a new time, where times are coarse."""
_KEPT: Final = 50
_DIGEST_BYTES: Final = 32


@collecting_rarely_until_the_end()
def scan_or_recall(
    request: ScanRequest,
    *,
    keep: bool = True,
    clock: Clock = _SYSTEM_CLOCK,
    progress: Callable[[int], None] | None = None,
) -> ScanOutcome:
    """The report of a scan, from the cache where nothing has changed; `keep` false neither reads nor writes it.

    Raises:
        UsageError: the configuration is wrong.
    """
    place, now = place_of(request), clock.now()
    file = _file(request, place) if keep else None
    before = time.time_ns()
    key, youngest = _key(request, place, str(now.astimezone(UTC).date())) if file is not None else (None, 0)
    result = _recalled(file, key) if file is not None and key is not None else None
    if result is None:
        from assay.probes.code.scan import result_of  # noqa: PLC0415 - 0.1 s that what is recalled need not wait for

        result = result_of(request, place, now, progress)
        if file is not None and key is not None and youngest < before - _RACE_NS:
            _remember(file, key, result)
    return outcome_of(request, place, result, now)


def _key(request: ScanRequest, place: Place, today: str) -> tuple[bytes | None, int]:
    """A digest of all that the result depends on, and when the youngest of the files changed."""
    state = snapshot(str(place.root), whole=bool(place.settings.include))
    if state is None:
        return None, 0
    told = hashlib.sha256(state.digest)
    told.update(contents(_ignore_files_above(place)))
    settings = place.settings
    told.update(configuration_digest(settings, version=__version__, named=request.named).encode())
    told.update(repr((settings.weakenings, settings.file, settings.folder, sys.version, today, *_own_files())).encode())
    return told.digest(), state.youngest


def _ignore_files_above(place: Place) -> Iterator[Path]:
    if place.git is not None:
        yield place.git.exclude_file
        for folder in place.root.parents if place.root != place.git.top else ():
            yield folder / ".gitignore"
            if folder == place.git.top:
                return


def _own_files() -> Iterator[tuple[str, int, int]]:
    """Name, size and time of the scanner's files and of its parsers' packages."""
    for folder, _, names in os.walk(Path(__file__).parent):
        for name in names:
            if name.endswith(".py"):
                found = Path(folder, name).stat()
                yield name, found.st_size, found.st_mtime_ns
    for package in _PARSERS:
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            found = Path(spec.origin).stat()
            yield spec.origin, found.st_size, found.st_mtime_ns


def _file(request: ScanRequest, place: Place) -> Path | None:
    """Where the last result for this folder is kept; `None` where the user has no home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        folder = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    name = hashlib.sha256(repr((str(place.root), request.named)).encode(errors="surrogateescape")).hexdigest()
    return folder / "assay" / "scans" / name[:32]


def _recalled(file: Path, key: bytes) -> Result | None:
    try:
        with file.open("rb") as opened:
            found = os.fstat(opened.fileno())
            mine = found.st_uid == os.geteuid() if sys.platform != "win32" else True
            if not mine or stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
                return None
            if opened.read(_DIGEST_BYTES) != key:
                return None
            digest, data = opened.read(_DIGEST_BYTES), opened.read()
    except OSError:
        return None
    if hashlib.sha256(data).digest() != digest:
        return None
    parts: Any = [from_plain(part) for part in marshal.loads(data)]  # noqa: S302 - our own
    return Result(*parts)


def _remember(file: Path, key: bytes, result: Result) -> None:
    """Keep a result, complete or not at all, for nobody but this user."""
    data = marshal.dumps([to_plain(part) for part in result])
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(key + hashlib.sha256(data).digest() + data)
        partial.replace(file)
        _forget_the_oldest(file.parent)
    with suppress(OSError):
        partial.unlink(missing_ok=True)


def _forget_the_oldest(folder: Path) -> None:
    kept = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime_ns, reverse=True)
    for one in kept[_KEPT:]:
        one.unlink(missing_ok=True)
