"""A report reaches the service once, or the caller learns why not; the token goes nowhere else."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

import pytest

from assay.core.command import UsageError
from assay.entry import main
from assay.probes.code.send import Sender
from tests.probes.code.test_reporters import REPORT
from tests.probes.code.trees import write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TOKEN = "assay_0123456789abcdef"


class Seen(NamedTuple):
    path: str
    token: str | None
    body: bytes


class Answer(NamedTuple):
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"{}"


@contextmanager
def service(*answers: Answer) -> Iterator[tuple[str, list[Seen]]]:
    """A service that gives these answers in order; what it was sent."""
    left, seen = list(answers), list[Seen]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(Seen(self.path, self.headers["Authorization"], body))
            answer = left.pop(0)
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", seen
        finally:
            server.shutdown()
            thread.join()


def send(url: str) -> tuple[bool, list[str], list[float]]:
    said, paused = list[str](), list[float]()
    sent = Sender(url=url, token=TOKEN, say=said.append, pause=paused.append)(REPORT)
    return sent, said, paused


def test_a_report_is_posted_with_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, {"a.py": "x = 1\n"})
    monkeypatch.setenv("ASSAY_TOKEN", TOKEN)
    with service(Answer(201)) as (url, seen):
        assert main(["scan", str(tmp_path), "--send", f"{url}/"]) == 0
    (one,) = seen
    assert (one.path, one.token) == ("/v1/scans", f"Bearer {TOKEN}")
    assert json.loads(one.body)["version"] == 1


def test_the_exit_code_stays_that_of_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, {"a.py": 'A = "postgresql://u:p4ss@db.example.org/x"\n'})
    monkeypatch.setenv("ASSAY_TOKEN", TOKEN)
    with service(Answer(200)) as (url, _):
        assert main(["scan", str(tmp_path), "--send", url]) == 1


def test_a_report_that_cannot_be_sent_is_exit_code_3_and_is_still_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tree(tmp_path, {"a.py": "x = 1\n"})
    monkeypatch.setenv("ASSAY_TOKEN", TOKEN)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert main(["scan", str(tmp_path), "--send", url]) == 3
    told = capsys.readouterr()
    assert "0 endpoints in 1 file" in told.out
    assert f"the report was not sent to {url}/v1/scans: URLError" in told.err
    assert "refused" in told.err


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422, 500, 502, 503])
def test_a_refusal_is_told_with_its_reason_and_not_tried_again(status: int) -> None:
    problem = json.dumps({"title": "no", "detail": "the token\x1b[31m lacks scans:write"}).encode()
    with service(Answer(status, body=problem)) as (url, seen):
        sent, said, paused = send(url)
    assert (sent, len(seen), paused) == (False, 1, [])
    assert f"HTTP {status}" in said[-1]
    assert said[-1].endswith("the token[31m lacks scans:write")


def test_a_service_that_asks_for_patience_gets_it_up_to_a_limit() -> None:
    with service(Answer(503, (("Retry-After", "2"),)), Answer(429, (("Retry-After", "900"),)), Answer(201)) as (
        url,
        seen,
    ):
        sent, said, paused = send(url)
    assert (sent, len(seen), paused) == (True, 3, [2.0, 20.0])
    assert said[-1] == f"sent to {url}/v1/scans"


def test_a_service_that_stays_away_is_given_up() -> None:
    with service(*[Answer(503, (("Retry-After", "1"),))] * 3) as (url, seen):
        sent, _, paused = send(url)
    assert (sent, len(seen), paused) == (False, 3, [1.0, 1.0])


def test_a_redirect_is_not_followed_with_the_token() -> None:
    with service(Answer(200)) as (elsewhere, seen), service(Answer(307, (("Location", f"{elsewhere}/"),))) as (url, _):
        sent, said, _ = send(url)
    assert not sent
    assert "HTTP 307" in said[-1]
    assert seen == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "file:///etc/passwd",
        "assay.example.org",
        "http://",
        "http://[x",
        "https://u:hunter2@x",
        "http://x?a=1",
    ],
)
def test_an_address_that_is_none_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        Sender(url=url, token=TOKEN, say=print)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("token", [None, "", "two words", "line\nbreak", "é"])
def test_without_a_usable_token_nothing_is_scanned(
    token: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ASSAY_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("ASSAY_TOKEN", token)
    assert main(["scan", str(tmp_path), "--send", "https://assay.example.org"]) == 2
    told: Sequence[str] = capsys.readouterr().err.splitlines()
    assert told[0].startswith("assay: --send: the variable ASSAY_TOKEN")
