"""From the paths and options of a command line to a request for a scan."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from assay.core.command import UsageError
from assay.probes.code.request import ScanRequest

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence


def add_common_options(parser: ArgumentParser) -> None:
    """The options that every command of the scanner has."""
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="settings to use instead of the scanned project's own"
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="scan also where nothing has changed since the last scan, and keep nothing",
    )


def request_for(paths: Sequence[str], config: Path | None) -> ScanRequest:
    """One folder is the root itself; files, or several paths, are named below the folder that holds them all.

    Raises:
        UsageError: a path does not exist, or is no folder or file that can be read.
    """
    for path in paths:
        _require(Path(path))
    if config is not None and not config.exists():
        raise UsageError(f"--config {config}: there is no such file")
    first = Path(paths[0])
    if len(paths) == 1 and first.is_dir():
        return ScanRequest(root=first, shown_root=first.as_posix(), config=config)
    absolute = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - resolve() would follow the last link
    root = _common_root(absolute)
    named = tuple(path.relative_to(root).as_posix() for path in absolute)
    shown = os.path.relpath(root).replace(os.sep, "/")
    return ScanRequest(root=root, named=named, shown_root=shown, config=config)


def _common_root(paths: Sequence[Path]) -> Path:
    here = Path.cwd()
    if all(path.is_relative_to(here) for path in paths):
        return here
    return Path(os.path.commonpath([path if path.is_dir() else path.parent for path in paths]))


def _require(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(f"cannot scan `{path}`: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"cannot scan {str(path)!r}: {error}") from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise UsageError(f"cannot scan `{path}`: it is neither a folder nor a regular file")
    if stat.S_ISDIR(mode) and not os.access(path, os.R_OK | os.X_OK):
        raise UsageError(f"cannot scan `{path}`: the folder may not be read")
