"""Redis clients: a store only where nothing else is expected, which the verdict says."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Durability, Gives, Library, row

_REDIS: Final = "redis.Redis"
_PIPELINE: Final = "redis.Pipeline"
_READS: Final = (
    "get hget hgetall hmget mget lrange smembers zrange zrangebyscore zrevrange zscore exists keys scan"
    " scan_iter ttl llen scard zcard"
    " lindex sismember type hkeys hvals hlen xrange xrevrange xread xlen getrange strlen hGet hGetAll"
    " hmGet lRange sMembers zRange zRangeByScore"
    " xRange xRevRange mGet lLen sCard zCard hKeys hVals hexists hExists sIsMember json info dbsize"
)
_WRITES: Final = (
    "set hset hmset hsetnx setex setnx psetex lpush rpush sadd zadd xadd append mset incr incrby"
    " incrbyfloat decr decrby hincrby publish getset hSet"
    " setEx setNX lPush rPush sAdd zAdd xAdd mSet incrBy decrBy hIncrBy ltrim lTrim expire hdel hDel"
    " delete del unlink lrem lRem srem sRem"
    " zrem zRem zincrby zIncrBy lpop rpop lPop rPop spop persist rename pexpire expireat lset lSet linsert"
    " rpoplpush xdel xtrim xack"
)

LIBRARY: Final = Library(
    name="redis",
    durability=Durability.KEY_VALUE,
    makes={
        "redis.Redis": _REDIS,
        "redis.StrictRedis": _REDIS,
        "redis.from_url": _REDIS,
        "redis.Redis.from_url": _REDIS,
        "redis.asyncio.Redis": _REDIS,
        "redis.asyncio.from_url": _REDIS,
        "redis.asyncio.Redis.from_url": _REDIS,
        "redis.RedisCluster": _REDIS,
        "redis.cluster.RedisCluster": _REDIS,
        "redis.asyncio.StrictRedis": _REDIS,
        "redis.asyncio.client.Redis": _REDIS,
        "redis.asyncio.client.Redis.from_url": _REDIS,
        "redis.asyncio.cluster.RedisCluster": _REDIS,
        "redis.StrictRedis.from_url": _REDIS,
        "fakeredis.FakeRedis": _REDIS,
        "fakeredis.aioredis.FakeRedis": _REDIS,
        "flask_redis.FlaskRedis": _REDIS,
        "upstash_redis.Redis": _REDIS,
        "upstash_redis.asyncio.Redis": _REDIS,
        "valkey.Valkey": _REDIS,
        "aioredis.Redis": _REDIS,
        "aioredis.create_redis": _REDIS,
        "aioredis.from_url": _REDIS,
        "aioredis.create_redis_pool": _REDIS,
        "redis.createClient": _REDIS,
        "ioredis": _REDIS,
        "ioredis.Redis": _REDIS,
        "@upstash/redis.Redis": _REDIS,
        "@upstash/redis.Redis.fromEnv": _REDIS,
        "@vercel/kv.createClient": _REDIS,
    },
    types={
        "redis.Redis": _REDIS,
        "redis.asyncio.Redis": _REDIS,
        "redis.asyncio.client.Redis": _REDIS,
        "redis.StrictRedis": _REDIS,
        "redis.client.Redis": _REDIS,
        "aioredis.Redis": _REDIS,
        "redis.client.Pipeline": _PIPELINE,
        "redis.asyncio.client.Pipeline": _PIPELINE,
        "ioredis": _REDIS,
        "ioredis.Redis": _REDIS,
        "redis.RedisClientType": _REDIS,
        "@upstash/redis.Redis": _REDIS,
        "@vercel/kv.kv": _REDIS,
    },
    errors=("redis", "ioredis", "aioredis"),
    rows=(
        row(_REDIS, _READS, Act.READ, gives=Gives.ROW),
        row(_REDIS, _WRITES, Act.WRITE, gives=Gives.WRITTEN, data=None),
        row(_REDIS, "pipeline multi", Act.HANDLE, handle=_PIPELINE),
        row(_REDIS, "ping connect quit disconnect close aclose on duplicate", Act.OPEN, gives=Gives.NONE),
        row(_REDIS, "init_app", Act.NOTHING, gives=Gives.NONE),
        row(_REDIS, "pubsub lock register_script", Act.NOTHING, gives=Gives.NONE),
        row(_REDIS, "transaction", Act.CALL),
        row(_PIPELINE, _WRITES, Act.WRITE, gives=Gives.WRITTEN, data=None, handle=_PIPELINE, commits=False),
        row(_PIPELINE, _READS, Act.READ, gives=Gives.ROW, handle=_PIPELINE),
        row(_PIPELINE, "exec execute", Act.COMMIT, gives=Gives.ROWS),
        row(_PIPELINE, "multi watch unwatch reset discard", Act.NOTHING, gives=Gives.NONE),
    ),
)
