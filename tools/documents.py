"""The generated documents: `python -m tools.documents` writes them, `--check` says which are not current.

Each page is made by the package that knows its content; this is the one place that knows where it is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.audit.events_page import page as events_page
from assay.monitor.metrics_page import page as metrics_page
from assay.monitor.settings.page import settings_page
from assay.probes.catalogue import probes_page
from assay.probes.code.rules.pages import rule_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ROOT: Final = Path(__file__).parents[1]
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/events.md": events_page,
    "docs/metrics.md": metrics_page,
    "docs/probes.md": probes_page,
    "docs/settings.md": settings_page,
}


def rendered() -> dict[str, str]:
    """Every generated document: path from the root, text."""
    pages = {path: render() for path, render in PAGES.items()}
    return pages | {f"docs/rules/{name}": text for name, text in rule_pages().items()}


def stale(root: Path = _ROOT) -> list[str]:
    """The documents whose file is missing or says something else."""
    return [
        path for path, text in rendered().items() if not (root / path).is_file() or (root / path).read_text() != text
    ]


def main(arguments: list[str]) -> int:
    """Write, or check."""
    if arguments == ["--check"]:
        behind = stale()
        for path in behind:
            print(f"{path} is not current: run `make docs`", file=sys.stderr)
        return 1 if behind else 0
    for path, text in rendered().items():
        (_ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (_ROOT / path).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
