from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.probes.database.postgres.wire import sqlstate_of


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


ERROR = message(b"E", b"SFATAL\0VFATAL\0C28P01\0Mfalsches Passwort\0Fauth.c\0L1\0\0")


@pytest.mark.parametrize("before", [b"", message(b"R", bytes(4)), message(b"S", b"a\0b\0") * 3])
def test_the_code_of_an_error_is_found_behind_other_messages(before: bytes) -> None:
    assert sqlstate_of(before + ERROR) == "28P01"


@pytest.mark.parametrize(
    "received",
    [
        b"",
        b"E",
        b"S",
        message(b"R", bytes(4)),
        message(b"E", b"SFATAL\0\0"),
        message(b"E", b"C28\0\0"),
        b"E\0\0\0\0C28P01\0",
    ],
)
def test_without_a_whole_code_there_is_none(received: bytes) -> None:
    assert sqlstate_of(received) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_to_a_code_or_to_none(received: bytes) -> None:
    code = sqlstate_of(received)
    assert code is None or (len(code) == 5 and code.isalnum())


@given(st.integers(0, len(ERROR)))
def test_an_error_that_is_cut_off_has_its_code_or_none(length: int) -> None:
    assert sqlstate_of(ERROR[:length]) in {None, "28P01"}
