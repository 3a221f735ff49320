"""What a dependency did for one endpoint is used for the next only where nothing that it could depend on differs."""

from __future__ import annotations

from dataclasses import fields

import pytest

from assay.probes.code.engine import EngineOptions
from assay.probes.code.flow.trace import Trace
from assay.probes.code.flow.values import Site
from assay.probes.code.judging.provisions import add_to
from tests.probes.code.flow.apps import view_of

SHARED = """
from fastapi import Depends, Request
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

make_session = sessionmaker(bind=create_engine("postgresql://db/app"))
seen = {}

def get_session():
    with make_session() as session:
        yield session

def current_user(tenant: str, session: Session = Depends(get_session)):
    try:
        return session.execute(text("SELECT * FROM users WHERE tenant = :t"), {"t": tenant}).one()
    except Exception:
        return None

def chosen(tenant: str):
    return tenant

def counted(tenant: str):
    seen[tenant] = seen.get(tenant, 0) + 1
    return seen
"""
ROUTES = {
    "by_path": """
@router.get("/{tenant}/rows")
def by_path(tenant: str, value: str = Depends(chosen), user=Depends(current_user)):
    return {"tenant": value, "user": user}
""",
    "by_query": """
@router.get("/rows")
def by_query(value: str = Depends(chosen), user=Depends(current_user)):
    return {"tenant": value, "user": user}
""",
    "written": """
@router.post("/rows")
def written(body: dict, session: Session = Depends(get_session), user=Depends(current_user)):
    session.execute(text("INSERT INTO rows (name) VALUES (:name)"), body)
    session.commit()
    return {"name": body["name"]}
""",
    "lost": """
@router.put("/rows")
def lost(body: dict, session: Session = Depends(get_session), count=Depends(counted)):
    return {"saved": True, "count": count}
""",
    "read": """
@router.get("/all")
def read(session: Session = Depends(get_session), count=Depends(counted)):
    return session.execute(text("SELECT * FROM rows")).all()
""",
}
HEAD = """
from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.orm import Session
from shared import chosen, counted, current_user, get_session

router = APIRouter()
"""


def _project(names: tuple[str, ...]) -> dict[str, str]:
    imports = "".join(f"import {name}\n" for name in names)
    mounts = "".join(f"app.include_router({name}.router, prefix='/{name}')\n" for name in names)
    files = {f"{name}.py": HEAD + ROUTES[name] for name in names}
    return {**files, "shared.py": SHARED, "main.py": f"from fastapi import FastAPI\n{imports}app = FastAPI()\n{mounts}"}


def test_an_endpoint_is_judged_the_same_alone_and_beside_others_with_the_same_dependencies() -> None:
    together = {flow.endpoint.handler: flow for flow in view_of(_project(tuple(ROUTES))).endpoints}
    assert set(together) == set(ROUTES)
    for name in ROUTES:
        alone = view_of(_project((name,))).endpoints[0]
        beside = together[name]
        assert alone.endpoint.verdict == beside.endpoint.verdict
        assert [step.message for step in alone.endpoint.evidence] == [step.message for step in beside.endpoint.evidence]
        assert alone.effects == beside.effects
        assert alone.swallowed == beside.swallowed


def test_a_dependency_that_writes_to_memory_is_run_for_every_endpoint() -> None:
    flows = {flow.endpoint.handler: flow for flow in view_of(_project(tuple(ROUTES))).endpoints}
    for name in ("lost", "read"):
        assert [effect.target for effect in flows[name].effects if effect.kind == "memory-write"], name


@pytest.mark.parametrize("steps", [5, 10, 15, 20, 25, 30])
def test_the_steps_of_a_dependency_count_for_every_endpoint_that_asks_for_it(steps: int) -> None:
    options = EngineOptions(steps_per_endpoint=steps)
    together = {flow.endpoint.handler: flow for flow in view_of(_project(tuple(ROUTES)), options).endpoints}
    for name in ROUTES:
        alone = view_of(_project((name,)), options).endpoints[0]
        assert alone.exhausted == together[name].exhausted
        assert alone.endpoint.verdict == together[name].endpoint.verdict


def test_a_record_that_is_continued_has_everything_that_both_parts_hold() -> None:
    carried = {"events", "deferred", "replies", "swallows", "unresolved", "calls", "handed_on", "broken", "cut"}
    carried |= {"absent", "asked", "autocommits", "deep", "gates", "inherited", "unseen"}
    about_the_request = {"turns", "held", "exhausted", "guarding", "rows"}
    assert {field.name for field in fields(Trace)} == carried | about_the_request
    whole = Trace()
    part = Trace(
        handed_on={"send": Site("a.py", 1)},
        broken=[(Site("a.py", 2), "`x` is not defined")],
        cut=True,
        absent={"redis"},
        gates={Site("a.py", 3)},
        asked=True,
    )
    add_to(whole, part)
    assert (whole.handed_on, whole.broken, whole.cut) == (part.handed_on, part.broken, True)
    assert (whole.absent, whole.asked, whole.gates) == ({"redis"}, True, part.gates)
