"""An application with its own `audit_logs` and its own Alembic lives in the same database, whoever comes first."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from assay.audit import schema
from assay.audit.revisions import SchemaState

if TYPE_CHECKING:
    from pathlib import Path

_ENV = """
from alembic import context
from sqlalchemy import create_engine
import models

engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=models.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
_MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table, Text

metadata = MetaData()
Table("audit_logs", metadata, Column("id", Integer, primary_key=True), Column("what", Text, nullable=False))
"""
_REVISION = """
from alembic import op
import sqlalchemy as sa

revision = "0001"
down_revision = None


def upgrade():
    key = sa.Column("id", sa.Integer, primary_key=True)
    op.create_table("audit_logs", key, sa.Column("what", sa.Text, nullable=False))
    op.execute("INSERT INTO audit_logs (what) VALUES ('mine')")


def downgrade():
    op.drop_table("audit_logs")
"""


class _Application:
    """A small application folder; its revision has the same name as one of ours, which must not matter."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url
        (folder / "alembic" / "versions").mkdir(parents=True)
        (folder / "alembic" / "env.py").write_text(_ENV)
        (folder / "alembic" / "versions" / "0001_first.py").write_text(_REVISION)
        (folder / "models.py").write_text(_MODELS)
        address = url.replace("postgresql://", "postgresql+psycopg://")
        (folder / "alembic.ini").write_text(
            f"[alembic]\nscript_location = alembic\nprepend_sys_path = .\nsqlalchemy.url = {address}\n"
        )

    def alembic(self, *words: str) -> str:
        command = [sys.executable, "-m", "alembic", *words]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def is_whole(self) -> bool:
        """Its table and its version are as it left them, and its own comparison finds nothing to do."""
        with psycopg.connect(self._url) as connection:
            row = connection.execute(
                "SELECT (SELECT string_agg(what, ',') FROM public.audit_logs),"
                " (SELECT version_num FROM public.alembic_version)"
            ).fetchone()
        return row == ("mine", "0001") and "No new upgrade operations" in self.alembic("check")


@pytest.fixture(params=["oldest_database", "database"])
def url(request: pytest.FixtureRequest) -> str:
    address: str = request.getfixturevalue(request.param)
    return address


def test_the_application_first_and_assay_after_it(url: str, tmp_path: Path) -> None:
    application = _Application(tmp_path, url)
    application.alembic("upgrade", "head")
    assert schema.upgrade(url, actor="tests").from_revision is None
    assert application.is_whole()
    schema.downgrade(url, "base", actor="tests")
    assert application.is_whole()


def test_assay_first_and_the_application_after_it(url: str, tmp_path: Path) -> None:
    application = _Application(tmp_path, url)
    schema.upgrade(url, actor="tests")
    application.alembic("upgrade", "head")
    assert application.is_whole()
    assert schema.current(url).state is SchemaState.CURRENT
    application.alembic("downgrade", "base")
    assert schema.upgrade(url, actor="tests").partitions == ()
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM assay.audit_logs WHERE action = 'schema.upgraded'").fetchone()
    assert row == (1,)
