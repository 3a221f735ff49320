"""Express: apps and routers, chains of `route()`, mounts with prefixes, middleware before the handler that answers."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks.base import (
    Arg,
    Framework,
    Given,
    HandlerAt,
    MiddlewareRow,
    MountRow,
    Part,
    RequestMember,
    ResponseMember,
    Role,
    RouterKind,
    RouteRow,
    SubRouterRow,
)

_ANY: Final = ("app", "router")
_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
_METHODS: Final = (*((verb, (verb.upper(),)) for verb in _VERBS), ("all", ("ANY",)))
_CONTENT: Final = Arg(0)
_NAMES: Final = (b"app", b"router", b"server", b"api", b"routes")

FRAMEWORK: Final = Framework(
    name="express",
    languages=("typescript", "javascript"),
    last_slash_is_free=True,
    imports=("express", "express-promise-router"),
    gate=(
        b"'express",
        b'"express',
        b"express.",
        b"express()",
        b": Express",
        b"Router(",
        *(name + b"." + member for name in _NAMES for member in (b"use(", b"route(", b"all(")),
        *(name + b"." + verb.encode() + b"(" for name in _NAMES for verb in _VERBS),
    ),
    routers=(
        RouterKind(
            kind="app",
            makes=("express",),
            role=Role.APP,
            tags=("express.Express", "express.Application", "express.IApplication"),
        ),
        RouterKind(
            kind="router",
            makes=("express.Router", "express-promise-router"),
            role=Role.ROUTER,
            tags=("express.Router", "express.IRouter"),
        ),
        RouterKind(kind="route", makes=(), role=Role.ROUTER, tags=("express.IRoute",)),
    ),
    routes=(
        *(
            RouteRow(on=_ANY, member=member, methods=methods, handler=HandlerAt.LAST_FUNCTION, least=2, chains=True)
            for member, methods in _METHODS
        ),
        *(
            RouteRow(
                on=("route",),
                member=member,
                methods=methods,
                path=None,
                handler=HandlerAt.LAST_FUNCTION,
                least=1,
                chains=True,
            )
            for member, methods in _METHODS
        ),
    ),
    sub_routers=(SubRouterRow(on=_ANY, member="route", kind="route", prefix=Arg(0)),),
    mounts=(MountRow(on=_ANY, member="use", prefix=Arg(0)),),
    middleware=(MiddlewareRow(on=_ANY, member="use"),),
    response=(
        ResponseMember(member="status", status=Arg(0)),
        ResponseMember(member="json", content=_CONTENT),
        ResponseMember(member="jsonp", content=_CONTENT),
        ResponseMember(member="send", content=_CONTENT),
        ResponseMember(member="end", content=_CONTENT, ends=True),
        ResponseMember(member="write", content=_CONTENT),
        ResponseMember(member="sendStatus", status=Arg(0), ends=True),
        ResponseMember(member="sendFile", content=_CONTENT, ends=True, renders=True),
        ResponseMember(member="download", content=_CONTENT, ends=True, renders=True),
        ResponseMember(member="redirect", content=Arg(-1), ends=True, redirects=True),
        ResponseMember(member="render", content=Arg(1), ends=True, renders=True),
    ),
    response_types=("express.Response",),
    request=(
        RequestMember(member="body", part=Part.BODY),
        RequestMember(member="files", part=Part.BODY),
        RequestMember(member="file", part=Part.BODY),
        RequestMember(member="query", part=Part.QUERY),
        RequestMember(member="params", part=Part.PATH),
        *(
            RequestMember(member=name, part=Part.HEADER)
            for name in ("headers", "cookies", "signedCookies", "ip", "hostname")
        ),
        *(RequestMember(member=name, part=Part.HEADER, called=True) for name in ("get", "header")),
        *(RequestMember(member=name, part=Part.USER) for name in ("user", "userId", "session", "auth")),
        *(RequestMember(member=name, part=Part.PATH) for name in ("path", "url", "originalUrl")),
        RequestMember(member="param", part=Part.PATH, called=True),
    ),
    request_types=("express.Request",),
    parameters=(
        (Given.REQUEST, Given.RESPONSE, Given.NEXT),
        (Given.ERROR, Given.REQUEST, Given.RESPONSE, Given.NEXT),
    ),
    answers_by_return=False,
    path_styles=((r":(\w+)\(([^)]*)\)[?*+]?", r"{\1:\2}"), (r":(\w+)[?*+]?", r"{\1}")),
)
