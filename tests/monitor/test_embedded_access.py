"""No other local user gets into the embedded server: not through its folder, and not where the folder is open."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.monitor.embedded import EmbeddedServer, EmbeddedServerError
from tests.monitor.embedded_support import CHECKOUT, PATIENCE_SECONDS, keep, keepers, kept, project, servers

if TYPE_CHECKING:
    from collections.abc import Iterator

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
OTHER = "nobody"
NOBODYS_ID = 54_321  # in no /etc/passwd


@pytest.fixture
def home() -> Iterator[Path]:
    with project() as folder:
        folder.chmod(0o755)
        yield folder / ".assay"


def as_other(*command: str, user: str = OTHER) -> subprocess.CompletedProcess[str]:
    account = pwd.getpwnam(user)
    return subprocess.run(
        command,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=(),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=PATIENCE_SECONDS,
    )


def connect_as_other(url: str, *, user: int = pwd.getpwnam(OTHER).pw_uid) -> str:
    """What a connection of another user is told, or `let in`. The driver is loaded before the user changes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            try:
                psycopg.connect(url).close()
                said = "let in"
            except psycopg.OperationalError as error:
                said = str(error)
            os.write(writer, said.encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


@as_root
def test_another_user_can_read_neither_data_nor_log_nor_reach_the_socket(home: Path) -> None:
    with EmbeddedServer(home) as url:
        keep(url, "secret")
        inside = home / "postgres"
        for path in (inside, inside / "data", inside / "data" / "PG_VERSION", inside / "log", inside / "run"):
            assert "Permission denied" in as_other("ls", str(path)).stderr
        assert "Permission denied" in connect_as_other(url)


@as_root
@pytest.mark.parametrize("user", ["nobody", "daemon"])
def test_another_user_who_reaches_the_socket_is_refused_by_the_server(home: Path, user: str) -> None:
    with EmbeddedServer(home) as url:
        (home / "postgres").chmod(0o711)
        (home / "postgres" / "run").chmod(0o711)
        (home / "postgres" / "run" / ".s.PGSQL.5432").chmod(0o777)
        for role in ("assay", "postgres"):
            told = connect_as_other(url.replace("assay@", f"{role}@"), user=pwd.getpwnam(user).pw_uid)
            assert f'Peer authentication failed for user "{role}"' in told
        (home / "postgres").chmod(0o700)


@as_root
def test_root_needs_no_account_for_it_and_its_files_stay_roots(home: Path) -> None:
    accounts = Path("/etc/passwd").read_bytes()
    with EmbeddedServer(home):
        assert {each.lstat().st_uid for each in home.rglob("*")} == {0}
        assert all(_capabilities(pid) == 0 for pid in servers(home))
    assert Path("/etc/passwd").read_bytes() == accounts


@as_root
def test_without_user_namespaces_it_runs_as_an_idle_account_of_the_system(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.monitor.embedded.identity._ACCOUNTS", ("no-such-account", "games"))
    monkeypatch.setenv("PATH", "/nonexistent")
    told: list[str] = []
    with EmbeddedServer(home, progress=told.append) as url:
        keep(url, "committed")
        games = pwd.getpwnam("games").pw_uid
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in servers(home)} == {games}
        assert home.stat().st_uid == 0
        (home / "postgres" / "run" / ".s.PGSQL.5432").chmod(0o777)
        assert "Peer authentication failed" in connect_as_other(url, user=games)
    assert told[-1].endswith("as the user games, because there are no user namespaces here")
    with EmbeddedServer(home) as url:
        assert kept(url) == ["committed"]


@as_root
def test_root_is_refused_with_every_reason_when_no_way_is_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "postgres").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    monkeypatch.setattr("assay.monitor.embedded.identity._ACCOUNTS", ("games", "root"))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(EmbeddedServerError) as caught:
        EmbeddedServer(home).start()
    told = str(caught.value)
    assert "cannot run here as the user root" in told
    assert "user namespace: the program unshare is not installed" in told
    assert "account games: " in told
    assert "Permission denied" in told or "can't cd" in told
    assert "account root: other programs run as it" in told
    assert "start Assay as an ordinary user, or set DATABASE_URL" in told


@as_root
def test_data_that_root_made_in_a_namespace_is_not_given_to_an_account(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedServer(home):
        pass
    monkeypatch.setattr("assay.monitor.embedded.identity._ACCOUNTS", ("games",))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(EmbeddedServerError, match="is root's, from a start in a user namespace"):
        EmbeddedServer(home).start()
    assert (home / "postgres").stat().st_uid == 0


@as_root
@pytest.mark.timeout(900)
def test_all_of_this_holds_for_an_ordinary_user_as_well() -> None:
    """The same tests once more in a process of an ordinary user, whose server is his own without any namespace."""
    python, environment = _ordinary_python()
    files = [f"tests/monitor/test_embedded_{name}.py" for name in ("server", "recovery", "refusals")]
    account = pwd.getpwnam(OTHER)
    with project() as scratch:
        os.chown(scratch, account.pw_uid, account.pw_gid)
        ran = subprocess.run(
            [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *files],
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=(),
            cwd=CHECKOUT,
            env={**os.environ, **environment, "HOME": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "passed" in ran.stdout


@as_root
@pytest.mark.parametrize("user", [pwd.getpwnam(OTHER).pw_uid, NOBODYS_ID])
def test_the_server_of_an_ordinary_user_lets_in_that_user_alone(home: Path, user: int) -> None:
    """Also where the user has no account at all, as in a container: then it runs in a user namespace."""
    daemon = pwd.getpwnam("daemon").pw_uid
    with _held_by(user, home) as url:
        assert "Permission denied" in connect_as_other(url, user=daemon)
        for path, mode in ((".", 0o711), ("run", 0o711), ("run/.s.PGSQL.5432", 0o777)):
            (home / "postgres" / path).chmod(mode)
        assert "Peer authentication failed" in connect_as_other(url, user=daemon)
        assert connect_as_other(url, user=user) == "let in"
    assert (keepers(home), servers(home)) == ([], [])


@contextmanager
def _held_by(user: int, home: Path) -> Iterator[str]:
    """The server of another user, who holds it for as long as the context is open."""
    python, environment = _ordinary_python()
    os.chown(home.parent, user, user)
    service = subprocess.Popen(
        [python, "-c", _HOLD, str(home)],
        user=user,
        group=user,
        extra_groups=(),
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert service.stdout is not None
        url = service.stdout.readline().strip()
        assert url.startswith("postgresql://")
        yield url
    finally:
        service.communicate("")


_HOLD = """
import sys
from contextlib import contextmanager
from pathlib import Path
from assay.monitor.embedded import EmbeddedServer
with EmbeddedServer(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def _ordinary_python() -> tuple[str, dict[str, str]]:
    """An interpreter of this version that an ordinary user may run on this checkout, and the variables it needs."""
    packages = Path(psycopg.__file__).parents[1]
    environment = {"PYTHONPATH": os.pathsep.join([str(CHECKOUT), str(packages)])}
    version = f"python3.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        script = "import assay.monitor.embedded, pytest"
        if (
            Path(python).exists()
            and as_other("env", f"PYTHONPATH={environment['PYTHONPATH']}", python, "-c", script).returncode == 0
        ):
            return python, environment
    pytest.skip(f"no {version} that an ordinary user may run on this checkout: it lies in a folder of root's")


def _capabilities(pid: int) -> int:
    """The capabilities that a process has in the system's own user namespace: none, when it is in another."""
    same = Path(f"/proc/{pid}/ns/user").readlink() == Path("/proc/self/ns/user").readlink()
    lines = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    return int(lines["CapEff"], 16) if same else 0
