from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from assay.probes.database.resolver import Resolver, is_address


class Lookups:
    """A look-up whose names that begin with `stuck` never return until `release`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.release = threading.Event()

    def __call__(self, host: str) -> tuple[str, ...]:
        self.asked.append(host)
        if host.startswith("stuck"):
            self.release.wait(30)
        return ("192.0.2.1",)


async def abandoned(resolver: Resolver, host: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await resolver.resolve(host)


async def test_a_name_that_the_system_knows_is_resolved() -> None:
    assert "127.0.0.1" in await Resolver().resolve("localhost")


async def test_a_name_that_nobody_knows_is_an_error_of_the_resolver() -> None:
    with pytest.raises(OSError, match="not known"):
        await Resolver().resolve("nothing.invalid")


async def test_a_name_that_cannot_be_written_is_an_error_of_the_resolver() -> None:
    with pytest.raises(OSError, match="not a valid host name"):
        await Resolver().resolve("a" * 64 + ".example")


async def test_callers_that_ask_for_the_same_name_share_one_look_up() -> None:
    lookups = Lookups()
    resolver = Resolver(lookup=lookups)
    waiting = [asyncio.ensure_future(resolver.resolve("stuck")) for _ in range(5)]
    await asyncio.sleep(0.02)
    lookups.release.set()
    assert await asyncio.gather(*waiting) == [("192.0.2.1",)] * 5
    assert lookups.asked == ["stuck"]


async def test_names_that_hang_leave_room_for_others_and_threads_stay_bounded() -> None:
    lookups = Lookups()
    resolver = Resolver(lookup=lookups, workers=2, stuck_seconds=0.2)
    before = threading.active_count()
    for number in range(3):
        await abandoned(resolver, f"stuck{number}")
    assert threading.active_count() - before <= 2
    await asyncio.sleep(0.2)  # the look-ups that hang are written off, and their places are free
    assert await resolver.resolve("fine") == ("192.0.2.1",)
    for number in range(20):
        await abandoned(resolver, f"stuck{number}")
    assert threading.active_count() - before <= 8
    lookups.release.set()


async def test_a_name_that_nobody_waits_for_any_more_is_not_looked_up() -> None:
    lookups = Lookups()
    resolver = Resolver(lookup=lookups, workers=1)
    await abandoned(resolver, "stuck")
    await abandoned(resolver, "queued")
    lookups.release.set()
    assert await resolver.resolve("fine") == ("192.0.2.1",)
    assert lookups.asked == ["stuck", "fine"]


async def test_a_name_is_asked_again_when_its_old_look_up_hangs() -> None:
    lookups = Lookups()
    resolver = Resolver(lookup=lookups, stuck_seconds=0.1)
    await abandoned(resolver, "stuck")
    await asyncio.sleep(0.1)
    await abandoned(resolver, "stuck")
    assert lookups.asked == ["stuck", "stuck"]
    lookups.release.set()


def test_a_look_up_that_hangs_does_not_keep_the_interpreter_alive() -> None:
    program = """
import asyncio, time
from assay.probes.database.resolver import Resolver
async def main():
    try:
        async with asyncio.timeout(0.05):
            await Resolver(lookup=lambda host: time.sleep(60)).resolve("stuck")
    except TimeoutError:
        print("timed out")
asyncio.run(main())
"""
    started = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert (ended.stdout, ended.stderr) == ("timed out\n", "")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), ("::1", True), ("fe80::1%eth0", True), ("h", False)]
)
def test_an_address_is_told_from_a_name(host: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_address(host) is expected
