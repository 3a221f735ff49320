"""One application with every verdict: what keeps the way of the data keeps all of them, whatever its form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.probes.code.flow.apps import verdicts_of

if TYPE_CHECKING:
    from collections.abc import Callable

DB: Final = """
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

Session = sessionmaker(bind=create_engine("postgresql://localhost/app"))

class Base(DeclarativeBase):
    pass

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]

def find(number):
    with Session() as session:
        return session.execute(select(Order).where(Order.id == number)).scalar_one()

def keep(total):
    with Session() as session:
        row = Order(total=total)
        session.add(row)
        session.commit()
        return row.id

def forget(total):
    with Session() as session:
        session.add(Order(total=total))
        session.flush()
    return True

def hopeful(number):
    try:
        return find(number).total
    except Exception:
        return 0

def invented(number):
    return {"id": 7, "total": 1250, "paid_amount": 900, "due_date": "2024-03-01"}

def computed(amount, rate):
    return amount * (1 + rate)
"""
MAIN: Final = """
from fastapi import FastAPI
from app.db import computed, find, forget, hopeful, invented, keep

app = FastAPI()
NOTES = {}

@app.get("/orders/{number}")
def read(number: int):
    found = find(number)
    return {"id": found.id, "total": found.total}

@app.post("/orders")
def write(data: dict):
    return {"id": keep(data["total"])}

@app.post("/orders/lost")
def lost(data: dict):
    forget(data["total"])
    return {"success": True}

@app.get("/orders/{number}/total")
def total(number: int):
    return {"total": hopeful(number)}

@app.get("/orders/{number}/details")
def details(number: int):
    return invented(number)

@app.put("/notes/{key}")
def note(key: str, data: dict):
    NOTES[key] = data
    return {"saved": key}

@app.post("/orders/estimate")
def estimate(data: dict):
    return {"estimate": computed(data["amount"], data["rate"])}
"""
FILES: Final = {"app/db.py": DB, "app/main.py": MAIN}
VERDICTS: Final = {
    "GET /orders/{number}": "real",
    "POST /orders": "real",
    "POST /orders/lost": "lossy",
    "GET /orders/{number}/total": "fallback",
    "GET /orders/{number}/details": "mock",
    "PUT /notes/{key}": "volatile",
    "POST /orders/estimate": "static",
}
HELPERS: Final = ("computed", "find", "forget", "hopeful", "invented", "keep")


def turned_round(files: dict[str, str]) -> dict[str, str]:
    """The functions of each module in the opposite order."""
    changed = {}
    for path, text in files.items():
        head, *parts = re.split(r"^(?=def |@app)", text, flags=re.MULTILINE)
        blocks: list[str] = []
        for part in parts:
            if blocks and blocks[-1].startswith("@app") and part.startswith("def ") and "\ndef " not in blocks[-1]:
                blocks[-1] += part
            else:
                blocks.append(part)
        changed[path] = head + "".join(reversed(blocks))
    return changed


def locals_renamed(files: dict[str, str]) -> dict[str, str]:
    text = "\n".join(files.values())
    names = [name for name in ("found", "session", "row") if name in text]
    return {
        path: re.sub(rf"\b({'|'.join(names)})\b", lambda match: f"v_{match[0][:1]}", text)
        for path, text in files.items()
    }


def aliased(files: dict[str, str]) -> dict[str, str]:
    main = files["app/main.py"].replace(f"from app.db import {', '.join(HELPERS)}", "import app.db as layer")
    for name in HELPERS:
        main = re.sub(rf"(?<![\w/\".]){name}\(", f"layer.{name}(", main)
    return {**files, "app/main.py": main}


def in_a_class(files: dict[str, str]) -> dict[str, str]:
    methods = "\n".join(f"    def {name}(self, *values):\n        return db.{name}(*values)\n" for name in HELPERS)
    layer = f"from app import db\n\nclass Layer:\n{methods}\nlayer = Layer()\n"
    main = aliased(files)["app/main.py"].replace("import app.db as layer", "from app.layer import layer")
    return {**files, "app/layer.py": layer, "app/main.py": main}


def injected(files: dict[str, str]) -> dict[str, str]:
    changed = in_a_class(files)
    layer = changed["app/layer.py"].replace("layer = Layer()\n", "def get_layer():\n    return Layer()\n")
    main = changed["app/main.py"].replace("from app.layer import layer", "from app.layer import Layer, get_layer")
    main = main.replace("import FastAPI", "import Depends, FastAPI")
    main = re.sub(r"^(def \w+\(.*)\):$", r"\1, layer: Layer = Depends(get_layer)):", main, flags=re.MULTILINE)
    return {**changed, "app/layer.py": layer, "app/main.py": main}


def under_a_decorator(files: dict[str, str]) -> dict[str, str]:
    traced = (
        "from functools import wraps\n\ndef traced(function):\n    @wraps(function)\n"
        "    def around(*args, **kwargs):\n        print(function.__name__)\n"
        "        return function(*args, **kwargs)\n    return around\n"
    )
    main = files["app/main.py"].replace("app = FastAPI()", "from app.traced import traced\n\napp = FastAPI()")
    return {**files, "app/traced.py": traced, "app/main.py": main.replace("\ndef ", "\n@traced\ndef ")}


def asynchronous(files: dict[str, str]) -> dict[str, str]:
    db = re.sub(r"^def ", "async def ", files["app/db.py"], flags=re.MULTILINE).replace(
        "find(number).", "(await find(number))."
    )
    main = re.sub(r"^def ", "async def ", files["app/main.py"], flags=re.MULTILINE)
    for name in HELPERS:
        main = re.sub(rf"(?<![\w/\".]){name}\(", f"await {name}(", main)
    return {**files, "app/db.py": db, "app/main.py": main}


def explained(files: dict[str, str]) -> dict[str, str]:
    words = '    """Placeholder until the mock of the old system is gone."""\n'
    return {path: re.sub(r"^(def .*:\n)", rf"\1{words}", text, flags=re.MULTILINE) for path, text in files.items()}


CHANGES: Final = (
    turned_round,
    locals_renamed,
    aliased,
    in_a_class,
    injected,
    under_a_decorator,
    asynchronous,
    explained,
)


def test_the_application_as_it_stands_has_every_verdict() -> None:
    assert verdicts_of(FILES) == VERDICTS


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_of_form_keeps_every_verdict(change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    changed = change(FILES)
    assert changed != FILES
    assert verdicts_of(changed) == VERDICTS
