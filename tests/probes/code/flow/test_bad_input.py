"""Hostile projects end in a bounded result through the whole engine, and what was given up is named."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, cast

import pytest

from assay.probes.code.engine import EngineOptions
from tests.probes.code.flow.apps import verdicts_of, view_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from _typeshed import TraceFunction

_HEAD: Final = "\nfrom fastapi import APIRouter, FastAPI\napp = FastAPI()\n"
_ROUTE: Final = _HEAD + "@app.get('/x')\ndef x():\n    return "
_ROWS: Final = (
    "from sqlalchemy import create_engine, text\nengine = create_engine('postgresql://db/x')\n"
    "def rows():\n    with engine.connect() as c:\n"
    "        return [dict(r) for r in c.execute(text('select * from t'))]\n"
)
_MOST_LINES: Final = 3_000_000
_LINEAR: Final = 2.6


def _many(count: int, make: Callable[[int], str]) -> str:
    return "".join(map(make, range(count)))


def _lines_run(files: Mapping[str, str]) -> int:
    """How many lines the analysis executes; it is stopped where it runs away."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> Callable[[FrameType, str, object], object]:
        nonlocal count
        count += event == "line"
        assert count < _MOST_LINES, "the analysis ran away"
        return trace

    before = sys.gettrace()
    sys.settrace(cast("TraceFunction", trace))
    try:
        view_of(files)
    finally:
        sys.settrace(before)
    return count


def _functions(count: int) -> dict[str, str]:
    return {"main.py": _many(count, lambda i: f"def f{i}(a): return a\n") + _ROUTE + "f1(1)"}


def _names(count: int) -> dict[str, str]:
    return {"main.py": _many(count, lambda i: f"v{i} = {i}\n") + _ROUTE + "v1"}


def _routes(count: int) -> dict[str, str]:
    return {"main.py": _HEAD + _many(count, lambda i: f"@app.get('/x{i}/{{a}}')\ndef f{i}(a): return {{'a': {i}}}\n")}


def _routers(count: int) -> dict[str, str]:
    mounted = "r{0} = APIRouter(prefix='/p{0}')\n@r{0}.get('/y')\ndef y{0}(): return 1\napp.include_router(r{0})\n"
    return {"main.py": _HEAD + _many(count, mounted.format)}


def _stars(count: int) -> dict[str, str]:
    ring = {
        f"m{i}.py": f"from m{(i + 1) % count} import *\nfrom m{(i + 3) % count} import *\na{i} = {i}\n"
        for i in range(count)
    }
    return {**ring, "main.py": "from m0 import *\n" + _ROUTE + "missing"}


def _commented(count: int) -> dict[str, str]:
    return {"main.py": _ROWS + "# for now\n" * count + _ROUTE + "rows()"}


def _blank(count: int) -> dict[str, str]:
    return {"main.py": _ROWS + "\n" * 50 * count + _ROUTE + "rows()"}


def _bound_again(count: int) -> dict[str, str]:
    return {"main.py": "d = {}\n" + _many(count, lambda i: f"d['k{i}'] = {i}\n") + _ROUTE + "d"}


def _undefined(count: int) -> dict[str, str]:
    return {"main.py": _ROUTE.replace("return ", _many(count, lambda i: f"v{i} = w{i}()\n    ")) + "return 1"}


def _unset(count: int) -> dict[str, str]:
    fields = _many(count, lambda i: f"        self.f{i} = None\n")
    asked = _many(count, lambda i: f"@app.get('/x{i}')\ndef x{i}(): return a.f{i}.get()\n")
    return {"main.py": "class A:\n    def __init__(self):\n" + fields + "a = A()\n" + _HEAD + asked}


@pytest.mark.parametrize(
    "make", [_functions, _names, _routes, _routers, _stars, _commented, _blank, _bound_again, _unset, _undefined]
)
def test_twice_as_much_costs_about_twice_as_much(make: Callable[[int], dict[str, str]]) -> None:
    view_of(make(10))
    once, twice = _lines_run(make(150)), _lines_run(make(300))
    assert twice < _LINEAR * once


@pytest.mark.parametrize(
    "source",
    [
        _many(10_000, lambda i: f"def f{i}(): return f{i + 1}()\n") + "def f10000(): return rows()\n" + _ROUTE + "f0()",
        _many(10_000, lambda i: f"def f{i}(): return f{(i + 1) % 10_000}()\n") + _ROUTE + "f0()",
        _ROUTE.replace("    return ", "    y = rows()\n" + "    y = [y]\n" * 25_000 + "    return y\n"),
        _ROUTE.replace("    return ", _many(25_000, lambda i: f"    v{i} = {i}\n") + "    return rows()\n"),
    ],
    ids=["calls", "recursion", "nested data", "statements"],
)
def test_what_lies_too_deep_is_never_called_real_and_says_so(source: str) -> None:
    (flow,) = view_of({"main.py": _ROWS + source}).endpoints
    assert (str(flow.endpoint.verdict), flow.endpoint.confidence.value) == ("unknown", "low")
    assert "budget" in flow.endpoint.flags


def test_routers_that_all_mount_each_other_end_and_are_named() -> None:
    made = _many(12, lambda i: f"r{i} = APIRouter(prefix='/p{i}')\n@r{i}.get('/y')\ndef y{i}(): return 1\n")
    mounts = _many(144, lambda i: f"r{i // 12}.include_router(r{i % 12})\n")
    view = view_of({"main.py": _HEAD + made + mounts + "app.include_router(r0)\n"})
    assert 12 <= len(view.endpoints) < 12 * 65
    assert [one.file for one in view.skipped] == ["main.py"]
    assert "not every path is examined" in view.skipped[0].reason


def test_a_router_that_mounts_itself_serves_its_route_once() -> None:
    source = _HEAD + "r = APIRouter()\n@r.get('/y')\ndef y(): return 1\nr.include_router(r)\napp.include_router(r)\n"
    assert list(verdicts_of({"main.py": source})) == ["GET /y"]


def test_a_star_import_in_a_cycle_finds_what_stands_behind_it() -> None:
    files = {"a.py": "from b import *\n", "b.py": "from a import *\nfrom c import *\n", "c.py": _ROWS}
    assert verdicts_of({**files, "main.py": "from a import *\n" + _ROUTE + "rows()"}) == {"GET /x": "real"}


def test_classes_that_inherit_in_a_ring_over_files_are_not_decided() -> None:
    ring = {f"m{i}.py": f"import m{(i + 1) % 200}\nclass C(m{(i + 1) % 200}.C): pass\n" for i in range(200)}
    (flow,) = view_of({**ring, "main.py": "import m0\n" + _ROUTE + "m0.C().get()"}).endpoints
    assert flow.endpoint.confidence.value == "low"


@pytest.mark.parametrize("syntax", ["def g[T = str](a: T): return a\n", "try: pass\nexcept A, B: pass\n"])
def test_syntax_that_is_newer_is_named_and_serves_its_routes(syntax: str) -> None:
    view = view_of({"main.py": _ROWS + syntax + _ROUTE + "rows()"})
    assert [str(flow.endpoint.verdict) for flow in view.endpoints] == ["real"]
    assert "needs Python 3.1" in view.skipped[0].reason


@pytest.mark.parametrize("spoilt", [b"print 'x'\n", b"q = '\xe4'\n", b"# \0\n"], ids=["Python 2", "latin-1", "null"])
def test_a_file_that_python_does_not_read_serves_nothing(spoilt: bytes) -> None:
    view = view_of({"main.py": (_ROWS + _ROUTE + "rows()\n").encode() + spoilt})
    assert [str(flow.endpoint.verdict) for flow in view.endpoints] == ["unwired"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + (_ROWS + _ROUTE + "rows()\n").encode(),
        ("# coding: latin-1\nq = 'ä'\n" + _ROWS + _ROUTE + "rows()\n").encode("latin-1"),
    ],
    ids=["byte order mark", "coding line"],
)
def test_encodings_that_python_reads_change_no_verdict(data: bytes) -> None:
    assert verdicts_of({"main.py": data}) == {"GET /x": "real"}


def test_a_python_file_in_utf_16_is_named() -> None:
    view = view_of({"main.py": (_ROWS + _ROUTE + "rows()\n").encode("utf-16")})
    assert [(one.file, one.reason) for one in view.skipped] == [("main.py", "it is UTF-16, which Python does not read")]


def test_a_generated_file_that_is_too_large_is_named_and_not_read_further() -> None:
    view = view_of({"main.py": _ROWS + _ROUTE + "rows()\n" + "x = 1\n" * 1_000_000})
    assert view.endpoints == ()
    assert [(one.file, one.reason) for one in view.skipped] == [("main.py", "larger than 1.5 MB")]


def test_no_answer_is_lost_behind_many_others() -> None:
    early = _many(40, lambda i: f"    if a == {i}: return {i}\n")
    rows = _HEAD + _ROWS + "@app.get('/x')\ndef x(a: int):\n" + early + "    return rows()\n"
    through = _HEAD + _ROWS + "def g(a):\n" + early + "    return rows()\n@app.get('/x')\ndef x(a: int): return g(a)\n"
    none = rows.replace("return rows()", "return 41")
    verdicts = [verdicts_of({"main.py": source})["GET /x"] for source in (rows, through, none)]
    assert verdicts == ["real", "real", "mock"]


def test_a_class_with_more_bases_than_are_looked_at_is_not_decided() -> None:
    source = "class C0:\n    def get(self): return rows()\n"
    for depth, verdict in ((100, "real"), (400, "unknown")):
        chain = _many(depth, lambda i: f"class C{i + 1}(C{i}): pass\n")
        app = {"main.py": _ROWS + source + chain + _ROUTE + f"C{depth}().get()"}
        assert verdicts_of(app) == {"GET /x": verdict}


def test_branches_that_are_nested_too_deeply_are_named_and_the_endpoint_is_not_called_real() -> None:
    chain = _many(400, lambda i: f"    elif a == {i}: return rows()\n")
    body = "@app.get('/x')\ndef x(a: int):\n    if a == -1: return rows()\n" + chain + "    return rows()\n"
    view = view_of({"main.py": _ROWS + _HEAD + body})
    assert [str(flow.endpoint.verdict) for flow in view.endpoints] == ["unknown"]
    assert ["nested deeper" in one.reason for one in view.skipped] == [True]


def test_routers_mounted_deeper_than_paths_are_followed_are_served_under_a_path_that_is_not_known() -> None:
    made = _many(60, lambda i: f"r{i} = APIRouter(prefix='/p{i}')\n@r{i}.get('/y')\ndef y{i}(): return rows()\n")
    mounts = _many(59, lambda i: f"r{58 - i}.include_router(r{59 - i})\n")
    view = view_of({"main.py": _ROWS + _HEAD + made + mounts + "app.include_router(r0)\n"})
    assert {str(flow.endpoint.verdict) for flow in view.endpoints} == {"real"}
    assert sum(flow.endpoint.path.startswith("{?}") for flow in view.endpoints) == 60 - 24
    assert "not every path is examined" in view.skipped[0].reason


def test_an_endpoint_that_is_not_examined_to_its_end_is_unknown_whatever_was_seen_of_it() -> None:
    body = "    found = rows()\n" + "    if found: found.append(1)\n" * 300 + "    return found\n"
    source = _ROWS + _HEAD + "@app.get('/x')\ndef x():\n" + body
    for steps, verdict in ((20_000, "real"), (200, "unknown")):
        (flow,) = view_of({"main.py": source}, EngineOptions(steps_per_endpoint=steps)).endpoints
        assert str(flow.endpoint.verdict) == verdict
