"""Which repository, commit and branch a tree is, read from its files.

git itself is never run: a repository's own configuration may name programs for it to start (`core.fsmonitor`, hooks,
pagers, external diffs, aliases), and the scanned tree is hostile. What cannot be read this way is None, never
guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.intake.reading import read_text

if TYPE_CHECKING:
    from pathlib import Path

_POINTER_LIMIT_BYTES: Final = 4_096
_CONFIG_LIMIT_BYTES: Final = 1_000_000
_PACKED_REFS_LIMIT_BYTES: Final = 100_000_000
_SYMBOLIC_REFS: Final = 5
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF: Final = re.compile(r"refs/(?!.*(?:\.\.|//|@\{))[^\x00-\x20\x7f~^:?*\[\\]{1,250}")
_SECTION: Final = re.compile(r'\[\s*remote\s+"(?P<name>[^"]*)"\s*\]')
_URL: Final = re.compile(r"url\s*=\s*(?P<url>.*)", re.IGNORECASE)


class GitState(NamedTuple):
    """What a work tree says of itself. `repository` is the address of its remote without any user or password."""

    top: Path
    repository: str | None
    commit: str | None
    branch: str | None
    exclude_file: Path
    """Its own ignore file outside the tree, `info/exclude`, which need not exist."""


def read_git(path: Path) -> GitState | None:
    """The repository that `path` stands in, or None where it stands in none."""
    for top in (path.resolve(), *path.resolve().parents):
        folder = _git_folder(top / ".git")
        if folder is None:
            continue
        common = _common_folder(folder)
        branch, commit = _head(folder, common)
        return GitState(
            top=top,
            repository=_remote(common / "config"),
            commit=commit,
            branch=branch,
            exclude_file=common / "info" / "exclude",
        )
    return None


def _git_folder(marker: Path) -> Path | None:
    """`.git` itself, or the folder that a `.git` file of a worktree or submodule names."""
    folder = marker
    if not marker.is_dir():
        text = read_text(marker, limit=_POINTER_LIMIT_BYTES)
        if not text or not text.startswith("gitdir:"):
            return None
        folder = marker.parent / text.removeprefix("gitdir:").strip()
    return folder if (folder / "HEAD").is_file() else None


def _common_folder(folder: Path) -> Path:
    """Where a worktree keeps what it shares with the others: refs and configuration."""
    text = read_text(folder / "commondir", limit=_POINTER_LIMIT_BYTES)
    return folder / text.strip() if text and text.strip() else folder


def _head(folder: Path, common: Path) -> tuple[str | None, str | None]:
    """(branch, commit) of HEAD; a branch without a commit yet has no commit, a detached HEAD no branch."""
    text = _line(folder / "HEAD")
    if not text.startswith("ref:"):
        return None, _as_commit(text)
    ref = text.removeprefix("ref:").strip()
    if not _REF.fullmatch(ref) or ref == "refs/heads/.invalid":
        return None, None
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None
    return branch, _resolve(folder, common, ref)


def _resolve(folder: Path, common: Path, ref: str) -> str | None:
    for _ in range(_SYMBOLIC_REFS):
        text = _line(folder / ref) or _line(common / ref)
        if not text.startswith("ref:"):
            return _as_commit(text) or _packed(common, ref)
        ref = text.removeprefix("ref:").strip()
        if not _REF.fullmatch(ref):
            return None
    return None


def _packed(common: Path, ref: str) -> str | None:
    text = read_text(common / "packed-refs", limit=_PACKED_REFS_LIMIT_BYTES)
    found = re.search(rf"^([0-9a-f]{{40,64}}) {re.escape(ref)}$", text, re.MULTILINE) if text else None
    return _as_commit(found[1]) if found else None


def _line(path: Path) -> str:
    return (read_text(path, limit=_POINTER_LIMIT_BYTES) or "").strip()


def _as_commit(text: str) -> str | None:
    return text if _COMMIT.fullmatch(text) else None


def _remote(config: Path) -> str | None:
    """The address of `origin`, or of the first remote there is."""
    remotes: dict[str, str] = {}
    section = None
    for line in (read_text(config, limit=_CONFIG_LIMIT_BYTES) or "").splitlines():
        text = line.strip()
        if text.startswith("["):
            found = _SECTION.match(text)
            section = found["name"] if found else None
        url = _URL.fullmatch(text) if section else None
        if section and url:
            remotes.setdefault(section, url["url"].strip().strip('"'))
    chosen = remotes.get("origin") or next(iter(remotes.values()), None)
    return without_user(chosen) if chosen else None


def without_user(address: str) -> str | None:
    """The address without user, password, query and fragment: any of them may be a token.

    A path on this machine is None: it says nothing to a reader elsewhere.
    """
    if "://" in address:
        from urllib.parse import urlsplit  # noqa: PLC0415 - 3 ms that a tree without a remote does not pay

        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return None
        return f"{parts.scheme}://{host}{port}{parts.path}" if host and parts.scheme != "file" else None
    scp_like = re.fullmatch(r"(?:[^@/\s]+@)?(?P<host>[\w.-]{2,}):(?P<path>[^\s:][^\s]*)", address)
    return f"ssh://{scp_like['host']}/{scp_like['path'].lstrip('/')}" if scp_like else None
