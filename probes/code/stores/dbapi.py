"""Drivers that follow Python's database API (PEP 249): SQLite, MySQL, Oracle, SQL Server, DuckDB.

A connection writes what is committed. Which of them commit at the end of a `with` block differs by driver.
"""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, Row, row

_SQLITE: Final = "sqlite3.Connection"
_AIOSQLITE: Final = "aiosqlite.Connection"
_SQLITE_CURSOR: Final = "sqlite3.Cursor"
_MYSQL: Final = "mysql.Connection"
_MYSQL_CURSOR: Final = "mysql.Cursor"
_MYSQL_POOL: Final = "mysql.Pool"
_ODBC: Final = "pyodbc.Connection"
_ODBC_CURSOR: Final = "pyodbc.Cursor"
_ORACLE: Final = "oracledb.Connection"
_ORACLE_CURSOR: Final = "oracledb.Cursor"
_ORACLE_POOL: Final = "oracledb.Pool"
_DUCKDB: Final = "duckdb.Connection"


def connection(kind: str, cursor_kind: str, *, commits: bool = False) -> tuple[Row, ...]:
    """The rows of a connection, with what drivers add to the API."""
    return (
        row(kind, "cursor", Act.HANDLE, handle=cursor_kind),
        row(kind, "execute executemany executescript", Act.RUN, data=(1,), handle=cursor_kind, commits=commits),
        row(kind, "execute_fetchall execute_insert", Act.RUN, data=(1,), commits=commits),
        row(kind, "commit", Act.COMMIT, gives=Gives.NONE),
        row(kind, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(kind, "begin", Act.OPEN, gives=Gives.NONE),
        row(kind, "autocommit set_autocommit", Act.AUTOCOMMIT, gives=Gives.NONE),
        row(kind, "close ping create_function set_trace_callback", Act.NOTHING, gives=Gives.NONE),
    )


def cursor(kind: str, *, commits: bool = False) -> tuple[Row, ...]:
    """The rows of a cursor. What is fetched is what the last statement read."""
    return (
        row(kind, "execute executemany executescript callproc", Act.RUN, data=(1,), handle=kind, commits=commits),
        row(kind, "fetchone", Act.READ, gives=Gives.ROW),
        row(kind, "fetchall fetchmany []", Act.READ),
        row(kind, "close nextset", Act.NOTHING, gives=Gives.NONE),
    )


SQLITE: Final = Library(
    name="sqlite",
    makes={"sqlite3.connect": _SQLITE, "aiosqlite.connect": _AIOSQLITE, "pysqlite3.connect": _SQLITE},
    types={
        "sqlite3.Connection": _SQLITE,
        "aiosqlite.Connection": _AIOSQLITE,
        "aiosqlite.core.Connection": _AIOSQLITE,
        "sqlite3.Cursor": _SQLITE_CURSOR,
        "aiosqlite.Cursor": _SQLITE_CURSOR,
    },
    errors=("sqlite3", "aiosqlite"),
    exits=(_SQLITE,),
    rows=(*connection(_SQLITE, _SQLITE_CURSOR), *connection(_AIOSQLITE, _SQLITE_CURSOR), *cursor(_SQLITE_CURSOR)),
)
MYSQL: Final = Library(
    name="mysql",
    makes={
        "pymysql.connect": _MYSQL,
        "pymysql.Connection": _MYSQL,
        "MySQLdb.connect": _MYSQL,
        "mysql.connector.connect": _MYSQL,
        "mysql.connector.aio.connect": _MYSQL,
        "asyncmy.connect": _MYSQL,
        "aiomysql.connect": _MYSQL,
        "aiomysql.create_pool": _MYSQL_POOL,
        "asyncmy.create_pool": _MYSQL_POOL,
        "mysql.connector.pooling.MySQLConnectionPool": _MYSQL_POOL,
        "flask_mysqldb.MySQL": "flask_mysqldb.MySQL",
        "flaskext.mysql.MySQL": "flask_mysqldb.MySQL",
    },
    types={
        "pymysql.connections.Connection": _MYSQL,
        "pymysql.Connection": _MYSQL,
        "mysql.connector.connection.MySQLConnection": _MYSQL,
        "mysql.connector.MySQLConnection": _MYSQL,
        "aiomysql.Connection": _MYSQL,
        "aiomysql.Pool": _MYSQL_POOL,
    },
    attributes={("flask_mysqldb.MySQL", "connection"): _MYSQL},
    errors=("pymysql", "MySQLdb", "mysql.connector", "aiomysql", "asyncmy"),
    rows=(
        *connection(_MYSQL, _MYSQL_CURSOR),
        *cursor(_MYSQL_CURSOR),
        row(_MYSQL, "is_connected reconnect", Act.OPEN, gives=Gives.NONE),
        row(_MYSQL_POOL, "acquire get_connection", Act.HANDLE, handle=_MYSQL),
        row(_MYSQL_POOL, "close release wait_closed terminate", Act.NOTHING, gives=Gives.NONE),
        row("flask_mysqldb.MySQL", "get_db connect", Act.HANDLE, handle=_MYSQL),
        row("flask_mysqldb.MySQL", "init_app", Act.NOTHING, gives=Gives.NONE),
    ),
)
ODBC: Final = Library(
    name="odbc",
    makes={"pyodbc.connect": _ODBC, "pymssql.connect": _ODBC, "aioodbc.connect": _ODBC},
    types={"pyodbc.Connection": _ODBC, "pyodbc.Cursor": _ODBC_CURSOR},
    errors=("pyodbc", "pymssql", "aioodbc"),
    exits=(_ODBC,),
    rows=(
        *connection(_ODBC, _ODBC_CURSOR),
        *cursor(_ODBC_CURSOR),
        row(_ODBC_CURSOR, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_ODBC_CURSOR, "fetchval", Act.READ, gives=Gives.ROW),
    ),
)
ORACLE: Final = Library(
    name="oracle",
    makes={
        "oracledb.connect": _ORACLE,
        "oracledb.connect_async": _ORACLE,
        "cx_Oracle.connect": _ORACLE,
        "oracledb.create_pool": _ORACLE_POOL,
        "oracledb.create_pool_async": _ORACLE_POOL,
        "cx_Oracle.SessionPool": _ORACLE_POOL,
    },
    types={"oracledb.Connection": _ORACLE, "oracledb.ConnectionPool": _ORACLE_POOL},
    errors=("oracledb", "cx_Oracle"),
    rows=(
        *connection(_ORACLE, _ORACLE_CURSOR),
        *cursor(_ORACLE_CURSOR),
        row(_ORACLE_POOL, "acquire", Act.HANDLE, handle=_ORACLE),
        row(_ORACLE_POOL, "release close", Act.NOTHING, gives=Gives.NONE),
    ),
)
DUCKDB: Final = Library(
    name="duckdb",
    makes={"duckdb.connect": _DUCKDB},
    types={"duckdb.DuckDBPyConnection": _DUCKDB},
    errors=("duckdb",),
    rows=(
        row(_DUCKDB, "execute executemany sql query", Act.RUN, data=(1,), handle=_DUCKDB),
        row(_DUCKDB, "fetchone", Act.READ, gives=Gives.ROW),
        row(_DUCKDB, "fetchall fetchmany df fetchdf fetch_df pl arrow", Act.READ),
        row(_DUCKDB, "cursor", Act.HANDLE, handle=_DUCKDB),
        row(_DUCKDB, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_DUCKDB, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(_DUCKDB, "begin close install_extension load_extension", Act.NOTHING, gives=Gives.NONE),
    ),
)
