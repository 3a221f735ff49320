from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson
import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.audit.documents import MAX_BYTES, TRUNCATED_KEY, JsonObject, clean_text, to_json


def _read(document: object, limit: int = MAX_BYTES) -> dict[str, object]:
    text = to_json(document, limit=limit).text
    assert len(text) <= limit
    read: dict[str, object] = orjson.loads(text)
    return read


def test_a_nul_and_a_lone_surrogate_are_replaced_and_the_rest_is_kept() -> None:
    assert clean_text("a\0b\ud800c\U0001f600") == "a\ufffdb\ufffdc\U0001f600"


def test_a_pair_of_surrogates_becomes_the_character_that_it_means() -> None:
    assert clean_text("\ud83d\ude00") == "\U0001f600"


def test_what_is_cut_off_a_text_is_counted_at_its_end() -> None:
    cut = clean_text("x" * 200, 100)
    assert len(cut) == 100
    assert cut.endswith("... (+100 characters)")


def test_numbers_that_json_or_sixty_four_bits_cannot_hold_become_text() -> None:
    assert _read({"a": 2**63, "b": math.inf, "c": math.nan, "d": 2**63 - 1, "e": -(2**63)}) == {
        "a": str(2**63),
        "b": "inf",
        "c": "nan",
        "d": 2**63 - 1,
        "e": -(2**63),
    }


def test_the_values_of_keys_that_name_a_secret_are_masked_and_so_are_passwords_in_urls() -> None:
    document = {
        "password": "hunter2",
        "api_key": "k",
        "client_secret": "s",
        "url": "postgresql://u:hunter2@h/d",
        "name": "n",
    }
    assert _read(document) == {
        "password": "***",
        "api_key": "***",
        "client_secret": "***",
        "url": "postgresql://u:***@h/d",
        "name": "n",
    }


def test_what_is_no_json_is_told_in_words() -> None:
    @dataclass(frozen=True)
    class Inner:
        at: datetime

    told = _read(
        {"t": (1, 2), "s": {"b", "a"}, "i": Inner(datetime(2026, 1, 2, tzinfo=UTC)), "u": UUID(int=7), "o": object}
    )
    assert told == {
        "t": [1, 2],
        "s": ["a", "b"],
        "i": {"at": "2026-01-02T00:00:00+00:00"},
        "u": "00000000-0000-0000-0000-000000000007",
        "o": "<class 'object'>",
    }


def test_a_text_of_a_megabyte_is_cut_and_the_document_says_so() -> None:
    told = _read({"message": "x" * 1_000_000, "target": "orders"})
    assert told["target"] == "orders"
    assert TRUNCATED_KEY in told
    assert "characters)" in str(told["message"])


def test_ten_thousand_entries_that_are_too_large_together_are_cut_in_number() -> None:
    told = _read({"names": ["n" * 100] * 10_000})
    assert isinstance(told["names"], list)
    assert "only the first" in told["names"][-1]
    assert TRUNCATED_KEY in told


def test_a_document_that_cannot_be_cut_small_is_left_out_and_says_how_large_it_was() -> None:
    assert "was left out" in str(_read({"a": "x" * 500, "b": "y" * 500}, limit=120)[TRUNCATED_KEY])


def test_nesting_without_end_ends() -> None:
    deep: dict[str, object] = {}
    here = deep
    for _ in range(10_000):
        inner: dict[str, object] = {}
        here["in"] = inner
        here = inner
    assert "nested deeper" in to_json(deep).text.decode()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None, exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None, exclude_categories=())), inner),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.dictionaries(st.text(st.characters(codec=None, exclude_categories=())), _json))
def test_whatever_is_handed_in_jsonb_takes_it(database: str, document: JsonObject) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("SELECT %s::text::jsonb", [to_json(document).text.decode()])
