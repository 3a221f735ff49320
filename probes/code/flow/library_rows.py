"""What calling a library that is no store and no web framework does: rows by dotted name, most specific first."""

from __future__ import annotations

from functools import cache
from typing import Final

from assay.probes.code.flow import django_rows, flask_rows
from assay.probes.code.flow.does import Does, table

_EXACT: Final[dict[str, Does]] = {
    **django_rows.EXACT,
    **flask_rows.EXACT,
    **table(
        Does.SAME,
        "str repr list tuple set frozenset sorted reversed iter next dict bytes enumerate filter",
        "builtins.",
    ),
    **table(
        Does.PURE,
        "int float bool abs round sum min max pow divmod zip range hash ord chr any all map format",
        "builtins.",
    ),
    **table(
        Does.PURE, "isinstance issubclass hasattr callable type id input vars dir slice complex bin hex", "builtins."
    ),
    **table(Does.SAME, "builtins.staticmethod"),
    **table(Does.NUMBER, "builtins.len"),
    **table(Does.NOTHING, "builtins.print builtins.breakpoint js.console js.alert"),
    **table(Does.OPEN, "builtins.open aiofiles.open"),
    **table(
        Does.CLOCK, "time.time time.monotonic time.perf_counter time.time_ns js.Date.now js.performance.now js.Date.()"
    ),
    **table(Does.CLOCK, "datetime.now datetime.utcnow datetime.today date.today", "datetime."),
    **table(Does.CLOCK, "django.utils.timezone.now arrow.utcnow arrow.now pendulum.now datetime.now datetime.utcnow"),
    **table(
        Does.UUID,
        "uuid.uuid1 uuid.uuid4 uuid.uuid7 js.crypto.randomUUID crypto.randomUUID nanoid.nanoid uuid.v4 uuid.v7",
    ),
    **table(Does.UUID, "secrets.token_urlsafe secrets.token_hex secrets.token_bytes crypto.randomBytes cuid ulid.ulid"),
    **table(Does.RANDOM, "js.Math.random random"),
    **table(Does.ENV, "os.getenv os.environ.get decouple.config environ.get"),
    **table(
        Does.HOST,
        "os.getpid os.uname os.cpu_count platform socket.gethostname os os.getloadavg shutil.disk_usage resource",
    ),
    **table(
        Does.HOST,
        "generate_latest exposition.generate_latest openmetrics.exposition.generate_latest",
        "prometheus_client.",
    ),
    **table(Does.HOST, "prometheus_client.exposition.choose_encoder prom-client.register.metrics"),
    **table(
        Does.HOST,
        "js.process.uptime js.process.memoryUsage js.process.cpuUsage js.process.hrtime process.uptime"
        " process.memoryUsage",
    ),
    **table(Does.FILE_READ, "read_text read_bytes exists iterdir glob open is_file stat", "pathlib.Path.()."),
    **table(
        Does.FILE_READ,
        "os.listdir os.path.exists os.walk os.scandir os.stat os.path.getsize glob.glob json.load csv.reader"
        " csv.DictReader",
    ),
    **table(
        Does.FILE_READ,
        "pandas.read_csv pandas.read_excel pandas.read_json pandas.read_parquet yaml.safe_load yaml.load"
        " pyarrow.parquet.read_table pyarrow.csv.read_csv joblib.load",
    ),
    **table(
        Does.FILE_READ,
        "read_csv read_excel read_json read_ndjson read_parquet read_ipc scan_csv scan_ndjson scan_parquet scan_ipc",
        "polars.",
    ),
    **table(
        Does.FILE_READ,
        "readFile readFileSync existsSync readdir readdirSync stat statSync access createReadStream",
        "fs.",
    ),
    **table(Does.FILE_READ, "readFile readdir stat access", "fs/promises."),
    **table(
        Does.FILE_READ, "fs.promises.readFile fs.promises.readdir fs.promises.stat fs-extra.readJson fs-extra.readFile"
    ),
    **table(Does.FILE_READ, "read readline readlines", "file."),
    **table(Does.PATH, "pathlib.Path pathlib.PurePath os.path.join path.join path.resolve"),
    **table(Does.PATH, "resolve absolute expanduser joinpath with_name with_suffix", "pathlib.Path.()."),
    **table(Does.FILE_WRITE, "write_text write_bytes unlink mkdir", "pathlib.Path.()."),
    **table(Does.FILE_WRITE, "write writelines writerow writerows writeheader", "file."),
    **table(
        Does.FILE_WRITE,
        "json.dump csv.writer csv.DictWriter yaml.dump yaml.safe_dump pickle.dump"
        " shutil.copyfileobj shutil.copy shutil.move os.remove os.unlink",
    ),
    **table(
        Does.FILE_WRITE, "writeFile writeFileSync appendFile appendFileSync unlink unlinkSync createWriteStream", "fs."
    ),
    **table(Does.FILE_WRITE, "writeFile appendFile unlink rm", "fs/promises."),
    **table(Does.FILE_WRITE, "fs.promises.writeFile fs.promises.appendFile fs.promises.unlink fs-extra.writeJson"),
    **table(
        Does.NOTHING,
        "functools.wraps os.makedirs os.mkdir time.sleep asyncio.sleep"
        " fs.mkdirSync fs.mkdir fs/promises.mkdir builtins.setattr_",
    ),
    **table(
        Does.CALL_FIRST,
        "asyncio.to_thread starlette.concurrency.run_in_threadpool fastapi.concurrency.run_in_threadpool",
    ),
    **table(Does.CALL_FIRST, "functools.partial asgiref.sync.sync_to_async anyio.to_thread.run_sync"),
    **table(
        Does.SAME, "asyncio.run asyncio.wait_for asyncio.shield asyncio.run_coroutine_threadsafe js.Promise.resolve"
    ),
    **table(Does.SAME, "asyncio.new_event_loop.run_until_complete asyncio.get_event_loop.run_until_complete"),
    **table(Does.GATHER, "asyncio.gather js.Promise.all js.Promise.allSettled js.Promise.race js.Promise.any"),
    **table(Does.EXTERNAL, "run call check_call check_output getoutput getstatusoutput Popen", "subprocess."),
    **table(Does.EXTERNAL, "asyncio.create_subprocess_exec asyncio.create_subprocess_shell os.system os.popen"),
    **table(Does.TASK, "asyncio.create_task asyncio.ensure_future"),
    **table(
        Does.DETACH,
        "js.setTimeout js.setInterval js.setImmediate js.queueMicrotask",
    ),
    **table(Does.DETACH, "js.process.nextTick threading.Thread atexit.register"),
    **table(Does.DETACH, "fastapi.BackgroundTasks.add_task fastapi.background.BackgroundTasks.add_task"),
    **table(Does.DETACH, "starlette.background.BackgroundTasks.add_task starlette.background.BackgroundTask"),
    **table(Does.CALL_SECOND, "asyncio.get_running_loop.run_in_executor asyncio.get_event_loop.run_in_executor"),
    **table(Does.CALL_FIRST, "concurrent.futures.ThreadPoolExecutor.submit concurrent.futures.ThreadPoolExecutor.map"),
    **table(Does.WRAP, "functools.cache contextlib.contextmanager contextlib.asynccontextmanager"),
    **table(Does.WRAP, "dataclasses.dataclass functools.total_ordering"),
    **table(Does.WRAPPER, "functools.lru_cache functools.cache cachetools.cached functools.update_wrapper"),
    **table(
        Does.CONTAINER, "js.Map js.Set js.WeakMap js.WeakSet js.Array collections.defaultdict collections.OrderedDict"
    ),
    **table(
        Does.CONTAINER,
        "collections.deque collections.Counter builtins.dict_ js.Object queue.Queue asyncio.Queue cachetools.TTLCache",
    ),
    **table(Does.CONTAINER, "lru-cache lru-cache.LRUCache node-cache"),
    **table(
        Does.SAME,
        "js.Object.values js.Object.entries js.Object.fromEntries js.Array.from js.JSON.parse js.JSON.stringify",
    ),
    **table(
        Does.SAME,
        "js.Object.assign js.structuredClone js.String js.Object.freeze js.Array.isArray_ copy.copy copy.deepcopy",
    ),
    **table(
        Does.SAME,
        "json.dumps json.loads fastapi.encoders.jsonable_encoder dataclasses.asdict dataclasses.replace",
    ),
    **table(
        Does.SAME,
        "pandas.DataFrame numpy.array pydantic.TypeAdapter orjson.dumps orjson.loads itertools.chain"
        " bson.json_util.dumps",
    ),
    **table(
        Does.PURE,
        "bson.ObjectId bson.objectid.ObjectId mongodb.ObjectId mongoose.Types.ObjectId js.URL js.URLSearchParams",
    ),
    **table(
        Does.PURE, "js.Number js.parseInt js.parseFloat js.Boolean js.isNaN js.encodeURIComponent js.decodeURIComponent"
    ),
    **table(
        Does.PURE,
        "js.Object.keys js.Array.isArray js.Buffer js.RegExp js.BigInt js.Intl js.TextEncoder js.TextDecoder js.atob",
    ),
    **table(
        Does.TOKEN,
        "jwt.encode jose.jwt.encode jsonwebtoken.sign bcrypt.hash bcrypt.hashSync bcrypt.hashpw bcryptjs.hash",
    ),
    **table(Does.EXTERNAL, "js.fetch node-fetch axios got undici.fetch cross-fetch js.XMLHttpRequest js.WebSocket"),
    **table(Does.PAGE, "flask.render_template flask.render_template_string flask.send_from_directory flask.send_file"),
    **table(Does.NOTHING, "js.clearTimeout js.clearInterval sys.path.append sys.path.insert"),
}
_PREFIXES: Final[tuple[tuple[str, Does], ...]] = (
    *django_rows.PREFIXES,
    *(
        (f"{name}.", Does.NOTHING)
        for name in ("logging", "loguru", "structlog", "js.console", "winston", "pino", "warnings", "sentry_sdk")
    ),
    *(
        (f"{name}.", Does.NOTHING)
        for name in ("@sentry/node", "prometheus_client", "opentelemetry", "debug", "morgan", "prom-client")
    ),
    *(
        (f"{name}.", Does.RANDOM)
        for name in ("random", "numpy.random", "faker", "Faker", "@faker-js/faker", "secrets.choice")
    ),
    *(
        (f"{name}.", Does.HOST)
        for name in ("platform", "psutil", "resource", "socket", "sys", "js.process", "gc", "tracemalloc")
    ),
    ("os.path.", Does.PURE),
    ("pathlib.", Does.PURE),
    ("path.", Does.PURE),
    ("os.", Does.HOST),
    *(
        (f"{name}.", Does.EXTERNAL)
        for name in (
            "requests",
            "httpx",
            "aiohttp",
            "urllib.request",
            "urllib3",
            "axios",
            "got",
            "undici",
            "superagent",
        )
    ),
    *(
        (f"{name}.", Does.EXTERNAL)
        for name in (
            "openai",
            "anthropic",
            "stripe",
            "twilio",
            "sendgrid",
            "smtplib",
            "aiosmtplib",
            "nodemailer",
            "emails",
            "fastapi_mail",
            "flask_mail",
            "yagmail",
            "mailjet_rest",
            "postmarker",
            "sib_api_v3_sdk",
            "boto3",
            "aioboto3",
            "aiobotocore",
        )
    ),
    *(
        (f"{name}.", Does.EXTERNAL)
        for name in (
            "@anthropic-ai/sdk",
            "google.generativeai",
            "@google/generative-ai",
            "langchain",
            "slack_sdk",
            "resend",
        )
    ),
    *(
        (f"{name}.", Does.EXTERNAL)
        for name in (
            "google.genai",
            "groq",
            "mistralai",
            "cohere",
            "ollama",
            "replicate",
            "litellm",
            "langchain_openai",
            "langchain_anthropic",
            "langchain_google_genai",
            "elevenlabs",
            "huggingface_hub",
        )
    ),
    *(
        (f"{name}.", Does.EXTERNAL)
        for name in (
            "ccxt",
            "yfinance",
            "alpaca",
            "plaid",
            "razorpay",
            "paypalrestsdk",
            "googleapiclient",
            "simple_salesforce",
            "hubspot",
            "notion_client",
            "github",
            "gitlab",
            "jira",
            "tweepy",
            "praw",
            "telegram",
            "discord",
            "feedparser",
            "googlemaps",
            "mailchimp_marketing",
            "mailchimp_transactional",
        )
    ),
    *(
        (f"{name}.", Does.EXTERNAL)
        for name in (
            "kafka",
            "aiokafka",
            "pika",
            "amqplib",
            "kafkajs",
            "celery",
            "keycloak",
            "dramatiq",
            "rq",
            "django_rq",
            "arq",
            "huey",
            "taskiq",
            "procrastinate",
            "docker",
            "kubernetes",
            "grpc",
            "web3",
            "ethers",
        )
    ),
    *(
        (f"{name}.", Does.TOKEN)
        for name in (
            "jwt",
            "jose",
            "jsonwebtoken",
            "passlib",
            "bcrypt",
            "bcryptjs",
            "hashlib",
            "hmac",
            "werkzeug.security",
            "flask_jwt_extended",
            "flask_bcrypt",
        )
    ),
    *(
        (f"{name}.", Does.PURE)
        for name in (
            "builtins",
            "math",
            "cmath",
            "statistics",
            "decimal",
            "fractions",
            "operator",
            "string",
            "textwrap",
        )
    ),
    *(
        (f"{name}.", Does.PURE)
        for name in (
            "re",
            "json",
            "datetime",
            "time",
            "calendar",
            "collections",
            "itertools",
            "functools",
            "typing",
            "enum",
        )
    ),
    *(
        (f"{name}.", Does.PURE)
        for name in (
            "base64",
            "binascii",
            "struct",
            "zlib",
            "gzip",
            "io",
            "copy",
            "heapq",
            "bisect",
            "urllib.parse",
            "html",
        )
    ),
    *(
        (f"{name}.", Does.PURE)
        for name in (
            "numpy",
            "pandas",
            "polars",
            "scipy",
            "sklearn",
            "torch",
            "PIL",
            "networkx",
            "shapely",
            "dateutil",
            "pytz",
            "zoneinfo",
        )
    ),
    *(
        (f"{name}.", Does.PURE)
        for name in (
            "pydantic",
            "marshmallow",
            "email_validator",
            "phonenumbers",
            "validators",
            "zod",
            "yup",
            "joi",
            "ajv",
        )
    ),
    *(
        (f"{name}.", Does.PURE)
        for name in (
            "js.Math",
            "js.Object",
            "js.Array",
            "js.JSON",
            "js.Date",
            "js.String",
            "js.Number",
            "js.Promise",
            "js.Intl",
        )
    ),
    *(
        (f"{name}.", Does.PURE)
        for name in (
            "lodash",
            "date-fns",
            "dayjs",
            "moment",
            "luxon",
            "ramda",
            "class-validator",
            "class-transformer",
            "slugify",
        )
    ),
    *(
        (f"{name}.", Does.PURE)
        for name in (
            "crypto",
            "util",
            "url",
            "querystring",
            "buffer",
            "js.Buffer",
            "js.Symbol",
            "js.Reflect",
            "uuid",
            "inspect",
        )
    ),
)
HOLDERS: Final = {
    "flask.g": "request",
    "quart.g": "request",
}
"""Objects that carry what the project hangs on them."""
HOLDER_MAKERS: Final = frozenset({"contextvars.ContextVar", "threading.local", "asgiref.local.Local"})
UNDEFINED: Final = "undefined."
ERROR_NAMES: Final = ("Error", "Exception", "Warning", "DoesNotExist", "NotFound")
_PATH_METHODS: Final = "pathlib.Path.()."


@cache
def behaviour(path: str) -> Does | None:
    """What a library name does when it is called, or `None` where nothing is known of it."""
    found = _EXACT.get(path)
    if found is not None:
        return found
    bare = path.replace(".().", ".").removesuffix(".()")
    found = _EXACT.get(bare)
    if found is not None:
        return found
    if path.startswith(UNDEFINED):
        return Does.SAME
    if path.startswith(("builtins.", "js.")) and path.endswith(ERROR_NAMES):
        return Does.ERROR
    return next((does for prefix, does in _PREFIXES if path.startswith(prefix) or f"{path}." == prefix), None)
