"""A migrated store, and tokens in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from assay.audit.schema import upgrade
from assay.audit.store import Store
from assay.audit.tokens import create_token
from assay.core.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.audit.model import Scope


@pytest.fixture
def store_database(database: str) -> str:
    """The URL of a database with the schema of this build."""
    upgrade(database, actor="test")
    return database


@pytest.fixture
def token(store_database: str) -> Callable[..., str]:
    """Makes tokens in the store; the result is the secret."""

    def make(name: str, *scopes: Scope) -> str:
        async def create() -> str:
            async with Store(store_database) as store:
                made = await create_token(store, name=name, scopes=scopes, actor="test", clock=SystemClock())
                return made.secret

        return asyncio.run(create())

    return make
