"""Named API tokens. The secret is shown once; the store knows only its SHA-256, and a leaked table opens nothing.

A secret has 256 random bits, so that a plain hash cannot be guessed and needs neither salt nor stretching.
Making and revoking a token is committed together with its audit row, or not at all.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from assay.audit.documents import clean_text
from assay.audit.errors import InvalidQuery, TokenNameTaken
from assay.audit.model import AuditEntry, AuditOutcome, Scope, Token
from assay.audit.recorder import insert_audit
from assay.audit.tables import api_tokens
from assay.core.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping
    from sqlalchemy.ext.asyncio import AsyncConnection

    from assay.audit.store import Store
    from assay.core.clock import Clock

PREFIX: Final = "assay_"
"""Every secret begins with it, so that people and secret scanners know one when they see it."""

_SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
_LONGEST_LIFE: Final = timedelta(days=3660)
_USED_EVERY: Final = timedelta(minutes=1)
_COLUMNS: Final = [column for column in api_tokens.c if column.name != "secret_sha256"]


@dataclass(frozen=True, kw_only=True)
class CreatedToken:
    """A new token and its secret, which cannot be had again."""

    token: Token
    secret: str = field(repr=False)


async def create_token(
    store: Store,
    *,
    name: str,
    scopes: Collection[Scope],
    actor: str,
    clock: Clock,
    expires_in: timedelta | None = None,
    request_id: str | None = None,
    source_ip: str | None = None,
) -> CreatedToken:
    """Make a token. An expired token gives its name up.

    Raises:
        InvalidQuery: the name, the scopes or the time to live cannot be.
        TokenNameTaken: an active token has the name.
        StoreUnavailable: it cannot be stored now.
    """
    _check_new(name, scopes, expires_in)
    now = clock.now()
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    expires_at = None if expires_in is None else now + expires_in
    row = {
        "id": uuid7(),
        "name": name,
        "secret_sha256": _hash(secret),
        "scopes": sorted(scopes),
        "created_at": now,
        "created_by": clean_text(actor, 200),
        "expires_at": expires_at,
    }
    entry = AuditEntry(
        actor=actor,
        action="token.created",
        target=f"token/{name}",
        outcome=AuditOutcome.SUCCESS,
        request_id=request_id,
        source_ip=source_ip,
        after={"scopes": [*sorted(scopes)], "expires_at": None if expires_at is None else expires_at.isoformat()},
    )
    async with store.begin() as connection:
        await _free_expired_name(connection, name, now)
        statement = insert(api_tokens).values(row).on_conflict_do_nothing().returning(*_COLUMNS)
        made = (await connection.execute(statement)).mappings().one_or_none()
        if made is None:
            raise TokenNameTaken(f"an active token is named {name}; revoke it first, or choose another name")
        await insert_audit(connection, entry, timestamp=now)
    return CreatedToken(token=_token(made), secret=secret)


async def list_tokens(store: Store, *, active_only: bool = False) -> tuple[Token, ...]:
    """Every token, or those that are neither revoked nor expired by the server's clock, by name and age.

    Raises:
        StoreUnavailable: it cannot be read now.
    """
    statement = select(*_COLUMNS).order_by(api_tokens.c.name, api_tokens.c.created_at, api_tokens.c.id)
    if active_only:
        statement = statement.where(api_tokens.c.revoked_at.is_(None), _not_expired())
    async with store.begin() as connection:
        return tuple(_token(row) for row in (await connection.execute(statement)).mappings())


async def revoke_token(
    store: Store, *, name: str, actor: str, clock: Clock, request_id: str | None = None, source_ip: str | None = None
) -> Token | None:
    """End a token from now on; `None` where no token that is not yet revoked has the name.

    Raises:
        StoreUnavailable: it cannot be stored now.
    """
    now = clock.now()
    entry = AuditEntry(
        actor=actor,
        action="token.revoked",
        target=f"token/{name}",
        outcome=AuditOutcome.SUCCESS,
        request_id=request_id,
        source_ip=source_ip,
    )
    if not _NAME.fullmatch(name):
        return None
    async with store.begin() as connection:
        statement = update(api_tokens).where(api_tokens.c.name == name, api_tokens.c.revoked_at.is_(None))
        revoked = await connection.execute(statement.values(revoked_at=now).returning(*_COLUMNS))
        row = revoked.mappings().one_or_none()
        if row is None:
            return None
        await insert_audit(connection, entry, timestamp=now)
    return _token(row)


async def authenticate(store: Store, secret: str, *, clock: Clock) -> Token | None:
    """The token that a secret belongs to, unless it is unknown, revoked or expired.

    The secret is compared as a digest, so that the time it takes tells nothing about it. `last_used_at` is kept to
    the minute.

    Raises:
        StoreUnavailable: nobody can be told apart now.
    """
    if not _SECRET.fullmatch(secret):
        return None
    digest, now = _hash(secret), clock.now()
    async with store.begin() as connection:
        found = await connection.execute(select(api_tokens).where(api_tokens.c.secret_sha256 == digest))
        row = found.mappings().one_or_none()
        if row is None or not hmac.compare_digest(row["secret_sha256"], digest):
            return None
        token = _token(row)
        if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
            return None
        if token.last_used_at is None or now - token.last_used_at >= _USED_EVERY:
            await connection.execute(update(api_tokens).where(api_tokens.c.id == token.id).values(last_used_at=now))
    return token


def _check_new(name: str, scopes: Collection[Scope], expires_in: timedelta | None) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidQuery(
            f"{name!r} cannot name a token, only 1 to 100 letters, digits and . _ @ -, beginning with a letter or digit"
        )
    if not scopes:
        raise InvalidQuery(f"a token needs at least one scope of {', '.join(Scope)}")
    if expires_in is not None and not timedelta(0) < expires_in <= _LONGEST_LIFE:
        raise InvalidQuery(f"a token may live for 1 to {_LONGEST_LIFE.days} days, not {expires_in.days}")


async def _free_expired_name(connection: AsyncConnection, name: str, now: datetime) -> None:
    expired = (api_tokens.c.name == name) & api_tokens.c.revoked_at.is_(None) & (api_tokens.c.expires_at <= now)
    await connection.execute(update(api_tokens).where(expired).values(revoked_at=api_tokens.c.expires_at))


def _not_expired() -> ColumnElement[bool]:
    return or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > func.now())


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _token(row: RowMapping) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(Scope(word) for word in row["scopes"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
    )
