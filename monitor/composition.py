"""The composition root: from settings to a service, every part made once and handed to those that need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from assay.audit.recorder import Recorder
from assay.audit.store import Store
from assay.core.clock import SystemClock
from assay.core.command import UsageError
from assay.monitor.api.access import Access
from assay.monitor.api.app import Applications, build_applications
from assay.monitor.api.health import HealthRoutes
from assay.monitor.api.parts import Parts
from assay.monitor.history import History
from assay.monitor.housekeeping import Housekeeping, Pulse
from assay.monitor.journal import Journal
from assay.monitor.judgement import Hysteresis
from assay.monitor.metrics import Exposition, Metrics
from assay.monitor.probing import Prober
from assay.monitor.readiness import ReadinessRules
from assay.monitor.scan_process import ScanLimits
from assay.monitor.scanning import ScanPlan, Scans
from assay.monitor.scheduler import Scheduler
from assay.monitor.service import Machinery, Rhythm, Service
from assay.monitor.settings import Environment, Settings
from assay.monitor.snapshot import Board, DatabaseView, Snapshot
from assay.probes.model import Engine, Target

if TYPE_CHECKING:
    from assay.core.clock import Clock

DATABASE: Final = "database"
STORE: Final = "store"
_SCHEMA_SECONDS: Final = 15.0
_WRITE_TABLE: Final = "assay.probe_writes"


@dataclass(frozen=True, kw_only=True)
class Built:
    """A service that has not begun, and what it serves."""

    service: Service
    applications: Applications


def own_targets(settings: Settings, store_url: str | None) -> tuple[Target, ...]:
    """The service's own databases: `database`, and `store` where that is another one. The store is also written to."""
    urls = [(DATABASE, settings.database.url)]
    if store_url != settings.database.url:
        urls.append((STORE, store_url))
    return tuple(
        Target(
            name=name,
            engine=Engine.POSTGRESQL,
            url=url,
            timeout_seconds=settings.probe_timeout_seconds,
            interval_seconds=settings.probe_interval_seconds,
            write_table=_WRITE_TABLE if url == store_url else None,
        )
        for name, url in urls
        if url is not None
    )


def build(settings: Settings, *, store_url: str | None, clock: Clock | None = None) -> Built:
    """Make a service, on the running event loop. `store_url` is `None` where production has no usable database.

    Raises:
        UsageError: the settings contradict each other.
    """
    core = _core(settings, store_url, clock or SystemClock())
    own = own_targets(settings, store_url)
    prober = Prober(
        (*own, *_monitored(settings)),
        hysteresis=Hysteresis(fall=settings.readiness_fall, rise=settings.readiness_rise),
        board=core.board,
        metrics=core.metrics,
        journal=core.journal,
        history=core.history,
        clock=core.clock,
    )
    scans = Scans(_plan(settings), store=core.store, journal=core.journal, metrics=core.metrics, clock=core.clock)
    applications = _applications(settings, core, prober, scans)
    return Built(service=_service(settings, core, prober, scans, own), applications=applications)


@dataclass(frozen=True, kw_only=True)
class _Core:
    """What most parts need."""

    clock: Clock
    board: Board
    rules: ReadinessRules
    store: Store | None
    recorder: Recorder | None
    metrics: Metrics
    journal: Journal
    history: History


def _core(settings: Settings, store_url: str | None, clock: Clock) -> _Core:
    views = tuple(DatabaseView(name=target.name) for target in own_targets(settings, store_url))
    board = Board(Snapshot(problem=settings.database.problem, embedded=settings.embedded, databases=views))
    rules = ReadinessRules(
        interval_seconds=settings.probe_interval_seconds, grace_seconds=settings.readiness_grace_seconds
    )
    instance = uuid4().hex
    store = None if store_url is None else Store(store_url)
    recorder = (
        None if store is None else Recorder(store, clock=clock, outbox_limit=settings.outbox_limit, instance=instance)
    )
    counts = None if recorder is None else lambda: recorder.counts
    return _Core(
        clock=clock,
        board=board,
        rules=rules,
        store=store,
        recorder=recorder,
        metrics=Metrics(board=board, rules=rules, clock=clock, counts=counts),
        journal=Journal(recorder, clock=clock),
        history=History(instance=instance, clock=clock),
    )


def _service(settings: Settings, core: _Core, prober: Prober, scans: Scans, own: tuple[Target, ...]) -> Service:
    housekeeping = None
    if core.store is not None:
        housekeeping = Housekeeping(
            core.store, board=core.board, journal=core.journal, history=core.history, scans=scans, clock=core.clock
        )
    machinery = Machinery(
        environment=settings.env,
        targets=tuple(view.target for view in prober.views()),
        own=tuple(target.name for target in own),
        board=core.board,
        journal=core.journal,
        prober=prober,
        scans=scans,
        scans_scheduled=settings.scan_path is not None,
        scheduler=Scheduler(core.metrics),
        pulse=Pulse(board=core.board, rules=core.rules, journal=core.journal, clock=core.clock),
        store=core.store,
        recorder=core.recorder,
        housekeeping=housekeeping,
        rhythm=_rhythm(settings),
        clock=core.clock,
    )
    return Service(machinery)


def _applications(settings: Settings, core: _Core, prober: Prober, scans: Scans) -> Applications:
    open_on_loopback = settings.env is Environment.DEVELOPMENT
    parts = Parts(
        store=core.store,
        recorder=core.recorder,
        prober=prober,
        scans=scans,
        access=Access(core.store, clock=core.clock, open_on_loopback=open_on_loopback),
        clock=core.clock,
    )
    has_admin = settings.admin_port is not None
    health = HealthRoutes(board=core.board, rules=core.rules, clock=core.clock, detailed=not has_admin)
    detailed = HealthRoutes(board=core.board, rules=core.rules, clock=core.clock) if has_admin else None
    return build_applications(parts, health=health, admin_health=detailed, exposition=Exposition(core.metrics.registry))


def _monitored(settings: Settings) -> tuple[Target, ...]:
    targets = settings.probe_targets()
    for target in targets:
        if target.name in {DATABASE, STORE}:
            raise UsageError(
                f"a [[target]] is named {target.name!r}, which is the name of the service's own database: "
                "give it another name"
            )
    return targets


def _plan(settings: Settings) -> ScanPlan | None:
    if settings.scan_path is None:
        return None
    limits = ScanLimits(timeout_seconds=settings.scan_timeout_seconds, memory_bytes=settings.scan_memory_bytes)
    return ScanPlan(path=settings.scan_path.absolute(), service=settings.service, limits=limits)


def _rhythm(settings: Settings) -> Rhythm:
    in_development = settings.env is Environment.DEVELOPMENT
    return Rhythm(
        schema_interval_seconds=min(_SCHEMA_SECONDS, settings.probe_interval_seconds),
        scan_interval_seconds=settings.scan_interval_seconds,
        drain_seconds=settings.drain_seconds,
        drain_on_interrupt_seconds=0.0 if in_development else settings.drain_seconds,
    )
