"""Servers that an earlier start has left behind: recognised, ended, and their traces cleared away.

PostgreSQL notes its process id in `postmaster.pid` and beside its socket, and will not start while a process of that id
lives and is the same user's, whatever it is. After a reboot or a crash the id may belong to another program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.monitor.embedded.errors import EmbeddedServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.monitor.embedded.folder import Folder

_POLL_SECONDS: Final = 0.02
_FAST_SECONDS: Final = 20.0
_IMMEDIATE_SECONDS: Final = 10.0
_CRASHED_SECONDS: Final = 10.0
_PROGRAM: Final = "postgres"
_PROCESSES: Final = Path("/proc")


def clear_leftovers(folder: Folder) -> None:
    """End a server that nobody keeps, wait for the backends of a dead one, and remove what both have left.

    Only for the one who starts the server, or has found that he is the last who used it.

    Raises:
        EmbeddedServerError: a server or its backends do not end.
    """
    pid_file = folder.data / "postmaster.pid"
    pid = _noted_pid(pid_file)
    if pid is not None and _is_server(pid, folder.data):
        _end(pid, folder)
    _wait_for_backends(folder)
    if pid is None or not _is_server(pid, folder.data):
        pid_file.unlink(missing_ok=True)
        for trace in folder.socket_folder().glob(".s.PGSQL.*"):
            trace.unlink(missing_ok=True)


def _noted_pid(pid_file: Path) -> int | None:
    """The process id in the file; `None` where there is no file, or a crash has left it empty."""
    try:
        first, _, _ = pid_file.read_text(encoding="utf-8", errors="replace").partition("\n")
    except FileNotFoundError:
        return None
    return int(first) if first.strip().isdecimal() else None


def _end(pid: int, folder: Folder) -> None:
    for how, seconds in ((signal.SIGINT, _FAST_SECONDS), (signal.SIGQUIT, _IMMEDIATE_SECONDS), (signal.SIGKILL, 1.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        if _until(lambda: not _is_server(pid, folder.data), seconds):
            return
    raise _still_running([pid], folder)


def _wait_for_backends(folder: Folder) -> None:
    """The backends of a dead postmaster notice and end by themselves; two servers on one cluster would destroy it."""
    if not _until(lambda: not _servers_in(folder.data), _CRASHED_SECONDS):
        raise _still_running(_servers_in(folder.data), folder)


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)  # the end of a process that is no child of ours cannot be awaited everywhere
    return True


def _still_running(pids: list[int], folder: Folder) -> EmbeddedServerError:
    which = ", ".join(map(str, pids))
    return EmbeddedServerError(
        f"an earlier PostgreSQL still runs in {folder.data} and does not end: end the process {which}"
    )


def _is_server(pid: int, data: Path) -> bool:
    """Whether the process is a server of this very cluster: a server's working directory is its data."""
    if not _PROCESSES.is_dir():
        return _is_postgres_by_ps(pid)
    try:
        name = (_PROCESSES / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
        return name == _PROGRAM and (_PROCESSES / str(pid) / "cwd").readlink() == data.resolve()
    except OSError:  # it is gone, or another user's
        return False


def _is_postgres_by_ps(pid: int) -> bool:
    ran = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607 - fixed words, the system's ps
    return Path(ran.stdout.strip()).name == _PROGRAM


def _servers_in(data: Path) -> list[int]:
    """Every process of a server of this cluster; none without /proc: there PostgreSQL's shared memory guards."""
    return [int(each.name) for each in _PROCESSES.glob("[0-9]*") if _is_server(int(each.name), data)]
