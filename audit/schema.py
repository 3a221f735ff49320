"""Migrates and examines the schema `assay`: one migration at a time, all of it or nothing, and recorded."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.util import CommandError
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from assay.audit.errors import MigrationLocked, UnknownRevision
from assay.audit.events import SchemaDowngraded, SchemaUpgraded
from assay.audit.model import AuditEntry, AuditOutcome
from assay.audit.revisions import SchemaStatus, judge, known_revisions, migrations_config, read_revision
from assay.audit.rows import audit_row, event_row
from assay.audit.session import session
from assay.audit.tables import audit_logs, metadata, system_events
from assay.core.clock import SystemClock
from assay.core.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.config import Config
    from sqlalchemy import Connection

    from assay.audit.events import Event
    from assay.core.clock import Clock

APPLICATION_NAME: Final = "assay-migrate"
LOCK_KEY: Final = 0x6173_7361_795F_6462
"""The advisory lock of every migration; both halves of it are what `pg_locks` shows as `classid` and `objid`."""

WEEK_AHEAD: Final = 7
_LOCK_NOT_AVAILABLE: Final = "55P03"
_STILL_NEEDED: Final = ("2BP01", "42501")

_HOLDERS: Final = text("""
    SELECT DISTINCT held.pid, activity.usename, activity.application_name
    FROM pg_locks AS held JOIN pg_stat_activity AS activity ON activity.pid = held.pid
    LEFT JOIN pg_class AS relation ON relation.oid = held.relation
    WHERE held.granted AND held.pid <> pg_backend_pid()
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (
        (held.locktype = 'advisory' AND held.classid = :high AND held.objid = :low AND held.objsubid = 1)
        OR relation.relnamespace = to_regnamespace('assay')
      )
    ORDER BY held.pid
""")


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What a migration did: `partitions` are those it made, `kept_schema` says why the schema was left standing."""

    from_revision: str | None
    to_revision: str | None
    partitions: tuple[str, ...] = ()
    kept_schema: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoreCheck:
    """What a look at the store found. `answer` is what `SELECT 1` gave."""

    answer: int
    server_version: str
    schema: SchemaStatus


def upgrade(
    url: str,
    revision: str = "head",
    *,
    actor: str,
    lock_timeout_seconds: float = 10.0,
    deadline_seconds: float = 600.0,
    tell: Callable[[str], None] = lambda _: None,
    clock: Clock | None = None,
) -> Migration:
    """Migrate up to `revision`, make the partitions of the week ahead and record it, in one transaction under a lock.

    Where the schema is there already, only missing partitions are made and nothing is recorded. `tell` hears who is
    waited for.

    Raises:
        UnknownRevision: this build does not know `revision`, or the one in the database.
        MigrationLocked: another session did not let go in time.
        InvalidStoreUrl, StoreUnavailable, StoreRejected: as of every connection.
    """
    with (
        session(url, deadline_seconds=deadline_seconds, application_name=APPLICATION_NAME) as connection,
        _recording_failure(connection, actor, "schema.upgraded", revision, clock),
        _locked(connection, lock_timeout_seconds, tell),
    ):
        _create_schema(connection)
        before = read_revision(connection)
        with _known(before):
            command.upgrade(_config(connection), revision)
        after = read_revision(connection) or ""
        made = connection.execute(text("SELECT assay.ensure_partitions(:days)"), {"days": WEEK_AHEAD}).scalars().all()
        if after != before:
            done = SchemaUpgraded(from_revision=before, to_revision=after)
            _record(connection, done, _entry(actor, "schema.upgraded", after, before=before), clock)
        return Migration(from_revision=before, to_revision=after, partitions=tuple(made))


def downgrade(
    url: str,
    revision: str,
    *,
    actor: str,
    lock_timeout_seconds: float = 10.0,
    deadline_seconds: float = 600.0,
    tell: Callable[[str], None] = lambda _: None,
    clock: Clock | None = None,
) -> Migration:
    """Migrate down to `revision`, and record it where the records are still there; `base` removes them all.

    The schema itself is removed unless something that is not Assay's is inside it.

    Raises:
        UnknownRevision: this build does not know `revision`, or the one in the database.
        MigrationLocked: another session did not let go in time.
        InvalidStoreUrl, StoreUnavailable, StoreRejected: as of every connection.
    """
    with (
        session(url, deadline_seconds=deadline_seconds, application_name=APPLICATION_NAME) as connection,
        _recording_failure(connection, actor, "schema.downgraded", revision, clock),
        _locked(connection, lock_timeout_seconds, tell),
    ):
        before = read_revision(connection)
        if before is None:
            return Migration(from_revision=None, to_revision=None)
        with _known(before):
            command.downgrade(_config(connection), revision)
        after = read_revision(connection)
        if after is None:
            return Migration(from_revision=before, to_revision=None, kept_schema=_drop_schema(connection))
        if after != before:
            done = SchemaDowngraded(from_revision=before, to_revision=after)
            _record(connection, done, _entry(actor, "schema.downgraded", after, before=before), clock)
        return Migration(from_revision=before, to_revision=after)


def current(url: str, *, deadline_seconds: float = 5.0) -> SchemaStatus:
    """The revision in the database and what it means to this build.

    Raises:
        InvalidStoreUrl, StoreUnavailable, StoreRejected: as of every connection.
    """
    with session(url, deadline_seconds=deadline_seconds, application_name=APPLICATION_NAME) as connection:
        return judge(read_revision(connection))


def check(url: str, *, deadline_seconds: float = 5.0) -> StoreCheck:
    """One round trip, the server's version and the state of the schema.

    Raises:
        InvalidStoreUrl, StoreUnavailable, StoreRejected: as of every connection.
    """
    with session(url, deadline_seconds=deadline_seconds, application_name=APPLICATION_NAME) as connection:
        return StoreCheck(
            answer=int(connection.scalar(text("SELECT 1"))),
            server_version=str(connection.scalar(text("SHOW server_version"))),
            schema=judge(read_revision(connection)),
        )


def _config(connection: Connection) -> Config:
    config = migrations_config()
    config.attributes["connection"] = connection
    config.attributes["target_metadata"] = metadata
    return config


@contextmanager
def _known(in_database: str | None) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        known = ", ".join(known_revisions())
        if in_database is not None and in_database not in known_revisions():
            raise UnknownRevision(
                f"the database is at revision {in_database}, which this build does not know (it knows {known}):"
                " use the build that made it"
            ) from error
        raise UnknownRevision(f"{error}; this build knows {known}") from error


@contextmanager
def _locked(connection: Connection, seconds: float, tell: Callable[[str], None]) -> Iterator[None]:
    """A transaction that holds the lock; committed at the end of the block."""
    try:
        with connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = {round(seconds * 1000)}"))
            if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LOCK_KEY}):
                tell(f"another migration is running ({_holders(connection)}); waiting up to {seconds:g} s for it")
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        with connection.begin():
            holders = _holders(connection)
        raise MigrationLocked(
            f"waited {seconds:g} s for a lock that is held by {holders}; let it finish or end it, then try again"
        ) from error


def _holders(connection: Connection) -> str:
    rows = connection.execute(_HOLDERS, {"high": LOCK_KEY >> 32, "low": LOCK_KEY & 0xFFFFFFFF}).all()
    told = [f"process {pid} (user {user}, application {application or 'unnamed'})" for pid, user, application in rows]
    return ", ".join(told) or "a session that has ended since"


def _create_schema(connection: Connection) -> None:
    """Looks first: `CREATE SCHEMA IF NOT EXISTS` asks for the right to create one also where it is there already."""
    if not connection.scalar(text("SELECT to_regnamespace('assay') IS NOT NULL")):
        connection.execute(text("CREATE SCHEMA assay"))


def _drop_schema(connection: Connection) -> str | None:
    """Remove the version table and the schema; the result says why the schema stays, if it does."""
    connection.execute(text("DROP TABLE assay.alembic_version"))
    try:
        with connection.begin_nested():
            connection.execute(text("DROP SCHEMA assay"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _STILL_NEEDED:
            raise
        return str(error.orig).strip()
    return None


def _entry(actor: str, action: str, target: str, *, before: str | None, failed: str | None = None) -> AuditEntry:
    return AuditEntry(
        actor=actor,
        action=action,
        target=f"schema/{target}",
        outcome=AuditOutcome.FAILURE if failed else AuditOutcome.SUCCESS,
        before={"revision": before},
        after=None if failed else {"revision": target},
        metadata={"error": failed} if failed else None,
    )


def _record(connection: Connection, event: Event | None, entry: AuditEntry, clock: Clock | None) -> None:
    now = (clock or SystemClock()).now()
    connection.execute(insert(audit_logs), audit_row(entry, key=uuid7(), timestamp=now))
    if event is not None:
        connection.execute(insert(system_events), event_row(event, key=uuid7(), timestamp=now))


@contextmanager
def _recording_failure(
    connection: Connection, actor: str, action: str, revision: str, clock: Clock | None
) -> Iterator[None]:
    """An attempt that failed is a fact too, where there is a place to record it."""
    try:
        yield
    except (DBAPIError, MigrationLocked, UnknownRevision) as error:
        if connection.invalidated or connection.closed:
            raise
        told = str(error.orig if isinstance(error, DBAPIError) else error)
        with suppress(DBAPIError), connection.begin():  # the first error is the one to tell, whatever becomes of this
            before = read_revision(connection)
            if before is not None:
                _record(connection, None, _entry(actor, action, revision, before=before, failed=told), clock)
        raise
