"""The command `assay`: names every command and imports only the one that is called."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
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


_CODE: Final = "assay.probes.code.commands"
COMMANDS: Final = {
    "scan": _Listed(f"{_CODE}.scan", "scan code for endpoints that are not what they claim to be", None),
    "endpoints": _Listed(f"{_CODE}.endpoints", "table of endpoints with their verdicts", None),
    "explain": _Listed(f"{_CODE}.explain", "the evidence behind a verdict, or a rule's page", None),
    "probe": _Listed("assay.probes.database.command", "probe a database once and print every check", "service"),
    "serve": _Listed("assay.monitor.commands.serve", "scheduler, API, metrics and readiness", "service"),
    "db": _Listed("assay.audit.commands.db", "migrate or check Assay's own store", "service"),
    "token": _Listed("assay.audit.commands.token", "create, list or revoke API tokens", "service"),
}
_INTERRUPTED: Final = 130
_YOUNG_OBJECTS: Final = 20_000
"""How many new objects start a collection. Python's own 700 makes it look for garbage hundreds of times in a scan."""


class _Context:
    """The composition that commands may ask; imported when asked."""

    @contextmanager
    def store_url(self) -> Iterator[str]:
        from assay.monitor.store_location import store_url  # noqa: PLC0415 - `assay scan` must not load the service

        with store_url() as url:
            yield url


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code of the process."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in COMMANDS:
        return _overview(words)
    try:
        code = _run(words[0], words[1:])
    except UsageError as error:
        code = _complain(str(error), ExitCode.USAGE)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except BrokenPipeError:
        code = ExitCode.OK
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains at its end
    except ModuleNotFoundError as error:
        code = _missing_module(error, words[0])
    except Exception as error:  # noqa: BLE001 - the boundary: whatever it was, it is Assay's fault and exit code 3 says so
        code = _failed(error)
    return code


def _run(name: str, arguments: Sequence[str]) -> int:
    command = _load(COMMANDS[name].module)
    parser = argparse.ArgumentParser(prog=f"assay {name}", description=command.__doc__, formatter_class=_Formatter)
    command.configure(parser)
    code = command.run(parser.parse_args(arguments), _Context())
    sys.stdout.flush()  # here, where a reader that went away is still caught
    gc.freeze()  # the process ends: looking through all that is left for garbage would only delay it
    return code


def _load(module: str) -> Command:
    """Import a command with garbage collection at rest: what an import makes stays, and looking at it takes time."""
    gc.disable()
    try:
        return cast("Command", importlib.import_module(module))
    finally:
        gc.freeze()
        gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])
        gc.enable()


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of a command's own description."""


def _overview(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="assay", usage="assay COMMAND ...", formatter_class=_Formatter)
    parser.description = "Proves that a service's data path is what it claims to be, or says where it is untrue."
    parser.epilog = _listing()
    parser.add_argument("--version", action="version", version=f"assay {__version__}")
    parser.add_argument("command", choices=list(COMMANDS), metavar="COMMAND", help="one of the commands below")
    parser.parse_args(words or ["--help"])
    return ExitCode.USAGE


def _listing() -> str:
    rows = [f"  {name:<11} {listed.summary}" for name, listed in COMMANDS.items()]
    return "\n".join(["commands:", *rows, "", "`assay COMMAND --help` tells more."])


def _missing_module(error: ModuleNotFoundError, name: str) -> int:
    extra = COMMANDS[name].extra
    if extra is None or (error.name or "").startswith("assay"):
        return _failed(error)
    hint = f"pip install 'assay-ops[{extra}]'"
    return _complain(
        f"`assay {name}` needs the extra `{extra}` ({error.name} is not installed): {hint}", ExitCode.USAGE
    )


def _failed(error: Exception) -> int:
    if os.environ.get("ASSAY_DEBUG"):
        import traceback  # noqa: PLC0415 - only a failing command needs it

        traceback.print_exc()
    reason = f"{type(error).__name__}: {error}"
    return _complain(f"Assay itself failed: {reason} (ASSAY_DEBUG=1 shows where)", ExitCode.INTERNAL)


def _complain(message: str, code: ExitCode) -> ExitCode:
    from assay.core.redact import mask_secrets  # noqa: PLC0415 - only a failing command needs it

    sys.stderr.write(f"assay: {mask_secrets(message)}\n")
    return code
