"""Small applications of our own, in Markdown: one fenced block per file, the verdict beside each route."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.probes.code.engine import EngineOptions, SourceFile, analyse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.probes.code.view import ProjectView

APPS: Final = Path(__file__).parents[1] / "apps"
_BLOCK: Final = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXPECT: Final = re.compile(r"(?:#|//) expect: (\w+)(?: at (.*))?$")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The verdict of the route on one line, and its full paths where the mark names them."""

    file: str
    line: int
    verdict: str
    paths: tuple[str, ...]


def app(name: str) -> dict[str, str]:
    """The files of one application."""
    text = (APPS / f"{name}.md").read_text(encoding="utf-8")
    return {found[1]: found[2] for found in _BLOCK.finditer(text)}


def expectations(files: Mapping[str, str]) -> list[Expected]:
    """The marks in these files."""
    return [
        Expected(file=path, line=number, verdict=found[1], paths=tuple((found[2] or "").split()))
        for path, text in sorted(files.items())
        for number, line in enumerate(text.splitlines(), 1)
        if (found := _EXPECT.search(line))
    ]


def view_of(files: Mapping[str, str | bytes], options: EngineOptions | None = None) -> ProjectView:
    """Analyse files that are given as text or bytes."""
    sources = [SourceFile(path=path, read=partial(_bytes, text)) for path, text in files.items()]
    return analyse(sources, options or EngineOptions())


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def verdicts_of(files: Mapping[str, str | bytes]) -> dict[str, str]:
    """Each endpoint's title with its body verdict, or `unwired`."""
    return {flow.endpoint.title: str(flow.endpoint.verdict) for flow in view_of(files).endpoints}
