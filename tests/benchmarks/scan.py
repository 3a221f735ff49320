"""How long `assay scan` takes as a whole process on a small repository, beside an interpreter that does nothing.

    python -m tests.benchmarks.scan [RUNS]

Runs alternate, so that a change of the machine's speed meets both. Medians and their ratio are what counts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_FILES = 21
_ROUTE = '''"""Routes of one resource."""

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import get_session
from app.models import Item

router = APIRouter(prefix="/items{number}")


@router.get("")
def list_items(session: Session = Depends(get_session)):
    return [{{"id": item.id, "name": item.name}} for item in session.scalars(select(Item))]


@router.post("", status_code=201)
def create_item(body: dict, session: Session = Depends(get_session)):
    item = Item(name=body["name"])
    session.add(item)
    session.commit()
    return {{"id": item.id}}


@router.get("/summary")
def summary():
    return {{"total": 42, "average": 3.5, "updated": "2025-01-15"}}
'''
_DATABASE = """import os

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
SessionLocal = sessionmaker(bind=engine)


def get_session():
    with SessionLocal() as session:
        yield session
"""
_MODELS = """from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
"""


def write_repository(root: Path) -> None:
    """A repository of 21 files: a FastAPI application with seventeen routers of three endpoints each."""
    app = root / "app"
    app.mkdir()
    routers = range(_FILES - 4)
    (app / "__init__.py").write_text("")
    (app / "database.py").write_text(_DATABASE)
    (app / "models.py").write_text(_MODELS)
    for number in routers:
        (app / f"items{number}.py").write_text(_ROUTE.format(number=number))
    lines = [
        "from fastapi import FastAPI",
        *(f"from app import items{number}" for number in routers),
        "app = FastAPI()",
    ]
    lines += [f"app.include_router(items{number}.router)" for number in routers]
    (app / "main.py").write_text("\n".join(lines) + "\n")


def _seconds(command: list[str], cwd: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - start


def main(runs: int) -> None:
    """Print the medians and their ratio."""
    scan = [sys.executable, "-m", "assay", "scan", "--format", "json", "--exit-zero", "."]
    nothing = [sys.executable, "-c", "pass"]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_repository(root)
        _seconds(scan, root)
        pairs = [(_seconds(scan, root), _seconds(nothing, root)) for _ in range(runs)]
    scanning, floor = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{_FILES} files, {runs} runs, medians: assay scan {scanning:.3f} s, python -c pass {floor:.3f} s")
    print(f"ratio {scanning / floor:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
