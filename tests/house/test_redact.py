from __future__ import annotations

import time

import pytest

from assay.core.redact import mask_secrets


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("to postgres+psycopg://u:p@ss:w/o@h:5432/d failed", "to postgres+psycopg://u:***@h:5432/d failed"),
        ("redis://:p@h", "redis://:***@h"),
        ("'mysql://u:p@h' and \"mysql://v:q@i\"", "'mysql://u:***@h' and \"mysql://v:***@i\""),
        ("a://b/c://u:p@h", "a://b/c://u:***@h"),
        ("http://h/path?x=1", "http://h/path?x=1"),
        ("http://u@h:80/p", "http://u@h:80/p"),
        ("http://h:80/mail@x", "http://h:***@x"),
        ("password=abc, token: 'def'", "password=***, token: '***'"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_a_password_in_a_url_or_beside_its_name_is_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked


@pytest.mark.parametrize("piece", ["x", "a://", "a://b:", "a://b:c", "u:p@", "password ", "a.b+"])
def test_a_megabyte_of_anything_is_masked_in_a_moment(piece: str) -> None:
    started = time.monotonic()
    mask_secrets(piece * (1_000_000 // len(piece)))
    assert time.monotonic() - started < 10
