"""PostgreSQL drivers of Python, and `databases`: what runs is told by the first word of the SQL text."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, row
from assay.probes.code.stores.dbapi import connection, cursor

_PSYCOPG: Final = "psycopg.Connection"
_CURSOR: Final = "psycopg.Cursor"
_COPY: Final = "psycopg.Copy"
_POOL: Final = "psycopg.Pool"
_TRANSACTION: Final = "psycopg.Transaction"
_ASYNCPG: Final = "asyncpg.Connection"
_ASYNCPG_POOL: Final = "asyncpg.Pool"
_STATEMENT: Final = "asyncpg.PreparedStatement"
_DATABASES: Final = "databases.Database"

PSYCOPG: Final = Library(
    name="psycopg",
    makes={
        "psycopg2.connect": _PSYCOPG,
        "psycopg.connect": _PSYCOPG,
        "psycopg.Connection.connect": _PSYCOPG,
        "psycopg.AsyncConnection.connect": _PSYCOPG,
        "psycopg2.pool.SimpleConnectionPool": _POOL,
        "psycopg2.pool.ThreadedConnectionPool": _POOL,
        "psycopg2.pool.PersistentConnectionPool": _POOL,
        "psycopg_pool.ConnectionPool": _POOL,
        "psycopg_pool.AsyncConnectionPool": _POOL,
        "psycopg_pool.NullConnectionPool": _POOL,
    },
    types={
        "psycopg.Connection": _PSYCOPG,
        "psycopg.AsyncConnection": _PSYCOPG,
        "psycopg2.extensions.connection": _PSYCOPG,
        "psycopg_pool.ConnectionPool": _POOL,
        "psycopg_pool.AsyncConnectionPool": _POOL,
        "psycopg2.pool.SimpleConnectionPool": _POOL,
        "psycopg2.pool.ThreadedConnectionPool": _POOL,
        "psycopg.Cursor": _CURSOR,
        "psycopg.AsyncCursor": _CURSOR,
        "psycopg2.extensions.cursor": _CURSOR,
        "psycopg2.extras.RealDictCursor": _CURSOR,
        "psycopg2.extras.DictCursor": _CURSOR,
    },
    errors=("psycopg", "psycopg2", "psycopg_pool"),
    exits=(_PSYCOPG, _TRANSACTION),
    rows=(
        *connection(_PSYCOPG, _CURSOR),
        row(_PSYCOPG, "transaction", Act.HANDLE, handle=_TRANSACTION),
        row(_PSYCOPG, "set_session set_isolation_level", Act.AUTOCOMMIT, gives=Gives.NONE),
        *cursor(_CURSOR),
        row(_CURSOR, "copy", Act.RUN, data=(1,), handle=_COPY, commits=False),
        row(_CURSOR, "copy_expert", Act.RUN, data=(1,), commits=False),
        row(_CURSOR, "copy_from", Act.WRITE, gives=Gives.NONE, data=(0,), commits=False, table=1),
        row(_CURSOR, "copy_to", Act.READ, gives=Gives.NONE, table=1),
        row(_CURSOR, "stream", Act.RUN, data=(1,), commits=False),
        row(_CURSOR, "mogrify", Act.NOTHING, gives=Gives.SAME),
        row(_COPY, "write write_row", Act.WRITE, gives=Gives.NONE, data=(0,), commits=False),
        row(_COPY, "rows read read_row []", Act.READ),
        row(_POOL, "getconn connection", Act.HANDLE, handle=_PSYCOPG),
        row(_POOL, "putconn close closeall open wait check", Act.OPEN, gives=Gives.NONE),
        row(
            "psycopg2.extras",
            "execute_values execute_batch",
            Act.RUN,
            data=(2,),
            commits=False,
            statement=1,
            through=True,
        ),
        row("psycopg.sql", "SQL", Act.NOTHING, gives=Gives.SAME),
        row("psycopg2.sql", "SQL", Act.NOTHING, gives=Gives.SAME),
    ),
)
ASYNCPG: Final = Library(
    name="asyncpg",
    makes={"asyncpg.connect": _ASYNCPG, "asyncpg.create_pool": _ASYNCPG_POOL},
    types={
        "asyncpg.Connection": _ASYNCPG,
        "asyncpg.connection.Connection": _ASYNCPG,
        "asyncpg.pool.PoolConnectionProxy": _ASYNCPG,
        "asyncpg.Pool": _ASYNCPG_POOL,
        "asyncpg.pool.Pool": _ASYNCPG_POOL,
    },
    errors=("asyncpg",),
    exits=("asyncpg.Transaction",),
    rows=(
        *(
            one
            for kind in (_ASYNCPG, _ASYNCPG_POOL)
            for one in (
                row(kind, "fetch", Act.RUN, data=None),
                row(kind, "fetchrow fetchval", Act.RUN, gives=Gives.ROW, data=None),
                row(kind, "execute executemany fetchmany", Act.RUN, data=None),
                row(kind, "copy_records_to_table copy_to_table", Act.WRITE, gives=Gives.COUNT, data=None, table=0),
                row(kind, "copy_from_query copy_from_table", Act.READ),
                row(kind, "close terminate release", Act.NOTHING, gives=Gives.NONE),
            )
        ),
        row(_ASYNCPG, "transaction", Act.HANDLE, handle="asyncpg.Transaction"),
        row(_ASYNCPG, "cursor", Act.RUN, data=None),
        row(_ASYNCPG, "prepare", Act.HANDLE, handle=_STATEMENT),
        row(_ASYNCPG, "set_type_codec add_listener", Act.OPEN, gives=Gives.NONE),
        row(_ASYNCPG_POOL, "acquire", Act.HANDLE, handle=_ASYNCPG),
        row(_STATEMENT, "fetch fetchrow fetchval cursor", Act.READ),
        row("asyncpg.Transaction", "commit", Act.COMMIT, gives=Gives.NONE),
        row("asyncpg.Transaction", "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row("asyncpg.Transaction", "start", Act.NOTHING, gives=Gives.NONE),
    ),
)
DATABASES: Final = Library(
    name="databases",
    makes={"databases.Database": _DATABASES, "quart_db.QuartDB": _DATABASES},
    types={
        "databases.Database": _DATABASES,
        "databases.core.Database": _DATABASES,
        "quart_db.QuartDB": _DATABASES,
        "quart_db.Connection": _DATABASES,
        "quart_db.interfaces.ConnectionABC": _DATABASES,
    },
    errors=("databases", "quart_db", "asyncpg", "sqlite3"),
    exits=("databases.Transaction",),
    rows=(
        row(_DATABASES, "fetch_all iterate", Act.RUN, data=(1,)),
        row(_DATABASES, "fetch_one fetch_val", Act.RUN, gives=Gives.ROW, data=(1,)),
        row(_DATABASES, "execute execute_many", Act.RUN, data=(1,)),
        row(_DATABASES, "transaction", Act.HANDLE, handle="databases.Transaction"),
        row(_DATABASES, "connection acquire", Act.HANDLE, handle=_DATABASES),
        row(_DATABASES, "connect disconnect", Act.OPEN, gives=Gives.NONE),
        row(_DATABASES, "init_app release", Act.NOTHING, gives=Gives.NONE),
        row("databases.Transaction", "commit", Act.COMMIT, gives=Gives.NONE),
        row("databases.Transaction", "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row("databases.Transaction", "start", Act.NOTHING, gives=Gives.NONE),
    ),
)
