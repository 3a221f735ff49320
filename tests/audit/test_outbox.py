from __future__ import annotations

import pytest

from assay.audit.outbox import Outbox, Waiting
from assay.audit.tables import system_events


def _waiting(number: int, *, weighty: bool = True, text: str = "") -> Waiting:
    return Waiting(table=system_events, row={"source": text, "number": number}, label="a.b", weighty=weighty)


def _numbers(outbox: Outbox) -> list[object]:
    return [waiting.row["number"] for waiting in outbox.head(100)]


def test_rows_stay_in_the_order_they_came_and_a_full_outbox_turns_the_newest_away() -> None:
    outbox = Outbox(3, 10_000_000)
    assert [outbox.add(_waiting(number)) for number in range(5)] == [True, True, True, False, False]
    assert _numbers(outbox) == [0, 1, 2]


def test_the_last_fifth_is_kept_for_what_matters_most() -> None:
    outbox = Outbox(10, 10_000_000)
    assert sum(outbox.add(_waiting(number, weighty=False)) for number in range(10)) == 8
    assert sum(outbox.add(_waiting(number)) for number in range(10)) == 2


def test_large_rows_fill_it_before_their_number_does() -> None:
    outbox = Outbox(1000, 100_000)
    assert sum(outbox.add(_waiting(number, text="x" * 20_000)) for number in range(10)) == 4
    outbox.remove(outbox.head(4))
    assert len(outbox) == 0
    assert outbox.add(_waiting(9, text="x" * 90_000))


def test_rows_that_are_settled_leave_from_between_others() -> None:
    outbox = Outbox(100, 10_000_000)
    for number in range(6):
        outbox.add(_waiting(number))
    head = outbox.head(4)
    outbox.remove([head[1], head[3]])
    assert _numbers(outbox) == [0, 2, 4, 5]


@pytest.mark.parametrize(("limit", "limit_bytes"), [(0, 1), (1, 0)])
def test_an_outbox_without_room_is_refused(limit: int, limit_bytes: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Outbox(limit, limit_bytes)
