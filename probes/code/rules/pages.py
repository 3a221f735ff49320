"""The rules as pages: one per rule from its docstring, and a list of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.probes.code.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator


def rule_pages() -> dict[str, str]:
    """File name to Markdown, the list first as `README.md`."""
    return {"README.md": "\n".join(_list()) + "\n", **{f"{rule.id}.md": rule.page for rule in RULES}}


def _list() -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield "A rule that names verdicts explains them: suppressing its finding accepts the endpoint as well."
    yield "`assay explain RULE` prints the same pages."
    yield ""
    yield "| rule | severity | finds | verdicts |"
    yield "|---|---|---|---|"
    for rule in RULES:
        yield f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.summary} | {', '.join(rule.verdicts)} |"
