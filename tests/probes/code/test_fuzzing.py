"""The fuzzer itself: its rounds are repeatable, and an input that breaks the scanner is told and kept."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzzing import scanner

if TYPE_CHECKING:
    import pytest

ROUNDS = 150


def test_mutated_sources_end_in_a_result() -> None:
    chance = random.Random(20)
    seeds = scanner.seeds()
    for number in range(ROUNDS):
        origin, other = chance.choice(seeds), chance.choice(seeds)
        data = scanner.mutated(origin.data, other.data, chance)
        scanner.examine(scanner.Seed(origin.suffix, data), whole=number % 10 == 0)


def test_the_same_seed_gives_the_same_mutations() -> None:
    first, second = (scanner.mutated(b"x = 1\ny = 2\n", b"def f(): pass\n", random.Random(3)) for _ in range(2))
    assert first == second != b"x = 1\ny = 2\n"


def test_an_input_that_breaks_the_scanner_ends_the_run_and_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(seed: scanner.Seed, *, whole: bool) -> None:
        raise RuntimeError(f"broken by {len(seed.data)} bytes, {whole}")

    monkeypatch.setattr(scanner, "examine", breaks)
    assert scanner.main(5, 1) == 1
    told = capsys.readouterr().err
    assert "round 1: RuntimeError: broken by" in told
    kept = Path(told.partition("input kept in ")[2].strip())
    assert kept.is_file()
    kept.unlink()
