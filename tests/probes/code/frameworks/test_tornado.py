"""Tornado: which endpoints there are, at which paths, and what flows through them."""

from __future__ import annotations

import pytest

from tests.probes.code.endpoints import flow, found, served

HEAD = """
import tornado.ioloop
import tornado.web


class Base(tornado.web.RequestHandler):
    def options(self):
        self.set_status(204)
        self.finish()


class Items(Base):
    def get(self):
        self.write({"items": []})

    def post(self):
        self.set_status(201)
        self.write({"name": self.get_argument("name")})


"""


def _app(text: str) -> dict[str, str]:
    return {"main.py": HEAD + text}


@pytest.mark.parametrize(
    "text",
    [
        "def make():\n    return tornado.web.Application([(r'/items', Items), (r'/i/([0-9]+)', Items, {'a': 1})])\n",
        "app = tornado.web.Application(handlers=[tornado.web.url('/items', Items), ('/i/([0-9]+)', Items)])\n",
        (
            "handlers = [(r'/items', Items)]\nhandlers.append((r'/i/([0-9]+)', Items))\n"
            "app = tornado.web.Application(handlers, debug=True)\n"
        ),
        (
            "class App(tornado.web.Application):\n    def __init__(self):\n"
            "        handlers = [('/items', Items), ('/i/([0-9]+)', Items)]\n        super().__init__(handlers)\n\n"
            "app = App()\n"
        ),
        "app = tornado.web.Application([(r'/items', Items)])\napp.add_handlers(r'.*', [(r'/i/([0-9]+)', Items)])\n",
    ],
)
def test_each_method_of_a_handler_in_the_table_is_an_endpoint_at_its_line(text: str) -> None:
    files = _app(text)
    assert sorted(served(files)) == [
        "GET /i/([0-9]+)",
        "GET /items",
        "OPTIONS /i/([0-9]+)",
        "OPTIONS /items",
        "POST /i/([0-9]+)",
        "POST /items",
    ]
    assert {(one.title.split()[0], one.line) for one in found(files)} == {("OPTIONS", 12), ("GET", 13), ("POST", 16)}


def test_no_handler_of_a_long_table_is_lost() -> None:
    table = ", ".join(f"(r'/items/{number}', Items)" for number in range(60))
    assert len(served(_app(f"app = tornado.web.Application([{table}])\n"))) == 180


def test_a_handler_answers_through_itself_with_the_status_that_it_set_on_that_path() -> None:
    files = _app("""
class Order(Base):
    def get(self):
        if self.get_argument("missing"):
            self.set_status(404)
            self.write({"error": "none"})
            return
        self.write({"id": 1})


app = tornado.web.Application([(r"/order", Order)])
""")
    assert [(one.kind.value, one.status) for one in flow(files, "GET /order").answers] == [
        ("client-error", 404),
        ("ok", None),
    ]


def test_stored_and_invented_data_are_told_apart() -> None:
    files = _app("""
import sqlite3


class Orders(Base):
    def rows(self):
        return sqlite3.connect("orders.db").execute("SELECT id FROM orders").fetchall()

    def get(self):
        self.write({"orders": self.rows()})

    def post(self):
        connection = sqlite3.connect("orders.db")
        connection.execute("INSERT INTO orders VALUES (?)", [self.get_argument("name")])
        connection.commit()
        self.finish({})


class Sample(Base):
    def get(self):
        self.finish({"orders": [{"id": 1, "total": 19.99, "customer": "Jane Doe"}]})


app = tornado.web.Application([(r"/orders", Orders), (r"/sample", Sample)])
""")
    assert flow(files, "GET /orders").endpoint.verdict == "real"
    (write,) = flow(files, "POST /orders").store_writes
    assert write.carries_request
    assert flow(files, "GET /sample").endpoint.verdict == "mock"


def test_an_error_that_is_raised_is_an_answer() -> None:
    files = _app("""
class Missing(Base):
    def get(self):
        raise tornado.web.HTTPError(404)


app = tornado.web.Application([(r"/missing", Missing)])
""")
    (answer,) = flow(files, "GET /missing").answers
    assert (answer.kind.value, answer.status) == ("client-error", 404)
