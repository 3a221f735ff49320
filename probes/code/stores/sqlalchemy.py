"""SQLAlchemy 1.4 and 2, SQLModel, Flask-SQLAlchemy and Alchemical: a session writes what is committed."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, Row, row

_SESSION: Final = "sqlalchemy.Session"
_CONNECTION: Final = "sqlalchemy.Connection"
_ENGINE: Final = "sqlalchemy.Engine"
_MAKER: Final = "sqlalchemy.sessionmaker"
_QUERY: Final = "sqlalchemy.Query"
_RESULT: Final = "sqlalchemy.Result"
_TABLE: Final = "sqlalchemy.Table"
_MODEL: Final = "sqlalchemy.Model"
_BASE: Final = "sqlalchemy.Base"
_TRANSACTION: Final = "sqlalchemy.Transaction"
_SAVEPOINT: Final = "sqlalchemy.Savepoint"
"""A part of a transaction: its end commits nothing."""
_CURSOR: Final = "sqlalchemy.Cursor"
"""A cursor of the driver beneath (`engine.raw_connection().cursor()`)."""
_FLASK: Final = "flask_sqlalchemy.SQLAlchemy"
_ALCHEMICAL: Final = "sqlalchemy.Alchemical"
_ALCHEMICAL_MODEL: Final = "sqlalchemy.Alchemical.Model"
"""A model that makes its own statements."""
_ALL: Final = None

_SESSION_TYPES: Final = (
    "sqlalchemy.orm.Session",
    "sqlalchemy.orm.session.Session",
    "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.session.AsyncSession",
    "sqlalchemy.orm.scoped_session",
    "sqlalchemy.orm.scoping.scoped_session",
    "sqlmodel.Session",
    "sqlmodel.ext.asyncio.session.AsyncSession",
)
_ALCHEMICAL_MODULES: Final = ("alchemical", "alchemical.flask", "alchemical.aio")
_MODULES: Final = ("sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression", "sqlmodel")
_BUILDERS: Final = (*_MODULES, "sqlalchemy.future", "sqlalchemy.orm")
_WRITERS: Final = (
    *_MODULES,
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.sqlite",
)
_CHAIN: Final = (
    "filter filter_by order_by limit offset join outerjoin options group_by having distinct with_for_update"
    " select_from with_entities where subquery populate_existing execution_options params union union_all intersect"
    " except_ add_columns add_entity slice from_statement yield_per cte enable_eagerloads reset_joinpoint correlate"
    " autoflush tuples exists"
)
_WHOLE_ROWS: Final = "scalars unique mappings tuples columns yield_per freeze partitions"
_ENDS: Final = (
    "all first one one_or_none scalar scalar_one scalar_one_or_none fetchone fetchall fetchmany next fetchval"
    " fetchrow to_list"
)


def _builders(on: str) -> tuple[Row, ...]:
    """What builds statements."""
    return (
        row(on, "select exists union union_all", Act.BUILD_READ, table=0),
        row(on, "insert update delete", Act.BUILD_WRITE, table=0, commits=False),
        row(on, "text", Act.BUILD_SQL, commits=False),
    )


def _executes(on: str, members: str) -> Row:
    return row(on, members, Act.RUN, data=(1,), commits=False, handle=_RESULT)


LIBRARY: Final = Library(
    name="sqlalchemy",
    makes={
        "sqlalchemy.create_engine": _ENGINE,
        "sqlmodel.create_engine": _ENGINE,
        "sqlalchemy.engine.create_engine": _ENGINE,
        "sqlalchemy.engine_from_config": _ENGINE,
        "sqlalchemy.ext.asyncio.create_async_engine": _ENGINE,
        "sqlalchemy.ext.asyncio.async_engine_from_config": _ENGINE,
        "sqlalchemy.orm.sessionmaker": _MAKER,
        "sqlalchemy.ext.asyncio.async_sessionmaker": _MAKER,
        "sqlalchemy.ext.asyncio.async_scoped_session": _SESSION,
        "sqlalchemy.orm.create_session": _SESSION,
        "sqlalchemy.orm.object_session": _SESSION,
        "sqlalchemy.inspect": "sqlalchemy.Inspector",
        "sqlalchemy.orm.declarative_base": _BASE,
        "sqlalchemy.ext.declarative.declarative_base": _BASE,
        "sqlalchemy.ext.automap.automap_base": _BASE,
        "sqlalchemy.Table": _TABLE,
        "sqlalchemy.schema.Table": _TABLE,
        "sqlalchemy.table": _TABLE,
        "flask_sqlalchemy.SQLAlchemy": _FLASK,
        **{f"{module}.Alchemical": _ALCHEMICAL for module in _ALCHEMICAL_MODULES},
        **dict.fromkeys(_SESSION_TYPES, _SESSION),
    },
    types={
        **dict.fromkeys(_SESSION_TYPES, _SESSION),
        "sqlalchemy.engine.Engine": _ENGINE,
        "sqlalchemy.engine.base.Engine": _ENGINE,
        "sqlalchemy.Engine": _ENGINE,
        "sqlalchemy.ext.asyncio.AsyncEngine": _ENGINE,
        "sqlalchemy.engine.Connection": _CONNECTION,
        "sqlalchemy.engine.base.Connection": _CONNECTION,
        "sqlalchemy.Connection": _CONNECTION,
        "sqlalchemy.ext.asyncio.AsyncConnection": _CONNECTION,
        "sqlalchemy.orm.Query": _QUERY,
        "sqlalchemy.orm.sessionmaker": _MAKER,
        "sqlalchemy.ext.asyncio.async_sessionmaker": _MAKER,
        "sqlalchemy.ext.asyncio.async_scoped_session": _SESSION,
        "flask_sqlalchemy.SQLAlchemy": _FLASK,
    },
    models={
        "sqlalchemy.orm.DeclarativeBase": _MODEL,
        "sqlalchemy.orm.DeclarativeBaseNoMeta": _MODEL,
        "sqlalchemy.orm.MappedAsDataclass": _MODEL,
        "sqlalchemy.ext.asyncio.AsyncAttrs": _MODEL,
        "sqlmodel.SQLModel": _MODEL,
        _BASE: _MODEL,
        f"{_FLASK}.Model": _MODEL,
        f"{_ALCHEMICAL}.Model": _ALCHEMICAL_MODEL,
        **{f"{module}.Model": _ALCHEMICAL_MODEL for module in _ALCHEMICAL_MODULES},
    },
    attributes={
        (_FLASK, "session"): _SESSION,
        (_FLASK, "engine"): _ENGINE,
        (_FLASK, "Model"): f"{_FLASK}.Model",
        (_ALCHEMICAL, "session"): _SESSION,
        (_ALCHEMICAL, "Session"): _MAKER,
        (_ALCHEMICAL, "Model"): f"{_ALCHEMICAL}.Model",
        (_MODEL, "query"): _QUERY,
        (_MODEL, "__table__"): _TABLE,
        (_SESSION, "bind"): _ENGINE,
        (_CONNECTION, "engine"): _ENGINE,
    },
    exits=(_TRANSACTION,),
    asynchronous=(
        "sqlalchemy.ext.asyncio.AsyncSession",
        "sqlalchemy.ext.asyncio.session.AsyncSession",
        "sqlalchemy.ext.asyncio.async_sessionmaker",
        "sqlalchemy.ext.asyncio.async_scoped_session",
        "sqlmodel.ext.asyncio.session.AsyncSession",
    ),
    awaits={
        _SESSION: "execute scalars scalar exec stream stream_scalars get get_one merge delete flush commit rollback"
        " refresh close connection"
    },
    lacks={_SESSION: "query bulk_save_objects bulk_insert_mappings bulk_update_mappings"},
    errors=("sqlalchemy.exc", "sqlalchemy.orm.exc", "psycopg", "psycopg2", "asyncpg"),
    rows=(
        *(one for on in _BUILDERS for one in _builders(on)[:1]),
        *(one for on in _WRITERS for one in _builders(on)[1:]),
        *_builders(_FLASK),
        row(_TABLE, "select", Act.BUILD_READ),
        row(_TABLE, "insert update delete", Act.BUILD_WRITE, commits=False),
        row(_TABLE, "join outerjoin alias", Act.HANDLE, handle=_TABLE),
        row(_TABLE, "create drop", Act.OPEN, gives=Gives.NONE),
        row(_MAKER, "()", Act.HANDLE, handle=_SESSION),
        row(_MAKER, "begin", Act.HANDLE, handle=_SESSION, exits=True),
        row(_MAKER, "configure close_all", Act.NOTHING, gives=Gives.NONE),
        row(_ENGINE, "connect", Act.OPEN, gives=Gives.HANDLE, handle=_CONNECTION),
        row(_ENGINE, "raw_connection", Act.OPEN, gives=Gives.HANDLE, handle=_CONNECTION),
        row(_ENGINE, "begin", Act.OPEN, gives=Gives.HANDLE, handle=_CONNECTION, exits=True),
        row(_ENGINE, "execution_options", Act.HANDLE, handle=_ENGINE),
        row(_ENGINE, "dispose", Act.NOTHING, gives=Gives.NONE),
        row(_ENGINE, "execute scalar", Act.RUN, data=(1,), handle=_RESULT),
        _executes(_CONNECTION, "execute exec_driver_sql stream scalar scalars stream_scalars"),
        row(_CONNECTION, "cursor", Act.HANDLE, handle=_CURSOR),
        row(_CONNECTION, "execution_options get_raw_connection", Act.HANDLE, handle=_CONNECTION),
        row(_CONNECTION, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_CONNECTION, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(_CONNECTION, "begin", Act.HANDLE, handle=_TRANSACTION),
        row(_CONNECTION, "begin_nested", Act.HANDLE, handle=_SAVEPOINT),
        row(_CONNECTION, "run_sync", Act.CALL),
        row(_CONNECTION, "close detach invalidate", Act.NOTHING, gives=Gives.NONE),
        _executes(_CURSOR, "execute executemany callproc"),
        row(_CURSOR, "fetchone", Act.READ, gives=Gives.ROW),
        row(_CURSOR, "fetchall fetchmany", Act.READ),
        row(_CURSOR, "close", Act.NOTHING, gives=Gives.NONE),
        _executes(_SESSION, "execute scalars scalar exec stream stream_scalars"),
        row(_SESSION, "get get_one", Act.READ, gives=Gives.ROW, table=0),
        row(_SESSION, "query", Act.HANDLE, handle=_QUERY, table=0),
        row(_SESSION, "add add_all merge", Act.STAGE, gives=Gives.SAME, data=_ALL, commits=False),
        row(
            _SESSION,
            "bulk_save_objects bulk_insert_mappings bulk_update_mappings",
            Act.STAGE,
            data=_ALL,
            commits=False,
            table=0,
        ),
        row(_SESSION, "delete", Act.STAGE, gives=Gives.NONE, data=_ALL, commits=False),
        row(_SESSION, "flush", Act.FLUSH, gives=Gives.NONE),
        row(_SESSION, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_SESSION, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(_SESSION, "refresh", Act.OPEN, gives=Gives.NONE),
        row(_SESSION, "begin", Act.HANDLE, handle=_TRANSACTION),
        row(_SESSION, "begin_nested", Act.HANDLE, handle=_SAVEPOINT),
        row(_TRANSACTION, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_TRANSACTION, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(_TRANSACTION, "close start", Act.NOTHING, gives=Gives.NONE),
        row(_SAVEPOINT, "commit rollback close start", Act.NOTHING, gives=Gives.NONE),
        row(_SESSION, "close aclose remove expunge expire expire_all expunge_all", Act.NOTHING, gives=Gives.NONE),
        row(_SESSION, "connection get_bind", Act.HANDLE, handle=_CONNECTION),
        row(_SESSION, "run_sync", Act.CALL),
        row(_SESSION, "() registry", Act.HANDLE, handle=_SESSION),
        row(_RESULT, _WHOLE_ROWS, Act.ROWS, handle=_RESULT),
        row(_RESULT, _ENDS, Act.ROWS),
        row(_RESULT, "[]", Act.ROWS),
        row(_RESULT, "close", Act.NOTHING, gives=Gives.NONE),
        row(_QUERY, _CHAIN, Act.HANDLE, handle=_QUERY),
        row(_QUERY, "all paginate values [] __iter__", Act.READ),
        row(_QUERY, "first one one_or_none get scalar value", Act.READ, gives=Gives.ROW),
        row(_QUERY, "first_or_404 get_or_404 one_or_404", Act.READ, gives=Gives.ROW),
        row(_QUERY, "count", Act.READ, gives=Gives.COUNT),
        row(_QUERY, "update", Act.WRITE, gives=Gives.COUNT, data=(0,), commits=False),
        row(_QUERY, "delete", Act.WRITE, gives=Gives.COUNT, commits=False),
        row(_FLASK, "paginate first_or_404 one_or_404", Act.RUN, handle=_RESULT),
        row(_FLASK, "get_or_404", Act.READ, gives=Gives.ROW, table=0),
        row(_FLASK, "create_all drop_all reflect", Act.OPEN, gives=Gives.NONE),
        row(_FLASK, "init_app", Act.NOTHING, gives=Gives.NONE),
        row(_FLASK, "Table", Act.HANDLE, handle=_TABLE, table=0),
        row(_ALCHEMICAL, "begin", Act.HANDLE, handle=_SESSION, exits=True),
        row(_ALCHEMICAL, "create_all drop_all", Act.OPEN, gives=Gives.NONE),
        row(_ALCHEMICAL, "init_app initialize", Act.NOTHING, gives=Gives.NONE),
        row(_ALCHEMICAL_MODEL, "select", Act.BUILD_READ),
        row(_ALCHEMICAL_MODEL, "update delete", Act.BUILD_WRITE, commits=False),
        row("sqlalchemy.Inspector", "get_table_names get_columns has_table get_schema_names", Act.READ),
    ),
)
