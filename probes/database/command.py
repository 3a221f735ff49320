"""Probe a database once and print every check.

TARGET is the name of a [[target]] in assay.toml, or an address: postgresql://user:password@host:port/database,
postgres://..., or postgresql:///database?host=/folder/of/the/socket. Without it, DATABASE_URL is probed.

Exit codes: 0 every check passed or warned; 1 a check failed or could not tell; 2 wrong usage or configuration;
3 Assay itself failed.
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
from argparse import ArgumentTypeError
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.core.command import ExitCode, UsageError
from assay.probes.database.check import check_target
from assay.probes.database.report import as_json, as_text, worst
from assay.probes.database.targets import find_target
from assay.probes.model import Status

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from assay.core.command import CommandContext
    from assay.probes.model import Target

_FORMATS: Final = {"text": as_text, "json": as_json}


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("target", nargs="?", metavar="TARGET", help="name of a [[target]], or an address")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="absolute deadline of all checks together (default: the target's own for each check, else 5)",
    )
    parser.add_argument("--format", choices=list(_FORMATS), default="text", help="how to write it (default: text)")
    parser.add_argument(
        "--write", action="store_true", help="also write, read and delete a row in the target's write_table"
    )


def run(arguments: Namespace, context: CommandContext) -> int:  # noqa: ARG001 - the common shape of a command
    """Probe and print; the result is the exit code."""
    target = find_target(arguments.target, folder=Path.cwd(), variables=os.environ)
    if arguments.write and target.write_table is None:
        raise UsageError(
            f"--write: {target.name} names no write_table; a [[target]] of assay.toml can, as schema.table"
        )
    target, within = _deadline(target, arguments.timeout)
    results = asyncio.run(check_target(target, write=arguments.write, within_seconds=within))
    _print(_FORMATS[arguments.format](target, results))
    return ExitCode.OK if worst(results) in {Status.PASS, Status.WARN} else ExitCode.BAD


def _deadline(target: Target, seconds: float | None) -> tuple[Target, float]:
    """The target with the deadline of one check, and the deadline of all of them."""
    if seconds is None:
        return target, math.inf
    return replace(target, timeout_seconds=seconds), seconds


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _print(text: str) -> None:
    """Write `text` to stdout, with `?` for what its encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
