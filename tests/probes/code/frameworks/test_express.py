"""Express: which endpoints there are, at which paths, which of them nobody can reach, and what answers."""

from __future__ import annotations

import pytest

from tests.probes.code.endpoints import found, served, unserved

APP = """
    import express from "express";
    import users from "./users";
    const app = express();
    app.use("/users", users);
    app.listen(3000);
"""
LIST = """
    import { Router } from "express";
    const router = Router();
    router.get("/", (req, res) => res.json({ page: req.query.page }));
    export default router;
"""


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_each_verb_declares_an_endpoint_at_its_call(verb: str) -> None:
    source = f"""
    import express from "express";
    const app = express();
    app.{verb}("/x", function handler(req, res) {{ res.end(); }});
    """
    (only,) = found({"app.ts": source})
    assert only[:4] == (f"{verb.upper()} /x", "app.ts", 4, "handler")


def test_all_answers_any_method() -> None:
    source = "const app = require('express')();\napp.all('/x', (req, res) => res.end());\n"
    assert served({"app.js": source}) == ["ANY /x"]


@pytest.mark.parametrize(
    "made",
    [
        'import express from "express";\nconst router = express.Router();',
        'import * as express from "express";\nconst router = express.Router({ mergeParams: true });',
        'import express = require("express");\nconst router = new express.Router();',
        'import { Router } from "express";\nconst router: Router = Router();',
        'import { Router as R } from "express";\nconst router = new R();',
        'const express = require("express");\nconst router = express.Router();',
        'const { Router } = require("express");\nconst router = Router();',
        'const router = require("express").Router();',
        'import Router from "express-promise-router";\nconst router = Router();',
        'import { Router } from "./web";\nconst router = Router();',
    ],
)
def test_a_router_is_known_however_it_is_made(made: str) -> None:
    users = f"{made}\nrouter.get('/', (req, res) => res.json([]));\nexport default router;\n"
    web = 'export { Router } from "express";\n'
    assert served({"app.ts": APP, "users.ts": users, "web.ts": web}) == ["GET /users"]


@pytest.mark.parametrize(
    ("imported", "exported"),
    [
        ('const users = require("./users");', "module.exports = router;"),
        ('const users = require("./users").router;', "module.exports.router = router;"),
        ('const { router: users } = require("./users");', "exports.router = router;"),
        ('const { users } = require("./users");', "module.exports = { users: router };"),
        ('const { users } = require("./all");', "module.exports = router;"),
        ('import users from "./users";', "module.exports = router;"),
        ('import users from "./users/index.js";', "export default router;"),
        ('import { users } from "./users";', "export { router as users };"),
        ('import { users } from "./barrel";', "export { router as users };"),
        ('import * as all from "./users"; const users = all.router;', "export { router };"),
        ("", "module.exports = router;"),
    ],
)
def test_a_router_is_mounted_however_it_is_exported(imported: str, exported: str) -> None:
    mounted = "users" if imported else 'require("./users")'
    files = {
        "app.js": f"""
            import express from "express";
            {imported}
            const app = express();
            app.use("/users", {mounted});
        """,
        "users/index.js": f"""
            const router = require("express").Router();
            router.get("/:id", (req, res) => res.json({{ id: req.params.id }}));
            {exported}
        """,
        "all.js": 'module.exports = { users: require("./users") };\n',
        "barrel.js": 'export * from "./users";\n',
    }
    assert served(files) == ["GET /users/:id"]


def test_prefixes_of_all_mounts_on_the_way_are_joined() -> None:
    files = {
        "app.ts": """
            import express from "express";
            import { api } from "./api";
            const app = express();
            app.use("/api", express.json(), api);
        """,
        "api.ts": """
            import { Router } from "express";
            import users from "./users";
            export const api = Router();
            api.use("/v1", users).use("/v2", users);
        """,
        "users.ts": LIST,
    }
    assert served(files) == ["GET /api/v1", "GET /api/v2"]


def test_a_mount_without_a_prefix_and_one_of_several_routers_serve_all() -> None:
    source = """
    const express = require("express");
    const app = express();
    const [a, b, c] = [express.Router(), express.Router(), express.Router()];
    a.get("/a", (req, res) => res.end());
    b.get("/b", (req, res) => res.end());
    c.get("/c", (req, res) => res.end());
    app.use(a);
    app.use("/p", b, [c]);
    """
    assert served({"app.js": source}) == ["GET /a", "GET /p/b", "GET /p/c"]


def test_an_app_mounted_in_another_app_is_served_below_it() -> None:
    source = """
    import express from "express";
    const inner = express();
    inner.get("/x", (req, res) => res.end());
    const app = express();
    app.use("/inner", inner);
    """
    assert "GET /inner/x" in served({"app.ts": source})


def test_a_router_that_is_never_mounted_is_unwired() -> None:
    files = {"app.ts": APP, "users.ts": LIST, "orders.ts": LIST.replace('"/"', '"/orders"')}
    assert served(files) == ["GET /users"]
    assert unserved(files) == ["GET /orders"]


def test_a_chain_of_methods_declares_each_at_its_own_line() -> None:
    source = """
    import express from "express";
    const app = express();
    app
      .route("/x/:id")
      .get(one)
      .put([check], update)
      .delete(check, remove);
    function check(req, res, next) { next(); }
    function one(req, res) { res.end(); }
    function update(req, res) { res.end(); }
    function remove(req, res) { res.end(); }
    """
    assert [(one.title, one.line, one.handler) for one in found({"app.ts": source})] == [
        ("GET /x/:id", 6, "one"),
        ("PUT /x/:id", 7, "update"),
        ("DELETE /x/:id", 8, "remove"),
    ]


def test_several_routes_hang_on_one_app_in_a_chain() -> None:
    source = """
    const app = require("express")();
    app.get("/a", (req, res) => res.end()).post("/b", (req, res) => res.end());
    """
    assert served({"app.js": source}) == ["GET /a", "POST /b"]


def test_the_last_function_answers_and_the_ones_before_are_middleware() -> None:
    source = """
    import express from "express";
    const app = express();
    const auth = (req, res, next) => next();
    const guards = [auth, (req, res, next) => next()];
    function answer(req, res) { res.json({ id: req.params.id }); }
    app.get("/a", auth, answer);
    app.get("/b", guards, answer);
    app.get("/c", [auth, answer]);
    app.get("/d", ...guards, answer);
    """
    assert [(one.title, one.handler) for one in found({"app.ts": source})] == [
        (f"GET /{letter}", "answer") for letter in "abcd"
    ]


WRAPPERS = [
    "const wrap = (fn) => (req, res, next) => Promise.resolve(fn(req, res, next)).catch(next);",
    "const wrap = (fn) => async (req, res, next) => { try { await fn(req, res, next); } catch (e) { next(e); } };",
    "function wrap(fn) { return function (req, res, next) { return fn(req, res, next).catch(next); }; }",
    'import wrap from "express-async-handler";',
    'const wrap = require("express-async-handler");',
]


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_a_wrapper_hands_the_request_to_the_handler_in_it(wrap: str) -> None:
    source = f"""
    import express from "express";
    import {{ PrismaClient }} from "@prisma/client";
    {wrap}
    const app = express();
    const prisma = new PrismaClient();
    app.get("/real", wrap(async (req, res) => {{ res.json(await prisma.user.findMany()); }}));
    app.get("/mock", wrap(async (req, res) => {{ res.json([{{ id: 1, name: "Sample User", total: 12 }}]); }}));
    """
    assert [(one.title, one.verdict) for one in found({"app.ts": source})] == [
        ("GET /real", "real"),
        ("GET /mock", "mock"),
    ]


CONTROLLERS = {
    "functions": (
        'import * as users from "./controller";',
        "export const list = async (req, res) => { res.json(await db.user.findMany()); };",
    ),
    "object": (
        'import users from "./controller";',
        "export default { async list(req, res) { res.json(await db.user.findMany()); } };",
    ),
    "instance": (
        'import { UserController } from "./controller";\nconst users = new UserController();',
        "export class UserController { list = async (req, res) => { res.json(await db.user.findMany()); }; }",
    ),
    "instance of the module": (
        'import { users } from "./controller";',
        "class U { async list(req, res) { res.json(await db.user.findMany()); } }\nexport const users = new U();",
    ),
    "static": (
        'import users from "./controller";',
        "export default class U { static async list(req, res) { res.json(await db.user.findMany()); } }",
    ),
    "CommonJS": (
        'const users = require("./controller");',
        "exports.list = async (req, res) => { res.json(await db.user.findMany()); };",
    ),
}


@pytest.mark.parametrize("kind", CONTROLLERS)
@pytest.mark.parametrize("given", ["users.list", "users.list.bind(users)", "(req, res) => users.list(req, res)"])
def test_a_method_of_a_controller_is_the_handler(kind: str, given: str) -> None:
    imported, controller = CONTROLLERS[kind]
    files = {
        "app.ts": f"""
            import express from "express";
            {imported}
            const app = express();
            app.get("/users", {given});
        """.replace("\nconst users", "\n            const users"),
        "controller.ts": f"""
            import {{ PrismaClient }} from "@prisma/client";
            const db = new PrismaClient();
            {controller}
        """.replace("\nexport const users", "\n            export const users"),
    }
    assert [(one.title, one.verdict) for one in found(files)] == [("GET /users", "real")]


def test_a_function_that_is_given_the_app_declares_on_it() -> None:
    files = {
        "app.ts": """
            import express from "express";
            import { registerRoutes } from "./routes";
            const app = express();
            registerRoutes(app);
            require("./more")(app, "/more");
        """,
        "routes.ts": """
            import type { Express } from "express";
            export async function registerRoutes(app: Express): Promise<void> {
              app.get("/a", (req, res) => res.end());
            }
        """,
        "more.js": "module.exports = (app, base) => { app.get(base + '/b', (req, res) => res.end()); };\n",
    }
    assert served(files) == ["GET /more/b", "GET /a"]


def test_a_function_that_nobody_gives_an_app_has_endpoints_that_nobody_reaches() -> None:
    routes = """
        import { Router } from "express";
        import { list } from "./controller";
        const wrap = (fn) => (req, res) => fn(req, res);
        export function registerRoutes(app) {
          const one = (req, res) => res.end();
          app.get("/a", list);
          app.get("/b", wrap(list));
          app.get("/c", [list, one]);
          app.get("/d", one);
        }
    """
    files = {"routes.ts": routes, "controller.ts": "export const list = (req, res) => res.end();\n"}
    assert served(files) == ["GET /a", "GET /b", "GET /c", "GET /d"]
    files["app.ts"] = 'import express from "express";\nexpress().get("/x", (req, res) => res.end());\n'
    assert unserved(files) == ["GET /a", "GET /b", "GET /c", "GET /d"]


def test_an_app_made_in_a_function_or_a_class_serves() -> None:
    files = {
        "factory.ts": """
            import express from "express";
            export function createApp() {
              const app = express();
              app.get("/made", (req, res) => res.end());
              return app;
            }
        """,
        "server.ts": """
            import express, { Express } from "express";
            class Server {
              private app: Express;
              constructor() { this.app = express(); this.routes(); }
              private routes(): void { this.app.get("/held", (req, res) => res.end()); }
            }
            new Server();
        """,
    }
    assert served(files) == ["GET /made", "GET /held"]


def test_loops_over_literals_declare_one_endpoint_each() -> None:
    source = """
    import express from "express";
    const app = express();
    const a = express.Router();
    const b = express.Router();
    a.get("/x", (req, res) => res.end());
    b.get("/y", (req, res) => res.end());
    for (const [prefix, router] of [["/a", a], ["/b", b]]) app.use(prefix, router);
    [{ path: "/c", router: a }].forEach(({ path, router }) => app.use(path, router));
    for (const path of ["/p", "/q"]) app.get(path, (req, res) => res.end());
    """
    assert served({"app.ts": source}) == ["GET /a/x", "GET /c/x", "GET /b/y", "GET /p", "GET /q"]


def test_a_list_of_paths_is_a_route_for_each() -> None:
    source = 'const app = require("express")();\napp.get(["/a", "/b"], (req, res) => res.end());\n'
    assert served({"app.js": source}) == ["GET /a", "GET /b"]


def test_what_only_looks_like_a_route_is_no_endpoint() -> None:
    files = {
        "app.ts": """
            import express from "express";
            const app = express();
            app.get("env");
            app.set("port", app.get("port"));
            app.listen(app.get("port"), () => console.log("up"));
        """,
        "client.ts": """
            import axios from "axios";
            const api = axios.create({ baseURL: "/api" });
            export const load = (id) => api.get("/users", { params: { id } });
            export const save = (user) => api.post("/users", user);
            export const drop = async (client, user) => client.post("/drop", user);
            export function put(client, id) {
              const body = JSON.stringify({ id });
              return client.put("/put", body);
            }
            const cache = new Map();
            cache.get("/key", () => 1);
            cookieStore.delete("x", () => 1);
        """,
        "client.test.ts": """
            import request from "supertest";
            import app from "./app";
            it("works", () => request(app).get("/users").expect(200, () => {}));
        """,
        "text.ts": "export const example = `app.get('/x', (req, res) => res.end())`;\n// app.get('/y', f)\n",
    }
    assert found(files) == []


def test_a_route_that_an_earlier_one_answers_is_unwired() -> None:
    source = """
    import express from "express";
    const app = express();
    app.get("/users/:id", (req, res) => res.json({ id: req.params.id }));
    app.get("/users/me", (req, res) => res.json({ id: "me" }));
    app.post("/users/me", (req, res) => res.status(204).end());
    app.get("/users/:id", (req, res) => res.json({ id: 1 }));
    app.get("/users/:id/orders", (req, res) => res.json([]));
    """
    assert served({"app.ts": source}) == ["GET /users/:id", "POST /users/me", "GET /users/:id/orders"]
    assert unserved({"app.ts": source}) == ["GET /users/me", "GET /users/:id"]


def test_a_handler_that_calls_next_shadows_nothing() -> None:
    source = """
    import express from "express";
    const app = express();
    app.get("/users/:id", (req, res, next) => { if (!req.params.id) return next(); res.json({ id: req.params.id }); });
    app.get("/users/me", (req, res) => res.json({ id: "me" }));
    """
    assert unserved({"app.ts": source}) == []


ANSWERS = {
    "res.json(rows)": "real",
    "res.send(rows)": "real",
    "res.status(200).json(rows)": "real",
    "res.status(200).set('a', 'b').send(rows)": "real",
    "res.setHeader('a', 'b'); res.end(JSON.stringify(rows))": "real",
    "res.type('json'); return res.status(200).send({ data: rows, total: rows.length })": "real",
    "res.render('users', { rows })": "real",
    "res.json({ items: [{ id: 1, name: 'Sample', price: 12.5, stock: 3 }] })": "mock",
    "res.status(501).json({ error: 'not implemented' })": "unimplemented",
    "res.sendStatus(501)": "unimplemented",
    "res.redirect('/login')": "static",
    "next(new Error('x'))": "unknown",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_told_by_the_member_of_the_response(answer: str) -> None:
    reads = "const rows = await db.user.findMany();" if "rows" in answer else ""
    source = f"""
    import express from "express";
    import {{ PrismaClient }} from "@prisma/client";
    const app = express();
    const db = new PrismaClient();
    app.get("/items", async (req, res, next) => {{ {reads} {answer}; }});
    """
    (only,) = found({"app.ts": source})
    assert only.verdict == ANSWERS[answer]


def test_the_response_is_known_by_its_position_and_not_by_its_name() -> None:
    source = """
    import express from "express";
    import { PrismaClient } from "@prisma/client";
    const app = express();
    const db = new PrismaClient();
    app.get("/items", async (_, answer) => {
      const res = await fetch("https://example.org/items");
      await res.json([{ id: 1, name: "Sample", price: 12.5, stock: 3 }]);
      answer.json(await db.item.findMany());
    });
    """
    (only,) = found({"app.ts": source})
    assert only.verdict == "real"
