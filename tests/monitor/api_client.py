"""The API in this process, on a real store, asked over ASGI."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from assay.monitor.composition import build
from assay.monitor.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from assay.monitor.composition import Built


@asynccontextmanager
async def api(
    url: str, directory: Path, *, client: str = "127.0.0.1", host: str = "127.0.0.1:8000", **environ: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API whose database is `url`. `client` is where it seems to come from, `host` what it calls us."""
    built = built_service(url, directory, **environ)
    transport = httpx.ASGITransport(app=built.applications.main, client=(client, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as asking:
        try:
            yield asking
        finally:
            await built.service.close()


def built_service(url: str, directory: Path, **environ: str) -> Built:
    """A service that was built and not begun, with short deadlines."""
    variables = {"DATABASE_URL": url, "ASSAY_PROBE_TIMEOUT_SECONDS": "1", **environ}
    settings = load_settings(environ={name: value for name, value in variables.items() if value}, directory=directory)
    return build(settings, store_url=settings.store_url)
