"""Dashboards follow the field's lint rules, ask only for metrics that exist, and their queries run."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from assay.audit import schema
from tests.plugins.components import need_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
DASHBOARDS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
VARIABLES = {"$__rate_interval": "1m", "$__range": "6h", "$__interval": "1m", "$job": ".+", "$instance": ".+"}
METRIC = re.compile(r"\bassay_[a-z0-9_]+")
DESCRIBED = {"stat", "timeseries", "table", "gauge", "bargauge", "state-timeline"}


def _panels(dashboard: Json) -> Iterator[Json]:
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def _promql(dashboard: Json) -> list[tuple[str, str]]:
    return [
        (panel["title"], target["expr"])
        for panel in _panels(dashboard)
        for target in panel["targets"]
        if "expr" in target
    ]


def _sql(dashboard: Json) -> list[str]:
    return [target["rawSql"] for panel in _panels(dashboard) for target in panel["targets"] if "rawSql" in target]


def lint(dashboard: Json) -> list[str]:
    """What is wrong with a dashboard, one sentence each; the rules of the dashboard linter that Grafana publishes."""
    return [
        problem for rule in (_lint_frame, _lint_variables, _lint_panels, _lint_queries) for problem in rule(dashboard)
    ]


def _lint_frame(dashboard: Json) -> Iterator[str]:
    if dashboard.get("editable") is not False:
        yield "the dashboard is editable"
    if not dashboard.get("uid"):
        yield "the dashboard has no stable uid"


def _lint_variables(dashboard: Json) -> Iterator[str]:
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    sources = [variable for variable in variables.values() if variable["type"] == "datasource"]
    if [variable["name"] for variable in sources] != ["datasource"] or sources[0]["label"] != "Data source":
        yield "there is not exactly one data source variable named `datasource`, labelled `Data source`"
    for name in ("job", "instance"):
        variable = variables.get(name)
        if variable is None:
            yield f"there is no variable `{name}`"
        elif (variable["refresh"], variable["multi"], variable["allValue"]) != (2, True, ".+"):
            yield f"variable `{name}` is not refreshed on time change, multiple, and `.+` for all"


def _lint_panels(dashboard: Json) -> Iterator[str]:
    for panel in _panels(dashboard):
        if panel["type"] in DESCRIBED and not (panel.get("title") and panel.get("description")):
            yield f"panel {panel['id']} lacks a title or a description"
        if not panel.get("targets"):
            yield f"panel `{panel['title']}` asks nothing"
        defaults = panel["fieldConfig"]["defaults"]
        if "expr" in panel["targets"][0] and not (defaults.get("unit") or defaults.get("mappings")):
            yield f"panel `{panel['title']}` has no unit"


def _lint_queries(dashboard: Json) -> Iterator[str]:
    for title, expr in _promql(dashboard):
        for selector in re.findall(r"assay_\w+\{([^}]*)\}", expr):
            if 'job=~"$job"' not in selector or 'instance=~"$instance"' not in selector:
                yield f"a selector of `{title}` lacks the job or instance matcher"
        if re.search(r"assay_\w+(?![\w{])", re.sub(r"\{[^}]*\}", "{}", expr)):
            yield f"a metric of `{title}` has no selector"
        if re.search(r"\b(?:rate|irate)\([^()]*\[(?!\$__rate_interval)", expr):
            yield f"a rate of `{title}` does not use $__rate_interval"
        if re.search(r"(?<!rate\()(?<!increase\()\bassay_\w+_total\b", expr):
            yield f"`{title}` shows a counter without a rate"


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.name)
def dashboard(request: pytest.FixtureRequest) -> Json:
    """Each dashboard of the repository."""
    content: Json = json.loads(request.param.read_text())
    return content


def test_there_is_a_dashboard() -> None:
    assert DASHBOARDS


def test_a_dashboard_has_no_lint(dashboard: Json) -> None:
    assert lint(dashboard) == []


def _first(dashboard: Json) -> Json:
    return next(panel for panel in _panels(dashboard) if "expr" in panel["targets"][0])


def _edit_expr(dashboard: Json, old: str, new: str) -> None:
    panel = next(panel for panel in _panels(dashboard) if old in panel["targets"][0].get("expr", ""))
    panel["targets"][0]["expr"] = panel["targets"][0]["expr"].replace(old, new)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda board: board.update(editable=True),
        lambda board: board.pop("uid"),
        lambda board: board["templating"]["list"].pop(0),
        lambda board: board["templating"]["list"].pop(1),
        lambda board: board["templating"]["list"][2].update(refresh=1),
        lambda board: _first(board).update(description=""),
        lambda board: _first(board)["fieldConfig"]["defaults"].pop("unit"),
        lambda board: _edit_expr(board, 'job=~"$job", ', ""),
        lambda board: _edit_expr(board, "[$__rate_interval]", "[5m]"),
        lambda board: _edit_expr(board, "sum(assay_ready{", "sum(assay_ready_total{"),
        lambda board: _edit_expr(board, 'assay_ready{job=~"$job", instance=~"$instance"}', "assay_ready"),
    ],
)
def test_each_lint_rule_notices_its_defect(spoil: Callable[[Json], object]) -> None:
    board = copy.deepcopy(json.loads(DASHBOARDS[0].read_text()))
    spoil(board)
    assert len(lint(board)) == 1


def test_every_query_of_a_dashboard_parses(dashboard: Json, tmp_path: Path) -> None:
    rules = []
    for number, (_, expr) in enumerate(_promql(dashboard)):
        for variable, value in VARIABLES.items():
            expr = expr.replace(variable, value)  # noqa: PLW2901 - one substitution after the other
        rules.append({"record": f"panel:{number}", "expr": expr})
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    program = need_program("promtool", "apt-get install prometheus")
    done = subprocess.run([program, "check", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_dashboards_and_alerts_ask_only_for_metrics_that_are_documented() -> None:
    documented = set(METRIC.findall((ROOT / "docs" / "metrics.md").read_text()))
    asked = {
        name
        for board in DASHBOARDS
        for _, expr in _promql(json.loads(board.read_text()))
        for name in METRIC.findall(expr)
    }
    rules = yaml.safe_load((ROOT / "prometheus" / "rules" / "assay.yml").read_text())
    asked |= {name for group in rules["groups"] for rule in group["rules"] for name in METRIC.findall(rule["expr"])}
    known = documented | {f"{name}_bucket" for name in documented}
    labels = {"assay_target_state"}
    assert asked - known - labels == set()


def test_the_tables_of_a_dashboard_read_the_migrated_store(dashboard: Json, database: str) -> None:
    schema.upgrade(database, actor="test")
    queries = _sql(dashboard)
    assert queries
    with psycopg.connect(database) as connection:
        for query in queries:
            connection.execute(re.sub(r"\$__timeFilter\((\w+)\)", r"\1 > now() - interval '1 hour'", query).encode())


def test_the_data_sources_are_the_ones_that_the_dashboards_name(dashboard: Json) -> None:
    provisioned = yaml.safe_load((ROOT / "grafana" / "provisioning" / "datasources" / "assay.yml").read_text())[
        "datasources"
    ]
    uids = {source["uid"] for source in provisioned} | {"${datasource}"}
    assert {panel["datasource"]["uid"] for panel in _panels(dashboard)} <= uids
