"""Django and Django REST framework: tables of routes, functions and classes as views, view sets and their routers."""

from __future__ import annotations

from typing import Final

from assay.probes.code.frameworks.base import (
    ActionRow,
    AnswerRow,
    Arg,
    Framework,
    Given,
    Part,
    RequestMember,
    ResourceRow,
    RestrictingRow,
    Role,
    RouterKind,
    StandardAction,
    TableRow,
    Tables,
    ViewRow,
)

_VERBS: Final = ("get", "post", "put", "patch", "delete")
_STATUS: Final = Arg(keyword="status")
_REDIRECT: Final = 302
_HTTP: Final = "django.http"
_REST: Final = "rest_framework"
_EXCEPTIONS: Final = {
    "APIException": 500,
    "ValidationError": 400,
    "ParseError": 400,
    "AuthenticationFailed": 401,
    "NotAuthenticated": 401,
    "PermissionDenied": 403,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "NotAcceptable": 406,
    "UnsupportedMediaType": 415,
    "Throttled": 429,
}
_RESPONSES: Final = {
    "HttpResponse": 200,
    "HttpResponseNotModified": 304,
    "HttpResponseBadRequest": 400,
    "HttpResponseForbidden": 403,
    "HttpResponseNotFound": 404,
    "HttpResponseNotAllowed": 405,
    "HttpResponseGone": 410,
    "HttpResponseServerError": 500,
}
_REDIRECTS: Final = {"HttpResponseRedirect": _REDIRECT, "HttpResponsePermanentRedirect": 301}
_ROUTERS: Final = (
    f"{_REST}.routers.DefaultRouter",
    f"{_REST}.routers.SimpleRouter",
    f"{_REST}_extensions.routers.ExtendedDefaultRouter",
    f"{_REST}_extensions.routers.ExtendedSimpleRouter",
    f"{_REST}_nested.routers.DefaultRouter",
    f"{_REST}_nested.routers.SimpleRouter",
)
_NESTED: Final = (f"{_REST}_nested.routers.NestedDefaultRouter", f"{_REST}_nested.routers.NestedSimpleRouter")

FRAMEWORK: Final = Framework(
    name="django",
    path_decides=True,
    languages=("python",),
    imports=("django", _REST),
    gate=(b"urlpatterns", b"django.urls", b"django.conf.urls", b"rest_framework.routers", b"outer.register("),
    routers=(
        RouterKind(kind="table", makes=(), role=Role.ROUTER),
        RouterKind(kind="view-sets", makes=_ROUTERS, role=Role.ROUTER),
        RouterKind(kind="nested", makes=(), role=Role.ROUTER),
    ),
    routes=(),
    itself=("urls", "registry"),
    tables=Tables(
        name="urlpatterns",
        root="ROOT_URLCONF",
        settings="DJANGO_SETTINGS_MODULE",
        entries=(
            TableRow(makes=("django.urls.path", "django.urls.conf.path")),
            TableRow(
                makes=("django.urls.re_path", "django.urls.conf.re_path", "django.conf.urls.url"), is_pattern=True
            ),
        ),
        includes=("django.urls.include", "django.urls.conf.include", "django.conf.urls.include"),
        wraps=(
            "django.conf.urls.i18n.i18n_patterns",
            "django.conf.urls.patterns",
            "django.conf.urls.static.static",
            "django.contrib.staticfiles.urls.staticfiles_urlpatterns",
            f"{_REST}.urlpatterns.format_suffix_patterns",
        ),
        resources=(
            ResourceRow(on=("view-sets", "nested"), member="register"),
            ResourceRow(on=("view-sets", "nested"), member="register_viewset"),
        ),
        standard=tuple(
            StandardAction(name=name, method=method, detail=detail)
            for name, method, detail in (
                ("list", "GET", False),
                ("create", "POST", False),
                ("retrieve", "GET", True),
                ("update", "PUT", True),
                ("partial_update", "PATCH", True),
                ("destroy", "DELETE", True),
            )
        ),
        actions=(
            ActionRow(makes=f"{_REST}.decorators.action"),
            ActionRow(makes=f"{_REST}.decorators.detail_route", detail=True),
            ActionRow(makes=f"{_REST}.decorators.list_route", detail=False),
        ),
        restricting=(
            RestrictingRow(makes=f"{_REST}.decorators.api_view", methods=Arg(0, "http_method_names"), default=("GET",)),
            RestrictingRow(makes="django.views.decorators.http.require_http_methods", methods=Arg(0)),
            RestrictingRow(makes="django.views.decorators.http.require_GET", direct=("GET",)),
            RestrictingRow(makes="django.views.decorators.http.require_POST", direct=("POST",)),
            RestrictingRow(makes="django.views.decorators.http.require_safe", direct=("GET",)),
        ),
        nested=_NESTED,
    ),
    answers=(
        *(
            AnswerRow(makes=f"{module}.{name}", content=Arg(0, "content"), status=_STATUS, status_default=status)
            for module in (_HTTP, f"{_HTTP}.response")
            for name, status in _RESPONSES.items()
        ),
        *(
            AnswerRow(makes=f"{module}.{name}", content=Arg(0), status=status)
            for module in (_HTTP, f"{_HTTP}.response", "django.shortcuts")
            for name, status in _REDIRECTS.items()
        ),
        *(
            AnswerRow(makes=f"{module}.{name}", content=Arg(0, keyword), status=_STATUS)
            for module in (_HTTP, f"{_HTTP}.response")
            for name, keyword in (
                ("JsonResponse", "data"),
                ("StreamingHttpResponse", "streaming_content"),
                ("FileResponse", "streaming_content"),
            )
        ),
        AnswerRow(makes=f"{_HTTP}.Http404", content=Arg(0), status=404, raises=True),
        AnswerRow(makes="django.core.exceptions.PermissionDenied", content=Arg(0), status=403, raises=True),
        AnswerRow(makes="django.core.exceptions.SuspiciousOperation", content=Arg(0), status=400, raises=True),
        AnswerRow(makes="django.core.exceptions.BadRequest", content=Arg(0), status=400, raises=True),
        AnswerRow(makes="django.shortcuts.render", content=Arg(2, "context"), status=_STATUS, renders=True),
        AnswerRow(makes="django.shortcuts.redirect", content=Arg(0, "to"), status=_REDIRECT),
        AnswerRow(
            makes="django.template.response.TemplateResponse",
            content=Arg(2, "context"),
            status=_STATUS,
            renders=True,
        ),
        AnswerRow(makes=f"{_REST}.response.Response", content=Arg(0, "data"), status=Arg(1, "status")),
        *(
            AnswerRow(makes=f"{module}.{name}", content=Arg(0, "detail"), status=status, raises=True)
            for module in (f"{_REST}.exceptions", f"{_REST}.serializers")
            for name, status in _EXCEPTIONS.items()
            if module.endswith("exceptions") or name == "ValidationError"
        ),
    ),
    request=(
        *(RequestMember(member=name, part=Part.BODY) for name in ("data", "POST", "body", "FILES", "DATA")),
        *(RequestMember(member=name, part=Part.BODY, called=True) for name in ("read", "readlines")),
        *(RequestMember(member=name, part=Part.QUERY) for name in ("GET", "query_params", "QUERY_PARAMS")),
        *(RequestMember(member=name, part=Part.PATH) for name in ("path", "path_info", "resolver_match")),
        *(RequestMember(member=name, part=Part.PATH, called=True) for name in ("get_full_path", "build_absolute_uri")),
        *(RequestMember(member=name, part=Part.HEADER) for name in ("META", "headers", "COOKIES", "method", "session")),
        *(RequestMember(member=name, part=Part.USER, handle="django.Model") for name in ("user", "auser")),
        RequestMember(member="auth", part=Part.USER),
    ),
    request_types=(
        f"{_HTTP}.HttpRequest",
        f"{_HTTP}.request.HttpRequest",
        "django.core.handlers.wsgi.WSGIRequest",
        "django.core.handlers.asgi.ASGIRequest",
        f"{_REST}.request.Request",
    ),
    parameters=((Given.REQUEST,),),
    views=(
        ViewRow(base="django.views.View", methods=_VERBS, skips=0, request="request", path="kwargs"),
        ViewRow(base=f"{_REST}.views.APIView", methods=_VERBS, skips=0, request="request", path="kwargs"),
    ),
    path_styles=((r"<(?:str:)?([^:<>]+)>", r"{\1}"), (r"<([^:<>]+):([^<>]+)>", r"{\2:\1}")),
    path_by_name=True,
)
