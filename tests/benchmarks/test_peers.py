"""The comparison with other tools measures what it says: on a copy, with and without what an earlier run left."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.peers import COLD, WARM, Row, contestants, main, run, table
from tests.benchmarks.scan import write_repository

if TYPE_CHECKING:
    from pathlib import Path


def _contents(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*.py"))}


def test_the_table_has_a_row_for_each_tool_and_leaves_the_tree_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_repository(tmp_path)
    before = _contents(tmp_path)
    monkeypatch.setenv("ASSAY_BENCH_TREE", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    main(1)
    head, titles, cold, warm = capsys.readouterr().out.splitlines()
    assert head.startswith("21 source files, 0.0 MB, 1 runs in turn")
    assert titles.split() == ["median", "s", "minimum", "s", "peak", "MB", "cold", "scan", "/", "this"]
    assert (cold.startswith(COLD), warm.startswith(WARM)) == (True, True)
    assert _contents(tmp_path) == before


def test_each_warm_run_meets_another_change_and_each_cold_run_an_empty_cache(tmp_path: Path) -> None:
    tree, work = tmp_path / "tree", tmp_path / "work"
    tree.mkdir()
    work.mkdir()
    write_repository(tree)
    cold, warm = list(contestants(tree, work))[:2]
    (work / "cold").mkdir()
    (work / "cold" / "left").touch()
    seen = [_contents(tree)]
    for one in (cold, warm, warm):
        assert run(one, tree).peak_bytes > 1_000_000
        seen.append(_contents(tree))
    assert not (work / "cold" / "left").exists()
    changed = [sum(before[name] != after[name] for name in before) for before, after in pairwise(seen)]
    assert changed == [0, 1, 1]


def test_a_ratio_says_how_often_the_other_tool_would_have_run_meanwhile() -> None:
    rows = [Row(COLD, 3.0, 2.9, 10_000_000), Row("ast-grep, 27 rules", 2.0, 1.9, 20_000_000)]
    assert [line.split()[-4:] for line in table(rows).splitlines()[1:]] == [
        ["3.000", "2.900", "10", "1.00"],
        ["2.000", "1.900", "20", "1.50"],
    ]


def test_without_a_tree_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ASSAY_BENCH_TREE", raising=False)
    main(1)
    assert capsys.readouterr().out == "ASSAY_BENCH_TREE names no tree: the comparison with other tools is left out\n"


def test_a_tool_that_fails_is_no_figure(tmp_path: Path) -> None:
    write_repository(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    cold = next(contestants(tmp_path, work))
    with pytest.raises(RuntimeError, match="exit code 2"):
        run(cold._replace(command=(*cold.command, "--no-such-option")), tmp_path)
