"""SQL text names a table that nothing in the project defines.

No model, migration, `CREATE TABLE` or schema file of the project knows the table, while it does define the other
tables that its SQL names.

## Why this is a defect
The statement fails on every database that was made from this project: the table was renamed, never migrated, or only
ever existed on somebody's own machine.

## What to do
Add the migration or the model, or correct the name.

## Known limits
Only projects are judged that define three tables or more, and most of those that their SQL names. Names that are put
together at run time, system catalogues and common table expressions are left alone. A table of another service's
database is reported, too: say so in a suppression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.model import Confidence, Location, Severity
from assay.probes.code.rules.base import About, Rule, Violation
from assay.probes.code.rules.tables import defined_tables, named_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.probes.code.rules.base import Examined

_FEWEST_TABLES: Final = 3
_KNOWN_SHARE: Final = 0.6


def _check(examined: Examined) -> Iterator[Violation]:
    named = list(named_tables(examined.view))
    if not named:
        return
    defined = defined_tables(examined)
    names = {one.name for one in named}
    known = {name for name in names if _is_defined(name, defined)}
    if len(known) < _FEWEST_TABLES or len(known) < _KNOWN_SHARE * len(names):
        return
    said: set[str] = set()
    for one in named:
        if one.name not in known and one.name not in said:
            said.add(one.name)
            yield Violation(
                at=Location(file=one.file, line=one.line),
                message=f"no model, migration or schema file of the project defines the table `{one.name}`",
                confidence=Confidence.MEDIUM,
            )


def _is_defined(name: str, defined: frozenset[str]) -> bool:
    """It is defined under this name, or under it behind the name of an app, as Django does."""
    parts = name.split("_")
    return any("_".join(parts[start:]) in defined for start in range(len(parts)))


RULE: Final = Rule(
    id="missing-model",
    summary="SQL names a table that nothing in the project defines",
    severity=Severity.WARNING,
    check=_check,
    about=About.FILES,
)
