"""What the engine makes of small trees held in memory."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, NamedTuple

from assay.probes.code.engine import EngineOptions, SourceFile, analyse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.probes.code.view import EndpointFlow, ProjectView


class Found(NamedTuple):
    """An endpoint as tests compare it."""

    title: str
    file: str
    line: int
    handler: str
    verdict: str


def view(files: Mapping[str, str]) -> ProjectView:
    """Analyse files given by path and indented text; every one of them can be read as configuration too."""
    sources = [SourceFile(path=path, read=dedent(text).encode) for path, text in files.items()]

    def configuration(path: str) -> str | None:
        return dedent(files[path]) if path in files else None

    return analyse(sources, EngineOptions(configuration=configuration))


def found(files: Mapping[str, str]) -> list[Found]:
    """The endpoints of a tree."""
    return [
        Found(one.title, one.at.file, one.at.line, one.handler, one.verdict.value)
        for one in (flow.endpoint for flow in view(files).endpoints)
    ]


def served(files: Mapping[str, str]) -> list[str]:
    """The titles of the endpoints that a client can reach."""
    return [one.title for one in found(files) if one.verdict != "unwired"]


def unserved(files: Mapping[str, str]) -> list[str]:
    """The titles of those that no client can reach."""
    return [one.title for one in found(files) if one.verdict == "unwired"]


def flow(files: Mapping[str, str], title: str) -> EndpointFlow:
    """One endpoint with everything that was seen of it."""
    (only,) = [flow for flow in view(files).endpoints if flow.endpoint.title == title]
    return only
