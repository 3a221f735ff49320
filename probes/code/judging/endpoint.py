"""Running one endpoint.

Its handler is given its parameters as the framework would, and what it answers is collected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.bindings import TOUCHES
from assay.probes.code.flow.branches import KEY_VALUE
from assay.probes.code.flow.failures import OUTSIDE
from assay.probes.code.flow.refs import CombinatorRef, FunctionRef, HandleRef
from assay.probes.code.flow.state import Arguments, Completion, Frame, State
from assay.probes.code.flow.trace import BudgetExhaustedError, Trace
from assay.probes.code.judging.answers import completed, failed
from assay.probes.code.judging.injection import GUARDS, Injector
from assay.probes.code.syntax import LitKind
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.flow.trace import Event
    from assay.probes.code.flow.values import Site, Value
    from assay.probes.code.frameworks.base import Framework
    from assay.probes.code.judging.provisions import Provisions
    from assay.probes.code.linking.wiring import Served
    from assay.probes.code.syntax import Expr

_ANSWERED: Final = frozenset({AnswerKind.OK, AnswerKind.REDIRECT, AnswerKind.REFUSED})
_OUTAGES: Final = 2
_DECORATORS: Final = 6
_STORE_EFFECTS: Final = frozenset({EffectKind.STORE_READ, EffectKind.STORE_WRITE, EffectKind.COMMIT, EffectKind.FLUSH})


class Run:
    """One run of an endpoint's handler."""

    def __init__(self, machine: Interpreter, served: Served, steps: int, provisions: Provisions) -> None:
        self.machine = machine
        self.served = served
        self._steps = steps
        self.trace: Trace = machine.start(steps)
        self.outages: list[tuple[str, Trace]] = []
        self.outside: Trace | None = None
        """What happens where the other services that it asks fail, if a key-value store stands beside them."""
        self.fails = False
        self.handler: FunctionRef | None = None
        self._injector = Injector(machine, served, provisions)
        self._framework: Framework = served.route.framework

    @property
    def handles(self) -> list[HandleRef]:
        """The store handles that are injected."""
        return self._injector.asked.handles

    @property
    def takes_data(self) -> bool:
        """A request brings data of its own."""
        return self._injector.asked.takes_data

    @property
    def ends_with_commit(self) -> Site | None:
        """Where a session is given that is committed by what gives it, though it was not followed to its opening."""
        return self._injector.asked.ends_with_commit

    def go(self) -> Trace:
        """Interpret the handler as it is meant to run, and once more for each store it uses, with that store down."""
        served = self.served
        self.machine.entries = tuple(
            dict.fromkeys(site.file for site in (served.route.site, served.router.site, *served.mounts))
        )
        trace = self._traced()
        used = {event.library for event in trace.events if event.kind in _STORE_EFFECTS and not event.guard}
        self.outages.extend((library, self._without(library)) for library in sorted(used)[:_OUTAGES])
        if KEY_VALUE in used and any(_asks_another(event) for event in trace.events):
            self.outside = self._without(OUTSIDE)
        if trace.broken and not trace.exhausted:
            self.machine.strict = True
            self.trace = self.machine.start(self._steps)
            strict = self._traced()
            self.fails = not strict.exhausted and not any(reply.kind in _ANSWERED for reply in strict.replies)
            self.machine.strict = False
        self.trace = trace
        for _, outage in self.outages:
            trace.swallows.extend(outage.swallows)
        return trace

    def _without(self, library: str) -> Trace:
        """What happens where every call of this library, or of other services, fails."""
        self.machine.down = frozenset({library})
        self.trace = self.machine.start(self._steps)
        trace = self._traced()
        self.machine.down = frozenset()
        return trace

    def _traced(self) -> Trace:
        """Interpret dependencies and handler; what was seen before the budget ended stands."""
        try:
            self._run()
        except (BudgetExhaustedError, RecursionError):
            self.trace.exhausted = True
        self.trace.events.extend(self.trace.deferred)
        self.trace.events[:] = [one for one in self.trace.events if one.handle != TOUCHES or one.detached]
        return self.trace

    def _run(self) -> None:
        route = self.served.route
        found = list(_functions(route.handler))
        if not found:
            return
        self.handler = self._unwrapped(found[0])
        hooks = {(ref.file, ref.index): ref for hook in self.served.hooks for ref in _functions(hook)}
        if not all(self._goes_on(ref) for ref in hooks.values()):
            return
        for ref in found[:2]:
            self._run_handler(ref)

    def _goes_on(self, ref: FunctionRef) -> bool:
        """Run what is called before the handler; false where it always answers itself, or fails.

        What it writes and reads is no proof of what the endpoint does; how it ends is the endpoint's end. One that
        leaves nothing behind is run once for all endpoints.
        """
        module = self.machine.modules.get(ref.file)
        key = (ref.file, ref.index, self.machine.down)
        if module is None or key in self.machine.passed:
            return True
        root = Frame(module, None, None, lasting=False)
        self.machine.stack.append(root)
        saved, self.trace.guarding = self.trace.guarding, self._injector.guards(ref)
        before, hung = len(self.trace.events), dict(self.trace.held)
        _, ends, frame = self.machine.run_function(ref, Arguments(), self.served.route.site, root)
        self.trace.guarding = saved
        self.machine.stack.pop()
        for event in self.trace.events[before:]:
            event.guard = True
        goes_on = frame is None or frame.falls_through or any(_is_silent(one) for one in ends)
        answers = [one for one in ends if not goes_on or (one.cause is Cause.STORE_FAILURE and not _is_silent(one))]
        for one in answers:
            completed(self.machine, self.served.route, one, root)
        if goes_on and not answers and self.trace.held == hung:
            self.machine.passed.add(key)
        return goes_on

    def _unwrapped(self, ref: FunctionRef) -> FunctionRef:
        """The function that decorators of the project stand round; those that let callers in are guards."""
        turns = self.machine.trace.turns
        for _ in range(_DECORATORS):
            inner = self._wrapped(ref)
            if inner is None:
                break
            turns[ref.file, ref.index] = self._lets_in(ref)
            turns[inner.file, inner.index] = False
            ref = inner
        return ref

    def _wrapped(self, ref: FunctionRef) -> FunctionRef | None:
        """What a wrapper was made round: a function that the decorator was given."""
        outer = ref.frame.function
        if outer is None or not (self._decorators(ref) or outer.params):
            return None
        for param in outer.params:
            given = ref.frame.state.vars.get(param.name)
            for one in given.refs if given is not None else ():
                if isinstance(one, FunctionRef) and (self._decorators(one) or self._decorators(ref)):
                    return one
        return None

    def _decorators(self, ref: FunctionRef) -> tuple[Expr, ...]:
        module = self.machine.modules.get(ref.file)
        return () if module is None else module.facts.functions[ref.index].decorators

    def _lets_in(self, ref: FunctionRef) -> bool:
        """The wrapper, or a decorator round it, is named as one that checks the caller."""
        frame: Frame | None = ref.frame
        names = [self.machine.function_name((ref.file, ref.index))]
        while frame is not None and frame.function is not None:
            names.append(frame.name)
            frame = frame.parent
        return any(GUARDS.search(name) for name in names)

    def _run_handler(self, ref: FunctionRef) -> None:
        machine = self.machine
        module = machine.modules.get(ref.file)
        if module is None:
            return
        function = module.facts.functions[ref.index]
        root = Frame(module, None, None, lasting=False)
        root.state = State({})
        machine.stack.append(root)
        site = self.served.route.site
        for dependency in (*self.served.router.dependencies, *self.served.route.dependencies):
            self._injector.provide(dependency, root, site, "auth")
        ref = self._injector.equipped(ref, root)
        arguments = self._injector.arguments(function, ref, root)
        inner = self._unwrapped(ref)
        if inner is not ref and not self._framework.parameters:
            wrapped = self.machine.modules.get(inner.file)
            if wrapped is not None:
                own = self._injector.arguments(wrapped.facts.functions[inner.index], inner, root)
                arguments.keywords = {**own.keywords, **arguments.keywords}
        value, completions, frame = machine.run_function(ref, arguments, site, root)
        if not self._framework.answers_by_return:
            for completion in completions:
                failed(self.trace, completion)
            return
        if frame is None:
            return
        for completion in completions or [Completion(value, Cause.NORMAL, site)]:
            completed(machine, self.served.route, completion, root)


def _asks_another(event: Event) -> bool:
    return event.kind is EffectKind.EXTERNAL and not event.guard and not event.detached


def _is_silent(completion: Completion) -> bool:
    """It ended with nothing: the next function is called."""
    value = completion.value
    return completion.failure is None and (not value or (value.lit is not None and value.lit.kind is LitKind.NONE))


def _functions(value: Value) -> list[FunctionRef]:
    found: list[FunctionRef] = []
    for ref in value.refs:
        if isinstance(ref, FunctionRef):
            found.append(ref)
        elif isinstance(ref, CombinatorRef):
            found.extend(one for function in ref.functions for one in _functions(function))
    return found
