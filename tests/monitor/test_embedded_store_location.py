"""Commands ask for the store in one place: what is set, or in development the embedded server while they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.core.command import UsageError
from assay.monitor.settings import load_settings
from assay.monitor.store_location import store_url
from tests.monitor.embedded_support import answers, keepers, one, project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOP = "postgresql://app@db/shop"
RECORDS = "postgresql://assay@records/assay"


@pytest.fixture
def folder() -> Iterator[Path]:
    with project() as folder:
        yield folder


def test_the_store_is_the_services_database_unless_one_of_its_own_is_set(folder: Path) -> None:
    environ = {"DATABASE_URL": SHOP}
    with store_url(load_settings(environ=environ, directory=folder)) as url:
        assert url == SHOP
    with store_url(load_settings(environ=environ | {"ASSAY_STORE_URL": RECORDS}, directory=folder)) as url:
        assert url == RECORDS


def test_in_development_without_any_the_embedded_server_runs_for_the_time_of_the_context(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with store_url(load_settings(environ={}, directory=folder)) as url:
        assert one(url, "SELECT current_database()") == "assay"
        assert (folder / ".assay" / "postgres").is_dir()
    assert not answers(url)
    assert keepers(folder) == []
    out, err = capsys.readouterr()
    assert out == ""
    assert "assay: making an embedded PostgreSQL 18 in " in err


def test_the_settings_are_those_of_the_process_when_none_are_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ASSAY_STORE_URL", RECORDS)
    with store_url() as url:
        assert url == RECORDS


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "DATABASE_URL is not set"),
        ("sqlite:///app.db", "another kind of database"),
        ("nonsense", "it is not a URL"),
    ],
)
def test_in_production_nothing_stands_in_for_a_store_that_is_missing(folder: Path, address: str, said: str) -> None:
    settings = load_settings(environ={"ASSAY_ENV": "production", "DATABASE_URL": address}, directory=folder)
    with pytest.raises(UsageError, match=said) as caught, store_url(settings):
        pass
    assert str(caught.value).endswith("(or set ASSAY_STORE_URL)")
    assert list(folder.iterdir()) == []
