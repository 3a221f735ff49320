"""The directions of imports are guarded, and the guard bites."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).parent / "lint-imports"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and their configuration, links included, without anything installed."""
    target = tmp_path_factory.mktemp("copy")
    for folder in ("assay", "monitor", "probes", "audit", "migrations"):
        shutil.copytree(ROOT / folder, target / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"], cwd=root, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(root)}
    )


def test_the_contracts_hold(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("probes/model.py", "assay.audit"),
        ("audit/__init__.py", "assay.probes.model"),
        ("audit/__init__.py", "assay.monitor"),
        ("assay/core/clock.py", "assay.probes.model"),
        ("probes/code/model.py", "assay.probes.database"),
        ("probes/code/model.py", "psycopg"),
        ("monitor/__init__.py", "sqlalchemy"),
        ("monitor/api/__init__.py", "assay.monitor.commands"),
    ],
)
def test_an_import_in_the_wrong_direction_is_refused(copy: Path, importer: str, imported: str) -> None:
    file = copy / importer
    original = file.read_text()
    file.write_text(f"{original}\nimport {imported}\n")
    try:
        assert _lint(copy).returncode == 1
    finally:
        file.write_text(original)
