"""The commands `assay db` and `assay token`, run as a user runs them, on real servers."""

from __future__ import annotations

import argparse
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.audit import schema
from assay.audit.commands import db, token
from assay.audit.revisions import known_revisions
from assay.core.command import Command, ExitCode, UsageError
from assay.core.redact import mask_secrets
from tests.plugins.postgres import PostgresServer, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = known_revisions()[0]


class _Context:
    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def store_url(self) -> Iterator[str]:
        yield self._url


def _run(command: Command, url: str, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(list(words)), _Context(url))


def test_check_tells_the_answer_the_server_and_the_schema(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(db, store_url, "check") == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Connection test succeeded (SELECT 1 -> 1)"
    assert lines[1].startswith("Server: PostgreSQL 18")
    assert lines[2] == f"Schema: {_HEAD} (current)"


def test_check_of_the_oldest_server_without_the_schema_is_bad_and_says_what_to_do(
    oldest_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(db, oldest_database, "check") == ExitCode.BAD
    told = capsys.readouterr()
    assert "Server: PostgreSQL 15" in told.out
    assert f"Schema: none (this build needs {_HEAD})" in told.out
    assert "run `assay db upgrade`" in told.err


def test_check_of_a_newer_schema_is_fine_and_says_so(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(store_url) as connection:
        connection.execute("UPDATE assay.alembic_version SET version_num = '9999'")
    assert _run(db, store_url, "check") == ExitCode.OK
    assert "9999 (newer than this build" in capsys.readouterr().out


def test_check_of_an_older_schema_is_bad(
    store_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.audit.revisions.known_revisions", lambda: ("9999", _HEAD))
    assert _run(db, store_url, "check") == ExitCode.BAD
    told = capsys.readouterr()
    assert f"{_HEAD} (behind: this build needs 9999)" in told.out


def test_check_of_a_port_where_nobody_listens_says_refused_and_hides_the_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _run(db, f"postgresql://u:hunter2@127.0.0.1:{free_port()}/d", "check") == ExitCode.BAD
    told = capsys.readouterr()
    assert told.out == ""
    assert "unavailable (refused)" in told.err
    assert "hunter2" not in told.err


def test_check_of_a_frozen_server_ends_at_its_deadline(
    own_server: PostgresServer, own_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own_server.freeze()
    started = time.monotonic()
    assert _run(db, own_url, "check", "--timeout", "1") == ExitCode.BAD
    assert time.monotonic() - started < 4.0
    assert "unavailable (timeout)" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["postgresql://u:hun%zzter2@h/d", "mysql://u:hunter2@h/d", "not a url"])
def test_an_address_that_cannot_be_parsed_is_wrong_usage_and_hides_the_password(url: str) -> None:
    for command, words in ((db, ["check"]), (db, ["upgrade"]), (token, ["list"])):
        with pytest.raises(UsageError) as caught:
            _run(command, url, *words)
        assert not any(part in str(caught.value) for part in ("hun%", "ter2"))


def test_up_current_and_down(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(db, database, "upgrade") == ExitCode.OK
    assert capsys.readouterr().out == f"Schema upgraded: none -> {_HEAD}\nPartitions made: 27\n"
    assert _run(db, database, "upgrade") == ExitCode.OK
    assert capsys.readouterr().out == f"Schema is at {_HEAD} already\nPartitions made: 0\n"
    assert _run(db, database, "current") == ExitCode.OK
    assert capsys.readouterr().out == f"{_HEAD} (current)\n"
    assert _run(db, database, "downgrade", "base") == ExitCode.OK
    assert capsys.readouterr().out == f"Schema downgraded: {_HEAD} -> none\n"
    with pytest.raises(UsageError, match="this build knows"):
        _run(db, database, "upgrade", "nope")


def test_a_schema_that_is_kept_is_told(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(store_url) as connection:
        connection.execute("CREATE TABLE assay.notes (text text)")
    assert _run(db, store_url, "downgrade", "base") == ExitCode.OK
    assert "stays, because something in it is not Assay's" in capsys.readouterr().err


def test_a_migration_that_waits_says_for_whom_and_ends_badly(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(database, application_name="other") as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [schema.LOCK_KEY])
        assert _run(db, database, "upgrade", "--lock-timeout", "0.2") == ExitCode.BAD
    told = capsys.readouterr().err
    assert "another migration is running" in told
    assert "held by process" in told


def test_a_migration_by_the_command_line_names_the_user_of_the_machine(database: str) -> None:
    _run(db, database, "upgrade")
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT actor FROM assay.audit_logs").fetchone()
    assert row == (db.actor(),)
    assert db.actor().endswith("(cli)")


@pytest.mark.parametrize(
    "words", [[], ["nothing"], ["downgrade"], ["check", "--timeout", "0"], ["check", "--timeout", "x"]]
)
def test_wrong_words_are_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        _run(db, "postgresql://u@h/d", *words)
    assert caught.value.code == ExitCode.USAGE


def test_the_secret_is_printed_once_alone_on_standard_output(
    store_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(token, store_url, "create", "ci", "--scope", "write", "--expires", "30") == ExitCode.OK
    told = capsys.readouterr()
    assert told.out.startswith("assay_")
    assert len(told.out) == 50
    assert "cannot be shown again" in told.err
    secret = told.out.strip()
    assert _run(token, store_url, "list") == ExitCode.OK
    assert _run(token, store_url, "list", "--format", "json") == ExitCode.OK
    assert secret not in capsys.readouterr().out


def test_tokens_are_listed_as_a_table_and_as_json(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["create", "b"], ["create", "a", "--scope", "admin", "--scope", "read"], ["revoke", "b"]):
        assert _run(token, store_url, *words) == ExitCode.OK
    capsys.readouterr()
    assert _run(token, store_url, "list") == ExitCode.OK
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "SCOPES", "STATE", "CREATED", "LAST", "USED", "EXPIRES"]
    assert first.split()[:3] == ["a", "read,admin", "active"]
    assert second.split()[:3] == ["b", "read", "revoked"]
    assert _run(token, store_url, "list", "--format", "json") == ExitCode.OK
    listed = json.loads(capsys.readouterr().out)
    assert listed["version"] == 1
    assert [(each["name"], each["state"], each["scopes"]) for each in listed["tokens"]] == [
        ("a", "active", ["admin", "read"]),
        ("b", "revoked", ["read"]),
    ]


def test_a_token_that_is_not_there_or_whose_name_is_taken_ends_badly(
    store_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(token, store_url, "revoke", "ci") == ExitCode.BAD
    assert _run(token, store_url, "create", "ci") == ExitCode.OK
    assert _run(token, store_url, "create", "ci") == ExitCode.BAD
    assert "an active token is named ci" in capsys.readouterr().err
    with pytest.raises(UsageError, match="cannot name a token"):
        _run(token, store_url, "create", "a b")


def test_tokens_of_a_store_that_does_not_answer_end_badly(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(token, f"postgresql://u:hunter2@127.0.0.1:{free_port()}/d", "list") == ExitCode.BAD
    told = capsys.readouterr().err
    assert "refused" in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("command", "words", "told"),
    [
        (db, ["check", "--timeout", "soon"], "'soon' is no number of seconds above 0, at most 86400"),
        (db, ["check", "--timeout", "nan"], "'nan' is no number of seconds above 0, at most 86400"),
        (token, ["create", "ci", "--expires", "99999999999"], "'99999999999' is no number of days"),
        (token, ["create", "ci", "--expires", "-5"], "'-5' is no number of days"),
        (token, ["create", "ci", "--scope", "root"], "invalid choice: 'root' (choose from"),
    ],
)
def test_a_value_that_cannot_be_is_told_with_what_it_may_be(
    command: Command, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        _run(command, "postgresql://nowhere.invalid/x", *words)
    assert ended.value.code == ExitCode.USAGE
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("words", "told"), [([""], "1 to 100 letters"), (["ci", "--expires", "0"], "1 to 3660 days")])
def test_a_token_that_cannot_be_made_is_told_why(words: list[str], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        _run(token, "postgresql://nowhere.invalid/x", "create", *words)
    assert told in mask_secrets(str(refused.value))
