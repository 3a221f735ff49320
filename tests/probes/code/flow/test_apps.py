"""Every route of the small applications has the verdict that stands beside it, and nothing else is an endpoint."""

from __future__ import annotations

import pytest

from tests.probes.code.flow.apps import APPS, app, expectations, view_of

NAMES = sorted(path.stem for path in APPS.glob("*.md"))


@pytest.mark.parametrize("name", NAMES)
def test_each_route_has_the_verdict_that_is_written_beside_it(name: str) -> None:
    files = app(name)
    found = view_of(files).endpoints
    got = {(flow.endpoint.at.file, flow.endpoint.at.line): str(flow.endpoint.verdict) for flow in found}
    wanted = {(one.file, one.line): one.verdict for one in expectations(files)}
    assert got == wanted


@pytest.mark.parametrize("name", NAMES)
def test_each_route_is_listed_at_every_path_under_which_it_is_served(name: str) -> None:
    files = app(name)
    found = view_of(files).endpoints
    for one in expectations(files):
        if one.paths:
            paths = sorted(
                flow.endpoint.path
                for flow in found
                if flow.endpoint.at.line == one.line and flow.endpoint.at.file == one.file
            )
            assert paths == sorted(one.paths)


@pytest.mark.parametrize("name", NAMES)
def test_every_chain_of_evidence_begins_at_the_route_and_ends_in_the_project(name: str) -> None:
    files = app(name)
    for flow in view_of(files).endpoints:
        first = flow.endpoint.evidence[0]
        assert first.at == flow.endpoint.at
        assert {step.at.file for step in flow.endpoint.evidence} <= set(files)
