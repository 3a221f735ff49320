"""Other databases by their own clients: search, wide columns, graphs, series, analytics."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, row

_SEARCH: Final = "elasticsearch.Client"
_SEARCH_DOCUMENT: Final = "elasticsearch.Document"
_SEARCH_QUERY: Final = "elasticsearch.Search"
_CLUSTER: Final = "cassandra.Cluster"
_CASSANDRA: Final = "cassandra.Session"
_CLICKHOUSE: Final = "clickhouse.Client"
_INFLUX: Final = "influx.Client"
_INFLUX_WRITER: Final = "influx.WriteApi"
_INFLUX_QUERY: Final = "influx.QueryApi"
_NEO4J: Final = "neo4j.Driver"
_NEO4J_SESSION: Final = "neo4j.Session"
_NEO4J_TRANSACTION: Final = "neo4j.Transaction"
_ALL: Final = None

SEARCH: Final = Library(
    name="elasticsearch",
    makes={
        "elasticsearch.Elasticsearch": _SEARCH,
        "elasticsearch.AsyncElasticsearch": _SEARCH,
        "opensearchpy.OpenSearch": _SEARCH,
        "opensearchpy.AsyncOpenSearch": _SEARCH,
        "elasticsearch_dsl.Search": _SEARCH_QUERY,
        "elasticsearch.dsl.Search": _SEARCH_QUERY,
    },
    types={
        "elasticsearch.Elasticsearch": _SEARCH,
        "elasticsearch.AsyncElasticsearch": _SEARCH,
        "opensearchpy.OpenSearch": _SEARCH,
    },
    models={"elasticsearch_dsl.Document": _SEARCH_DOCUMENT, "elasticsearch.dsl.Document": _SEARCH_DOCUMENT},
    errors=("elasticsearch", "opensearchpy", "elastic_transport"),
    rows=(
        row(_SEARCH, "search get mget msearch scroll get_source", Act.READ),
        row(_SEARCH, "count exists", Act.READ, gives=Gives.COUNT),
        row(_SEARCH, "index create update bulk update_by_query", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_SEARCH, "delete delete_by_query", Act.WRITE, gives=Gives.WRITTEN),
        row(_SEARCH, "ping info close", Act.OPEN, gives=Gives.NONE),
        row("elasticsearch.helpers", "bulk async_bulk", Act.WRITE, gives=Gives.COUNT, data=(1,), through=True),
        row("elasticsearch.helpers", "scan async_scan", Act.READ, through=True),
        row("opensearchpy.helpers", "bulk async_bulk", Act.WRITE, gives=Gives.COUNT, data=(1,), through=True),
        row(_SEARCH_DOCUMENT, "get", Act.READ, gives=Gives.ROW),
        row(_SEARCH_DOCUMENT, "search", Act.HANDLE, handle=_SEARCH_QUERY),
        row(_SEARCH_DOCUMENT, "save", Act.STAGE, gives=Gives.SAME),
        row(_SEARCH_DOCUMENT, "delete", Act.WRITE, gives=Gives.NONE),
        row(_SEARCH_DOCUMENT, "update", Act.WRITE, gives=Gives.SAME, data=_ALL),
        row(_SEARCH_DOCUMENT, "init", Act.OPEN, gives=Gives.NONE),
        row(
            _SEARCH_QUERY,
            "using index query filter exclude sort source extra params",
            Act.HANDLE,
            handle=_SEARCH_QUERY,
        ),
        row(_SEARCH_QUERY, "execute scan []", Act.READ),
        row(_SEARCH_QUERY, "count", Act.READ, gives=Gives.COUNT),
    ),
)
CASSANDRA: Final = Library(
    name="cassandra",
    makes={"cassandra.cluster.Cluster": _CLUSTER},
    types={"cassandra.cluster.Session": _CASSANDRA},
    errors=("cassandra",),
    rows=(
        row(_CLUSTER, "connect", Act.OPEN, gives=Gives.HANDLE, handle=_CASSANDRA),
        row(_CLUSTER, "shutdown", Act.NOTHING, gives=Gives.NONE),
        row(_CASSANDRA, "execute execute_async", Act.RUN, data=(1,)),
        row(_CASSANDRA, "prepare", Act.BUILD_SQL),
        row(_CASSANDRA, "set_keyspace shutdown", Act.NOTHING, gives=Gives.NONE),
        row("cassandra.query", "SimpleStatement", Act.BUILD_SQL),
    ),
)
CLICKHOUSE: Final = Library(
    name="clickhouse",
    makes={
        "clickhouse_driver.Client": _CLICKHOUSE,
        "clickhouse_driver.Client.from_url": _CLICKHOUSE,
        "clickhouse_connect.get_client": _CLICKHOUSE,
        "clickhouse_connect.get_async_client": _CLICKHOUSE,
    },
    types={"clickhouse_driver.Client": _CLICKHOUSE, "clickhouse_connect.driver.client.Client": _CLICKHOUSE},
    errors=("clickhouse_driver", "clickhouse_connect"),
    rows=(
        row(_CLICKHOUSE, "execute execute_iter command", Act.RUN, data=(1,)),
        row(_CLICKHOUSE, "query query_df query_np query_dataframe raw_query", Act.READ),
        row(
            _CLICKHOUSE,
            "insert insert_df insert_dataframe raw_insert",
            Act.WRITE,
            gives=Gives.WRITTEN,
            data=_ALL,
            table=0,
        ),
        row(_CLICKHOUSE, "ping close disconnect", Act.OPEN, gives=Gives.NONE),
    ),
)
INFLUX: Final = Library(
    name="influxdb",
    makes={
        "influxdb_client.InfluxDBClient": _INFLUX,
        "influxdb_client.client.influxdb_client_async.InfluxDBClientAsync": _INFLUX,
        "influxdb.InfluxDBClient": _INFLUX,
        "influxdb_client_3.InfluxDBClient3": _INFLUX,
    },
    types={"influxdb_client.InfluxDBClient": _INFLUX},
    errors=("influxdb_client", "influxdb"),
    rows=(
        row(_INFLUX, "write_api", Act.HANDLE, handle=_INFLUX_WRITER),
        row(_INFLUX, "query_api", Act.HANDLE, handle=_INFLUX_QUERY),
        row(_INFLUX, "query", Act.READ),
        row(_INFLUX, "write write_points", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_INFLUX, "ping health close", Act.OPEN, gives=Gives.NONE),
        row(_INFLUX_WRITER, "write", Act.WRITE, gives=Gives.NONE, data=_ALL),
        row(_INFLUX_WRITER, "flush close", Act.NOTHING, gives=Gives.NONE),
        row(_INFLUX_QUERY, "query query_data_frame query_stream query_raw", Act.READ),
    ),
)
NEO4J: Final = Library(
    name="neo4j",
    makes={"neo4j.GraphDatabase.driver": _NEO4J, "neo4j.AsyncGraphDatabase.driver": _NEO4J},
    types={"neo4j.Driver": _NEO4J, "neo4j.AsyncDriver": _NEO4J, "neo4j.Session": _NEO4J_SESSION},
    errors=("neo4j",),
    exits=(_NEO4J_TRANSACTION,),
    rows=(
        row(_NEO4J, "session", Act.HANDLE, handle=_NEO4J_SESSION),
        row(_NEO4J, "execute_query", Act.RUN, data=_ALL),
        row(_NEO4J, "verify_connectivity close", Act.OPEN, gives=Gives.NONE),
        row(_NEO4J_SESSION, "run", Act.RUN, data=_ALL),
        row(
            _NEO4J_SESSION,
            "execute_read execute_write read_transaction write_transaction",
            Act.CALL,
            handle="neo4j.ManagedTransaction",
        ),
        row(_NEO4J_SESSION, "begin_transaction", Act.HANDLE, handle=_NEO4J_TRANSACTION),
        row(_NEO4J_SESSION, "close", Act.NOTHING, gives=Gives.NONE),
        row("neo4j.ManagedTransaction", "run", Act.RUN, data=_ALL),
        row(_NEO4J_TRANSACTION, "run", Act.RUN, data=_ALL, commits=False),
        row(_NEO4J_TRANSACTION, "commit", Act.COMMIT, gives=Gives.NONE),
        row(_NEO4J_TRANSACTION, "rollback", Act.ROLLBACK, gives=Gives.NONE),
    ),
)
FRAMES: Final = Library(
    name="pandas",
    rows=(
        row("pandas", "read_sql read_sql_query", Act.RUN, data=(), through=True),
        row("pandas", "read_sql_table", Act.READ, table=0, through=True),
        row("polars", "read_database", Act.RUN, data=(), through=True),
    ),
)
"""Frames read through a connection of another library, which is the store."""
