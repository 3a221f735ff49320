"""Every reason is shown on a real server, or on bytes that a real server sends."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import socket
import subprocess
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.probes.database.check import check_target
from assay.probes.database.postgres.classify import judge_error, reason_of
from assay.probes.database.resolver import Resolver
from assay.probes.model import Phase, Reason, Status
from tests.plugins.components import need_program
from tests.plugins.network import answering_listener
from tests.plugins.postgres import free_port, make_server
from tests.probes.database.support import nothing_leaks, target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.probes.model import ProbeResult
    from tests.plugins.postgres import PostgresServer


def error_message(sqlstate: str, text: str) -> bytes:
    body = f"SFATAL\0VFATAL\0C{sqlstate}\0M{text}\0\0".encode()
    return b"E" + (len(body) + 4).to_bytes(4, "big") + body


async def result_of(url: str) -> ProbeResult:
    with nothing_leaks():
        return (await check_target(target(url), resolver=Resolver()))[0]


async def assert_fails(url: str, reason: Reason) -> ProbeResult:
    result = (await check_target(target(url), resolver=Resolver()))[0]
    assert (result.status, result.reason) == (Status.FAIL, reason), result.message
    return result


async def test_a_wrong_password(any_server: PostgresServer) -> None:
    await assert_fails(any_server.url(password="wrong"), Reason.AUTH)


async def test_a_user_that_does_not_exist(any_server: PostgresServer) -> None:
    await assert_fails(any_server.url(user="nobody_knows"), Reason.AUTH)


async def test_a_password_that_is_not_given(any_server: PostgresServer) -> None:
    await assert_fails(f"postgresql://postgres@127.0.0.1:{any_server.port}/postgres", Reason.AUTH)


async def test_a_database_that_does_not_exist(any_server: PostgresServer) -> None:
    await assert_fails(any_server.url("nothing"), Reason.MISSING_DATABASE)


async def test_a_database_that_the_role_may_not_enter(any_server: PostgresServer) -> None:
    with psycopg.connect(any_server.url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE visitor LOGIN PASSWORD 'guest'")
        connection.execute("CREATE DATABASE closed")
        connection.execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
        await assert_fails(any_server.url("closed", user="visitor", password="guest"), Reason.PERMISSION)
        connection.execute("DROP DATABASE closed")
        connection.execute("DROP ROLE visitor")


async def test_a_port_that_nobody_listens_on() -> None:
    await assert_fails(f"postgresql://u@127.0.0.1:{free_port()}/d", Reason.REFUSED)


async def test_a_unix_socket_that_is_not_there(tmp_path: Path) -> None:
    await assert_fails(f"postgresql:///d?host={tmp_path}", Reason.REFUSED)


async def test_a_unix_socket_that_nobody_listens_on(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / ".s.PGSQL.5432"))
    await assert_fails(f"postgresql:///d?host={tmp_path}", Reason.REFUSED)


async def test_a_network_that_has_no_route() -> None:
    await assert_fails("postgresql://u@255.255.255.255/d", Reason.UNREACHABLE)


async def test_a_name_that_nobody_knows() -> None:
    await assert_fails("postgresql://u@nothing.invalid/d", Reason.DNS)


async def test_tls_is_required_and_not_offered(any_server: PostgresServer) -> None:
    await assert_fails(f"{any_server.url()}?sslmode=require", Reason.TLS)


async def test_all_connections_are_taken(pg18_bin: Path) -> None:
    server = make_server(pg18_bin)
    server.start("-c", "max_connections=4", "-c", "superuser_reserved_connections=1")
    try:
        with ExitStack() as held:
            for _ in range(4):
                held.enter_context(psycopg.connect(server.url()))
            await assert_fails(server.url(), Reason.TOO_MANY_CONNECTIONS)
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 0")
        await assert_fails(server.url(user="narrow", password="narrow"), Reason.TOO_MANY_CONNECTIONS)
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.data_dir.parent)


async def test_a_server_that_shuts_down_while_sessions_are_left(pg18_bin: Path) -> None:
    server = make_server(pg18_bin)
    server.start()
    try:
        with psycopg.connect(server.url()):
            os.kill(server.postmaster_pid, signal.SIGTERM)  # smart shutdown waits for the session that is open
            result = await result_of(server.url())
            while result.status is Status.PASS:
                result = await result_of(server.url())
            # the server answers new clients with 57P03, as it does while it starts
            assert result.reason in {Reason.SHUTTING_DOWN, Reason.STARTING_UP}, result.message
            assert "shutting down" in result.message
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.data_dir.parent)


@pytest.mark.parametrize(
    ("sqlstate", "text", "reason"),
    [
        ("57P03", "das Datenbanksystem startet", Reason.STARTING_UP),
        ("57P03", "the database system is starting up", Reason.STARTING_UP),
        ("57P03", "the database system is shutting down", Reason.SHUTTING_DOWN),
        ("28P01", "Passwort-Authentifizierung fehlgeschlagen", Reason.AUTH),
        ("53300", "zu viele Verbindungen", Reason.TOO_MANY_CONNECTIONS),
        ("3D000", "Datenbank existiert nicht", Reason.MISSING_DATABASE),
        ("08P01", "no such database: d", Reason.MISSING_DATABASE),
        ("XX000", "internal error", Reason.QUERY_ERROR),
    ],
)
async def test_the_code_decides_whatever_language_the_server_speaks(sqlstate: str, text: str, reason: Reason) -> None:
    with answering_listener(error_message(sqlstate, text)) as port:
        result = await assert_fails(f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable", reason)
        assert text in result.message


async def test_a_server_that_hangs_up() -> None:
    with answering_listener(b"") as port:
        await assert_fails(f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable", Reason.CONNECTION_LOST)


@pytest.mark.parametrize("sslmode", ["disable", "require"])
async def test_something_that_is_no_postgresql_server(sslmode: str) -> None:
    with answering_listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        await assert_fails(f"postgresql://u@127.0.0.1:{port}/d?sslmode={sslmode}", Reason.UNEXPECTED_RESULT)


async def test_a_standby_is_asked_for_and_the_server_is_none(any_server: PostgresServer) -> None:
    await assert_fails(f"{any_server.url()}?target_session_attrs=standby", Reason.UNEXPECTED_RESULT)


async def test_an_address_that_cannot_be_used_is_unknown_and_names_no_secret() -> None:
    for url in (
        "mysql://u:hunter2@h/d",
        "postgresql://u:hun@ter2@h/d",
        "postgresql://u:hunter2@127.0.0.1/d?sslmode=no",
    ):
        result = await result_of(url)
        assert (result.status, result.reason) == (Status.UNKNOWN, Reason.INVALID_TARGET)
        assert "ter2" not in result.message


@pytest.fixture(scope="module")
def tls_server(pg15_bin: Path) -> Iterator[PostgresServer]:
    """A server whose certificate it signed itself for another name; only TLS connections may log in."""
    openssl = need_program("openssl", "apt-get install openssl")
    server = make_server(pg15_bin)
    key, certificate = server.data_dir / "server.key", server.data_dir / "server.crt"
    names = ["-subj", "/CN=elsewhere.example", "-keyout", str(key), "-out", str(certificate)]
    command = [str(openssl), "req", "-new", "-x509", "-days", "2", "-nodes", "-newkey", "rsa:2048", *names]
    subprocess.run(command, check=True, capture_output=True)
    owner = server.data_dir.stat()
    for file in (key, certificate):
        os.chown(file, owner.st_uid, owner.st_gid)
        file.chmod(0o600)
    server.start("-c", "ssl=on")
    yield server
    server.stop(signal.SIGQUIT)
    shutil.rmtree(server.data_dir.parent)


async def test_over_tls_the_handshake_is_a_phase_of_its_own(tls_server: PostgresServer) -> None:
    result = await result_of(f"{tls_server.url()}?sslmode=require")
    assert result.status is Status.PASS, result.message
    assert list(dict(result.phases)) == [Phase.CONNECT, Phase.TLS, Phase.AUTH, Phase.QUERY]


async def test_a_certificate_that_nobody_vouches_for(tls_server: PostgresServer, tmp_path: Path) -> None:
    url = f"{tls_server.url()}?sslmode=verify-full"
    await assert_fails(f"{url}&sslrootcert={tls_server.data_dir / 'server.crt'}", Reason.TLS)  # the name is another
    other = tmp_path / "missing.crt"
    await assert_fails(f"{url}&sslrootcert={other}", Reason.TLS)


async def test_behind_tls_the_text_tells_what_the_code_would(tls_server: PostgresServer) -> None:
    require = "?sslmode=require"
    await assert_fails(tls_server.url(password="wrong") + require, Reason.AUTH)
    await assert_fails(tls_server.url("nothing") + require, Reason.MISSING_DATABASE)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL])
def test_what_this_machine_ran_out_of_is_not_the_targets_fault(number: int) -> None:
    text = f"could not create socket: {os.strerror(number)}"
    assert reason_of(text, Phase.CONNECT, None) is Reason.INTERNAL


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """This process may open no further file or socket."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (held[0] + 20, hard))
    with suppress(OSError):
        while True:
            held.append(os.dup(held[0]))
    try:
        yield
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_machine_without_descriptors_says_nothing_about_the_target(
    pg18: PostgresServer,
) -> None:
    with no_descriptor_left():
        (result,) = await check_target(target(pg18.url()))
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.INTERNAL), result.message


def test_an_error_of_the_probe_itself_is_nobody_elses() -> None:
    assert judge_error(TypeError("a bug")) is None
    assert judge_error(psycopg.ProgrammingError("wrong number of parameters")) is None


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (psycopg.errors.QueryCanceled("x"), Status.FAIL, Reason.TIMEOUT_QUERY),
        (psycopg.errors.LockNotAvailable("x"), Status.FAIL, Reason.TIMEOUT_QUERY),
        (psycopg.errors.ReadOnlySqlTransaction("x"), Status.FAIL, Reason.READ_ONLY),
        (psycopg.errors.AdminShutdown("x"), Status.FAIL, Reason.SHUTTING_DOWN),
        (psycopg.errors.DiskFull("x"), Status.FAIL, Reason.QUERY_ERROR),
        (psycopg.errors.InsufficientPrivilege("x"), Status.UNKNOWN, Reason.PERMISSION),
        (psycopg.OperationalError("the connection is lost"), Status.FAIL, Reason.CONNECTION_LOST),
        (psycopg.OperationalError("whatever"), Status.FAIL, Reason.CONNECTION_LOST),
    ],
)
def test_an_error_of_a_query_is_judged_by_its_code(error: Exception, status: Status, reason: Reason) -> None:
    outcome = judge_error(error)
    assert outcome is not None
    assert (outcome.status, outcome.reason) == (status, reason)
