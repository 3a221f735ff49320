"""The application: health and metrics in front, the API behind its frame."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assay import __version__
from assay.audit.scans import MAX_DOCUMENT_BYTES
from assay.monitor.api import audit_logs, events, probes, scans
from assay.monitor.api.callers import Reader
from assay.monitor.api.documentation import CONTENT_SECURITY_POLICY, documentation_page
from assay.monitor.api.health import HealthRoutes
from assay.monitor.api.metrics import metrics_route
from assay.monitor.api.parts import Parts
from assay.monitor.api.problems import install_problem_handlers
from assay.monitor.api.requests import RequestFrame
from assay.monitor.metrics import Exposition

_DESCRIPTION = (
    "Health of databases, verdicts on code, events and audit rows. Health answers and /metrics are beside it."
)


@dataclass(frozen=True, kw_only=True)
class Applications:
    """What is served. `admin` is absent where everything is on one port."""

    main: ASGIApp
    admin: ASGIApp | None


def build_applications(
    parts: Parts, *, health: HealthRoutes, admin_health: HealthRoutes | None, exposition: Exposition
) -> Applications:
    """The applications. With `admin_health` the metrics and the verbose health answers move to a port of their own."""
    metrics = metrics_route(exposition)
    api = RequestFrame(build_api(parts), limits={scans.PATH: MAX_DOCUMENT_BYTES})
    if admin_health is None:
        return Applications(main=_front([*health.routes, metrics], api), admin=None)
    return Applications(main=_front(health.routes, api), admin=Starlette(routes=[*admin_health.routes, metrics]))


def _front(routes: Sequence[Route], api: ASGIApp) -> ASGIApp:
    """The routes, refusing other methods themselves: the API, which has everything else, would say 404."""
    refusing = [Route(route.path, _NotAllowed(route.methods or ())) for route in routes]
    return Starlette(routes=[*routes, *refusing, Mount("/", api)])


class _NotAllowed:
    """405 with the methods that are allowed."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allow = ", ".join(sorted(allowed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Allow": self._allow, "Cache-Control": "no-store"}
        await PlainTextResponse("Method Not Allowed", status_code=405, headers=headers)(scope, receive, send)


def build_api(parts: Parts) -> FastAPI:
    """The API under /v1, with its documentation, behind the same access as the rest of it."""
    app = FastAPI(
        title="Assay", version=__version__, description=_DESCRIPTION, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.parts = parts
    install_problem_handlers(app)
    for module in (probes, scans, events, audit_logs):
        app.include_router(module.router)
    _add_documentation(app)
    return app


def _add_documentation(app: FastAPI) -> None:
    @app.get("/openapi.json", include_in_schema=False)
    async def openapi(_: Reader) -> JSONResponse:
        return JSONResponse(app.openapi())

    @app.get("/docs", include_in_schema=False)
    async def docs(_: Reader) -> HTMLResponse:
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        return HTMLResponse(documentation_page(app.openapi()), headers=headers)

    @app.get("/", include_in_schema=False)
    async def start(_: Reader) -> RedirectResponse:
        return RedirectResponse("/docs")
