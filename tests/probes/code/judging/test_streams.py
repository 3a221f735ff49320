"""A stream is judged by its pieces: what is told in one of them does not hide what the others hold."""

from __future__ import annotations

from tests.probes.code.flow.apps import view_of

_APP = """
import json

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

import models_of_language

app = FastAPI()
Base = declarative_base()
Session = sessionmaker(bind=create_engine("postgresql://localhost/app"))


class Setting(Base):
    __tablename__ = "settings"
    id = Column(Integer, primary_key=True)
    key = Column(String)


def key():
    try:
        with Session() as session:
            return session.query(Setting).first()
    except Exception:
        return None


def told():
    yield "data: the model is not configured\\n\\n"
    yield "data: [DONE]\\n\\n"


def answered(found, q):
    for piece in models_of_language.ask(found, q):
        yield f"data: {piece}\\n\\n"
    yield "data: [DONE]\\n\\n"


@app.get("/told")
def tells(q: str):
    found = key()
    if found is None:
        return StreamingResponse(told())
    return {"key": found.key}


@app.get("/asked")
def asks(q: str):
    return StreamingResponse(answered(key(), q))


@app.get("/invented")
def invents(q: str):
    found = key()
    if found is None:
        return StreamingResponse(iter(["chair", "table"]))
    return {"key": found.key}


def sample():
    yield "chair"
    yield "table"


@app.get("/sampled")
def samples(q: str):
    found = key()
    if found is None:
        return StreamingResponse(sample())
    return {"key": found.key}


@app.get("/progress")
def progress(q: str):
    def pieces():
        yield json.dumps({"step": 1, "total": 4, "percent": 25})
        yield json.dumps({"text": models_of_language.ask(q)})
        yield json.dumps({"step": 4, "total": 4, "percent": 100})

    return StreamingResponse(pieces())
"""


def test_a_stream_that_tells_of_a_failure_hides_none_and_one_of_samples_does() -> None:
    judged = {one.endpoint.path: one.endpoint for one in view_of({"main.py": _APP}).endpoints}
    assert {path: f"{one.verdict}{' debatable' if one.debatable else ''}" for path, one in judged.items()} == {
        "/told": "real",
        "/asked": "fallback debatable",
        "/invented": "fallback",
        "/sampled": "fallback",
        "/progress": "unknown",
    }
