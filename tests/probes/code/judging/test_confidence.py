"""Confidence is high where everything on the way is known and the store that was asked for is not used."""

from __future__ import annotations

from tests.probes.code.flow.apps import app, view_of

_HEAD = """
import somewhere
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

app = FastAPI()
Base = declarative_base()
Session = sessionmaker(bind=create_engine("postgresql://localhost/app"))


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)


def get_db():
    with Session() as session:
        yield session


def current_user(token: str, db=Depends(get_db)):
    user = db.query(User).filter(User.id == token).first()
    if user is None:
        raise HTTPException(status_code=401)
    return user
"""
_ASKED = """
@app.post("/feedback")
def feedback(text: str, db=Depends(get_db)):
    print(text)
    return {"message": "feedback saved"}


@app.post("/feedback/elsewhere")
def elsewhere(text: str, db=Depends(get_db)):
    somewhere.note()
    return {"message": "feedback saved"}


@app.post("/feedback/caller")
def caller(text: str, user=Depends(current_user)):
    print(text)
    return {"message": "feedback saved"}


@app.get("/boards")
def boards(db=Depends(get_db)):
    return {"boards": [], "total": 0}


@app.get("/boards/mine")
def mine(user=Depends(current_user)):
    return {"boards": [], "total": 0}
"""


def test_a_store_that_is_asked_for_and_not_used_is_complete_evidence_where_every_call_is_known() -> None:
    judged = {one.endpoint.path: one.endpoint for one in view_of({"main.py": _HEAD + _ASKED}).endpoints}
    assert {path: f"{one.verdict} {one.confidence}" for path, one in judged.items()} == {
        "/feedback": "lossy high",
        "/feedback/elsewhere": "lossy medium",
        "/feedback/caller": "lossy medium",
        "/boards": "mock high",
        "/boards/mine": "mock low",
    }


_DROPPED = """

@app.get("/report")
def report(db=Depends(get_db)):
    rows = db.query(User).all()
    print(rows)
    return {"total": 12, "open": 31}


@app.get("/report/filled")
def filled(db=Depends(get_db)):
    box = somewhere.box()
    box.fill(db.query(User).all())
    return {"total": 12, "open": 31}
"""


def test_rows_that_an_unknown_call_may_have_taken_on_are_not_dropped_for_certain() -> None:
    judged = {one.endpoint.path: one.endpoint for one in view_of({"main.py": _HEAD + _DROPPED}).endpoints}
    assert {path: f"{one.verdict} {one.confidence}" for path, one in judged.items()} == {
        "/report": "mock high",
        "/report/filled": "mock medium",
    }


_BESIDE = """

def tracked(name, db):
    try:
        db.add(User(id=name))
        db.commit()
    except Exception:
        print("not tracked")


@app.post("/orders/elsewhere")
def elsewhere(name: str, db=Depends(get_db)):
    order = somewhere.create(name)
    tracked(name, db)
    return order


@app.post("/orders/echoed")
def echoed(name: str, db=Depends(get_db)):
    somewhere.create(name)
    tracked(name, db)
    return {"name": name}


@app.post("/orders")
def kept(name: str, db=Depends(get_db)):
    tracked(name, db)
    return {"name": name}
"""


def test_a_row_that_may_be_missing_beside_what_an_unknown_call_made_is_debatable() -> None:
    judged = {one.endpoint.path: one.endpoint for one in view_of({"main.py": _HEAD + _BESIDE}).endpoints}
    assert {path: f"{one.verdict} {one.confidence} {one.debatable}" for path, one in judged.items()} == {
        "/orders/elsewhere": "fallback medium True",
        "/orders/echoed": "fallback high False",
        "/orders": "fallback high False",
    }


_NOTED = """
from openai import OpenAI
from sqlalchemy import String

client = OpenAI()


class AuditLog(Base):
    __tablename__ = "audit_logs"
    id = Column(Integer, primary_key=True)
    text = Column(String)


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    text = Column(String)


def keep(row):
    try:
        with Session() as session:
            session.add(row)
            session.commit()
    except Exception:
        print("not kept")


@app.post("/chat")
def chat(text: str):
    answer = client.chat.completions.create(model="small", messages=[{"role": "user", "content": text}])
    keep(AuditLog(text=text))
    return {"answer": answer.choices[0].message.content}


@app.post("/orders")
def order(text: str):
    keep(AuditLog(text=text))
    keep(Order(text=text))
    return {"message": "order kept"}


@app.post("/audit/entries")
def audit(text: str):
    keep(AuditLog(text=text))
    return {"message": "entry kept"}
"""


def test_an_entry_in_a_log_that_is_lost_unseen_is_debatable_where_the_endpoint_keeps_no_logs() -> None:
    found = {flow.endpoint.path: flow.endpoint for flow in view_of({"app.py": _HEAD + _NOTED}).endpoints}
    assert {path: (str(one.verdict), one.debatable) for path, one in found.items()} == {
        "/chat": ("fallback", True),
        "/orders": ("fallback", False),
        "/audit/entries": ("fallback", False),
    }


def test_state_that_may_be_about_work_of_the_process_alone_is_debatable_and_records_are_not() -> None:
    judged = {one.endpoint.title: one.endpoint for one in view_of(app("work_of_the_process")).endpoints}
    sure = {title for title, one in judged.items() if one.verdict == "volatile" and not one.debatable}
    assert sure == {"POST /orders/{order_id}", "GET /orders/{order_id}"}


_INSTEAD = """
import httpx


def asked(kind):
    return httpx.get(f"https://rates.example.com/{kind}").json()


def sample_rates(kind):
    return {"rate": 4.25, "spread": 0.5}


@app.get("/rates/{kind}")
def rates(kind: int, db=Depends(get_db)):
    try:
        return db.query(User).filter(User.id == kind).one()
    except Exception:
        return asked(kind)


@app.post("/rates/{kind}")
def keep(kind: int, db=Depends(get_db)):
    try:
        db.add(User(id=kind))
        db.commit()
    except Exception:
        print("not kept")
    return asked(kind)


@app.get("/rates/{kind}/sample")
def sample(kind: int, db=Depends(get_db)):
    try:
        return db.query(User).filter(User.id == kind).one()
    except Exception:
        return sample_rates(kind)


@app.get("/outside/{kind}")
def outside(kind: int):
    found = asked(kind) if kind else sample_rates(kind)
    return {"kind": kind, "rate": found["rate"], "spread": found["spread"]}


@app.get("/inside/{kind}")
def inside(kind: int):
    found = sample_rates(kind)
    return {"kind": kind, "rate": found["rate"], "spread": found["spread"]}
"""


def test_what_another_service_answers_in_the_place_of_a_store_may_be_true_and_is_debatable() -> None:
    judged = {one.endpoint.title: one.endpoint for one in view_of({"main.py": _HEAD + _INSTEAD}).endpoints}
    assert {title: f"{one.verdict} {one.confidence} {one.debatable}" for title, one in judged.items()} == {
        "GET /rates/{kind}": "fallback medium True",
        "POST /rates/{kind}": "fallback high False",
        "GET /rates/{kind}/sample": "fallback high False",
        "GET /outside/{kind}": "mock high True",
        "GET /inside/{kind}": "mock high False",
    }
