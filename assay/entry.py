"""The command `assay`: names every command and imports only the one that is called."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from assay import __version__
from assay.core.command import Command, ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class _Listed(NamedTuple):
    module: str
    summary: str
    extra: str | None


COMMANDS: Final = {
    "scan": _Listed("assay.probes.code.commands.scan", "scan code for endpoints that are not what they claim to be", None),
    "endpoints": _Listed("assay.probes.code.commands.endpoints", "table of endpoints with their verdicts", None),
    "explain": _Listed("assay.probes.code.commands.explain", "the evidence behind a verdict, or a rule's page", None),
    "probe": _Listed("assay.probes.database.command", "probe a database once and print every check", "service"),
    "serve": _Listed("assay.monitor.commands.serve", "scheduler, API, metrics and readiness", "service"),
    "db": _Listed("assay.audit.commands.db", "migrate or check Assay's own store", "service"),
    "token": _Listed("assay.audit.commands.token", "create, list or revoke API tokens", "service"),
}
_INTERRUPTED: Final = 130


class _Context:
    """The composition that commands may ask; imported when asked."""

    @contextmanager
    def store_url(self) -> Iterator[str]:
        from assay.monitor.composition import store_url  # noqa: PLC0415 - `assay scan` must not load the service

        with store_url() as url:
            yield url


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code of the process."""
    words = list(sys.argv[1:] if argv is None else argv)
    listed = COMMANDS.get(words[0]) if words else None
    if listed is None:
        return _overview(words)
    try:
        command = cast("Command", importlib.import_module(listed.module))
        parser = argparse.ArgumentParser(prog=f"assay {words[0]}", description=command.__doc__, formatter_class=_Formatter)
        command.configure(parser)
        return command.run(parser.parse_args(words[1:]), _Context())
    except UsageError as error:
        return _complain(str(error), ExitCode.USAGE)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains again at its end
        return ExitCode.OK
    except ModuleNotFoundError as error:
        return _missing_module(error, words[0], listed.extra)
    except Exception as error:  # noqa: BLE001 - the boundary: whatever it was, it is Assay's fault and exit code 3 says so
        return _failed(error)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of a command's own description."""


def _overview(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="assay", usage="assay COMMAND ...", formatter_class=_Formatter, epilog=_listing())
    parser.description = "Proves that a service's data path is what it claims to be, or says where it is untrue."
    parser.add_argument("--version", action="version", version=f"assay {__version__}")
    parser.add_argument("command", choices=list(COMMANDS), metavar="COMMAND", help="one of the commands below")
    parser.parse_args(words or ["--help"])
    return ExitCode.USAGE


def _listing() -> str:
    rows = [f"  {name:<11} {listed.summary}" for name, listed in COMMANDS.items()]
    return "\n".join(["commands:", *rows, "", "`assay COMMAND --help` tells more."])


def _missing_module(error: ModuleNotFoundError, name: str, extra: str | None) -> int:
    if extra is None or (error.name or "").startswith("assay"):
        return _failed(error)
    return _complain(f"`assay {name}` needs the extra `{extra}` ({error.name} is not installed): pip install 'assay-ops[{extra}]'", ExitCode.USAGE)


def _failed(error: Exception) -> int:
    if os.environ.get("ASSAY_DEBUG"):
        traceback.print_exc()
    return _complain(f"Assay itself failed: {type(error).__name__}: {error} (ASSAY_DEBUG=1 shows where)", ExitCode.INTERNAL)


def _complain(message: str, code: ExitCode) -> int:
    from assay.core.redact import mask_secrets  # noqa: PLC0415 - only a failing command needs it

    sys.stderr.write(f"assay: {mask_secrets(message)}\n")
    return code
