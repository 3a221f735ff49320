"""The tables of the schema `assay`, as the newest revision of `assay.migrations` leaves them.

Keys are UUIDv7, whose first 48 bits are the time in milliseconds. The record tables are partitioned by ranges of the
key, one partition a day, so that the key stays unique over all partitions. `timestamp` is when something happened,
`recorded_at` when the row was written. A row may be recorded long after it happened but not a day before:
`assay.uuid7_time(id)` bounds `timestamp` from above, which lets a query that asks for rows since a time leave out the
partitions before it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB

SCHEMA: Final = "assay"

metadata: Final = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
    },
)


def _key() -> Column[object]:
    return Column("id", Uuid, primary_key=True, server_default=text("assay.uuid7()"))


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=text("now()"))


def _document(name: str) -> Column[object]:
    return Column(name, JSONB, nullable=False, server_default=text("'{}'::jsonb"))


def _not_before_it_happened() -> CheckConstraint:
    return CheckConstraint("timestamp < assay.uuid7_time(id) + interval '1 day'", name="timestamp")


def _one_of(column: str, *words: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


system_events: Final = Table(
    "system_events",
    metadata,
    _key(),
    Column("event_type", String(100), nullable=False),
    Column("source", String(100), nullable=False),
    Column("severity", String(20), nullable=False, server_default=text("'info'")),
    Column("payload", JSONB, nullable=False),
    _moment("timestamp"),
    _document("metadata"),
    _moment("recorded_at"),
    _one_of("severity", "debug", "info", "warning", "error", "critical"),
    _not_before_it_happened(),
    Index(None, "timestamp", "id"),
    Index(None, "event_type", "timestamp", "id"),
    Index(None, "source", "timestamp", "id"),
    Index(None, "severity", "timestamp", "id"),
    postgresql_partition_by="RANGE (id)",
)

audit_logs: Final = Table(
    "audit_logs",
    metadata,
    _key(),
    Column("actor", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("target", String(500), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("request_id", String(100)),
    Column("source_ip", INET),
    Column("before", JSONB),
    Column("after", JSONB),
    _moment("timestamp"),
    _document("metadata"),
    _moment("recorded_at"),
    _one_of("outcome", "success", "failure", "denied", "accepted"),
    _not_before_it_happened(),
    Index(None, "timestamp", "id"),
    Index(None, "actor", "timestamp", "id"),
    Index(None, "action", "timestamp", "id"),
    Index(None, "target", "timestamp", "id"),
    Index(None, "request_id", postgresql_where=text("request_id IS NOT NULL")),
    postgresql_partition_by="RANGE (id)",
)

probe_results: Final = Table(
    "probe_results",
    metadata,
    _key(),
    Column("kind", String(20), nullable=False),
    Column("target", String(200), nullable=False),
    Column("probe", String(100)),
    Column("instance", String(100), nullable=False),
    _moment("timestamp"),
    Column("from_state", String(20)),
    Column("to_state", String(20)),
    Column("last_status", String(20)),
    Column("reason", String(100)),
    Column("message", Text),
    Column("passed", Integer),
    Column("warned", Integer),
    Column("failed", Integer),
    Column("unknown", Integer),
    Column("duration_lowest_seconds", Double),
    Column("duration_mean_seconds", Double),
    Column("duration_highest_seconds", Double),
    _document("measurements"),
    _moment("recorded_at"),
    CheckConstraint(
        "(kind = 'state_change' AND to_state IS NOT NULL)"
        " OR (kind = 'rollup' AND probe IS NOT NULL AND last_status IS NOT NULL"
        " AND coalesce(passed + warned + failed + unknown, 0) > 0)",
        name="kind",
    ),
    _not_before_it_happened(),
    Index(None, "timestamp", "id"),
    Index(None, "kind", "target", "timestamp", "id"),
    postgresql_partition_by="RANGE (id)",
)

PARTITIONED: Final = (system_events, audit_logs, probe_results)

scan_documents: Final = Table(
    "scan_documents",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    _moment("recorded_at"),
)

scan_runs: Final = Table(
    "scan_runs",
    metadata,
    _key(),
    Column("service", String(200), nullable=False),
    Column("repository", Text),
    Column("commit", String(100)),
    Column("branch", String(300)),
    Column("configuration_digest", String(64), nullable=False),
    Column("origin", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", Text),
    Column("endpoints", Integer, nullable=False, server_default=text("0")),
    _document("by_verdict"),
    _document("findings"),
    Column("skipped", Integer, nullable=False, server_default=text("0")),
    Column("document_digest", String(64), ForeignKey(scan_documents.c.digest, deferrable=True, initially="DEFERRED")),
    Column("tool_version", String(50), nullable=False, server_default=text("''")),
    _moment("timestamp"),
    _moment("recorded_at"),
    CheckConstraint(
        "(status = 'finished' AND document_digest IS NOT NULL) OR (status = 'failed' AND reason IS NOT NULL)",
        name="status",
    ),
    Index(None, "timestamp", "id"),
    Index(None, "service", "timestamp", "id"),
    Index(
        "scan_runs_service_commit_configuration_digest_key",
        "service",
        "commit",
        "configuration_digest",
        unique=True,
        postgresql_where=text("commit IS NOT NULL AND status = 'finished'"),
    ),
)

agent_states: Final = Table(
    "agent_states",
    metadata,
    _key(),
    Column("agent_key", String(100), nullable=False, unique=True),
    Column("status", String(20), nullable=False, server_default=text("'idle'")),
    Column("last_active", DateTime(timezone=True)),
    Column("current_task", JSONB),
    _document("performance_metrics"),
    _moment("created_at"),
    _moment("updated_at"),
)

api_tokens: Final = Table(
    "api_tokens",
    metadata,
    _key(),
    Column("name", String(100), nullable=False),
    Column("secret_sha256", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    _moment("created_at"),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    CheckConstraint("octet_length(secret_sha256) = 32", name="secret_sha256"),
    CheckConstraint("scopes <@ ARRAY['read', 'write', 'admin'] AND scopes <> '{}'", name="scopes"),
    Index("api_tokens_name_key", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),
)

probe_writes: Final = Table(
    "probe_writes",
    metadata,
    Column("token", Uuid, primary_key=True),
    _moment("written_at"),
)
