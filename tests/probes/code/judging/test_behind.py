"""A middleware, or what Flask runs after a request, commits what the handler has staged."""

from __future__ import annotations

import pytest

from tests.probes.code.flow.apps import verdicts_of

FASTAPI = """
from fastapi import FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

app = FastAPI()
session = scoped_session(sessionmaker(create_engine("postgresql://db/app")))

class Base(DeclarativeBase):
    pass

class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]

@app.post("/notes")
def add(note: dict):
    session.add(Note(text=note["text"]))
    return {"success": True}
"""
MIDDLEWARE = """
@app.middleware("http")
async def transaction(request, call_next):
    response = await call_next(request)
    session.commit()
    return response
"""
FLASK = FASTAPI.replace("fastapi import FastAPI", "flask import Flask, request").replace("FastAPI()", "Flask(__name__)")
FLASK = FLASK.replace("def add(note: dict):", "def add():\n    note = request.get_json()")
AFTER = """
@app.after_request
def transaction(response):
    session.commit()
    return response
"""


@pytest.mark.parametrize(("application", "behind"), [(FASTAPI, MIDDLEWARE), (FLASK, AFTER)])
def test_a_commit_behind_the_handler_keeps_what_it_writes(application: str, behind: str) -> None:
    assert verdicts_of({"main.py": application + behind}) == {"POST /notes": "real"}


@pytest.mark.parametrize(("application", "behind"), [(FASTAPI, MIDDLEWARE), (FLASK, AFTER)])
def test_one_that_does_not_commit_loses_it(application: str, behind: str) -> None:
    for nothing in ("", behind.replace("session.commit()", "session.remove()")):
        assert verdicts_of({"main.py": application + nothing}) == {"POST /notes": "lossy"}
