"""Django Ninja: functions on an API or a router, which a table of routes of Django serves."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks import django
from assay.probes.code.frameworks.base import AnswerRow, Arg, MountRow, Role, RouterKind, RouteRow

_ANY: Final = ("api", "router")
_VERBS: Final = ("get", "post", "put", "patch", "delete")
_PATH: Final = Arg(0, "path")
_ERRORS: Final = {
    "AuthenticationError": 401,
    "AuthorizationError": 403,
    "ValidationError": 422,
    "Throttled": 429,
}

FRAMEWORK: Final = django.FRAMEWORK._replace(
    name="django-ninja",
    imports=("ninja", "ninja_extra"),
    path_decides=False,
    gate=(b"ninja",),
    routers=(
        RouterKind(
            kind="api",
            makes=("ninja.NinjaAPI", "ninja.main.NinjaAPI", "ninja_extra.NinjaExtraAPI"),
            role=Role.ROUTER,
            tags=("ninja.NinjaAPI", "ninja.main.NinjaAPI", "ninja_extra.NinjaExtraAPI"),
        ),
        RouterKind(
            kind="router",
            makes=("ninja.Router", "ninja.router.Router", "ninja_extra.Router"),
            role=Role.ROUTER,
            tags=("ninja.Router", "ninja.router.Router"),
        ),
    ),
    routes=(
        *(RouteRow(on=_ANY, member=verb, methods=(verb.upper(),), path=_PATH) for verb in _VERBS),
        RouteRow(
            on=_ANY,
            member="api_operation",
            methods=("GET",),
            path=Arg(1, "path"),
            methods_from=Arg(0, "methods"),
        ),
    ),
    mounts=(MountRow(on=_ANY, member="add_router", routers=Arg(1, "router"), prefix=Arg(0, "prefix"), by_text=True),),
    tables=None,
    served_by="django",
    answers=(
        *(
            AnswerRow(makes=f"{module}.HttpError", content=Arg(1, "message"), status=Arg(0, "status_code"), raises=True)
            for module in ("ninja.errors", "ninja_extra.errors")
        ),
        *(
            AnswerRow(makes=f"ninja.errors.{name}", content=Arg(0), status=status, raises=True)
            for name, status in _ERRORS.items()
        ),
        AnswerRow(makes="ninja.responses.Response", content=Arg(0, "data"), status=Arg(keyword="status")),
        AnswerRow(makes="ninja.Status", content=Arg(1), status=Arg(0)),
    ),
    request_types=(),
    views=(),
    status_first=True,
    path_styles=((r"\{(\w+):(\w+)\}", r"{\2:\1}"), (r"\{(?:str:)(\w+)\}", r"{\1}")),
)
