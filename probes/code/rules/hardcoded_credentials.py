"""The password of a database is written in the code.

As a part of its address (`postgresql://app:secret@db/shop`), as the default of an environment variable, or among the
arguments of a connection.

## Why this is a defect
Whoever can read the code can read the data, for ever: it stays in the history, in images and in copies. As a default
it also connects to the wrong database where the variable is missing, instead of failing.

## What to do
Read it from the environment or a secret store, without a default, and change the password.

## Known limits
Only databases and message brokers are looked for. A password for this machine or for a neighbouring container
(`localhost`, `db`) is a warning; any other is an error. An address whose host is the word `host` is taken for a
description. The report never shows a password.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.core.redact import MASK
from assay.probes.code.model import Location, Severity
from assay.probes.code.rules.base import About, Rule, Violation
from assay.probes.code.rules.nodes import default_of, environment_variable, every_node, text_of
from assay.probes.code.syntax import Call, Lit, Obj, Or

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined
    from assay.probes.code.rules.nodes import Node
    from assay.probes.code.syntax import Expr

_WORDS: Final = (b"passw", b"pwd")
_WITH_PASSWORD: Final = re.compile(rb"://[^\s:/@'\"]*:[^\s'\"]+@")
_GIVEN: Final = re.compile(
    rb"""(?:passw|pwd)\w*["'`]?[\s)\]]*(?:[=:,]|\bor\b|\|\||\?\?)[^"'`]{0,60}["'`]""", re.IGNORECASE
)
"""A literal behind a password's name: necessary for the rule, and much rarer than the name."""
_SCHEMES: Final = r"postgres(?:ql)?|mysql|mariadb|mssql|oracle|mongodb|redis|rediss|amqps?|cockroachdb|clickhouse"
_ADDRESS: Final = re.compile(
    rf"(?P<scheme>(?:{_SCHEMES})(?:\+\w+)?)://(?P<user>[^\s:/@]*):(?P<password>[^\s/]+)@(?P<host>\[[^\]]+\]|[^\s:/?,]+)"
)
_TEMPLATE: Final = re.compile(r"[{}<>$%]|\*{2,}|\.{3}|^x{3,}$", re.IGNORECASE)
_PASSWORD_KEY: Final = re.compile(r"(?:db_?|pg_?)?(?:password|passwd|pwd)", re.IGNORECASE)
_CONNECTION_KEY: Final = re.compile(r"(?:db_?|pg_?)?(?:host|hostname|server|database|dbname|db)", re.IGNORECASE)
_PASSWORD_VARIABLE: Final = re.compile(
    r"(?:\w*_)?(?:DB|DATABASE|PG|POSTGRES(?:QL)?|MYSQL|MARIADB|MONGO(?:DB)?|REDIS)_?(?:\w+_)?(?:PASSWORD|PASSWD|PASS|PWD)"
)
_NO_HOST: Final = re.compile(r"(?:your|my|db|database)?[-_]?host(?:name)?|server", re.IGNORECASE)
_NEAR: Final = re.compile(r"localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0|host\.docker\.internal|[^.\[]+")


def _check(examined: Examined) -> Iterator[Violation]:
    for file in examined.view.files:
        source = examined.view.source(file)
        if not _may_hold_one(source):
            continue
        facts = examined.view.facts(file)
        seen: set[int] = set()
        for node in every_node(facts, Lit, Call, Obj, Or) if facts else ():
            for line, severity, what in _credentials(node):
                if line not in seen:
                    seen.add(line)
                    yield Violation(at=Location(file=file, line=line), message=what, severity=severity)


def _may_hold_one(source: bytes) -> bool:
    if b"://" in source and _WITH_PASSWORD.search(source):
        return True
    small = source.lower()
    return any(word in small for word in _WORDS) and bool(_GIVEN.search(source))


def _credentials(node: Node) -> Iterator[tuple[int, Severity, str]]:
    match node:
        case Lit(line=line):
            address = _ADDRESS.search(text_of(node) or "")
            if address and not _TEMPLATE.search(address["password"]) and not _NO_HOST.fullmatch(address["host"]):
                shown = f"{address['scheme']}://{address['user']}:{MASK}@{address['host']}"
                yield line, _severity(address["host"]), f"the code holds a database address with its password ({shown})"
        case Call(kwargs=pairs) | Obj(pairs=pairs):
            yield from _connection(pairs)
            yield from _default(node)
        case Or():
            yield from _default(node)
        case _:
            return


def _connection(pairs: tuple[tuple[str | None, Expr], ...]) -> Iterator[tuple[int, Severity, str]]:
    """A literal password beside a host or a database."""
    keys = [key for key, _ in pairs if key]
    if not any(_CONNECTION_KEY.fullmatch(key) for key in keys):
        return
    host = next((text_of(value) for key, value in pairs if key and "host" in key.lower()), None) or "localhost"
    for key, value in pairs:
        password = text_of(value)
        if key and password and _PASSWORD_KEY.fullmatch(key) and not _TEMPLATE.search(password):
            yield value.line, _severity(host), f"the code holds the password of a database connection (`{key}`)"


def _default(node: Node) -> Iterator[tuple[int, Severity, str]]:
    """A literal default for a password that is read from the environment."""
    read, default = (node.left, node.right) if isinstance(node, Or) else (node, default_of(node))
    name, password = environment_variable(read), text_of(default)
    if name and password and _PASSWORD_VARIABLE.fullmatch(name) and not _TEMPLATE.search(password):
        line = default.line if default is not None else 1
        yield line, Severity.WARNING, f"the code holds a default password for `{name}`"


def _severity(host: str) -> Severity:
    return Severity.WARNING if _NEAR.fullmatch(host) else Severity.ERROR


RULE: Final = Rule(
    id="hardcoded-credentials",
    summary="the password of a database is written in the code",
    severity=Severity.ERROR,
    check=_check,
    about=About.FILES,
)
