"""Sanic: blueprints and groups of them, classes as views."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks.base import (
    AnswerRow,
    Arg,
    ErrorHandlerRow,
    Framework,
    Given,
    MountRow,
    Part,
    RequestMember,
    Role,
    RouterKind,
    RouteRow,
    StartRow,
    ViewRow,
)

_ANY: Final = ("app", "blueprint")
_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
_URI: Final = Arg(0, "uri")
_PREFIX: Final = Arg(keyword="url_prefix")
_METHODS: Final = Arg(keyword="methods")
_STATUS: Final = Arg(1, "status")
_REDIRECT: Final = 302
_EXCEPTIONS: Final = {
    "BadRequest": 400, "InvalidUsage": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404,
    "MethodNotAllowed": 405, "ServerError": 500, "ServiceUnavailable": 503,
}  # fmt: skip

FRAMEWORK: Final = Framework(
    name="sanic",
    languages=("python",),
    last_slash_is_free=True,
    imports=("sanic",),
    gate=(b"sanic", b"Sanic", b"lueprint", b".add_route(", b"@app.", b"@bp.", b"_bp."),
    routers=(
        RouterKind(
            kind="app", makes=("sanic.Sanic", "sanic.app.Sanic"), role=Role.APP, tags=("sanic.Sanic", "sanic.app.Sanic")
        ),
        RouterKind(
            kind="group",
            makes=("sanic.Blueprint.group", "sanic.blueprints.Blueprint.group"),
            role=Role.ROUTER,
            prefix=_PREFIX,
            takes=(Arg(0, rest=True),),
        ),
        RouterKind(
            kind="group",
            makes=("sanic.blueprints.BlueprintGroup", "sanic.blueprint_group.BlueprintGroup"),
            role=Role.ROUTER,
            prefix=Arg(0, "url_prefix"),
        ),
        RouterKind(
            kind="blueprint",
            makes=("sanic.Blueprint", "sanic.blueprints.Blueprint"),
            role=Role.ROUTER,
            prefix=Arg(1, "url_prefix"),
            tags=("sanic.Blueprint", "sanic.blueprints.Blueprint"),
        ),
    ),
    routes=(
        *(RouteRow(on=_ANY, member=verb, methods=(verb.upper(),), path=_URI) for verb in _VERBS),
        RouteRow(on=_ANY, member="route", methods=("GET",), path=_URI, methods_from=Arg(1, "methods")),
        RouteRow(on=_ANY, member="websocket", methods=("WS",), path=_URI),
        RouteRow(
            on=_ANY,
            member="add_route",
            methods=("GET",),
            path=Arg(1, "uri"),
            handler=Arg(0, "handler"),
            methods_from=_METHODS,
        ),
        RouteRow(on=_ANY, member="add_websocket_route", methods=("WS",), path=Arg(1, "uri"), handler=Arg(0, "handler")),
    ),
    mounts=(
        MountRow(on=("app",), member="blueprint", routers=Arg(0, "blueprint"), prefix=_PREFIX, overrides_prefix=True),
        MountRow(on=("group",), member="append", routers=Arg(0)),
        MountRow(on=("group",), member="extend", routers=Arg(0)),
    ),
    starts=(
        *(
            StartRow(on=_ANY, member=name)
            for name in ("before_server_start", "after_server_start", "main_process_start")
        ),
    ),
    state_members=("ctx",),
    error_handlers=(ErrorHandlerRow(on=_ANY, member="exception"),),
    answers=(
        *(
            AnswerRow(makes=f"sanic.{name}", content=Arg(0, "body"), status=_STATUS)
            for module in ("", "response.")
            for name in (f"{module}{kind}" for kind in ("json", "text", "html", "raw"))
        ),
        *(
            AnswerRow(makes=f"sanic.{module}empty", content=None, status=Arg(0, "status"))
            for module in ("", "response.")
        ),
        *(
            AnswerRow(makes=f"sanic.{module}redirect", status=Arg(keyword="status"), status_default=_REDIRECT)
            for module in ("", "response.")
        ),
        *(
            AnswerRow(makes=f"sanic.{name}", content=Arg(0, "body"), status=_STATUS)
            for name in ("HTTPResponse", "response.HTTPResponse")
        ),
        *(AnswerRow(makes=f"sanic.{module}file", content=Arg(0, "location")) for module in ("", "response.")),
        *(
            AnswerRow(makes=f"sanic.exceptions.{name}", content=Arg(0, "message"), status=status, raises=True)
            for name, status in _EXCEPTIONS.items()
        ),
        AnswerRow(
            makes="sanic.exceptions.SanicException",
            content=Arg(0, "message"),
            status=Arg(1, "status_code"),
            status_default=500,
            raises=True,
        ),
    ),
    request=(
        *(RequestMember(member=name, part=Part.BODY) for name in ("json", "form", "files", "body")),
        *(RequestMember(member=name, part=Part.QUERY) for name in ("args", "query_args", "query_string")),
        RequestMember(member="match_info", part=Part.PATH),
        *(RequestMember(member=name, part=Part.HEADER) for name in ("headers", "cookies", "token", "ip")),
    ),
    request_types=("sanic.Request", "sanic.request.Request"),
    parameters=((Given.REQUEST,),),
    path_by_name=True,
    views=(ViewRow(base="sanic.views.HTTPMethodView", skips=0),),
    path_styles=((r"<(?:(\w+):str|(\w+))>", r"{\1\2}"), (r"<(\w+):([^<>]+)>", r"{\1:\2}")),
)
