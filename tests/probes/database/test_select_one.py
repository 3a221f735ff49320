from __future__ import annotations

import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.probes.database.check import check_target
from assay.probes.model import Phase, Reason, ServerInfo, Status
from tests.plugins.postgres import free_port, make_server
from tests.plugins.wrong_server import lying_server
from tests.probes.database.support import LATE_SECONDS, assert_no_session_stays, nothing_leaks, target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.postgres import PostgresServer


async def test_a_healthy_server_passes_with_its_phases_version_and_role(any_server: PostgresServer) -> None:
    with psycopg.connect(any_server.url()) as connection:
        version = connection.info.parameter_status("server_version")
    with nothing_leaks():
        (result,) = await check_target(target(any_server.url()))
    assert (result.status, result.reason, result.message) == (Status.PASS, None, "")
    assert result.server == ServerInfo(version=(version or "").split()[0], role="primary")
    assert list(dict(result.phases)) == [Phase.CONNECT, Phase.TLS, Phase.AUTH, Phase.QUERY]
    assert [(each.name, each.unit) for each in result.measurements] == [("connect", "seconds"), ("query", "seconds")]
    assert sum(each.value for each in result.measurements) <= result.duration_seconds
    assert_no_session_stays(any_server)


async def test_a_name_is_resolved_in_a_phase_of_its_own(any_server: PostgresServer) -> None:
    (result,) = await check_target(target(any_server.url().replace("127.0.0.1", "localhost")))
    assert result.status is Status.PASS, result.message
    assert Phase.DNS in dict(result.phases)


async def test_the_next_host_is_tried_when_one_refuses(any_server: PostgresServer) -> None:
    url = any_server.url().replace("@127.0.0.1", f"@127.0.0.1:{free_port()},127.0.0.1")
    (result,) = await check_target(target(url))
    assert result.status is Status.PASS, result.message


async def test_the_next_host_is_tried_when_a_name_is_not_known(any_server: PostgresServer) -> None:
    (result,) = await check_target(target(any_server.url().replace("@127.0.0.1", "@nothing.invalid,127.0.0.1")))
    assert result.status is Status.PASS, result.message


async def test_hosts_that_all_fail_are_told_each_with_its_answer(any_server: PostgresServer) -> None:
    refused = free_port()
    url = any_server.url("nothing").replace("@127.0.0.1", f"@127.0.0.1:{refused},127.0.0.1")
    (result,) = await check_target(target(url))
    assert result.reason is Reason.MISSING_DATABASE
    assert f"127.0.0.1:{refused}: Connection refused; 127.0.0.1:{any_server.port}: " in result.message


async def test_a_server_that_knows_the_caller_and_refuses_ends_the_search(any_server: PostgresServer) -> None:
    url = any_server.url(password="wrong").replace("@127.0.0.1", f"@127.0.0.1:{any_server.port},127.0.0.1")
    (result,) = await check_target(target(url))
    assert result.reason is Reason.AUTH
    assert result.message.count("password authentication failed") == 1


@pytest.mark.parametrize("rows", [[(b"2", b"0")], [], [(b"1", b"0"), (b"1", b"0")]])
async def test_an_answer_that_is_not_one_row_of_1_fails(rows: list[tuple[bytes, bytes]]) -> None:
    with lying_server(rows) as port:
        (result,) = await check_target(target(f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable"))
    assert (result.status, result.reason) == (Status.FAIL, Reason.UNEXPECTED_RESULT), result.message


async def test_an_answer_without_end_is_cut_at_the_deadline() -> None:
    with lying_server([(b"1", b"0")], endless=True) as port:
        url = f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable"
        (result,) = await check_target(target(url, timeout_seconds=1.0))
    assert (result.status, result.reason) == (Status.FAIL, Reason.TIMEOUT_QUERY), result.message
    assert result.overrun_seconds < LATE_SECONDS


@pytest.fixture
def socket_url(pg15_bin: Path) -> Iterator[str]:
    """The URL of a server by its unix socket."""
    server = make_server(pg15_bin)
    folder = Path(tempfile.mkdtemp(prefix="assay-test-socket-"))
    folder.chmod(0o777)
    server.start("-c", f"unix_socket_directories={folder}")
    yield f"postgresql://postgres:{server.password}@/postgres?host={folder}&port={server.port}"
    server.stop(signal.SIGQUIT)
    shutil.rmtree(server.data_dir.parent)
    shutil.rmtree(folder)


async def test_a_server_is_reached_through_its_unix_socket(socket_url: str) -> None:
    with nothing_leaks():
        (result,) = await check_target(target(socket_url))
    assert result.status is Status.PASS, result.message
    assert list(dict(result.phases)) == [Phase.CONNECT, Phase.AUTH, Phase.QUERY]
