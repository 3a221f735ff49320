from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from assay.audit import events
from assay.audit.events import CATALOGUE, Event, ScanFinished, TargetStateChanged
from assay.audit.events_page import page
from assay.audit.model import Severity, TargetState

_PAGE = Path(__file__).parents[2] / "docs" / "events.md"


def test_the_page_of_events_is_current() -> None:
    assert _PAGE.read_text() == page(), "run: make docs"


def test_every_event_of_the_module_is_in_the_catalogue_once() -> None:
    defined = [
        each
        for each in vars(events).values()
        if isinstance(each, type) and issubclass(each, Event) and each is not Event
    ]
    assert sorted(each.__name__ for each in defined) == sorted(each.__name__ for each in CATALOGUE)
    types = [each.event_type for each in CATALOGUE]
    assert len(set(types)) == len(types)


def test_every_event_type_is_noun_dot_verb_and_fits_its_column() -> None:
    for each in CATALOGUE:
        noun, dot, verb = each.event_type.partition(".")
        assert noun, each
        assert dot, each
        assert verb.replace("_", "").isalpha(), each
        assert len(each.event_type) <= 100


def test_every_event_has_fields_and_says_what_is_true_of_it() -> None:
    for each in CATALOGUE:
        assert fields(each), each
        assert each.__doc__, each
        assert not each.__doc__.startswith(f"{each.__name__}("), each


def test_a_target_that_is_down_is_an_error_and_one_that_is_up_again_is_not() -> None:
    def change(state: TargetState) -> TargetStateChanged:
        return TargetStateChanged(target="orders", from_state=None, to_state=state, probe=None, reason=None)

    assert change(TargetState.DOWN).severity is Severity.ERROR
    assert change(TargetState.UNKNOWN).severity is Severity.WARNING
    assert change(TargetState.UP).severity is Severity.INFO


def test_a_scan_without_bad_verdicts_is_no_warning() -> None:
    def scan(bad: dict[str, int]) -> ScanFinished:
        return ScanFinished(service="shop", run_id="r", commit=None, endpoints=3, bad=bad, findings=0, skipped=0)

    assert scan({"mock": 0}).severity is Severity.INFO
    assert scan({"mock": 1}).severity is Severity.WARNING
