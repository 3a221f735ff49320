"""A component that a test needs and this machine lacks is a skip that says so, or a failure where all must be there.

`ASSAY_TEST_REQUIRE_ALL=1` (set by CI) turns each such skip into a failure, so that none is ever unnoticed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

REQUIRE_ALL = os.environ.get("ASSAY_TEST_REQUIRE_ALL") == "1"


def missing(component: str, hint: str) -> None:
    """End the test: `component` is not on this machine; `hint` says how to get it."""
    message = f"{component} is missing: {hint}"
    if REQUIRE_ALL:
        pytest.fail(message)
    pytest.skip(message)


def need_program(name: str, hint: str, *also: Path) -> Path:
    """The path of a program on `PATH` or at one of the places named."""
    found = shutil.which(name)
    if found:
        return Path(found)
    for place in also:
        if place.is_file():
            return place
    missing(name, hint)
    raise AssertionError
