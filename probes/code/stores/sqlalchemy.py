"""SQLAlchemy 1.4 and 2 (core, ORM, async), SQLModel and Flask-SQLAlchemy: a session writes what is committed."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, row

_SESSION: Final = "sqlalchemy.Session"
_CONNECTION: Final = "sqlalchemy.Connection"
_ENGINE: Final = "sqlalchemy.Engine"
_MAKER: Final = "sqlalchemy.sessionmaker"
_QUERY: Final = "sqlalchemy.Query"
_MODEL: Final = "sqlalchemy.Model"
_BASE: Final = "sqlalchemy.Base"
_TRANSACTION: Final = "sqlalchemy.Transaction"
_SAVEPOINT: Final = "sqlalchemy.Savepoint"
"""A part of a transaction: its end commits nothing."""
_FLASK: Final = "flask_sqlalchemy.SQLAlchemy"
_ALL: Final = None

_SESSION_TYPES: Final = (
    "sqlalchemy.orm.Session",
    "sqlalchemy.orm.session.Session",
    "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.session.AsyncSession",
    "sqlalchemy.orm.scoped_session",
    "sqlmodel.Session",
    "sqlmodel.ext.asyncio.session.AsyncSession",
)
_BUILDERS: Final = (
    "sqlalchemy",
    "sqlalchemy.future",
    "sqlalchemy.sql",
    "sqlalchemy.sql.expression",
    "sqlmodel",
    "sqlalchemy.orm",
)
_WRITERS: Final = (
    "sqlalchemy",
    "sqlalchemy.sql",
    "sqlalchemy.sql.expression",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.sqlite",
    "sqlmodel",
)

LIBRARY: Final = Library(
    name="sqlalchemy",
    makes={
        "sqlalchemy.create_engine": _ENGINE,
        "sqlmodel.create_engine": _ENGINE,
        "sqlalchemy.engine_from_config": _ENGINE,
        "sqlalchemy.ext.asyncio.create_async_engine": _ENGINE,
        "sqlalchemy.ext.asyncio.async_engine_from_config": _ENGINE,
        "sqlalchemy.orm.sessionmaker": _MAKER,
        "sqlalchemy.ext.asyncio.async_sessionmaker": _MAKER,
        "sqlalchemy.ext.asyncio.async_scoped_session": _SESSION,
        "sqlalchemy.orm.declarative_base": _BASE,
        "sqlalchemy.ext.declarative.declarative_base": _BASE,
        "sqlalchemy.ext.automap.automap_base": _BASE,
        "flask_sqlalchemy.SQLAlchemy": _FLASK,
        **dict.fromkeys(_SESSION_TYPES, _SESSION),
    },
    types={
        **dict.fromkeys(_SESSION_TYPES, _SESSION),
        "sqlalchemy.engine.Engine": _ENGINE,
        "sqlalchemy.Engine": _ENGINE,
        "sqlalchemy.ext.asyncio.AsyncEngine": _ENGINE,
        "sqlalchemy.engine.Connection": _CONNECTION,
        "sqlalchemy.Connection": _CONNECTION,
        "sqlalchemy.ext.asyncio.AsyncConnection": _CONNECTION,
        "sqlalchemy.orm.Query": _QUERY,
        "sqlalchemy.orm.sessionmaker": _MAKER,
        "sqlalchemy.ext.asyncio.async_sessionmaker": _MAKER,
        "flask_sqlalchemy.SQLAlchemy": _FLASK,
    },
    models={
        "sqlalchemy.orm.DeclarativeBase": _MODEL,
        "sqlalchemy.orm.DeclarativeBaseNoMeta": _MODEL,
        "sqlalchemy.ext.asyncio.AsyncAttrs": _MODEL,
        "sqlmodel.SQLModel": _MODEL,
        _BASE: _MODEL,
        f"{_FLASK}.Model": _MODEL,
    },
    attributes={
        (_FLASK, "session"): _SESSION,
        (_FLASK, "engine"): _ENGINE,
        (_FLASK, "Model"): f"{_FLASK}.Model",
        (_MODEL, "query"): _QUERY,
    },
    exits=(_TRANSACTION,),
    errors=("sqlalchemy.exc", "sqlalchemy.orm.exc", "psycopg", "psycopg2", "asyncpg"),
    rows=(
        *(row(module, "select exists", Act.BUILD_READ, table=0) for module in _BUILDERS),
        *(row(module, "insert update delete", Act.BUILD_WRITE, table=0, commits=False) for module in _WRITERS),
        *(row(module, "text", Act.BUILD_SQL, commits=False) for module in _WRITERS),
        row(_MAKER, "()", Act.HANDLE, handle=_SESSION),
        row(_MAKER, "begin", Act.HANDLE, handle=_SESSION, exits=True),
        row(_ENGINE, "connect raw_connection", Act.OPEN, gives=Gives.HANDLE, handle=_CONNECTION),
        row(_ENGINE, "begin", Act.OPEN, gives=Gives.HANDLE, handle=_CONNECTION, exits=True),
        row(_ENGINE, "dispose", Act.NOTHING, gives=Gives.NONE),
        row(_ENGINE, "execute", Act.RUN, data=(1,)),
        row(_CONNECTION, "execute exec_driver_sql stream", Act.RUN, data=(1,), commits=False),
        row(_CONNECTION, "scalar scalars", Act.RUN, data=(1,), commits=False),
        row(_CONNECTION, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_CONNECTION, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(_CONNECTION, "begin", Act.HANDLE, handle=_TRANSACTION),
        row(_CONNECTION, "begin_nested", Act.HANDLE, handle=_SAVEPOINT),
        row(_CONNECTION, "close", Act.NOTHING, gives=Gives.NONE),
        row(_SESSION, "execute scalars scalar exec stream stream_scalars", Act.RUN, data=(1,), commits=False),
        row(_SESSION, "get get_one", Act.READ, gives=Gives.ROW, table=0),
        row(_SESSION, "query", Act.HANDLE, handle=_QUERY, table=0),
        row(_SESSION, "add add_all merge", Act.STAGE, gives=Gives.SAME, data=_ALL, commits=False),
        row(
            _SESSION, "bulk_save_objects bulk_insert_mappings bulk_update_mappings", Act.STAGE, data=_ALL, commits=False
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
        row(_SESSION, "close remove expunge expire expire_all expunge_all", Act.NOTHING, gives=Gives.NONE),
        row(_SESSION, "connection get_bind", Act.HANDLE, handle=_CONNECTION),
        row(_SESSION, "()", Act.HANDLE, handle=_SESSION),
        row(
            _QUERY,
            "filter filter_by order_by limit offset join outerjoin options group_by having",
            Act.HANDLE,
            handle=_QUERY,
        ),
        row(_QUERY, "distinct with_for_update select_from with_entities where subquery", Act.HANDLE, handle=_QUERY),
        row(_QUERY, "all paginate yield_per", Act.READ),
        row(_QUERY, "first one one_or_none get scalar first_or_404 get_or_404", Act.READ, gives=Gives.ROW),
        row(_QUERY, "count exists", Act.READ, gives=Gives.COUNT),
        row(_QUERY, "update", Act.WRITE, gives=Gives.COUNT, data=(0,), commits=False),
        row(_QUERY, "delete", Act.WRITE, gives=Gives.COUNT, commits=False),
    ),
)
