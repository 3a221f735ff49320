"""The real service as a process: what it answers while databases are away or hang, and how it ends."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from assay.audit.schema import downgrade, upgrade
from tests.monitor.running import FAST, LONG, RunningService, running
from tests.plugins.postgres import PostgresServer, free_port, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRODUCTION = {"ASSAY_ENV": "production", "ASSAY_DRAIN_SECONDS": "0", **FAST}


@pytest.fixture
def own_server(pg18_bin: Path) -> Iterator[PostgresServer]:
    """A migrated server that the test may freeze and kill."""
    server = make_server(pg18_bin)
    server.start()
    upgrade(server.url(), actor="test")
    yield server
    server.stop(signal.SIGQUIT)
    shutil.rmtree(server.data_dir.parent, ignore_errors=True)


def _events(url: str, event_type: str) -> list[dict[str, Any]]:
    with psycopg.connect(url) as connection:
        query = "SELECT payload FROM assay.system_events WHERE event_type = %s ORDER BY timestamp, id"
        return [payload for (payload,) in connection.execute(query, [event_type])]


def _codes(answer: httpx.Response) -> set[str]:
    return {reason["code"] for reason in answer.json()["reasons"]}


def test_production_without_a_database_lives_and_says_what_is_missing(tmp_path: Path) -> None:
    with running(tmp_path, **PRODUCTION) as service:
        service.wait_for(lambda: service.get("/startupz").status_code == 200, "the start is over")
        assert service.get("/livez").status_code == 200
        for path in ("/readyz", "/readyz?exclude=database", "/healthz"):
            answer = service.get(path)
            assert answer.status_code == 503
            assert "database_url_missing" in _codes(answer)
        assert "assay_ready 0.0" in service.get("/metrics").text
        assert service.get("/v1/probes").status_code == 401
        assert service.end() == 0


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:///app.db", "database_url_not_for_production"),
        ("postgresql://u:se same@h:x/y", "database_url_invalid"),
    ],
)
def test_an_unfit_database_url_in_production_is_told_without_its_password(url: str, code: str, tmp_path: Path) -> None:
    with running(tmp_path, **PRODUCTION, DATABASE_URL=url) as service:
        service.wait_for(lambda: service.get("/startupz").status_code == 200, "the start is over")
        assert service.get("/livez").status_code == 200
        assert code in _codes(service.get("/readyz?exclude=database"))
        assert service.end() == 0
        assert code in service.log
        assert "same" not in service.log


def test_production_with_a_migrated_database_is_ready_and_records_its_life(store_database: str, tmp_path: Path) -> None:
    with running(tmp_path, **PRODUCTION, DATABASE_URL=store_database) as service:
        service.wait_ready()
        assert service.get("/readyz").json()["database"] == "healthy"
        assert service.get("/v1/probes").status_code == 401
        assert service.end() == 0
    assert [event["environment"] for event in _events(store_database, "service.started")] == ["production"]
    assert [event["cause"] for event in _events(store_database, "service.draining")] == ["SIGTERM"]
    assert [event["clean"] for event in _events(store_database, "service.stopped")] == [True]
    statuses = [event["to_status"] for event in _events(store_database, "readiness.changed")]
    assert (statuses[0], statuses[-1]) == ("pass", "fail")
    (change,) = _events(store_database, "target.state_changed")
    assert (change["target"], change["from_state"], change["to_state"]) == ("database", None, "up")
    with psycopg.connect(store_database) as connection:
        kinds = connection.execute("SELECT kind, count(*) > 0 FROM assay.probe_results GROUP BY kind ORDER BY kind")
        assert kinds.fetchall() == [("rollup", True), ("state_change", True)]


def test_the_oldest_supported_server_is_ready_as_well(oldest_database: str, tmp_path: Path) -> None:
    upgrade(oldest_database, actor="test")
    with running(tmp_path, **PRODUCTION, DATABASE_URL=oldest_database) as service:
        service.wait_ready()
        assert service.end() == 0


def test_a_schema_that_is_behind_is_not_ready_until_it_is_migrated(database: str, tmp_path: Path) -> None:
    with running(tmp_path, **PRODUCTION, DATABASE_URL=database) as service:
        service.wait_for(lambda: "schema_behind" in _codes(service.get("/readyz")), "schema_behind")
        assert service.get("/readyz/schema").status_code == 503
        upgrade(database, actor="test")
        service.wait_ready()
        downgrade(database, "base", actor="test")
        service.wait_ready(503)


def test_a_schema_of_a_later_build_is_a_warning(store_database: str, tmp_path: Path) -> None:
    with psycopg.connect(store_database) as connection:
        connection.execute("UPDATE assay.alembic_version SET version_num = 'later'")
    with running(tmp_path, **PRODUCTION, DATABASE_URL=store_database) as service:
        service.wait_ready()
        answer = service.get("/readyz")
        assert (answer.json()["status"], _codes(answer)) == ("warn", {"schema_newer"})


def test_a_database_that_is_away_at_the_start_is_waited_for(own_server: PostgresServer, tmp_path: Path) -> None:
    url = own_server.url()
    own_server.stop()
    with running(tmp_path, **PRODUCTION, DATABASE_URL=url) as service:
        service.wait_for(lambda: service.get("/startupz").status_code == 200, "the start is over")
        assert service.get("/livez").status_code == 200
        assert "database_unhealthy" in _codes(service.get("/readyz"))
        own_server.start()
        service.wait_ready()
        service.wait_for(lambda: bool(_events(url, "service.started")), "what waited is stored")
        failed = _events(url, "probe.failed")
        assert failed[0]["reason"] in {"refused", "starting_up"}
        assert service.end() == 0


def test_a_frozen_database_is_noticed_at_the_deadline_while_readyz_goes_on_answering(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    with running(tmp_path, **PRODUCTION, DATABASE_URL=own_server.url()) as service:
        service.wait_ready()
        own_server.freeze()
        slowest, codes = _ask_until_not_ready(service)
        assert slowest < 0.5, f"/readyz took {slowest:.3f} s"
        assert "database_unhealthy" in codes
        assert service.get("/livez").status_code == 200
        metrics = service.get("/metrics").text
        assert 'assay_probe_success{probe="select-1",target="database"} 0.0' in metrics
        assert 'assay_target_state{assay_target_state="down",target="database"} 1.0' in metrics
        own_server.thaw()
        service.wait_ready()
        url = own_server.url()
        service.wait_for(lambda: len(_events(url, "target.state_changed")) >= 3, "the changes are events")
        changes = [(event["from_state"], event["to_state"]) for event in _events(url, "target.state_changed")]
        assert changes[:3] == [(None, "up"), ("up", "down"), ("down", "up")]
        first, *_ = _events(url, "probe.failed")
        assert first["reason"] in {"timeout_query", "timeout_connect"}
        assert first["duration_seconds"] <= first["timeout_seconds"] + 0.1
        assert service.end() == 0


def _ask_until_not_ready(service: RunningService) -> tuple[float, set[str]]:
    slowest = 0.0
    deadline = time.monotonic() + LONG
    with httpx.Client(base_url=service.base, timeout=5) as client:
        while time.monotonic() < deadline:
            began = time.monotonic()
            answer = client.get("/readyz")
            slowest = max(slowest, time.monotonic() - began)
            if answer.status_code == 503:
                return slowest, _codes(answer)
            time.sleep(0.01)
    raise AssertionError("it never noticed")


def test_a_monitored_target_that_is_down_does_not_make_the_service_unready(store_database: str, tmp_path: Path) -> None:
    target = f'[[target]]\nname = "other"\nurl = "postgresql://u:sesame@127.0.0.1:{free_port()}/x"\n'
    (tmp_path / "assay.toml").write_text(target, encoding="utf-8")
    with running(tmp_path, **FAST, DATABASE_URL=store_database) as service:
        service.wait_ready()
        service.wait_for(lambda: 'assay_target_state="down",target="other"} 1' in service.get("/metrics").text, "down")
        assert service.get("/readyz").json()["reasons"] == []
        assert service.end() == 0
        assert "sesame" not in service.log


def test_a_signal_makes_it_unready_at_once_while_it_goes_on_serving(store_database: str, tmp_path: Path) -> None:
    with running(tmp_path, **{**PRODUCTION, "ASSAY_DRAIN_SECONDS": "2"}, DATABASE_URL=store_database) as service:
        service.wait_ready()
        failures: list[object] = []
        stop = threading.Event()
        asking = threading.Thread(target=_ask_livez, args=(service, stop, failures))
        asking.start()
        service.process.send_signal(signal.SIGTERM)
        service.wait_ready(503)
        answer = service.get("/readyz")
        assert "draining" in _codes(answer)
        assert service.get("/livez").status_code == 200
        assert answer.headers["retry-after"]
        stop.set()
        asking.join()
        assert failures == []
        assert service.process.wait(LONG) == 0


def _ask_livez(service: RunningService, stop: threading.Event, failures: list[object]) -> None:
    while not stop.is_set():
        try:
            answer = service.get("/livez")
        except httpx.HTTPError as error:
            failures.append(error)
        else:
            if answer.status_code != 200:
                failures.append(answer.status_code)


def test_a_request_that_is_being_answered_is_finished(own_server: PostgresServer, deaf: str, tmp_path: Path) -> None:
    environ = {**FAST, "ASSAY_PROBE_TIMEOUT_SECONDS": "2", "ASSAY_PROBE_INTERVAL_SECONDS": "60"}
    target = f'[[target]]\nname = "slow"\nurl = "{deaf}"\ninterval_seconds = 3600\n'
    (tmp_path / "assay.toml").write_text(target, encoding="utf-8")
    with running(tmp_path, **environ, DATABASE_URL=own_server.url()) as service:
        service.wait_ready()
        answers: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: answers.append(httpx.post(f"{service.base}/v1/probes/slow/run", timeout=20))
        )
        asking.start()
        service.wait_for(lambda: _triggered(own_server.url()), "the run was recorded")
        assert service.end(signal.SIGINT) == 0
        asking.join()
    assert answers[0].status_code == 200
    assert answers[0].json()["results"][0]["reason"] == "timeout_connect"


@pytest.fixture
def deaf() -> Iterator[str]:
    """An address where the kernel accepts and nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"postgresql://u:p@127.0.0.1:{listener.getsockname()[1]}/x"


def _triggered(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return bool(connection.execute("SELECT 1 FROM assay.audit_logs WHERE action = 'probe.triggered'").fetchall())


def test_it_stops_within_bounds_while_its_store_is_frozen(own_server: PostgresServer, tmp_path: Path) -> None:
    with running(tmp_path, **PRODUCTION, DATABASE_URL=own_server.url()) as service:
        service.wait_ready()
        own_server.freeze()
        service.wait_ready(503)
        began = time.monotonic()
        assert service.end() == 0
        assert time.monotonic() - began < 20
        assert "Traceback" not in service.log
        assert '"event":"service.stopped"' in service.log
        assert "records_lost" in service.log


def test_a_second_signal_ends_it_at_once(store_database: str, tmp_path: Path) -> None:
    with running(tmp_path, **{**PRODUCTION, "ASSAY_DRAIN_SECONDS": "600"}, DATABASE_URL=store_database) as service:
        service.wait_ready()
        service.process.send_signal(signal.SIGTERM)
        service.wait_ready(503)
        assert service.end(signal.SIGTERM) == 128 + signal.SIGTERM


def test_ctrl_c_in_development_does_not_drain(store_database: str, tmp_path: Path) -> None:
    with running(tmp_path, **FAST, ASSAY_DRAIN_SECONDS="600", DATABASE_URL=store_database) as service:
        service.wait_ready()
        assert service.end(signal.SIGINT) == 0


def test_a_service_that_was_killed_starts_again(store_database: str, tmp_path: Path) -> None:
    with running(tmp_path, **PRODUCTION, DATABASE_URL=store_database) as service:
        service.wait_ready()
        assert service.end(signal.SIGKILL) == -signal.SIGKILL
    with running(tmp_path, **PRODUCTION, DATABASE_URL=store_database) as service:
        service.wait_ready()
        service.wait_for(lambda: len(_events(store_database, "service.started")) == 2, "the second start is told")


def test_a_port_that_is_in_use_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(tmp_path, "--port", str(port)) as service:
            assert service.process.wait(LONG) == 2
            assert f"port {port} of 127.0.0.1 is in use" in service.log
            assert "--port" in service.log
    assert not (tmp_path / ".assay").exists()


def test_an_admin_port_has_the_metrics_and_the_verbose_answers(store_database: str, tmp_path: Path) -> None:
    admin = free_port()
    with running(tmp_path, "--admin-port", str(admin), **FAST, DATABASE_URL=store_database) as service:
        service.wait_ready()
        assert service.get("/metrics").status_code == 404
        assert service.get("/readyz?verbose").headers["content-type"] == "application/json"
        elsewhere = f"http://127.0.0.1:{admin}"
        assert "assay_ready 1.0" in httpx.get(f"{elsewhere}/metrics").text
        assert httpx.get(f"{elsewhere}/readyz?verbose").text.endswith("readyz check passed\n")
        assert httpx.get(f"{elsewhere}/v1/probes").status_code == 404
        assert service.end() == 0


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_real_head_and_options_have_the_code_and_no_body(method: str, store_database: str, tmp_path: Path) -> None:
    with running(tmp_path, **FAST, DATABASE_URL=store_database) as service:
        service.wait_ready()
        for path in ("/livez", "/readyz", "/startupz"):
            answer = httpx.request(method, f"{service.base}{path}")
            assert (answer.status_code, answer.content) == (200, b"")


def test_no_password_is_in_the_log_of_a_whole_life(own_server: PostgresServer, tmp_path: Path) -> None:
    with running(tmp_path, **FAST, ASSAY_LOG_LEVEL="debug", DATABASE_URL=own_server.url()) as service:
        service.wait_ready()
        own_server.stop(signal.SIGKILL)
        service.wait_ready(503)
        httpx.post(f"{service.base}/v1/probes/database/run", headers={"Authorization": "Bearer assay_secret"})
        assert service.end() == 0
        assert own_server.password not in service.log
        assert "assay_secret" not in service.log
        for line in service.log.splitlines():
            assert line.startswith("assay: ") or json.loads(line)["event"]


def test_development_without_a_database_starts_migrates_and_is_ready_on_its_own(tmp_path: Path) -> None:
    with running(tmp_path, **FAST) as service:
        service.wait_ready()
        assert _codes(service.get("/readyz")) == {"database_embedded"}
        (target,) = service.get("/v1/probes").json()["items"]
        assert (target["target"], target["state"]) == ("store", "up")
        assert f"{service.base}/readyz" in service.log
        started = service.get("/v1/events?event_type=service.started").json()["items"]
        assert len(started) == 1
        assert service.end(signal.SIGINT) == 0
    with running(tmp_path, **FAST) as service:
        service.wait_ready()
        assert len(service.get("/v1/events?event_type=service.started").json()["items"]) == 2
        assert service.end() == 0


def test_a_real_scan_runs_on_the_schedule_and_is_stored(store_database: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    source = 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/items")\ndef items():\n    return [{"id": 1}]\n'
    (tree / "app.py").write_text(source, encoding="utf-8")
    with running(tmp_path, "--scan", str(tree), **FAST, DATABASE_URL=store_database) as service:
        service.wait_ready()
        service.wait_for(lambda: bool(service.get("/v1/scans").json()["items"]), "the scan is stored")
        (run,) = service.get("/v1/scans").json()["items"]
        assert (run["status"], run["origin"], run["endpoints"]) == ("finished", "schedule", 1)
        document = service.get(f"/v1/scans/{run['id']}").json()
        assert [endpoint["path"] for endpoint in document["endpoints"]] == ["/items"]
        service.wait_for(lambda: bool(_events(store_database, "scan.finished")), "the scan is an event")
        assert "assay_scan_last_run_timestamp_seconds{" in service.get("/metrics").text
        assert service.end() == 0


def test_a_wrong_setting_ends_the_start_with_2_and_its_name(tmp_path: Path) -> None:
    with running(tmp_path, ASSAY_PROBE_INTERVAL_SECONDS="often") as service:
        assert service.process.wait(LONG) == 2
        assert "ASSAY_PROBE_INTERVAL_SECONDS" in service.log
        assert "Traceback" not in service.log


def test_help_names_every_option(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "assay", "serve", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    for option in ("--host", "--port", "--admin-port", "--env-file", "--config", "--scan"):
        assert option in told
