"""Runs a program within limits: `python -m assay.monitor.limited MEMORY_BYTES CPU_SECONDS PROGRAM ARGUMENT...`.

The limits are set in this process, which then becomes the program: nothing of the service runs between fork and exec.
The memory limit is on the address space, each process of the program has it for itself; a limit that the machine does
not know (macOS has no working one on the address space) is told on standard error and left out.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Final

_NICE: Final = 10
_WORDS: Final = 4


def main(words: list[str]) -> None:
    """Set the limits and become the program."""
    if len(words) < _WORDS - 1:
        raise SystemExit("usage: python -m assay.monitor.limited MEMORY_BYTES CPU_SECONDS PROGRAM ARGUMENT...")
    memory_bytes, cpu_seconds, program, *arguments = words
    os.nice(_NICE)
    _limit(resource.RLIMIT_AS, int(memory_bytes), "memory")
    _limit(resource.RLIMIT_CPU, int(cpu_seconds), "processor time")
    os.execv(program, [program, *arguments])  # noqa: S606 - no shell on purpose; the service chose the program


def _limit(which: int, value: int, name: str) -> None:
    try:
        _, hard = resource.getrlimit(which)
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (soft, hard))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"no limit on {name}: {error}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
