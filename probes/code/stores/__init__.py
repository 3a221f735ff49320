"""Persistence libraries as data, one file per family; the order decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.stores import (
    django,
    documents,
    hosted,
    javascript_drivers,
    javascript_mappers,
    key_value,
    python_drivers,
    sqlalchemy,
)

if TYPE_CHECKING:
    from assay.probes.code.stores.base import Library

LIBRARIES: Final[tuple[Library, ...]] = (
    sqlalchemy.LIBRARY,
    python_drivers.PSYCOPG,
    python_drivers.ASYNCPG,
    python_drivers.SQLITE,
    python_drivers.MYSQL,
    python_drivers.DATABASES,
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
    hosted.OBJECTS,
)
