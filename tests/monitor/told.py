"""A journal that keeps what it was told, for tests that need no store."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from assay.monitor.journal import Journal
from tests.monitor.clocks import HandClock

if TYPE_CHECKING:
    from assay.audit.events import Event

EventT = TypeVar("EventT", bound="Event")


class ToldJournal(Journal):
    """Takes events and does nothing else with them."""

    def __init__(self) -> None:
        super().__init__(None, clock=HandClock())
        self.events: list[Event] = []

    def post(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[EventT]) -> list[EventT]:
        return [event for event in self.events if isinstance(event, kind)]
