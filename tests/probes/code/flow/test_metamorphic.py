"""One edit, one expected change: what must flip a verdict, and what must not."""

from __future__ import annotations

import re

import pytest

from tests.probes.code.flow.apps import verdicts_of

PYTHON = {
    "app/db.py": """
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

Session = sessionmaker(bind=create_engine("postgresql://localhost/app"))

class Base(DeclarativeBase):
    pass

class Invoice(Base):
    __tablename__ = "invoices"
    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
""",
    "app/repository.py": """
from sqlalchemy import select
from app.db import Invoice, Session

def invoice(number):
    with Session() as session:
        return session.execute(select(Invoice).where(Invoice.id == number)).scalar_one()

def store(total):
    with Session() as session:
        row = Invoice(total=total)
        session.add(row)
        session.commit()
        return row.id
""",
    "app/main.py": """
from fastapi import FastAPI
from app.repository import invoice, store

app = FastAPI()

@app.get("/invoices/{number}")
def read(number: int):
    found = invoice(number)
    return {"id": found.id, "total": found.total}

@app.post("/invoices")
def write(data: dict):
    return {"id": store(data["total"])}
""",
}
READ, WRITE = "GET /invoices/{number}", "POST /invoices"


def edited(file: str, before: str, after: str) -> dict[str, str]:
    assert before in PYTHON[file]
    return {**PYTHON, file: PYTHON[file].replace(before, after)}


def test_the_application_as_it_stands_is_real() -> None:
    assert verdicts_of(PYTHON) == {READ: "real", WRITE: "real"}


@pytest.mark.parametrize(
    ("title", "file", "before", "after", "verdict"),
    [
        (
            READ,
            "app/main.py",
            'found = invoice(number)\n    return {"id": found.id, "total": found.total}',
            'return {"id": number, "total": 1250, "due_date": "2024-03-01"}',
            "mock",
        ),
        (
            READ,
            "app/main.py",
            'return {"id": found.id, "total": found.total}',
            'return {"id": 1, "total": 1250, "paid_amount": 900}',
            "mock",
        ),
        (WRITE, "app/repository.py", "        session.commit()\n", "", "lossy"),
        (WRITE, "app/repository.py", "session.commit()", "session.flush()", "lossy"),
        (WRITE, "app/repository.py", "        session.add(row)\n", "", "lossy"),
        (
            READ,
            "app/main.py",
            "    found = invoice(number)\n",
            (
                "    try:\n        found = invoice(number)\n"
                '    except Exception:\n        return {"id": number, "total": 0}\n'
            ),
            "fallback",
        ),
        (
            READ,
            "app/main.py",
            "    found = invoice(number)\n",
            "    try:\n        found = invoice(number)\n    except Exception:\n        raise\n",
            "real",
        ),
        (
            READ,
            "app/main.py",
            "    found = invoice(number)\n",
            '    try:\n        found = invoice(number)\n    except ValueError:\n        return {"id": 0}\n',
            "real",
        ),
        (
            READ,
            "app/main.py",
            "app = FastAPI()",
            "from fastapi import APIRouter\nother = FastAPI()\napp = APIRouter()",
            "unwired",
        ),
    ],
)
def test_an_edit_that_breaks_the_data_path_flips_the_verdict(
    title: str, file: str, before: str, after: str, verdict: str
) -> None:
    assert verdicts_of(edited(file, before, after))[title] == verdict


def renamed(files: dict[str, str]) -> dict[str, str]:
    changed = dict(files)
    for before, after in {
        "invoice": "fetch_it",
        "store": "keep_it",
        "found": "x1",
        "session": "s0",
        "row": "q",
    }.items():
        word = re.compile(rf"\b{before}\b")
        changed = {path: word.sub(after, text) for path, text in changed.items()}
    return changed


def commented(files: dict[str, str]) -> dict[str, str]:
    mark = "# TODO mock placeholder sample data, in production this would query the database\n"
    return {path: re.sub(r"^(@app|def )", mark + r"\1", text, flags=re.MULTILINE) for path, text in files.items()}


def moved(files: dict[str, str]) -> dict[str, str]:
    return {
        "app/db.py": files["app/db.py"],
        "app/deep/__init__.py": "from app.deep.inner import invoice as invoice, store as store\n",
        "app/deep/inner.py": files["app/repository.py"],
        "app/main.py": files["app/main.py"].replace("app.repository", "app.deep"),
    }


def wrapped(files: dict[str, str]) -> dict[str, str]:
    service = """
from app.repository import invoice, store

def traced(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

class Service:
    @traced
    def read(self, number):
        return invoice(number)

    def write(self, total):
        return store(total)

service = Service()
"""
    main = files["app/main.py"].replace("from app.repository import invoice, store", "from app.service import service")
    main = main.replace("invoice(number)", "service.read(number)").replace("store(", "service.write(")
    return {**files, "app/service.py": service, "app/main.py": main}


def reordered(files: dict[str, str]) -> dict[str, str]:
    return dict(reversed(files.items()))


@pytest.mark.parametrize("change", [renamed, commented, moved, wrapped, reordered], ids=lambda change: change.__name__)
def test_a_change_that_keeps_the_data_path_keeps_the_verdicts(change: object) -> None:
    assert callable(change)
    assert verdicts_of(change(PYTHON)) == {READ: "real", WRITE: "real"}


def test_a_file_that_nobody_imports_changes_nothing() -> None:
    assert verdicts_of({**PYTHON, "app/extra.py": "DATA = [1, 2]\nDATA.append(3)\n"}) == verdicts_of(PYTHON)


def test_the_exported_implementation_decides_behind_an_interface() -> None:
    text = {
        "src/storage.ts": """
import { Pool } from "pg";
const pool = new Pool();
class Memory { items: any[] = []; async add(item: any) { this.items.push(item); return item; } }
class Database { async add(item: any) { return (await pool.query("INSERT INTO items VALUES ($1)", [item])).rows; } }
export const storage = new Database();
""",
        "src/index.ts": """
import express from "express";
import { storage } from "./storage";
const app = express();
app.post("/items", async (req, res) => { res.json(await storage.add(req.body)); });
app.listen(1);
""",
    }
    assert verdicts_of(text) == {"POST /items": "real"}
    swapped = {**text, "src/storage.ts": text["src/storage.ts"].replace("new Database()", "new Memory()")}
    assert verdicts_of(swapped) == {"POST /items": "volatile"}
