"""`assay scan --send` and the service that takes the scan in: both real, over HTTP."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg

from assay.audit.model import Scope
from tests.monitor.running import LONG, RunningService, running
from tests.monitor.test_service import PRODUCTION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SOURCE = 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/items")\ndef items():\n    return [{"id": 1}]\n'


def _committed(root: Path) -> Path:
    """A repository with one commit, in which one endpoint is a mock."""
    root.mkdir()
    (root / "app.py").write_text(_SOURCE, encoding="utf-8")
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
    return root


def _send(root: Path, service: RunningService, token: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assay", "scan", str(root), "--send", service.base, "--exit-zero"]
    variables = {"HOME": str(root.parent), "ASSAY_TOKEN": token}
    return subprocess.run(
        command, env=variables, cwd=root.parent, capture_output=True, text=True, timeout=LONG, check=False
    )


def _statuses(service: RunningService) -> list[str]:
    lines = [line for line in service.log.splitlines() if '"path":"/v1/scans"' in line and '"method":"POST"' in line]
    return [line.partition('"status":')[2].partition(",")[0] for line in lines]


def _count(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_a_commit_that_is_sent_twice_is_taken_in_once(
    store_database: str, tmp_path: Path, token: Callable[..., str]
) -> None:
    secret, root = token("ci", Scope.WRITE), _committed(tmp_path / "shop")
    with running(tmp_path, **PRODUCTION, DATABASE_URL=store_database) as service:
        service.wait_ready()
        sent = [_send(root, service, secret) for _ in range(2)]
        assert service.end() == 0
    assert [each.returncode for each in sent] == [0, 0], sent
    assert _statuses(service) == ["201", "200"]
    assert _count(store_database, "SELECT count(*) FROM assay.scan_runs") == 1
    assert _count(store_database, "SELECT count(*) FROM assay.audit_logs WHERE action = 'scan.submitted'") == 1
    assert secret not in service.log + "".join(each.stdout + each.stderr for each in sent)


def test_a_token_that_may_not_is_told_and_nothing_is_stored(
    store_database: str, tmp_path: Path, token: Callable[..., str]
) -> None:
    reader, root = token("dashboard", Scope.READ), _committed(tmp_path / "shop")
    with running(tmp_path, **PRODUCTION, DATABASE_URL=store_database) as service:
        service.wait_ready()
        refused = _send(root, service, reader)
        unknown = _send(root, service, f"assay_{'x' * 43}")
    assert (refused.returncode, unknown.returncode) == (3, 3)
    assert "HTTP 403 Forbidden: the token dashboard has no scope write" in refused.stderr
    assert "HTTP 401 Unauthorized: the token is unknown, revoked or expired" in unknown.stderr
    assert reader not in service.log + refused.stderr
    assert _count(store_database, "SELECT count(*) FROM assay.scan_runs") == 0
