"""List the endpoints of a project with their verdicts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assay.core.command import ExitCode
from assay.probes.code.commands.console import write_stdout
from assay.probes.code.commands.paths import add_common_options, request_for
from assay.probes.code.commands.progress import progress_on_stderr
from assay.probes.code.recall import scan_or_recall
from assay.probes.code.reporters.json import as_json, by_service_json
from assay.probes.code.reporters.table import endpoint_table, service_table

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from assay.core.command import CommandContext
    from assay.probes.code.model import ScanReport


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="folders or files (default: .)")
    parser.add_argument("--by", choices=["service"], help="count real and not real per service and component instead")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    add_common_options(parser)


def run(arguments: Namespace, context: CommandContext) -> int:  # noqa: ARG001 - the common shape of a command
    """Print the table; the verdicts do not change the exit code."""
    with progress_on_stderr() as progress:
        report = scan_or_recall(
            request_for(arguments.paths, arguments.config), keep=not arguments.no_cache, progress=progress
        ).report
    render = _json if arguments.format == "json" else _text
    write_stdout(render(report, by_service=arguments.by == "service"))
    return ExitCode.OK


def _text(report: ScanReport, *, by_service: bool) -> str:
    return service_table(report) if by_service else endpoint_table(report)


def _json(report: ScanReport, *, by_service: bool) -> str:
    return json.dumps(by_service_json(report) if by_service else as_json(report)["endpoints"], indent=2) + "\n"
