"""Targets are probed on real servers, judged, and everybody who has to know is told."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from assay.audit.events import ProbeFailed, TargetStateChanged
from assay.audit.model import TargetState
from assay.core.clock import SystemClock
from assay.monitor.history import History
from assay.monitor.judgement import Hysteresis
from assay.monitor.metrics import Metrics
from assay.monitor.probing import Prober, UnknownTargetError
from assay.monitor.readiness import ReadinessRules
from assay.monitor.snapshot import Board, DatabaseView, Snapshot
from assay.probes.model import Engine, Reason, Status, Target
from tests.monitor.told import ToldJournal
from tests.plugins.postgres import PostgresServer, free_port, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TIMEOUT = 0.5


@pytest.fixture
def own_server(pg18_bin: Path) -> Iterator[PostgresServer]:
    """A server that the test may freeze and kill."""
    server = make_server(pg18_bin)
    server.start()
    yield server
    server.stop(signal.SIGQUIT)
    shutil.rmtree(server.data_dir.parent, ignore_errors=True)


@dataclass
class _Parts:
    prober: Prober
    board: Board
    metrics: Metrics
    journal: ToldJournal = field(default_factory=ToldJournal)


def _target(url: str, name: str = "database") -> Target:
    return Target(name=name, engine=Engine.POSTGRESQL, url=url, timeout_seconds=_TIMEOUT, interval_seconds=1)


def _parts(*targets: Target, own: tuple[str, ...] = ("database",), fall: int = 3, rise: int = 2) -> _Parts:
    clock = SystemClock()
    board = Board(Snapshot(databases=tuple(DatabaseView(name=name) for name in own)))
    metrics = Metrics(board=board, rules=ReadinessRules(interval_seconds=1), clock=clock, counts=None)
    journal = ToldJournal()
    prober = Prober(
        targets,
        hysteresis=Hysteresis(fall=fall, rise=rise),
        board=board,
        metrics=metrics,
        journal=journal,
        history=History(instance="test", clock=clock),
        clock=clock,
    )
    return _Parts(prober, board, metrics, journal)


def _nobody() -> str:
    return f"postgresql://u:sesame@127.0.0.1:{free_port()}/x"


async def test_a_healthy_database_is_up_in_the_view_the_snapshot_the_metrics_and_an_event(database: str) -> None:
    parts = _parts(_target(database))
    view = await parts.prober.run("database")
    assert view.state is TargetState.UP
    assert all(result.status is Status.PASS for result in view.results)
    known = parts.board.database("database")
    assert known is not None
    assert (known.state, known.was_good, known.failing_since) == (TargetState.UP, True, None)
    labels = {"target": "database", "assay_target_state": "up"}
    assert parts.metrics.registry.get_sample_value("assay_target_state", labels) == 1
    assert [(event.from_state, event.to_state) for event in parts.journal.of(TargetStateChanged)] == [
        (None, TargetState.UP)
    ]


async def test_a_monitored_target_that_is_down_does_not_touch_the_snapshot(database: str) -> None:
    parts = _parts(_target(database), _target(_nobody(), "other"))
    await parts.prober.run("database")
    before = parts.board.current
    assert (await parts.prober.run("other")).state is TargetState.DOWN
    assert parts.board.current == before


async def test_the_first_failure_and_each_new_reason_are_events_and_repetitions_are_not(
    own_server: PostgresServer,
) -> None:
    parts = _parts(_target(own_server.url()))
    await parts.prober.run("database")
    assert parts.journal.of(ProbeFailed) == []
    own_server.freeze()
    await parts.prober.run("database")
    await parts.prober.run("database")
    own_server.stop(signal.SIGKILL)
    await parts.prober.run("database")
    await parts.prober.run("database")
    told = [event.reason for event in parts.journal.of(ProbeFailed)]
    assert told[1:] == [Reason.REFUSED]
    assert told[0] in {Reason.TIMEOUT_CONNECT, Reason.TIMEOUT_QUERY}
    change = parts.journal.of(TargetStateChanged)[-1]
    assert (change.from_state, change.to_state) == (TargetState.UP, TargetState.DOWN)


async def test_a_frozen_server_costs_one_deadline_and_the_trouble_begins_with_the_first_failure(
    own_server: PostgresServer,
) -> None:
    parts = _parts(_target(own_server.url()), fall=2)
    await parts.prober.run("database")
    own_server.freeze()
    began = time.monotonic()
    view = await parts.prober.run("database")
    assert view.results[0].duration_seconds < _TIMEOUT + 0.1
    assert time.monotonic() - began < 2 * _TIMEOUT
    first = parts.board.database("database")
    assert first is not None
    assert first.state is TargetState.UP
    assert first.failing_since is not None
    await parts.prober.run("database")
    second = parts.board.database("database")
    assert second is not None
    assert (second.state, second.failing_since) == (TargetState.DOWN, first.failing_since)
    own_server.thaw()
    await parts.prober.run("database")
    recovering = parts.board.database("database")
    assert recovering is not None
    assert (recovering.state, recovering.failing_since) == (TargetState.DOWN, first.failing_since)
    await parts.prober.run("database")
    recovered = parts.board.database("database")
    assert recovered is not None
    assert (recovered.state, recovered.failing_since) == (TargetState.UP, None)


async def test_a_target_is_never_probed_twice_at_the_same_time(own_server: PostgresServer) -> None:
    parts = _parts(_target(own_server.url()))
    own_server.freeze()
    began = time.monotonic()
    await asyncio.gather(parts.prober.run("database"), parts.prober.run("database"))
    assert time.monotonic() - began >= 2 * _TIMEOUT


async def test_a_target_that_nobody_configured_is_named_in_the_error() -> None:
    with pytest.raises(UnknownTargetError, match="nobody"):
        await _parts().prober.run("nobody")


async def test_no_password_is_in_what_is_told() -> None:
    parts = _parts(_target(_nobody()))
    view = await parts.prober.run("database")
    assert "sesame" not in repr((view, parts.journal.events, parts.board.current))
