"""Starting the server, from whatever an earlier start or crash has left. Only for the one who holds the start lock."""

from __future__ import annotations

import os
import pwd
import select
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from assay.monitor.embedded import keeper
from assay.monitor.embedded.binaries import MAJOR, check_binaries, find_binaries
from assay.monitor.embedded.cluster import check_cluster, failure, make_cluster, server_command, write_access
from assay.monitor.embedded.folder import place_socket
from assay.monitor.embedded.identity import Identity, clean_environment, find_identity
from assay.monitor.embedded.postmaster import clear_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assay.monitor.embedded.folder import Folder

_READY_SECONDS: Final = 120.0  # recovery after a crash replays what was written since the last checkpoint
_LARGEST_LOG_BYTES: Final = 2**20


def launch(folder: Folder, tell: Callable[[str], None], binaries: Path | None) -> None:
    """Make the cluster where there is none, start the keeper, and wait until the server accepts connections.

    Raises:
        EmbeddedServerError: it cannot be started; the message says why and what to do.
    """
    programs = binaries or find_binaries()
    check_binaries(programs)
    clear_leftovers(folder)
    identity = find_identity(folder.root, programs / "postgres")
    os.chown(folder.root, identity.owner, -1)
    if folder.data.exists():
        check_cluster(folder)
    else:
        tell(f"making an embedded PostgreSQL {MAJOR} in {folder.root} (once)")
        make_cluster(folder, identity, programs)
    write_access(folder, identity)
    tell(f"starting the embedded PostgreSQL {MAJOR}{_as_whom(identity)}")
    _start_keeper(folder, _plan(folder, identity, programs))


def _as_whom(identity: Identity) -> str:
    if identity.account:
        return f" as the user {identity.account}, because there are no user namespaces here"
    return " in a user namespace" if identity.prefix else ""


def _plan(folder: Folder, identity: Identity, binaries: Path) -> keeper.Plan:
    socket_folder = place_socket(folder)
    os.chown(socket_folder, identity.owner, -1)
    account = pwd.getpwnam(identity.account) if identity.account else None
    return keeper.Plan(
        command=server_command(folder, identity, binaries, socket_folder),
        environment=clean_environment(),
        pid_file=str(folder.data / "postmaster.pid"),
        keeper_lock=str(folder.keeper_lock),
        users_lock=str(folder.users_lock),
        socket_folder=None if folder.root in socket_folder.parents else str(socket_folder),
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
    )


def _start_keeper(folder: Folder, plan: keeper.Plan) -> None:
    log = _open_log(folder)
    try:
        begin = os.lseek(log, 0, os.SEEK_END)
        with subprocess.Popen(  # noqa: S603 - our own file, run by this very interpreter
            [sys.executable, "-I", "-S", keeper.__file__, plan.to_json()],
            cwd="/",
            env=plan.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # neither Ctrl-C nor the end of a terminal is meant for it
        ) as started:
            output = started.stdout
            said = (
                output.readline() if output is not None and select.select([output], [], [], _READY_SECONDS)[0] else b""
            )
    finally:
        os.close(log)
    if said.strip() != keeper.READY:
        raise failure(folder, "cannot start", _read_from(folder, begin))


def _open_log(folder: Folder) -> int:
    if folder.log.exists() and folder.log.stat().st_size > _LARGEST_LOG_BYTES:
        folder.log.replace(folder.log.with_suffix(".1"))
    return os.open(folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _read_from(folder: Folder, begin: int) -> str:
    with folder.log.open("rb") as log:
        log.seek(begin)
        return log.read(_LARGEST_LOG_BYTES).decode(errors="replace")
