"""Run the service: scheduled probes and scans, the API, metrics and readiness.

In development without DATABASE_URL an embedded PostgreSQL stands in and is migrated; elsewhere `assay db upgrade`
migrates.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assay import __version__
from assay.audit.schema import upgrade
from assay.core.command import CommandContext, ExitCode
from assay.monitor.composition import build
from assay.monitor.logs import configure_logs, logger, passwords_of
from assay.monitor.server import HttpServer, listen
from assay.monitor.settings import Environment, LogFormat, load_settings
from assay.monitor.store_location import store_url

if TYPE_CHECKING:
    import socket
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator

    from assay.monitor.settings import Settings


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments; each wins over its variable and the file."""
    parser.add_argument("--host", help="address to listen on (ASSAY_HOST, 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (ASSAY_PORT, 8000); 0 for any free one")
    parser.add_argument("--admin-port", type=int, help="port for /metrics and verbose health (ASSAY_ADMIN_PORT, none)")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="read variables from FILE first")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (ASSAY_CONFIG, assay.toml)")
    parser.add_argument("--scan", type=Path, metavar="PATH", help="scan PATH on a schedule (ASSAY_SCAN_PATH, none)")


def run(arguments: Namespace, context: CommandContext) -> int:  # noqa: ARG001 - the signature of every command
    """Serve until told to stop."""
    settings = load_settings(
        {
            "host": arguments.host,
            "port": arguments.port,
            "admin_port": arguments.admin_port,
            "config_file": arguments.config,
            "scan_path": arguments.scan,
        },
        env_file=arguments.env_file,
    )
    with ExitStack() as stack:
        listeners = [stack.enter_context(listen(settings.host, settings.port, setting="--port"))]
        if settings.admin_port is not None:
            listeners.append(stack.enter_context(listen(settings.host, settings.admin_port, setting="--admin-port")))
        _say(f"version {__version__}, {settings.env}")
        url = stack.enter_context(_store(settings))
        _configure_logs(settings, url)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, url, listeners))
    _say("stopped")
    return ExitCode.OK


@contextmanager
def _store(settings: Settings) -> Iterator[str | None]:
    """Where the store is. Only the embedded one is started and migrated here."""
    if not settings.embedded:
        if settings.store_url is None:
            _say(f"no store: {settings.database.detail}")
        yield settings.store_url
        return
    with store_url(settings) as url:
        migration = upgrade(url, actor="assay serve", tell=_say)
        if migration.from_revision != migration.to_revision:
            _say(f"schema migrated to {migration.to_revision}")
        yield url


def _configure_logs(settings: Settings, url: str | None) -> None:
    """For people on a terminal in development, unless a format was asked for; as JSON otherwise."""
    if "log_format" in settings.model_fields_set:
        for_people = settings.log_format is LogFormat.CONSOLE
    else:
        for_people = settings.env is Environment.DEVELOPMENT and sys.stderr.isatty()
    urls = [settings.database.url, url, *(target.url for target in settings.targets)]
    configure_logs(level=settings.log_level, json=not for_people, secrets=passwords_of(urls))


async def _serve(settings: Settings, url: str | None, listeners: list[socket.socket]) -> None:
    built = build(settings, store_url=url)
    apps = [built.applications.main, built.applications.admin]
    servers = [HttpServer(app, listener) for app, listener in zip(apps, listeners, strict=False) if app is not None]
    if settings.database.problem is not None:
        logger("assay.service").error(settings.database.problem, detail=settings.database.detail)
    await built.service.run(servers, serving=lambda: _say_addresses(settings, listeners))


def _say_addresses(settings: Settings, listeners: list[socket.socket]) -> None:
    main, admin = _base(settings.host, listeners[0]), _base(settings.host, listeners[-1])
    lines = [
        (f"{main}/readyz", "is it ready"),
        (f"{admin}/metrics", "for Prometheus"),
        (f"{main}/v1/probes", "the targets and their state"),
        (f"{main}/docs", "the API"),
    ]
    for address, meaning in lines:
        _say(f"  {address:<40} {meaning}")
    _say("Ctrl-C stops it")


def _base(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop's loop where it is installed."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ModuleNotFoundError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _say(sentence: str) -> None:
    sys.stderr.write(f"assay: {sentence}\n")
    sys.stderr.flush()
