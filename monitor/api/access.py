"""Who is asking, and may they: named bearer tokens, and in development on loopback nobody in particular.

A token that was looked up is remembered for two seconds, under its digest: a revoked one stops within that time, and
a client that asks often does not cost a query each time. Where the store is away nobody can be told apart, and the
answer is 503.
"""

import hashlib
import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request

from assay.audit.model import Scope, Token
from assay.audit.store import Store
from assay.audit.tokens import authenticate
from assay.core.clock import Clock
from assay.monitor.api.problems import ProblemError, store_unavailable

ANONYMOUS = "anonymous@loopback"
REMEMBERED_SECONDS = 2.0
_REMEMBERED_TOKENS = 1000


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who is asking. `actor` is what the audit log calls them."""

    actor: str
    request_id: str
    source_ip: str | None


@dataclass(frozen=True)
class _Remembered:
    token: Token | None
    until: float


class Access:
    """Decides about each request. `open_on_loopback` is true in development only."""

    def __init__(self, store: Store | None, *, clock: Clock, open_on_loopback: bool) -> None:
        self._store = store
        self._clock = clock
        self._open_on_loopback = open_on_loopback
        self._tokens: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def caller(self, request: Request, scope: Scope) -> Caller:
        """Who is asking, when they may do what needs `scope`.

        Raises:
            ProblemError: nobody that is known (401), or not allowed (403), or the store cannot tell (503).
            StoreUnavailable: as above.
        """
        secret = _bearer(request)
        if secret is None:
            if self._open_on_loopback and _is_local(request):
                return _caller(request, ANONYMOUS)
            raise _unauthorized("this needs a token: Authorization: Bearer ...; `assay token create` makes one")
        token = await self._token(secret)
        if token is None:
            raise _unauthorized("the token is unknown, revoked or expired", error="invalid_token")
        if not token.allows(scope):
            raise _forbidden(token, scope)
        return _caller(request, token.name)

    async def _token(self, secret: str) -> Token | None:
        if self._store is None:
            raise store_unavailable("not_configured", "no store is configured, so no token can be checked")
        digest = hashlib.sha256(secret.encode()).digest()
        now = self._clock.monotonic()
        known = self._tokens.get(digest)
        if known is not None and now < known.until:
            return None if known.token is None or _has_expired(known.token, self._clock) else known.token
        token = await authenticate(self._store, secret, clock=self._clock)
        self._tokens[digest] = _Remembered(token, now + REMEMBERED_SECONDS)
        self._tokens.move_to_end(digest)
        while len(self._tokens) > _REMEMBERED_TOKENS:
            self._tokens.popitem(last=False)
        return token


def _has_expired(token: Token, clock: Clock) -> bool:
    return token.expires_at is not None and token.expires_at <= clock.now()


def _bearer(request: Request) -> str | None:
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" and secret.strip() else None


def _is_local(request: Request) -> bool:
    """The client is on this machine and speaks to it by a name of loopback.

    A page of another site that a developer's browser shows is not: it speaks to a name of its own (rebinding), or
    says in `Origin` where it comes from.
    """
    client = request.client
    spoken = [*(f"//{host}" for host in request.headers.getlist("host")), *request.headers.getlist("origin")]
    return client is not None and _is_loopback(client.host) and all(_is_loopback(_host(place)) for place in spoken)


def _host(place: str) -> str:
    """The host of an origin, empty where it cannot be read."""
    try:
        return urlsplit(place).hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _caller(request: Request, actor: str) -> Caller:
    request.state.actor = actor
    source = request.client.host if request.client else None
    return Caller(actor=actor, request_id=request.state.request_id, source_ip=source)


def _unauthorized(detail: str, *, error: str | None = None) -> ProblemError:
    challenge = 'Bearer realm="assay"' + (f', error="{error}"' if error else "")
    return ProblemError(
        status=HTTPStatus.UNAUTHORIZED,
        type="unauthorized",
        detail=detail,
        headers={"WWW-Authenticate": challenge},
    )


def _forbidden(token: Token, scope: Scope) -> ProblemError:
    return ProblemError(
        status=HTTPStatus.FORBIDDEN,
        type="forbidden",
        detail=f"the token {token.name} has no scope {scope}",
        headers={"WWW-Authenticate": f'Bearer realm="assay", error="insufficient_scope", scope="{scope}"'},
    )
