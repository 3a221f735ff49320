"""What keeps data near the process and is no durable store: files of one machine, and caches."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Durability, Gives, Library, row

_TINY: Final = "tinydb.TinyDB"
_SHELF: Final = "shelve.Shelf"
_CACHE: Final = "cache.Cache"
_ALL: Final = None

TINYDB: Final = Library(
    name="tinydb",
    durability=Durability.FILE,
    makes={"tinydb.TinyDB": _TINY, "tinydb.table.Table": _TINY},
    types={"tinydb.TinyDB": _TINY},
    rows=(
        row(_TINY, "table", Act.HANDLE, handle=_TINY, table=0),
        row(_TINY, "all search get contains []", Act.READ),
        row(_TINY, "insert insert_multiple update upsert", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_TINY, "remove truncate drop_tables", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_TINY, "close", Act.NOTHING, gives=Gives.NONE),
    ),
)
SHELVE: Final = Library(
    name="shelve",
    durability=Durability.FILE,
    makes={"shelve.open": _SHELF, "dbm.open": _SHELF, "sqlitedict.SqliteDict": _SHELF},
    rows=(
        row(_SHELF, "get items keys values []", Act.READ),
        row(_SHELF, "[]= update setdefault", Act.WRITE, gives=Gives.NONE, data=_ALL),
        row(_SHELF, "pop", Act.WRITE, gives=Gives.ROW, data=_ALL),
        row(_SHELF, "close sync commit", Act.NOTHING, gives=Gives.NONE),
    ),
)
CACHES: Final = Library(
    name="cache",
    durability=Durability.CACHE,
    makes={
        "diskcache.Cache": _CACHE,
        "diskcache.FanoutCache": _CACHE,
        "aiocache.Cache": _CACHE,
        "aiocache.SimpleMemoryCache": _CACHE,
        "aiocache.RedisCache": _CACHE,
        "aiocache.caches.get": _CACHE,
        "flask_caching.Cache": _CACHE,
        "fastapi_cache.FastAPICache.get_backend": _CACHE,
        "pymemcache.client.base.Client": _CACHE,
        "pymemcache.Client": _CACHE,
        "aiomcache.Client": _CACHE,
        "cashews.cache": _CACHE,
    },
    rows=(
        row(_CACHE, "get get_many multi_get gets []", Act.READ),
        row(_CACHE, "set add set_many multi_set []= replace incr increment", Act.WRITE, gives=Gives.NONE, data=_ALL),
        row(_CACHE, "delete delete_many clear pop expire touch evict delete_memoized", Act.NOTHING, gives=Gives.NONE),
        row(_CACHE, "cached memoize", Act.NOTHING, gives=Gives.NONE),
        row(_CACHE, "init_app close exists", Act.NOTHING, gives=Gives.NONE),
    ),
)
