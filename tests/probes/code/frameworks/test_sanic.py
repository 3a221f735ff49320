"""Sanic: which endpoints there are, at which paths, which of them nobody can reach, and what flows through them."""

from __future__ import annotations

from tests.probes.code.endpoints import flow, found, served, unserved

USERS = """
    from sanic import Blueprint
    from sanic.response import json
    bp = Blueprint("users", url_prefix="/users")

    @bp.get("/<user_id:int>")
    async def one(request, user_id):
        return json({"id": user_id})
"""


def test_blueprints_and_groups_carry_their_prefixes() -> None:
    files = {
        "users.py": USERS,
        "orders.py": USERS.replace("users", "orders"),
        "lost.py": USERS.replace("users", "lost"),
        "main.py": """
            from sanic import Blueprint, Sanic
            from users import bp as users
            from orders import bp as orders
            import lost
            app = Sanic("shop")
            api = Blueprint.group(users, orders, url_prefix="/api")
            app.blueprint(api)

            @app.route("/both", methods=["GET", "POST"])
            async def both(request): ...

            async def added(request): ...

            app.add_route(added, "/added", methods=["PUT"])

            @app.websocket("/feed")
            async def feed(request, ws): ...
        """,
    }
    assert sorted(served(files)) == [
        "GET /api/orders/<user_id:int>",
        "GET /api/users/<user_id:int>",
        "GET|POST /both",
        "PUT /added",
        "WS /feed",
    ]
    assert unserved(files) == ["GET /lost/<user_id:int>"]


def test_blueprints_are_registered_one_by_one_and_in_lists() -> None:
    files = {
        "users.py": USERS,
        "orders.py": USERS.replace("users", "orders"),
        "main.py": """
            from sanic import Sanic
            import orders, users

            def create_app():
                app = Sanic("shop")
                for module in (users, orders):
                    app.blueprint(module.bp)
                return app
        """,
    }
    assert sorted(served(files)) == ["GET /orders/<user_id:int>", "GET /users/<user_id:int>"]


def test_each_method_of_a_view_is_an_endpoint_at_its_line() -> None:
    source = """
    from sanic import Sanic
    from sanic.response import json
    from sanic.views import HTTPMethodView
    app = Sanic("shop")

    class Items(HTTPMethodView):
        async def get(self, request):
            return json([])

        async def post(self, request):
            return json(request.json, status=201)

    app.add_route(Items.as_view(), "/items")
    """
    assert [(one.title, one.line) for one in found({"main.py": source})] == [("GET /items", 8), ("POST /items", 11)]


def test_what_is_opened_at_the_start_is_read_through_the_request() -> None:
    source = """
    import asyncpg
    from sanic import Sanic
    from sanic.response import json
    app = Sanic("shop")

    @app.before_server_start
    async def start(app):
        app.ctx.pool = await asyncpg.create_pool("postgresql://db/shop")

    @app.get("/orders")
    async def orders(request):
        rows = await request.app.ctx.pool.fetch("SELECT id FROM orders")
        return json([dict(row) for row in rows])

    @app.post("/orders")
    async def create(request):
        await request.app.ctx.pool.execute("INSERT INTO orders (name) VALUES ($1)", request.json["name"])
        return json({}, status=201)

    @app.get("/orders/sample")
    async def sample(request):
        return json([{"id": 1, "total": 19.99, "customer": "Jane Doe"}])
    """
    files = {"main.py": source}
    assert flow(files, "GET /orders").endpoint.verdict == "real"
    (write,) = flow(files, "POST /orders").store_writes
    assert write.carries_request
    assert flow(files, "GET /orders/sample").endpoint.verdict == "mock"
