"""Python: source -> facts, and whether a module can be imported at all."""

from __future__ import annotations

from typing import Final

from assay.probes.code.languages.base import Language
from assay.probes.code.languages.python.importable import ImportProblem, importability
from assay.probes.code.languages.python.lowering import extract
from assay.probes.code.languages.python.version import ProjectPython, project_python

__all__ = ["LANGUAGE", "ImportProblem", "ProjectPython", "importability", "project_python"]

LANGUAGE: Final = Language(name="python", suffixes=(".py",), extract=extract)
