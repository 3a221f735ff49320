"""Persistence libraries as data, one file per family; the order decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.stores import (
    active_records,
    cloud,
    databases,
    dbapi,
    django,
    documents,
    hosted,
    javascript_drivers,
    javascript_mappers,
    key_value,
    local,
    python_drivers,
    sqlalchemy,
)

if TYPE_CHECKING:
    from assay.probes.code.stores.base import Library

LIBRARIES: Final[tuple[Library, ...]] = (
    sqlalchemy.LIBRARY,
    python_drivers.PSYCOPG,
    python_drivers.ASYNCPG,
    python_drivers.DATABASES,
    dbapi.SQLITE,
    dbapi.MYSQL,
    dbapi.ODBC,
    dbapi.ORACLE,
    dbapi.DUCKDB,
    django.LIBRARY,
    documents.DRIVER,
    documents.MONGOOSE,
    documents.BEANIE,
    documents.MONGOENGINE,
    key_value.LIBRARY,
    javascript_drivers.PG,
    javascript_drivers.MYSQL,
    javascript_drivers.SQLITE,
    javascript_mappers.PRISMA,
    javascript_mappers.DRIZZLE,
    javascript_mappers.KNEX,
    javascript_mappers.TYPEORM,
    javascript_mappers.SEQUELIZE,
    hosted.SUPABASE,
    hosted.FIRESTORE,
    active_records.PEEWEE,
    active_records.TORTOISE,
    active_records.ORMAR,
    active_records.ODMANTIC,
    cloud.OBJECTS,
    cloud.DYNAMODB,
    cloud.GOOGLE,
    cloud.AZURE,
    cloud.MINIO,
    cloud.COSMOS,
    databases.SEARCH,
    databases.CASSANDRA,
    databases.CLICKHOUSE,
    databases.INFLUX,
    databases.NEO4J,
    databases.FRAMES,
    local.TINYDB,
    local.SHELVE,
    local.CACHES,
)
