"""Further databases to probe stand in `[[target]]` tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.monitor.settings import Settings, SettingsError, load_settings
from assay.monitor.settings.database_url import EXPECTED_URL
from assay.probes.model import Engine, Target

if TYPE_CHECKING:
    from pathlib import Path


def load(tmp_path: Path, toml: str, **environ: str) -> Settings:
    (tmp_path / "assay.toml").write_text(toml)
    return load_settings(environ=environ, directory=tmp_path)


def problems(tmp_path: Path, toml: str, **environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, toml, **environ)
    return caught.value.problems


def test_tables_become_targets_in_their_order_with_the_services_defaults(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
        probe_interval_seconds = 20
        probe_timeout_seconds = 3

        [[target]]
        name = "orders"
        url = "postgres://u@h/orders"
        write_table = "public.assay_writes"

        [[target]]
        name = "billing"
        url_env = "BILLING"
        interval_seconds = 60
        timeout_seconds = 10
        """,
        BILLING="postgresql+asyncpg://u@h/billing",
    )
    orders = Target(
        name="orders",
        engine=Engine.POSTGRESQL,
        url="postgresql://u@h/orders",
        timeout_seconds=3,
        interval_seconds=20,
        write_table="public.assay_writes",
    )
    billing = Target(
        name="billing",
        engine=Engine.POSTGRESQL,
        url="postgresql://u@h/billing",
        timeout_seconds=10,
        interval_seconds=60,
    )
    assert settings.probe_targets() == (orders, billing)


def test_each_wrong_table_is_named_by_its_number_with_all_that_is_wrong(tmp_path: Path) -> None:
    toml = """
    [[target]]
    name = "a b"
    url = "mysql://u:geheim@h/d"
    intervall_seconds = 1

    [[target]]
    url = "postgresql://h/d"
    timeout_seconds = -1
    write_table = "no_schema"
    """
    first, second = "[[target]] 1 in assay.toml: ", "[[target]] 2 in assay.toml: "
    letters = "1 to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit"
    address = "url is mysql://***@h/d: it is the address of another kind of database (mysql); it must be "
    assert problems(tmp_path, toml) == (
        f"{first}{address}{EXPECTED_URL}",
        f"{first}name is 'a b': must be {letters}",
        f"{first}intervall_seconds is no key of a target; did you mean interval_seconds?",
        f"{second}it needs name: what metrics and events call it; one of its own for each target",
        f"{second}timeout_seconds is -1: must be a number of seconds above 0, at most 86400",
        f"{second}write_table is 'no_schema': must be schema.table, without quotes",
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("url_env = 'GONE'", "url_env names the variable GONE, which is not set"),
        ("url = 'postgresql://h/d'\nurl_env = 'X'", "url and url_env are both set"),
        ("interval_seconds = 1", "it needs url"),
        ("url = 5", "it needs url"),
    ],
)
def test_a_target_has_exactly_one_address(tmp_path: Path, lines: str, said: str) -> None:
    (problem,) = problems(tmp_path, f"[[target]]\nname = 'a'\n{lines}\n")
    assert said in problem


def test_the_address_in_a_variable_is_not_shown_when_it_is_wrong(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "[[target]]\nname = 'a'\nurl_env = 'X'\n", X="redis://u:geheim@h/1")
    assert "the variable X is redis://***@h/1" in problem
    assert "geheim" not in problem


def test_two_targets_cannot_share_a_name(tmp_path: Path) -> None:
    table = "[[target]]\nname = 'a'\nurl = 'postgresql://h/d'\n"
    assert problems(tmp_path, table * 2) == ("2 [[target]] tables are named 'a': give each its own name",)


def test_a_single_table_instead_of_a_list_is_explained(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "[target]\nname = 'a'\n")
    assert problem == "target in assay.toml must be a list of tables: write [[target]], not [target]"


def test_a_targets_own_timeout_may_not_exceed_its_interval(tmp_path: Path) -> None:
    toml = "[[target]]\nname = 'a'\nurl = 'postgresql://h/d'\ninterval_seconds = 2\n"
    (problem,) = problems(tmp_path, toml)
    assert problem.startswith("target 'a': probe_timeout_seconds is 5, longer than the interval, 2")
