"""Tornado: a table of patterns and handler classes, which answer through themselves."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks.base import (
    AnswerRow,
    Arg,
    Framework,
    MountRow,
    Part,
    RequestMember,
    ResponseMember,
    Role,
    RouterKind,
    RouteValueRow,
    ViewRow,
)

_WEB: Final = "tornado.web"
_PATTERN: Final = Arg(0, "pattern")
_HANDLER: Final = Arg(1, "handler")

FRAMEWORK: Final = Framework(
    name="tornado",
    languages=("python",),
    imports=("tornado",),
    gate=(b"tornado",),
    routers=(
        RouterKind(
            kind="app",
            makes=(f"{_WEB}.Application",),
            role=Role.APP,
            tags=(f"{_WEB}.Application",),
            takes=(Arg(0, "handlers"),),
        ),
    ),
    routes=(),
    values=(
        RouteValueRow(
            makes=(f"{_WEB}.url", f"{_WEB}.URLSpec", "tornado.routing.URLSpec"),
            methods=("ANY",),
            path=_PATTERN,
            handler=_HANDLER,
        ),
    ),
    pairs=RouteValueRow(makes=(), methods=("ANY",), path=Arg(0), handler=Arg(1)),
    mounts=(MountRow(on=("app",), member="add_handlers", routers=Arg(1, "host_handlers")),),
    response=(
        ResponseMember(member="set_status", status=Arg(0, "status_code")),
        ResponseMember(member="write", content=Arg(0, "chunk")),
        ResponseMember(member="finish", content=Arg(0, "chunk"), ends=True),
        ResponseMember(member="render", content=Arg(keyword="**"), ends=True, renders=True),
        ResponseMember(member="redirect", content=Arg(0, "url"), ends=True, redirects=True),
        ResponseMember(member="send_error", status=Arg(0, "status_code"), ends=True),
        ResponseMember(member="write_message", content=Arg(0, "message")),
    ),
    request=(
        *(RequestMember(member=name, part=Part.BODY) for name in ("body", "body_arguments", "files")),
        *(RequestMember(member=name, part=Part.QUERY) for name in ("arguments", "query_arguments", "query")),
        *(RequestMember(member=name, part=Part.HEADER) for name in ("headers", "cookies", "remote_ip")),
    ),
    own_request=tuple(
        RequestMember(member=name, part=part, called=True)
        for name, part in (
            ("get_argument", Part.QUERY),
            ("get_arguments", Part.QUERY),
            ("get_query_argument", Part.QUERY),
            ("get_body_argument", Part.BODY),
            ("get_secure_cookie", Part.HEADER),
            ("get_cookie", Part.HEADER),
        )
    ),
    answers=(
        AnswerRow(
            makes=f"{_WEB}.HTTPError",
            content=Arg(1, "log_message"),
            status=Arg(0, "status_code"),
            status_default=500,
            raises=True,
        ),
    ),
    views=(
        ViewRow(base=f"{_WEB}.RequestHandler", member="", request="request", responds=True),
        ViewRow(
            base="tornado.websocket.WebSocketHandler",
            member="",
            methods=("ws",),
            dispatch="on_message",
            request="request",
            responds=True,
        ),
    ),
    answers_by_return=False,
    path_styles=((r"\(\?P<(\w+)>[^()]*\)", r"{\1:text}"), (r"\([^()]*\)", "{group:text}")),
)
