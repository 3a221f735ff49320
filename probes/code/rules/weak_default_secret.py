"""The secret that signs sessions or tokens is written in the code, or has a default there.

`os.getenv("SECRET_KEY", "change-me")`, a settings field `jwt_secret: str = "secret"`, a parameter with such a default,
or a literal handed to the call that signs.

## Why this is a defect
Whoever can read the code can make a token for any user, and the service takes it for its own. As a default it is worse
than none: a release without the variable starts, works, and is open.

## What to do
Read it from the environment or a secret store without a default, refuse to start where it is missing, and change every
secret that was ever committed.

## Known limits
Secrets are recognised by name (`SECRET_KEY`, `JWT_SECRET`, `SESSION_SECRET`, `ENCRYPTION_KEY`, `ADMIN_PASSWORD` and
their like). Keys of other services are not looked for, nor is what only a class or file for development or tests holds,
or a script beside the service.
A default that the same file refuses by comparing with it is no finding. The report never shows a secret.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.model import Location, Severity
from assay.probes.code.rules.base import About, Rule, Violation
from assay.probes.code.rules.nodes import default_of, environment_variable, every_node, gives_up, text_of, walk
from assay.probes.code.syntax import Attr, Bind, Call, If, Item, Name, Obj, Or, Test, TName, TPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.facts import Class, FileFacts, Function
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.rules.nodes import Node
    from assay.probes.code.syntax import Expr

_WORDS: Final = (b"ecret", b"SECRET", b"_KEY", b"_key", b"ADMIN_", b"SUPERUSER_", b"ROOT_", b"jwt.")
_GATE: Final = re.compile(
    rb"(?:[sS]ecret|SECRET|(?:JWT|SIGNING|ENCRYPTION|FERNET|jwt|signing|encryption|fernet)_(?:KEY|key)"
    rb"|(?:ADMIN|SUPERUSER|ROOT)_|jwt\.(?:en|de)code|jwt\.sign|jwt\.verify)[^\"'`]{0,100}[\"'`]"
)
_SECRET: Final = re.compile(
    r"(?:\w+_)?(?:SECRET_?KEY|(?:APP|JWT|AUTH|TOKEN|SESSION|COOKIE|CSRF|SIGNING|HMAC|SIGNATURE)_?SECRET(?:_?KEY)?"
    r"|(?:JWT|SIGNING|ENCRYPTION|FERNET)_?KEY)",
    re.IGNORECASE,
)
_VARIABLE: Final = re.compile(rf"{_SECRET.pattern}|(?:\w+_)?SECRET", re.IGNORECASE)
_LOGIN: Final = re.compile(r"(?:FIRST_|DEFAULT_)?(?:ADMIN|SUPERUSER|ROOT)_?(?:USER_)?(?:PASSWORD|TOKEN)", re.IGNORECASE)
_FOREIGN: Final = re.compile(
    r"(?:\w+_)?(?:AWS|S3|MINIO|STRIPE|PAYPAL|CLIENT|OAUTH|WEBHOOK|GOOGLE|GITHUB|AZURE|TWILIO|CLOUDINARY|RECAPTCHA|CAPTCHA"
    r"|PLAID|SLACK|VAULT|BAO|CONSUMER|API|ACCESS)_\w+",
    re.IGNORECASE,
)
_SETTINGS: Final = re.compile(r"\w*(?:Settings|Config|Configuration)", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(r"test|dev(?:el|$|[A-Z_])|local|example|mock", re.IGNORECASE)
_DEVELOPMENT: Final = re.compile(
    r"(?:^|/)(?:settings|config)[^/]*/(?:dev\w*|local\w*|test\w*)\.|[/_.](?:dev|local)\.\w+$|(?:^|/)(?:scripts|docs)/"
)
_NO_SECRET: Final = re.compile(r"[{}<>$%]|^\*+$|dummy|^(?:none|null|optional|required|set_me)$|^/|^[Xx]-|\s\w+\s")
_SIGNS: Final = frozenset({"encode", "decode", "sign", "verify"})
_SESSIONS: Final = frozenset({"session", "cookieSession", "cookieParser", "SessionMiddleware"})


def _check(examined: Examined) -> Iterator[Violation]:
    for file in examined.view.files:
        source = examined.view.source(file)
        if not any(word in source for word in _WORDS) or not _GATE.search(source) or _DEVELOPMENT.search(file):
            continue
        facts = examined.view.facts(file)
        seen: set[int] = set()
        for line, what in _secrets(facts) if facts else ():
            if line not in seen:
                seen.add(line)
                yield Violation(at=Location(file=file, line=line), message=what)


def _secrets(facts: FileFacts) -> Iterator[tuple[int, str]]:
    found = [one for one in _candidates(facts) if _is_secret(one.name, one.text)]
    refused = frozenset(_refused(facts)) if found else frozenset()
    yield from ((one.line, one.what) for one in found if one.text not in refused)


class _Candidate(NamedTuple):
    """A literal where a secret of this name belongs, and what to say of it."""

    name: str
    text: str
    line: int
    what: str


def _candidates(facts: FileFacts) -> Iterator[_Candidate]:
    for node in every_node(facts, Or, Call, Bind):
        for name, value, what in _of_node(node):
            yield from _literal(name, value, what)
    for function in facts.functions:
        yield from _parameters(function)
    for class_ in facts.classes:
        yield from _fields(class_)
    for statement in facts.top:
        if isinstance(statement, Bind) and isinstance(statement.target, TName):
            name = statement.target.id
            if _SECRET.fullmatch(name):
                yield from _literal(name, statement.value, _written(name))


def _literal(name: str, value: Expr | None, what: str, line: int | None = None) -> Iterator[_Candidate]:
    text = text_of(value)
    if text is not None and value is not None:
        yield _Candidate(name, text, line or value.line, what)


def _of_node(node: Node) -> Iterator[tuple[str, Expr | None, str]]:
    """Name, literal and what to say of it, for each place in a node that may hold a secret."""
    match node:
        case Or(left=left, right=right):
            name = environment_variable(left)
            if name and _is_variable(name):
                yield name, right, _defaulted(name)
        case Call(fn=Attr(name="setdefault"), args=(key, value)):
            name = text_of(key) or ""
            if _is_variable(name):
                yield name, value, _defaulted(name)
        case Call():
            name = environment_variable(node)
            if name and _is_variable(name):
                yield name, default_of(node), _defaulted(name)
            yield from _of_call(node)
        case Bind(target=TPath(place=Item(base=Attr(name="config"), key=key)), value=value):
            name = text_of(key) or ""
            if _SECRET.fullmatch(name):
                yield name, value, _written(name)
        case Bind(target=TPath(place=Attr(name="secret_key")), value=value):
            yield "secret_key", value, _written("secret_key")
        case _:
            return


def _is_variable(name: str) -> bool:
    return bool(_VARIABLE.fullmatch(name) or _LOGIN.fullmatch(name))


def _of_call(call: Call) -> Iterator[tuple[str, Expr | None, str]]:
    """A literal given to what signs a token or a session."""
    match call.fn:
        case Attr(base=Name(id="jwt" | "jsonwebtoken"), name=name) if name in _SIGNS:
            given = call.args[1] if len(call.args) > 1 else None
            yield "key", given or dict(call.kwargs).get("key"), "a token is signed or checked with a secret in the code"
        case Name(id=name) if name in _SESSIONS:
            options = [pair for one in call.args if isinstance(one, Obj) for pair in one.pairs]
            for key, value in (*options, *call.kwargs):
                if key in {"secret", "secret_key"}:
                    yield "secret", value, "sessions are signed with a secret in the code"
        case _:
            return


def _parameters(function: Function) -> Iterator[_Candidate]:
    for param in function.params:
        if _SECRET.fullmatch(param.name):
            yield from _literal(param.name, param.default, _defaulted(param.name, "parameter"))


def _fields(class_: Class) -> Iterator[_Candidate]:
    bases = [one.name if isinstance(one, Attr) else one.id for one in class_.bases if isinstance(one, Attr | Name)]
    if not any(_SETTINGS.fullmatch(name) for name in (class_.name, *bases)) or _ELSEWHERE.search(class_.name):
        return
    for bind in class_.fields:
        name = bind.target.id if isinstance(bind.target, TName) else ""
        value = bind.value
        if isinstance(value, Call) and isinstance(value.fn, Name) and value.fn.id in {"Field", "SecretStr", "field"}:
            value = dict(value.kwargs).get("default") or (value.args[0] if value.args else value)
        if _SECRET.fullmatch(name):
            yield from _literal(name, value, _defaulted(name, "setting"), bind.line)


def _refused(facts: FileFacts) -> Iterator[str]:
    """Literals with which the file compares and then gives up."""
    for node in every_node(facts, If):
        if isinstance(node, If) and gives_up(node.then):
            for test in walk((node.test,)):
                if isinstance(test, Test):
                    yield from (text for inner in walk(test.operands) if (text := text_of(inner)))


def _is_secret(name: str, text: str) -> bool:
    return text != name and not _FOREIGN.fullmatch(name) and not _NO_SECRET.search(text)


def _defaulted(name: str, what: str = "variable") -> str:
    can = "sign in" if _LOGIN.fullmatch(name) else "sign what the service trusts"
    return f"`{name}` has a default in the code: without the {what}, anybody can {can}"


def _written(name: str) -> str:
    return f"`{name}` is written in the code: anybody who reads it can sign what the service trusts"


RULE: Final = Rule(
    id="weak-default-secret",
    summary="the secret that signs sessions or tokens is in the code, or has a default there",
    severity=Severity.WARNING,
    check=_check,
    about=About.FILES,
)
