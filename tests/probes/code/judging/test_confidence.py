"""Confidence is high where everything on the way is known and the store that was asked for is not used."""

from __future__ import annotations

from tests.probes.code.flow.apps import view_of

_APP = """
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
    judged = {one.endpoint.path: one.endpoint for one in view_of({"main.py": _APP}).endpoints}
    assert {path: f"{one.verdict} {one.confidence}" for path, one in judged.items()} == {
        "/feedback": "lossy high",
        "/feedback/elsewhere": "lossy medium",
        "/feedback/caller": "lossy medium",
        "/boards": "mock high",
        "/boards/mine": "mock low",
    }
