"""`/metrics`: a plain route in front of the API, open, rendered off the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

    from assay.monitor.metrics import Exposition


def metrics_route(exposition: Exposition) -> Route:
    """The route, in the text format or in OpenMetrics as `Accept` asks."""

    async def metrics(request: Request) -> Response:
        body, content_type = await exposition.render(request.headers.get("accept", ""))
        return Response(
            body if request.method == "GET" else b"",
            headers={"Content-Type": content_type, "Cache-Control": "no-store"},
        )

    return Route("/metrics", metrics, methods=["GET", "HEAD"])
