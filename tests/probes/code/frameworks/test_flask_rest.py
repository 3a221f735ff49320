"""Flask-RESTful, Flask-RESTX, flask-smorest and APIFlask: resources that are classes, and namespaces."""

from __future__ import annotations

from tests.probes.code.endpoints import found, served, unserved


def test_a_resource_is_served_at_every_path_that_it_is_added_under() -> None:
    source = """
    from flask import Blueprint, Flask
    from flask_restful import Api, Resource
    app = Flask(__name__)
    api = Api(app, prefix="/v1")

    class Item(Resource):
        def get(self, number): ...

        def put(self, number): ...

    api.add_resource(Item, "/items/<number>", "/i/<number>", endpoint="item")
    """
    assert [(one.title, one.line) for one in found({"main.py": source})] == [
        ("GET /v1/i/<number>", 8),
        ("GET /v1/items/<number>", 8),
        ("PUT /v1/i/<number>", 10),
        ("PUT /v1/items/<number>", 10),
    ]


def test_an_api_stands_on_a_blueprint_or_is_given_its_application_later() -> None:
    source = """
    from flask import Blueprint, Flask
    from flask_restful import Api, Resource

    class Item(Resource):
        def get(self): ...

    blueprint = Blueprint("b", __name__, url_prefix="/b")
    Api(blueprint).add_resource(Item, "/on-blueprint")
    later = Api()
    later.add_resource(Item, "/later")
    never = Api()
    never.add_resource(Item, "/never")
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    later.init_app(app)
    """
    assert served({"main.py": source}) == ["GET /b/on-blueprint", "GET /later"]
    assert unserved({"main.py": source}) == ["GET /never"]


def test_a_namespace_is_served_below_its_name_its_path_or_the_path_of_its_registration() -> None:
    files = {
        "users.py": """
            from flask_restx import Namespace, Resource
            users = Namespace("users", description="people")
            stock = Namespace("stock", path="/goods")
            moved = Namespace("moved")
            lost = Namespace("lost")

            @users.route("/", "/all")
            class Users(Resource):
                @users.doc("list")
                def get(self): ...

            @stock.route("/<int:number>")
            @moved.route("/x")
            @lost.route("/x")
            class Stock(Resource):
                def get(self, number): ...
        """,
        "main.py": """
            from flask import Blueprint, Flask
            from flask_restx import Api, Resource
            import users
            blueprint = Blueprint("api", __name__, url_prefix="/api")
            api = Api(blueprint)
            api.add_namespace(users.users)
            api.add_namespace(users.stock)
            api.add_namespace(users.moved, path="/there")
            inline = api.namespace("inline", description="here")

            @inline.route("/x")
            @api.route("/hello")
            class Hello(Resource):
                def get(self): ...

            app = Flask(__name__)
            app.register_blueprint(blueprint)
        """,
    }
    assert sorted(served(files)) == [
        "GET /api/goods/<int:number>",
        "GET /api/hello",
        "GET /api/inline/x",
        "GET /api/there/x",
        "GET /api/users",
        "GET /api/users/all",
    ]
    assert unserved(files) == ["GET /lost/x"]


def test_blueprints_of_smorest_and_apiflask_route_functions_and_classes() -> None:
    source = """
    from apiflask import APIBlueprint, APIFlask
    from flask.views import MethodView
    from flask_smorest import Api, Blueprint
    app = APIFlask(__name__)
    api = Api(app)
    pets = Blueprint("pets", "pets", url_prefix="/pets", description="animals")
    more = APIBlueprint("more", __name__, url_prefix="/more")
    lost = APIBlueprint("lost", __name__, url_prefix="/lost")

    @pets.route("/")
    class Pets(MethodView):
        @pets.response(200)
        def get(self): ...

        @pets.arguments(dict)
        def post(self, data): ...

    @more.get("/one")
    @more.output({})
    def one(): ...

    @lost.get("/two")
    def two(): ...

    api.register_blueprint(pets)
    app.register_blueprint(more)
    """
    assert sorted(served({"main.py": source})) == ["GET /more/one", "GET /pets", "POST /pets"]
    assert unserved({"main.py": source}) == ["GET /lost/two"]
