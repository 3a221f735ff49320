"""Settings come from four sources, and whatever is wrong with them is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from assay.core.command import UsageError
from assay.monitor.settings import Environment, LogFormat, LogLevel, Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping


def load(
    tmp_path: Path, overrides: Mapping[str, object] | None = None, *, env_file: str | None = None, **environ: str
) -> Settings:
    return load_settings(overrides, environ=environ, directory=tmp_path, env_file=Path(env_file) if env_file else None)


def problems(tmp_path: Path, overrides: Mapping[str, object] | None = None, **environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, overrides, **environ)
    return caught.value.problems


def test_without_any_source_the_defaults_are_those_of_a_developer(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.env, settings.host, settings.port) == (Environment.DEVELOPMENT, "127.0.0.1", 8000)
    assert settings.embedded
    assert settings.service == tmp_path.name
    assert settings.data_dir == tmp_path / ".assay"
    assert settings.scan_path is None
    assert settings.drain_seconds == 0


def test_each_source_gives_way_to_the_one_above_it(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text("port = 1\nhost = 'toml'\nservice = 'toml'\noutbox_limit = 7\n")
    (tmp_path / "some.env").write_text("ASSAY_PORT=2\nASSAY_HOST=file\nASSAY_SERVICE=file\n")
    settings = load(tmp_path, {"port": 4, "host": None}, env_file="some.env", ASSAY_PORT="3", ASSAY_HOST="variable")
    assert (settings.port, settings.host, settings.service, settings.outbox_limit) == (4, "variable", "file", 7)


def test_an_env_file_is_read_only_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ASSAY_PORT=2\n")
    assert load(tmp_path).port == 8000
    assert load(tmp_path, env_file=".env").port == 2


def test_an_env_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--env-file .*missing\.env cannot be read: No such file"):
        load(tmp_path, env_file="missing.env")


def test_a_line_of_an_env_file_that_cannot_be_read_is_an_error_and_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "some.env").write_text('ASSAY_PORT=7\n# fine\nDATABASE_URL="postgresql://u:sesame@h/x\n')
    with pytest.raises(SettingsError, match=r"some\.env: line 3 is no NAME=VALUE$") as caught:
        load(tmp_path, env_file="some.env")
    assert "sesame" not in str(caught.value)


def test_the_table_of_pyproject_toml_counts_when_there_is_no_assay_toml(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.assay]\nport = 5\n[tool.assay.scan]\nanything = true\n")
    assert load(tmp_path).port == 5


def test_settings_in_both_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.assay]\nport = 5\n")
    (tmp_path / "assay.toml").write_text("port = 6\n")
    assert problems(tmp_path) == (
        "assay.toml and [tool.assay] in pyproject.toml both hold settings: keep them in one of the two",
    )


def test_the_scanners_table_is_not_judged_here(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.assay.scan]\nexclude = ['x']\n")
    (tmp_path / "assay.toml").write_text("port = 6\n[scan]\nwhatever = 1\n")
    assert load(tmp_path).port == 6


def test_a_named_configuration_file_replaces_the_one_in_the_directory(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text("port = 6\n")
    (tmp_path / "other.toml").write_text("host = '::1'\n")
    settings = load(tmp_path, ASSAY_CONFIG="other.toml")
    assert (settings.port, settings.host) == (8000, "::1")
    assert settings.config_file == tmp_path / "other.toml"


def test_a_named_configuration_file_must_exist(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"config_file": Path("none.toml")})
    assert problem == f"{tmp_path}/none.toml cannot be read: No such file or directory"


def test_a_configuration_file_that_is_not_toml_is_named_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text("port = \n")
    (problem,) = problems(tmp_path)
    assert "assay.toml cannot be read: Invalid value (at line 1" in problem


@pytest.mark.parametrize("name", ["assay.toml", "pyproject.toml"])
def test_a_configuration_file_that_is_no_file_is_not_left_out_silently(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    assert problems(tmp_path) == (f"{tmp_path / name} cannot be read: Is a directory",)
    (tmp_path / name).rmdir()
    (tmp_path / name).symlink_to("gone")
    assert problems(tmp_path) == (f"{tmp_path / name} cannot be read: No such file or directory",)
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    assert problems(tmp_path) == (f"{tmp_path / name} cannot be read: it is no regular file",)


def test_a_configuration_file_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text(f"a = {'[' * 100_000}")
    assert problems(tmp_path) == (f"{tmp_path / 'assay.toml'} cannot be read: its values are nested too deep",)


def test_everything_wrong_is_named_at_once_with_its_origin_and_what_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text("outbox_limit = 0\nprot = 5\n")
    with pytest.raises(UsageError) as caught:
        load(tmp_path, {"admin_port": 70000}, ASSAY_PORT="abc", ASSAY_LOG_LEVEL="loud", ASSAY_DRAIN_SECONDS="inf")
    assert str(caught.value).splitlines() == [
        "6 settings are wrong:",
        "  - prot is no setting (in assay.toml); did you mean port?",
        "  - ASSAY_PORT is 'abc': must be a port from 0 to 65535 (0: any free one)",
        "  - --admin-port is 70000: must be a port from 0 to 65535 (0: any free one)",
        "  - ASSAY_DRAIN_SECONDS is 'inf': must be a number of seconds from 0 to 86400",
        "  - ASSAY_LOG_LEVEL is 'loud': must be debug, info, warning, error or critical",
        "  - outbox_limit in assay.toml is 0: must be a whole number from 1 to 1000000",
    ]


def test_a_wrong_environment_is_named_alone_although_other_defaults_depend_on_it(tmp_path: Path) -> None:
    assert problems(tmp_path, ASSAY_ENV="prod") == ("ASSAY_ENV is 'prod': must be development or production",)


def test_a_misspelt_variable_is_an_error_with_the_one_that_was_meant(tmp_path: Path) -> None:
    assert problems(tmp_path, ASSAY_PROT="1") == ("ASSAY_PROT is no setting; did you mean ASSAY_PORT?",)


def test_a_variable_like_no_setting_points_to_the_list(tmp_path: Path) -> None:
    assert problems(tmp_path, ASSAY_XYZZY="1") == ("ASSAY_XYZZY is no setting; docs/settings.md lists them all",)


def test_variables_of_the_tests_and_of_other_commands_are_let_pass(tmp_path: Path) -> None:
    assert load(tmp_path, ASSAY_DEBUG="1", ASSAY_TEST_REQUIRE_ALL="1", ASSAY_TOKEN="t").port == 8000


def test_the_links_of_a_cluster_service_named_assay_are_not_settings(tmp_path: Path) -> None:
    links = {
        "ASSAY_SERVICE_HOST": "10.0.0.1",
        "ASSAY_SERVICE_PORT": "8000",
        "ASSAY_SERVICE_PORT_HTTP": "8000",
        "ASSAY_PORT": "tcp://10.0.0.1:8000",
        "ASSAY_PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "ASSAY_PORT_8000_TCP_ADDR": "10.0.0.1",
    }
    assert load_settings(environ=links, directory=tmp_path).port == 8000


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert load(tmp_path, ASSAY_PORT="", DATABASE_URL="").port == 8000


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"APP_ENV": "prod"}, Environment.PRODUCTION),
        ({"APP_ENV": "Production", "ENV": "dev"}, Environment.PRODUCTION),
        ({"ENV": "production"}, Environment.PRODUCTION),
        ({"ENV": "/etc/shinit"}, Environment.DEVELOPMENT),
        ({"ASSAY_ENV": "development", "APP_ENV": "production"}, Environment.DEVELOPMENT),
        ({"ASSAY_ENV": "production", "APP_ENV": "nonsense"}, Environment.PRODUCTION),
    ],
)
def test_the_applications_own_environment_counts_while_ours_is_unset(
    tmp_path: Path, variables: dict[str, str], expected: Environment
) -> None:
    assert load_settings(environ=variables, directory=tmp_path).env is expected


def test_an_environment_of_the_application_that_says_neither_is_asked_about(tmp_path: Path) -> None:
    assert problems(tmp_path, APP_ENV="staging") == (
        "APP_ENV is 'staging', which Assay cannot judge: set ASSAY_ENV to development or production",
    )


def test_assay_env_in_the_env_file_goes_before_app_env_of_the_process(tmp_path: Path) -> None:
    (tmp_path / "e").write_text("ASSAY_ENV=development\n")
    assert load(tmp_path, env_file="e", APP_ENV="production").env is Environment.DEVELOPMENT


def test_app_env_of_the_process_goes_before_the_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text("env = 'development'\n")
    assert load(tmp_path, APP_ENV="production").env is Environment.PRODUCTION


def test_words_are_taken_in_any_case(tmp_path: Path) -> None:
    settings = load(tmp_path, ASSAY_LOG_LEVEL="WARNING", ASSAY_LOG_FORMAT="Console")
    assert (settings.log_level, settings.log_format) == (LogLevel.WARNING, LogFormat.CONSOLE)


def test_production_drains_for_as_long_as_a_load_balancer_needs(tmp_path: Path) -> None:
    assert load(tmp_path, ASSAY_ENV="production").drain_seconds == 7
    assert load(tmp_path, ASSAY_ENV="production", ASSAY_DRAIN_SECONDS="1.5").drain_seconds == 1.5


def test_paths_count_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    settings = load(tmp_path, ASSAY_SCAN_PATH="code", ASSAY_DATA_DIR="state")
    assert (settings.scan_path, settings.data_dir) == (tmp_path / "code", tmp_path / "state")


def test_an_argument_of_the_command_line_is_named_as_it_is_written_there(tmp_path: Path) -> None:
    assert problems(tmp_path, {"scan_path": "gone"})[0].startswith("--scan is ")


def test_a_folder_to_scan_must_exist(tmp_path: Path) -> None:
    assert problems(tmp_path, ASSAY_SCAN_PATH="gone") == (
        f"ASSAY_SCAN_PATH is '{tmp_path}/gone': must be the path of a folder that exists",
    )


def test_a_probe_may_not_take_longer_than_its_interval(tmp_path: Path) -> None:
    assert problems(tmp_path, ASSAY_PROBE_INTERVAL_SECONDS="2") == (
        "probe_timeout_seconds is 5, longer than the interval, 2: make it at most that",
    )


def test_two_listeners_cannot_share_a_port(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, ASSAY_ADMIN_PORT="8000")
    assert problem.startswith("admin_port is 8000, the same as port")


def test_settings_do_not_change_once_made(tmp_path: Path) -> None:
    settings = load(tmp_path)
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1


def test_an_override_that_is_no_setting_is_a_mistake_of_the_programmer(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="prot"):
        load(tmp_path, {"prot": 1})
