"""aiohttp's server: tables of routes, `add_routes`, classes as views, sub-applications."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks.base import (
    AnswerRow,
    Arg,
    Framework,
    Given,
    MountRow,
    Part,
    RequestMember,
    Role,
    RouterKind,
    RouteRow,
    RouteValueRow,
    StartRow,
    SubRouterRow,
    ViewRow,
)

_WEB: Final = "aiohttp.web"
_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
_PATH: Final = Arg(0, "path")
_HANDLER: Final = Arg(1, "handler")
_STATUS: Final = Arg(keyword="status")
_REASON: Final = Arg(keyword="text")
_ERRORS: Final = {
    "HTTPBadRequest": 400, "HTTPUnauthorized": 401, "HTTPForbidden": 403, "HTTPNotFound": 404,
    "HTTPMethodNotAllowed": 405, "HTTPConflict": 409, "HTTPGone": 410, "HTTPUnprocessableEntity": 422,
    "HTTPTooManyRequests": 429, "HTTPInternalServerError": 500, "HTTPNotImplemented": 501,
    "HTTPServiceUnavailable": 503,
    "HTTPFound": 302, "HTTPSeeOther": 303, "HTTPMovedPermanently": 301, "HTTPTemporaryRedirect": 307,
    "HTTPOk": 200, "HTTPCreated": 201, "HTTPNoContent": 204,
}  # fmt: skip

FRAMEWORK: Final = Framework(
    name="aiohttp",
    languages=("python",),
    imports=(_WEB, "aiohttp"),
    gate=(b"aiohttp", b"RouteTableDef", b"add_routes(", b"add_subapp(", b"router.add_", b"@routes."),
    routers=(
        RouterKind(
            kind="app",
            makes=(f"{_WEB}.Application", "aiohttp.web_app.Application"),
            role=Role.APP,
            tags=(f"{_WEB}.Application",),
        ),
        RouterKind(kind="resource", makes=(), role=Role.ROUTER),
        RouterKind(kind="table", makes=(f"{_WEB}.RouteTableDef",), role=Role.ROUTER, tags=(f"{_WEB}.RouteTableDef",)),
    ),
    routes=(
        *(RouteRow(on=("table",), member=verb, methods=(verb.upper(),), path=_PATH) for verb in _VERBS),
        RouteRow(on=("table",), member="view", methods=("ANY",), path=_PATH),
        RouteRow(on=("table",), member="route", methods=("ANY",), path=Arg(1, "path"), methods_from=Arg(0, "method")),
        *(
            RouteRow(on=("app",), member=f"add_{verb}", methods=(verb.upper(),), path=_PATH, handler=_HANDLER, least=1)
            for verb in _VERBS
        ),
        RouteRow(on=("app",), member="add_view", methods=("ANY",), path=_PATH, handler=_HANDLER),
        RouteRow(
            on=("app",),
            member="add_route",
            methods=("ANY",),
            path=Arg(1, "path"),
            handler=Arg(2, "handler"),
            methods_from=Arg(0, "method"),
        ),
        RouteRow(
            on=("resource",),
            member="add_route",
            methods=("ANY",),
            path=None,
            handler=_HANDLER,
            methods_from=Arg(0, "method"),
        ),
    ),
    values=(
        *(
            RouteValueRow(makes=(f"{_WEB}.{verb}",), methods=(verb.upper(),), path=_PATH, handler=_HANDLER)
            for verb in _VERBS
        ),
        RouteValueRow(makes=(f"{_WEB}.view",), methods=("ANY",), path=_PATH, handler=_HANDLER),
        RouteValueRow(
            makes=(f"{_WEB}.route",),
            methods=("ANY",),
            path=Arg(1, "path"),
            handler=Arg(2, "handler"),
            methods_from=Arg(0, "method"),
        ),
    ),
    sub_routers=(SubRouterRow(on=("app",), member="add_resource", kind="resource", prefix=_PATH),),
    mounts=(
        MountRow(on=("app",), member="add_routes", routers=Arg(0, "routes")),
        MountRow(on=("app",), member="add_subapp", routers=Arg(1, "subapp"), prefix=Arg(0, "prefix")),
        MountRow(on=("table",), member="extend", routers=Arg(0)),
    ),
    itself=("router", "on_startup", "cleanup_ctx"),
    starts=(StartRow(on=("app",), member="append", function=Arg(0)),),
    answers=(
        AnswerRow(makes=f"{_WEB}.json_response", content=Arg(0, "data"), status=_STATUS),
        AnswerRow(makes=f"{_WEB}.Response", content=Arg(keyword="text"), status=_STATUS),
        AnswerRow(makes=f"{_WEB}.StreamResponse", content=None, status=_STATUS),
        AnswerRow(makes=f"{_WEB}.FileResponse", content=Arg(0, "path"), status=Arg(keyword="status")),
        *(
            AnswerRow(makes=f"{_WEB}.{name}", content=_REASON, status=status, raises=True)
            for name, status in _ERRORS.items()
        ),
    ),
    request=(
        *(RequestMember(member=name, part=Part.BODY, called=True) for name in ("json", "post", "text", "read")),
        RequestMember(member="multipart", part=Part.BODY, called=True),
        RequestMember(member="content", part=Part.BODY),
        RequestMember(member="query", part=Part.QUERY),
        RequestMember(member="rel_url", part=Part.QUERY),
        RequestMember(member="match_info", part=Part.PATH),
        *(RequestMember(member=name, part=Part.HEADER) for name in ("headers", "cookies", "remote")),
    ),
    request_types=(f"{_WEB}.Request", "aiohttp.web_request.Request"),
    parameters=((), (Given.REQUEST,)),
    views=(ViewRow(base=f"{_WEB}.View", member="", request="request"),),
)
