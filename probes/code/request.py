"""What a scan is asked for, where it takes place, and the report it is put together to."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from assay import __version__
from assay.probes.code.intake.config import configuration_digest, load_settings
from assay.probes.code.intake.git import read_git
from assay.probes.code.model import ScanReport
from assay.probes.code.rules import RULE_IDS

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from assay.probes.code.gate import FailOn
    from assay.probes.code.intake.config import ScanSettings
    from assay.probes.code.intake.git import GitState
    from assay.probes.code.model import Endpoint, Finding, Skipped, Suppressed


class ScanRequest(NamedTuple):
    """What to scan: paths named relative to `root`. `shown_root` is the root as the caller wrote it."""

    root: Path
    named: tuple[str, ...] = (".",)
    shown_root: str = "."
    config: Path | None = None


class ScanOutcome(NamedTuple):
    """A report, and what fails a build by the settings that made it."""

    report: ScanReport
    fail_on: FailOn


class Place(NamedTuple):
    """The folder of a scan, the repository it stands in, and the settings that hold for it."""

    root: Path
    git: GitState | None
    settings: ScanSettings


class Result(NamedTuple):
    """What a scan found, by whatever name and at whatever time it is reported."""

    endpoints: tuple[Endpoint, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    suppressed: tuple[Suppressed, ...]
    imports_web_framework: bool
    files_scanned: int
    notes: tuple[str, ...]


def place_of(request: ScanRequest) -> Place:
    """Where the scan takes place.

    Raises:
        UsageError: the configuration is wrong.
    """
    root = request.root.resolve()
    git = read_git(root)
    return Place(root, git, load_settings(root, top=git.top if git else None, chosen=request.config, rules=RULE_IDS))


def outcome_of(request: ScanRequest, place: Place, result: Result, now: datetime) -> ScanOutcome:
    """The report of a result."""
    git, settings = place.git, place.settings
    report = ScanReport(
        root=request.shown_root,
        service=settings.service or _service_name(place.root, git),
        repository=git.repository if git else None,
        commit=git.commit if git else None,
        branch=git.branch if git else None,
        time=now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        configuration=configuration_digest(settings, version=__version__, named=request.named),
        **result._asdict(),
    )
    return ScanOutcome(report=report, fail_on=settings.fail_on)


def _service_name(root: Path, git: GitState | None) -> str:
    """The repository's name for its top folder, else the name of the folder."""
    if git and git.repository and git.top == root:
        return git.repository.rstrip("/").rpartition("/")[2].removesuffix(".git") or root.name
    return root.name or "root"
