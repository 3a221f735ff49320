"""Where the embedded server lives: a folder that only its owner may enter, and a socket with a path short enough."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.monitor.embedded.errors import OWN_SERVER, EmbeddedServerError

if TYPE_CHECKING:
    from collections.abc import Collection

PORT: Final = 5432
"""Part of the socket's name, no TCP port: there is no TCP listener."""

_LONGEST_SOCKET_PATH: Final = 103 if os.uname().sysname == "Darwin" else 107
_PRIVATE: Final = 0o700


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The paths of one embedded server."""

    root: Path

    @property
    def data(self) -> Path:
        """The database cluster."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What the server and its keeper say."""
        return self.root / "log"

    @property
    def users_lock(self) -> Path:
        """Shared by every process that uses the server; the keeper waits to have it alone."""
        return self.root / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one process that starts the server."""
        return self.root / "start.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper for as long as it lives."""
        return self.root / "keeper.lock"

    @property
    def socket_record(self) -> Path:
        """Holds the path of the socket's folder where that lies elsewhere."""
        return self.root / "socket-folder"

    def socket_folder(self) -> Path:
        """Where the socket is, or will be: in the folder itself, or where `place_socket` has put it."""
        try:
            return Path(self.socket_record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return self.root / "run"


def open_folder(home: Path, owners: Collection[int]) -> Folder:
    """The folder of the server under Assay's own (`.assay`), made where it is missing; no other folder is changed.

    `owners` are the user ids that it may belong to.

    Raises:
        EmbeddedServerError: it cannot be made, belongs to somebody else, or is open to others.
    """
    root = home / "postgres"
    try:
        _make_home(home)
        root.mkdir(mode=_PRIVATE, exist_ok=True)
    except OSError as error:
        raise EmbeddedServerError(
            f"the embedded server needs the folder {root}, which cannot be made: {error.strerror};"
            f" name another with ASSAY_DATA_DIR, {OWN_SERVER}"
        ) from error
    check_private(root, owners)
    return Folder(root=root)


def check_private(folder: Path, owners: Collection[int]) -> None:
    """Make sure that a folder is a folder, belongs to one of the accounts and is closed to others.

    One that came with a copied or cloned project has other rights; running a server on somebody else's configuration
    would run their commands.

    Raises:
        EmbeddedServerError: it is not so.
    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        whose = f"belongs to the user with the id {found.st_uid}" if stat.S_ISDIR(found.st_mode) else "is no folder"
        raise EmbeddedServerError(f"{folder} {whose}: start Assay as its owner, or remove it, {OWN_SERVER}")
    if stat.S_IMODE(found.st_mode) != _PRIVATE:
        raise EmbeddedServerError(
            f"{folder} has the mode {stat.S_IMODE(found.st_mode):04o} where Assay makes 0700: something else made or"
            " changed it. Remove it to begin with an empty database, or, if you know that it is yours, chmod 700 it"
        )


def place_socket(folder: Folder) -> Path:
    """Make the socket's folder anew and say where it is. Only for the one who starts the server.

    The path of a Unix socket has at most 107 bytes, and libpq takes a comma for the end of one. Where `.assay` lies
    deeper, the socket goes to a new private folder with a random name in the user's runtime folder or the system's
    temporary one; its path is kept in `socket-folder`.
    """
    near, before = folder.root / "run", folder.socket_folder()
    if before != near:
        with suppress(OSError):  # it may be gone, or somebody else's by now
            before.rmdir()
        folder.socket_record.unlink()
    if _fits(near):
        near.mkdir(mode=_PRIVATE, exist_ok=True)
        return near
    for base in _short_folders():
        if _fits(base / "assay-12345678"):
            place = Path(tempfile.mkdtemp(prefix="assay-", dir=base))
            folder.socket_record.write_text(str(place), encoding="utf-8")
            return place
    raise EmbeddedServerError(
        f"the path {near} cannot be a Unix socket's (at most {_LONGEST_SOCKET_PATH} bytes, no comma), and no other"
        f" folder is there for it: name one with ASSAY_DATA_DIR, {OWN_SERVER}"
    )


def _fits(folder: Path) -> bool:
    socket = folder / f".s.PGSQL.{PORT}"
    return len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH and "," not in str(socket)


def _short_folders() -> list[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    own = [Path(runtime)] if runtime and _is_private(Path(runtime)) else []
    return [*own, Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 - mkdtemp makes a private folder with a random name


def _is_private(folder: Path) -> bool:
    try:
        check_private(folder, {os.geteuid()})
    except (OSError, EmbeddedServerError):
        return False
    return True


def _make_home(home: Path) -> None:
    if home.is_dir():
        return
    home.mkdir()
    (home / ".gitignore").write_text("*\n", encoding="utf-8")
