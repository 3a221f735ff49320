"""Migrate or check Assay's own store.

  assay db check               try the connection and say what is there
  assay db upgrade [REVISION]  migrate up (default: head) and make the partitions of the week ahead
  assay db downgrade REVISION  migrate down; `base` removes the schema with every record in it
  assay db current             print the revision in the database

Exit codes: 0 fine; 1 the store does not answer, or its schema is missing or older than this build; 2 wrong usage or
settings.
"""

from __future__ import annotations

import getpass
import math
import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Final

from assay.audit import schema
from assay.audit.errors import AuditError, InvalidStoreUrl, UnknownRevision
from assay.audit.revisions import SchemaState, SchemaStatus
from assay.core.command import ExitCode, UsageError
from assay.core.redact import mask_secrets

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from assay.core.command import CommandContext

_LONGEST_SECONDS: Final = 86_400
"""A day is the longest that a migration may be told to take."""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of `assay db`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    upgrade = actions.add_parser("upgrade", help="migrate up, and make the partitions of the week ahead")
    upgrade.add_argument("revision", nargs="?", default="head", metavar="REVISION", help="default: head, the newest")
    downgrade = actions.add_parser("downgrade", help="migrate down; removes what later revisions hold")
    downgrade.add_argument("revision", metavar="REVISION", help="a revision, or base to remove everything")
    for parser_of_one in (upgrade, downgrade):
        parser_of_one.add_argument(
            "--lock-timeout",
            type=_seconds,
            default=10.0,
            metavar="SECONDS",
            help="how long to wait for a lock (default: 10)",
        )
    actions.add_parser("current", help="print the revision in the database")
    actions.add_parser("check", help="try the connection; say the server's version and the schema's revision")
    for each in actions.choices.values():
        each.add_argument(
            "--timeout",
            type=_seconds,
            default=None,
            metavar="SECONDS",
            help="the deadline (default: 5, to migrate 600)",
        )


def run(arguments: Namespace, context: CommandContext) -> int:
    """Do it; the result is the exit code."""
    try:
        with context.store_url() as url:
            return _act(arguments, url)
    except (InvalidStoreUrl, UnknownRevision) as error:
        raise UsageError(str(error)) from error
    except AuditError as error:
        _talk(f"assay db {arguments.action}: {error}")
        return ExitCode.BAD


def actor() -> str:
    """Who runs a command on this machine, as audit rows name them."""
    try:
        return f"{getpass.getuser()} (cli)"
    except (KeyError, OSError):
        return "cli"


def _act(arguments: Namespace, url: str) -> int:
    match arguments.action:
        case "upgrade":
            return _upgrade(arguments, url)
        case "downgrade":
            return _downgrade(arguments, url)
        case "current":
            return _current(schema.current(url, deadline_seconds=arguments.timeout or 5.0))
        case _:
            return _check(schema.check(url, deadline_seconds=arguments.timeout or 5.0))


def _upgrade(arguments: Namespace, url: str) -> int:
    done = schema.upgrade(
        url,
        arguments.revision,
        actor=actor(),
        lock_timeout_seconds=arguments.lock_timeout,
        deadline_seconds=arguments.timeout or 600.0,
        tell=_talk,
    )
    same = done.from_revision == done.to_revision
    _say(
        f"Schema is at {done.to_revision} already"
        if same
        else f"Schema upgraded: {_name(done.from_revision)} -> {done.to_revision}"
    )
    _say(f"Partitions made: {len(done.partitions)}")
    return ExitCode.OK


def _downgrade(arguments: Namespace, url: str) -> int:
    done = schema.downgrade(
        url,
        arguments.revision,
        actor=actor(),
        lock_timeout_seconds=arguments.lock_timeout,
        deadline_seconds=arguments.timeout or 600.0,
        tell=_talk,
    )
    _say(f"Schema downgraded: {_name(done.from_revision)} -> {_name(done.to_revision)}")
    if done.kept_schema:
        _talk(f"the schema `assay` stays, because something in it is not Assay's: {done.kept_schema}")
    return ExitCode.OK


def _current(status: SchemaStatus) -> int:
    _say(_describe(status))
    return ExitCode.OK


def _check(found: schema.StoreCheck) -> int:
    _say(f"Connection test succeeded (SELECT 1 -> {found.answer})")
    _say(f"Server: PostgreSQL {found.server_version}")
    _say(f"Schema: {_describe(found.schema)}")
    if found.schema.state in {SchemaState.MISSING, SchemaState.BEHIND}:
        _talk("the schema is not what this build needs: run `assay db upgrade`")
        return ExitCode.BAD
    return ExitCode.OK


def _describe(status: SchemaStatus) -> str:
    match status.state:
        case SchemaState.MISSING:
            return f"none (this build needs {status.head})"
        case SchemaState.BEHIND:
            return f"{status.revision} (behind: this build needs {status.head})"
        case SchemaState.CURRENT:
            return f"{status.revision} (current)"
        case SchemaState.NEWER:
            return f"{status.revision} (newer than this build, which knows {status.head})"


def _name(revision: str | None) -> str:
    return revision or "none"


def _seconds(told: str) -> float:
    try:
        value = float(told)
    except ValueError:
        value = math.nan
    if not 0 < value <= _LONGEST_SECONDS:
        raise ArgumentTypeError(f"{told!r} is no number of seconds above 0, at most {_LONGEST_SECONDS}")
    return value


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _talk(line: str) -> None:
    sys.stderr.write(f"{mask_secrets(line)}\n")
