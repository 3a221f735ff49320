"""As whom the server runs: PostgreSQL refuses to run as root, and needs an account with a name.

An ordinary user runs it directly. Root runs it in a user namespace, where the kernel shows root's own id to the server
as that of some other account: the server has no rights outside, its files stay root's, and every other user appears to
it as the overflow id, which belongs to nobody it lets in. Where there are no user namespaces, root runs it as an
existing account that nothing else runs as.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.monitor.embedded.errors import OWN_SERVER, EmbeddedServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACCOUNTS: Final = ("postgres", "nobody")
_OVERFLOW: Final = Path("/proc/sys/kernel/overflowuid")
_USUAL_OVERFLOW: Final = 65_534
_REACHES: Final = 'cd "$1" && exec "$2" --version'


@dataclass(frozen=True, kw_only=True)
class Identity:
    """How the server's programs are started, and what the server then calls the process that starts them.

    `prefix` comes before every command. `account` is whom they run as, where that is not the caller. `caller` is the
    name by which the server knows the caller when the kernel tells it who is connecting; `owner` the user id that the
    files belong to.
    """

    caller: str
    owner: int
    prefix: tuple[str, ...] = ()
    account: str | None = None

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run one of the programs to its end; its output is text."""
        account = pwd.getpwnam(self.account) if self.account else None
        return subprocess.run(  # noqa: S603 - programs of the wheel and of the system, without a shell
            [*self.prefix, *map(str, command)],
            cwd=cwd,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=() if account else None,
        )


def clean_environment() -> dict[str, str]:
    """The environment of the server's programs: no PG* variable of the caller, and messages that can be read."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def find_identity(root: Path, postgres: Path) -> Identity:
    """The first identity that can reach the folder and run the program.

    Raises:
        EmbeddedServerError: there is none; the message says what was tried.
    """
    refused: list[str] = []
    for candidate in _candidates(root, refused):
        ran = candidate.run("/bin/sh", "-c", _REACHES, "sh", root.parent, postgres, cwd=Path("/"))
        if ran.returncode == 0:
            return candidate
        refused.append(f"{_described(candidate)}: {_last_line(ran.stderr)}")
    raise EmbeddedServerError(
        f"the embedded server cannot run here as the user {_name(os.geteuid()) or os.geteuid()}, nor otherwise"
        f" ({'; '.join(refused)}): start Assay as an ordinary user, {OWN_SERVER}"
    )


def owners() -> frozenset[int]:
    """The user ids that the folder of a server of the caller's may belong to."""
    if os.geteuid() != 0:
        return frozenset({os.geteuid()})
    return frozenset({0, *(account.pw_uid for account in _known(_ACCOUNTS))})


def _candidates(root: Path, refused: list[str]) -> Iterator[Identity]:
    """In order of preference; `root` belongs to the caller, or to the account that a server of his has run as."""
    user, name = os.geteuid(), _name(os.geteuid())
    owner = root.lstat().st_uid
    if user != 0 and name is not None:
        yield Identity(caller=name, owner=user)
        return
    if owner == user:
        yield from _in_namespace(user, refused)
    if user == 0 and name is not None:
        yield from _as_account(root, name, owner, refused)


def _in_namespace(user: int, refused: list[str]) -> Iterator[Identity]:
    unshare = shutil.which("unshare")
    if unshare is None:
        refused.append("user namespace: the program unshare is not installed")
        return
    shown = next((entry for entry in pwd.getpwall() if entry.pw_uid not in {0, _overflow_uid()}), None)
    if shown is None:
        refused.append("user namespace: no account besides root and the overflow account to appear as")
        return
    prefix = (unshare, "--user", f"--map-user={shown.pw_uid}", f"--map-group={shown.pw_gid or shown.pw_uid}", "--")
    yield Identity(caller=shown.pw_name, owner=user, prefix=prefix)


def _as_account(root: Path, caller: str, owner: int, refused: list[str]) -> Iterator[Identity]:
    for account in _known(_ACCOUNTS):
        if owner not in {0, account.pw_uid}:
            continue
        if owner == 0 and (root / "data").exists():
            refused.append(f"account {account.pw_name}: the data in {root} is root's, from a start in a user namespace")
        elif _in_use(account.pw_uid):
            refused.append(f"account {account.pw_name}: other programs run as it")
        else:
            yield Identity(caller=caller, owner=account.pw_uid, account=account.pw_name)


def _known(names: tuple[str, ...]) -> Iterator[pwd.struct_passwd]:
    for name in names:
        try:
            yield pwd.getpwnam(name)
        except KeyError:
            continue


def _in_use(user: int) -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == user:
                return True
        except OSError:  # it has ended meanwhile
            continue
    return False


def _overflow_uid() -> int:
    try:
        return int(_OVERFLOW.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return _USUAL_OVERFLOW


def _name(user: int) -> str | None:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return None


def _described(identity: Identity) -> str:
    if identity.account:
        return f"account {identity.account}"
    return "user namespace" if identity.prefix else "directly"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
