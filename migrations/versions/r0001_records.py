"""The record tables, what partitions them, and the tables beside them.

Locks: creates only, so that nothing that exists is locked. Making a partition later locks its parent in SHARE UPDATE
EXCLUSIVE mode, which lets inserts and queries go on.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from typing import Final

from alembic import op

revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None

_KEYS = """
CREATE FUNCTION assay.uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $body$
    -- UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, the version, 12 bits of the fraction of a millisecond (method 3,
    -- so that later calls sort after earlier ones), the variant, 62 random bits. PostgreSQL 15 to 17 have no uuidv7().
    SELECT pg_catalog.encode(
        pg_catalog.overlay(
            pg_catalog.uuid_send(pg_catalog.gen_random_uuid()),
            pg_catalog.substring(pg_catalog.int8send(clock.microseconds / 1000), 3)
                || pg_catalog.int2send((28672 | (clock.microseconds % 1000) * 4096 / 1000)::pg_catalog.int2),
            1, 8
        ),
        'hex'
    )::pg_catalog.uuid
    FROM (
        SELECT (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::pg_catalog.int8 AS microseconds
    ) AS clock
$body$;
COMMENT ON FUNCTION assay.uuid7() IS 'A new UUIDv7 by the clock of the server.';

CREATE FUNCTION assay.uuid7_time(key uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT pg_catalog.to_timestamp(
        ('x' || pg_catalog.left(pg_catalog.translate(key::pg_catalog.text, '-', ''), 12))::pg_catalog.bit(48)
        ::pg_catalog.int8 / 1000.0
    )
$body$;
COMMENT ON FUNCTION assay.uuid7_time(uuid) IS 'The time in a UUIDv7, to the millisecond.';

CREATE FUNCTION assay.uuid7_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT (
        pg_catalog.lpad(pg_catalog.to_hex((extract(epoch from moment) * 1000)::pg_catalog.int8), 12, '0')
        || pg_catalog.repeat('0', 20)
    )::pg_catalog.uuid
$body$;
COMMENT ON FUNCTION assay.uuid7_floor(timestamptz) IS 'The smallest key that a moment can have.';
"""

_RECORDS = """
CREATE TABLE assay.system_events (
    id uuid NOT NULL DEFAULT assay.uuid7(),
    event_type varchar(100) NOT NULL,
    source varchar(100) NOT NULL,
    severity varchar(20) NOT NULL DEFAULT 'info',
    payload jsonb NOT NULL,
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT system_events_pkey PRIMARY KEY (id),
    CONSTRAINT system_events_severity_check CHECK (severity IN ('debug', 'info', 'warning', 'error', 'critical')),
    CONSTRAINT system_events_timestamp_check CHECK ("timestamp" < assay.uuid7_time(id) + interval '1 day')
) PARTITION BY RANGE (id);
CREATE INDEX system_events_timestamp_id_idx ON assay.system_events ("timestamp", id);
CREATE INDEX system_events_event_type_timestamp_id_idx ON assay.system_events (event_type, "timestamp", id);
CREATE INDEX system_events_source_timestamp_id_idx ON assay.system_events (source, "timestamp", id);
CREATE INDEX system_events_severity_timestamp_id_idx ON assay.system_events (severity, "timestamp", id);

CREATE TABLE assay.audit_logs (
    id uuid NOT NULL DEFAULT assay.uuid7(),
    actor varchar(200) NOT NULL,
    action varchar(100) NOT NULL,
    target varchar(500) NOT NULL,
    outcome varchar(20) NOT NULL,
    request_id varchar(100),
    source_ip inet,
    before jsonb,
    after jsonb,
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id),
    CONSTRAINT audit_logs_outcome_check CHECK (outcome IN ('success', 'failure', 'denied', 'accepted')),
    CONSTRAINT audit_logs_timestamp_check CHECK ("timestamp" < assay.uuid7_time(id) + interval '1 day')
) PARTITION BY RANGE (id);
CREATE INDEX audit_logs_timestamp_id_idx ON assay.audit_logs ("timestamp", id);
CREATE INDEX audit_logs_actor_timestamp_id_idx ON assay.audit_logs (actor, "timestamp", id);
CREATE INDEX audit_logs_action_timestamp_id_idx ON assay.audit_logs (action, "timestamp", id);
CREATE INDEX audit_logs_target_timestamp_id_idx ON assay.audit_logs (target, "timestamp", id);
CREATE INDEX audit_logs_request_id_idx ON assay.audit_logs (request_id) WHERE request_id IS NOT NULL;

CREATE TABLE assay.probe_results (
    id uuid NOT NULL DEFAULT assay.uuid7(),
    kind varchar(20) NOT NULL,
    target varchar(200) NOT NULL,
    probe varchar(100),
    instance varchar(100) NOT NULL,
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    from_state varchar(20),
    to_state varchar(20),
    last_status varchar(20),
    reason varchar(100),
    message text,
    passed integer,
    warned integer,
    failed integer,
    unknown integer,
    duration_lowest_seconds double precision,
    duration_mean_seconds double precision,
    duration_highest_seconds double precision,
    measurements jsonb NOT NULL DEFAULT '{}'::jsonb,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT probe_results_pkey PRIMARY KEY (id),
    CONSTRAINT probe_results_kind_check CHECK (
        (kind = 'state_change' AND to_state IS NOT NULL)
        OR (kind = 'rollup' AND probe IS NOT NULL AND last_status IS NOT NULL
            AND coalesce(passed + warned + failed + unknown, 0) > 0)
    ),
    CONSTRAINT probe_results_timestamp_check CHECK ("timestamp" < assay.uuid7_time(id) + interval '1 day')
) PARTITION BY RANGE (id);
CREATE INDEX probe_results_timestamp_id_idx ON assay.probe_results ("timestamp", id);
CREATE INDEX probe_results_kind_target_timestamp_id_idx ON assay.probe_results (kind, target, "timestamp", id);
"""

_OTHERS = """
CREATE TABLE assay.scan_documents (
    digest varchar(64) NOT NULL,
    document jsonb NOT NULL,
    size_bytes integer NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scan_documents_pkey PRIMARY KEY (digest)
);

CREATE TABLE assay.scan_runs (
    id uuid NOT NULL DEFAULT assay.uuid7(),
    service varchar(200) NOT NULL,
    repository text,
    commit varchar(100),
    branch varchar(300),
    configuration_digest varchar(64) NOT NULL,
    origin varchar(20) NOT NULL,
    status varchar(20) NOT NULL,
    reason text,
    endpoints integer NOT NULL DEFAULT 0,
    by_verdict jsonb NOT NULL DEFAULT '{}'::jsonb,
    findings jsonb NOT NULL DEFAULT '{}'::jsonb,
    skipped integer NOT NULL DEFAULT 0,
    document_digest varchar(64),
    tool_version varchar(50) NOT NULL DEFAULT '',
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scan_runs_pkey PRIMARY KEY (id),
    CONSTRAINT scan_runs_document_digest_fkey FOREIGN KEY (document_digest) REFERENCES assay.scan_documents (digest)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT scan_runs_status_check CHECK (
        (status = 'finished' AND document_digest IS NOT NULL) OR (status = 'failed' AND reason IS NOT NULL)
    )
);
CREATE INDEX scan_runs_timestamp_id_idx ON assay.scan_runs ("timestamp", id);
CREATE INDEX scan_runs_service_timestamp_id_idx ON assay.scan_runs (service, "timestamp", id);
CREATE UNIQUE INDEX scan_runs_service_commit_configuration_digest_key
    ON assay.scan_runs (service, commit, configuration_digest) WHERE commit IS NOT NULL AND status = 'finished';

CREATE TABLE assay.agent_states (
    id uuid NOT NULL DEFAULT assay.uuid7(),
    agent_key varchar(100) NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'idle',
    last_active timestamptz,
    current_task jsonb,
    performance_metrics jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agent_states_pkey PRIMARY KEY (id),
    CONSTRAINT agent_states_agent_key_key UNIQUE (agent_key)
);

CREATE TABLE assay.api_tokens (
    id uuid NOT NULL DEFAULT assay.uuid7(),
    name varchar(100) NOT NULL,
    secret_sha256 bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar(200) NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT api_tokens_secret_sha256_key UNIQUE (secret_sha256),
    CONSTRAINT api_tokens_secret_sha256_check CHECK (octet_length(secret_sha256) = 32),
    CONSTRAINT api_tokens_scopes_check CHECK (scopes <@ ARRAY['read', 'write', 'admin'] AND scopes <> '{}')
);
CREATE UNIQUE INDEX api_tokens_name_key ON assay.api_tokens (name) WHERE revoked_at IS NULL;

CREATE TABLE assay.probe_writes (
    token uuid NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT probe_writes_pkey PRIMARY KEY (token)
);
"""

_PARTITIONS = """
CREATE FUNCTION assay.ensure_partitions(days_ahead integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $body$
-- Makes what is missing of one partition a day, UTC, from yesterday to `days_ahead` days from now, and names what it
-- made. Yesterday's, because a record may wait over midnight. A partition is made as a table of its own and then
-- attached: CREATE TABLE ... PARTITION OF would lock the parent against every insert and query, ATTACH lets both go on.
-- It runs with its owner's rights, so that the service needs none on the tables but INSERT and SELECT.
DECLARE
    parent text;
    day date;
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    partition_name text;
BEGIN
    IF days_ahead NOT BETWEEN 0 AND 366 THEN
        RAISE EXCEPTION 'days_ahead is %; it may be 0 to 366', days_ahead USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(7308332180110464627);  -- two that make the same partition would hinder each other
    FOREACH parent IN ARRAY ARRAY['system_events', 'audit_logs', 'probe_results'] LOOP
        FOR offset_days IN -1 .. days_ahead LOOP
            day := today + offset_days;
            partition_name := parent || '_p' || to_char(day, 'YYYYMMDD');
            CONTINUE WHEN EXISTS (
                SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                WHERE inhparent = format('assay.%I', parent)::regclass AND relname = partition_name
            );
            EXECUTE format('CREATE TABLE assay.%I (LIKE assay.%I INCLUDING ALL)', partition_name, parent);
            EXECUTE format(
                'ALTER TABLE assay.%I ATTACH PARTITION assay.%I FOR VALUES FROM (%L) TO (%L)', parent, partition_name,
                assay.uuid7_floor(day::timestamp AT TIME ZONE 'UTC'),
                assay.uuid7_floor((day + 1)::timestamp AT TIME ZONE 'UTC')
            );
            RETURN NEXT partition_name;
        END LOOP;
    END LOOP;
END
$body$;
REVOKE ALL ON FUNCTION assay.ensure_partitions(integer) FROM PUBLIC;
COMMENT ON FUNCTION assay.ensure_partitions(integer) IS 'Makes the missing daily partitions and names them.';
"""

_TABLES = (
    "probe_writes",
    "api_tokens",
    "agent_states",
    "scan_runs",
    "scan_documents",
    "probe_results",
    "audit_logs",
    "system_events",
)
_FUNCTIONS = ("ensure_partitions(integer)", "uuid7_floor(timestamptz)", "uuid7_time(uuid)", "uuid7()")


def upgrade() -> None:
    """Locks nothing that exists."""
    for part in (_KEYS, _RECORDS, _OTHERS, _PARTITIONS):
        op.get_bind().exec_driver_sql(part, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Locks every table of the schema in ACCESS EXCLUSIVE mode and removes it with its partitions and all records.

    What others put into the schema stays; what depends on a table stops the downgrade.
    """
    for table in _TABLES:
        op.execute(f"DROP TABLE assay.{table}")
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION assay.{function}")
