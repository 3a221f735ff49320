from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.audit.errors import InvalidQuery, StoreUnavailable, TokenNameTaken
from assay.audit.model import AuditOutcome, Scope
from assay.audit.query import AuditFilter, list_audit_logs
from assay.audit.store import Store
from assay.audit.tokens import CreatedToken, authenticate, create_token, list_tokens, revoke_token
from tests.audit.clocks import SetClock

if TYPE_CHECKING:
    from tests.plugins.postgres import PostgresServer


async def _create(store: Store, clock: SetClock, name: str = "ci", lives: timedelta | None = None) -> CreatedToken:
    return await create_token(
        store,
        name=name,
        scopes=[Scope.WRITE],
        actor="ada",
        clock=clock,
        expires_in=lives,
    )


async def test_a_new_token_opens_the_door_and_only_its_hash_is_stored(store: Store, store_url: str) -> None:
    clock = SetClock.today()
    made = await _create(store, clock)
    assert made.secret.startswith("assay_")
    assert len(made.secret) == 49
    assert made.secret not in repr(made)
    token = await authenticate(store, made.secret, clock=clock)
    assert token is not None
    assert (token.id, token.name, token.scopes, token.created_by) == (
        made.token.id,
        "ci",
        frozenset({Scope.WRITE}),
        "ada",
    )
    with psycopg.connect(store_url) as connection:
        row = connection.execute("SELECT secret_sha256, to_jsonb(t)::text FROM assay.api_tokens AS t").fetchone()
    assert row is not None
    assert row[0] == hashlib.sha256(made.secret.encode()).digest()
    assert made.secret not in row[1]


async def test_a_secret_that_is_not_known_or_is_none_opens_nothing(store: Store) -> None:
    clock = SetClock.today()
    made = await _create(store, clock)
    changed = made.secret[:-1] + ("A" if made.secret[-1] != "A" else "B")
    for secret in (
        changed,
        "",
        "assay_",
        "x" * 49,
        made.secret + "\n",
        made.secret[6:],
        "assay_" + "\0" * 43,
        "\ud800",
    ):
        assert await authenticate(store, secret, clock=clock) is None


async def test_a_revoked_token_opens_nothing_and_its_name_is_free(store: Store) -> None:
    clock = SetClock.today()
    made = await _create(store, clock)
    revoked = await revoke_token(store, name="ci", actor="bob", clock=clock)
    assert revoked is not None
    assert revoked.revoked_at == clock.now()
    assert await authenticate(store, made.secret, clock=clock) is None
    assert await revoke_token(store, name="ci", actor="bob", clock=clock) is None
    again = await _create(store, clock)
    assert await authenticate(store, again.secret, clock=clock) is not None
    assert [token.revoked_at is None for token in await list_tokens(store)] == [False, True]
    assert [token.id for token in await list_tokens(store, active_only=True)] == [again.token.id]


async def test_an_expired_token_opens_nothing_and_gives_its_name_up(store: Store) -> None:
    clock = SetClock.today()
    made = await _create(store, clock, lives=timedelta(hours=1))
    assert await authenticate(store, made.secret, clock=clock) is not None
    clock.move(timedelta(hours=1))
    assert await authenticate(store, made.secret, clock=clock) is None
    clock.move(timedelta(seconds=1))
    assert (await _create(store, clock)).token.name == "ci"


async def test_an_active_name_is_taken_also_when_two_ask_at_once(store: Store) -> None:
    clock = SetClock.today()
    results = await asyncio.gather(*(_create(store, clock) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(result, CreatedToken) for result in results) == 1
    assert sum(isinstance(result, TokenNameTaken) for result in results) == 2
    assert len(await list_tokens(store)) == 1


async def test_making_and_revoking_are_recorded_with_who_did_it_and_without_the_secret(store: Store) -> None:
    clock = SetClock.today()
    made = await _create(store, clock, lives=timedelta(days=30))
    clock.move(timedelta(seconds=1))
    await revoke_token(store, name="ci", actor="bob", clock=clock, request_id="req-1")
    revoked, created = (await list_audit_logs(store, AuditFilter(target="token/ci"))).items
    assert (created.actor, created.action, created.outcome) == ("ada", "token.created", AuditOutcome.SUCCESS)
    assert created.after is not None
    assert created.after["scopes"] == ["write"]
    assert (revoked.actor, revoked.action, revoked.request_id) == ("bob", "token.revoked", "req-1")
    assert made.secret not in str(created)


async def test_a_token_that_cannot_be_recorded_is_not_made(store: Store, store_url: str) -> None:
    clock = SetClock.today()
    with psycopg.connect(store_url) as connection:
        connection.execute(f"DROP TABLE assay.audit_logs_p{clock.now():%Y%m%d}")
    with pytest.raises(StoreUnavailable):
        await _create(store, clock)
    assert await list_tokens(store) == ()


async def test_when_a_token_was_last_used_is_kept_to_the_minute(store: Store) -> None:
    clock = SetClock.today()
    made = await _create(store, clock)
    assert made.token.last_used_at is None
    seen = []
    for step in (0, 30, 31):
        clock.move(timedelta(seconds=step))
        await authenticate(store, made.secret, clock=clock)
        seen.append((await list_tokens(store))[0].last_used_at)
    assert seen[0] == seen[1] == clock.now() - timedelta(seconds=61)
    assert seen[2] == clock.now()


async def test_without_the_store_nobody_is_let_in_or_turned_away(own_server: PostgresServer, own_url: str) -> None:
    clock = SetClock.today()
    async with Store(own_url) as store:
        made = await _create(store, clock)
        own_server.stop()
        with pytest.raises(StoreUnavailable):
            await authenticate(store, made.secret, clock=clock)


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "a" * 101, "a\n", "\u00e4", "a/b"])
async def test_a_name_that_cannot_be_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidQuery, match="cannot name a token"):
        await _create(store, SetClock.today(), name)
    assert await revoke_token(store, name=name, actor="ada", clock=SetClock.today()) is None


async def test_a_token_without_scopes_or_with_no_time_to_live_is_refused(store: Store) -> None:
    clock = SetClock.today()
    with pytest.raises(InvalidQuery, match="at least one scope"):
        await create_token(store, name="x", scopes=[], actor="ada", clock=clock)
    for days in (0, -1, 4000):
        with pytest.raises(InvalidQuery, match="3660 days"):
            await _create(store, clock, lives=timedelta(days=days))


async def test_a_higher_scope_includes_the_lower_ones(store: Store) -> None:
    clock = SetClock.today()
    made = await create_token(store, name="root", scopes=[Scope.ADMIN], actor="ada", clock=clock)
    reader = await create_token(store, name="reader", scopes=[Scope.READ], actor="ada", clock=clock)
    writer = await _create(store, clock, "writer")
    allowed = {
        each.token.name: [scope.value for scope in Scope if each.token.allows(scope)] for each in (made, reader, writer)
    }
    assert allowed == {"root": ["read", "write", "admin"], "reader": ["read"], "writer": ["read", "write"]}
