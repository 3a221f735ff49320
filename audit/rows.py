"""Values -> rows of the record tables: cleaned, masked, bounded, with a key of their own."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final

from assay.audit.documents import clean_text, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from assay.audit.documents import JsonObject, RawJson
    from assay.audit.events import Event
    from assay.audit.model import AuditEntry, Severity

Row = dict[str, Any]
"""Column -> value, as SQLAlchemy takes it; it stays inside this package."""

NAME: Final = 100
ACTOR: Final = 200
TARGET: Final = 500


def event_row(
    event: Event,
    *,
    key: UUID,
    timestamp: datetime,
    severity: Severity | None = None,
    metadata: JsonObject | None = None,
) -> Row:
    """The row of `system_events` for an event that happened at `timestamp`."""
    return {
        "id": key,
        "event_type": event.event_type,
        "source": event.source,
        "severity": severity or event.severity,
        "payload": to_json(event),
        "timestamp": timestamp,
        "metadata": to_json(metadata or {}),
    }


def audit_row(entry: AuditEntry, *, key: UUID, timestamp: datetime) -> Row:
    """The row of `audit_logs` for an action that happened at `timestamp`."""
    address = _ip_address(entry.source_ip)
    metadata: dict[str, object] = {**(entry.metadata or {})}
    if entry.source_ip and address is None:
        metadata["source"] = entry.source_ip
    return {
        "id": key,
        "actor": clean_text(entry.actor, ACTOR),
        "action": clean_text(entry.action, NAME),
        "target": clean_text(entry.target, TARGET),
        "outcome": entry.outcome,
        "request_id": None if entry.request_id is None else clean_text(entry.request_id, NAME),
        "source_ip": address,
        "before": _document(entry.before),
        "after": _document(entry.after),
        "timestamp": timestamp,
        "metadata": to_json(metadata),
    }


def row_bytes(row: Mapping[str, object]) -> int:
    """About how much memory a row holds: its texts and documents, and a share for the rest."""
    sizes = (len(getattr(value, "text", value if isinstance(value, str) else "")) for value in row.values())
    return sum(sizes) + 1024


def _document(value: JsonObject | None) -> RawJson | None:
    return None if value is None else to_json(value)


def _ip_address(told: str | None) -> str | None:
    if told is None:
        return None
    try:
        return str(ipaddress.ip_address(told.partition("%")[0]))
    except ValueError:
        return None
