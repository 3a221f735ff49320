"""FastAPI, and the part of Starlette that it stands on."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks.base import (
    AnswerRow,
    Arg,
    ErrorHandlerRow,
    Framework,
    MiddlewareRow,
    MountRow,
    Part,
    RequestMember,
    Role,
    RouterKind,
    RouteRow,
    RouteValueRow,
    StartRow,
    ViewRow,
)

_ANY: Final = ("app", "router")
_VERBS: Final = ("get", "post", "put", "patch", "delete", "options", "head", "trace")
_STATUS: Final = Arg(keyword="status_code")
_METHODS: Final = Arg(keyword="methods")
_PATH: Final = Arg(0, "path")
_ENDPOINT: Final = Arg(1, "endpoint")
# Libraries whose router is FastAPI's, for routes that are methods of a class.
_CLASS_BASED: Final = ("fastapi_utils", "fastapi_restful")
_REDIRECT: Final = 307

# FastAPI hands on the response classes of Starlette and has some of its own.
_STARLETTE_RESPONSES: Final = ("HTMLResponse", "JSONResponse", "PlainTextResponse", "Response", "StreamingResponse")
_RESPONSES: Final = (
    *(f"{module}.{name}" for module in ("fastapi.responses", "starlette.responses") for name in _STARLETTE_RESPONSES),
    "fastapi.Response",
    "fastapi.responses.ORJSONResponse",
    "fastapi.responses.UJSONResponse",
    "fastapi.sse.EventSourceResponse",
)
# Of a request and of a websocket.
_BODY_READERS: Final = ("json", "body", "form", "stream", "receive_json", "receive_text", "receive_bytes")
_EXCEPTIONS: Final = (
    "fastapi.HTTPException",
    "fastapi.exceptions.HTTPException",
    "starlette.exceptions.HTTPException",
)

FRAMEWORK: Final = Framework(
    name="fastapi",
    languages=("python",),
    imports=("fastapi", "starlette"),
    gate=(
        b"fastapi",
        b"starlette",
        b"APIRouter",
        b"include_router",
        b"outer.",
        b"@app.",
        b"@api.",
        b"add_api_route",
        b"add_api_websocket_route",
        b"add_route(",
        b".mount(",
    ),
    routers=(
        RouterKind(
            kind="app",
            makes=(
                "fastapi.FastAPI",
                "fastapi.applications.FastAPI",
                "starlette.applications.Starlette",
            ),
            role=Role.APP,
            tags=("fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette"),
            starts=(Arg(keyword="lifespan"), Arg(keyword="on_startup")),
            takes=(Arg(1, "routes"),),
        ),
        RouterKind(
            kind="router",
            makes=(
                "fastapi.APIRouter",
                "fastapi.routing.APIRouter",
                *(f"{package}.inferring_router.InferringRouter" for package in _CLASS_BASED),
            ),
            role=Role.ROUTER,
            prefix=Arg(keyword="prefix"),
            tags=("fastapi.APIRouter", "fastapi.routing.APIRouter"),
            takes=(Arg(keyword="routes"),),
        ),
        RouterKind(
            kind="router",
            makes=("starlette.routing.Router",),
            role=Role.ROUTER,
            tags=("starlette.routing.Router",),
            takes=(Arg(0, "routes"),),
        ),
        RouterKind(
            kind="mount",
            makes=("starlette.routing.Mount", "fastapi.routing.Mount"),
            role=Role.ROUTER,
            prefix=Arg(0, "path"),
            takes=(Arg(1, "app"), Arg(2, "routes")),
        ),
        RouterKind(kind="mount", makes=("starlette.routing.Host",), role=Role.ROUTER, takes=(Arg(1, "app"),)),
    ),
    routes=(
        *(RouteRow(on=_ANY, member=verb, methods=(verb.upper(),), path=_PATH, status=_STATUS) for verb in _VERBS),
        RouteRow(on=_ANY, member="api_route", methods=("GET",), path=_PATH, methods_from=_METHODS, status=_STATUS),
        RouteRow(on=_ANY, member="route", methods=("GET",), path=_PATH, methods_from=Arg(1, "methods")),
        RouteRow(on=_ANY, member="websocket", methods=("WS",), path=_PATH),
        RouteRow(on=_ANY, member="websocket_route", methods=("WS",), path=_PATH),
        RouteRow(
            on=_ANY,
            member="add_api_route",
            methods=("GET",),
            path=_PATH,
            handler=Arg(1, "endpoint"),
            methods_from=_METHODS,
            status=_STATUS,
        ),
        RouteRow(
            on=("app",),
            member="add_route",
            methods=("GET",),
            path=_PATH,
            handler=Arg(1, "route"),
            methods_from=Arg(2, "methods"),
        ),
        RouteRow(
            on=("router",),
            member="add_route",
            methods=("GET",),
            path=_PATH,
            handler=Arg(1, "endpoint"),
            methods_from=Arg(2, "methods"),
        ),
        RouteRow(on=_ANY, member="add_api_websocket_route", methods=("WS",), path=_PATH, handler=Arg(1, "endpoint")),
        RouteRow(on=("app",), member="add_websocket_route", methods=("WS",), path=_PATH, handler=Arg(1, "route")),
        RouteRow(on=("router",), member="add_websocket_route", methods=("WS",), path=_PATH, handler=Arg(1, "endpoint")),
    ),
    values=(
        RouteValueRow(
            makes=("starlette.routing.Route",),
            methods=("GET",),
            path=_PATH,
            handler=_ENDPOINT,
            methods_from=_METHODS,
            of_objects=("ANY",),
        ),
        RouteValueRow(
            makes=("fastapi.routing.APIRoute",),
            methods=("GET",),
            path=_PATH,
            handler=_ENDPOINT,
            methods_from=_METHODS,
            status=_STATUS,
        ),
        RouteValueRow(
            makes=("starlette.routing.WebSocketRoute", "fastapi.routing.APIWebSocketRoute"),
            methods=("WS",),
            path=_PATH,
            handler=_ENDPOINT,
        ),
    ),
    itself=("router", "routes"),
    views=(
        ViewRow(base="starlette.endpoints.HTTPEndpoint", member=""),
        ViewRow(base="starlette.endpoints.WebSocketEndpoint", member="", methods=("ws",), dispatch="on_receive"),
    ),
    mounts=(
        *(MountRow(on=_ANY, member=member, routers=Arg(-1)) for member in ("append", "extend", "insert")),
        MountRow(on=_ANY, member="include_router", routers=Arg(0, "router"), prefix=Arg(keyword="prefix")),
        MountRow(on=_ANY, member="mount", routers=Arg(1, "app"), prefix=_PATH),
        MountRow(on=_ANY, member="host", routers=Arg(1, "app")),
    ),
    middleware=(MiddlewareRow(on=("app",), member="middleware", decorates=True),),
    starts=(
        StartRow(on=_ANY, member="on_event", event=Arg(0, "event_type")),
        StartRow(on=_ANY, member="add_event_handler", event=Arg(0, "event_type"), function=Arg(1, "func")),
    ),
    state_members=("state", "extra"),
    error_handlers=(
        ErrorHandlerRow(on=("app",), member="exception_handler"),
        ErrorHandlerRow(on=("app",), member="add_exception_handler", function=Arg(1, "handler")),
    ),
    answers=(
        *(AnswerRow(makes=name, content=Arg(0, "content"), status=Arg(1, "status_code")) for name in _RESPONSES),
        *(
            AnswerRow(makes=f"{module}.FileResponse", content=Arg(0, "path"), status=Arg(1, "status_code"))
            for module in ("fastapi.responses", "starlette.responses")
        ),
        *(
            AnswerRow(
                makes=f"{module}.RedirectResponse",
                content=Arg(0, "url"),
                status=Arg(1, "status_code"),
                status_default=_REDIRECT,
            )
            for module in ("fastapi.responses", "starlette.responses")
        ),
        *(
            AnswerRow(
                makes=f"{module}.Jinja2Templates.TemplateResponse",
                content=Arg(-1, "context"),
                status=Arg(keyword="status_code"),
            )
            for module in ("fastapi.templating", "starlette.templating")
        ),
        *(
            AnswerRow(makes=name, content=Arg(1, "detail"), status=Arg(0, "status_code"), raises=True)
            for name in _EXCEPTIONS
        ),
    ),
    request=(
        *(RequestMember(member=name, part=Part.BODY, called=True) for name in _BODY_READERS),
        RequestMember(member="query_params", part=Part.QUERY),
        RequestMember(member="path_params", part=Part.PATH),
        RequestMember(member="headers", part=Part.HEADER),
        RequestMember(member="cookies", part=Part.HEADER),
        RequestMember(member="user", part=Part.USER),
    ),
    request_types=(
        "fastapi.Request",
        "fastapi.requests.Request",
        "starlette.requests.Request",
        "fastapi.WebSocket",
        "fastapi.websockets.WebSocket",
        "starlette.websockets.WebSocket",
    ),
    response_types=("fastapi.Response", "fastapi.responses.Response", "starlette.responses.Response"),
    injectors=("fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.param_functions.Depends"),
    path_styles=((r"\{(\w+):str\}", r"{\1}"),),
)
