"""The application drops its tables when it starts, or when an endpoint is called.

`Base.metadata.drop_all(engine)`, `db.drop_all()`, or an executed `DROP TABLE`, `DROP SCHEMA` or `DROP DATABASE` that
names what it drops.

## Why this is a defect
Every restart, or whoever finds the endpoint, deletes all data. A check of the environment in front of it is one wrong
variable away from production.

## What to do
Keep it in a script or a test fixture that the application does not import. Let a migration drop what is retired.

## Known limits
Tests, seeders, migrations, commands and scripts may drop tables. A branch that a test of the configuration guards is
reported as a warning. Temporary tables, partitions and names that are put together at run time are left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Location, Severity
from assay.probes.code.names import dotted
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.nodes import walk
from assay.probes.code.rules.serving import Serving, bodies, is_metadata, nodes_of, python_files
from assay.probes.code.syntax import Attr, Call, If, Lit, LitKind, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined

_GATE: Final = re.compile(rb"\.drop_all\b|\bdrop\s+(?:table|schema|database)\b", re.IGNORECASE)
_STATEMENT: Final = re.compile(
    r"\s*drop\s+(table|schema|database)\s+(?:if\s+exists\s+)?[\"`\[]?([\w.]+)", re.IGNORECASE
)
_PASSING: Final = re.compile(r"te?mp|stag|backup|bak|_old\b|_new\b|alembic_version|partition|_p\d+$", re.IGNORECASE)
_RUNS: Final = frozenset({"execute", "executescript", "exec_driver_sql", "text", "run", "fetch", "exec"})


def _check(examined: Examined) -> Iterator[Violation]:
    serving = Serving(examined.view)
    for facts in python_files(examined.view, _GATE.search):
        seen: set[int] = set()
        for body in bodies(facts):
            found = list(_drops(nodes_of(facts, body)))
            if not found or not serving.runs(body):
                continue
            guarded = {id(inner) for node in nodes_of(facts, body) if isinstance(node, If) for inner in walk((node,))}
            for node, what in found:
                if node.line not in seen:
                    seen.add(node.line)
                    yield Violation(
                        at=Location(file=facts.path, line=node.line),
                        message=f"`{what}` deletes data when the application runs",
                        confidence=Confidence.HIGH,
                        severity=Severity.WARNING if id(node) in guarded else Severity.ERROR,
                    )


def _drops(nodes: Iterator[object]) -> Iterator[tuple[Call, str]]:
    for node in nodes:
        if not isinstance(node, Call):
            continue
        for one in (node.fn, *node.args):
            if isinstance(one, Attr) and one.name == "drop_all" and is_metadata(one.base):
                yield node, dotted(one) or "drop_all"
        statement = _statement(node)
        if statement:
            yield node, statement


def _statement(call: Call) -> str:
    """What an executed text drops, if it is no passing thing."""
    name = call.fn.name if isinstance(call.fn, Attr) else getattr(call.fn, "id", "")
    if name not in _RUNS or not call.args:
        return ""
    first = call.args[0]
    if isinstance(first, Text) or not isinstance(first, Lit) or first.kind is not LitKind.STR:
        return ""
    found = _STATEMENT.match(first.text)
    return f"DROP {found[1].upper()} {found[2]}" if found and not _PASSING.search(found[2]) else ""


RULE: Final = Rule(
    id="drop-all",
    summary="the application drops its tables when it starts, or when an endpoint is called",
    severity=Severity.ERROR,
    check=_check,
)
