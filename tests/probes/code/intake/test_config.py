"""The settings of a scan: where they come from, what is wrong with them, and what they weaken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay.core.command import UsageError
from assay.probes.code.gate import DEFAULT, parse_fail_on
from assay.probes.code.intake.config import ScanSettings, configuration_digest, load_settings
from tests.probes.code.trees import write_tree

RULES = frozenset({"mock-data"})


def load(root: Path, *, top: Path | None = None, chosen: Path | None = None) -> ScanSettings:
    return load_settings(root, top=top, chosen=chosen, rules=RULES)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == ScanSettings()


@pytest.mark.parametrize(("name", "table"), [("assay.toml", "scan"), ("pyproject.toml", "tool.assay.scan")])
def test_settings_are_read_from_either_file(tmp_path: Path, name: str, table: str) -> None:
    write_tree(tmp_path, {name: f'[{table}]\nexclude = ["examples/"]\ninclude = ["vendor/ours/"]\nservice = "shop"\n'})
    settings = load(tmp_path)
    assert (settings.exclude, settings.include, settings.service) == (("examples/",), ("vendor/ours/",), "shop")


def test_the_nearest_file_up_to_the_top_of_the_repository_is_taken(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"assay.toml": '[scan]\nservice = "top"\n', "app/pyproject.toml": "[project]\n", "app/a/x": ""}
    )
    assert load(tmp_path / "app" / "a", top=tmp_path).service == "top"
    assert load(tmp_path / "app" / "a", top=tmp_path / "app").service is None
    assert load(tmp_path / "app" / "a").service is None


def test_a_chosen_file_replaces_the_project_s_own_and_weakens_nothing(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "assay.toml": '[scan]\nexclude = ["app/"]\n',
            "ci/own.toml": '[scan]\nexclude = ["docs/"]\nfail-on = ["mock"]\n',
        },
    )
    settings = load(tmp_path, chosen=tmp_path / "ci/own.toml")
    assert settings.exclude == ("docs/",)
    assert settings.weakenings == ()


def test_what_a_project_weakens_is_told_with_its_line(tmp_path: Path) -> None:
    text = '[other]\nexclude = 1\n\n[tool.assay.scan]\nfail-on = ["mock", "error"]\nexclude = ["x/"]\n'
    write_tree(tmp_path, {"pyproject.toml": text})
    told = {weakening.line: weakening.message for weakening in load(tmp_path).weakenings}
    assert told == {
        6: "the project leaves out of its scan: x/",
        5: "the project lets pass by default: unwired, broken, lossy, fallback, volatile",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[scan]\nexlude = []\n", "`exlude` is no setting of the scan; did you mean `exclude`?"),
        ("[scan]\nexclude = 'x'\n", '`exclude` is "x", and may be a list of patterns'),
        ("[scan]\nexclude = ['']\n", '`exclude` is [""]'),
        ("[scan]\nfail-on = ['moc']\n", "`moc` is no verdict, severity or rule; did you mean `mock`?"),
        ("[scan]\nfail-on = []\n", "nothing is listed; write `none`"),
        ("[scan]\nservice = 'a\\nb'\n", "`service` is"),
        ("[scan\n", "is no valid TOML"),
        ("scan = 3\n", "`scan` is no table"),
        ("[scan]\npassword = 1\n'postgres://u:hunter2@h' = 1\n", "`password` is no setting"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_may_be(tmp_path: Path, text: str, message: str) -> None:
    write_tree(tmp_path, {"assay.toml": text})
    with pytest.raises(UsageError) as raised:
        load(tmp_path)
    assert message in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_broken_pyproject_that_does_not_speak_of_assay_is_none_of_our_business(tmp_path: Path) -> None:
    write_tree(tmp_path, {"pyproject.toml": "[broken\n"})
    assert load(tmp_path) == ScanSettings()


def test_a_chosen_file_without_the_table_is_refused(tmp_path: Path) -> None:
    write_tree(tmp_path, {"x.toml": "[other]\n"})
    with pytest.raises(UsageError, match=r"it has no table \[scan\]"):
        load(tmp_path, chosen=tmp_path / "x.toml")


def test_an_empty_chosen_file_stands_for_no_settings_at_all(tmp_path: Path) -> None:
    write_tree(tmp_path, {"assay.toml": '[scan]\nexclude = ["app/"]\n', "empty.toml": "\n"})
    for chosen in (tmp_path / "empty.toml", Path(os.devnull)):
        settings = load(tmp_path, chosen=chosen)
        assert (settings.exclude, settings.fail_on, settings.weakenings) == ((), DEFAULT, ())


def test_a_chosen_file_that_is_none_is_named_with_what_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for chosen in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UsageError, match=f"--config {chosen}: not a regular file"):
            load(tmp_path, chosen=chosen)


def test_a_folder_named_like_the_configuration_is_not_left_out_silently(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").mkdir()
    with pytest.raises(UsageError, match="not a regular file"):
        load(tmp_path)


def test_a_configuration_file_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {"outside.toml": "[scan]\n", "root/app.py": ""})
    (tmp_path / "root" / "assay.toml").symlink_to(tmp_path / "outside.toml")
    with pytest.raises(UsageError, match="unreadable"):
        load(tmp_path / "root")


def test_the_digest_follows_every_setting_that_decides_a_report() -> None:
    def digest(settings: ScanSettings, *, version: str = "1", named: tuple[str, ...] = (".",)) -> str:
        return configuration_digest(settings, version=version, named=named)

    mock = parse_fail_on(["mock"], rules=RULES, source="x")
    variants = [
        digest(ScanSettings()),
        digest(ScanSettings(exclude=("a",))),
        digest(ScanSettings(include=("a",))),
        digest(ScanSettings(service="a")),
        digest(ScanSettings(fail_on=mock)),
        digest(ScanSettings(), version="2"),
        digest(ScanSettings(), named=("app",)),
    ]
    assert len(set(variants)) == len(variants)
    assert digest(ScanSettings(file=Path("elsewhere"))) == variants[0]


def test_fail_on_takes_verdicts_severities_rules_or_nothing() -> None:
    chosen = parse_fail_on(["mock", " warning", "mock-data"], rules=RULES, source="x")
    assert chosen.words == ("mock", "warning", "mock-data")
    assert parse_fail_on(["none"], rules=RULES, source="x").words == ()
    assert DEFAULT.missing_defaults() == ()
