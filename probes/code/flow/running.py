"""What is running: the record, the stack and the budget of steps, and what keeps each of them within its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.late import Late
from assay.probes.code.flow.refs import RouterRef
from assay.probes.code.flow.summaries import Summaries
from assay.probes.code.flow.trace import BudgetExhaustedError, Trace
from assay.probes.code.libraries import is_library

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site

_MODULE_STEPS: Final = 30_000
_RENEWALS: Final = 24
_RENEWED_STEPS: Final = 3_000
_LIBRARY_ENTRIES: Final = 3
"""How often the code of a library may stand on the stack: a serializer inside a serializer is no recursion."""
_CLOSURES: Final = 4
"""How often functions that were made by the same `def` may."""


class Running:
    """The state of one run after another."""

    def __init__(self, depth: int) -> None:
        self.trace = Trace()
        self.stack: list[Frame] = []
        self.lasting = False
        self.doubt = 0
        self.late = Late()
        self.summaries = Summaries()
        self.entered: set[tuple[str, int]] = set()
        self.makers: frozenset[int] = frozenset()
        """The functions that put routers together, by their identity."""
        self.refused: list[tuple[str, int] | None] = []
        self.deepest = 0
        """How deep the stack has been since somebody set it back."""
        self._active: dict[tuple[str, int], int] = {}
        self._guarded: list[bool] = []
        self._depth = depth
        self._steps = 0
        self._limit = _MODULE_STEPS
        self._renewed = 0

    def start(self, steps: int) -> Trace:
        """Begin a new record with a budget of its own."""
        self.trace = Trace()
        self._steps = 0
        self._limit = steps
        self.stack.clear()
        self._active.clear()
        self.doubt = 0
        self._guarded.clear()
        self.summaries.forget()
        self.refused.clear()
        return self.trace

    def step(self) -> None:
        """Count one step."""
        self._steps += 1
        if self._steps > self._limit:
            raise BudgetExhaustedError

    @property
    def steps(self) -> int:
        """How many steps of the budget are used."""
        return self._steps

    def spend(self, steps: int) -> bool:
        """Count steps whose result is known, if the budget has as many left."""
        if self._steps + steps > self._limit:
            return False
        self._steps += steps
        return True

    def goes_on(self, caller: Frame) -> bool:
        """What puts an application together goes on behind a call that used up the budget, a few times.

        Else one costly check in a factory would hide everything that the factory mounts after it.
        """
        makes = id(caller.function) in self.makers or _holds_router(caller)
        if not self.lasting or self._renewed >= _RENEWALS or not makes:
            return False
        self._renewed += 1
        self._steps = max(0, self._limit - _RENEWED_STEPS)
        self.trace.cut = True
        return True

    def may_enter(self, key: tuple[str, int], defined_in: Frame) -> bool:
        """The function is not running already, and the stack is not too deep.

        What a decorator made of one method is another function than what it made of the next.
        """
        enters = self._may_enter(key, defined_in)
        if not enters:
            self.refused.append(None if self.is_deep else key)
        return enters

    def _may_enter(self, key: tuple[str, int], defined_in: Frame) -> bool:
        if self.is_deep:
            self.trace.cut = self.trace.cut or self.lasting
            self.trace.deep = True
            return False
        running = self._active.get(key, 0)
        if not running or is_library(key[0]):
            return running < _LIBRARY_ENTRIES
        if running >= _CLOSURES or defined_in.function is None:
            return False
        function = defined_in.module.facts.functions[key[1]]
        return all(one.parent is not defined_in for one in self.stack if one.function is function)

    @property
    def is_deep(self) -> bool:
        """No function is entered from here."""
        return len(self.stack) >= self._depth + len(self.trace.turns)

    def has_room(self, depth: int) -> bool:
        """The stack may become so much deeper."""
        return len(self.stack) + depth <= self._depth + len(self.trace.turns)

    def enter(self, key: tuple[str, int], frame: Frame, site: Site, caller: Frame | None) -> None:
        """A function starts."""
        self._active[key] = self._active.get(key, 0) + 1
        self._guarded.append(self.trace.guarding)
        self.trace.guarding = self.trace.turns.get(key, self.trace.guarding)
        self.entered.add(key)
        if self.lasting:
            self.late.ran.add(key)
        self.stack.append(frame)
        self.deepest = max(self.deepest, len(self.stack))
        self.trace.calls.setdefault(key, (site, caller.name if caller else ""))

    def leave(self, key: tuple[str, int]) -> None:
        """A function ends, however it does."""
        self._active[key] -= 1
        if not self._active[key]:
            del self._active[key]
        self.stack.pop()
        self.trace.guarding = self._guarded.pop()

    @property
    def active(self) -> dict[tuple[str, int], int]:
        """The functions that are running."""
        return self._active

    def at_module_level(self, run: Callable[[], object]) -> None:
        """Run module-level code with a record and a budget of its own, whoever asked for it."""
        saved = self.trace, self._steps, self._limit, self.lasting, self.stack, self._active
        doubt, self.doubt = self.doubt, 0
        self.trace, self._steps, self._limit, self.lasting = Trace(), 0, _MODULE_STEPS, True
        outer = self.stack
        self.stack, self._active = [], dict(saved[5])
        if len(outer) < self._depth:
            self.stack = []
        try:
            run()
        except (BudgetExhaustedError, RecursionError):
            saved[0].cut = True
        finally:
            self.trace, self._steps, self._limit, self.lasting, self.stack, self._active = saved
            self.doubt = doubt


def _holds_router(frame: Frame) -> bool:
    """A variable of the function is an application or a router."""
    return any(isinstance(ref, RouterRef) for value in frame.state.vars.values() for ref in value.refs)
