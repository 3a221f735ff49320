"""The application creates its tables when it starts.

`Base.metadata.create_all(engine)`, `SQLModel.metadata.create_all` or `db.create_all()` runs when the module is loaded,
in a start-up hook, in the function that makes the application, or in an endpoint.

## Why this is a defect
`create_all` makes what is missing and changes nothing that exists: after the first release a new column exists in the
model and not in the database, and the first query that names it fails. Two workers that start at once race each other.
It also asks for an account that may change the schema, in the process that serves requests.

## What to do
Change the schema by migrations (Alembic, Flask-Migrate), run once per release before the new code serves.

## Known limits
Tests, seeders, migrations, commands and scripts may create tables. A call that is reached only through an attribute
whose class is not imported by name is not seen. Whether the branch around the call is taken is not decided.
A call with chosen `tables` is taken for the set-up of a tenant or a plugin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Location, Severity
from assay.probes.code.names import dotted
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.serving import Serving, bodies, is_metadata, nodes_of, python_files
from assay.probes.code.syntax import Attr, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined

_GATE: Final = re.compile(rb"\.create_all\b")


def _check(examined: Examined) -> Iterator[Violation]:
    serving = Serving(examined.view)
    for facts in python_files(examined.view, _GATE.search):
        seen: set[int] = set()
        for body in bodies(facts):
            found = list(_calls(nodes_of(facts, body)))
            if not found or not serving.runs(body):
                continue
            for node in found:
                if node.line not in seen:
                    seen.add(node.line)
                    yield Violation(
                        at=Location(file=facts.path, line=node.line),
                        message=f"`{dotted(node) or 'create_all'}` creates the tables when the application runs:"
                        " a changed model never reaches the database",
                        confidence=Confidence.HIGH,
                    )


def _calls(nodes: Iterator[object]) -> Iterator[Attr]:
    """Where `create_all` is called, or handed on to be; with chosen tables it is a tenant's or a plugin's set-up."""
    for node in nodes:
        if not isinstance(node, Call) or any(name == "tables" for name, _ in node.kwargs):
            continue
        for one in (node.fn, *node.args):
            if isinstance(one, Attr) and one.name == "create_all" and is_metadata(one.base):
                yield one


RULE: Final = Rule(
    id="create-all-at-startup",
    summary="the application creates its tables when it starts",
    severity=Severity.WARNING,
    check=_check,
)
