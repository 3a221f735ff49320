"""Hostile and unusual input ends in a result, and the same input always in the same one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assay.probes.code.engine import EngineOptions, SourceFile, analyse
from tests.probes.code.flow.apps import APPS, app, verdicts_of, view_of

ROUTE = "\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get('/x')\ndef x():\n    return "


@pytest.mark.parametrize(
    "text",
    [
        "def a(): return b()\ndef b(): return a()" + ROUTE + "a()",
        "class A(A): pass" + ROUTE + "A().x()",
        "class A:\n    def f(self): return B().f()\nclass B(A):\n    def f(self): return super().f()"
        + ROUTE
        + "B().f()",
        "f = lambda f: f(f)" + ROUTE + "f(f)",
        "x1 = x2\nx2 = x1" + ROUTE + "x1",
        "def d(f): return d(f)\n@d\ndef y(): pass" + ROUTE + "y()",
        ROUTE + "x()",
        ROUTE + "(" * 2000 + ")" * 2000,
        ROUTE + "+".join(["1"] * 5000),
        ROUTE + "[" + ", ".join("{'a': [1, 2]}" for _ in range(5000)) + "]",
        "def f(n):\n    while True:\n        for i in f(n):\n            n = [n, n]\n    return n" + ROUTE + "f([1])",
        "app = None\nfrom m import *" + ROUTE + "y",
        "print 'Python 2'" + ROUTE + "1",
        "\x00\xff\xfe",
        "",
    ],
    ids=range(15),
)
def test_recursion_cycles_and_depth_end_in_a_result(text: str) -> None:
    view_of({"main.py": text})


def test_modules_that_import_each_other_end_in_a_result() -> None:
    files = {
        "a.py": "from b import y\nx = y" + ROUTE + "x",
        "b.py": "from a import x\ny = x\n",
    }
    assert set(verdicts_of(files)) == {"GET /x"}


def test_javascript_that_re_exports_itself_ends_in_a_result() -> None:
    files = {
        "a.ts": "export * from './b'; import express from 'express'; import { z } from './b';"
        " const app = express(); app.get('/x', z);",
        "b.ts": "export * from './a';",
    }
    assert set(verdicts_of(files)) == {"GET /x"}


def test_a_handler_that_uses_up_its_steps_is_never_called_real_or_fake_with_confidence() -> None:
    files = app("sqlalchemy")
    view = view_of(files, EngineOptions(steps_per_endpoint=3))
    assert {flow.endpoint.confidence.value for flow in view.endpoints if flow.exhausted} == {"low"}
    assert any(flow.exhausted for flow in view.endpoints)


def test_a_factory_goes_on_behind_a_check_that_used_up_the_budget() -> None:
    body = "    x = [x]\n" * 20 + "    return x\n"
    checks = "".join(f"def c{one}(x):\n{body}" for one in range(2_000))
    calls = "".join(f"    c{one}(0)\n" for one in range(2_000))
    files = {
        "checks.py": f"{checks}def installation():\n{calls}",
        "items.py": "from flask import Blueprint\nbp = Blueprint('b', __name__)\nlost = Blueprint('l', __name__)\n"
        "@bp.route('/x')\ndef x():\n    return '1'\n@lost.route('/y')\ndef y():\n    return '1'\n",
        "main.py": "from flask import Flask\nfrom checks import installation\nfrom items import bp\n"
        "def create_app():\n    app = Flask(__name__)\n    installation()\n    app.register_blueprint(bp)\n"
        "    return app\napp = create_app()\n",
    }
    assert verdicts_of(files) == {"GET /x": "static", "GET /y": "unwired"}


def test_a_file_that_cannot_be_read_is_named() -> None:
    def refuse() -> bytes:
        raise PermissionError(13, "Permission denied")

    view = analyse([SourceFile(path="main.py", read=refuse)])
    assert [(one.file, one.reason) for one in view.skipped] == [("main.py", "cannot be read: Permission denied")]


@pytest.mark.parametrize("name", sorted(path.stem for path in APPS.glob("*.md")))
def test_the_order_of_the_files_changes_nothing(name: str) -> None:
    files = app(name)
    forward = view_of(files).endpoints
    backward = view_of(dict(reversed(files.items()))).endpoints
    assert forward == backward


def test_the_seed_of_python_s_hashes_changes_nothing() -> None:
    program = (
        "from tests.probes.code.flow.apps import APPS, app, view_of\n"
        "for path in sorted(APPS.glob('*.md')):\n    print(view_of(app(path.stem)).endpoints)\n"
    )
    root = Path(__file__).parents[4]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_a_call_that_lies_too_deep_is_not_known_and_makes_what_was_seen_less_sure() -> None:
    chain = "".join(f"def f{one}(x): return f{one + 1}(x)\n" for one in range(15)) + "def f15(x): return x\n"
    rows = (
        "from fastapi import FastAPI\nfrom sqlalchemy import create_engine, text\napp = FastAPI()\n"
        "engine = create_engine('postgresql://localhost/app')\n"
        "def rows(word):\n    with engine.connect() as c: return c.execute(text('SELECT 1'), {'w': word}).all()\n"
    )
    read = "@app.get('/read')\ndef read(word: str):\n    f0(word)\n    return rows(word)\n"
    kept = "@app.post('/kept')\ndef kept(word: dict):\n    f0(word)\n    return {'message': 'kept'}\n"
    found = {flow.endpoint.path: flow.endpoint for flow in view_of({"main.py": rows + chain + read + kept}).endpoints}
    judged = {path: (str(one.verdict), one.confidence.value, one.flags) for path, one in found.items()}
    assert judged == {"/read": ("real", "medium", ("budget",)), "/kept": ("unknown", "low", ("budget",))}
