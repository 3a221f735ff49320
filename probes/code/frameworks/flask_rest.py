"""What stands on Flask for HTTP APIs: Flask-RESTful, Flask-RESTX, flask-smorest, APIFlask."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks import flask
from assay.probes.code.frameworks.base import (
    AnswerRow,
    Arg,
    MountRow,
    Role,
    RouterKind,
    RouteRow,
    SubRouterRow,
    ViewRow,
)

_RESOURCES: Final = ("flask_restful", "flask_restx", "flask_restplus")
_SPACED: Final = ("flask_restx", "flask_restplus")
_PREFIX: Final = Arg(keyword="url_prefix")
_APP: Final = Arg(0, "app")

FRAMEWORK: Final = flask.FRAMEWORK._replace(
    name="flask-rest",
    imports=(*_RESOURCES, "flask_smorest", "apiflask"),
    routers=(
        RouterKind(
            kind="api",
            makes=tuple(f"{library}.Api" for library in (*_RESOURCES, "flask_smorest")),
            role=Role.ROUTER,
            prefix=Arg(keyword="prefix"),
            onto=_APP,
        ),
        RouterKind(
            kind="namespace",
            makes=tuple(f"{library}.Namespace" for library in _SPACED),
            role=Role.ROUTER,
            prefix=Arg(keyword="path"),
            named=Arg(0, "name"),
        ),
        RouterKind(kind="app", makes=("apiflask.APIFlask",), role=Role.APP, tags=("apiflask.APIFlask",)),
        RouterKind(
            kind="blueprint",
            makes=("flask_smorest.Blueprint", "apiflask.APIBlueprint"),
            role=Role.ROUTER,
            prefix=_PREFIX,
        ),
    ),
    routes=(
        *flask.FRAMEWORK.routes,
        RouteRow(
            on=("api", "namespace"),
            member="add_resource",
            methods=("GET",),
            path=Arg(1, rest=True),
            handler=Arg(0, "resource"),
        ),
        RouteRow(on=("api", "namespace"), member="route", methods=("GET",), path=Arg(0, rest=True)),
    ),
    sub_routers=(
        SubRouterRow(
            on=("api",), member="namespace", kind="namespace", prefix=Arg(keyword="path"), least=0, named=Arg(0, "name")
        ),
    ),
    mounts=(
        *flask.FRAMEWORK.mounts,
        MountRow(
            on=("api",), member="add_namespace", routers=Arg(0, "ns"), prefix=Arg(1, "path"), overrides_prefix=True
        ),
        MountRow(
            on=("api",), member="register_blueprint", routers=Arg(0, "blp"), prefix=_PREFIX, overrides_prefix=True
        ),
        MountRow(on=("api",), member="init_app", routers=_APP, onto=True),
    ),
    answers=tuple(
        AnswerRow(makes=f"{library}.abort", content=Arg(1, "message"), status=Arg(0, "code"), raises=True, throws=True)
        for library in (*_RESOURCES, "flask_smorest", "apiflask")
    ),
    request_objects=(),
    current_apps=(),
    views=tuple(ViewRow(base=f"{library}.Resource", member="") for library in _RESOURCES),
)
