"""A scan that shares its work with a second process ends like one that does not, whatever becomes of that process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.probes.code.engine import EngineOptions
from assay.probes.code.plain import from_plain, to_plain
from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan
from assay.probes.code.twin import Channel, Gone, twin
from tests.benchmarks.scan import write_repository
from tests.probes.code.flow.apps import APPS, app, view_of

if TYPE_CHECKING:
    from assay.probes.code.view import ProjectView

SHARED = EngineOptions(processes=2)


def _told(view: ProjectView) -> tuple[object, ...]:
    return (*view[:5], view.loaded, view.applications, view.reached)


@pytest.mark.parametrize("name", sorted(file.stem for file in APPS.glob("*.md")))
def test_one_process_and_two_see_the_same(name: str) -> None:
    assert _told(view_of(app(name), SHARED)) == _told(view_of(app(name)))


@pytest.mark.parametrize("processors", [1, 2])
def test_the_rules_find_the_same_in_one_process_and_in_two(processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ScanRequest(root=Path(__file__).parents[2] / "fixtures" / "scan")
    monkeypatch.setattr("assay.probes.code.scan._SHARED_BYTES", sys.maxsize)
    alone = scan(request).report
    monkeypatch.setattr("assay.probes.code.scan.processors", lambda: processors)
    monkeypatch.setattr("assay.probes.code.scan._SHARED_BYTES", 0)
    assert len(alone.findings) > 50
    assert replace(scan(request).report, time=alone.time) == alone


@pytest.mark.parametrize("name", sorted(file.stem for file in APPS.glob("*.md")))
def test_what_is_seen_survives_the_way_between_processes(name: str) -> None:
    for flow in view_of(app(name)).endpoints:
        assert from_plain(to_plain(flow)) == flow
        assert type(from_plain(to_plain(flow.endpoint.verdict))) is type(flow.endpoint.verdict)


def test_what_has_no_plain_form_is_refused_instead_of_guessed() -> None:
    with pytest.raises(TypeError, match="object has no plain form"):
        to_plain(object())


@pytest.mark.parametrize("times", range(3))
def test_when_the_second_process_dies_this_one_does_all_of_the_work(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Channel.send
    first, sent = os.getpid(), 0

    def stopped(channel: Channel, value: object) -> None:
        nonlocal sent
        if os.getpid() != first:
            if sent == times:
                os.kill(os.getpid(), signal.SIGKILL)
            sent += 1
        send(channel, value)  # type: ignore[arg-type]

    monkeypatch.setattr(Channel, "send", stopped)
    assert _told(view_of(app("memory"), SHARED)) == _told(view_of(app("memory")))


def test_a_second_process_that_fails_has_no_answer_and_no_voice(capfd: pytest.CaptureFixture[str]) -> None:
    with twin(lambda _channel: sys.exit("nobody reads this")) as other:
        if other is not None:
            with pytest.raises(Gone):
                other.receive()
    assert capfd.readouterr() == ("", "")


def test_the_second_process_is_gone_when_the_first_is_done_with_it() -> None:
    def stays(channel: Channel) -> None:
        channel.send(os.getpid())
        time.sleep(60)

    with twin(stays) as other:
        pid = other.receive() if other is not None else 0
    if pid:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_beside_another_thread_there_is_no_second_process() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with twin(lambda channel: channel.send("here")) as other:
            assert other is None
    finally:
        done.set()
        thread.join()


def test_an_interrupted_scan_leaves_no_process_behind(tmp_path: Path) -> None:
    write_repository(tmp_path)
    big = "\n".join(f"def unused_{number}(value):\n    return [value, {number}]\n" for number in range(20_000))
    (tmp_path / "app" / "big.py").write_text(big)
    command = [sys.executable, "-m", "assay", "scan", "--exit-zero", "."]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
    ) as scan:
        time.sleep(0.7)
        os.killpg(scan.pid, signal.SIGINT)
        scan.communicate()
        with pytest.raises(ProcessLookupError):
            os.killpg(scan.pid, 0)
