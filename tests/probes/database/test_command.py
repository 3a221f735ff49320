from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import psycopg
import pytest

from tests.plugins.network import silent_listener
from tests.plugins.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS = {"enum": ["pass", "warn", "fail", "unknown"]}
SECONDS = {"type": "number", "minimum": 0}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "tool", "target", "server", "status", "checks"],
    "properties": {
        "version": {"const": 1},
        "tool": {"type": "object", "required": ["name", "version"]},
        "target": {"type": "object", "required": ["name", "engine", "url", "timeout_seconds"]},
        "server": {"type": ["object", "null"], "required": ["version", "role"]},
        "status": STATUS,
        "checks": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "status", "reason", "message", "measurements", "phases"],
                "properties": {
                    "name": {"type": "string"},
                    "status": STATUS,
                    "reason": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                    "started_at": {"type": "string", "format": "date-time"},
                    "duration_seconds": SECONDS,
                    "timeout_seconds": SECONDS,
                    "overrun_seconds": SECONDS,
                    "phases": {"type": "object", "additionalProperties": SECONDS},
                    "measurements": {
                        "type": "array",
                        "items": {"required": ["name", "value", "unit", "status", "threshold"]},
                    },
                },
            },
        },
    },
}


def assay(*words: str, folder: Path, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("assay")), "probe", *words]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **(variables or {})}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=60, check=False)


def configure(folder: Path, text: str, name: str = "assay.toml") -> None:
    (folder / name).write_text(text)


def test_an_address_is_probed_and_every_check_printed_with_its_thresholds(database: str, tmp_path: Path) -> None:
    ended = assay(database, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("url  postgresql://postgres:***@127.0.0.1:")
    assert lines[1].startswith("PostgreSQL 18.")
    assert lines[1].endswith(", primary")
    assert lines[3].split() == ["CHECK", "STATUS", "TIME", "MEASURED", "VALUE", "WARN", "FAIL"]
    assert lines[4].split()[:2] == ["select-1", "pass"]
    starts = [lines[3].index(word) for word in ("STATUS", "MEASURED", "WARN", "FAIL")]
    assert [lines[4][start - 1] for start in starts] == [" "] * 4
    assert lines[4][starts[2] :].split() == [">=", "2", "s", "-"]
    assert lines[-1] == "1 check: 1 pass"


def test_the_json_is_as_documented_and_holds_no_password(database: str, tmp_path: Path) -> None:
    ended = assay(database, "--format", "json", folder=tmp_path)
    document = json.loads(ended.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["status"] == "pass"
    assert document["server"]["role"] == "primary"
    password = database.split(":")[2].partition("@")[0]
    assert password not in ended.stdout


def test_a_target_of_the_configuration_is_probed_by_its_name_and_written_to_only_when_asked(
    database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE probe_writes (token uuid PRIMARY KEY, written_at timestamptz NOT NULL)")
    configure(tmp_path, '[[target]]\nname = "orders"\nurl_env = "ORDERS"\nwrite_table = "public.probe_writes"\n')
    variables = {"ORDERS": database.replace("postgresql:", "postgresql+asyncpg:")}
    reading = assay("orders", "--format", "json", folder=tmp_path, variables=variables)
    writing = assay("orders", "--format", "json", "--write", folder=tmp_path, variables=variables)
    assert [check["name"] for check in json.loads(reading.stdout)["checks"]] == ["select-1"]
    document = json.loads(writing.stdout)
    jsonschema.validate(document, SCHEMA)
    assert [(check["name"], check["status"]) for check in document["checks"]] == [
        ("select-1", "pass"),
        ("write-roundtrip", "pass"),
    ]
    assert (reading.returncode, writing.returncode) == (0, 0)


def test_without_a_word_database_url_is_probed(database: str, tmp_path: Path) -> None:
    ended = assay("--format", "json", folder=tmp_path, variables={"DATABASE_URL": database})
    assert json.loads(ended.stdout)["target"]["name"] == "database"
    (tmp_path / "secret").write_text(f"{database}\n")
    ended = assay("database", folder=tmp_path, variables={"DATABASE_URL_FILE": str(tmp_path / "secret")})
    assert ended.returncode == 0


def test_a_check_that_failed_ends_with_1_and_says_why_with_the_password_masked(tmp_path: Path) -> None:
    ended = assay(f"postgresql://u:hunter2@127.0.0.1:{free_port()}/d", folder=tmp_path)
    assert ended.returncode == 1
    assert "select-1: fail (refused): Connection refused" in ended.stdout
    assert "no session on the server" in ended.stdout
    assert "hunter2" not in ended.stdout + ended.stderr


def test_a_check_that_could_not_tell_ends_with_1(database: str, tmp_path: Path) -> None:
    configure(tmp_path, f'[[target]]\nname = "t"\nurl = "{database}"\nwrite_table = "public.missing"\n')
    ended = assay("t", "--write", folder=tmp_path)
    assert ended.returncode == 1
    assert "write-roundtrip: unknown (invalid_target): there is no table public.missing" in ended.stdout
    assert ended.stdout.endswith("2 checks: 1 unknown, 1 pass\n")


def test_the_timeout_is_the_deadline_of_everything(tmp_path: Path) -> None:
    with silent_listener() as one, silent_listener() as other:
        configure(
            tmp_path,
            f'[[target]]\nname = "t"\nurl = "postgresql://u@127.0.0.1:{one},127.0.0.1:{other}/d"\n'
            'write_table = "a.b"\n',
        )
        started = time.monotonic()
        ended = assay("t", "--write", "--timeout", "0.5", "--format", "json", folder=tmp_path)
        assert time.monotonic() - started < 20
    document = json.loads(ended.stdout)
    jsonschema.validate(document, SCHEMA)
    assert [(check["status"], check["reason"]) for check in document["checks"]] == [
        ("fail", "timeout_connect"),
        ("unknown", "not_run"),
    ]
    assert document["checks"][0]["timeout_seconds"] == 0.5
    assert document["checks"][0]["overrun_seconds"] < 0.5
    assert ended.returncode == 1


@pytest.mark.parametrize("scheme", ["mysql", "sqlite", "redis", "http"])
def test_another_kind_of_database_is_refused_with_what_is_supported(scheme: str, tmp_path: Path) -> None:
    ended = assay(f"{scheme}://u:hunter2@h/d", folder=tmp_path)
    assert ended.returncode == 2
    assert f"{scheme}:// is not supported; this version probes postgresql:// and postgres://" in ended.stderr
    assert "hunter2" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "configuration", "told"),
    [
        ([], "", "set DATABASE_URL"),
        (["orders"], "", "there is no target 'orders': name one of database"),
        (["x"], '[[target]]\nname = "orders"\nurl = "postgresql://h/d"', "name one of orders, database"),
        (["t"], '[[target]]\nname = "t"', "needs url, or url_env"),
        (["t"], '[[target]]\nname = "t"\nurl = "postgresql://h/d"\nurl_env = "X"', "keep one of them"),
        (["t"], '[[target]]\nname = "t"\nurl_env = "MISSING"', "MISSING, which is not set"),
        (["t"], '[[target]]\nname = "t"\nurl = "mysql://h/d"', "[[target]] t: url cannot be probed: mysql://"),
        (["t"], '[[target]]\nname = "t"\nurl = "postgresql://h/d"\ntimeout_seconds = 0', "timeout_seconds is 0"),
        (["t"], '[[target]]\nname = "t"\nurl = "postgresql://h/d"\nwrite_table = "x"', "write_table is 'x'"),
        (["t"], '[target]\nname = "t"', "write [[target]], not [target]"),
        (["t"], "[[target", "assay.toml cannot be read"),
        (["postgresql://u:p@ss@h/d"], "", "%40"),
        (["postgresql://h/d", "--write"], "", "names no write_table"),
        (["postgresql://h/d", "--timeout", "0"], "", "no number of seconds above 0"),
        (["postgresql://h/d", "--timeout", "nan"], "", "no number of seconds above 0"),
        (["postgresql://h/d", "--format", "xml"], "", "invalid choice"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_to_do(
    words: list[str], configuration: str, told: str, tmp_path: Path
) -> None:
    if configuration:
        configure(tmp_path, configuration)
    ended = assay(*words, folder=tmp_path)
    assert ended.returncode == 2, ended.stdout
    assert told in ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_targets_are_found_in_a_projects_file_and_in_the_file_that_is_named(database: str, tmp_path: Path) -> None:
    table = f'name = "t"\nurl = "{database}"\n'
    configure(tmp_path, f"[[tool.assay.target]]\n{table}", "pyproject.toml")
    assert assay("t", folder=tmp_path).returncode == 0
    configure(tmp_path, f"[[target]]\n{table}".replace('"t"', '"named"'), "other.toml")
    assert assay("named", folder=tmp_path, variables={"ASSAY_CONFIG": "other.toml"}).returncode == 0
    assert assay("named", folder=tmp_path, variables={"ASSAY_CONFIG": "missing.toml"}).returncode == 2


def test_a_terminal_that_knows_only_ascii_is_no_crash(database: str, tmp_path: Path) -> None:
    ended = assay(f"{database}ü", folder=tmp_path, variables={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "missing_database" in ended.stdout


def test_a_configuration_that_cannot_be_read_is_told_and_not_left_out(tmp_path: Path) -> None:
    configure(tmp_path, f"a = {'[' * 100_000}")
    nested = assay(folder=tmp_path)
    (tmp_path / "assay.toml").unlink()
    (tmp_path / "assay.toml").mkdir()
    folder = assay(folder=tmp_path)
    (tmp_path / "assay.toml").rmdir()
    os.mkfifo(tmp_path / "assay.toml")
    pipe = assay(folder=tmp_path)
    assert (nested.returncode, folder.returncode, pipe.returncode) == (2, 2, 2)
    assert pipe.stderr == f"assay: {tmp_path}/assay.toml cannot be read: it is no regular file\n"
    assert nested.stderr == f"assay: {tmp_path}/assay.toml cannot be read: its values are nested too deep\n"
    assert folder.stderr == f"assay: {tmp_path}/assay.toml cannot be read: Is a directory\n"
