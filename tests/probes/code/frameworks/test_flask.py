"""Flask and Quart: which endpoints there are, at which paths, and which of them nobody can reach."""

from __future__ import annotations

import pytest

from tests.probes.code.endpoints import flow, found, served, unserved

USERS = """
    from flask import Blueprint
    bp = Blueprint("users", __name__, url_prefix="/users")

    @bp.route("/<int:user_id>")
    def one(user_id):
        return {"id": user_id}
"""


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete"])
def test_each_verb_declares_an_endpoint_at_its_decorator(verb: str) -> None:
    source = f"""
    from flask import Flask
    app = Flask(__name__)

    @app.{verb}("/x")
    def handler(): ...
    """
    (only,) = found({"main.py": source})
    assert only[:4] == (f"{verb.upper()} /x", "main.py", 5, "handler")


def test_a_route_has_the_methods_that_it_lists_and_get_without_a_list() -> None:
    source = """
    import flask
    app = flask.Flask(__name__)
    BOTH = ["GET", "POST"]

    @app.route("/plain")
    def plain(): ...

    @app.route("/many", methods=["put", "DELETE"])
    def many(): ...

    @app.route("/both", methods=BOTH)
    @app.route("/again", methods=("PATCH",))
    def both(): ...

    def added(): ...

    app.add_url_rule("/added", "added", added, methods=["POST"])
    app.add_url_rule("/named", view_func=added)
    """
    assert [(one.title, one.line, one.handler) for one in found({"main.py": source})] == [
        ("GET /plain", 6, "plain"),
        ("PUT|DELETE /many", 9, "many"),
        ("GET|POST /both", 12, "both"),
        ("PATCH /again", 13, "both"),
        ("POST /added", 18, "added"),
        ("GET /named", 19, "added"),
    ]


def test_a_blueprint_stands_below_its_own_prefix() -> None:
    files = {
        "users.py": USERS,
        "main.py": "from flask import Flask\nfrom users import bp\napp = Flask('x')\napp.register_blueprint(bp)\n",
    }
    assert served(files) == ["GET /users/<int:user_id>"]


def test_the_prefix_of_a_registration_replaces_that_of_the_blueprint() -> None:
    files = {
        "users.py": USERS,
        "main.py": """
            from flask import Flask
            from users import bp
            app = Flask("x")
            app.register_blueprint(bp, url_prefix="/people")
        """,
    }
    assert served(files) == ["GET /people/<int:user_id>"]


def test_blueprints_nest() -> None:
    files = {
        "users.py": USERS,
        "main.py": """
            from flask import Blueprint, Flask
            from users import bp
            api = Blueprint("api", __name__, url_prefix="/api")
            api.register_blueprint(bp)

            def create_app():
                app = Flask("x")
                app.register_blueprint(api)
                return app
        """,
    }
    assert served(files) == ["GET /api/users/<int:user_id>"]


def test_an_application_factory_with_imports_inside_serves() -> None:
    files = {
        "app/users.py": USERS,
        "app/__init__.py": """
            from flask import Flask

            def create_app(config=None):
                app = Flask(__name__)
                from app.users import bp as users_bp
                for blueprint in (users_bp,):
                    app.register_blueprint(blueprint)

                @app.route("/health")
                def health():
                    return "ok"

                return app
        """,
        "wsgi.py": "from app import create_app\napplication = create_app()\n",
    }
    assert served(files) == ["GET /health", "GET /users/<int:user_id>"]


def test_a_blueprint_that_nobody_registers_is_unwired() -> None:
    files = {
        "users.py": USERS,
        "main.py": """
            from flask import Flask
            import users
            app = Flask("x")

            @app.get("/x")
            def x(): ...
        """,
    }
    assert (served(files), unserved(files)) == (["GET /x"], ["GET /users/<int:user_id>"])


def test_the_most_specific_rule_answers_and_the_first_of_two_equal_ones() -> None:
    source = """
    from flask import Flask
    app = Flask(__name__)

    @app.get("/orders/<order_id>")
    def one(order_id): ...

    @app.get("/orders/latest")
    def latest(): ...

    @app.get("/orders/<int:number>")
    def numbered(number): ...

    @app.get("/orders/<string:again>")
    def again(again): ...
    """
    assert unserved({"main.py": source}) == ["GET /orders/<string:again>"]


def test_quart_is_flask_with_async() -> None:
    source = """
    from quart import Quart, Blueprint
    app = Quart(__name__)
    bp = Blueprint("b", __name__)

    @bp.get("/x")
    async def x(): ...

    @app.websocket("/ws")
    async def ws(): ...

    app.register_blueprint(bp, url_prefix="/b")
    """
    assert served({"main.py": source}) == ["GET /b/x", "WS /ws"]


def test_each_method_of_a_view_class_is_an_endpoint_at_its_line_an_inherited_one_at_the_class() -> None:
    source = """
    from flask import Blueprint, Flask
    from flask.views import MethodView
    app = Flask(__name__)
    bp = Blueprint("b", __name__, url_prefix="/b")

    class Base(MethodView):
        def delete(self, number): ...

    class Items(Base):
        def get(self, number=None): ...

        def post(self): ...

        def helper(self): ...

    view = Items.as_view("items")
    app.add_url_rule("/items", view_func=view, methods=["GET", "POST"])
    app.add_url_rule("/items/<int:number>", view_func=view, methods=["DELETE"])
    bp.add_url_rule("/items", view_func=Items.as_view("again"))
    app.register_blueprint(bp)
    """
    assert [(one.title, one.line, one.handler) for one in found({"main.py": source})] == [
        ("DELETE /b/items", 10, "delete"),
        ("DELETE /items/<int:number>", 10, "delete"),
        ("GET /b/items", 11, "get"),
        ("GET /items", 11, "get"),
        ("POST /b/items", 13, "post"),
        ("POST /items", 13, "post"),
    ]


def test_a_view_class_is_registered_by_a_function_for_each_name() -> None:
    source = """
    from flask import Flask
    from flask.views import MethodView
    app = Flask(__name__)

    class Users(MethodView):
        def get(self): ...

    class Orders(MethodView):
        def get(self): ...

    def register(app, view, name):
        app.add_url_rule(f"/{name}/", view_func=view.as_view(name))

    register(app, Users, "users")
    register(app, Orders, "orders")
    """
    assert served({"main.py": source}) == ["GET /users/", "GET /orders/"]


def test_a_view_that_dispatches_itself_has_the_methods_that_it_lists() -> None:
    source = """
    from flask import Flask
    from flask.views import View
    app = Flask(__name__)

    class Page(View):
        methods = ["GET", "POST"]

        def dispatch_request(self):
            return "page"

    class Plain(View):
        def dispatch_request(self):
            return "page"

    app.add_url_rule("/page", view_func=Page.as_view("page"))
    app.add_url_rule("/plain", view_func=Plain.as_view("plain"))
    """
    assert served({"main.py": source}) == ["GET|POST /page", "GET /plain"]


def test_a_view_object_is_made_with_the_arguments_of_as_view() -> None:
    source = """
    import sqlite3
    from flask import Flask
    from flask.views import MethodView
    app = Flask(__name__)

    class Rows(MethodView):
        def __init__(self, connection):
            self.connection = connection

        def get(self):
            return self.connection.execute("SELECT id FROM orders").fetchall()

    app.add_url_rule("/rows", view_func=Rows.as_view("rows", sqlite3.connect("orders.db")))
    """
    assert flow({"main.py": source}, "GET /rows").store_reads


def test_the_prefix_of_a_blueprint_can_be_read_and_replaced() -> None:
    files = {
        "users.py": USERS,
        "main.py": """
            from flask import Flask
            from users import bp
            app = Flask("x")
            app.register_blueprint(bp, url_prefix="/api" + bp.url_prefix)
            app.register_blueprint(bp, name="plain")
        """,
    }
    assert served(files) == ["GET /api/users/<int:user_id>", "GET /users/<int:user_id>"]


def test_what_a_request_carries_is_read_back() -> None:
    source = """
    import sqlite3
    from flask import Flask, g
    app = Flask(__name__)

    def connection():
        if "connection" not in g:
            g.connection = sqlite3.connect("orders.db")
        return g.connection

    @app.get("/orders")
    def orders():
        return connection().execute("SELECT id FROM orders").fetchall()
    """
    assert flow({"main.py": source}, "GET /orders").store_reads


def test_what_only_looks_like_a_route_is_none() -> None:
    source = """
    import requests
    from flask import Flask, session
    app = Flask(__name__)
    app.config.get("/key")
    requests.get("/client")

    @app.before_request
    def before(): ...

    @app.errorhandler(404)
    def missing(error): ...

    @app.route("/x")
    def x():
        return session.get("/y")
    """
    assert [one.title for one in found({"main.py": source})] == ["GET /x"]


ANSWERS = """
    from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template
    app = Flask(__name__)

    @app.get("/x")
    def x():
        BODY
"""


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("return jsonify(a=1)", "ok", None),
        ("return jsonify({'a': 1}), 404", "client-error", 404),
        ("return {'a': 1}, 201", "ok", 201),
        ("return {'a': 1}, 503, {'Retry-After': '1'}", "server-error", 503),
        ("return make_response(jsonify({}), 400)", "client-error", 400),
        ("return Response('a', status=501)", "refused", 501),
        ("return redirect('/y')", "redirect", 302),
        ("return redirect('/y', code=303)", "redirect", 303),
        ("abort(404)", "client-error", 404),
        ("abort(500, description='no')", "server-error", 500),
    ],
)
def test_an_answer_has_the_status_that_it_was_built_with(body: str, kind: str, status: int | None) -> None:
    (answer,) = flow({"main.py": ANSWERS.replace("BODY", body)}, "GET /x").answers
    assert (answer.kind.value, answer.status) == (kind, status)


@pytest.mark.parametrize("answer", ["jsonify(orders=rows)", "jsonify(rows)", "render_template('x.html', orders=rows)"])
def test_data_reaches_the_answer_by_position_and_by_keyword(answer: str) -> None:
    source = f"""
    import sqlite3
    from flask import Flask, jsonify, render_template
    app = Flask(__name__)

    @app.get("/orders")
    def orders():
        rows = sqlite3.connect("orders.db").execute("SELECT id FROM orders").fetchall()
        return {answer}
    """
    (only,) = flow({"main.py": source}, "GET /orders").answers
    assert "row" in only.origins


@pytest.mark.parametrize("given", ["request.json", "request.get_json()", "request.form", "request.json.get('name')"])
def test_what_a_client_sends_is_known_as_such(given: str) -> None:
    source = f"""
    import sqlite3
    from flask import Flask, request
    app = Flask(__name__)

    @app.post("/orders")
    def create():
        connection = sqlite3.connect("orders.db")
        connection.execute("INSERT INTO orders VALUES (?)", [{given}])
        connection.commit()
        return {{}}, 201
    """
    (write,) = flow({"main.py": source}, "POST /orders").store_writes
    assert write.carries_request
