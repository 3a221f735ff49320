"""One scan as a process of its own, with a deadline, limits on memory and processor time, and low priority.

The scanned tree is hostile and the scanner heavy: neither may take the service with it. The process sees no variable
that could hold a secret. When its time is up, its whole process group is killed.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from assay.audit.scans import MAX_DOCUMENT_BYTES
from assay.core.redact import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TOLD_CHARACTERS: Final = 500
_CHUNK: Final = 64 * 1024
_END_SECONDS: Final = 5.0
_HANDED_ON: Final = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "PYTHONPATH", "VIRTUAL_ENV"})


class ScanEnd(StrEnum):
    """Why a scan ended without a document."""

    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"
    OUTPUT_TOO_LARGE = "output_too_large"
    INVALID_OUTPUT = "invalid_output"
    REFUSED = "refused"


class ScanFailedError(Exception):
    """The scan ended without a document. `end` is fit for a label; the text says more."""

    def __init__(self, end: ScanEnd, message: str) -> None:
        super().__init__(message)
        self.end = end


@dataclass(frozen=True, kw_only=True)
class ScanLimits:
    """What one scan may use."""

    timeout_seconds: float
    memory_bytes: int


async def run_scan(path: Path, limits: ScanLimits, *, command: tuple[str, ...] | None = None) -> bytes:
    """The JSON document of a scan of `path`. `command` stands in for the scanner in tests of the limits.

    Raises:
        ScanFailedError: there is none, and why.
    """
    words = command or (sys.executable, "-P", "-m", "assay", "scan", "--format", "json", "--exit-zero", str(path))
    cpu_seconds = math.ceil(limits.timeout_seconds * (os.cpu_count() or 1))
    limited = (sys.executable, "-P", "-m", "assay.monitor.limited", str(limits.memory_bytes), str(cpu_seconds), *words)
    process = await asyncio.create_subprocess_exec(
        *limited,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=_environment(os.environ),
    )
    output_read = asyncio.create_task(_read(process.stdout))
    told_read = asyncio.create_task(_read_end(process.stderr))
    try:
        async with asyncio.timeout(limits.timeout_seconds):
            output, told = await asyncio.gather(output_read, told_read)
            code = await process.wait()
    except TimeoutError as error:
        message = f"the scan was ended after {limits.timeout_seconds:g} s: raise scan_timeout_seconds or scan less"
        raise ScanFailedError(ScanEnd.TIMEOUT, message) from error
    finally:
        await _end(process, output_read, told_read)
    if code != 0:
        raise _failure(code, told, limits)
    return output


def _environment(inherited: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in inherited.items() if name in _HANDED_ON or name.startswith("LC_")}


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    assert stream is not None  # noqa: S101 - asked for as a pipe, above
    chunks: list[bytes] = []
    size = 0
    while chunk := await stream.read(_CHUNK):
        size += len(chunk)
        if size > MAX_DOCUMENT_BYTES:
            raise ScanFailedError(ScanEnd.OUTPUT_TOO_LARGE, f"the scan wrote more than {MAX_DOCUMENT_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def _read_end(stream: asyncio.StreamReader | None) -> str:
    """The end of what was written, without keeping more of it."""
    assert stream is not None  # noqa: S101 - asked for as a pipe, above
    kept = b""
    while chunk := await stream.read(_CHUNK):
        kept = (kept + chunk)[-_CHUNK:]
    return mask_secrets(kept.decode(errors="replace"))[-_TOLD_CHARACTERS:].strip()


async def _end(process: asyncio.subprocess.Process, *readers: asyncio.Task[bytes] | asyncio.Task[str]) -> None:
    """Kill what is left of the process group, so that nothing of a scan outlives it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    # `wait` of asyncio returns when the pipes are at their end too, and a full pipe that nobody reads never gets there.
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_SECONDS):
            await asyncio.gather(_discard(process.stdout), _discard(process.stderr), process.wait())


async def _discard(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(_CHUNK):
        pass


def _failure(code: int, told: str, limits: ScanLimits) -> ScanFailedError:
    if code == -signal.SIGXCPU:
        return ScanFailedError(ScanEnd.TIMEOUT, "the scan used more processor time than its deadline allows")
    if "MemoryError" in told or "Cannot allocate memory" in told:
        message = f"the scan needed more than {limits.memory_bytes} bytes of address space: raise scan_memory_bytes"
        return ScanFailedError(ScanEnd.MEMORY, message)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    end = ScanEnd.REFUSED if code == 2 else ScanEnd.CRASH  # noqa: PLR2004 - ExitCode.USAGE of the command line
    return ScanFailedError(end, f"the scan ended with {how}: {told or 'it said nothing'}")
