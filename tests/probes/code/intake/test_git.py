"""Repository, commit and branch are read from files, and nothing that a repository names is ever run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from assay.probes.code.intake.git import read_git, without_user
from tests.probes.code.trees import git, write_tree

if TYPE_CHECKING:
    from pathlib import Path


def repository(root: Path) -> str:
    """A repository with one commit on `main`; the result is the commit."""
    write_tree(root, {"app.py": "x = 1\n"})
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "app.py")
    git(root, "commit", "-q", "-m", "one")
    return git(root, "rev-parse", "HEAD")


def test_commit_branch_and_repository_are_what_git_says(tmp_path: Path) -> None:
    commit = repository(tmp_path)
    git(tmp_path, "remote", "add", "origin", "https://joe:ghp_secret@git.example.org:8443/team/shop.git?x=1")
    state = read_git(tmp_path / "app.py")
    assert state is not None
    assert (state.top, state.commit, state.branch) == (tmp_path, commit, "main")
    assert state.repository == "https://git.example.org:8443/team/shop.git"


def test_packed_references_and_branches_with_slashes_are_found(tmp_path: Path) -> None:
    commit = repository(tmp_path)
    git(tmp_path, "checkout", "-q", "-b", "feature/a.b")
    git(tmp_path, "pack-refs", "--all")
    state = read_git(tmp_path)
    assert state is not None
    assert (state.commit, state.branch) == (commit, "feature/a.b")


def test_a_detached_head_has_a_commit_and_no_branch(tmp_path: Path) -> None:
    commit = repository(tmp_path)
    git(tmp_path, "checkout", "-q", "--detach")
    state = read_git(tmp_path)
    assert state is not None
    assert (state.commit, state.branch) == (commit, None)


def test_a_branch_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "trunk")
    state = read_git(tmp_path)
    assert state is not None
    assert (state.commit, state.branch) == (None, "trunk")


def test_a_worktree_has_its_own_branch_and_the_shared_remote(tmp_path: Path) -> None:
    commit = repository(tmp_path / "main")
    git(tmp_path / "main", "remote", "add", "origin", "git@git.example.org:team/shop.git")
    git(tmp_path / "main", "worktree", "add", "-q", "-b", "other", str(tmp_path / "second"))
    state = read_git(tmp_path / "second")
    assert state is not None
    assert (state.top, state.commit, state.branch) == (tmp_path / "second", commit, "other")
    assert state.repository == "ssh://git.example.org/team/shop.git"
    assert state.exclude_file == tmp_path / "second" / tmp_path / "main/.git/worktrees/second/../../info/exclude"


def test_sha256_repositories_are_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256")
    write_tree(tmp_path, {"a.py": ""})
    git(tmp_path, "add", "a.py")
    git(tmp_path, "commit", "-q", "-m", "one")
    state = read_git(tmp_path)
    assert state is not None
    assert state.commit == git(tmp_path, "rev-parse", "HEAD")


def test_a_folder_without_a_repository_has_no_state(tmp_path: Path) -> None:
    write_tree(tmp_path, {".git": "something else"})
    assert read_git(tmp_path) is None


@pytest.mark.parametrize(
    "head",
    [
        "ref: ../../../../etc/passwd\n",
        "ref: refs/heads/../../config\n",
        "ref: refs/heads/.invalid\n",
        "0123456789\n",
        "",
        "ref: refs/heads/" + "x" * 5_000,
        "\x1b[31mred\n",
    ],
)
def test_a_head_that_is_not_one_gives_nothing(tmp_path: Path, head: str) -> None:
    write_tree(tmp_path, {".git/HEAD": head, ".git/config": "[core]\n"})
    state = read_git(tmp_path)
    assert state is not None
    assert (state.commit, state.branch) == (None, None)


def test_a_reference_that_names_itself_ends(tmp_path: Path) -> None:
    write_tree(tmp_path, {".git/HEAD": "ref: refs/heads/a\n", ".git/refs/heads/a": "ref: refs/heads/a\n"})
    state = read_git(tmp_path)
    assert state is not None
    assert state.commit is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://git.example.org/a/b.git", "https://git.example.org/a/b.git"),
        ("https://ghp_token@git.example.org/a/b", "https://git.example.org/a/b"),
        ("ssh://git@git.example.org:2222/a/b", "ssh://git.example.org:2222/a/b"),
        ("git@git.example.org:a/b.git", "ssh://git.example.org/a/b.git"),
        ("git.example.org:a/b.git", "ssh://git.example.org/a/b.git"),
        ("/srv/git/shop", None),
        ("../shop", None),
        ("file:///srv/git/shop", None),
        ("C:/shop", None),
        ("https://[broken/x", None),
    ],
)
def test_an_address_is_shown_without_its_user_and_never_as_a_path(address: str, shown: str | None) -> None:
    assert without_user(address) == shown


def hostile(root: Path) -> Path:
    """A repository whose configuration names a program in every way that is known; the file that it would write."""
    repository(root)
    canary = root / "canary"
    program = root / "program"
    program.write_text(f"#!/bin/sh\ntouch {canary}\ncat\n")
    program.chmod(0o755)
    hooks = root / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "pre-commit", "post-checkout"):
        (hooks / hook).symlink_to(program)
    with (root / ".git/config").open("a") as stream:
        stream.write(
            f"[core]\n\tfsmonitor = {program}\n\thooksPath = {hooks}\n\tpager = {program}\n\tsshCommand = {program}\n"
            f"\tattributesFile = {root}/attributes\n[diff]\n\texternal = {program}\n"
            f'[alias]\n\tls-files = !{program}\n\tstatus = !{program}\n[filter "x"]\n\tclean = {program}\n'
            f'[diff "x"]\n\ttextconv = {program}\n[credential]\n\thelper = !{program}\n[gpg]\n\tprogram = {program}\n'
        )
    write_tree(root, {".gitattributes": "*.py filter=x diff=x\n", "app.py": "x = 2\n"})
    return canary


def test_no_program_that_a_repository_names_is_run_by_a_scan(tmp_path: Path) -> None:
    canary = hostile(tmp_path)
    git(tmp_path, "status")
    assert canary.exists(), "the control: git itself does run the program"
    canary.unlink()
    command = [sys.executable, "-m", "assay", "scan", "--format", "json", "."]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert '"branch": "main"' in run.stdout
    assert not canary.exists()
