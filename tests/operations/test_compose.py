"""The compose set-up is valid, every service has a health check, and no role has more rights than it needs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
import yaml

from tests.plugins.components import need_program
from tests.plugins.postgres import PostgresServer, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SECRETS = ("POSTGRES_PASSWORD", "ASSAY_PASSWORD", "GRAFANA_READER_PASSWORD", "GRAFANA_PASSWORD")


def _validate(file: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    program = need_program("docker-compose", "apt-get install docker-compose")
    clean = {name: value for name, value in os.environ.items() if name not in SECRETS}
    return subprocess.run(
        [program, "--project-directory", ROOT, "--file", file, "config", "--quiet"],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return services


def test_the_file_follows_the_compose_specification() -> None:
    done = _validate(COMPOSE, **dict.fromkeys(SECRETS, "x"))
    assert done.returncode == 0, done.stderr


def test_the_validation_notices_a_wrong_key(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text().replace("healthcheck:", "healthchek:", 1))
    assert _validate(wrong, **dict.fromkeys(SECRETS, "x")).returncode != 0


@pytest.mark.parametrize("secret", SECRETS)
def test_a_missing_password_is_refused_by_name(secret: str) -> None:
    done = _validate(COMPOSE, **{name: "x" for name in SECRETS if name != secret})
    assert done.returncode != 0
    assert f"set {secret}" in done.stderr


def test_the_example_environment_names_every_password() -> None:
    assert set(re.findall(r"^(\w+)=$", (ROOT / "compose.env.example").read_text(), re.MULTILINE)) == set(SECRETS)


def test_every_service_that_stays_has_a_health_check() -> None:
    services = _services()
    assert set(services) == {"postgres", "migrate", "assay", "prometheus", "alertmanager", "grafana"}
    lasting = {name for name, service in services.items() if service["restart"] != "no"}
    assert {name for name in lasting if "test" in services[name].get("healthcheck", {})} == lasting


def test_published_ports_stay_on_loopback() -> None:
    published = [port for service in _services().values() for port in service.get("ports", ())]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_every_mounted_file_exists() -> None:
    for service in _services().values():
        for volume in service.get("volumes", ()):
            source = re.sub(r"^\$\{\w+:-(.*?)\}", r"\1", volume).split(":")[0]
            assert not source.startswith(".") or (ROOT / source).exists(), volume


def test_images_are_pinned() -> None:
    images = [service["image"] for service in _services().values()]
    assert [image for image in images if ":" not in image or image.endswith(":latest")] == []


def test_the_image_runs_as_an_ordinary_user_without_the_embedded_server() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER 10001"]
    assert not any("embedded" in line for line in lines if not line.startswith("#"))
    assert any("ASSAY_ENV=production" in line for line in lines)


@pytest.fixture
def roles(pg18_bin: Path) -> Iterator[PostgresServer]:
    """A server of its own on which the script of the compose set-up has run: roles are shared by a whole server."""
    server = make_server(pg18_bin)
    server.start()
    password = dict.fromkeys(("ASSAY_PASSWORD", "GRAFANA_READER_PASSWORD"), 'it\'s "odd" $x')
    connection = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": server.password}
    need_program("psql", "apt-get install postgresql-client")
    done = subprocess.run(
        ["sh", ROOT / "tools" / "compose" / "roles.sh"],
        env=os.environ | connection | password,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    yield server
    server.stop()


def _as(server: PostgresServer, role: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host="127.0.0.1", port=server.port, dbname="assay", user=role, password='it\'s "odd" $x', autocommit=True
    )


def test_no_role_of_the_set_up_is_a_superuser_and_grafana_may_only_read(roles: PostgresServer) -> None:
    table = f"t{uuid4().hex}"
    with _as(roles, "assay") as assay, _as(roles, "grafana") as grafana:
        assay.execute(f"CREATE SCHEMA assay CREATE TABLE {table} (id int)")
        assay.execute(f"INSERT INTO assay.{table} VALUES (1)")
        assert grafana.execute(f"SELECT id FROM assay.{table}").fetchall() == [(1,)]
        grafana.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            grafana.execute(f"INSERT INTO assay.{table} VALUES (2)")
        for connection in (assay, grafana):
            row = connection.execute(
                "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert row == (False,)
