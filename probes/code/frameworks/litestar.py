"""Litestar: handlers that are routes by their decorator, controllers, routers."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks.base import (
    AnswerRow,
    Arg,
    ControllerRow,
    Framework,
    HandlerAt,
    MountRow,
    Part,
    PlugInRow,
    RequestMember,
    Role,
    RouterKind,
    RouteValueRow,
    StartRow,
)

_PATH: Final = Arg(0, "path")
_STATUS: Final = Arg(keyword="status_code")
_HANDLERS: Final = Arg(keyword="route_handlers")
_VERBS: Final = ("get", "post", "put", "patch", "delete", "head")
_PLACES: Final = ("litestar", "litestar.handlers", "starlite")
_EXCEPTIONS: Final = {
    "ValidationException": 400, "ClientException": 400, "NotAuthorizedException": 401, "PermissionDeniedException": 403,
    "NotFoundException": 404, "MethodNotAllowedException": 405, "InternalServerException": 500,
    "ServiceUnavailableException": 503,
}  # fmt: skip

FRAMEWORK: Final = Framework(
    name="litestar",
    languages=("python",),
    last_slash_is_free=True,
    imports=("litestar", "starlite"),
    gate=(b"litestar", b"starlite"),
    routers=(
        RouterKind(
            kind="app",
            makes=("litestar.Litestar", "litestar.app.Litestar", "starlite.Starlite"),
            role=Role.APP,
            tags=("litestar.Litestar",),
            takes=(Arg(0, "route_handlers"),),
            starts=(Arg(keyword="on_startup"), Arg(keyword="lifespan")),
            plug_ins=PlugInRow(given=Arg(keyword="plugins"), member="on_app_init", kind="configuration"),
        ),
        RouterKind(kind="configuration", makes=(), role=Role.ROUTER),
        RouterKind(
            kind="router",
            makes=("litestar.Router", "litestar.router.Router", "starlite.Router"),
            role=Role.ROUTER,
            prefix=_PATH,
            takes=(_HANDLERS,),
        ),
    ),
    routes=(),
    values=(
        *(
            RouteValueRow(
                makes=tuple(f"{place}.{verb}" for place in _PLACES),
                methods=(verb.upper(),),
                path=_PATH,
                handler=HandlerAt.DECORATED,
                status=_STATUS,
            )
            for verb in _VERBS
        ),
        RouteValueRow(
            makes=tuple(f"{place}.route" for place in _PLACES),
            methods=("ANY",),
            path=_PATH,
            handler=HandlerAt.DECORATED,
            methods_from=Arg(keyword="http_method"),
            status=_STATUS,
        ),
        RouteValueRow(
            makes=tuple(f"{place}.{kind}" for place in _PLACES for kind in ("websocket", "websocket_listener")),
            methods=("WS",),
            path=_PATH,
            handler=HandlerAt.DECORATED,
        ),
    ),
    mounts=(
        MountRow(on=("app", "router"), member="register", routers=Arg(0, "value")),
        *(MountRow(on=("configuration",), member=name, routers=Arg(0)) for name in ("append", "extend")),
    ),
    starts=(StartRow(on=("app",), member="append", function=Arg(0)),),
    itself=("on_startup", "route_handlers"),
    state_members=("state",),
    answers=(
        AnswerRow(makes="litestar.Response", content=Arg(0, "content"), status=_STATUS),
        AnswerRow(makes="litestar.response.Response", content=Arg(0, "content"), status=_STATUS),
        AnswerRow(makes="litestar.response.Redirect", status=_STATUS, status_default=302),
        AnswerRow(makes="litestar.response.Template", content=Arg(keyword="context"), status=_STATUS),
        AnswerRow(
            makes="litestar.exceptions.HTTPException",
            content=Arg(keyword="detail"),
            status=_STATUS,
            status_default=500,
            raises=True,
        ),
        *(
            AnswerRow(makes=f"litestar.exceptions.{name}", content=Arg(0, "detail"), status=status, raises=True)
            for name, status in _EXCEPTIONS.items()
        ),
    ),
    request=(
        *(RequestMember(member=name, part=Part.BODY, called=True) for name in ("json", "form", "body")),
        RequestMember(member="query_params", part=Part.QUERY),
        RequestMember(member="path_params", part=Part.PATH),
        *(RequestMember(member=name, part=Part.HEADER) for name in ("headers", "cookies")),
        RequestMember(member="user", part=Part.USER),
    ),
    request_types=("litestar.Request", "litestar.connection.Request"),
    injectors=("litestar.di.Provide", "starlite.Provide"),
    body_parameters=("data",),
    controllers=tuple(
        ControllerRow(base=base)
        for base in ("litestar.Controller", "litestar.controller.Controller", "starlite.Controller")
    ),
    path_styles=((r"\{(\w+):str\}", r"{\1}"),),
)
