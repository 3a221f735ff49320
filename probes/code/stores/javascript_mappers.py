"""Object mappers and query builders of JavaScript.

Prisma, Drizzle and Knex run when they are awaited, not when they are built.
"""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, Row, row

_PRISMA: Final = "prisma.Client"
_DELEGATE: Final = "prisma.Delegate"
_DRIZZLE: Final = "drizzle.Db"
_DRIZZLE_TABLES: Final = "drizzle.Tables"
_DRIZZLE_TABLE: Final = "drizzle.Table"
_KNEX: Final = "knex.Knex"
_SOURCE: Final = "typeorm.DataSource"
_REPOSITORY: Final = "typeorm.Repository"
_MANAGER: Final = "typeorm.Manager"
_BUILDER: Final = "typeorm.QueryBuilder"
_SEQUELIZE: Final = "sequelize.Sequelize"
_SEQUELIZE_MODEL: Final = "sequelize.Model"
_DRIZZLE_MODULES: Final = (
    "node-postgres",
    "postgres-js",
    "neon-http",
    "neon-serverless",
    "better-sqlite3",
    "mysql2",
    "libsql",
    "vercel-postgres",
    "bun-sqlite",
    "d1",
    "planetscale-serverless",
    "pglite",
)

PRISMA: Final = Library(
    name="prisma",
    makes={"@prisma/client.PrismaClient": _PRISMA, "@prisma/client/edge.PrismaClient": _PRISMA},
    types={"@prisma/client.PrismaClient": _PRISMA},
    attributes={(_PRISMA, "*"): _DELEGATE},
    errors=("@prisma/client",),
    rows=(
        row(_DELEGATE, "findMany groupBy findRaw aggregateRaw", Act.READ, lazy=True),
        row(_DELEGATE, "findUnique findFirst findUniqueOrThrow findFirstOrThrow", Act.READ, gives=Gives.ROW, lazy=True),
        row(_DELEGATE, "count aggregate", Act.READ, gives=Gives.COUNT, lazy=True),
        row(
            _DELEGATE,
            "create createMany update updateMany upsert createManyAndReturn updateManyAndReturn",
            Act.WRITE,
            gives=Gives.ROW,
            lazy=True,
            data=(0,),
            fields=("data", "create", "update"),
        ),
        row(_DELEGATE, "delete deleteMany", Act.WRITE, gives=Gives.ROW, lazy=True),
        row(_PRISMA, "$queryRaw $queryRawUnsafe", Act.RUN, lazy=True, data=None),
        row(_PRISMA, "$executeRaw $executeRawUnsafe", Act.RUN, gives=Gives.COUNT, lazy=True, data=None),
        row(_PRISMA, "$extends", Act.HANDLE, handle=_PRISMA),
        row(_PRISMA, "$connect $disconnect $on", Act.OPEN, gives=Gives.NONE),
    ),
)
DRIZZLE: Final = Library(
    name="drizzle",
    makes={f"drizzle-orm/{module}.drizzle": _DRIZZLE for module in _DRIZZLE_MODULES},
    types={
        "drizzle-orm/node-postgres.NodePgDatabase": _DRIZZLE,
        "drizzle-orm/postgres-js.PostgresJsDatabase": _DRIZZLE,
        "drizzle-orm/better-sqlite3.BetterSQLite3Database": _DRIZZLE,
    },
    attributes={(_DRIZZLE, "query"): _DRIZZLE_TABLES, (_DRIZZLE_TABLES, "*"): _DRIZZLE_TABLE},
    errors=("drizzle-orm",),
    rows=(
        row(_DRIZZLE, "select selectDistinct selectDistinctOn $count with", Act.BUILD_READ, lazy=True),
        row(_DRIZZLE, "insert update delete", Act.BUILD_WRITE, lazy=True, table=0),
        row(_DRIZZLE, "execute all get values run", Act.RUN, data=None, path="rows"),
        row(_DRIZZLE_TABLE, "findMany", Act.READ, lazy=True),
        row(_DRIZZLE_TABLE, "findFirst", Act.READ, gives=Gives.ROW, lazy=True),
    ),
)
KNEX: Final = Library(
    name="knex",
    makes={"knex": _KNEX, "knex.knex": _KNEX, "kysely.Kysely": _KNEX},
    types={"knex.Knex": _KNEX, "kysely.Kysely": _KNEX},
    errors=("knex",),
    rows=(
        row(_KNEX, "() from table select selectFrom", Act.BUILD_READ, lazy=True, table=0),
        row(_KNEX, "insertInto updateTable deleteFrom", Act.BUILD_WRITE, lazy=True, table=0),
        row(_KNEX, "raw", Act.RUN, lazy=True, data=(1,), path="rows"),
        row(_KNEX, "destroy", Act.NOTHING, gives=Gives.NONE),
    ),
)


def _repository(kind: str) -> tuple[Row, ...]:
    return (
        row(kind, "find findBy findAndCount findAndCountBy query findByIds", Act.READ, handle=_REPOSITORY + ".Entity"),
        row(kind, "findOne findOneBy findOneOrFail findOneByOrFail preload findOneById", Act.READ, gives=Gives.ROW),
        row(kind, "count countBy exist exists sum average minimum maximum", Act.READ, gives=Gives.COUNT),
        row(kind, "save insert upsert", Act.WRITE, gives=Gives.WRITTEN, data=None),
        row(kind, "update increment decrement", Act.WRITE, gives=Gives.WRITTEN, data=None),
        row(kind, "delete remove softDelete softRemove restore clear", Act.WRITE, gives=Gives.WRITTEN),
        row(kind, "createQueryBuilder", Act.BUILD_READ, handle=_BUILDER, lazy=True),
        row(kind, "create merge", Act.NOTHING, gives=Gives.SAME),
    )


TYPEORM: Final = Library(
    name="typeorm",
    makes={
        "typeorm.getRepository": _REPOSITORY,
        "typeorm.DataSource": _SOURCE,
        "typeorm.getManager": _MANAGER,
        "typeorm.getConnection": _SOURCE,
        "typeorm.createConnection": _SOURCE,
    },
    types={
        "typeorm.Repository": _REPOSITORY,
        "typeorm.DataSource": _SOURCE,
        "typeorm.EntityManager": _MANAGER,
        "typeorm.Connection": _SOURCE,
    },
    models={"typeorm.BaseEntity": _REPOSITORY},
    attributes={(_SOURCE, "manager"): _MANAGER},
    errors=("typeorm",),
    rows=(
        row(_SOURCE, "getRepository getTreeRepository", Act.HANDLE, handle=_REPOSITORY, table=0),
        row(_MANAGER, "getRepository", Act.HANDLE, handle=_REPOSITORY, table=0),
        row(_SOURCE, "initialize destroy connect", Act.OPEN, gives=Gives.SAME),
        row(_SOURCE, "query", Act.RUN, data=(1,)),
        row(_SOURCE, "createQueryBuilder", Act.BUILD_READ, handle=_BUILDER, lazy=True),
        *_repository(_REPOSITORY),
        *_repository(_MANAGER),
        row(_BUILDER, "getMany getManyAndCount getRawMany getRawAndEntities", Act.FIRE),
        row(_BUILDER, "getOne getOneOrFail getRawOne", Act.FIRE, gives=Gives.ROW),
        row(_BUILDER, "getCount", Act.FIRE, gives=Gives.COUNT),
        row(_BUILDER, "execute", Act.FIRE, gives=Gives.WRITTEN),
        row(_BUILDER, "insert update delete softDelete", Act.BUILD_WRITE, lazy=True, handle=_BUILDER, data=(0, 1)),
        row(_BUILDER, "values set", Act.CHAIN, data=None),
    ),
)
SEQUELIZE: Final = Library(
    name="sequelize",
    makes={"sequelize": _SEQUELIZE, "sequelize.Sequelize": _SEQUELIZE, "sequelize-typescript.Sequelize": _SEQUELIZE},
    types={"sequelize.Sequelize": _SEQUELIZE},
    models={"sequelize.Model": _SEQUELIZE_MODEL, "sequelize-typescript.Model": _SEQUELIZE_MODEL},
    errors=("sequelize",),
    rows=(
        row(_SEQUELIZE, "define model", Act.HANDLE, handle=_SEQUELIZE_MODEL, table=0),
        row(_SEQUELIZE, "query", Act.RUN, data=(1,)),
        row(_SEQUELIZE, "authenticate sync close", Act.OPEN, gives=Gives.NONE),
        row(_SEQUELIZE, "transaction", Act.HANDLE, handle="sequelize.Transaction"),
        row("sequelize.Transaction", "commit", Act.COMMIT, gives=Gives.NONE),
        row("sequelize.Transaction", "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(_SEQUELIZE_MODEL, "findAll findAndCountAll", Act.READ, handle=_SEQUELIZE_MODEL),
        row(_SEQUELIZE_MODEL, "findOne findByPk reload", Act.READ, gives=Gives.ROW, handle=_SEQUELIZE_MODEL),
        row(_SEQUELIZE_MODEL, "count sum min max", Act.READ, gives=Gives.COUNT),
        row(
            _SEQUELIZE_MODEL,
            "create bulkCreate update upsert findOrCreate increment decrement",
            Act.WRITE,
            gives=Gives.WRITTEN,
            data=(0,),
            handle=_SEQUELIZE_MODEL,
        ),
        row(_SEQUELIZE_MODEL, "destroy restore", Act.WRITE, gives=Gives.COUNT),
        row(_SEQUELIZE_MODEL, "save", Act.STAGE, gives=Gives.SAME),
    ),
)
