"""How long `assay scan` takes on a large tree, and how much memory, beside the tools that a team would use instead.

    ASSAY_BENCH_TREE=/path/to/a/tree python -m tests.benchmarks.peers [RUNS]

Every run is a whole process on a copy of the tree, with a cache folder of its own. The tools take turns, so that a
change of the machine's speed meets all of them; one that is not installed is left out. Before each warm run a function
is added to the largest Python file that declares routes.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_RULES: Final = Path(__file__).parent / "rules"
_WORDS: Final = r"TODO|FIXME|mock|dummy|fake|sample|placeholder|hardcoded|in.memory|not implemented|fallback|simulat"
_SUFFIXES: Final = (".py", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs")
_ROUTE: Final = (b"@app.", b"@router.", b"@bp.", b"@blueprint.", b"urlpatterns")
COLD: Final = "assay scan, cold"
WARM: Final = "assay scan, one file changed"


class Contestant(NamedTuple):
    """A tool: what is to be done before each of its runs, and the command that is timed."""

    name: str
    command: tuple[str, ...]
    prepare: Callable[[], object]
    cache: Path


class Measured(NamedTuple):
    """What one run took; memory is that of its largest process."""

    seconds: float
    peak_bytes: int


class Row(NamedTuple):
    """All runs of one tool."""

    name: str
    median_seconds: float
    least_seconds: float
    peak_bytes: int


def contestants(tree: Path, work: Path) -> Iterator[Contestant]:
    """Assay twice, and each tool that is installed."""
    assay = (sys.executable, "-m", "assay", "scan", "--format", "json", "--exit-zero", ".")
    cold, warm, other = work / "cold", work / "warm", work / "other"
    changed = _largest_with_routes(tree)
    yield Contestant(COLD, assay, lambda: shutil.rmtree(cold, ignore_errors=True), cold)
    yield Contestant(WARM, assay, lambda: _change(changed), warm)
    configuration = work / "sgconfig.yml"
    javascript = "languageGlobs: {tsx: ['*.ts', '*.tsx', '*.js', '*.jsx', '*.mjs', '*.cjs']}"
    configuration.write_text(f"ruleDirs: [{_RULES / 'ast_grep'}]\n{javascript}\n", encoding="utf-8")
    rules = sum(text.count("\nid: ") + text.startswith("id: ") for text in _texts(_RULES / "ast_grep"))
    patterns = sum(text.count("- id: ") for text in _texts(_RULES / "semgrep"))
    semgrep = ("semgrep", "scan", "--metrics=off", "--disable-version-check", "--quiet", "--json")
    for name, command in (
        (f"ripgrep, {_WORDS.count('|') + 1} words", ("rg", "--ignore-case", "--count-matches", _WORDS, ".")),
        (f"ast-grep, {rules} rules", ("ast-grep", "scan", "--config", str(configuration), "--json=compact", ".")),
        (f"semgrep, {patterns} rules", (*semgrep, "--config", str(_RULES / "semgrep"), ".")),
    ):
        if shutil.which(command[0]):
            yield Contestant(name, command, _nothing, other)


def _nothing() -> None:
    return


def _texts(folder: Path) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yml"))]


def _largest_with_routes(tree: Path) -> Path:
    files = [file for file in sorted(tree.rglob("*.py")) if file.is_file() and not file.is_symlink()]
    routed = [file for file in files if any(word in file.read_bytes() for word in _ROUTE)]
    return max(routed or files, key=lambda file: file.stat().st_size)


def _change(file: Path) -> None:
    text = file.read_text(encoding="utf-8", errors="surrogateescape")
    added = f"\n\ndef changed_{text.count('def changed_')}():\n    return None\n"
    file.write_text(text + added, encoding="utf-8", errors="surrogateescape")


def run(contestant: Contestant, tree: Path) -> Measured:
    """Run it once on the tree."""
    contestant.prepare()
    environment = {**os.environ, "XDG_CACHE_HOME": str(contestant.cache), "SEMGREP_SEND_METRICS": "off"}
    start = time.perf_counter()
    with subprocess.Popen(
        contestant.command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"{contestant.name}: exit code {process.returncode}")
    return Measured(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def measure(tree: Path, runs: int) -> list[Row]:
    """Each tool `runs` times in turn, on a copy of the tree, after one run that is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        copy, work = Path(folder) / "tree", Path(folder) / "work"
        shutil.copytree(tree, copy, symlinks=True)
        work.mkdir()
        entrants = tuple(contestants(copy, work))
        results: dict[str, list[Measured]] = {one.name: [] for one in entrants}
        for one in entrants:
            run(one, copy)
        for _ in range(runs):
            for one in entrants:
                results[one.name].append(run(one, copy))
    return [_row(name, measured) for name, measured in results.items()]


def _row(name: str, measured: Sequence[Measured]) -> Row:
    seconds = [one.seconds for one in measured]
    return Row(name, statistics.median(seconds), min(seconds), max(one.peak_bytes for one in measured))


def table(rows: Sequence[Row]) -> str:
    """The rows, with how often the time of each goes into that of a cold scan."""
    cold = next(row for row in rows if row.name == COLD)
    width = max(len(row.name) for row in rows)
    lines = [f"{'':{width}}  median s  minimum s  peak MB  cold scan / this"]
    lines += [
        f"{row.name:{width}}  {row.median_seconds:8.3f}  {row.least_seconds:9.3f}  {row.peak_bytes / 1e6:7.0f}"
        f"  {cold.median_seconds / row.median_seconds:16.2f}"
        for row in rows
    ]
    return "\n".join(lines)


def main(runs: int) -> None:
    """Print the table for the tree that the environment names."""
    named = os.environ.get("ASSAY_BENCH_TREE")
    if not named:
        print("ASSAY_BENCH_TREE names no tree: the comparison with other tools is left out")
        return
    tree = Path(named)
    files = [file for file in tree.rglob("*") if file.suffix in _SUFFIXES and file.is_file()]
    print(f"{len(files)} source files, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB, {runs} runs in turn")
    print(table(measure(tree, runs)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
