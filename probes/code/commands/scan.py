"""Scan code for endpoints that are not what they claim to be.

Exit codes: 0 fine; 1 something in --fail-on was found, or a web framework is imported and no endpoint was seen;
2 wrong usage or configuration; 3 Assay itself failed, or the report could not be sent.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.core.command import ExitCode, UsageError
from assay.core.redact import mask_secrets
from assay.probes.code.commands.console import on_terminal, write_stdout
from assay.probes.code.commands.paths import add_common_options, request_for
from assay.probes.code.commands.progress import progress_on_stderr
from assay.probes.code.gate import DEFAULT_WORDS, NOTHING, FailOn, parse_fail_on
from assay.probes.code.recall import scan_or_recall
from assay.probes.code.reporters import FORMATS
from assay.probes.code.reporters.base import Style
from assay.probes.code.rules import RULE_IDS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from assay.core.command import CommandContext
    from assay.probes.code.model import ScanReport
    from assay.probes.code.send import Sender

TOKEN_VARIABLE: Final = "ASSAY_TOKEN"  # noqa: S105 - the name of a variable, not a token


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="folders or files (default: .)")
    parser.add_argument(
        "--format", choices=list(FORMATS), default="text", help="how to write the report (default: text)"
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help="write the report there instead of to stdout")
    parser.add_argument(
        "--fail-on",
        metavar="LIST",
        help="verdicts, severities and rules that end with exit code 1, with commas between; verdicts and severities "
        f"count at high confidence and where not debatable; `{NOTHING}`: nothing (default: {','.join(DEFAULT_WORDS)})",
    )
    add_common_options(parser)
    parser.add_argument("--exit-zero", action="store_true", help="end with exit code 0 whatever was found")
    parser.add_argument(
        "--allow-empty", action="store_true", help="a web framework without a single endpoint is no failure"
    )
    parser.add_argument(
        "--send", metavar="URL", help=f"send the report to Assay's service at URL, with the token in {TOKEN_VARIABLE}"
    )


def run(arguments: Namespace, context: CommandContext) -> int:  # noqa: ARG001 - the common shape of a command
    """Scan, report, send; the result is the exit code."""
    asked = _fail_on(arguments.fail_on)
    if arguments.output is not None and not arguments.output.parent.is_dir():
        raise UsageError(f"--output {arguments.output}: the folder {arguments.output.parent} does not exist")
    sender = _sender(arguments.send)
    with progress_on_stderr() as progress:
        outcome = scan_or_recall(
            request_for(arguments.paths, arguments.config), keep=not arguments.no_cache, progress=progress
        )
    fail_on = asked or outcome.fail_on
    _write(FORMATS[arguments.format].render(outcome.report, fail_on, _style(arguments.output)), arguments.output)
    for note in outcome.report.notes:
        _say(note)
    empty = _is_suspiciously_empty(outcome.report) and not arguments.allow_empty
    if empty:
        _say("a web framework is imported and no endpoint was found: they were missed (--allow-empty accepts it)")
    if sender is not None and not sender(outcome.report):
        return ExitCode.INTERNAL
    failed = empty or bool(fail_on.endpoints(outcome.report) or fail_on.findings(outcome.report))
    return ExitCode.BAD if failed and not arguments.exit_zero else ExitCode.OK


def _fail_on(words: str | None) -> FailOn | None:
    return None if words is None else parse_fail_on(words.split(","), rules=RULE_IDS, source="--fail-on")


def _is_suspiciously_empty(report: ScanReport) -> bool:
    return report.imports_web_framework and not report.endpoints


def _style(output: Path | None) -> Style:
    return Style(colour=output is None and on_terminal())


def _write(text: str, output: Path | None) -> None:
    """Write the report; a file is complete or not there."""
    if output is None:
        write_stdout(text)
        return
    partial = output.with_name(f".{output.name}.{os.getpid()}.partial")
    regular = output.is_file() or not output.exists()  # not /dev/stdout, not a pipe
    try:
        (partial if regular else output).write_text(text, encoding="utf-8", errors="backslashreplace")
        if regular:
            partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(f"--output {output}: {error.strerror or error}") from error


def _sender(url: str | None) -> Sender | None:
    if url is None:
        return None
    from assay.probes.code.send import Sender  # noqa: PLC0415 - urllib and ssl take 30 ms that most scans never need

    return Sender(url=url, token=os.environ.get(TOKEN_VARIABLE), say=_say)


def _say(text: str) -> None:
    sys.stderr.write(f"assay: {mask_secrets(text)}\n")
