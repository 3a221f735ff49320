"""The revisions that this build knows, and what the one in a database means to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

_HAS_VERSION: Final = text("SELECT to_regclass('assay.alembic_version') IS NOT NULL")
_VERSION: Final = text("SELECT version_num FROM assay.alembic_version")


class SchemaState(StrEnum):
    """What a database's schema is to this build. `NEWER`: its revision is unknown here, so a later build made it."""

    MISSING = "missing"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


@dataclass(frozen=True, kw_only=True)
class SchemaStatus:
    """The revision in a database (absent where there is none), the one of this build, and how they compare."""

    state: SchemaState
    revision: str | None
    head: str


def migrations_config() -> Config:
    """Alembic's configuration: the folder of the installed package, no file."""
    config = Config()
    config.set_main_option("script_location", str(files("assay.migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """Every revision of this build, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(migrations_config()).walk_revisions())


def judge(revision: str | None) -> SchemaStatus:
    """What a revision found in a database means."""
    known = known_revisions()
    if revision is None:
        state = SchemaState.MISSING
    elif revision == known[0]:
        state = SchemaState.CURRENT
    else:
        state = SchemaState.BEHIND if revision in known else SchemaState.NEWER
    return SchemaStatus(state=state, revision=revision, head=known[0])


def read_revision(connection: Connection) -> str | None:
    """The revision in the database, by a connection that is open."""
    found: str | None = connection.scalar(_VERSION) if connection.scalar(_HAS_VERSION) else None
    return found


async def schema_status(connection: AsyncConnection) -> SchemaStatus:
    """The state of the schema, by a connection of `Store.begin()`: two short queries.

    Raises:
        DBAPIError: of the driver; inside `Store.begin()` it becomes StoreUnavailable (`permission` where the role may
        not look).
    """
    return judge(await connection.run_sync(read_revision))
