"""A connection to a database is configured, and nothing queries through it.

An engine, pool, client or database object is made, perhaps with models, sessions and migrations around it; no code of
the service reads or writes through it.

## Why this is a defect
The service looks as if it kept its data: there is a database in the deployment, a variable that names it, a check that
connects. What endpoints answer comes from somewhere else, and whoever operates the service backs up an empty database.

## What to do
Query it where the data is needed, or take it out, with its variable and its driver.

## Known limits
Queries are recognised by what they are called on (`session`, `db`, `connection`, `cursor`, ...) and by the libraries
that query on their own; one such call anywhere in the service is enough. `SELECT 1` and creating tables are none. An
engine inside a class or function that makes it on demand is not judged.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Location, Severity
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.engines import engines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.probes.code.rules.base import Examined
    from assay.probes.code.rules.engines import Engine
    from assay.probes.code.view import ProjectView

_RECEIVER: Final = (
    rb"\b(?:\w*(?:session|db|conn|connection|cursor|engine|transaction|uow|database|pool)(?:_?local|_?maker|\(\))?"
    rb"|cur|tx|s)"
)
_SQL: Final = re.compile(
    _RECEIVER + rb"\s*\.\s*(?:(?:execute\w*|scalars?|query|add|add_all|merge|exec|exec_driver_sql|bulk_\w+|stream\w*"
    rb"|fetch\w*|paginate|first_or_404|get_or_404|session)\b|(?:get|delete)\(\s*[A-Za-z]\w*\s*[,)])"
    rb"|\bselect\(|\binsert\(|(?<!request)\.query[.(]|\bread_sql|\.to_sql\("
    rb"|SQLAlchemy[A-Z]\w+|ModelView|CRUDRouter|CRUDBase|FastCRUD|SQLDatabase|PGVector|PostgresSaver|JobStore|sqladmin",
    re.IGNORECASE,
)
_MONGO: Final = re.compile(
    rb"\.(?:find\w*|insert_\w+|update_\w+|delete_\w+|replace_one|aggregate|count_documents|distinct|bulk_write)\("
    rb"|init_beanie|Beanie|GridFS|MongoDBChat"
)
_NO_QUERY: Final = re.compile(
    rb"^.*(?:SELECT 1\b|select\(1\)|select 1\b|create_all|drop_all|PRAGMA|\.listens?_for|import ).*$|^[ \t]*#.*$",
    re.MULTILINE,
)
_SHARED: Final = 2


def _check(examined: Examined) -> Iterator[Violation]:
    view = examined.view
    if not view.endpoints:
        return
    found = [one for one in engines(view) if one.body.function is None and one.held]
    for engine in found:
        service = _service(view, engine, found)
        pattern = _MONGO if engine.kind == "MongoDB client" else _SQL
        if not any(_queries(pattern, view.source(file)) for file in service):
            yield Violation(
                at=Location(file=engine.body.file, line=engine.line),
                message=f"this {engine.kind} is configured, and nothing queries through it",
                confidence=Confidence.HIGH if engine.body.file in view.loaded else Confidence.MEDIUM,
            )


def _queries(pattern: re.Pattern[bytes], source: bytes) -> bool:
    return bool(pattern.search(source) and pattern.search(_NO_QUERY.sub(b"", source)))


def _service(view: ProjectView, engine: Engine, every: Iterable[Engine]) -> Iterator[str]:
    """The Python files that may use it: those below the highest folder that holds no other service's engine."""
    others = [one.body.file for one in every if one.body.file != engine.body.file]
    folder = posixpath.dirname(engine.body.file)
    while folder and not any(one.startswith(f"{posixpath.dirname(folder)}/".lstrip("/")) for one in others):
        folder = posixpath.dirname(folder)
    inside = next((one for one in view.applications if engine.body.file in one), frozenset())
    for file in view.files:
        if file.endswith(".py") and (not folder or file.startswith(f"{folder}/") or file in inside):
            yield file


RULE: Final = Rule(
    id="orphaned-database",
    summary="a connection is configured and nothing queries through it",
    severity=Severity.WARNING,
    check=_check,
)
