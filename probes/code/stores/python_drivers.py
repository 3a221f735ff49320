"""PostgreSQL, SQLite and MySQL drivers of Python: what runs is told by the first word of the SQL text."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, Row, row


def _dbapi(connection: str, cursor: str, *, commits: bool) -> tuple[Row, ...]:
    """The rows of a connection and its cursors (PEP 249, with what drivers add to it)."""
    return (
        row(connection, "cursor", Act.HANDLE, handle=cursor),
        row(connection, "execute executemany executescript", Act.RUN, data=(1,), handle=cursor, commits=commits),
        row(connection, "execute_fetchall execute_insert", Act.RUN, data=(1,), commits=commits),
        row(connection, "commit", Act.COMMIT, gives=Gives.NONE),
        row(connection, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(connection, "close set_autocommit", Act.NOTHING, gives=Gives.NONE),
        row(connection, "transaction", Act.HANDLE, handle=f"{connection}.transaction"),
        row(
            cursor,
            "execute executemany executescript callproc copy",
            Act.RUN,
            data=(1,),
            handle=cursor,
            commits=commits,
        ),
        row(cursor, "fetchone", Act.READ, gives=Gives.ROW),
        row(cursor, "fetchall fetchmany", Act.READ),
        row(cursor, "close", Act.NOTHING, gives=Gives.NONE),
    )


_PSYCOPG: Final = "psycopg.Connection"
_SQLITE: Final = "sqlite3.Connection"
_MYSQL: Final = "mysql.Connection"
_POOL: Final = "psycopg.Pool"
_ASYNCPG: Final = "asyncpg.Connection"
_ASYNCPG_POOL: Final = "asyncpg.Pool"

PSYCOPG: Final = Library(
    name="psycopg",
    makes={
        "psycopg2.connect": _PSYCOPG,
        "psycopg.connect": _PSYCOPG,
        "psycopg.Connection.connect": _PSYCOPG,
        "psycopg.AsyncConnection.connect": _PSYCOPG,
        "psycopg2.pool.SimpleConnectionPool": _POOL,
        "psycopg2.pool.ThreadedConnectionPool": _POOL,
        "psycopg_pool.ConnectionPool": _POOL,
        "psycopg_pool.AsyncConnectionPool": _POOL,
    },
    types={
        "psycopg.Connection": _PSYCOPG,
        "psycopg.AsyncConnection": _PSYCOPG,
        "psycopg2.extensions.connection": _PSYCOPG,
        "psycopg_pool.ConnectionPool": _POOL,
        "psycopg_pool.AsyncConnectionPool": _POOL,
        "psycopg.Cursor": "psycopg.Cursor",
        "psycopg.AsyncCursor": "psycopg.Cursor",
        "psycopg2.extensions.cursor": "psycopg.Cursor",
    },
    errors=("psycopg", "psycopg2", "psycopg_pool"),
    exits=(_PSYCOPG, f"{_PSYCOPG}.transaction"),
    rows=(
        *_dbapi(_PSYCOPG, "psycopg.Cursor", commits=False),
        row(_POOL, "getconn connection", Act.HANDLE, handle=_PSYCOPG),
        row(_POOL, "putconn close open wait", Act.OPEN, gives=Gives.NONE),
    ),
)
ASYNCPG: Final = Library(
    name="asyncpg",
    makes={"asyncpg.connect": _ASYNCPG, "asyncpg.create_pool": _ASYNCPG_POOL},
    types={
        "asyncpg.Connection": _ASYNCPG,
        "asyncpg.connection.Connection": _ASYNCPG,
        "asyncpg.Pool": _ASYNCPG_POOL,
        "asyncpg.pool.Pool": _ASYNCPG_POOL,
    },
    errors=("asyncpg",),
    exits=("asyncpg.Transaction",),
    rows=tuple(
        one
        for kind in (_ASYNCPG, _ASYNCPG_POOL)
        for one in (
            row(kind, "fetch", Act.RUN, data=None),
            row(kind, "fetchrow fetchval", Act.RUN, gives=Gives.ROW, data=None),
            row(kind, "execute executemany copy_records_to_table", Act.RUN, data=None),
            row(kind, "transaction", Act.HANDLE, handle="asyncpg.Transaction"),
            row(kind, "acquire", Act.HANDLE, handle=_ASYNCPG),
            row(kind, "close release", Act.NOTHING, gives=Gives.NONE),
        )
    ),
)
SQLITE: Final = Library(
    name="sqlite",
    makes={"sqlite3.connect": _SQLITE, "aiosqlite.connect": _SQLITE, "pysqlite3.connect": _SQLITE},
    types={
        "sqlite3.Connection": _SQLITE,
        "aiosqlite.Connection": _SQLITE,
        "sqlite3.Cursor": "sqlite3.Cursor",
    },
    errors=("sqlite3", "aiosqlite"),
    exits=(_SQLITE,),
    rows=_dbapi(_SQLITE, "sqlite3.Cursor", commits=False),
)
MYSQL: Final = Library(
    name="mysql",
    makes={
        "pymysql.connect": _MYSQL,
        "MySQLdb.connect": _MYSQL,
        "mysql.connector.connect": _MYSQL,
        "aiomysql.connect": _MYSQL,
        "aiomysql.create_pool": "mysql.Pool",
        "mysql.connector.pooling.MySQLConnectionPool": "mysql.Pool",
    },
    errors=("pymysql", "MySQLdb", "mysql.connector", "aiomysql"),
    rows=(
        *_dbapi(_MYSQL, "mysql.Cursor", commits=False),
        row("mysql.Pool", "acquire get_connection", Act.HANDLE, handle=_MYSQL),
    ),
)
DATABASES: Final = Library(
    name="databases",
    makes={"databases.Database": "databases.Database"},
    types={"databases.Database": "databases.Database"},
    errors=("databases", "asyncpg", "sqlite3"),
    exits=("databases.Transaction",),
    rows=(
        row("databases.Database", "fetch_all iterate", Act.RUN, data=(1,)),
        row("databases.Database", "fetch_one fetch_val", Act.RUN, gives=Gives.ROW, data=(1,)),
        row("databases.Database", "execute execute_many", Act.RUN, data=(1,)),
        row("databases.Database", "transaction", Act.HANDLE, handle="databases.Transaction"),
        row("databases.Database", "connect disconnect", Act.OPEN, gives=Gives.NONE),
    ),
)
