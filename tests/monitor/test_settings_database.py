"""Database addresses: what is accepted, what a wrong one means, and that no password is ever shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.monitor.settings import DatabaseProblem, Settings, SettingsError, load_settings
from assay.monitor.settings.database_url import DatabaseUrlError, libpq_url, shown_url

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2xyz"
GOOD = f"postgresql://app:{SECRET}@db.internal:5432/shop"
WRONG = [
    f"mysql://app:{SECRET}@db/shop",
    f"postgresql://app:{SECRET}@db:abc/shop",
    f"postgresql://app:{SECRET}@db:70000/shop",
    f"postgresql://app:{SECRET} x@db/shop",
    f"postgresql://app:{SECRET}%zz@db/shop",
    f"postgresql://app:a@{SECRET}@db/shop",
    f"postgresql://app:{SECRET}@db/shop?prepared_statement_cache_size=0",
    f"postgresql://app@db/shop?password={SECRET}@x&nonsense=1",
    f"host=db user=app password={SECRET}",
    f"postgresql//app:{SECRET}@db/shop",
    f"app:{SECRET}@db/shop",
]


def load(tmp_path: Path, **environ: str) -> Settings:
    return load_settings(environ=environ, directory=tmp_path)


@pytest.mark.parametrize(
    "scheme",
    ["postgresql", "postgres", "postgresql+psycopg", "postgresql+asyncpg", "postgresql+psycopg2", "POSTGRESQL"],
)
def test_every_usual_spelling_becomes_a_libpq_url(tmp_path: Path, scheme: str) -> None:
    settings = load(tmp_path, DATABASE_URL=f"{scheme}://app:{SECRET}@db.internal:5432/shop")
    assert settings.database.url == GOOD
    assert settings.store_url == GOOD
    assert not settings.embedded


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///shop?host=/run/postgresql",
        "postgresql://a:1,b:2/shop",
        "postgresql://[::1]:5432/shop",
        "postgresql://",
    ],
)
def test_what_libpq_accepts_is_accepted(url: str) -> None:
    assert libpq_url(url) == url


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_stops_the_start_in_development_and_never_shows_the_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, DATABASE_URL=url)
    assert str(caught.value).startswith("DATABASE_URL is ")
    assert "it must be a PostgreSQL URL" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or SECRET not in str(caught.value.__context__)


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_a_state_in_production(tmp_path: Path, url: str) -> None:
    settings = load(tmp_path, ASSAY_ENV="production", DATABASE_URL=url)
    assert settings.database.url is None
    assert settings.database.problem is DatabaseProblem.INVALID
    assert SECRET not in settings.database.detail
    assert settings.store_url is None
    assert not settings.embedded


@pytest.mark.parametrize("url", ["sqlite:///app.db", "sqlite+aiosqlite:///app.db", "sqlite://"])
def test_sqlite_is_not_for_production(tmp_path: Path, url: str) -> None:
    settings = load(tmp_path, ASSAY_ENV="production", DATABASE_URL=url)
    assert settings.database.problem is DatabaseProblem.NOT_FOR_PRODUCTION
    assert settings.database.url is None


def test_sqlite_in_development_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"another kind of database \(sqlite\).* or unset for the embedded server"):
        load(tmp_path, DATABASE_URL="sqlite:///app.db")


def test_a_missing_address_is_a_state_in_production(tmp_path: Path) -> None:
    settings = load(tmp_path, ASSAY_ENV="production", DATABASE_URL="")
    assert settings.database.problem is DatabaseProblem.MISSING
    assert settings.database.problem.value == "database_url_missing"
    assert not settings.embedded


def test_a_store_of_its_own_does_not_make_up_for_the_missing_database(tmp_path: Path) -> None:
    settings = load(tmp_path, ASSAY_ENV="production", ASSAY_STORE_URL=GOOD)
    assert settings.store_url == GOOD
    assert settings.database.problem is DatabaseProblem.MISSING


@pytest.mark.parametrize("url", ["sqlite:///x", "nonsense", WRONG[1]])
@pytest.mark.parametrize("env", ["development", "production"])
def test_a_wrong_store_address_stops_the_start_everywhere(tmp_path: Path, url: str, env: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, ASSAY_ENV=env, DATABASE_URL=GOOD, ASSAY_STORE_URL=url)
    assert str(caught.value).startswith("ASSAY_STORE_URL is ")
    assert SECRET not in str(caught.value)


def test_a_store_of_its_own_is_kept_apart_from_the_database(tmp_path: Path) -> None:
    settings = load(tmp_path, DATABASE_URL=GOOD, ASSAY_STORE_URL="postgres://assay@records/assay")
    assert (settings.database.url, settings.store_url) == (GOOD, "postgresql://assay@records/assay")


def test_the_address_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{GOOD}\n")
    assert load(tmp_path, DATABASE_URL_FILE="secret").database.url == GOOD


def test_an_address_and_a_file_in_one_source_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(GOOD)
    with pytest.raises(SettingsError, match=r"^DATABASE_URL and DATABASE_URL_FILE are both set: keep one of them$"):
        load(tmp_path, DATABASE_URL=GOOD, DATABASE_URL_FILE="secret")


def test_an_address_in_the_environment_replaces_a_file_named_below(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text("database_url_file = 'gone'\n")
    assert load(tmp_path, DATABASE_URL=GOOD).database.url == GOOD


def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"DATABASE_URL_FILE is '.*gone', which cannot be read: No such file"):
        load(tmp_path, ASSAY_ENV="production", DATABASE_URL_FILE="gone")


def test_an_empty_file_is_a_missing_address(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    settings = load(tmp_path, ASSAY_ENV="production", DATABASE_URL_FILE="secret")
    assert settings.database.problem is DatabaseProblem.MISSING


def test_no_password_is_in_any_text_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text(f"[[target]]\nname = 'orders'\nurl = '{GOOD}'\n")
    settings = load(tmp_path, DATABASE_URL=GOOD, ASSAY_STORE_URL=GOOD)
    texts = (repr(settings), str(settings), repr(settings.database), repr(settings.targets), settings.model_dump_json())
    assert not any(SECRET in text for text in (*texts, str(settings.model_dump())))


def test_a_wrong_address_is_shown_without_user_password_and_parameters() -> None:
    assert shown_url(f"mysql://app:{SECRET}@db:3306/shop?ssl=1") == "mysql://***@db:3306/shop"
    assert shown_url(f"mysql://{SECRET}") == "mysql://***"
    assert shown_url(SECRET) == "a text of 10 characters that is no URL"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (
            "postgresql://u@h/d?prepared_statement_cache_size=0",
            "does not know its parameter prepared_statement_cache_size",
        ),
        ("postgresql://u:a b@h/d", "percent-encoded"),
        ("postgresql://u:a@b@h/d", "%40"),
        ("postgresql://h:0/d", "port"),
        ("postgresql://h:1,g:x/d", "port"),
    ],
)
def test_the_reason_says_what_to_do(url: str, reason: str) -> None:
    with pytest.raises(DatabaseUrlError, match=reason):
        libpq_url(url)
