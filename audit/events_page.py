"""Makes `docs/events.md` from the catalogue; `make docs` writes it."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import TYPE_CHECKING

from assay.audit.documents import MAX_BYTES
from assay.audit.events import CATALOGUE

if TYPE_CHECKING:
    from assay.audit.events import Event

_HEAD = f"""# Events

Generated from `audit/events.py` by `make docs`; do not edit.

Every row of `assay.system_events` that Assay writes has one of these types. `payload` holds the fields below, with
secrets masked and at most {MAX_BYTES // 1024} KiB as JSON; where something was cut off, the payload has the key
`_truncated`. Other writers may add types of their own. Severities, least first: debug, info, warning, error,
critical.

"""


def page() -> str:
    """The whole page, as Markdown."""
    rows = [
        f"| [`{each.event_type}`](#{_anchor(each)}) | {each.source} | {each.default_severity} |" for each in CATALOGUE
    ]
    table = "\n".join(["| type | source | default severity |", "|---|---|---|", *rows])
    return _HEAD + table + "\n" + "".join(_section(each) for each in CATALOGUE)


def _section(event: type[Event]) -> str:
    text = " ".join((inspect.getdoc(event) or "").split())
    rows = [f"| `{each.name}` | {_type(each.type)} |" for each in fields(event)]
    return "\n".join(["", f"## {event.event_type}", "", text, "", "| field | type |", "|---|---|", *rows, ""])


def _type(annotation: object) -> str:
    """The annotation as it is written, in words that fit into a table."""
    return str(annotation).replace("|", "or").replace("None", "null")


def _anchor(event: type[Event]) -> str:
    return event.event_type.replace(".", "")
