"""The figures of docs/accuracy.md: the scanner's verdicts beside labels that people wrote.

    python -m tools.accuracy LABELS TREES [--files REGEX] [--write]

LABELS  the folder with `endpoints.jsonl` and its scorer `evaluate.py`; TREES  one folder per labelled repository.

The scorer decides what counts; here its counts are put into tables by language and framework, without the name of any
repository. `--write` puts them into docs/accuracy.md between its marks, otherwise they are printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

_PAGE: Final = Path(__file__).parents[1] / "docs" / "accuracy.md"
_BEGIN: Final = "<!-- figures: written by `python -m tools.accuracy`; do not edit -->"
_END: Final = "<!-- end of figures -->"
_COLUMNS: Final = (
    "language, framework",
    "endpoints",
    "found",
    "phantom",
    "exact",
    "decided",
    "fake P / R",
    "gate P / R",
    "unwired P / R",
    "broken P / R",
)
_LANGUAGES: Final = {"py": "Python"}
_OTHER: Final = "TypeScript and JavaScript"
_SCAN: Final = (sys.executable, "-m", "assay", "scan", "--format", "json", "--exit-zero", ".")

Pair = tuple[dict[str, Any] | None, dict[str, Any] | None]


def scorer(labels: Path) -> ModuleType:
    """The scorer that comes with the labels."""
    spec = importlib.util.spec_from_file_location("evaluate", labels / "evaluate.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no scorer evaluate.py in {labels}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pairs(scoring: ModuleType, labels: Path, trees: Path, files: str) -> Iterator[list[Pair]]:
    """For each labelled repository its labels with what the scan says; a tree that is not there ends the run."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in (labels / "endpoints.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(row)
        if re.search(files, label["file"]):
            groups[label["repo"], label["commit"]].append(label)
    for (repo, commit), wanted in sorted(groups.items()):
        root = trees / f"{repo.replace('/', '+')}@{commit[:8]}"
        if not root.is_dir():
            raise SystemExit(f"no tree {root.name} in {trees}: lay it out with the checkout script beside the labels")
        run = subprocess.run(_SCAN, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
        yield list(scoring.match(wanted, json.loads(run.stdout)["endpoints"]))


def _language(file: str) -> str:
    return _LANGUAGES.get(file.rpartition(".")[2], _OTHER)


def _share(pair: tuple[int, int], none: str) -> str:
    return f"{pair[0] / pair[1]:.3f}" if pair[1] else none


def _rate(score: Any, name: str, none: str) -> str:  # noqa: ANN401 - the scorer is loaded from its file
    return f"{_share(score.precision(name), none)} / {_share(score.recall(name), none)}"


def _row(title: str, score: Any) -> str:  # noqa: ANN401 - the same
    n = score.n
    cells = [
        title,
        str(n["labels"]),
        _share((n["found"], n["labels"]), "-"),
        str(n["phantoms"]),
        _share((n["exact"], n["clear"]), "-"),
        _share((n["decided"], n["clear"]), "-"),
        *(_rate(score, name, "-") for name in ("fake", "gate", "unwired", "broken")),
    ]
    return f"| {' | '.join(cells)} |"


def by_framework(scoring: ModuleType, found: Iterable[Pair]) -> list[str]:
    """The main table: one row per language and framework, and one per language."""
    scores: dict[str, dict[str, Any]] = defaultdict(dict)
    for label, got in found:
        known = label or got
        if known is None:
            continue
        language = _language(known["file"])
        for name in (known.get("framework", ""), ""):
            scores[language].setdefault(name, scoring.Score()).add(label, got)
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    for language in sorted(scores):
        rows = scores[language]
        lines += [_row(f"{language}, {name}", rows[name]) for name in sorted(rows) if name]
        lines.append(_row(f"**{language}, all**", rows[""]))
    return lines


def by_confidence(scoring: ModuleType, found: Iterable[Pair]) -> list[str]:
    """How often a body verdict is right at each confidence, over labels that any reviewer would share."""
    counts: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0])
    for label, got in found:
        if label is None or got is None or label["body"] in (None, "unknown") or label["body_severity"] != "clear":
            continue
        fake = got["body"] in scoring.FAKE
        for key in ((got["confidence"], fake), ("debatable", fake))[: 1 + bool(got["debatable"])]:
            counts[key][0] += got["body"] == label["body"]
            counts[key][1] += 1
    lines = ["| confidence | mock, lossy, fallback, volatile | every other verdict |", "|---|---|---|"]
    for name in ("high", "medium", "low", "debatable"):
        cells = [_counted(counts[name, fake]) for fake in (True, False)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _counted(pair: list[int]) -> str:
    return f"{pair[0]} of {pair[1]} ({_share((pair[0], pair[1]), '-')})" if pair[1] else "none"


def figures(labels: Path, trees: Path, files: str) -> str:
    """Both tables as Markdown."""
    scoring = scorer(labels)
    repositories = list(pairs(scoring, labels, trees, files))
    every = [pair for one in repositories for pair in one]
    return "\n".join([*by_framework(scoring, every), "", *by_confidence(scoring, every)])


def written(page: str, tables: str) -> str:
    """The page with its figures replaced."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise SystemExit(f"{_PAGE.name} has no place for figures: {_BEGIN} ... {_END}")
    return f"{before}{begin}\n\n{tables}\n\n{end}{after}"


def main(words: list[str]) -> int:
    """Print the figures, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("trees", type=Path)
    parser.add_argument("--files", default="", metavar="REGEX", help="only labels whose file matches")
    parser.add_argument("--write", action="store_true", help="into docs/accuracy.md")
    options = parser.parse_args(words)
    tables = figures(options.labels, options.trees, options.files)
    if options.write:
        _PAGE.write_text(written(_PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")
    else:
        print(tables)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
