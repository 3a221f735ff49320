"""What speaks against a missing commit is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan

if TYPE_CHECKING:
    from pathlib import Path

APP = """
import os
from fastapi import FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from tables import Order

engine = create_engine(os.environ["DATABASE_URL"]{options})
SessionLocal = sessionmaker(engine)
app = FastAPI()


def close_orders(name):
    with SessionLocal() as session:
        session.add(Order(name=name))
{end}

@app.get("/ping")
def ping():
    return "pong"
"""
TABLES = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
"""
MIDDLEWARE = """
@app.middleware("http")
async def commit_all(request, call_next):
    answer = await call_next(request)
    request.state.session.commit()
    return answer
"""


def lines(folder: Path, *, options: str = "", end: str = "") -> list[int]:
    (folder / "tables.py").write_text(TABLES)
    (folder / "app.py").write_text(APP.format(options=options, end=end))
    return [one.at.line for one in scan(ScanRequest(root=folder)).report.findings if one.rule == "commit-missing"]


def test_a_session_that_is_written_to_and_closed_is_found(tmp_path: Path) -> None:
    assert lines(tmp_path) == [15]


def test_an_engine_that_commits_by_itself_is_heard(tmp_path: Path) -> None:
    assert lines(tmp_path, options=', isolation_level="AUTOCOMMIT"') == []


def test_a_middleware_that_commits_is_heard(tmp_path: Path) -> None:
    assert lines(tmp_path, end=MIDDLEWARE) == []


def test_a_session_that_is_handed_on_may_be_committed_elsewhere(tmp_path: Path) -> None:
    assert lines(tmp_path, end="        keep(session)") == []
