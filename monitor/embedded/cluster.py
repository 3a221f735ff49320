"""The database cluster: made once, in one step, and configured so that only its starter gets in."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from assay.monitor.embedded.binaries import MAJOR
from assay.monitor.embedded.errors import OWN_SERVER, EmbeddedServerError
from assay.monitor.embedded.folder import PORT

if TYPE_CHECKING:
    from pathlib import Path

    from assay.monitor.embedded.folder import Folder
    from assay.monitor.embedded.identity import Identity

NAME: Final = "assay"
"""The database, and the role without special rights that owns it."""

_SUPERUSER: Final = "postgres"
_MAP: Final = "assay"
_NEEDED_BYTES: Final = 100 * 2**20
_TOO_LITTLE_BYTES: Final = 2**20
_FULL: Final = ("No space left on device", "Disk quota exceeded")
_STAMP: Final = re.compile(r"^\S+ \S+ UTC \[\d+\] ")
_TELLING: Final = re.compile(r"FATAL:|PANIC:|HINT:|[Ee]rror\b|LOG:  (invalid|could not)")
_TOLD_LINES: Final = 4
_CONNECT_SECONDS: Final = 10
_DUPLICATE: Final = (psycopg.errors.DuplicateObject, psycopg.errors.DuplicateDatabase)


def make_cluster(folder: Folder, identity: Identity, binaries: Path) -> None:
    """Make an empty cluster; it appears under its name only when it is complete, so that a crash leaves no half of one.

    Raises:
        EmbeddedServerError: initdb failed.
    """
    unfinished = folder.root / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    words: list[str | Path] = [
        "-D",
        unfinished,
        "-U",
        _SUPERUSER,
        "-A",
        "peer",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-instructions",
    ]
    words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    ran = identity.run(binaries / "initdb", *words, cwd=folder.root)
    if ran.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise failure(folder, "cannot make its database", ran.stderr)
    unfinished.rename(folder.data)
    _sync(folder.root)


def check_cluster(folder: Folder) -> None:
    """Make sure that the cluster is of this version.

    Raises:
        EmbeddedServerError: another version of PostgreSQL made it.
    """
    version = (folder.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if version != MAJOR:
        raise EmbeddedServerError(
            f"the data in {folder.data} was made by PostgreSQL {version}, this is {MAJOR}: dump and restore it with a"
            f" server of version {version}, remove it to begin with an empty database, {OWN_SERVER}"
        )


def write_access(folder: Folder, identity: Identity) -> None:
    """Who may connect: over the socket only, and only the account that started the server, as the kernel names it."""
    who = '"' + identity.caller.replace('"', '""') + '"'
    _write(folder.data / "pg_hba.conf", f"local all all peer map={_MAP}\n")
    _write(folder.data / "pg_ident.conf", "".join(f"{_MAP} {who} {role}\n" for role in (NAME, _SUPERUSER)))


def server_command(folder: Folder, identity: Identity, binaries: Path, socket_folder: Path) -> list[str]:
    """The command line of the server. What keeps data safe (fsync, full_page_writes) stays as PostgreSQL has it."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": '"' + str(socket_folder).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "max_connections": "50",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [*identity.prefix, str(binaries / "postgres"), "-D", str(folder.data), *options]


def make_database(socket_folder: Path) -> None:
    """Make the role and the database where they are missing."""
    address = make_conninfo(host=str(socket_folder), port=PORT, user=_SUPERUSER, dbname=_SUPERUSER)
    with psycopg.connect(address, connect_timeout=_CONNECT_SECONDS, autocommit=True) as connection:
        present = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if present:
            return
        name = sql.Identifier(NAME)
        for statement in ("CREATE ROLE {} LOGIN", "CREATE DATABASE {} OWNER {}"):
            try:
                connection.execute(sql.SQL(statement).format(name, name))
            except _DUPLICATE:  # a crash came between the two
                continue


def failure(folder: Folder, what: str, said: str) -> EmbeddedServerError:
    """The error for a program that failed, from what it said: a full disk is named as such."""
    free = shutil.disk_usage(folder.root).free
    silent_and_full = not said.strip() and free < _TOO_LITTLE_BYTES  # a full disk takes no log either
    if silent_and_full or any(words in said for words in _FULL):
        reason = (
            f"the disk of {folder.root} is full ({free // 2**20} MB are free, it needs {_NEEDED_BYTES // 2**20} MB)"
        )
    else:
        lines = [_STAMP.sub("", line) for line in said.splitlines()]
        telling = [
            *dict.fromkeys(line for line in lines if _TELLING.search(line))
        ]  # each once: it was tried several times
        reason = f"{'; '.join(telling[-_TOLD_LINES:] or lines[-1:]) or 'no reason given'} (more in {folder.log})"
    return EmbeddedServerError(f"the embedded server {what}: {reason}; {OWN_SERVER}")


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(
        new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644
    )  # the folder is private; the server may be another account
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
