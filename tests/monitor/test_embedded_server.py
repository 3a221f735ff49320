"""The embedded server is a real PostgreSQL, shared by everybody in the project and by nobody else."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.monitor.embedded import EmbeddedServer
from tests.monitor.embedded_support import Service, answers, keep, keepers, kept, one, project, servers, started_at

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def home() -> Iterator[Path]:
    with project() as folder:
        yield folder / ".assay"


def test_it_is_postgresql_18_with_its_safety_settings_on_and_no_tcp_listener(home: Path) -> None:
    with EmbeddedServer(home) as url:
        assert one(url, "SHOW server_version").startswith("18.")
        assert one(url, "SHOW listen_addresses") == ""
        safety = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
        assert [one(url, f"SHOW {name}") for name in safety] == ["on"] * 4
        assert (one(url, "SHOW server_encoding"), one(url, "SHOW timezone")) == ("UTF8", "UTC")


def test_its_role_owns_the_database_and_has_no_special_rights(home: Path) -> None:
    with EmbeddedServer(home) as url:
        assert one(url, "SELECT current_user || ' ' || current_database()") == "assay assay"
        assert (
            one(url, "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
            == "False"
        )
        with psycopg.connect(url) as connection:
            connection.execute("CREATE SCHEMA assay")


def test_what_was_committed_is_there_after_a_stop_and_a_start(home: Path) -> None:
    with EmbeddedServer(home) as url:
        keep(url, "first")
    with EmbeddedServer(home) as url:
        keep(url, "second")
        assert kept(url) == ["first", "second"]


def test_nothing_runs_any_more_once_it_has_stopped(home: Path) -> None:
    server = EmbeddedServer(home)
    url = server.start()
    assert (len(keepers(home)), answers(url)) == (1, True)
    server.stop()
    assert (keepers(home), servers(home), answers(url)) == ([], [], False)
    assert "database system is shut down" in (home / "postgres" / "log").read_text()


def test_starting_twice_and_stopping_twice_is_harmless(home: Path) -> None:
    server = EmbeddedServer(home)
    assert server.start() == server.start()
    server.stop()
    server.stop()
    EmbeddedServer(home).stop()


def test_a_second_process_joins_the_server_and_the_last_one_out_stops_it(home: Path) -> None:
    first = EmbeddedServer(home)
    second = Service(home)
    url = first.start()
    assert second.url() == url
    begun = started_at(url)
    first.stop()
    assert started_at(url) == begun
    second.leave()
    assert servers(home) == []


def test_processes_that_start_at_the_same_time_share_one_server(home: Path) -> None:
    services = [Service(home) for _ in range(4)]
    urls = {service.url() for service in services}
    (url,) = urls
    begun = started_at(url)
    assert len(keepers(home)) == 1
    for service in services[:-1]:
        service.leave()
    assert started_at(url) == begun
    services[-1].leave()
    assert (keepers(home), servers(home)) == ([], [])


def test_no_folder_above_its_own_is_changed(home: Path) -> None:
    home.mkdir()
    (home / "mine").write_text("kept")
    above = [home, *home.parents]
    before = [_rights(folder) for folder in above]
    with EmbeddedServer(home):
        assert [_rights(folder) for folder in above] == before
    assert [_rights(folder) for folder in above] == before
    assert sorted(each.name for each in home.iterdir()) == ["mine", "postgres"]


def test_its_folder_is_closed_to_others_and_to_version_control(home: Path) -> None:
    with EmbeddedServer(home):
        inside = home / "postgres"
        assert [stat.S_IMODE((inside / name).stat().st_mode) for name in (".", "data", "run")] == [0o700] * 3
        assert stat.S_IMODE((inside / "log").stat().st_mode) == 0o600
        assert (home / ".gitignore").read_text() == "*\n"


def test_progress_is_told_once_for_what_takes_time(home: Path) -> None:
    told: list[str] = []
    for _ in range(2):
        with EmbeddedServer(home, progress=told.append), EmbeddedServer(home, progress=told.append):
            pass
    assert [sentence.split(" in ")[0].split(" as ")[0] for sentence in told] == [
        "making an embedded PostgreSQL 18",
        "starting the embedded PostgreSQL 18",
        "starting the embedded PostgreSQL 18",
    ]


def test_a_project_too_deep_for_a_socket_gets_a_private_folder_elsewhere_while_it_runs(home: Path) -> None:
    deep = home.parent / ("d" * 60) / ("e" * 60) / ".assay"
    deep.parent.mkdir(parents=True)
    with EmbeddedServer(deep) as url, EmbeddedServer(deep) as joined:
        assert joined == url
        assert answers(url)
        place = Path((deep / "postgres" / "socket-folder").read_text())
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert not place.exists()


def test_names_with_spaces_commas_quotes_and_signs_are_harmless(home: Path) -> None:
    odd = home.parent / 'it\'s, a "strange" näme @ 100% : x?&=' / ".assay"
    odd.parent.mkdir()
    with EmbeddedServer(odd) as url:
        keep(url, "word")
        assert kept(url) == ["word"]


def test_the_callers_own_pg_variables_do_not_reach_the_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGDATA": "/nowhere",
        "PGPORT": "1",
        "PGOPTIONS": "-c search_path=x",
        "LC_ALL": "xx_YY",
    }.items():
        monkeypatch.setenv(name, value)
    with EmbeddedServer(home) as url:
        monkeypatch.delenv("PGOPTIONS")
        assert one(url, "SHOW search_path") == '"$user", public'


def test_the_socket_lets_in_no_role_that_was_not_made_for_it(home: Path) -> None:
    with EmbeddedServer(home) as url:
        keep(url, "x")
        with psycopg.connect(url.replace("assay@", "postgres@"), autocommit=True) as connection:
            connection.execute("CREATE ROLE stranger LOGIN")
        with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
            psycopg.connect(url.replace("assay@", "stranger@"))


def _rights(folder: Path) -> tuple[int, int, int, int]:
    found = folder.stat()
    return (found.st_ino, found.st_mode, found.st_uid, found.st_gid)
