"""The tests' own servers run wherever the checkout lies, as root and as an ordinary user."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.plugins.postgres import make_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a folder that other accounts cannot enter and root can")
def test_a_checkout_that_only_root_can_enter_has_its_servers_too(pg18_bin: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "bin").symlink_to(pg18_bin)
    server = make_server(closed / "bin")
    try:
        server.start()
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.data_dir.parent)


def test_a_server_stops_starts_and_freezes_for_real(pg18_bin: Path) -> None:
    server = make_server(pg18_bin)
    try:
        server.start()
        server.freeze()
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            psycopg.connect(server.url(), connect_timeout=2)
        server.thaw()
        psycopg.connect(server.url()).close()
        server.stop(signal.SIGKILL)
        server.start()
        psycopg.connect(server.url()).close()
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.data_dir.parent)
