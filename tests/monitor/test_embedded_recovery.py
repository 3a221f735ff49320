"""Whatever dies, in whatever order: the next start has a server, one server, with everything that was committed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.monitor.embedded import EmbeddedServer, EmbeddedServerError
from tests.monitor.embedded_support import (
    Service,
    answers,
    keep,
    keepers,
    kept,
    kill_everything,
    postmaster,
    project,
    servers,
    started_at,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def home() -> Iterator[Path]:
    with project() as folder:
        yield folder / ".assay"


@pytest.fixture
def stranger() -> Iterator[int]:
    """A living process of the same user that is no PostgreSQL."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate(b"\n")


def test_a_killed_service_leaves_no_server_behind_and_loses_nothing(home: Path) -> None:
    service = Service(home)
    keep(service.url(), "committed")
    service.kill()
    until(lambda: not keepers(home) and not servers(home), "the keeper stops the server")
    with EmbeddedServer(home) as url:
        assert kept(url) == ["committed"]


def test_a_start_right_after_the_kill_gets_its_server(home: Path) -> None:
    service = Service(home)
    keep(service.url(), "committed")
    service.kill()
    with EmbeddedServer(home) as url:
        assert kept(url) == ["committed"]
        assert len(keepers(home)) == 1


def test_ctrl_c_ends_the_service_and_the_server_is_shut_down_in_good_order(home: Path) -> None:
    service = Service(home)
    service.url()
    service.kill(signal.SIGINT)
    until(lambda: not servers(home), "the keeper stops the server")
    assert "database system is shut down" in (home / "postgres" / "log").read_text()


def test_a_server_whose_keeper_was_killed_too_is_replaced_at_the_next_start(home: Path) -> None:
    service = Service(home)
    url = service.url()
    keep(url, "committed")
    begun, orphan = started_at(url), postmaster(home)
    os.kill(keepers(home)[0], signal.SIGKILL)
    service.kill()
    assert answers(url)
    with EmbeddedServer(home) as url:
        assert kept(url) == ["committed"]
        assert started_at(url) != begun
        assert orphan not in servers(home)
    assert servers(home) == []


def test_the_last_one_out_stops_a_server_whose_keeper_was_killed(home: Path) -> None:
    server = EmbeddedServer(home)
    server.start()
    os.kill(keepers(home)[0], signal.SIGKILL)
    until(lambda: not keepers(home), "the keeper is gone")
    server.stop()
    assert servers(home) == []


def test_a_keeper_told_to_end_stops_the_server_in_good_order(home: Path) -> None:
    with EmbeddedServer(home) as url:
        keep(url, "committed")
        os.kill(keepers(home)[0], signal.SIGTERM)
        until(lambda: not keepers(home) and not servers(home), "both have ended")
        with EmbeddedServer(home) as url_again:
            assert kept(url_again) == ["committed"]


def test_a_killed_postmaster_is_started_again_while_the_service_runs(home: Path) -> None:
    with EmbeddedServer(home) as url:
        keep(url, "committed")
        before = postmaster(home)
        os.kill(before, signal.SIGKILL)
        until(lambda: before not in servers(home) and answers(url), "the keeper starts the server again")
        assert kept(url) == ["committed"]
        assert postmaster(home) != before


def test_a_server_that_is_coming_up_again_can_be_joined(home: Path) -> None:
    with EmbeddedServer(home) as url:
        keep(url, "committed")
        os.kill(postmaster(home), signal.SIGKILL)
        with EmbeddedServer(home) as joined:
            assert kept(joined) == ["committed"]
            assert len(keepers(home)) == 1


def test_it_is_tried_again_while_the_backends_of_the_killed_postmaster_still_hold_the_data(home: Path) -> None:
    with EmbeddedServer(home) as url:
        keep(url, "committed")
        before = postmaster(home)
        held = next(pid for pid in servers(home) if pid != before)
        os.kill(held, signal.SIGSTOP)
        os.kill(before, signal.SIGKILL)
        log = home / "postgres" / "log"
        until(lambda: "shared memory block" in log.read_text(), "a start fails because of the backend that is left")
        os.kill(held, signal.SIGCONT)
        until(lambda: answers(url), "a later start succeeds")
        assert kept(url) == ["committed"]


def test_everything_killed_at_once_is_recovered(home: Path) -> None:
    service = Service(home)
    keep(service.url(), "committed")
    kill_everything(home)
    service.kill()
    with EmbeddedServer(home) as url:
        assert kept(url) == ["committed"]


def test_a_pid_file_that_names_a_process_of_another_program_is_no_obstacle(home: Path, stranger: int) -> None:
    _crash(home)
    for trace in (home / "postgres" / "data" / "postmaster.pid", home / "postgres" / "run" / ".s.PGSQL.5432.lock"):
        lines = trace.read_text().splitlines(keepends=True)
        trace.write_text("".join([f"{stranger}\n", *lines[1:]]))
    with EmbeddedServer(home) as url:
        assert kept(url) == ["committed"]


@pytest.mark.parametrize("content", ["", "no number\n", "4194303\n"])
def test_a_pid_file_without_a_living_process_is_no_obstacle(home: Path, content: str) -> None:
    _crash(home)
    (home / "postgres" / "data" / "postmaster.pid").write_text(content)
    with EmbeddedServer(home) as url:
        assert kept(url) == ["committed"]


def test_backends_that_do_not_end_keep_a_second_server_off_the_data(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.monitor.embedded.postmaster._CRASHED_SECONDS", 0.2)
    service = Service(home)
    keep(service.url(), "committed")
    before = postmaster(home)
    held = next(pid for pid in servers(home) if pid != before)
    os.kill(held, signal.SIGSTOP)
    for pid in (*keepers(home), before):
        os.kill(pid, signal.SIGKILL)
    service.kill()
    (home / "postgres" / "data" / "postmaster.pid").unlink()
    with pytest.raises(EmbeddedServerError, match=rf"does not end: end the process .*\b{held}\b"):
        EmbeddedServer(home).start()
    os.kill(held, signal.SIGCONT)
    monkeypatch.undo()
    with EmbeddedServer(home) as url:
        assert kept(url) == ["committed"]


def test_a_cluster_that_was_never_finished_is_made_anew(home: Path) -> None:
    with EmbeddedServer(home):
        pass
    (home / "postgres" / "data").rename(home / "postgres" / "data.new")
    with EmbeddedServer(home) as url:
        keep(url, "committed")
    assert not (home / "postgres" / "data.new").exists()


def test_a_database_that_a_crash_kept_from_being_made_is_made_at_the_next_start(home: Path) -> None:
    with EmbeddedServer(home) as url:
        superuser = url.replace("assay@/assay", "postgres@/postgres")
        psycopg.connect(superuser, autocommit=True).execute("DROP DATABASE assay").connection.close()
    with EmbeddedServer(home) as url:
        keep(url, "committed")


def test_a_server_that_cannot_start_is_told_with_its_own_reason(home: Path) -> None:
    with EmbeddedServer(home):
        pass
    with (home / "postgres" / "data" / "postgresql.conf").open("a") as file:
        file.write("max_connections = many\n")
    with pytest.raises(EmbeddedServerError, match=r"cannot start: .*max_connections"):
        EmbeddedServer(home).start()
    until(lambda: not keepers(home), "the keeper has given up")


def test_a_socket_folder_elsewhere_that_has_vanished_is_made_anew(home: Path) -> None:
    deep = home.parent / ("d" * 60) / ("e" * 60) / ".assay"
    deep.parent.mkdir(parents=True)
    _crash(deep)
    before = Path((deep / "postgres" / "socket-folder").read_text())
    shutil.rmtree(before)
    with EmbeddedServer(deep) as url:
        assert kept(url) == ["committed"]


def test_a_socket_folder_elsewhere_is_not_left_there_by_a_crash(home: Path) -> None:
    deep = home.parent / ("d" * 60) / ("e" * 60) / ".assay"
    deep.parent.mkdir(parents=True)
    _crash(deep)
    before = Path((deep / "postgres" / "socket-folder").read_text())
    assert before.is_dir()
    with EmbeddedServer(deep):
        assert not before.exists()


def test_a_project_that_is_deleted_while_the_server_runs_leaves_nothing_running(home: Path) -> None:
    server = EmbeddedServer(home)
    server.start()
    shutil.rmtree(home)
    server.stop()
    until(lambda: not keepers(home) and not servers(home), "both have ended")


def _crash(home: Path) -> None:
    """A committed word, then everything is killed; the traces of the server stay behind."""
    service = Service(home)
    keep(service.url(), "committed")
    kill_everything(home)
    service.kill()
    until(lambda: not servers(home), "everything has ended")
