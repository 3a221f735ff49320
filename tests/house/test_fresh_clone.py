"""What a newcomer sees: a fresh clone, an empty home, one command, and a service that tells the truth."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

from tests.plugins.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SET_UP_SECONDS = 600
READY_SECONDS = 30
pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed state, installed by `make install` with an empty home."""
    place = tmp_path_factory.mktemp("fresh") / "assay"
    subprocess.run(["git", "clone", "--quiet", ROOT, place], check=True)
    subprocess.run(["make", "install"], cwd=place, env=_environment(place), check=True, timeout=SET_UP_SECONDS)
    return place


def _environment(place: Path) -> dict[str, str]:
    home = place.parent / "home"
    home.mkdir(exist_ok=True)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "DATABASE_"))}
    return ours | {"HOME": str(home)}


def _get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def _until(port: int, path: str, wanted: str) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        status, body = _get(port, path)
        if status == 200 and wanted in body:
            return body
        time.sleep(0.2)
    pytest.fail(f"{path} did not answer 200 with {wanted!r} within {READY_SECONDS} s: {_get(port, path)}")


class _Serving:
    def __init__(self, clone: Path) -> None:
        self.port = free_port()
        environment = _environment(clone) | {"ASSAY_PORT": str(self.port)}
        self.process = subprocess.Popen(["make", "serve"], cwd=clone, env=environment, start_new_session=True)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal signals the whole foreground group. What make itself then ends with is make's own."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)

    def events(self) -> list[dict[str, Any]]:
        body: list[dict[str, Any]] = json.loads(_get(self.port, "/v1/events?limit=500")[1])["items"]
        return body


@pytest.fixture
def serving(clone: Path) -> Iterator[_Serving]:
    """`make serve` in the clone."""
    service = _Serving(clone)
    yield service
    if service.process.poll() is None:
        os.killpg(service.process.pid, signal.SIGKILL)


def test_one_command_serves_and_keeps_its_data(clone: Path, serving: _Serving) -> None:
    _until(serving.port, "/readyz", "pass")
    _until(serving.port, "/metrics", "assay_probe_success{")
    assert '"items"' in _until(serving.port, "/v1/probes", "select-1")
    _until(serving.port, "/v1/events", "service.started")
    _until(serving.port, "/metrics", 'assay_scan_endpoints{service="clinic",verdict="mock"}')
    first = {event["id"] for event in serving.events()}
    serving.interrupt()

    again = _Serving(clone)
    try:
        _until(again.port, "/readyz", "pass")
        kept = {event["id"]: event for event in again.events()}
    finally:
        again.interrupt()
    assert first <= set(kept)
    stops = [event["payload"]["clean"] for event in kept.values() if event["event_type"] == "service.stopped"]
    assert stops == [True]
    assert not list(clone.glob(".assay/**/postmaster.pid"))


def test_the_second_installation_takes_no_work(clone: Path) -> None:
    done = subprocess.run(
        ["make", "install"], cwd=clone, env=_environment(clone), capture_output=True, text=True, check=True
    )
    assert "installing" not in done.stderr + done.stdout
