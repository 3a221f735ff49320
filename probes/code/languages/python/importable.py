"""Whether a module compiles at all, judged for the Python that its project runs on.

The running interpreter is the judge: tree-sitter reads on where Python stops. Where the project's Python is newer than
the running one, or the rejected syntax is, the module is not known to be broken, and the answer says so.
"""

from __future__ import annotations

import re
import sys
import warnings
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.languages.python.version import UNKNOWN

if TYPE_CHECKING:
    from assay.probes.code.facts import FileFacts
    from assay.probes.code.languages.python.version import ProjectPython, Version


class ImportProblem(NamedTuple):
    """Why a module cannot be imported. Not `certain`: a newer Python than the running one may well accept it."""

    line: int
    message: str
    certain: bool


RUNNING: Final[Version] = sys.version_info[:2]
# The newest Python whose whole syntax the grammar knows, but for what `_NEWER` names.
_GRAMMAR_KNOWS: Final = (3, 14)
_PYTHON_3: Final = (3, 0)


class _Newer(NamedTuple):
    """Syntax that came with a version: how the rejected line looks, or what an older Python says of it.

    Expressions as text: they are compiled when a module is rejected, which is rare.
    """

    version: Version
    line: str = ""
    message: str = ""


_NEWER: Final = (
    _Newer((3, 10), line=r"^\s*(?:match|case)\b.*:\s*(?:#.*)?$"),
    _Newer((3, 11), line=r"^\s*except\s*\*"),
    _Newer((3, 13), line=r"^\s*(?:type\s+\w+|(?:async\s+)?def\s+\w+|class\s+\w+)\s*\[[^]=]*="),
    _Newer((3, 12), line=r"^\s*(?:type\s+\w+\s*[=\[]|(?:async\s+)?def\s+\w+\s*\[|class\s+\w+\s*\[)"),
    _Newer(
        (3, 12),
        message=r"^f-string(?:: (?:unmatched|expecting '}'|invalid syntax)|.* cannot include)",
    ),
    _Newer((3, 14), line=r"(?<![\w'\"])(?:[tT][rR]?|[rR][tT])[\"']"),
    _Newer((3, 14), message=r"^multiple exception types must be parenthesized"),
    _Newer((3, 15), line=r"^\s*lazy\s+(?:import|from)\b"),
    _Newer((3, 15), message=r"^(?:dict|iterable) unpacking cannot be used in (?:dict )?comprehension"),
)


def importability(
    source: bytes, facts: FileFacts, project: ProjectPython = UNKNOWN, *, running: Version = RUNNING
) -> ImportProblem | None:
    """Why Python cannot compile this module, or `None` where it can. Nothing is executed."""
    null = source.find(b"\0")
    if null >= 0:
        line = source.count(b"\n", 0, null) + 1
        return ImportProblem(line, "source code string cannot contain null bytes", certain=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<module>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return _judged(error, source, facts, project, running)
    except (RecursionError, MemoryError, ValueError, OverflowError):
        return ImportProblem(1, "too large or too deeply nested for the Python that runs this scan", certain=False)
    return None


def _judged(
    error: SyntaxError, source: bytes, facts: FileFacts, project: ProjectPython, running: Version
) -> ImportProblem:
    lines = source.count(b"\n") + 1
    line = min(max(error.lineno or 1, 1), lines)
    needs = _needs(error, _line(source, line), facts)
    own = project.exact or project.lowest
    if project.exact is not None and project.exact < _PYTHON_3:
        return ImportProblem(line, "the project runs on Python 2, which is not judged", certain=False)
    if needs is not None and needs > running:
        if project.exact is not None and project.exact < needs:
            return ImportProblem(
                line, f"needs Python {_text(needs)}, the project runs on {_text(project.exact)}", certain=True
            )
        return ImportProblem(line, f"needs Python {_text(needs)}", certain=False)
    if own is not None and own > running and not _rejected_by_all(error, facts, own):
        return ImportProblem(line, f"needs Python {_text(own)}", certain=False)
    return ImportProblem(line, error.msg, certain=True)


def _needs(error: SyntaxError, line: str, facts: FileFacts) -> Version | None:
    """The version that brought the rejected syntax, where it is known to be newer syntax."""
    for newer in _NEWER:
        in_line = newer.line and re.search(newer.line, line)
        in_message = newer.message and re.search(newer.message, error.msg)
        if in_line or in_message:
            return newer.version
    spans_lines = error.msg.startswith("unterminated string") and re.search(r"[fF][rR]?[\"']|[rR][fF][\"']", line)
    return (3, 12) if spans_lines and not _has_syntax_problem(facts) else None


def _rejected_by_all(error: SyntaxError, facts: FileFacts, own: Version) -> bool:
    """No version accepts it: wrong indentation, a rule about scopes, or syntax that the newest grammar rejects too."""
    if isinstance(error, IndentationError) or error.text is None:
        return True
    return own <= _GRAMMAR_KNOWS and _has_syntax_problem(facts)


def _has_syntax_problem(facts: FileFacts) -> bool:
    return any(problem.message.startswith("syntax error") for problem in facts.problems)


def _line(source: bytes, number: int) -> str:
    lines = source.splitlines()
    return lines[number - 1].decode("utf-8", "replace") if number <= len(lines) else ""


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
