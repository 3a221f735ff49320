"""Runs of the scanner: one row a run, and each document stored once however many runs found the same.

A document is known by the digest of its content without `time`, so that a scheduled scan of an unchanged tree adds a
row of a few hundred bytes. A run of a commit is known by service, commit and configuration: sending it again changes
nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from assay.audit.documents import RawJson, clean_text, to_json
from assay.audit.errors import InvalidScan
from assay.audit.model import ScanRecord, ScanStatus
from assay.audit.recorder import insert_audit
from assay.audit.tables import scan_documents, scan_runs
from assay.core.ids import uuid7

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import RowMapping, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from assay.audit.documents import JsonObject, JsonValue
    from assay.audit.model import AuditEntry
    from assay.audit.rows import Row
    from assay.audit.store import Store
    from assay.core.clock import Clock

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""A larger document is refused: it would be a mistake of its sender, or a tree that should be scanned in parts."""

ORIGINS: Final = ("schedule", "request", "ci")
"""Who asked for a scan: the schedule, somebody through the API, or a pipeline that sent it."""

_VERSION: Final = 1
_DIGEST: Final = re.compile(r"[A-Za-z0-9]{0,64}")
_DEEPEST: Final = 64


@dataclass(frozen=True, kw_only=True)
class StoredScan:
    """Which run it is, and whether this call made it: `False` when the same commit was stored before."""

    run_id: UUID
    created: bool


async def store_scan(
    store: Store,
    document: bytes,
    *,
    configuration_digest: str,
    origin: str,
    clock: Clock,
    service: str | None = None,
    audit: AuditEntry | None = None,
) -> StoredScan:
    """Store the JSON document of a scan (version 1).

    `configuration_digest` is empty where the sender named none. `origin` is one of `ORIGINS`. `service` stands in where
    the document names none. `audit` is committed together with a run that is new.

    Raises:
        InvalidScan: it is no such document, or larger than 16 MiB.
        StoreUnavailable: it cannot be stored now.
    """
    _check_digest(configuration_digest)
    _check_origin(origin)
    scan = _parse(document, service)
    now = clock.now()
    run = _run_row(scan, configuration_digest, origin, now)
    async with store.begin() as connection:
        made = await connection.execute(
            insert(scan_runs).values(run).on_conflict_do_nothing().returning(scan_runs.c.id)
        )
        key: UUID | None = made.scalar_one_or_none()
        if key is None:
            return StoredScan(run_id=await _existing(connection, run), created=False)
        await connection.execute(insert(scan_documents).values(_document_row(scan)).on_conflict_do_nothing())
        if audit is not None:
            await insert_audit(connection, audit, timestamp=now)
    return StoredScan(run_id=key, created=True)


async def store_failed_scan(
    store: Store,
    *,
    service: str,
    reason: str,
    origin: str,
    clock: Clock,
    configuration_digest: str = "",
    commit: str | None = None,
) -> UUID:
    """Store that a scan ended without a document, and why. The digest is empty where the configuration was not reached.

    Raises:
        InvalidScan: `origin` cannot be.
        StoreUnavailable: it cannot be stored now.
    """
    _check_origin(origin)
    row = {
        "id": uuid7(),
        "service": clean_text(service, 200),
        "commit": None if commit is None else clean_text(commit, 100),
        "configuration_digest": clean_text(configuration_digest, 64),
        "origin": origin,
        "status": ScanStatus.FAILED,
        "reason": clean_text(reason, 4000),
        "timestamp": clock.now(),
    }
    async with store.begin() as connection:
        await connection.execute(insert(scan_runs).values(row))
    return cast("UUID", row["id"])


async def latest_scans(store: Store) -> dict[str, ScanRecord]:
    """The newest finished run of every service, by service.

    Raises:
        StoreUnavailable: it cannot be read now.
    """
    statement = (
        select_scans()
        .ext(distinct_on(scan_runs.c.service))
        .where(scan_runs.c.status == ScanStatus.FINISHED)
        .order_by(scan_runs.c.service, scan_runs.c.timestamp.desc(), scan_runs.c.id.desc())
    )
    async with store.begin() as connection:
        rows = (await connection.execute(statement)).mappings().all()
    return {row["service"]: scan_record(row) for row in rows}


async def scan_document(store: Store, run_id: UUID) -> JsonObject | None:
    """The document of a run, with the run's own time; `None` where there is no such run, or it failed.

    Raises:
        StoreUnavailable: it cannot be read now.
    """
    joined = scan_runs.join(scan_documents)
    statement = (
        select(scan_documents.c.document, scan_runs.c.timestamp).select_from(joined).where(scan_runs.c.id == run_id)
    )
    async with store.begin() as connection:
        row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    document: dict[str, JsonValue] = row.document
    return {**document, "time": row.timestamp.isoformat()}


def select_scans() -> Select[Any]:
    """Every column of a run, and how large its document is."""
    size = func.coalesce(scan_documents.c.size_bytes, 0).label("document_bytes")
    return select(scan_runs, size).select_from(scan_runs.outerjoin(scan_documents))


def scan_record(row: RowMapping) -> ScanRecord:
    """The value of a row of `select_scans`."""
    return ScanRecord(**{**row, "status": ScanStatus(row["status"])})


@dataclass(frozen=True, kw_only=True)
class _Scan:
    service: str
    document: dict[str, JsonValue]
    summary: dict[str, JsonValue]
    text: bytes
    digest: str

    def word(self, name: str) -> str | None:
        value = self.document.get(name)
        return value if isinstance(value, str) and value else None


def _parse(raw: bytes, service: str | None) -> _Scan:
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise InvalidScan(
            f"the scan has {len(raw)} bytes; at most {MAX_DOCUMENT_BYTES} are taken: scan the tree in parts"
        )
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidScan(f"the scan is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        raise InvalidScan(
            f"the scan is not a JSON object with version {_VERSION}, as `assay scan --format json` writes it"
        )
    _check_shape(document)
    named = document.get("service") or service
    if not isinstance(named, str) or not named:
        raise InvalidScan("the scan names no service: give it one with `service` in the table [scan] of assay.toml")
    lasting = _storable({name: value for name, value in document.items() if name != "time"}, 0)
    text = orjson.dumps(lasting, option=orjson.OPT_SORT_KEYS)
    return _Scan(
        service=clean_text(named, 200),
        document=document,
        summary=document["summary"],
        text=text,
        digest=hashlib.sha256(text).hexdigest(),
    )


def _check_digest(configuration_digest: str) -> None:
    if not _DIGEST.fullmatch(configuration_digest):
        raise InvalidScan(
            f"the configuration digest is {configuration_digest[:80]!r}; it is up to 64 letters and digits"
        )


def _check_origin(origin: str) -> None:
    if origin not in ORIGINS:
        raise InvalidScan(f"the origin of the scan is {origin[:80]!r}; it may be {', '.join(ORIGINS)}")


def _check_shape(document: dict[str, JsonValue]) -> None:
    for name, kind, told in (("endpoints", list, "a list"), ("findings", list, "a list"), ("skipped", list, "a list"),
                             ("summary", dict, "an object")):  # fmt: skip
        if not isinstance(document.get(name), kind):
            raise InvalidScan(f"the scan's {name} is missing or not {told}")


def _storable(value: JsonValue, depth: int) -> JsonValue:
    """The same document as `jsonb` takes it: without U+0000, with secrets masked, not nested without end."""
    if depth > _DEEPEST:
        raise InvalidScan(f"the scan is nested deeper than {_DEEPEST} levels")
    match value:
        case str():
            return clean_text(value)
        case dict():
            return {clean_text(name): _storable(each, depth + 1) for name, each in value.items()}
        case list():
            return [_storable(each, depth + 1) for each in value]
        case _:
            return value


def _document_row(scan: _Scan) -> Row:
    return {"digest": scan.digest, "document": RawJson(scan.text), "size_bytes": len(scan.text)}


def _run_row(scan: _Scan, configuration_digest: str, origin: str, now: datetime) -> Row:
    commit, repository, branch = (scan.word(name) for name in ("commit", "repository", "branch"))
    tool = scan.document.get("tool")
    version = tool.get("version") if isinstance(tool, dict) else None
    by_verdict, findings = (scan.summary.get(name) for name in ("by_verdict", "findings"))
    return {
        "id": uuid7(),
        "service": scan.service,
        "repository": repository and clean_text(repository, 1000),
        "commit": commit and clean_text(commit, 100),
        "branch": branch and clean_text(branch, 300),
        "configuration_digest": configuration_digest,
        "origin": origin,
        "status": ScanStatus.FINISHED,
        "endpoints": _length(scan.document["endpoints"]),
        "by_verdict": to_json(by_verdict if isinstance(by_verdict, dict) else {}),
        "findings": to_json(findings if isinstance(findings, dict) else {}),
        "skipped": _length(scan.document["skipped"]),
        "document_digest": scan.digest,
        "tool_version": clean_text(version if isinstance(version, str) else "", 50),
        "timestamp": now,
    }


def _length(value: JsonValue) -> int:
    return len(value) if isinstance(value, list) else 0


async def _existing(connection: AsyncConnection, run: Row) -> UUID:
    statement = select(scan_runs.c.id).where(
        scan_runs.c.status == ScanStatus.FINISHED,
        *(scan_runs.c[name] == run[name] for name in ("service", "commit", "configuration_digest")),
    )
    key: UUID = (await connection.execute(statement)).scalar_one()
    return key
