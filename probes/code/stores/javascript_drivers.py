"""SQL drivers of JavaScript: what runs is told by the first word of the SQL text."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, row

_PG: Final = "pg.Pool"
_MYSQL: Final = "mysql2.Pool"
_LITE: Final = "better-sqlite3.Database"
_STATEMENT: Final = "better-sqlite3.Statement"
_TAG: Final = "postgres.Sql"
_SQLITE: Final = "sqlite3.Database"

PG: Final = Library(
    name="pg",
    makes={
        "pg.Pool": _PG,
        "pg.Client": _PG,
        "pg.default.Pool": _PG,
        "@neondatabase/serverless.Pool": _PG,
        "@neondatabase/serverless.neon": _TAG,
        "@vercel/postgres.createPool": _PG,
        "@vercel/postgres.createClient": _PG,
        "postgres": _TAG,
        "slonik.createPool": _PG,
        "pg-promise": "pg-promise.Main",
    },
    types={"pg.Pool": _PG, "pg.Client": _PG, "pg.PoolClient": _PG, "@vercel/postgres.sql": _TAG, "postgres.Sql": _TAG},
    errors=("pg",),
    rows=(
        row(_PG, "query", Act.RUN, data=(1,), path="rows"),
        row(_PG, "connect", Act.OPEN, gives=Gives.HANDLE, handle=_PG),
        row(_PG, "end release on", Act.NOTHING, gives=Gives.NONE),
        row(_TAG, "() query unsafe", Act.RUN, data=None),
        row(_TAG, "begin", Act.HANDLE, handle=_TAG),
        row("pg-promise.Main", "()", Act.HANDLE, handle="pg-promise.Database"),
        row("pg-promise.Database", "any many manyOrNone query one oneOrNone none result", Act.RUN, data=(1,)),
    ),
)
MYSQL: Final = Library(
    name="mysql2",
    makes={
        f"{module}.{name}": _MYSQL
        for module in ("mysql2", "mysql2/promise", "mysql", "mariadb")
        for name in ("createPool", "createConnection")
    },
    types={"mysql2/promise.Pool": _MYSQL, "mysql2/promise.Connection": _MYSQL, "mysql2/promise.PoolConnection": _MYSQL},
    errors=("mysql2", "mysql"),
    rows=(
        row(_MYSQL, "query execute", Act.RUN, data=(1,), path="0"),
        row(_MYSQL, "getConnection promise", Act.HANDLE, handle=_MYSQL),
        row(_MYSQL, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_MYSQL, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(_MYSQL, "beginTransaction release end", Act.NOTHING, gives=Gives.NONE),
    ),
)
SQLITE: Final = Library(
    name="better-sqlite3",
    makes={
        "better-sqlite3": _LITE,
        "bun:sqlite.Database": _LITE,
        "sqlite.DatabaseSync": _LITE,
        "sqlite3.Database": _SQLITE,
        "sqlite.open": _SQLITE,
    },
    types={"better-sqlite3": _LITE, "better-sqlite3.Database": _LITE, "sqlite3.Database": _SQLITE},
    errors=("better-sqlite3", "sqlite3"),
    rows=(
        row(_LITE, "prepare query", Act.BUILD_SQL, lazy=True, handle=_STATEMENT),
        row(_LITE, "exec pragma", Act.RUN, gives=Gives.NONE),
        row(_LITE, "transaction close", Act.NOTHING, gives=Gives.SAME),
        row(_STATEMENT, "all iterate values", Act.FIRE, data=None),
        row(_STATEMENT, "get", Act.FIRE, gives=Gives.ROW, data=None),
        row(_STATEMENT, "run", Act.FIRE, gives=Gives.WRITTEN, data=None),
        row(_STATEMENT, "bind pluck raw expand", Act.CHAIN, data=None),
        row(_SQLITE, "all each exec", Act.RUN, data=(1,)),
        row(_SQLITE, "get", Act.RUN, gives=Gives.ROW, data=(1,)),
        row(_SQLITE, "run", Act.RUN, gives=Gives.WRITTEN, data=(1,)),
        row(_SQLITE, "prepare", Act.BUILD_SQL, lazy=True, handle=_STATEMENT),
        row(_SQLITE, "serialize close", Act.NOTHING, gives=Gives.NONE),
    ),
)
