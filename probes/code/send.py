"""Sends a scan's report to the service: `POST URL/v1/scans`.

The service accepts a scan once per service, commit and configuration, so a second try is harmless; all the same it
is made only where the service itself asked for it (429 or 503 with `Retry-After`). A redirect is not followed: it
would carry the token to somebody else.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from assay import __version__
from assay.core.command import UsageError
from assay.core.redact import mask_secrets
from assay.probes.code.reporters.json import as_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message
    from typing import IO

    from assay.probes.code.model import ScanReport

_TIMEOUT_SECONDS: Final = 15.0
_TRIES: Final = 3
_LONGEST_PAUSE_SECONDS: Final = 20.0
_ANSWER_LIMIT_BYTES: Final = 10_000
_ASKS_TO_RETRY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(  # noqa: PLR0917 - the signature of the standard library
        self,
        req: urllib.request.Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: Message,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> urllib.request.Request | None:
        """None: the redirect itself is the answer."""
        return None


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Where reports go. `say` is told what happened, one sentence at a time.

    Raises:
        UsageError: the address is none, or there is no token.
    """

    url: str
    token: str | None = field(repr=False)
    say: Callable[[str], None]
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        parts = _split(self.url)
        if parts is None:
            raise UsageError(f"--send {mask_secrets(self.url)}: this is no address such as https://assay.example.org")
        if not self.token:
            raise UsageError("--send: the variable ASSAY_TOKEN is empty; `assay token create` makes a token")
        if not (self.token.isascii() and self.token.isprintable()) or " " in self.token:
            raise UsageError("--send: the variable ASSAY_TOKEN holds something that is no token")

    def __call__(self, report: ScanReport) -> bool:
        """Send a report; whether the service has it now."""
        body = json.dumps(as_json(report)).encode()
        for attempt in range(1, _TRIES + 1):
            pause, problem = self._post(body)
            if problem is None:
                self.say(f"sent to {self._address}")
                return True
            if pause is None or attempt == _TRIES:
                break
            self.say(f"{problem}; trying again in {pause:g} s")
            self.pause(pause)
        self.say(f"the report was not sent to {self._address}: {problem}")
        return False

    @property
    def _address(self) -> str:
        return f"{mask_secrets(self.url.rstrip('/'))}/v1/scans"

    def _post(self, body: bytes) -> tuple[float | None, str | None]:
        """One try: (seconds to wait before another is welcome, what went wrong)."""
        request = urllib.request.Request(  # noqa: S310 - the scheme was judged
            f"{self.url.rstrip('/')}/v1/scans",
            data=body,
            method="POST",
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "User-Agent": f"assay/{__version__}",
            },
        )
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=_TIMEOUT_SECONDS):
                return None, None
        except urllib.error.HTTPError as error:
            return _pause(error), _refusal(error)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            return None, mask_secrets(f"{type(error).__name__}: {reason}")


def _split(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it judges it
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    return (parts.scheme, parts.netloc) if usable and "@" not in parts.netloc else None


def _pause(error: urllib.error.HTTPError) -> float | None:
    asked = error.headers.get("Retry-After", "") if error.code in _ASKS_TO_RETRY else ""
    return min(float(asked), _LONGEST_PAUSE_SECONDS) if asked.isdecimal() else None


def _refusal(error: urllib.error.HTTPError) -> str:
    """The status and what the service says of it (RFC 9457), or the beginning of whatever it said."""
    try:
        answer = error.read(_ANSWER_LIMIT_BYTES).decode("utf-8", "replace")
    except OSError:
        answer = ""
    try:
        problem = json.loads(answer)
        said = str(problem.get("detail") or problem.get("title") or "") if isinstance(problem, dict) else ""
    except ValueError:
        said = ""
    shown = "".join(sign for sign in mask_secrets(said)[:300] if sign.isprintable())
    return f"HTTP {error.code} {error.reason}" + (f": {shown}" if shown else "")
