"""One import name, one command, and only the scanner's parsers without extras."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE = [
    "sqlalchemy",
    "fastapi",
    "psycopg",
    "pydantic",
    "alembic",
    "structlog",
    "apscheduler",
    "prometheus_client",
    "rich",
]
PARSERS = {"pathspec", "tree-sitter", "tree-sitter-javascript", "tree-sitter-python", "tree-sitter-typescript"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what git would clone."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    archive = subprocess.run(
        ["tar", "--null", "--files-from=-", "-cf", "-"], input=listed, cwd=ROOT, capture_output=True, check=False
    )
    subprocess.run(["tar", "-xf", "-"], input=archive.stdout, cwd=source, check=True)
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(source)],
        check=True,
        capture_output=True,
    )
    return next(target.glob("*.whl"))


@pytest.fixture
def foreign_project(tmp_path: Path) -> Path:
    """A project with packages named like ours, which end the process when they are imported."""
    for name in ("monitor", "probes", "audit", "migrations"):
        package = tmp_path / name
        package.mkdir()
        (package / "__init__.py").write_text("raise SystemExit('a foreign package was imported')\n")
    return tmp_path


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_one_import_name(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in _names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"assay"}


def test_the_wheel_holds_every_module_of_the_checkout(wheel: Path) -> None:
    expected = {
        f"assay/{path.relative_to(ROOT).as_posix()}"
        for folder in ("monitor", "probes", "audit", "migrations")
        for path in (ROOT / folder).rglob("*.py")
    }
    expected |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "assay" / "core").glob("*.py")}
    assert expected - _names(wheel) == set()
    assert "assay/py.typed" in _names(wheel)


def test_without_extras_only_the_parsers_are_required(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        requires = email.message_from_bytes(archive.read(metadata)).get_all("Requires-Dist") or []
    plain = {re.split(r"[\s<>=!~\[;]", line)[0] for line in requires if "extra ==" not in line}
    assert plain == PARSERS


def _run(arguments: list[str], cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def test_the_installed_wheel_runs_beside_foreign_packages_of_the_same_names(
    wheel: Path, tmp_path: Path, foreign_project: Path
) -> None:
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)],
        check=True,
        capture_output=True,
    )
    path = os.pathsep.join([".", str(site)])
    code = "import assay.monitor, assay.probes, assay.audit, assay.migrations; print(assay.monitor.__file__)"
    done = _run(["-c", code], foreign_project, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(site))
    assert _run(["-m", "assay", "--version"], foreign_project, PYTHONPATH=path).stdout.startswith("assay ")


def test_the_editable_install_runs_beside_foreign_packages_of_the_same_names(foreign_project: Path) -> None:
    done = _run(["-m", "assay", "scan", "--help"], foreign_project, PYTHONPATH=".")
    assert done.returncode == 0, done.stderr
    assert "usage: assay scan" in done.stdout


def test_scanning_needs_nothing_of_the_service(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    code = (
        "import sys\n"
        "from assay.entry import main\n"
        "main(['scan', '--format', 'json', '.'])\n"
        f"service = {SERVICE!r}\n"
        "print(sorted(set(service) & set(sys.modules)), file=sys.stderr)\n"
    )
    done = _run(["-c", code], tmp_path)
    assert done.stderr.strip().endswith("[]"), done.stderr
