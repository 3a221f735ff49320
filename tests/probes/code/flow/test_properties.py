"""What holds for every project, whatever it is made of: an end, the same one, and no more than the evidence allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.probes.code.engine import EngineOptions
from assay.probes.code.model import Confidence, Verdict
from tests.probes.code.flow.apps import view_of

if TYPE_CHECKING:
    import random

    from assay.probes.code.view import EndpointFlow

MODULES: Final = ("alpha", "beta", "gamma", "delta")
NAMES: Final = ("one", "two", "three")
EXAMPLES: Final = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

_module = st.sampled_from(MODULES)
_name = st.sampled_from(NAMES)
_import = st.one_of(
    st.builds("import {}".format, _module),
    st.builds("from {} import *".format, _module),
    st.builds("from {} import {}".format, _module, _name),
    st.builds("from {} import {} as {}".format, _module, _name, _name),
    st.builds("try:\n    from {} import {}\nexcept ImportError:\n    {} = None".format, _module, _name, _name),
)
_expression = st.one_of(
    _name,
    st.builds("{}.{}".format, _module, _name),
    st.builds("{}({})".format, _name, _name),
    st.builds("{}.{}()".format, _name, _name),
    st.builds("[{} for {} in {}]".format, _name, _name, _name),
    st.sampled_from(("{'total': 42}", "[]", "None", "session.query(Row).all()", "session.commit()")),
)
_statement = st.one_of(
    st.builds("{} = {}".format, _name, _expression),
    st.builds("def {}({}=None):\n    return {}".format, _name, _name, _expression),
    st.builds("class {}({}):\n    def {}(self):\n        return {}".format, _name, _name, _name, _expression),
    st.builds("try:\n    {} = {}\nexcept Exception:\n    {} = {}".format, _name, _expression, _name, _expression),
    st.builds("for {} in {}:\n    {}".format, _name, _name, _expression),
)
_body = st.tuples(st.lists(_import, max_size=4), st.lists(_statement, max_size=6)).map(
    lambda parts: "\n".join([*parts[0], *parts[1]]) + "\n"
)

HEAD: Final = """from fastapi import FastAPI
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker
Base = declarative_base()
session = sessionmaker(bind=create_engine("postgresql://localhost/app"))()
class Row(Base):
    __tablename__ = "rows"
    id = Column(Integer, primary_key=True)
app = FastAPI()
"""


def _project(bodies: tuple[str, ...], answer: str) -> dict[str, str]:
    files = {f"{name}.py": body for name, body in zip(MODULES, bodies, strict=True)}
    route = f"@app.get('/x')\ndef x():\n    return {answer}\n@app.post('/y')\ndef y(data: dict):\n    return {answer}\n"
    return files | {"main.py": HEAD + bodies[0] + route}


_projects = st.builds(_project, st.tuples(_body, _body, _body, _body), _expression)


def _told(flows: tuple[EndpointFlow, ...]) -> list[tuple[str, Verdict, Confidence]]:
    return [(flow.endpoint.title, flow.endpoint.verdict, flow.endpoint.confidence) for flow in flows]


@EXAMPLES
@given(_projects)
def test_imports_names_and_classes_in_any_knot_end_in_one_verdict_for_each_route(files: dict[str, str]) -> None:
    titles = [flow.endpoint.title for flow in view_of(files).endpoints]
    assert titles == ["GET /x", "POST /y"]


@EXAMPLES
@given(_projects, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_files_nor_one_that_nobody_imports_changes_a_verdict(
    files: dict[str, str], chance: random.Random
) -> None:
    shuffled = list({**files, "nobody_imports_this.py": "TOTAL = 3\n"}.items())
    chance.shuffle(shuffled)
    assert _told(view_of(dict(shuffled)).endpoints) == _told(view_of(files).endpoints)


@EXAMPLES
@given(_projects)
def test_a_verdict_has_evidence_that_lies_inside_the_project_s_files(files: dict[str, str]) -> None:
    for flow in view_of(files).endpoints:
        if flow.endpoint.verdict is Verdict.UNKNOWN:
            continue
        assert flow.endpoint.evidence
        for step in flow.endpoint.evidence:
            assert 1 <= step.at.line <= files[step.at.file].count("\n") + 1


@EXAMPLES
@given(_projects, st.integers(min_value=1, max_value=40))
def test_an_analysis_that_ran_out_of_steps_is_never_sure(files: dict[str, str], steps: int) -> None:
    for flow in view_of(files, EngineOptions(steps_per_endpoint=steps)).endpoints:
        if flow.exhausted and flow.endpoint.verdict is not Verdict.UNWIRED:
            assert flow.endpoint.confidence is Confidence.LOW
