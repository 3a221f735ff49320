"""The process that holds the embedded server: starts it, again when it dies, and stops it when nobody uses it any more.

Run as a program of its own (`python -I -S keeper.py PLAN`), with nothing but the standard library, in a session of its
own, so that neither Ctrl-C nor the death of an Assay process reaches it. It writes `ready` on its standard output once
the server accepts connections; an end of that output without `ready` means that the server could not be started, and
the log says why.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

READY: Final = b"ready"
_FIRST_START_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
_FAST_SECONDS: Final = 30.0
_IMMEDIATE_SECONDS: Final = 10.0
_SHORTEST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 2.0
_STATUS_LINE: Final = 7


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the keeper has to know, as JSON on its command line.

    `pid_file` is the server's own. `socket_folder` is one to be removed at the end. `user` and `group` are whom the
    server runs as, where that is not the caller.
    """

    command: list[str]
    environment: dict[str, str]
    pid_file: str
    keeper_lock: str
    users_lock: str
    socket_folder: str | None = None
    user: int | None = None
    group: int | None = None

    def to_json(self) -> str:
        """For the command line."""
        return json.dumps(self.__dict__)


class Keeper:
    """Holds one server until nobody uses it any more."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._unused = threading.Event()
        self._changing = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._was_ready = False

    def hold(self) -> int:
        """Keep the server running; the result is 0 when it was stopped in good order, 1 when it cannot be started."""
        threading.Thread(target=self._wait_until_unused, daemon=True).start()
        give_up_at = time.monotonic() + _FIRST_START_SECONDS
        pause = _SHORTEST_PAUSE_SECONDS
        while not self._unused.is_set():
            was_ready = self._run_once()
            if not self._was_ready and time.monotonic() + pause > give_up_at:
                return 1
            self._unused.wait(pause)
            pause = _SHORTEST_PAUSE_SECONDS if was_ready else min(2 * pause, _LONGEST_PAUSE_SECONDS)
        return 0

    def leave(self, *_signal: object) -> None:
        """Ask the server to end, and do not start it again."""
        self._unused.set()
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)  # fast shutdown: open transactions are rolled back

    def _wait_until_unused(self) -> None:
        users = os.open(self._plan.users_lock, os.O_RDWR | os.O_CLOEXEC)
        fcntl.flock(
            users, fcntl.LOCK_EX
        )  # granted when the last process that shared it is gone; held until our own end
        with self._changing:
            self.leave()
            server = self._server
        for seconds, stronger in ((_FAST_SECONDS, signal.SIGQUIT), (_IMMEDIATE_SECONDS, signal.SIGKILL)):
            if server is not None and not _ends_within(server, seconds):
                server.send_signal(stronger)

    def _run_once(self) -> bool:
        """Start the server and stay until it has ended; whether it has accepted connections."""
        with self._changing:
            if self._unused.is_set():
                return False
            self._server = server = self._start()
        while not (ready := self._is_ready(server.pid)) and server.poll() is None:
            time.sleep(_POLL_SECONDS)  # the server tells of its readiness in a file, and in no other way
        if ready and not self._was_ready:
            self._was_ready = True
            _say_ready()
        server.wait()
        return ready

    def _start(self) -> subprocess.Popen[bytes]:
        plan = self._plan
        return subprocess.Popen(  # noqa: S603 - the command of the plan, without a shell
            plan.command,
            cwd="/",
            env=plan.environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
            user=plan.user,
            group=plan.group,
            extra_groups=None if plan.user is None else (),
        )

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = Path(self._plan.pid_file).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return False
        return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"


def _ends_within(server: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _say_ready() -> None:
    os.write(sys.stdout.fileno(), READY + b"\n")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())  # the reader sees the end
    os.close(nowhere)


def main(words: list[str]) -> int:
    """Become the keeper, unless there is one. The process that was called ends at once; the keeper is its child."""
    plan = Plan(**json.loads(words[0]))
    lock = os.open(plan.keeper_lock, os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if os.fork():
        os._exit(0)
    keeper = Keeper(plan)
    signal.signal(signal.SIGTERM, keeper.leave)
    code = keeper.hold()
    if plan.socket_folder is not None:
        with contextlib.suppress(OSError):
            Path(plan.socket_folder).rmdir()  # it lies outside our folder; a new one is made at the next start
    os.close(lock)  # before the users' lock, which goes with the process: who comes in then finds no keeper
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
