"""Flask, and Quart, which is the same with `async`."""

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
    StartRow,
    ViewRow,
)

_ANY: Final = ("app", "blueprint")
_LIBRARIES: Final = ("flask", "quart")
_VERBS: Final = ("get", "post", "put", "patch", "delete")
_RULE: Final = Arg(0, "rule")
_METHODS: Final = Arg(keyword="methods")
_REDIRECT: Final = 302


def _answers(library: str) -> tuple[AnswerRow, ...]:
    return (
        AnswerRow(makes=f"{library}.jsonify", content=Arg(0, "**")),
        AnswerRow(makes=f"{library}.make_response", status=Arg(1)),
        AnswerRow(makes=f"{library}.Response", content=Arg(0, "response"), status=Arg(1, "status")),
        AnswerRow(makes=f"{library}.render_template", content=Arg(keyword="**"), renders=True),
        AnswerRow(makes=f"{library}.render_template_string", content=Arg(keyword="**"), renders=True),
        AnswerRow(makes=f"{library}.send_file"),
        AnswerRow(makes=f"{library}.send_from_directory", content=Arg(1, "path"), renders=True),
        AnswerRow(makes=f"{library}.redirect", status=Arg(1, "code"), status_default=_REDIRECT),
        AnswerRow(
            makes=f"{library}.abort", content=Arg(1, "description"), status=Arg(0, "code"), raises=True, throws=True
        ),
    )


FRAMEWORK: Final = Framework(
    name="flask",
    languages=("python",),
    imports=_LIBRARIES,
    gate=(
        b"flask",
        b"Flask",
        b"quart",
        b"Quart",
        b"lueprint",
        b"add_url_rule",
        b".route(",
        b"@app.",
        b"@api.",
        b"@bp.",
        b"_bp.",
    ),
    routers=(
        RouterKind(
            kind="app",
            makes=("flask.Flask", "flask.app.Flask", "quart.Quart", "quart.app.Quart"),
            role=Role.APP,
            tags=("flask.Flask", "quart.Quart"),
        ),
        RouterKind(
            kind="blueprint",
            makes=("flask.Blueprint", "flask.blueprints.Blueprint", "quart.Blueprint", "quart.blueprints.Blueprint"),
            role=Role.ROUTER,
            prefix=Arg(5, "url_prefix"),
            tags=("flask.Blueprint", "quart.Blueprint"),
        ),
    ),
    routes=(
        RouteRow(on=_ANY, member="route", methods=("GET",), path=_RULE, methods_from=_METHODS),
        *(RouteRow(on=_ANY, member=verb, methods=(verb.upper(),), path=_RULE) for verb in _VERBS),
        RouteRow(
            on=_ANY,
            member="add_url_rule",
            methods=("GET",),
            path=_RULE,
            handler=Arg(2, "view_func"),
            methods_from=_METHODS,
        ),
        RouteRow(on=_ANY, member="websocket", methods=("WS",), path=_RULE),
    ),
    mounts=(
        MountRow(
            on=_ANY,
            member="register_blueprint",
            routers=Arg(0, "blueprint"),
            prefix=Arg(keyword="url_prefix"),
            overrides_prefix=True,
        ),
    ),
    middleware=(
        MiddlewareRow(on=_ANY, member="before_request", decorates=True, hooks=True),
        MiddlewareRow(on=_ANY, member="before_app_request", decorates=True, hooks=True),
    ),
    starts=(
        StartRow(on=_ANY, member="before_first_request"),
        StartRow(on=("app",), member="before_serving"),
        StartRow(on=("app",), member="while_serving"),
    ),
    state_members=("config", "extensions"),
    current_apps=("flask.current_app", "quart.current_app"),
    error_handlers=(
        ErrorHandlerRow(on=_ANY, member="errorhandler"),
        ErrorHandlerRow(on=_ANY, member="app_errorhandler"),
        ErrorHandlerRow(on=_ANY, member="register_error_handler", function=Arg(1, "f")),
    ),
    answers=tuple(row for library in _LIBRARIES for row in _answers(library)),
    request=(
        *(RequestMember(member=name, part=Part.BODY) for name in ("json", "form", "files", "data", "values")),
        *(RequestMember(member=name, part=Part.BODY, called=True) for name in ("get_json", "get_data")),
        RequestMember(member="args", part=Part.QUERY),
        RequestMember(member="view_args", part=Part.PATH),
        *(RequestMember(member=name, part=Part.HEADER) for name in ("headers", "cookies", "authorization")),
    ),
    request_objects=("flask.request", "quart.request"),
    views=(
        *(ViewRow(base=f"{library}.views.MethodView") for library in _LIBRARIES),
        *(
            ViewRow(base=f"{library}.views.View", methods=("get",), dispatch="dispatch_request")
            for library in _LIBRARIES
        ),
    ),
    tuple_answers=True,
    path_styles=((r"<(?:string:)?([^:<>]+)>", r"{\1}"), (r"<([^:<>]+):([^<>]+)>", r"{\2:\1}")),
    most_specific=True,
)
