"""The scanner's commands as a user calls them: output, exit codes, bad input."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from assay.entry import main
from assay.probes.code.commands import progress
from tests.probes.code.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = """import os

from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"])
"""
APP = """from fastapi import FastAPI
from sqlalchemy import text

from db import engine

app = FastAPI()


@app.get("/patients")
def patients():
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM patients")).mappings()]


@app.get("/patients/{patient_id}/vitals")
def vitals(patient_id: int):
    with engine.connect() as connection:
        connection.execute(text("SELECT * FROM vitals"))
    return [{"pulse": 72, "oxygen": 98}, {"pulse": 75, "oxygen": 97}]
"""
REAL = APP[: APP.index('\n\n@app.get("/patients/{')] + "\n"
CREDENTIAL = 'URL = "postgresql://app:hunter2@db.example.org/shop"\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "shop", {"db.py": DATABASE, "app.py": APP})


def test_a_mock_is_exit_code_1_and_told_in_words(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(shop)]) == 1
    told = capsys.readouterr()
    first, *_, failing = told.out.splitlines()
    assert first.startswith(
        "app.py:19:1: error[mock-data] GET /patients/{patient_id}/vitals answers with invented data: "
    )
    assert "2 endpoints in 2 files: 1 mock, 1 real" in told.out
    assert failing == "failing: 1 endpoint, 1 finding"
    assert told.err == ""


def test_a_project_that_is_what_it_claims_is_exit_code_0(tmp_path: Path) -> None:
    assert main(["scan", str(write_tree(tmp_path, {"db.py": DATABASE, "app.py": REAL}))]) == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--exit-zero"], 0),
        (["--fail-on", "lossy,unwired"], 0),
        (["--fail-on", "none"], 0),
        (["--fail-on", "mock"], 1),
        (["--fail-on", "error"], 1),
        (["--fail-on", "mock-data"], 1),
        (["--fail-on", "warning"], 0),
    ],
)
def test_what_fails_is_the_caller_s_choice(shop: Path, options: list[str], code: int) -> None:
    assert main(["scan", str(shop), *options]) == code


def test_the_caller_s_choice_is_stronger_than_the_project_s(shop: Path) -> None:
    write_tree(shop, {"assay.toml": '[scan]\nfail-on = ["lossy"]\n'})
    assert main(["scan", str(shop)]) == 0
    assert main(["scan", str(shop), "--fail-on", "mock"]) == 1


def test_a_project_that_weakens_its_scan_is_seen_doing_so(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(shop, {"pyproject.toml": '[tool.assay.scan]\nexclude = ["app.py"]\n'})
    assert main(["scan", str(shop)]) == 0
    told = capsys.readouterr().out
    assert "pyproject.toml:2:1: note[weakened-configuration] the project leaves out of its scan: app.py" in told
    assert "1 excluded by configuration" in told


def test_a_configuration_named_by_the_caller_replaces_the_project_s_own(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tree(shop, {"assay.toml": '[scan]\nexclude = ["app.py"]\n'})
    write_tree(tmp_path, {"ci.toml": '[scan]\nservice = "front"\n'})
    assert main(["scan", str(shop), "--config", str(tmp_path / "ci.toml"), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["service"] == "front"
    assert [finding["rule"] for finding in report["findings"]] == ["mock-data"]


def test_a_web_framework_without_an_endpoint_fails_unless_that_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tree(tmp_path, {"app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"})
    assert main(["scan", str(tmp_path)]) == 1
    assert "a web framework is imported and no endpoint was found" in capsys.readouterr().err
    assert main(["scan", str(tmp_path), "--allow-empty"]) == 0
    assert main(["scan", str(tmp_path), "--exit-zero"]) == 0


def test_a_tree_without_source_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(tmp_path, {"README.md": "", "tests/test_a.py": ""})
    assert main(["scan", str(tmp_path)]) == 0
    assert "no Python, TypeScript or JavaScript file was examined: 1 were left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing"], "cannot scan `missing`: No such file or directory"),
        (["pipe.py"], "cannot scan `pipe.py`: it is neither a folder nor a regular file"),
        (["loop"], "cannot scan `loop`: Too many levels of symbolic links"),
        (["app.py\0"], "cannot scan 'app.py\\x00'"),
        (["x" * 300], "File name too long"),
        (["app.py", "--config", "none.toml"], "--config none.toml: there is no such file"),
        (["app.py", "--config", "."], "--config .: not a regular file"),
        (["app.py", "--fail-on", "mocks"], "--fail-on: `mocks` is no verdict, severity or rule; did you mean `mock`?"),
        (["app.py", "--output", "no/where.json"], "--output no/where.json: the folder no does not exist"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_a_reason(
    shop: Path, words: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    os.mkfifo("pipe.py")
    (shop / "loop").symlink_to(shop / "loop")
    assert main(["scan", *words]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.out == ""


def test_a_format_that_does_not_exist_is_refused_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["scan", "--format", "sarif"])
    assert ended.value.code == 2
    assert "choose from" in (told := capsys.readouterr().err)
    assert "text" in told
    assert "json" in told


def test_bad_input_is_named_and_harmless(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(
        tmp_path,
        {
            "db.py": DATABASE,
            "app.py": REAL,
            "broken.py": "def f(:\n",
            "broken.ts": "const = ;;; {{{",
            "latin.py": b"name = '\xe9'\n",
            "binary.js": b"\0\1\2",
            "evil\n::error::.py": b"\xff\xfe\xfd",
        },
    )
    (tmp_path / "loop").symlink_to(tmp_path)
    with (tmp_path / "huge.py").open("wb") as stream:
        stream.truncate(50_000_000)
    assert main(["scan", str(tmp_path), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    skipped = {one["file"]: one["reason"] for one in report["skipped"]}
    assert skipped["binary.js"] == "binary"
    assert skipped["huge.py"] == "larger than 1.5 MB"
    assert skipped["latin.py"] == "not UTF-8"
    assert skipped["loop"] == "symbolic link"
    assert "evil\n::error::.py" in skipped
    assert report["summary"]["files"] == 4
    assert main(["scan", str(tmp_path)]) == 0
    assert "\n::error" not in capsys.readouterr().out


def test_a_password_is_shown_in_no_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(tmp_path, {"db.py": CREDENTIAL, "app.py": REAL + f"\n\n# TODO: save to {CREDENTIAL}"})
    for words in (["scan"], ["scan", "--format", "json"], ["endpoints"], ["explain", "GET", "/patients"]):
        main([*words, str(tmp_path)])
        told = capsys.readouterr()
        assert "hunter2" not in told.out + told.err
    main(["scan", str(tmp_path)])
    assert "db.py:1:1: error[hardcoded-credentials]" in (told_text := capsys.readouterr().out)
    assert "postgresql://app:***@db.example.org" in told_text


def test_several_paths_are_one_report(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    assert main(["scan", "app.py", "db.py", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["root"], report["summary"]["files"]) == (".", 2)
    monkeypatch.chdir(shop.parent.parent)
    assert main(["scan", str(shop / "app.py"), str(shop / "db.py"), "--format", "json"]) == 1
    assert {one["file"].rpartition("/")[2] for one in json.loads(capsys.readouterr().out)["endpoints"]} == {"app.py"}


def test_the_report_goes_to_a_file_whole_or_not_at_all(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "report.json"
    assert main(["scan", str(shop), "--format", "json", "--output", str(target)]) == 1
    assert json.loads(target.read_text())["version"] == 1
    assert capsys.readouterr().out == ""
    (tmp_path / "folder").mkdir()
    assert main(["scan", str(shop), "--output", str(tmp_path / "folder")]) == 2
    assert "Is a directory" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_two_scans_of_one_tree_differ_in_nothing_but_the_time(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = []
    for _ in range(2):
        main(["scan", str(shop), "--format", "json"])
        reports.append(json.loads(capsys.readouterr().out) | {"time": None})
    assert reports[0] == reports[1]


def test_endpoints_are_a_table_and_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoints", str(shop)]) == 0
    assert capsys.readouterr().out == (
        "METHOD  PATH                           VERDICT  CONFIDENCE  WHERE\n"
        "GET     /patients                      real     high        app.py:9\n"
        "GET     /patients/{patient_id}/vitals  mock     high        app.py:15\n"
    )
    assert main(["endpoints", str(shop), "--format", "json"]) == 0
    assert [one["verdict"] for one in json.loads(capsys.readouterr().out)] == ["real", "mock"]


def test_mock_versus_real_is_counted_per_component(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = {"db.py": DATABASE, "app.py": APP}
    write_tree(
        tmp_path / "clinic",
        {f"services/api/{name}": text for name, text in tree.items()}
        | {"services/api/requirements.txt": "", "services/README.md": ""}
        | {f"old/deep/{name}": text for name, text in tree.items()},
    )
    assert main(["endpoints", str(tmp_path / "clinic"), "--by", "service", "--format", "json"]) == 0
    part = {
        "endpoints": 2,
        "by_verdict": {"mock": 1, "real": 1},
        "expected_real": 2,
        "real_share": 0.5,
        "reads": {"sqlalchemy": ["patients", "vitals"]},
        "writes": {},
    }
    assert json.loads(capsys.readouterr().out) == {"clinic/old": part, "clinic/services/api": part}
    assert main(["endpoints", str(tmp_path / "clinic"), "--by", "service"]) == 0
    assert (
        capsys.readouterr().out
        == """service clinic

COMPONENT     ENDPOINTS  REAL  NOT REAL  UNUSABLE  OTHER  SHARE
old                   2     1         1         0      0    50%
services/api          2     1         1         0      0    50%
total                 4     2         2         0      0    50%

old
  verdicts  1 mock, 1 real
  reads     sqlalchemy: patients, vitals
  writes    no store

services/api
  verdicts  1 mock, 1 real
  reads     sqlalchemy: patients, vitals
  writes    no store

NOT REAL: mock, lossy, fallback or volatile. UNUSABLE: unwired or broken.
SHARE: real ones among those that are meant to serve or keep stored data.
"""
    )


def test_endpoints_are_counted_by_nothing_else(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["endpoints", "--by", "team", str(shop)])
    assert ended.value.code == 2
    assert "argument --by: invalid choice: 'team' (choose from" in (told := capsys.readouterr().err)
    assert "service" in told


@pytest.mark.parametrize("words", [["endpoints"], ["endpoints", "--by", "service"]])
def test_a_project_without_endpoints_says_so(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, str(tmp_path)]) == 0
    assert capsys.readouterr().out == "no endpoint was found\n"
    assert main([*words, str(tmp_path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) in ([], {})


def test_a_verdict_is_explained_with_its_chain(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "get", "/patients/{patient_id}/vitals", str(shop)]) == 0
    told = capsys.readouterr().out
    assert (
        told
        == """GET /patients/{patient_id}/vitals: mock (high confidence)
  because a store is read, but its result does not reach the answer
  app.py:15 route GET /patients/{patient_id}/vitals
      @app.get("/patients/{patient_id}/vitals")
  app.py:16 handler `vitals`
      def vitals(patient_id: int):
  app.py:18 the query
      connection.execute(text("SELECT * FROM vitals"))
  app.py:19 the invented value
      return [{"pulse": 72, "oxygen": 98}, {"pulse": 75, "oxygen": 97}]
  error[mock-data] GET /patients/{patient_id}/vitals answers with invented data: a store is read, but its result \
does not reach the answer
"""
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["GET", "/patient"], "has no endpoint GET /patient; did you mean `GET /patients`?"),
        (["mock-date"], "`mock-date` is no rule; did you mean `mock-data`?"),
        (["a", "b", "c", "d"], "explain takes one rule, or a method, a path and at most one folder"),
    ],
)
def test_what_cannot_be_explained_is_exit_code_2(
    shop: Path, words: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    assert main(["explain", *words]) == 2
    assert message in capsys.readouterr().err


def test_a_rule_is_explained_by_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "volatile-state"]) == 0
    assert capsys.readouterr().out.startswith("# volatile-state (error)\n\nAn endpoint keeps its state")


def test_a_reader_that_goes_away_is_no_failure_of_ours(shop: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "assay", "scan", "--exit-zero", str(shop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_terminal_is_told_of_a_slow_scan_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """A scan that is held up by a clock that stands still says so on the terminal, and Ctrl-C ends it at once."""
    write_tree(tmp_path, {"a.py": "x = 1\n"})
    program = (
        "import sys, time\nimport assay.probes.code.scan as scan\n"
        "scan.analyse = lambda *_: time.sleep(60)\n"
        f"from assay.entry import main\nsys.exit(main(['scan', {str(tmp_path)!r}]))\n"
    )
    controller, terminal = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", program], stderr=terminal, stdout=terminal) as process:
        os.close(terminal)
        told = b""
        deadline = time.monotonic() + 30
        while b"scanning: 1 files read" not in told and time.monotonic() < deadline:
            if select.select([controller], [], [], 1)[0]:
                told += os.read(controller, 1000)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130
    os.close(controller)
    assert b"scanning: 1 files read" in told


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a scan is one process")
def test_a_scan_that_is_told_of_on_a_terminal_still_shares_its_work() -> None:
    program = (
        "from assay.probes.code.commands.progress import progress_on_stderr\n"
        "from assay.probes.code.twin import twin\n"
        "with progress_on_stderr(), twin(lambda channel: channel.send('here')) as other:\n"
        "    print(other.receive())\n"
    )
    controller, terminal = pty.openpty()
    try:
        done = subprocess.run([sys.executable, "-c", program], stderr=terminal, stdout=subprocess.PIPE, check=False)
    finally:
        os.close(terminal)
        os.close(controller)
    assert done.stdout == b"here\n"


def test_nothing_is_told_of_progress_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress_on_stderr() as tell:
        tell(3)
    assert capsys.readouterr().err == ""
