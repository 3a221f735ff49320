"""Texts that define tables are found although they are not scanned, and nothing outside is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.intake.beside import Beside

if TYPE_CHECKING:
    from pathlib import Path


def test_sql_files_and_migrations_are_read_and_scanned_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "first.py").write_text("first")
    (tmp_path / "schema.sql").write_text("schema")
    (tmp_path / "app.py").write_text("app")
    assert sorted(Beside(tmp_path, frozenset({"app.py"}))()) == [b"first", b"schema"]


def test_installed_packages_and_links_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "a.sql").write_text("theirs")
    (tmp_path / "outside.txt").write_text("elsewhere")
    (tmp_path / "link.sql").symlink_to(tmp_path / "outside.txt")
    assert Beside(tmp_path, frozenset())() == ()
