"""Whether a module compiles is judged by Python itself, for the Python of the project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.probes.code.languages.python import LANGUAGE, ImportProblem, ProjectPython, importability, project_python

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = (3, 11)


def _judge(source: bytes | str, project: ProjectPython = ProjectPython()) -> ImportProblem | None:  # noqa: B008 - frozen
    data = source.encode() if isinstance(source, str) else source
    return importability(data, LANGUAGE.extract("a.py", data), project, running=OLD)


def test_a_module_that_compiles_has_no_problem() -> None:
    assert _judge("import os\n\nx = 1\n") is None
    assert _judge("") is None


def test_warnings_are_no_problem_and_are_not_shown() -> None:
    assert _judge("x = '\\d'\nassert (x, 'always true')\nif x is 1: pass\n") is None


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("x = 1\n\ndef f(:\n  pass\n", 3, "invalid syntax"),
        ("x = 1\nreturn x\n", 2, "'return' outside function"),
        ("def f():\n  x = 1\n  global x\n", 3, "name 'x' is assigned to before global declaration"),
        ("if a:\nb\n", 2, "expected an indented block after 'if' statement on line 1"),
        ("print 'a'\n", 1, "Missing parentheses in call to 'print'. Did you mean print(...)?"),
        (b"# coding: no-such\nx = 1\n", 1, "unknown encoding: no-such"),
        (b"x = 1\ny = 2\0\n", 2, "source code string cannot contain null bytes"),
        ("x = (\n", 1, "'(' was never closed"),
    ],
)
def test_what_does_not_compile_is_named_with_its_line(source: bytes | str, line: int, message: str) -> None:
    found = _judge(source)
    assert found is not None
    assert (found.line, found.certain) == (line, True)
    if sys.version_info[:2] == OLD:
        assert found.message == message


def test_a_problem_never_quotes_the_source() -> None:
    found = _judge("password = 'hunter2\n")
    assert found is not None
    assert "hunter2" not in found.message


NEWER = {
    "type X = int\n": "3.12",
    "def f[T](x): pass\n": "3.12",
    "class A[T]: pass\n": "3.12",
    'f"{x["a"]}"\n': "3.12",
    "f\"{'\\n'.join(a)}\"\n": "3.12",
    'f"{\n  x  # why\n}"\n': "3.12",
    "class A[T = int]: pass\n": "3.13",
    'x = t"a {b}"\n': "3.14",
    "try: pass\nexcept A, B: pass\n": "3.14",
    "lazy import x\n": "3.15",
    "{**d for d in e}\n": "3.15",
}


@pytest.mark.skipif(sys.version_info[:2] != OLD, reason="asks Python 3.11 about newer syntax")
@pytest.mark.parametrize("source", NEWER)
def test_syntax_newer_than_the_running_python_is_unknown(source: str) -> None:
    found = _judge(source)
    assert found is not None
    assert (found.message, found.certain) == (f"needs Python {NEWER[source]}", False)


@pytest.mark.skipif(sys.version_info[:2] != OLD, reason="asks Python 3.11 about newer syntax")
def test_syntax_newer_than_the_python_of_the_project_is_certain() -> None:
    found = _judge("type X = int\n", ProjectPython(exact=(3, 10)))
    assert found is not None
    assert (found.message, found.certain) == ("needs Python 3.12, the project runs on 3.10", True)


def test_a_rejection_is_unknown_where_the_project_runs_on_a_newer_python() -> None:
    for project in (ProjectPython(exact=(3, 14)), ProjectPython(lowest=(3, 14))):
        found = _judge("x = 0777\n", project)
        assert found is not None
        assert (found.message, found.certain) == ("needs Python 3.14", False)


@pytest.mark.parametrize(
    "source",
    ["if a:\nb\n", "return 1\n", "def f(:\n  pass\n", "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n"],
)
def test_what_no_python_accepts_is_certain_whatever_the_project_runs_on(source: str) -> None:
    found = _judge(source, ProjectPython(exact=(3, 13)))
    assert found is not None
    assert found.certain


def test_a_project_on_python_2_is_not_judged() -> None:
    found = _judge("print 'a'\n", ProjectPython(exact=(2, 7)))
    assert found is not None
    assert not found.certain


DEEP = 100_000


@pytest.mark.parametrize(
    "source",
    [
        "(" * DEEP,
        "-" * DEEP + "1",
        "a" + ".b" * DEEP,
        "a" + "()" * DEEP,
        "+".join(["a"] * DEEP),
        "not " * DEEP + "a",
        "[" * 150 + "]" * 150,
        "x = " + "a if b else " * DEEP + "c",
        "lambda: " * DEEP + "1",
        "if a: pass\n" + "elif a: pass\n" * 20_000,
        "".join(f"{' ' * level}if a:\n" for level in range(150)),
    ],
    ids=range(11),
)
def test_deep_nesting_is_no_crash(source: str) -> None:
    program = (
        "import sys\n"
        "from assay.probes.code.languages.python import LANGUAGE, importability\n"
        "data = sys.stdin.buffer.read()\n"
        "print(importability(data, LANGUAGE.extract('a.py', data)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], input=source.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_end_in_a_judgement_inside_the_file(data: bytes) -> None:
    found = importability(data, LANGUAGE.extract("a.py", data))
    assert found is None or 1 <= found.line <= data.count(b"\n") + data.count(b"\r") + 1


# --- the Python of the project ---------------------------------------------------------------------------------------


def _reader(files: dict[str, str]) -> Callable[[str], str | None]:
    def read(path: str) -> str | None:
        return files.get(path)

    return read


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (".python-version", "3.12.1\n", ProjectPython(exact=(3, 12))),
        (".python-version", "system\n", ProjectPython()),
        ("Dockerfile", "FROM node:20\nFROM docker.io/library/python:3.13-slim AS base\n", ProjectPython(exact=(3, 13))),
        ("Dockerfile", "FROM --platform=linux/amd64 python:3.10\nRUN x\n", ProjectPython(exact=(3, 10))),
        ("runtime.txt", "python-3.9.18\n", ProjectPython(exact=(3, 9))),
        (".tool-versions", "nodejs 20\npython 3.11.4\n", ProjectPython(exact=(3, 11))),
        ("Pipfile", '[requires]\npython_version = "3.8"\n', ProjectPython(exact=(3, 8))),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.12,<4"\n', ProjectPython(lowest=(3, 12))),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.13"\n', ProjectPython(lowest=(3, 13))),
        ("pyproject.toml", "not toml [", ProjectPython()),
        ("pyproject.toml", "project = 1\n[tool]\npoetry = 2\n", ProjectPython()),
        ("setup.cfg", "[options]\npython_requires = >=3.8\n", ProjectPython(lowest=(3, 8))),
        ("setup.py", "setup(python_requires='>= 3.7')\n", ProjectPython(lowest=(3, 7))),
    ],
)
def test_the_python_of_a_project_is_read_from_its_own_files(name: str, text: str, expected: ProjectPython) -> None:
    assert project_python("app/api/main.py", _reader({name: text})) == expected


def test_the_nearest_folder_decides_and_a_pin_says_more_than_a_range() -> None:
    files = {
        ".python-version": "3.9",
        "api/pyproject.toml": "[project]\nrequires-python = '>=3.10'",
        "api/Dockerfile": "FROM python:3.13",
    }
    assert project_python("api/app/main.py", _reader(files)) == ProjectPython(exact=(3, 13), lowest=(3, 10))
    assert project_python("web/main.py", _reader(files)) == ProjectPython(exact=(3, 9))
    assert project_python("main.py", _reader({})) == ProjectPython()


def test_every_module_of_the_standard_library_compiles() -> None:
    for path in sorted(Path(subprocess.__file__).parent.glob("*.py"))[::12]:
        data = path.read_bytes()
        assert importability(data, LANGUAGE.extract(path.name, data)) is None
