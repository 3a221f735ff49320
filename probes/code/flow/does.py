"""What calling a library function does: the vocabulary of its rows."""

from __future__ import annotations

from enum import StrEnum


class Does(StrEnum):
    """What calling a library function does."""

    PURE = "pure"
    """Computes on its arguments."""
    SAME = "same"
    """Gives its first argument back, in another wrapping."""
    NOTHING = "nothing"
    RANDOM = "random"
    CLOCK = "clock"
    UUID = "uuid"
    ENV = "env"
    HOST = "host"
    TOKEN = "token"  # noqa: S105 - a kind of origin
    PAGE = "page"
    FILE_READ = "file-read"
    FILE_WRITE = "file-write"
    PATH = "path"
    """Names a file, and touches none."""
    OPEN = "open"
    EXTERNAL = "external"
    CALL_FIRST = "call-first"
    """Calls its first argument with the others (`to_thread(f, x)`)."""
    CALL_SECOND = "call-second"
    GATHER = "gather"
    DETACH = "detach"
    """Calls its argument later; what it gives reaches nobody."""
    TASK = "task"
    """Runs its argument beside what goes on; whoever waits for it is given what it gives."""
    WRAP = "wrap"
    """A decorator that changes nothing about what its function gives."""
    WRAPPER = "wrapper"
    """Gives such a decorator."""
    CONTAINER = "container"
    ERROR = "error"
    NUMBER = "number"
    """A measure of its argument (`len`)."""


def table(does: Does, names: str, prefix: str = "") -> dict[str, Does]:
    """Rows of names that stand in one string, separated by spaces."""
    return {f"{prefix}{name}": does for name in names.split()}
