from __future__ import annotations

import pytest

from assay.probes.model import Engine, Status, Target, Threshold


@pytest.mark.parametrize(
    ("value", "status"),
    [(79.9, Status.PASS), (80.0, Status.WARN), (94.9, Status.WARN), (95.0, Status.FAIL), (200.0, Status.FAIL)],
)
def test_a_value_equal_to_a_bound_has_reached_it(value: float, status: Status) -> None:
    assert Threshold(warn=80, fail=95).judge(value) is status


@pytest.mark.parametrize(("value", "status"), [(4.0, Status.PASS), (3.0, Status.WARN), (1.0, Status.FAIL)])
def test_a_threshold_from_below_fails_small_values(value: float, status: Status) -> None:
    assert Threshold(warn=3, fail=1, below=True).judge(value) is status


def test_a_threshold_without_bounds_never_fails() -> None:
    assert Threshold().judge(float("inf")) is Status.PASS


def test_neither_the_name_nor_the_repr_of_a_target_holds_its_password() -> None:
    target = Target(name="t", engine=Engine.POSTGRESQL, url="postgresql://u:hunter2@h/d")
    assert "hunter2" not in repr(target)
    assert target.masked_url == "postgresql://u:***@h/d"
