"""FastAPI and Starlette: which endpoints there are, at which paths, and which of them nobody can reach."""

from __future__ import annotations

import importlib
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from assay.probes.code.frameworks import fastapi
from tests.probes.code.endpoints import flow, found, served, unserved

if TYPE_CHECKING:
    from assay.probes.code.frameworks.base import AnswerRow, RouteRow

USERS = """
    from fastapi import APIRouter
    router = APIRouter(prefix="/users")

    @router.get("/{user_id}")
    def one(user_id: int):
        return {"id": user_id}
"""


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "options", "head", "trace"])
def test_each_verb_declares_an_endpoint_at_its_decorator(verb: str) -> None:
    source = f"""
    from fastapi import FastAPI
    app = FastAPI()

    @app.{verb}("/x", status_code=202)
    async def handler(): ...
    """
    (only,) = found({"main.py": source})
    assert only[:4] == (f"{verb.upper()} /x", "main.py", 5, "handler")


def test_several_methods_websockets_and_registration_by_call_are_endpoints() -> None:
    source = """
    from fastapi import FastAPI, APIRouter
    app = FastAPI()
    router = APIRouter()

    @router.api_route("/many", methods=["GET", "POST"])
    def many(): ...

    @router.api_route("/one")
    def one(): ...

    @router.websocket("/ws")
    async def ws(socket): ...

    def added(): ...

    router.add_api_route("/added", added, methods=["DELETE"])
    router.add_api_route(path="/named", endpoint=added)
    router.add_api_websocket_route("/ws2", ws)
    app.add_route("/plain", added, methods=["PUT"])
    app.include_router(router)
    """
    assert [(one.title, one.line, one.handler) for one in found({"main.py": source})] == [
        ("GET|POST /many", 6, "many"),
        ("GET /one", 9, "one"),
        ("WS /ws", 12, "ws"),
        ("DELETE /added", 17, "added"),
        ("GET /named", 18, "added"),
        ("WS /ws2", 19, "ws"),
        ("PUT /plain", 20, "added"),
    ]


def test_a_path_carries_every_prefix_on_its_way() -> None:
    files = {
        "app/users.py": USERS,
        "app/api.py": """
            from fastapi import APIRouter
            from .users import router as users
            api = APIRouter(prefix="/v1")
            api.include_router(users, prefix="/people")
        """,
        "app/main.py": """
            from fastapi import FastAPI
            from app.api import api
            app = FastAPI()
            app.include_router(api, prefix="/api")
        """,
    }
    assert served(files) == ["GET /api/v1/people/users/{user_id}"]


def test_a_prefix_may_be_a_constant_a_setting_or_a_text_with_parts() -> None:
    files = {
        "users.py": USERS,
        "config.py": 'PREFIX = "/api"\nclass Settings:\n    version: str = "/v2"\nsettings = Settings()\n',
        "main.py": """
            from fastapi import FastAPI
            from config import PREFIX, settings
            import users
            app = FastAPI()
            app.include_router(users.router, prefix=f"{PREFIX}{settings.version}")
        """,
    }
    assert served(files) == ["GET /api/v2/users/{user_id}"]


def test_a_router_is_served_at_every_place_where_it_is_mounted() -> None:
    source = """
    from fastapi import APIRouter, FastAPI
    router = APIRouter()

    @router.get("/x")
    def x(): ...

    app = FastAPI()
    app.include_router(router, prefix="/a")
    app.include_router(router, prefix="/b")
    """
    assert served({"main.py": source}) == ["GET /a/x", "GET /b/x"]


@pytest.mark.parametrize(
    "mounting",
    [
        "for router in [users.router, orders.router]:\n    app.include_router(router, prefix='/api')",
        "for router in (users.router, orders.router): app.include_router(router, prefix='/api')",
        "all = [users.router]\nall.append(orders.router)\nfor r in all: app.include_router(r, prefix='/api')",
        "for path, r in {'/api': users.router, '/api/': orders.router}.items(): app.include_router(r, prefix=path)",
        "for m in (users, orders):\n    app.include_router(m.router, prefix='/api')",
        "[app.include_router(r, prefix='/api') for r in (users.router, orders.router)]",
        "def mount(*all):\n    for r in all: app.include_router(r, prefix='/api')\nmount(users.router, orders.router)",
    ],
)
def test_routers_in_lists_and_loops_are_mounted(mounting: str) -> None:
    files = {
        "users.py": USERS,
        "orders.py": USERS.replace("users", "orders"),
        "main.py": f"from fastapi import FastAPI\nimport users, orders\napp = FastAPI()\n{mounting}\n",
    }
    assert served(files) == ["GET /api/orders/{user_id}", "GET /api/users/{user_id}"]


@pytest.mark.parametrize(
    "factory",
    [
        """
        def create_app():
            app = FastAPI()
            app.include_router(router)
            return app
        app = create_app()
        """,
        """
        def create_app() -> FastAPI:
            app = FastAPI()
            _routes(app)
            return app

        def _routes(app):
            app.include_router(router)
        """,
        """
        def setup(app: FastAPI) -> None:
            app.include_router(router)

        app = FastAPI()
        setup(app)
        """,
        """
        class Server:
            def __init__(self):
                self.app = FastAPI()
                self.app.include_router(router)

        server = Server()
        """,
    ],
)
def test_applications_made_by_factories_serve(factory: str) -> None:
    head = "from fastapi import FastAPI\nfrom users import router\n"
    files = {"users.py": USERS, "main.py": head + dedent(factory)}
    assert served(files) == ["GET /users/{user_id}"]


def test_a_router_keeps_its_identity_under_aliases_and_reexports() -> None:
    files = {
        "app/routes/users.py": USERS,
        "app/routes/__init__.py": "from .users import router as users_router\n__all__ = ['users_router']\n",
        "app/main.py": """
            import fastapi as fa
            from app import routes
            make = fa.FastAPI
            app = make()
            app.include_router(routes.users_router)
        """,
    }
    assert served(files) == ["GET /users/{user_id}"]


def test_a_mounted_application_is_served_below_its_path() -> None:
    source = """
    from fastapi import FastAPI
    app = FastAPI()
    admin = FastAPI()

    @admin.get("/stats")
    def stats(): ...

    app.mount("/admin", admin)
    """
    assert "GET /admin/stats" in served({"main.py": source})


def test_an_application_that_is_mounted_is_served_there_alone() -> None:
    source = """
    from fastapi import FastAPI
    admin = FastAPI()

    @admin.get("/stats")
    def stats(): ...

    app = FastAPI()
    app.mount("/admin", app=admin, name="admin")
    """
    assert served({"main.py": source}) == ["GET /admin/stats"]


def test_an_application_keeps_its_routes_where_its_name_is_given_to_a_wrapper_at_the_end() -> None:
    source = """
    from fastapi import FastAPI
    from starlette.middleware.cors import CORSMiddleware
    import users
    app = FastAPI()
    app.include_router(users.router)
    app = CORSMiddleware(app)
    """
    assert served({"users.py": USERS, "main.py": source}) == ["GET /users/{user_id}"]


def test_routes_are_given_to_applications_and_routers_as_values() -> None:
    source = """
    from fastapi import APIRouter, FastAPI
    from fastapi.routing import APIRoute

    def x(): ...

    router = APIRouter(prefix="/r", routes=[APIRoute("/a", x, methods=["POST"])])
    app = FastAPI(routes=[APIRoute("/b", x)])
    app.include_router(router)
    app.router.routes.append(APIRoute("/c", endpoint=x))

    @app.router.get("/d")
    def d(): ...
    """
    assert sorted(served({"main.py": source})) == ["GET /b", "GET /c", "GET /d", "POST /r/a"]


def test_a_class_of_the_project_that_derives_from_an_application_or_a_router_is_one() -> None:
    files = {
        "users.py": USERS,
        "main.py": """
            from fastapi import APIRouter, FastAPI
            import users

            class Server(FastAPI):
                def __init__(self, **options):
                    super().__init__(**options)
                    self.include_router(users.router, prefix="/v1")

            class Versioned(APIRouter):
                def __init__(self, version, **options):
                    super().__init__(prefix=f"/v{version}", **options)

            class Plain(APIRouter): ...

            second = Versioned(2)
            plain = Plain(prefix="/plain")
            unused = Plain(prefix="/unused")

            @second.get("/x")
            @plain.get("/x")
            @unused.get("/x")
            def x(): ...

            app = Server(title="shop")
            app.include_router(second)
            app.include_router(plain)
        """,
    }
    assert sorted(served(files)) == ["GET /plain/x", "GET /v1/users/{user_id}", "GET /v2/x"]
    assert unserved(files) == ["GET /unused/x"]


def test_methods_of_a_class_are_routes_of_a_router_in_the_module_or_in_the_class() -> None:
    source = """
    from fastapi import APIRouter, FastAPI
    from fastapi_utils.cbv import cbv
    from fastapi_utils.inferring_router import InferringRouter
    outer = InferringRouter()

    @cbv(outer)
    class Items:
        @outer.get("/items")
        def all(self): ...

        @property
        def name(self): ...

    class Orders:
        router = APIRouter(prefix="/orders")

        @router.post("/")
        def add(self): ...

    class Handlers:
        def __init__(self):
            self.router = APIRouter()
            self.router.add_api_route("/bound", self.bound, methods=["GET"])

        def bound(self): ...

    app = FastAPI()
    app.include_router(outer, prefix="/v1")
    app.include_router(Orders.router)
    app.include_router(Handlers().router)
    """
    assert [(one.title, one.line, one.handler) for one in found({"main.py": source})] == [
        ("GET /v1/items", 9, "all"),
        ("POST /orders", 18, "add"),
        ("GET /bound", 24, "bound"),
    ]


@pytest.mark.parametrize(
    ("prefix", "path"),
    [
        ("settings.PLAIN", "/plain"),
        ("settings.FIELD", "/field"),
        ("settings.FROM_ENVIRONMENT", "/usual"),
        ("get_settings().PLAIN + '/v1'", "/plain/v1"),
        ("'{}/v{number}'.format(settings.PLAIN, number=1)", "/plain/v1"),
        ("'%s/v%s' % (settings.PLAIN, 1)", "/plain/v1"),
        ("f'{settings.FROM_ENVIRONMENT}/v1'", "/usual/v1"),
        ("settings.UNKNOWN", "{?}"),
        ("os.environ['PREFIX']", "{?}"),
    ],
)
def test_a_prefix_is_read_from_settings_with_a_default(prefix: str, path: str) -> None:
    files = {
        "users.py": USERS,
        "config.py": """
            import os
            from functools import lru_cache
            from pydantic import Field
            from pydantic_settings import BaseSettings

            class Settings(BaseSettings):
                PLAIN: str = "/plain"
                FIELD: str = Field(description="where it stands", default="/field")
                FROM_ENVIRONMENT: str = os.getenv("PREFIX", "/usual")
                UNKNOWN: str

            @lru_cache
            def get_settings():
                return Settings()

            settings = get_settings()
        """,
        "main.py": f"""
            import os
            from fastapi import FastAPI
            from config import get_settings, settings
            import users
            app = FastAPI()
            app.include_router(users.router, prefix={prefix})
        """,
    }
    assert served(files) == [f"GET {path}/users/{{user_id}}"]


@pytest.mark.parametrize(
    "mounting",
    [
        "for name in ROUTERS: app.include_router(ROUTERS[name], prefix='/' + name)",
        "for index, (name, r) in enumerate(ROUTERS.items()): app.include_router(r, prefix='/' + name)",
        "for name, r in zip(['a', 'b'], ROUTERS.values()): app.include_router(r, prefix='/' + name)",
        "[app.include_router(r, prefix='/' + name) for name, r in ROUTERS.items()]",
        (
            "for o in [{'router': users.router, 'prefix': '/a'}, {'router': orders.router, 'prefix': '/b'}]:"
            " app.include_router(**o)"
        ),
    ],
)
def test_each_router_of_a_loop_gets_the_prefix_that_belongs_to_it(mounting: str) -> None:
    files = {
        "users.py": USERS,
        "orders.py": USERS.replace("users", "orders"),
        "main.py": (
            "from fastapi import FastAPI\nimport users, orders\napp = FastAPI()\n"
            f"ROUTERS = {{'a': users.router, 'b': orders.router}}\n{mounting}\n"
        ),
    }
    assert served(files) == ["GET /b/orders/{user_id}", "GET /a/users/{user_id}"]


def test_a_router_that_nobody_mounts_is_unwired() -> None:
    files = {
        "users.py": USERS,
        "main.py": """
            from fastapi import FastAPI
            import users
            app = FastAPI()

            @app.get("/x")
            def x(): ...
        """,
    }
    assert served(files) == ["GET /x"]
    assert unserved(files) == ["GET /users/{user_id}"]


MAIN = "from fastapi import FastAPI\nimport users\napp = FastAPI()\napp.include_router(users.router)\n"


@pytest.mark.parametrize("line", ["return 1", "x = (", "def f(a, a): pass", "print 'a'", "if x:\n    y = 1\n  z = 2"])
def test_a_module_that_python_cannot_compile_serves_nothing(line: str) -> None:
    files = {"users.py": f"{dedent(USERS)}\n{line}\n", "app.py": MAIN}
    assert (served(files), unserved(files)) == ([], ["GET /users/{user_id}"])


def test_a_module_with_syntax_newer_than_the_running_python_is_not_unwired() -> None:
    newer = "lazy import later\n"
    files = {"users.py": f"{dedent(USERS)}\n{newer}", "app.py": MAIN}
    assert served(files) == ["GET /users/{user_id}"]
    assert served({**files, "Dockerfile": "FROM python:3.12-slim\n"}) == []


def test_a_router_whose_mount_is_a_comment_or_a_text_is_unwired() -> None:
    files = {
        "users.py": USERS,
        "main.py": """
            '''app.include_router(users.router)'''
            from fastapi import FastAPI
            import users
            app = FastAPI()
            # app.include_router(users.router)

            @app.get("/x")
            def x(): ...
        """,
    }
    assert unserved(files) == ["GET /users/{user_id}"]


def _routes(*routes: str) -> dict[str, str]:
    lines = ["from fastapi import APIRouter, FastAPI", "app = FastAPI()", "router = APIRouter()"]
    for number, route in enumerate(routes):
        lines += [route, f"def handler{number}(): return {number}"] if route.startswith("@") else [route]
    return {"main.py": "\n".join(lines)}


def test_a_route_behind_one_that_takes_its_path_is_unwired_and_names_it() -> None:
    files = _routes('@app.get("/orders/{order_id}")', '@app.get("/orders/latest")', '@app.get("/orders/{id}")')
    assert served(files) == ["GET /orders/{order_id}"]
    unwired = flow(files, "GET /orders/latest").unwired
    assert unwired is not None
    assert (unwired.at.file, unwired.at.line) == ("main.py", 4)


def test_a_more_general_route_behind_shadows_nothing() -> None:
    files = _routes('@app.get("/orders/latest")', '@app.get("/orders/{order_id}")')
    assert unserved(files) == []


def test_another_method_or_a_parameter_that_takes_less_shadows_nothing() -> None:
    files = _routes(
        '@app.post("/orders/{order_id}")', '@app.get("/orders/{order_id:int}")', '@app.get("/orders/latest")'
    )
    assert unserved(files) == []


def test_a_path_parameter_takes_everything_below() -> None:
    files = _routes('@app.get("/files/{name:path}")', '@app.get("/files/a/b")', '@app.get("/file")')
    assert unserved(files) == ["GET /files/a/b"]


def test_a_path_with_and_without_a_slash_at_its_end_are_two_routes() -> None:
    source = """
    from fastapi import APIRouter, FastAPI
    app, router = FastAPI(), APIRouter(prefix="/orders")

    @router.get("")
    @router.get("/")
    def orders(): return []

    @router.get("/")
    def again(): return []

    app.include_router(router)
    """
    assert unserved({"main.py": source}) == ["GET /orders"]


def test_methods_may_be_taken_by_several_earlier_routes() -> None:
    both = '@app.api_route("/x", methods=["GET", "POST"])'
    assert unserved(_routes('@app.get("/x")', both)) == []
    assert unserved(_routes('@app.get("/x")', '@app.post("/{any}")', both)) == ["GET|POST /x"]


def test_routes_are_tried_in_the_order_in_which_they_are_declared_and_included() -> None:
    include = "app.include_router(router)"
    general, special = '@router.get("/{any}")', '@app.get("/x")'
    assert unserved(_routes(general, include, special)) == ["GET /x"]
    assert unserved(_routes(general, special, include)) == []


def test_a_function_that_is_declared_twice_shadows_itself_as_little_as_another_route() -> None:
    source = """
    from fastapi import FastAPI
    app = FastAPI()

    @app.put("/organizations", tags=["public"])
    @app.put("/organizations", include_in_schema=False)
    @app.put("/{anything}")
    def update(anything: str = ""): return []

    @app.put("/organizations")
    def other(): return [1]
    """
    assert unserved({"main.py": source}) == ["PUT /organizations"]


def test_routes_in_branches_and_handlers_shadow_nothing() -> None:
    source = """
    from fastapi import FastAPI
    from config import DEMO
    app = FastAPI()

    if DEMO:
        @app.get("/x")
        def demo(): return [1]
    else:
        @app.get("/x")
        def real(): return [2]

    try:
        import extra
    except ImportError:
        @app.get("/y")
        def without(): return []

    @app.get("/y")
    def y(): return []
    """
    assert unserved({"main.py": source, "config.py": "import os\nDEMO = os.environ.get('DEMO')\n"}) == []


def test_a_router_that_is_mounted_when_another_fails_is_not_shadowed_by_it() -> None:
    source = """
    from fastapi import APIRouter, FastAPI
    first, second = APIRouter(), APIRouter()

    @first.get("/x")
    def x(): ...

    @second.get("/x")
    def other(): ...

    app = FastAPI()
    try:
        app.include_router(first)
    except Exception:
        app.include_router(second)
    """
    assert unserved({"main.py": source}) == []


def test_routes_of_one_router_shadow_each_other_however_it_is_mounted() -> None:
    source = """
    import os
    from fastapi import APIRouter, FastAPI
    router = APIRouter()

    @router.get("/{any}")
    def general(): ...

    @router.get("/x")
    def special(): ...

    app = FastAPI()
    if os.environ.get("EXTRA"):
        app.include_router(router)
    """
    assert unserved({"main.py": source}) == ["GET /x"]


def test_two_applications_do_not_shadow_each_other() -> None:
    files = _routes("other = FastAPI()", '@app.get("/x")', '@other.get("/x")')
    assert unserved(files) == []


def test_what_only_looks_like_a_route_is_none() -> None:
    source = '''
    """@app.get("/in-a-docstring")"""
    import requests
    from fastapi import FastAPI
    app = FastAPI()
    cache = {}
    example = "@app.get('/in-a-text')"
    requests.get("/client")
    cache.get("/key")
    response = requests.post("/client", json={})

    @app.get("/x")
    def x():
        return cache.get("/y")
    '''
    assert [one.title for one in found({"main.py": source})] == ["GET /x"]


STATUSES = """
    from fastapi import FastAPI, HTTPException, Response, status
    from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
    from starlette.responses import StreamingResponse
    app = FastAPI()

    @app.get("/x")
    def x():
        return BODY
"""


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("JSONResponse({'a': 1}, status_code=404)", "client-error", 404),
        ("JSONResponse({'a': 1}, 503)", "server-error", 503),
        ("JSONResponse(content={'a': 1})", "ok", None),
        ("JSONResponse(status_code=status.HTTP_501_NOT_IMPLEMENTED, content={})", "refused", 501),
        ("PlainTextResponse('a', status_code=202)", "ok", 202),
        ("RedirectResponse('/y')", "redirect", 307),
        ("RedirectResponse('/y', status_code=302)", "redirect", 302),
        ("Response(status_code=204)", "ok", 204),
    ],
)
def test_an_answer_has_the_status_that_it_was_built_with(body: str, kind: str, status: int | None) -> None:
    (answer,) = flow({"main.py": STATUSES.replace("BODY", body)}, "GET /x").answers
    assert (answer.kind.value, answer.status) == (kind, status)


def test_a_raised_http_exception_is_an_error_answer() -> None:
    source = STATUSES.replace("return BODY", "raise HTTPException(status_code=404, detail='none')")
    (answer,) = flow({"main.py": source}, "GET /x").answers
    assert (answer.kind.value, answer.status) == ("client-error", 404)


def test_a_dependency_is_stated_by_default_by_annotation_and_by_alias() -> None:
    for head in ("db=Depends(get_db)", "db: Annotated[Session, Depends(get_db)]", "db: Db"):
        source = f"""
        from typing import Annotated
        from fastapi import Depends, FastAPI
        from sqlalchemy import select
        from sqlalchemy.orm import Session, sessionmaker
        from models import Order
        app = FastAPI()
        SessionLocal = sessionmaker()

        def get_db():
            with SessionLocal() as session:
                yield session

        Db = Annotated[Session, Depends(get_db)]

        @app.get("/orders")
        def orders({head}):
            return db.execute(select(Order)).scalars().all()
        """
        files = {"main.py": source, "models.py": "from db import Base\nclass Order(Base): __tablename__ = 'orders'\n"}
        assert flow(files, "GET /orders").store_reads, head


MAKES = [
    path for kind in fastapi.FRAMEWORK.routers for path in kind.makes if path.startswith(("fastapi.", "starlette."))
]


@pytest.mark.parametrize("path", MAKES)
def test_every_constructor_that_is_named_exists(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("row", fastapi.FRAMEWORK.routes, ids=lambda row: row.member)
def test_every_member_that_declares_a_route_exists(row: RouteRow) -> None:
    members = {name for path in MAKES for name in dir(_object(path))}
    assert row.member in members


def _object(path: str) -> object:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("row", fastapi.FRAMEWORK.answers, ids=lambda row: row.makes)
def test_every_answer_that_is_named_exists(row: AnswerRow) -> None:
    owner, _, name = row.makes.rpartition(".")
    try:
        found_owner: object = importlib.import_module(owner)
    except ModuleNotFoundError:
        found_owner = _object(owner)
    assert hasattr(found_owner, name)


def test_tasks_that_several_requests_wait_for_are_no_state() -> None:
    source = """
    import asyncio
    from fastapi import FastAPI
    app = FastAPI()

    class Renderer:
        def __init__(self):
            self._running: dict[str, asyncio.Task[bytes]] = {}

        async def render(self, kind):
            task = self._running.get(kind)
            if task is None:
                task = asyncio.create_task(asyncio.to_thread(len, kind))
                self._running[kind] = task
                task.add_done_callback(lambda _: self._running.pop(kind))
            return await task

    renderer = Renderer()

    @app.get("/rendered/{kind}")
    async def rendered(kind: str):
        return await renderer.render(kind)
    """
    assert flow({"main.py": source}, "GET /rendered/{kind}").endpoint.body.value != "volatile"
