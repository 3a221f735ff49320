"""The scheduled scan: one at a time, stored, counted, told.

A document that cannot be stored because the store is away waits in memory, the newest only, until the next
housekeeping.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from assay.audit.errors import InvalidScan, StoreRejected, StoreUnavailable
from assay.audit.events import ScanFailed, ScanFinished
from assay.audit.scans import latest_scans, store_failed_scan, store_scan
from assay.monitor.logs import logger
from assay.monitor.metrics import ScanFigures
from assay.monitor.scan_process import ScanEnd, ScanFailedError, ScanLimits, run_scan
from assay.probes.code.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from assay.audit.model import ScanRecord
    from assay.audit.scans import StoredScan
    from assay.audit.store import Store
    from assay.core.clock import Clock
    from assay.monitor.journal import Journal
    from assay.monitor.metrics import Metrics

_LOG: Final = logger("assay.scans")
_NO_CONFIGURATION: Final = "unknown"
_BAD: Final = frozenset(
    {Verdict.UNWIRED, Verdict.BROKEN, Verdict.MOCK, Verdict.LOSSY, Verdict.FALLBACK, Verdict.VOLATILE}
)


@dataclass(frozen=True, kw_only=True)
class ScanContent:
    """What the service itself needs of a scan's document."""

    service: str
    commit: str | None
    by_verdict: Mapping[str, int]
    by_rule: Mapping[str, int]
    skipped: int
    configuration: str
    digest: str

    @property
    def bad(self) -> dict[str, int]:
        """The verdicts that fail a build by default, with their counts."""
        return {verdict: count for verdict, count in self.by_verdict.items() if verdict in _BAD}


def _object(document: bytes) -> dict[str, Any]:
    """The document, of which the lists are there."""
    try:
        whole = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise InvalidScan(f"the scan is not JSON: {error}") from error
    if not isinstance(whole, dict):
        raise InvalidScan("the scan is no JSON object as `assay scan --format json` writes it")
    absent = [name for name in ("endpoints", "findings", "skipped") if not isinstance(whole.get(name), list)]
    if absent:
        raise InvalidScan(f"the scan has no list named {' or '.join(absent)}")
    return whole


def read_content(document: bytes, *, service: str | None = None) -> ScanContent:
    """Count what a document holds. `service` stands in where it names none. Takes time: run it in a thread.

    Raises:
        InvalidScan: it is not a scan's document.
    """
    whole = _object(document)
    try:
        lasting = {name: value for name, value in whole.items() if name != "time"}
        named = whole.get("service") or service
        by_verdict = Counter(str(endpoint["verdict"]) for endpoint in whole["endpoints"])
        by_rule = Counter(str(finding["rule"]) for finding in whole["findings"])
        skipped = len(whole["skipped"])
        configuration = str(whole.get("configuration") or "")
    except (KeyError, TypeError) as error:
        raise InvalidScan("the scan has an endpoint without a verdict or a finding without a rule") from error
    if not isinstance(named, str) or not named:
        raise InvalidScan("the scan names no service")
    commit = whole.get("commit")
    digest = hashlib.sha256(orjson.dumps(lasting, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return ScanContent(
        service=named,
        commit=commit if isinstance(commit, str) else None,
        by_verdict=by_verdict,
        by_rule=by_rule,
        skipped=skipped,
        configuration=configuration,
        digest=digest,
    )


@dataclass(frozen=True, kw_only=True)
class ScanPlan:
    """What is scanned on the schedule."""

    path: Path
    service: str
    limits: ScanLimits


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    document: bytes
    digest: str


class Scans:
    """Scans of this process, and what it knows of all services' newest. `plan` is absent where nothing is scheduled."""

    def __init__(
        self,
        plan: ScanPlan | None,
        *,
        store: Store | None,
        journal: Journal,
        metrics: Metrics,
        clock: Clock,
        scanner: Callable[[Path, ScanLimits], Awaitable[bytes]] = run_scan,
    ) -> None:
        self._plan = plan
        self._scanner = scanner
        self._store = store
        self._journal = journal
        self._metrics = metrics
        self._clock = clock
        self._running = asyncio.Lock()
        self._waiting: _Waiting | None = None
        self._shown: dict[str, ScanFigures] = {}

    async def run_scheduled(self) -> None:
        """Scan what is planned, after the scan that is running, if one is."""
        if self._plan is None:
            return
        async with self._running:
            began = self._clock.monotonic()
            try:
                document = await self._scanner(self._plan.path, self._plan.limits)
                content = await self._understood(document)
                stored = await self._store_own(document, content)
            except ScanFailedError as error:
                await self._tell_failure(self._plan, error, self._clock.monotonic() - began)
                return
            self._show(_figures(content, self._clock))
            run_id = "" if stored is None else str(stored.run_id)
            self._tell_finished(content, run_id=run_id, duration_seconds=self._clock.monotonic() - began)

    def taken_in(self, content: ScanContent, *, run_id: str) -> None:
        """A scan that came from elsewhere was stored."""
        self._show(_figures(content, self._clock))
        self._tell_finished(content, run_id=run_id)

    def _tell_finished(self, content: ScanContent, *, run_id: str, duration_seconds: float | None = None) -> None:
        """A scan ended with a document. `run_id` is empty where it could not be stored yet."""
        event = ScanFinished(
            service=content.service,
            run_id=run_id,
            commit=content.commit,
            endpoints=sum(content.by_verdict.values()),
            bad=content.bad,
            findings=sum(content.by_rule.values()),
            skipped=content.skipped,
            duration_seconds=None if duration_seconds is None else round(duration_seconds, 3),
        )
        self._journal.post(event)

    async def refresh(self, store: Store) -> None:
        """Store what had to wait, and show the newest scan of every service, whichever replica took it in.

        Raises:
            StoreUnavailable: the store is away.
        """
        if self._waiting is not None and self._plan is not None:
            waiting, self._waiting = self._waiting, None
            try:
                await self._store_document(store, self._plan, waiting)
            except ScanFailedError as error:
                await self._tell_failure(self._plan, error, None)
        for record in (await latest_scans(store)).values():
            self._show(_figures_of_record(record))

    async def _understood(self, document: bytes) -> ScanContent:
        assert self._plan is not None  # noqa: S101 - only a planned scan gets here
        try:
            return await asyncio.to_thread(read_content, document, service=self._plan.service)
        except InvalidScan as error:
            raise ScanFailedError(ScanEnd.INVALID_OUTPUT, str(error)) from error

    async def _store_own(self, document: bytes, content: ScanContent) -> StoredScan | None:
        if self._store is None or self._plan is None:
            return None
        return await self._store_document(
            self._store, self._plan, _Waiting(document=document, digest=content.digest), patiently=True
        )

    async def _store_document(
        self, store: Store, plan: ScanPlan, waiting: _Waiting, *, patiently: bool = False
    ) -> StoredScan | None:
        """Store a document of our own. What was found is part of its identity: a tree changes without a new commit."""
        try:
            return await store_scan(
                store,
                waiting.document,
                configuration_digest=waiting.digest,
                origin="schedule",
                clock=self._clock,
                service=plan.service,
            )
        except (InvalidScan, StoreRejected) as error:
            raise ScanFailedError(ScanEnd.INVALID_OUTPUT, str(error)) from error
        except StoreUnavailable as error:
            self._waiting = waiting
            if not patiently:
                raise
            _LOG.warning("scan_waits_for_the_store", service=plan.service, reason=error.reason)
            return None

    async def _tell_failure(self, plan: ScanPlan, error: ScanFailedError, seconds: float | None) -> None:
        duration = None if seconds is None else round(seconds, 3)
        event = ScanFailed(service=plan.service, reason=error.end, message=str(error), duration_seconds=duration)
        self._journal.post(event)
        if self._store is None:
            return
        try:
            await store_failed_scan(
                self._store,
                service=plan.service,
                reason=f"{error.end}: {error}",
                configuration_digest=_NO_CONFIGURATION,
                origin="schedule",
                clock=self._clock,
            )
        except StoreUnavailable as away:
            _LOG.warning("failed_scan_not_stored", service=plan.service, reason=away.reason)

    def _show(self, figures: ScanFigures) -> None:
        """The newest wins: what another replica stored before our own last run is old news."""
        shown = self._shown.get(figures.service)
        if shown is None or figures.taken_at >= shown.taken_at:
            self._shown[figures.service] = figures
            self._metrics.set_scan(figures)


def _figures(content: ScanContent, clock: Clock) -> ScanFigures:
    return ScanFigures(
        service=content.service, taken_at=clock.now(), by_verdict=content.by_verdict, by_rule=content.by_rule
    )


def _figures_of_record(record: ScanRecord) -> ScanFigures:
    return ScanFigures(
        service=record.service,
        taken_at=record.timestamp,
        by_verdict=_counts(record.by_verdict),
        by_rule=_counts(record.findings),
    )


def _counts(told: Mapping[str, object]) -> dict[str, int]:
    """The whole numbers of a summary that somebody sent."""
    return {name: value for name, value in told.items() if isinstance(value, int) and not isinstance(value, bool)}
