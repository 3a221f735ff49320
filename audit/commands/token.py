"""Create, list or revoke the named tokens of Assay's API.

  assay token create NAME [--scope read|write|admin ...] [--expires DAYS]
  assay token list [--format text|json]
  assay token revoke NAME

The secret of a new token is printed once, on standard output; the store keeps only its hash. Exit codes: 0 fine; 1
the store does not answer, the name is taken, or there is no such token; 2 wrong usage or settings.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import orjson

from assay.audit.commands.db import actor
from assay.audit.errors import AuditError, InvalidQuery, InvalidStoreUrl
from assay.audit.model import Scope, Token
from assay.audit.store import Store
from assay.audit.tokens import create_token, list_tokens, revoke_token
from assay.core.clock import SystemClock
from assay.core.command import ExitCode, UsageError
from assay.core.redact import mask_secrets

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from datetime import datetime

    from assay.core.command import CommandContext

_CLOCK: Final = SystemClock()
_DAYS_DIGITS: Final = 6


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of `assay token`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a token and print its secret, once")
    create.add_argument("name", metavar="NAME", help="who or what will hold it, for example ci")
    create.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        help="what it may do; repeatable (default: read; admin includes write, write includes read)",
    )
    create.add_argument("--expires", type=_days, metavar="DAYS", help="after how many days it ends (default: never)")
    listing = actions.add_parser("list", help="list every token, without its secret")
    listing.add_argument("--format", choices=("text", "json"), default="text")
    actions.add_parser("revoke", help="end a token now").add_argument("name", metavar="NAME")


def run(arguments: Namespace, context: CommandContext) -> int:
    """Do it; the result is the exit code."""
    try:
        with context.store_url() as url:
            return asyncio.run(_act(arguments, url))
    except (InvalidStoreUrl, InvalidQuery) as error:
        raise UsageError(str(error)) from error
    except AuditError as error:
        sys.stderr.write(f"assay token {arguments.action}: {mask_secrets(str(error))}\n")
        return ExitCode.BAD


async def _act(arguments: Namespace, url: str) -> int:
    async with Store(url, pool_size=1) as store:
        match arguments.action:
            case "create":
                return await _create(arguments, store)
            case "list":
                return await _list(arguments, store)
            case _:
                return await _revoke(arguments, store)


async def _create(arguments: Namespace, store: Store) -> int:
    made = await create_token(
        store,
        name=arguments.name,
        scopes=[Scope(scope) for scope in arguments.scope or ["read"]],
        actor=actor(),
        clock=_CLOCK,
        expires_in=None if arguments.expires is None else timedelta(days=arguments.expires),
    )
    sys.stderr.write(
        f"Token {made.token.name} made ({_scopes(made.token)}). This is its secret; it cannot be shown again:\n"
    )
    sys.stdout.write(f"{made.secret}\n")
    return ExitCode.OK


async def _list(arguments: Namespace, store: Store) -> int:
    tokens = await list_tokens(store)
    if arguments.format == "json":
        document = {"version": 1, "tokens": [_as_json(token) for token in tokens]}
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
        return ExitCode.OK
    rows = [("NAME", "SCOPES", "STATE", "CREATED", "LAST USED", "EXPIRES")]
    rows += [
        (
            token.name,
            _scopes(token),
            _state(token),
            _day(token.created_at),
            _day(token.last_used_at),
            _day(token.expires_at),
        )
        for token in tokens
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        sys.stdout.write("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() + "\n")
    return ExitCode.OK


async def _revoke(arguments: Namespace, store: Store) -> int:
    if await revoke_token(store, name=arguments.name, actor=actor(), clock=_CLOCK) is None:
        sys.stderr.write(f"assay token revoke: no active token is named {arguments.name}\n")
        return ExitCode.BAD
    sys.stdout.write(f"Token {arguments.name} revoked\n")
    return ExitCode.OK


def _days(told: str) -> int:
    if not (told.isascii() and told.isdecimal() and len(told) <= _DAYS_DIGITS):
        raise ArgumentTypeError(f"{told!r} is no number of days")
    return int(told)


def _as_json(token: Token) -> dict[str, object]:
    return {
        "id": str(token.id),
        "name": token.name,
        "scopes": sorted(token.scopes),
        "state": _state(token),
        "created_at": token.created_at,
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "last_used_at": token.last_used_at,
    }


def _state(token: Token) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= _CLOCK.now() else "active"


def _scopes(token: Token) -> str:
    return ",".join(scope for scope in Scope if scope in token.scopes)


def _day(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M}Z"
