"""aiohttp: which endpoints there are, at which paths, which of them nobody can reach, and what flows through them."""

from __future__ import annotations

from tests.probes.code.endpoints import flow, found, served, unserved

HEAD = """
from aiohttp import web

async def page(request):
    return web.json_response({"page": 1})

"""


def _app(text: str) -> dict[str, str]:
    return {"main.py": HEAD + text}


def test_routes_are_declared_on_tables_in_lists_and_on_the_router() -> None:
    files = _app("""
routes = web.RouteTableDef()
lost = web.RouteTableDef()


@routes.get("/table/{number}")
async def one(request): ...


@routes.route("*", "/any")
async def anything(request): ...


@lost.get("/lost")
async def nobody(request): ...


app = web.Application()
app.add_routes(routes)
app.add_routes([web.get("/listed", page), web.post("/listed", page), web.route("PUT", "/listed", page)])
app.router.add_get("/added", page)
app.router.add_route("DELETE", "/added", page)
app.router.add_routes([web.patch("/patched", page)])
resource = app.router.add_resource("/resource")
resource.add_route("GET", page)
""")
    assert sorted(served(files)) == [
        "ANY /any",
        "DELETE /added",
        "GET /added",
        "GET /listed",
        "GET /resource",
        "GET /table/{number}",
        "PATCH /patched",
        "POST /listed",
        "PUT /listed",
    ]
    assert unserved(files) == ["GET /lost"]


def test_each_method_of_a_view_is_an_endpoint_at_its_line() -> None:
    files = _app("""
routes = web.RouteTableDef()


@routes.view("/items")
class Items(web.View):
    async def get(self):
        return web.json_response([])

    async def post(self):
        return web.json_response(await self.request.json(), status=201)


app = web.Application()
app.add_routes(routes)
app.router.add_view("/again", Items)
""")
    assert [(one.title, one.line) for one in found(files)] == [
        ("GET /again", 13),
        ("GET /items", 13),
        ("POST /again", 16),
        ("POST /items", 16),
    ]


def test_a_sub_application_is_served_below_its_prefix_alone() -> None:
    files = _app("""
admin = web.Application()
admin.router.add_get("/stats", page)
app = web.Application()
app.add_subapp("/admin", admin)
""")
    assert served(files) == ["GET /admin/stats"]


def test_a_pool_that_is_opened_at_the_start_is_read_through_the_request() -> None:
    files = {
        "main.py": """
            import asyncpg
            from aiohttp import web

            async def start(app):
                app["pool"] = await asyncpg.create_pool("postgresql://db/shop")

            async def orders(request):
                rows = await request.app["pool"].fetch("SELECT id FROM orders")
                return web.json_response([dict(row) for row in rows])

            async def create(request):
                data = await request.json()
                await request.app["pool"].execute("INSERT INTO orders (name) VALUES ($1)", data["name"])
                raise web.HTTPFound("/orders")

            async def sample(request):
                return web.json_response([{"id": 1, "total": 19.99, "customer": "Jane Doe"}])

            app = web.Application()
            app.on_startup.append(start)
            app.router.add_get("/orders", orders)
            app.router.add_post("/orders", create)
            app.router.add_get("/orders/sample", sample)
        """
    }
    assert flow(files, "GET /orders").endpoint.verdict == "real"
    (write,) = flow(files, "POST /orders").store_writes
    assert write.carries_request
    assert flow(files, "GET /orders/sample").endpoint.verdict == "mock"


def test_an_exception_that_is_an_answer_has_its_status() -> None:
    files = _app("""
async def missing(request):
    raise web.HTTPNotFound(text="none")


app = web.Application()
app.router.add_get("/missing", missing)
""")
    (answer,) = flow(files, "GET /missing").answers
    assert (answer.kind.value, answer.status) == ("client-error", 404)
