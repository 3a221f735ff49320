"""Fuzzing of the scanner: mutated sources in, a result out, whatever they are.

    python -m tests.fuzzing.scanner [SECONDS] [SEED]

Seeds are the project's own Python and TypeScript sources, fixtures and applications. Each round mutates one of them
(bytes flipped, cut, repeated; lines and pieces of other seeds spliced in; words of the language inserted) and gives it
to the extractor, and every tenth round to the whole engine beside an application that imports it. A round that raises,
takes more than `_PATIENCE` seconds, or names a line outside its file ends the run with the input kept in a file.
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Never

from assay.probes.code.engine import EngineOptions, SourceFile, analyse
from assay.probes.code.languages import BY_SUFFIX, language

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT: Final = Path(__file__).parents[2]
_SEEDS: Final = ("probes/code", "tests/fixtures/scan", "examples")
_SUFFIXES: Final = (".py", ".ts", ".js")
_LARGEST: Final = 60_000
_PATIENCE: Final = 20
_ENGINE_EVERY: Final = 10
_REPORT_EVERY: Final = 2_000
_WORDS: Final = (
    *rb"""( ) [ ] { } : , . = := == -> @ * ** # ' " ''' f" \ ; => ? ?? ` ${ </ /* async await def class""".split(),
    *b"lambda return yield import from as with try except finally raise match case global del if else for".split(),
    *b"while function const let export default interface enum namespace new this super".split(),
    *(b"\n", b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b'"""'),
)
_APPLICATION: Final = b"""
from fastapi import FastAPI
from fuzzed import *
import fuzzed
app = FastAPI()
app.include_router(fuzzed.router)
app.get("/x")(fuzzed.handler)
"""


class Seed(NamedTuple):
    """A source to start from."""

    suffix: str
    data: bytes


def seeds() -> list[Seed]:
    """The project's own sources that are not too large, in a stable order."""
    paths = sorted(path for folder in _SEEDS for path in (_ROOT / folder).rglob("*") if path.suffix in _SUFFIXES)
    found = [Seed(path.suffix, path.read_bytes()) for path in paths]
    return [one for one in found if len(one.data) <= _LARGEST]


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """`data` after one to six random changes, bounded in size."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        chance.choice(_MUTATIONS)(result, other, chance)
    return bytes(result[: 4 * _LARGEST])


def _place(data: bytearray, chance: random.Random) -> int:
    return chance.randint(0, len(data))


def _flip(data: bytearray, _other: bytes, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _cut(data: bytearray, _other: bytes, chance: random.Random) -> None:
    start = _place(data, chance)
    del data[start : start + chance.choice((1, 2, 10, 100, 1_000))]


def _repeat(data: bytearray, _other: bytes, chance: random.Random) -> None:
    start = _place(data, chance)
    piece = bytes(data[start : start + chance.choice((1, 5, 50))])
    data[start:start] = piece * chance.choice((2, 20, 200))


def _splice(data: bytearray, other: bytes, chance: random.Random) -> None:
    start = chance.randint(0, len(other))
    data[_place(data, chance) : 0] = other[start : start + chance.choice((20, 200, 2_000))]


def _insert(data: bytearray, _other: bytes, chance: random.Random) -> None:
    start = _place(data, chance)
    data[start:start] = chance.choice(_WORDS) * chance.choice((1, 1, 1, 2, 500))


def _shift_lines(data: bytearray, _other: bytes, chance: random.Random) -> None:
    lines = bytes(data).split(b"\n")
    first = chance.randrange(len(lines))
    moved = lines[first : first + chance.randint(1, 8)]
    del lines[first : first + len(moved)]
    target = chance.randint(0, len(lines))
    indent = b" " * chance.choice((0, 0, 1, 4, 8))
    lines[target:target] = [indent + line for line in moved]
    data[:] = b"\n".join(lines)


_MUTATIONS: Final[tuple[Callable[[bytearray, bytes, random.Random], None], ...]] = (
    _flip,
    _cut,
    _repeat,
    _splice,
    _insert,
    _shift_lines,
)


def examine(seed: Seed, *, whole: bool) -> None:
    """Extract the facts of a source, and where `whole`, judge an application that uses it."""
    path = f"fuzzed{seed.suffix}"
    facts = language(BY_SUFFIX[seed.suffix]).extract(path, seed.data)
    last = seed.data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    lines = [*(one.line for one in facts.functions), *(one.line for one in facts.classes)]
    outside = [line for line in lines if not 1 <= line <= last]
    if outside:
        raise AssertionError(f"lines outside the file of {last} lines: {outside[:5]}")
    if whole:
        files = {path: seed.data, "main.py": _APPLICATION}
        sources = [SourceFile(path=name, read=partial(bytes, data)) for name, data in files.items()]
        analyse(sources, EngineOptions(steps_per_endpoint=5_000))


def _out_of_patience(_number: int, _frame: object) -> Never:
    raise TimeoutError(f"no result within {_PATIENCE} s")


def main(seconds: int, seed: int) -> int:
    """Fuzz for some seconds; 1 where an input broke the scanner, which is then named."""
    chance = random.Random(seed)
    sources = seeds()
    signal.signal(signal.SIGALRM, _out_of_patience)
    end, rounds = time.monotonic() + seconds, 0
    print(f"{len(sources)} seeds, random seed {seed}, {seconds} s", flush=True)
    while time.monotonic() < end:
        rounds += 1
        origin = chance.choice(sources)
        candidate = Seed(origin.suffix, mutated(origin.data, chance.choice(sources).data, chance))
        signal.alarm(_PATIENCE)
        try:
            examine(candidate, whole=rounds % _ENGINE_EVERY == 0)
        except Exception as error:  # noqa: BLE001 - any exception at all is what is looked for
            with tempfile.NamedTemporaryFile(suffix=candidate.suffix, delete=False) as kept:
                kept.write(candidate.data)
            print(f"round {rounds}: {type(error).__name__}: {error}\ninput kept in {kept.name}", file=sys.stderr)
            return 1
        finally:
            signal.alarm(0)
        if rounds % _REPORT_EVERY == 0:
            print(f"{rounds} rounds, no failure", flush=True)
    print(f"{rounds} rounds, no failure")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 600, int(sys.argv[2]) if len(sys.argv) > 2 else 1))
