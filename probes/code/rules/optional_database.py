"""The service starts without its database, or with another one than it was given.

The variable that names the database has a default (`DATABASE_URL` falls back to a local or a SQLite address), or its
absence is noticed and passed over.

## Why this is a defect
A release with a missing variable looks healthy: it writes to a file in the container, or to nothing, until somebody
misses the data.

## What to do
Require the variable, and say which one is missing. Defaults belong in the development environment's own files.

## Known limits
Variables are recognised by name. A check that lies in another file than the reading is not seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Location, Severity
from assay.probes.code.rules.base import About, Rule, Violation
from assay.probes.code.rules.nodes import default_of, environment_variable, every_node, gives_up, text_of
from assay.probes.code.syntax import Attr, Bind, Call, If, Name, Or, Test, TName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import FileFacts
    from assay.probes.code.rules.base import Examined

_WORDS: Final = (b"database", b"db", b"postgres", b"pg", b"mysql", b"mariadb", b"mongo")
_GATE: Final = re.compile(rb"(?:database|db|postgres|postgresql|pg|mysql|mariadb|mongo)_?(?:ur[li]|dsn|connection)")
_VARIABLE: Final = re.compile(
    r"(?:\w+_)?(?:DATABASE|DB|POSTGRES(?:QL)?|PG|MYSQL|MARIADB|MONGO(?:DB)?)_?(?:UR[LI]|DSN|CONNECTION(?:_STRING)?)",
    re.IGNORECASE,
)


def _check(examined: Examined) -> Iterator[Violation]:
    for file in examined.view.files:
        source = examined.view.source(file).lower()
        if any(word in source for word in _WORDS) and _GATE.search(source):
            facts = examined.view.facts(file)
            seen: set[int] = set()
            for line, what in _optional(facts) if facts else ():
                if line not in seen:
                    seen.add(line)
                    yield Violation(at=Location(file=file, line=line), message=what)


def _optional(facts: FileFacts) -> Iterator[tuple[int, str]]:
    named = dict(_bound_variables(facts))
    for node in every_node(facts, Or, Call, If):
        match node:
            case Or(left=left, right=right, line=line) if text_of(right):
                yield from _defaulted(_variable(left), line)
            case Call(line=line) if text_of(default_of(node)):
                yield from _defaulted(_variable(node), line)
            case If(test=Test(operator="not" | "!", operands=(operand,)), then=then, line=line):
                name = _variable(operand) or (named.get(operand.id) if isinstance(operand, Name) else None)
                if name and then and not gives_up(then):
                    yield line, f"`{name}` may be missing: the service goes on without its database"
            case _:
                continue
    yield from _settings_fields(facts)


def _defaulted(name: str | None, line: int) -> Iterator[tuple[int, str]]:
    if name:
        yield line, f"`{name}` has a default: without it the service uses another database instead of failing"


def _variable(expression: object) -> str | None:
    name = environment_variable(expression)
    return name if name and _VARIABLE.fullmatch(name) else None


def _bound_variables(facts: FileFacts) -> Iterator[tuple[str, str]]:
    """Names of the file that hold such a variable."""
    for node in every_node(facts, Bind):
        if isinstance(node, Bind) and isinstance(node.target, TName):
            variable = _variable(node.value)
            if variable:
                yield node.target.id, variable


def _settings_fields(facts: FileFacts) -> Iterator[tuple[int, str]]:
    """A field of a settings class with a literal address."""
    for class_ in facts.classes:
        bases = [
            base.name if isinstance(base, Attr) else base.id for base in class_.bases if isinstance(base, Attr | Name)
        ]
        if not any("Settings" in base for base in bases):
            continue
        for bind in class_.fields:
            name = bind.target.id if isinstance(bind.target, TName) else ""
            literal = text_of(bind.value) or (text_of(default_of(bind.value)) if isinstance(bind.value, Call) else None)
            first = text_of(bind.value.args[0]) if isinstance(bind.value, Call) and bind.value.args else None
            if _VARIABLE.fullmatch(name) and "://" in (literal or first or ""):
                yield from _defaulted(name, bind.line)


RULE: Final = Rule(
    id="optional-database",
    summary="the service starts without its database, or with another one",
    severity=Severity.WARNING,
    check=_check,
    about=About.FILES,
)
