"""What waits for the store: in order, bounded in number and in bytes, never dropping what it took.

When it is nearly full it turns away ordinary events, when it is full everything: the oldest records tell how an
outage began, and what was accepted stays accepted. The last fifth is for what matters most: changes of state, the
service's own life, audit rows.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final

from assay.audit.rows import row_bytes

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Table

    from assay.audit.rows import Row

_ORDINARY_SHARE: Final = 0.8


class Recording(StrEnum):
    """What became of a record: committed, waiting in memory, or turned away (and counted)."""

    STORED = "stored"
    SPOOLED = "spooled"
    REJECTED = "rejected"


@dataclass(kw_only=True, eq=False)
class Waiting:
    """A row on its way. `own`: the recorder's own account of an outage, about which it does not report again."""

    table: Table
    row: Row
    label: str
    weighty: bool
    own: bool = False
    state: Recording = Recording.SPOOLED
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = row_bytes(self.row)


class Outbox:
    """A bounded queue. `limit` is how many rows, `limit_bytes` about how many bytes it holds at most."""

    def __init__(self, limit: int, limit_bytes: int) -> None:
        if limit < 1 or limit_bytes < 1:
            raise ValueError(f"an outbox holds at least one row and one byte, not {limit} and {limit_bytes}")
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._rows: deque[Waiting] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, waiting: Waiting) -> bool:
        """Take it as the last one, unless it does not fit."""
        share = 1.0 if waiting.weighty else _ORDINARY_SHARE
        if len(self._rows) + 1 > max(1, self._limit * share) or self._bytes + waiting.size > self._limit_bytes * share:
            return False
        self._rows.append(waiting)
        self._bytes += waiting.size
        return True

    def head(self, count: int) -> list[Waiting]:
        """The oldest rows, which stay where they are."""
        return list(islice(self._rows, count))

    def remove(self, settled: Collection[Waiting]) -> None:
        """Let go of rows of the head that are settled."""
        gone = {id(waiting) for waiting in settled}
        kept = [waiting for waiting in islice(self._rows, _reach(self._rows, gone)) if id(waiting) not in gone]
        for _ in range(len(gone) + len(kept)):
            self._rows.popleft()
        self._rows.extendleft(reversed(kept))
        self._bytes -= sum(waiting.size for waiting in settled)


def _reach(rows: deque[Waiting], gone: set[int]) -> int:
    """How many rows from the head on have to be looked at to meet all that are gone."""
    missing = len(gone)
    for place, waiting in enumerate(rows, start=1):
        missing -= id(waiting) in gone
        if not missing:
            return place
    return 0
