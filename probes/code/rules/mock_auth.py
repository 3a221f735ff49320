"""Authentication accepts anything.

What lets callers in answers with a made-up user; a check answers yes whatever it is given, or asks only whether a token
is there; a token is decoded without its signature being verified; a login issues a token whatever the password; or the
password is compared with one that is written in the code.

## Why this is a defect
Everybody is everybody. The code around it looks protected, passes its tests and its review, and protects nothing.

## What to do
Verify the token's signature and expiry, load the user it names, compare passwords by their hash, and answer 401 where
one of these fails. Put a stand-in for tests into the tests.

## Known limits
Only Python is looked at. Checks are recognised by name (`get_current_user`, `verify_token`, `authenticate`,
`require_auth` and their like), only where an endpoint that is served runs them. What a check is handed by another
dependency is taken for checked there, and a session that the framework keeps for authentication.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Location, Severity, Verdict
from assay.probes.code.rules.base import Rule, Violation
from assay.probes.code.rules.bodies import answer_place
from assay.probes.code.rules.nodes import text_of, walk
from assay.probes.code.syntax import Attr, Await, Call, If, Item, Lit, LitKind, Name, Obj, Raise, Return, Seq, Test
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.probes.code.facts import Function
    from assay.probes.code.rules.base import Examined
    from assay.probes.code.syntax import Expr
    from assay.probes.code.view import EndpointFlow

_GATE: Final = re.compile(
    rb"def\s+\w*(?:current|auth|active|logged|verify|check|validate|decode|require|token|login)\w*\s*\(", re.IGNORECASE
)
_IDENTITY: Final = re.compile(
    r"(?:get|load|require|fetch|resolve)?_?(?:current|authenticated|active|logged_?in)_?(?:active_)?(?:user|admin|account|principal"
    r"|customer|tenant)(?:_id)?|(?:get_)?user_from_token|authenticate(?:_?user|_?request|_?token|_?jwt)?|require_?(?:auth|login|user|admin)"
    r"|(?:verify|decode|validate|check)_?(?:access_?|auth_?|jwt_?|bearer_?|api_?)?(?:token|jwt|key|auth|credentials)"
    r"|auth_?(?:required|guard|dependency)|get_?auth_?user",
    re.IGNORECASE,
)
_CHECK: Final = re.compile(
    r"(?:verify|check|validate)_?(?:access_?|auth_?|jwt_?|bearer_?|api_?|user_?)?(?:token|jwt|key|credentials|password"
    r"|login|auth|authentication)",
    re.IGNORECASE,
)
_SCHEME: Final = re.compile(r"scheme|bearer|oauth2|header|security|^get_(?:db|session)|basic", re.IGNORECASE)
_LOGIN: Final = re.compile(r"(?:^|/)(?:log-?in|sign-?in|authenticate|auth/token|token)/?$", re.IGNORECASE)
_ISSUED: Final = re.compile(r"(?:access_?|id_?|auth_?)?(?:token|jwt)", re.IGNORECASE)
_PASSWORD: Final = re.compile(r"(?:\w+_)?(?:password|passwd|pwd)", re.IGNORECASE)
_HARMLESS: Final = frozenset(
    {
        "startswith",
        "split",
        "strip",
        "replace",
        "len",
        "lower",
        "get",
        "print",
        "next",
        "str",
        "isinstance",
    }
    | {"debug", "info", "warning", "warn", "error", "log", "exception", "HTTPException", "Unauthorized", "header"}
)
_KEPT_ELSEWHERE: Final = frozenset({"session", "state", "user", "is_authenticated", "cookies", "environ"})
_LOOKS: Final = (EffectKind.STORE_READ, EffectKind.STORE_WRITE, EffectKind.EXTERNAL, EffectKind.FILE_READ)
_REFUSALS: Final = frozenset({AnswerKind.CLIENT_ERROR, AnswerKind.SERVER_ERROR, AnswerKind.REFUSED})


def _check(examined: Examined) -> Iterator[Violation]:
    reached: dict[str, set[int]] = {}
    for at in examined.view.reached:
        reached.setdefault(at.file, set()).add(at.line)
    for file in sorted(reached):
        if file.endswith(".py") and _GATE.search(examined.view.source(file)):
            facts = examined.view.facts(file)
            for function in facts.functions if facts else ():
                if function.line in reached[file]:
                    yield from _of_function(file, function)
    for flow in examined.view.endpoints:
        yield from _login(flow)


def _of_function(file: str, function: Function) -> Iterator[Violation]:
    name = function.name
    if _IDENTITY.fullmatch(name) or _CHECK.fullmatch(name):
        what = _unverified(function) or (None if _is_checked_elsewhere(function) else _accepts(function))
        if what:
            line, how = what
            yield Violation(at=Location(file=file, line=line), message=f"`{name}` {how}")
    if _IDENTITY.fullmatch(name) or _CHECK.fullmatch(name) or "login" in name.lower():
        for node in walk(function.body):
            if isinstance(node, Test) and node.operator in {"==", "!="} and _compares_password(node.operands):
                message = f"`{name}` compares a password with one that is written in the code"
                yield Violation(at=Location(file=file, line=node.line), message=message)


def _is_checked_elsewhere(function: Function) -> bool:
    """A decorator or another dependency comes first, or it is handed a user; or it is no check but an endpoint."""
    if any(_last(one) not in {"staticmethod", "classmethod"} for one in function.decorators):
        return True
    for param in function.params:
        if "user" in param.annotation.lower():
            return True
        for node in walk((param.default, param.hint)):
            if isinstance(node, Call) and _last(node.fn) in {"Depends", "Security"}:
                given = node.args[0] if node.args else None
                named = _last(given.fn) if isinstance(given, Call) else _last(given)
                if not _SCHEME.search(named):
                    return True
    return False


def _unverified(function: Function) -> tuple[int, str] | None:
    """A token is decoded and its signature is not verified, and nothing else decodes it."""
    decodes = [node for node in walk(function.body) if isinstance(node, Call) and _last(node.fn) == "decode"]
    loose = [node for node in decodes if _skips_signature(node)]
    if loose and len(loose) == len(decodes):
        return loose[0].line, "decodes a token without verifying its signature"
    return None


def _skips_signature(call: Call) -> bool:
    given = dict(call.kwargs)
    options = given.get("options")
    pairs = dict(options.pairs) if isinstance(options, Obj) else {}
    return any(_is_false(one) for one in (given.get("verify"), pairs.get("verify_signature")))


def _is_false(value: object) -> bool:
    return isinstance(value, Lit) and value.kind is LitKind.BOOL and value.text.lower() == "false"


def _accepts(function: Function) -> tuple[int, str] | None:
    """Every way to succeed gives something made up, and nothing but the presence of something is asked."""
    nodes = list(walk(function.body))
    returns = [node for node in nodes if isinstance(node, Return) and not _is_refusal(node.value)]
    if any(isinstance(node, Call) and not _is_harmless(node, returns) for node in nodes):
        return None
    if any(isinstance(node, If) and not _asks_presence(node.test) for node in nodes):
        return None
    asks = "asks only whether something was sent" if any(isinstance(node, If | Raise) for node in nodes) else ""
    if returns and all(_is_made_up(node.value) for node in returns):
        return returns[0].line, f"{asks or 'asks nothing'}, and gives a made-up user to everybody"
    if returns and _CHECK.fullmatch(function.name) and all(_is_true(node.value) for node in returns):
        return returns[0].line, f"{asks}, and then says yes" if asks else "says yes whatever it is given"
    return None


def _is_refusal(value: Expr) -> bool:
    return isinstance(value, Lit) and (value.kind in {LitKind.NONE, LitKind.EMPTY} or _is_false(value))


def _is_true(value: Expr) -> bool:
    return isinstance(value, Lit) and value.kind is LitKind.BOOL and value.text.lower() == "true"


def _is_made_up(value: object) -> bool:
    """A record of constants, or an object made of constants, at least one of which says who."""
    match value:
        case Await(value=inner):
            return _is_made_up(inner)
        case Obj(pairs=pairs):
            return bool(pairs) and all(key and _is_constant(one) for key, one in pairs) and _says_who(pairs)
        case Call(fn=fn, args=args, kwargs=kwargs):
            is_class = _last(fn)[:1].isupper()
            return is_class and not args and all(_is_constant(one) for _, one in kwargs) and _says_who(kwargs)
        case _:
            return False


def _says_who(pairs: tuple[tuple[str | None, Expr], ...]) -> bool:
    return any(
        isinstance(one, Lit)
        and one.kind in {LitKind.STR, LitKind.NUM}
        and key
        and re.search("id|sub|user|name|mail|role", key)
        for key, one in pairs
    )


def _is_constant(value: object) -> bool:
    match value:
        case Lit():
            return True
        case Seq(items=items):
            return all(_is_constant(one) for one in items)
        case Obj(pairs=pairs):
            return all(_is_constant(one) for _, one in pairs)
        case _:
            return False


def _is_harmless(call: Call, returns: Sequence[Return]) -> bool:
    """It looks at text, logs, or makes the error or the user."""
    name = _last(call.fn)
    return name in _HARMLESS or name.endswith(("Error", "Exception")) or any(call is one.value for one in returns)


def _asks_presence(test: Expr) -> bool:
    """Whether something is there, or begins like a token; not what it is, and of nothing that the framework keeps."""
    for node in walk((test,)):
        if isinstance(node, Attr) and node.name in _KEPT_ELSEWHERE:
            return False
        if isinstance(node, Test) and node.operator not in {"not", "and", "or", "is", "is not"}:
            return False
        if isinstance(node, Name) and node.id in _KEPT_ELSEWHERE:
            return False
    return True


def _compares_password(operands: tuple[Expr, ...]) -> bool:
    named = any(_PASSWORD.fullmatch(_last(one)) for one in operands)
    return named and any(text_of(one) for one in operands)


def _last(expression: object) -> str:
    match expression:
        case Attr(name=name):
            return name
        case Name(id=name):
            return name
        case Item(key=key):
            return text_of(key) or ""
        case Call(fn=Attr(name="get"), args=(key, *_)):
            return text_of(key) or ""
        case _:
            return ""


def _login(flow: EndpointFlow) -> Iterator[Violation]:
    """It issues a token, refuses nobody, and asks nothing that could know a password."""
    endpoint = flow.endpoint
    if (
        not endpoint.at.file.endswith(".py")
        or "POST" not in endpoint.methods
        or endpoint.verdict is Verdict.UNWIRED
        or not _LOGIN.search(endpoint.path)
    ):
        return
    if flow.exhausted or flow.unresolved or flow.of_kind(*_LOOKS):
        return
    if any(answer.kind in _REFUSALS for answer in flow.answers):
        return
    normal = [one for one in flow.answers if one.kind is AnswerKind.OK and one.cause is Cause.NORMAL]
    signs = any("token" in one.origins for one in normal)
    if signs or any(_ISSUED.fullmatch(literal.name) for one in normal for literal in one.literals):
        yield Violation(
            at=answer_place(flow, Cause.NORMAL),
            message=f"{endpoint.title} issues a token whatever the password",
            flow=flow,
            confidence=Confidence.HIGH,
        )


RULE: Final = Rule(
    id="mock-auth",
    summary="authentication accepts anything",
    severity=Severity.WARNING,
    check=_check,
)
