"""What a package's command is, and what it is given.

Each package keeps its own commands as modules with the two functions of `Command`; `assay.entry` lists them by name and
imports only the one that is called, because `assay scan` starts in tens of milliseconds and `assay serve` does not.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from contextlib import AbstractContextManager


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    BAD = 1
    """The thing examined is bad."""
    USAGE = 2
    """Wrong usage or configuration."""
    INTERNAL = 3
    """Assay itself failed."""


class UsageError(Exception):
    """Wrong usage or configuration: says what, which one, and what to do. Ends a command with exit code 2."""


class CommandContext(Protocol):
    """What a command may ask of the composition: nothing is read or started before it asks."""

    def store_url(self) -> AbstractContextManager[str]:
        """The address of Assay's own store, as a libpq URL.

        In development without a configured database the embedded server is started, or joined where it already runs,
        for as long as the context is open.

        Raises:
            UsageError: no store is configured where one is required, or a setting is wrong.
        """
        ...


class Command(Protocol):
    """A module that is a command."""

    def configure(self, parser: ArgumentParser) -> None:
        """Add the command's arguments."""
        ...

    def run(self, arguments: Namespace, context: CommandContext) -> int:
        """Do it; the result is the exit code. Results go to stdout, talk to stderr."""
        ...
