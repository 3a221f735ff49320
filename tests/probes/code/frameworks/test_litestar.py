"""Litestar: which endpoints there are, at which paths, which of them nobody can reach, and what flows through them."""

from __future__ import annotations

from tests.probes.code.endpoints import found, served, unserved


def test_handlers_controllers_and_routers_are_served_by_the_application_that_lists_them() -> None:
    source = """
    from litestar import Controller, Litestar, Router, get, post, route

    @get("/health")
    async def health() -> dict: ...

    @get("/lost")
    async def lost() -> dict: ...

    @get(["/one", "/two"])
    async def both() -> dict: ...

    class Users(Controller):
        path = "/users"

        @get()
        async def all(self) -> list: ...

        @get("/{user_id:int}")
        async def one(self, user_id: int) -> dict: ...

        @post(status_code=202)
        async def create(self, data: dict) -> dict: ...

    class Unused(Controller):
        path = "/unused"

        @get()
        async def nobody(self) -> list: ...

    api = Router(path="/api", route_handlers=[Users, both])
    app = Litestar(route_handlers=[health, api])
    """
    files = {"main.py": source}
    assert sorted(served(files)) == [
        "GET /api/one",
        "GET /api/two",
        "GET /api/users",
        "GET /api/users/{user_id:int}",
        "GET /health",
        "POST /api/users",
    ]
    assert sorted(title.split()[1] for title in unserved(files)) == ["/", "/lost"]
    assert {one.line for one in found(files) if one.handler == "one"} == {19}
