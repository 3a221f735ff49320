"""Projects, services and processes for the tests of the embedded server: all real, all ended afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKOUT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30.0
_SERVICE = """
import sys
from pathlib import Path
from assay.monitor.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""


@contextmanager
def project() -> Iterator[Path]:
    """A folder with a short path; whatever still runs in it is killed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="assay-embedded-", dir="/tmp"))
    try:
        yield folder
    finally:
        Service.end_all()
        kill_everything(folder)
        shutil.rmtree(folder, ignore_errors=True)


class Service:
    """Another Assay process that uses the embedded server until it is told to leave, or killed."""

    _made: ClassVar[list[Service]] = []

    def __init__(self, home: Path) -> None:
        Service._made.append(self)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVICE, str(home)],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @classmethod
    def end_all(cls) -> None:
        """End those that a failed test has left."""
        while cls._made:
            service = cls._made.pop()
            service.process.kill()
            service.process.communicate()

    def url(self) -> str:
        """The address it was given; waits until it has one."""
        assert self.process.stdout is not None
        url = self.process.stdout.readline().strip()
        assert url.startswith("postgresql://"), "the service did not start"
        return url

    def leave(self) -> None:
        """It ends in good order."""
        self.process.communicate("", timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """The signal goes to its whole process group, as from a terminal."""
        os.killpg(self.process.pid, how)
        self.process.communicate(timeout=PATIENCE_SECONDS)


def keepers(folder: Path) -> list[int]:
    """The keepers of the servers under a folder."""
    return [pid for pid in _processes() if _command(pid)[1:3] == ["-I", "-S"] and str(folder) in _command(pid)[-1]]


def servers(folder: Path) -> list[int]:
    """The processes of PostgreSQL whose data lies under a folder, the postmasters among them."""
    return [pid for pid in _processes() if _name(pid) == "postgres" and folder in _working_directory(pid).parents]


def kill_everything(folder: Path) -> None:
    """SIGKILL for every keeper and server under a folder, keepers first, so that none starts a server again."""
    for pid in [*keepers(folder), *servers(folder)]:
        with suppress(ProcessLookupError):  # the end of one ends others
            os.kill(pid, signal.SIGKILL)


def postmaster(home: Path) -> int:
    """The process id that the server has noted."""
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something that other processes bring about; the bound only ends a test that hangs."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:g} s: {what}"
        time.sleep(0.02)


def answers(url: str) -> bool:
    """Whether a connection succeeds."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def started_at(url: str) -> str:
    """When the server was started: the same for everybody who uses the same server."""
    return one(url, "SELECT pg_postmaster_start_time()::text")


def one(url: str, query: str) -> str:
    """The only value of a query, as text."""
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return str(row[0])


def keep(url: str, word: str) -> None:
    """Commit a word."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def kept(url: str) -> list[str]:
    """The words that were committed."""
    with psycopg.connect(url) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM kept ORDER BY word")]


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").glob("[0-9]*")]


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def _command(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    return [""]


def _working_directory(pid: int) -> Path:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cwd").readlink()
    return Path("/")
