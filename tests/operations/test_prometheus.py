"""Alert rules parse, fire and resolve as their own tests say, and each has a runbook section."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.plugins.components import need_program

ROOT = Path(__file__).parents[2]
RULES = ROOT / "prometheus" / "rules" / "assay.yml"
TESTS = ROOT / "prometheus" / "tests" / "assay_test.yml"


def _promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = need_program("promtool", "apt-get install prometheus")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def _alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def test_the_rules_pass_every_lint() -> None:
    done = _promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)
    assert done.returncode == 0, done.stderr


def test_the_configuration_is_valid() -> None:
    done = _promtool("check", "config", ROOT / "prometheus" / "prometheus.yml")
    assert done.returncode == 0, done.stderr


def test_the_alertmanager_configuration_is_valid() -> None:
    program = need_program("amtool", "apt-get install prometheus-alertmanager")
    done = subprocess.run(
        [program, "check-config", ROOT / "prometheus" / "alertmanager.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_alerts_fire_and_stay_silent_as_written() -> None:
    done = _promtool("test", "rules", TESTS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alert_tests_notice_a_weakened_rule(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (tmp_path / "rules").mkdir()
    (folder / TESTS.name).write_text(TESTS.read_text())
    (tmp_path / "rules" / RULES.name).write_text(
        RULES.read_text().replace('assay_target_state="down"} == 1', 'assay_target_state="down"} == 2')
    )
    assert _promtool("test", "rules", folder / TESTS.name).returncode != 0


def test_every_alert_is_tested_both_firing_and_silent() -> None:
    cases = [case for test in yaml.safe_load(TESTS.read_text())["tests"] for case in test["alert_rule_test"]]
    firing = {case["alertname"] for case in cases if case["exp_alerts"]}
    silent = {case["alertname"] for case in cases if not case["exp_alerts"]}
    names = {alert["alert"] for alert in _alerts()}
    assert (firing, silent) == (names, names)


def test_every_alert_has_a_severity_a_summary_and_a_runbook_section() -> None:
    sections = {
        line.removeprefix("## ").strip().lower()
        for line in (ROOT / "docs" / "runbooks.md").read_text().splitlines()
        if line.startswith("## ")
    }
    for alert in _alerts():
        assert alert["labels"]["severity"] in {"critical", "warning", "info"}
        assert re.fullmatch(r"[A-Z].*\.", alert["annotations"]["summary"])
        assert alert["annotations"]["runbook"] == f"docs/runbooks.md#{alert['alert'].lower()}"
        assert alert["alert"].lower() in sections
