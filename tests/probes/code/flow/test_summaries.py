"""What a function gave and did for equal parameters is given and recorded again, and nothing else is seen by that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from assay.probes.code.flow.summaries import Summaries
from tests.probes.code.endpoints import view
from tests.probes.code.flow.apps import APPS, app, view_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.probes.code.flow.summaries import Outcome
    from assay.probes.code.view import ProjectView

HEAD: Final = """
import psycopg
from fastapi import FastAPI

app = FastAPI()
shared = None


def rows():
    with psycopg.connect("") as connection:
        return connection.execute("SELECT id FROM orders").fetchall()
"""


def _without(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_it(*arguments: object) -> Outcome:
        run: Callable[[], Outcome] = arguments[-1]  # type: ignore[assignment]
        return run()

    monkeypatch.setattr(Summaries, "outcome", run_it)


def _seen(found: ProjectView) -> tuple[object, ...]:
    return found.endpoints, found.skipped, found.reached


@pytest.mark.parametrize("name", sorted(file.stem for file in APPS.glob("*.md")))
def test_with_and_without_summaries_the_same_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _seen(view_of(app(name)))
    _without(monkeypatch)
    assert found == _seen(view_of(app(name)))


def _body(code: str) -> tuple[str, str, int]:
    (flow,) = view({"main.py": HEAD + code}).endpoints
    return str(flow.endpoint.body), str(flow.endpoint.confidence), len(flow.store_reads)


def _layers(count: int) -> str:
    """Functions each of which calls the one below it twice: two to the power of their number calls in all."""
    return "".join(
        f"def f{number}(one):\n    first = f{number + 1}(one)\n    return [first, f{number + 1}(one)]\n"
        for number in range(count)
    )


DOUBLING: Final = f"""
{_layers(8)}
def f8(one):
    if one:
        state = "open" if one["paid"] else "new"
        return {{"id": one["id"], "state": state, "sum": one["net"] + one["tax"], "to": one["to"]}}
    return None


@app.get("/orders")
def orders():
    one = rows()[0]
    return [f0(one), f0(one), f0(one), f0(one), f0(one), f0(one), f0(one), f0(one)]
"""


def test_calls_that_double_at_every_level_are_followed_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _body(DOUBLING)[0] == "real"
    _without(monkeypatch)
    assert _body(DOUBLING)[0] == "unknown"


def test_what_a_repeated_call_does_is_recorded_each_time() -> None:
    once = '\n\n@app.get("/orders")\ndef orders():\n    return rows()\n'
    often = once.replace("    return", "    rows()\n    rows()\n    rows()\n    return")
    assert _body(once)[2] * 4 == _body(often)[2]


def test_a_global_that_has_changed_since_is_read_anew() -> None:
    code = """

def current():
    return shared


@app.get("/orders")
def orders():
    global shared
    current()
    if current() is None:
        shared = psycopg.connect("")
    return current().execute("SELECT id FROM orders").fetchall()
"""
    assert _body(code)[0] == "real"


def test_what_was_hung_on_the_request_since_is_read_anew() -> None:
    code = """
from flask import Flask, g

flasks = Flask("shop")


def current():
    return g.get("found") if "found" in g else None


@flasks.route("/orders")
def orders():
    current()
    current()
    g.found = rows()
    return {"orders": current()}
"""
    assert _body(code)[0] == "real"


def test_what_fails_once_fails_again() -> None:
    told = """

@app.get("/orders")
def orders():
    for _ in range(3):
        try:
            rows()
        except Exception:
            pass
    return rows()
"""
    hidden = told.replace(
        "    return rows()\n", "    try:\n        return rows()\n    except Exception:\n        return []\n"
    )
    assert _body(told)[0] == "real"
    assert _body(hidden)[0] == "fallback"


def test_closures_keep_variables_of_their_own() -> None:
    code = """

def holder():
    kept = []

    def put(one):
        kept.append(one)
        return kept

    return put


@app.get("/orders")
def orders():
    first, second, third = holder(), holder(), holder()
    second(rows())
    return third([{"id": 1, "total": 10}, {"id": 2, "total": 20}])
"""
    assert _body(code)[0] == "mock"
    assert _body(code.replace("third([", "second(["))[0] == "real"


def test_what_was_not_entered_because_it_was_running_is_entered_elsewhere() -> None:
    code = """

def outer(one):
    inner(one)
    return rows()


def inner(one):
    return outer(one)


@app.get("/orders")
def orders():
    one = 1
    outer(one)
    outer(one)
    return inner(one)
"""
    assert _body(code)[2] == 3 * _body(code.replace("inner(one)\n", "rows()\n").replace("    outer(one)\n", ""))[2]
