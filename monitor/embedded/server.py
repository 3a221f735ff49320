"""The embedded server as the rest of Assay sees it: start or join it, use its address, leave it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import psycopg

from assay.monitor.embedded.cluster import NAME, failure, make_database
from assay.monitor.embedded.errors import OWN_SERVER, EmbeddedServerError
from assay.monitor.embedded.folder import PORT, Folder, check_private, open_folder
from assay.monitor.embedded.identity import owners
from assay.monitor.embedded.launch import launch
from assay.monitor.embedded.locks import FileLock
from assay.monitor.embedded.postmaster import clear_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

_WAIT_SECONDS: Final = 120.0
_REVIVE_SECONDS: Final = 15.0
_LEAVE_SECONDS: Final = 45.0
_POLL_SECONDS: Final = 0.02


class EmbeddedServer:
    """A PostgreSQL under Assay's own folder, shared by every Assay process that works in the same project.

    `home` is that folder (`.assay`). `progress` is told, in a sentence, of what takes time. `binaries` is the folder
    with the server's programs, when they are not those of the wheel.
    """

    def __init__(
        self, home: Path, *, progress: Callable[[str], None] | None = None, binaries: Path | None = None
    ) -> None:
        self._home = home.absolute()
        self._tell = progress or (lambda _: None)
        self._binaries = binaries
        self._membership: _Membership | None = None

    def start(self) -> str:
        """Start the server, or join the one that runs already; the result is the libpq URL of its database.

        It runs for as long as this or another process uses it, and is started again when it dies.

        Raises:
            EmbeddedServerError: it cannot be had; the message says why and what to do.
        """
        if self._membership is None:
            self._membership = self._enter()
        where = quote(str(self._membership.folder.socket_folder()), safe="/")
        return f"postgresql://{NAME}@/{NAME}?host={where}&port={PORT}"

    def _enter(self) -> _Membership:
        folder = open_folder(self._home, owners())
        try:
            with ExitStack() as undo:
                membership = _Membership(folder)
                undo.callback(membership.close)
                membership.enter(lambda: launch(folder, self._tell, self._binaries))
                undo.pop_all()
        except (OSError, psycopg.Error) as error:
            raise failure(folder, "cannot be started", str(error)) from error
        return membership

    def stop(self) -> None:
        """Leave the server; the last to leave waits until it has stopped. Without effect when it was not started."""
        membership, self._membership = self._membership, None
        if membership is not None:
            try:
                membership.leave()
            finally:
                membership.close()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Membership:
    """One use of the server: the lock that keeps it running."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._users = FileLock(folder.users_lock)
        self._starting = FileLock(folder.start_lock)
        self._keeper = FileLock(folder.keeper_lock)

    def enter(self, start: Callable[[], None]) -> None:
        """Share the server that runs, or start one."""
        if not (self._users.wait_shared(_WAIT_SECONDS) and self._starting.wait_alone(_WAIT_SECONDS)):
            raise EmbeddedServerError(
                f"another Assay process has been starting or stopping the embedded server in {self.folder.root} for"
                f" {_WAIT_SECONDS:g} seconds: end it, {OWN_SERVER}"
            )
        try:
            if not self._joins():
                start()
                make_database(self.folder.socket_folder())
        finally:
            self._starting.release()

    def _joins(self) -> bool:
        """Whether a keeper has the server up; one that is starting it again after a crash is given time."""
        deadline = time.monotonic() + _REVIVE_SECONDS
        while self._keeper.is_held():
            if self._answers():
                return True
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"the embedded server in {self.folder.root} does not come up again: {self.folder.log} says why,"
                    f" {OWN_SERVER}"
                )
            time.sleep(_POLL_SECONDS)
        return False

    def _answers(self) -> bool:
        where = self.folder.socket_folder()
        try:
            check_private(where, owners())
            make_database(where)
        except (OSError, psycopg.OperationalError):
            return False
        return True

    def leave(self) -> None:
        """Give the server up. Without others it is stopped: by its keeper, or here where the keeper was killed."""
        self._users.release()
        deadline = time.monotonic() + _LEAVE_SECONDS
        while time.monotonic() < deadline:
            if self._users.try_alone():
                if not self._keeper.is_held():
                    clear_leftovers(self.folder)
                    return
                self._users.release()  # the keeper waits for it
            elif self._users.try_shared():
                return  # so do others
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        """Release everything."""
        for lock in (self._users, self._starting, self._keeper):
            lock.close()
