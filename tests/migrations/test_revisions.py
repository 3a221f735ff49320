from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from assay.audit import schema
from assay.audit.errors import StoreRejected
from assay.audit.revisions import known_revisions, migrations_config
from assay.audit.tables import PARTITIONED, SCHEMA, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

_OBJECTS = """
    SELECT 'table ' || relname FROM pg_class WHERE relnamespace = to_regnamespace('assay')
    UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = to_regnamespace('assay')
    UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'assay'
"""


@pytest.fixture(params=["oldest_database", "database"])
def url(request: pytest.FixtureRequest) -> str:
    address: str = request.getfixturevalue(request.param)
    return address


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def _is_ours(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    """The schema's own tables, without the version table and without partitions, which follow their parents."""
    if kind == "schema":
        return name == SCHEMA
    if kind == "table":
        tables = {table.name for table in PARTITIONED}
        partition = any(str(name).startswith(f"{table}_p2") for table in tables)
        return parents.get("schema_name") == SCHEMA and name != "alembic_version" and not partition
    return True


def _differences(url: str) -> str:
    """What Alembic would change to make the database equal to the models."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": _is_ours,
                "compare_type": True,
                "compare_server_default": True,
                "version_table_schema": SCHEMA,
            },
        )
        return "\n".join(map(repr, compare_metadata(context, metadata)))


def test_the_migrated_schema_is_the_one_of_the_models(url: str) -> None:
    schema.upgrade(url, actor="tests")
    assert _differences(url) == ""


def test_the_comparison_would_see_a_difference(database: str) -> None:
    schema.upgrade(database, actor="tests")
    with psycopg.connect(database) as connection:
        connection.execute("ALTER TABLE assay.api_tokens ALTER COLUMN created_at DROP DEFAULT")
        connection.execute("ALTER TABLE assay.scan_runs ALTER COLUMN reason TYPE varchar(10)")
        connection.execute("DROP INDEX assay.audit_logs_actor_timestamp_id_idx")
    differences = _differences(database)
    assert [word in differences for word in ("modify_default", "modify_type", "add_index")] == [True, True, True]


def test_checks_partitioning_and_the_foreign_key_are_as_the_models_say(url: str) -> None:
    """What the comparison of Alembic does not look at: the same statements are run from the models and compared."""
    schema.upgrade(url, actor="tests")
    shape = """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL FROM pg_constraint
        WHERE connamespace = to_regnamespace('assay') AND contype IN ('c', 'f', 'p', 'u') AND conparentid = 0
          AND conrelid::regclass::text !~ '_p2' AND conrelid::regclass::text <> 'assay.alembic_version'
        UNION ALL
        SELECT oid::regclass::text, 'partition key', pg_get_partkeydef(oid), NULL FROM pg_class
        WHERE relnamespace = to_regnamespace('assay') AND relkind = 'p'
        UNION ALL
        SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = to_regnamespace('assay') AND relkind IN ('r', 'p') AND attnum > 0
          AND attrelid::regclass::text !~ '_p2' AND relname <> 'alembic_version'
        ORDER BY 1, 2, 3
    """
    migrated = _rows(url, shape)
    with psycopg.connect(url) as connection:
        for table in metadata.tables.values():
            connection.execute(f"DROP TABLE assay.{table.name} CASCADE")
    metadata.create_all(create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool))
    assert _rows(url, shape) == migrated


def test_up_down_and_up_again_leaves_nothing_behind(url: str) -> None:
    assert _rows(url, _OBJECTS) == []
    schema.upgrade(url, actor="tests")
    first = _rows(url, _OBJECTS)
    done = schema.downgrade(url, "base", actor="tests")
    assert (done.to_revision, done.kept_schema) == (None, None)
    assert _rows(url, _OBJECTS) == []
    schema.upgrade(url, actor="tests")
    assert sorted(_rows(url, _OBJECTS)) == sorted(first)


def test_every_revision_goes_up_and_down_by_itself(url: str) -> None:
    revisions = list(reversed(known_revisions()))
    for revision in revisions:
        assert schema.upgrade(url, revision, actor="tests").to_revision == revision
    for lower in [*reversed(revisions[:-1]), None]:
        assert schema.downgrade(url, lower or "base", actor="tests").to_revision == lower


def test_what_others_put_into_the_schema_stays_and_keeps_it(database: str) -> None:
    schema.upgrade(database, actor="tests")
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE assay.notes (text text)")
    done = schema.downgrade(database, "base", actor="tests")
    assert done.kept_schema is not None
    assert "assay.notes" in done.kept_schema
    assert sorted(_rows(database, _OBJECTS)) == [("schema assay",), ("table notes",)]
    assert schema.upgrade(database, actor="tests").to_revision == known_revisions()[0]


def test_what_depends_on_a_table_stops_the_downgrade_and_all_stays(database: str) -> None:
    schema.upgrade(database, actor="tests")
    with psycopg.connect(database) as connection:
        connection.execute("CREATE VIEW public.last_events AS SELECT * FROM assay.system_events")
    before = _rows(database, _OBJECTS)
    with pytest.raises(StoreRejected, match="other objects depend on it"):
        schema.downgrade(database, "base", actor="ada")
    assert _rows(database, _OBJECTS) == before
    failures = "SELECT actor, action, outcome, target FROM assay.audit_logs WHERE outcome = 'failure'"
    assert _rows(database, failures) == [("ada", "schema.downgraded", "failure", "schema/base")]


def test_there_is_one_line_of_revisions_with_one_head() -> None:
    script = ScriptDirectory.from_config(migrations_config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_every_revision_names_the_lock_that_it_takes() -> None:
    for revision in ScriptDirectory.from_config(migrations_config()).walk_revisions():
        assert "Locks:" in (revision.module.__doc__ or ""), revision.revision
        assert revision.module.downgrade.__doc__, revision.revision
        assert "ocks" in revision.module.downgrade.__doc__, revision.revision


def _no_partitions(url: str) -> Iterator[str]:
    for (name,) in _rows(url, _OBJECTS):
        if "_p2" not in name:
            yield name


def test_nothing_is_made_outside_the_schema(url: str) -> None:
    schema.upgrade(url, actor="tests")
    assert _rows(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []
    assert "table alembic_version" in set(_no_partitions(url))
