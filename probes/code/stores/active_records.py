"""Object mappers whose models save themselves, each write at once: peewee, Tortoise, ormar, odmantic."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, row

_PEEWEE: Final = "peewee.Model"
_PEEWEE_QUERY: Final = "peewee.Query"
_PEEWEE_DATABASE: Final = "peewee.Database"
_TORTOISE: Final = "tortoise.Model"
_TORTOISE_SET: Final = "tortoise.QuerySet"
_TORTOISE_CLIENT: Final = "tortoise.Client"
_ORMAR: Final = "ormar.Model"
_ORMAR_SET: Final = "ormar.QuerySet"
_ODMANTIC: Final = "odmantic.AIOEngine"
_ALL: Final = None

PEEWEE: Final = Library(
    name="peewee",
    models={"peewee.Model": _PEEWEE, "playhouse.signals.Model": _PEEWEE, "playhouse.flask_utils.FlaskDB": _PEEWEE},
    makes={
        "peewee.SqliteDatabase": _PEEWEE_DATABASE,
        "peewee.PostgresqlDatabase": _PEEWEE_DATABASE,
        "peewee.MySQLDatabase": _PEEWEE_DATABASE,
        "playhouse.pool.PooledPostgresqlDatabase": _PEEWEE_DATABASE,
        "playhouse.pool.PooledPostgresqlExtDatabase": _PEEWEE_DATABASE,
        "playhouse.pool.PooledMySQLDatabase": _PEEWEE_DATABASE,
        "playhouse.postgres_ext.PostgresqlExtDatabase": _PEEWEE_DATABASE,
        "playhouse.db_url.connect": _PEEWEE_DATABASE,
        "peewee.DatabaseProxy": _PEEWEE_DATABASE,
        "peewee.Proxy": _PEEWEE_DATABASE,
    },
    types={"peewee.ModelSelect": _PEEWEE_QUERY},
    errors=("peewee",),
    rows=(
        row(_PEEWEE, "select filter raw", Act.HANDLE, handle=_PEEWEE_QUERY),
        row(_PEEWEE, "get get_or_none get_by_id", Act.READ, gives=Gives.ROW),
        row(_PEEWEE, "get_or_create", Act.WRITE, gives=Gives.ROW, data=_ALL),
        row(_PEEWEE, "create insert_many bulk_create bulk_update set_by_id", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_PEEWEE, "insert update replace replace_many", Act.BUILD_WRITE, lazy=True, data=_ALL),
        row(_PEEWEE, "delete", Act.BUILD_WRITE, lazy=True),
        row(_PEEWEE, "delete_by_id delete_instance", Act.WRITE, gives=Gives.COUNT),
        row(_PEEWEE, "save", Act.STAGE, gives=Gives.COUNT),
        row(_PEEWEE, "create_table drop_table table_exists", Act.OPEN, gives=Gives.NONE),
        row(
            _PEEWEE_QUERY,
            "where order_by limit offset join join_from switch group_by having distinct paginate dicts tuples"
            " namedtuples objects prefetch with_cte select filter alias for_update",
            Act.HANDLE,
            handle=_PEEWEE_QUERY,
        ),
        row(_PEEWEE_QUERY, "get first get_or_none scalar", Act.READ, gives=Gives.ROW),
        row(_PEEWEE_QUERY, "count exists", Act.READ, gives=Gives.COUNT),
        row(_PEEWEE_QUERY, "execute iterator []", Act.READ),
        row(_PEEWEE_DATABASE, "execute_sql execute", Act.RUN, data=(1,), handle="peewee.Cursor"),
        row("peewee.Cursor", "fetchone", Act.READ, gives=Gives.ROW),
        row("peewee.Cursor", "fetchall fetchmany []", Act.READ),
        row(_PEEWEE_DATABASE, "atomic transaction", Act.HANDLE, handle="peewee.Transaction"),
        row(_PEEWEE_DATABASE, "connection_context", Act.HANDLE, handle=_PEEWEE_DATABASE),
        row(_PEEWEE_DATABASE, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_PEEWEE_DATABASE, "rollback", Act.ROLLBACK, gives=Gives.NONE),
        row(_PEEWEE_DATABASE, "connect create_tables drop_tables", Act.OPEN, gives=Gives.NONE),
        row(_PEEWEE_DATABASE, "close is_closed initialize init", Act.NOTHING, gives=Gives.NONE),
        row("peewee.Transaction", "commit", Act.COMMIT, gives=Gives.NONE),
        row("peewee.Transaction", "rollback", Act.ROLLBACK, gives=Gives.NONE),
    ),
)
TORTOISE: Final = Library(
    name="tortoise",
    models={"tortoise.models.Model": _TORTOISE, "tortoise.Model": _TORTOISE},
    makes={
        "tortoise.connections.get": _TORTOISE_CLIENT,
        "tortoise.Tortoise.get_connection": _TORTOISE_CLIENT,
        "tortoise.transactions.in_transaction": _TORTOISE_CLIENT,
    },
    types={"tortoise.queryset.QuerySet": _TORTOISE_SET},
    errors=("tortoise.exceptions",),
    rows=(
        *(
            one
            for kind in (_TORTOISE, _TORTOISE_SET)
            for one in (
                row(kind, "all filter exclude annotate", Act.READ, handle=_TORTOISE_SET),
                row(kind, "first get get_or_none earliest latest", Act.READ, gives=Gives.ROW, handle=_TORTOISE_SET),
            )
        ),
        row(_TORTOISE, "raw", Act.READ),
        row(_TORTOISE, "exists", Act.READ, gives=Gives.COUNT),
        row(_TORTOISE, "create bulk_create bulk_update", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_TORTOISE, "get_or_create update_or_create", Act.WRITE, gives=Gives.ROW, data=_ALL),
        row(_TORTOISE, "save", Act.STAGE, gives=Gives.NONE),
        row(_TORTOISE, "update_from_dict", Act.NOTHING, gives=Gives.SAME),
        row(_TORTOISE, "delete", Act.WRITE, gives=Gives.NONE),
        row(_TORTOISE, "refresh_from_db fetch_related", Act.READ, gives=Gives.NONE),
        row(
            _TORTOISE_SET,
            "order_by limit offset distinct prefetch_related select_related values values_list only using_db"
            " group_by select_for_update",
            Act.ROWS,
            handle=_TORTOISE_SET,
        ),
        row(_TORTOISE_SET, "count exists", Act.READ, gives=Gives.COUNT),
        row(_TORTOISE_SET, "update", Act.WRITE, gives=Gives.COUNT, data=_ALL),
        row(_TORTOISE_SET, "delete", Act.WRITE, gives=Gives.COUNT),
        row(_TORTOISE_SET, "[]", Act.ROWS),
        row(_TORTOISE_CLIENT, "execute_query execute_query_dict execute_script", Act.RUN, data=(1,)),
        row(_TORTOISE_CLIENT, "execute_insert", Act.RUN, data=(1,)),
    ),
)
ORMAR: Final = Library(
    name="ormar",
    models={"ormar.Model": _ORMAR},
    attributes={(_ORMAR, "objects"): _ORMAR_SET},
    errors=("ormar.exceptions",),
    rows=(
        row(_ORMAR_SET, "all values values_list iterate", Act.READ),
        row(
            _ORMAR_SET,
            "filter exclude select_related select_all prefetch_related order_by limit offset paginate fields",
            Act.HANDLE,
            handle=_ORMAR_SET,
        ),
        row(_ORMAR_SET, "get first get_or_none", Act.READ, gives=Gives.ROW),
        row(_ORMAR_SET, "count exists sum avg min max", Act.READ, gives=Gives.COUNT),
        row(
            _ORMAR_SET,
            "create bulk_create bulk_update update update_or_create get_or_create",
            Act.WRITE,
            gives=Gives.WRITTEN,
            data=_ALL,
        ),
        row(_ORMAR_SET, "delete", Act.WRITE, gives=Gives.COUNT),
        row(_ORMAR, "save upsert", Act.STAGE, gives=Gives.SAME),
        row(_ORMAR, "update", Act.WRITE, gives=Gives.SAME, data=_ALL),
        row(_ORMAR, "delete", Act.WRITE, gives=Gives.COUNT),
        row(_ORMAR, "load", Act.READ, gives=Gives.SAME),
    ),
)
ODMANTIC: Final = Library(
    name="odmantic",
    makes={"odmantic.AIOEngine": _ODMANTIC, "odmantic.SyncEngine": _ODMANTIC},
    types={"odmantic.AIOEngine": _ODMANTIC, "odmantic.SyncEngine": _ODMANTIC},
    models={"odmantic.Model": "odmantic.Model"},
    errors=("odmantic", "pymongo.errors"),
    rows=(
        row(_ODMANTIC, "find", Act.READ, table=0),
        row(_ODMANTIC, "find_one", Act.READ, gives=Gives.ROW, table=0),
        row(_ODMANTIC, "count", Act.READ, gives=Gives.COUNT, table=0),
        row(_ODMANTIC, "save save_all", Act.STAGE, gives=Gives.SAME, data=_ALL),
        row(_ODMANTIC, "delete remove", Act.WRITE, gives=Gives.NONE, data=_ALL),
        row(_ODMANTIC, "get_collection", Act.HANDLE, handle="mongo.Collection", table=0),
        row(_ODMANTIC, "session transaction", Act.HANDLE, handle=_ODMANTIC),
        row("odmantic.Model", "model_update update", Act.NOTHING, gives=Gives.NONE),
    ),
)
