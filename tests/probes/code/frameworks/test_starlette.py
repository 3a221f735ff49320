"""Starlette: routes as values in lists, mounts, endpoints that are classes."""

from __future__ import annotations

import importlib

import pytest

from assay.probes.code.frameworks import fastapi
from tests.probes.code.endpoints import found, served, unserved

HEAD = """
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.responses import JSONResponse

def page(request):
    return JSONResponse({"page": 1})

"""


def _app(text: str) -> dict[str, str]:
    return {"main.py": HEAD + text}


def test_routes_in_the_list_of_an_application_are_endpoints_where_they_are_made() -> None:
    files = _app("""
routes = [
    Route("/", page),
    Route("/both", endpoint=page, methods=["GET", "POST"]),
    WebSocketRoute("/ws", page),
]
app = Starlette(debug=True, routes=routes)
""")
    assert [(one.title, one.line, one.handler) for one in found(files)] == [
        ("GET /", 12, "page"),
        ("GET|POST /both", 13, "page"),
        ("WS /ws", 14, "page"),
    ]


def test_a_route_that_no_application_takes_is_unwired() -> None:
    files = _app("""
old = [Route("/old", page)]
app = Starlette(routes=[Route("/new", page)])
""")
    assert (served(files), unserved(files)) == (["GET /new"], ["GET /old"])


def test_mounts_carry_their_path_to_applications_routers_and_lists_of_routes() -> None:
    files = _app("""
router = Router(routes=[Route("/deep", page)])
other = Starlette(routes=[Route("/own", page)])
app = Starlette(routes=[
    Mount("/api", routes=[Route("/x", page), Mount("/v1", app=router)]),
    Mount("/other", other),
    Host("api.example.org", app=Router([Route("/host", page)])),
    Mount("/static", app=object()),
])
""")
    assert sorted(served(files)) == ["GET /api/v1/deep", "GET /api/x", "GET /host", "GET /other/own"]


@pytest.mark.parametrize(
    "routes",
    [
        "one + two",
        "[*one, *two]",
        "[route for part in (one, two) for route in part]",
        "list(one) + two",
    ],
)
def test_lists_of_routes_are_put_together(routes: str) -> None:
    files = _app(f"""
one = [Route("/a", page)]
two = [Route("/b", page)]
app = Starlette(routes={routes})
""")
    assert served(files) == ["GET /a", "GET /b"]


def test_routes_are_added_to_a_list_and_to_an_application_one_by_one() -> None:
    files = _app("""
routes = [Route("/a", page)]
routes.append(Route("/b", page))
routes += [Route("/c", page)]
routes.extend([Route("/d", page)])
app = Starlette(routes=routes)
app.routes.append(Route("/e", page))
app.router.routes.extend([Route("/f", page)])
app.add_route("/g", page)
""")
    assert [title.removeprefix("GET /") for title in served(files)] == list("abcdefg")


def test_an_object_that_is_called_answers_every_method_that_no_route_before_it_does() -> None:
    files = _app("""
class Refusing:
    async def __call__(self, scope, receive, send): ...


def all_of(routes):
    return [*routes, *[Route(route.path, Refusing()) for route in routes]]


app = Starlette(routes=all_of([Route("/a", page), Route("/b", page)]))
""")
    assert sorted(served(files)) == ["ANY /a", "ANY /b", "GET /a", "GET /b"]


def test_no_route_of_a_long_list_is_lost() -> None:
    routes = "".join(f'    Route("/r{number}", page),\n' for number in range(120))
    files = _app(f"app = Starlette(routes=[\n{routes}])\n")
    assert len(served(files)) == 120


def test_each_method_of_an_endpoint_class_is_an_endpoint_at_its_line() -> None:
    files = _app("""
class Base(HTTPEndpoint):
    async def delete(self, request):
        return JSONResponse({})


class Items(Base):
    async def get(self, request):
        return JSONResponse([])

    async def post(self, request):
        return JSONResponse({})


class Echo(WebSocketEndpoint):
    async def on_connect(self, websocket): ...

    async def on_receive(self, websocket, data): ...


app = Starlette(routes=[Route("/items", Items), WebSocketRoute("/echo", Echo)])
""")
    assert [(one.title, one.line, one.handler) for one in found(files)] == [
        ("DELETE /items", 16, "delete"),
        ("GET /items", 17, "get"),
        ("POST /items", 20, "post"),
        ("WS /echo", 27, "on_receive"),
    ]


def _names() -> list[str]:
    rows = [*(name for row in fastapi.FRAMEWORK.values for name in row.makes)]
    return [*rows, *(row.base for row in fastapi.FRAMEWORK.views)]


@pytest.mark.parametrize("path", _names())
def test_every_route_and_view_that_is_named_exists(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
