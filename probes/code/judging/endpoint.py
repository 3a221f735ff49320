"""Running one endpoint.

Its handler is given its parameters as the framework would, and what it answers is collected.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import failures, queries, shapes, types, web
from assay.probes.code.flow.lineage import facts_of, lineage
from assay.probes.code.flow.refs import (
    AnswerRef,
    ClassRef,
    CodedRef,
    CombinatorRef,
    FunctionRef,
    HandleRef,
    InjectedRef,
    InstanceRef,
    NextRef,
    ObjectRef,
    RequestRef,
    ResponseRef,
)
from assay.probes.code.flow.state import Arguments, Completion, Frame, State
from assay.probes.code.flow.trace import BudgetExhaustedError, Reply, Trace
from assay.probes.code.flow.values import IDENTITY, NOTHING, Kind, Site, Value, atom, join, marked
from assay.probes.code.frameworks.base import Given
from assay.probes.code.judging.behind import commits
from assay.probes.code.judging.provisions import Asked, Provision, add_to, key_of, repeat
from assay.probes.code.judging.receiver import equipped
from assay.probes.code.syntax import LitKind
from assay.probes.code.view import AnswerKind, Cause, EffectKind

if TYPE_CHECKING:
    from assay.probes.code.facts import Function, Param
    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.frameworks.base import Framework
    from assay.probes.code.judging.provisions import Key, Provisions
    from assay.probes.code.linking.wiring import Served
    from assay.probes.code.syntax import Expr

_GUARDS: Final = re.compile(
    r"auth|current|user|token|permission|role|admin|login|verify|require|api_?key|rate_?limit|throttle|tenant|principal|csrf",
    re.IGNORECASE,
)
_PARAMETER: Final = re.compile(r"[{<:](?:\w+:)?(\w+)")
_BODY_METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
_UNPROCESSED: Final = 500
_ANSWERED: Final = frozenset({AnswerKind.OK, AnswerKind.REDIRECT, AnswerKind.REFUSED})
_OF_ANSWERS: Final = frozenset({"content", "headers", "status", "status_code", "mimetype", "content_type", "cookies"})
_OUTAGES: Final = 2
_DECORATORS: Final = 6
_STORE_EFFECTS: Final = frozenset({EffectKind.STORE_READ, EffectKind.STORE_WRITE, EffectKind.COMMIT, EffectKind.FLUSH})


_PYTHON_ANSWERS: Final = frozenset({"fastapi", "starlette", "flask"})


class Run:
    """One run of an endpoint's handler."""

    def __init__(self, machine: Interpreter, served: Served, steps: int, provisions: Provisions) -> None:
        self.machine = machine
        self._provisions = provisions
        self.served = served
        self._steps = steps
        self.trace: Trace = machine.start(steps)
        self.outages: list[tuple[str, Trace]] = []
        self.fails = False
        self.handler: FunctionRef | None = None
        self._in_path = frozenset(_PARAMETER.findall(served.route.path) + _PARAMETER.findall(served.path))
        self._asked = Asked()
        self._asked.takes_data = "{" in served.path or ":" in served.path or "<" in served.path
        self._framework: Framework = served.route.framework

    @property
    def handles(self) -> list[HandleRef]:
        """The store handles that are injected."""
        return self._asked.handles

    @property
    def takes_data(self) -> bool:
        """A request brings data of its own."""
        return self._asked.takes_data

    @property
    def ends_with_commit(self) -> Site | None:
        """Where a session is given that is committed by what gives it, though it was not followed to its opening."""
        return self._asked.ends_with_commit

    def go(self) -> Trace:
        """Interpret the handler as it is meant to run, and once more for each store it uses, with that store down."""
        served = self.served
        self.machine.entries = tuple(
            dict.fromkeys(site.file for site in (served.route.site, served.router.site, *served.mounts))
        )
        trace = self._traced()
        used = {event.library for event in trace.events if event.kind in _STORE_EFFECTS and not event.guard}
        for library in sorted(used)[:_OUTAGES]:
            self.machine.down = frozenset({library})
            self.trace = self.machine.start(self._steps)
            self.outages.append((library, self._traced()))
            self.machine.down = frozenset()
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

    def _traced(self) -> Trace:
        """Interpret dependencies and handler; what was seen before the budget ended stands."""
        try:
            self._run()
        except (BudgetExhaustedError, RecursionError):
            self.trace.exhausted = True
        self.trace.events.extend(self.trace.deferred)
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
        saved, self.trace.guarding = self.trace.guarding, self._guards(ref)
        before, hung = len(self.trace.events), dict(self.trace.held)
        _, ends, frame = self.machine.run_function(ref, Arguments(), self.served.route.site, root)
        self.trace.guarding = saved
        self.machine.stack.pop()
        for event in self.trace.events[before:]:
            event.guard = True
        goes_on = frame is None or frame.falls_through or any(_is_silent(one) for one in ends)
        answers = [one for one in ends if not goes_on or (one.cause is Cause.STORE_FAILURE and not _is_silent(one))]
        for one in answers:
            self._completed(one, root)
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
        return any(_GUARDS.search(name) for name in names)

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
            self._provide(dependency, root, site, "auth")
        ref = self._equipped(ref, root)
        arguments = self._arguments(function, ref, root)
        inner = self._unwrapped(ref)
        if inner is not ref and not self._framework.parameters:
            wrapped = self.machine.modules.get(inner.file)
            if wrapped is not None:
                own = self._arguments(wrapped.facts.functions[inner.index], inner, root)
                arguments.keywords = {**own.keywords, **arguments.keywords}
        value, completions, frame = machine.run_function(ref, arguments, site, root)
        if not self._framework.answers_by_return:
            self._unanswered(completions)
            return
        if frame is None:
            return
        for completion in completions or [Completion(value, Cause.NORMAL, site)]:
            self._completed(completion, root)

    # --- what a handler is given ------------------------------------------------------------------------------------

    def _equipped(self, ref: FunctionRef, root: Frame) -> FunctionRef:
        if ref.receiver is None or not self._framework.injectors:
            return ref
        receiver = equipped(
            self.machine,
            ref.receiver,
            lambda provider, site, name: self._provide(provider, root, site, name),
            lambda function, constructor: self._arguments(function, constructor, root),
            root,
        )
        return FunctionRef(ref.file, ref.index, ref.frame, receiver)

    def _arguments(self, function: Function, ref: FunctionRef, root: Frame) -> Arguments:
        params = list(function.params)
        if ref.receiver is not None and self.machine.is_python(ref.file):
            params = params[1:]
        if self._framework.parameters:
            self._asked.takes_data = True
            return self._by_position(params)
        found = Arguments()
        for param in params:
            if param.kind:
                continue
            found.keywords[param.name] = self._by_name(param, ref, root)
        return found

    def _by_position(self, params: list[Param]) -> Arguments:
        rows = self._framework.parameters
        row = next((row for row in rows if len(row) >= len(params)), rows[-1])
        found = Arguments([self._given(given) for given in row])
        if self._framework.path_by_name:
            names = _PARAMETER.findall(self.served.path)
            rest = [one.name for one in params[len(row) :] if not one.kind and one.default is None]
            part = atom(Kind.REQUEST, self.served.route.site, "path")
            found.keywords = dict.fromkeys((*names, *rest), part)
        return found

    def _given(self, given: Given) -> Value:
        name = self._framework.name
        match given:
            case Given.REQUEST:
                return Value(refs=(RequestRef(name),))
            case Given.RESPONSE:
                return Value(refs=(ResponseRef(name),))
            case Given.CONTEXT:
                return Value(
                    {},
                    {"req": Value(refs=(RequestRef(name),)), "request": Value(refs=(RequestRef(name),))},
                    (ResponseRef(name),),
                )
            case Given.NEXT:
                return Value(refs=(NextRef(name),))
            case Given.ERROR:
                return atom(Kind.EXCEPTION, self.served.route.site)

    def _by_name(self, param: Param, ref: FunctionRef, root: Frame) -> Value:
        """A parameter that the framework fills by its annotation, its default, or from the request."""
        machine, frame = self.machine, ref.frame
        site = Site(ref.file, param.line)
        default = machine.quietly(param.default, frame) if param.default is not None else NOTHING
        hint = machine.quietly(param.hint, frame) if param.hint is not None else NOTHING
        stated = types.injected(default) or types.injected(hint)
        promised = machine.promised(param, frame) if stated is None or stated.provider is None else NOTHING
        if stated is not None:
            return self._injected(stated, param, ref, promised, root)
        if any(isinstance(one, RequestRef | ResponseRef) for one in promised.refs):
            return promised
        if promised.refs and not any(
            isinstance(one, InstanceRef | HandleRef) or _is_upload(one) for one in promised.refs
        ):
            return promised
        part = self._part(param, promised)
        self._asked.takes_data = True
        return Value(atom(Kind.REQUEST, site, part).atoms, None, promised.refs)

    def _part(self, param: Param, promised: Value) -> str:
        is_in_path = param.name in self._in_path
        self._asked.in_path[param.name] = is_in_path
        if is_in_path:
            return "path"
        body = (
            any(isinstance(one, InstanceRef | ObjectRef) for one in promised.refs) or "dict" in param.annotation.lower()
        )
        return "body" if body else "query"

    def _injected(self, stated: InjectedRef, param: Param, ref: FunctionRef, promised: Value, root: Frame) -> Value:
        site = Site(ref.file, param.line)
        before = len(self.trace.deferred)
        value = promised if stated.provider is None else self._provide(stated.provider, root, site, param.name)
        for event in self.trace.deferred[before:] if stated.ends_before_answer else ():
            event.detached = False
        self._asked.handles.extend(one for one in value.refs if isinstance(one, HandleRef))
        if param.hint is not None and not any(isinstance(one, HandleRef | InstanceRef) for one in value.refs):
            promised = self.machine.promised(param, ref.frame)
            if any(isinstance(one, HandleRef) for one in promised.refs):
                return self._opened_elsewhere(promised, stated.provider, param, site)
            if not value.refs:
                value = join(value, self._identified(param, promised, site))
        return value

    def _opened_elsewhere(self, handle: Value, provider: Value | None, param: Param, site: Site) -> Value:
        """A session that the annotation promises and the project opens where it was not followed.

        Whether it is committed there is told by the text of what gives it.
        """
        self._asked.handles.extend(one for one in handle.refs if isinstance(one, HandleRef))
        self.trace.handed_on.setdefault(param.name, site)
        for ref in provider.refs if provider is not None else ():
            if isinstance(ref, FunctionRef) and commits(self.machine, ref):
                self._asked.ends_with_commit = site
        return handle

    def _identified(self, param: Param, promised: Value, site: Site) -> Value:
        """A mapped object that a guard promises is the row of the caller, wherever it was read."""
        mapped = [one.of for one in promised.refs if isinstance(one, InstanceRef) and self.machine.is_mapped(one.of)]
        if not mapped or not _GUARDS.search(param.name):
            return promised
        library = lineage(self.machine, mapped[0]).library
        table = facts_of(self.machine, mapped[0]).name
        return promised.with_atoms(atom(Kind.ROW, site, f"{library}:{table}", IDENTITY).atoms)

    def _provide(self, provider: Value, root: Frame, site: Site, name: str) -> Value:
        """The value of a dependency: its function is run with dependencies of its own."""
        machine = self.machine
        stated = types.injected(provider)
        if stated is not None and stated.provider is not None:
            provider = stated.provider
        result: Value | None = None
        for ref in provider.refs:
            guards = bool(_GUARDS.search(name)) or (isinstance(ref, FunctionRef) and self._guards(ref))
            saved = machine.trace.guarding
            machine.trace.guarding = saved or guards
            one = self._provided_by(ref, root, site)
            machine.trace.guarding = saved
            result = join(result, marked(one, IDENTITY) if guards and not _handles(one) else one)
        return result or NOTHING

    def _guards(self, ref: FunctionRef) -> bool:
        module = self.machine.modules.get(ref.file)
        return module is not None and bool(_GUARDS.search(module.facts.functions[ref.index].name))

    def _provided_by(self, ref: object, root: Frame, site: Site) -> Value:
        machine = self.machine
        if isinstance(ref, FunctionRef):
            return self._by_function(ref, root, site)
        if isinstance(ref, ClassRef):
            return machine.instance_of(Value(refs=(ref,)), root, site)
        if isinstance(ref, InstanceRef | CombinatorRef):
            return machine.invoke_ref(ref, Arguments(), root, site)
        return NOTHING

    def _by_function(self, ref: FunctionRef, root: Frame, site: Site) -> Value:
        """What a function gives that the framework calls, remembered where nothing but the endpoint differs."""
        machine = self.machine
        if machine.trace.turns or machine.trace.held or machine.active or not _is_fresh(root):
            return self._returned_by(ref, root, site)
        key = key_of(machine, ref, self._framework.name)
        known = self._provisions.find(key, self._in_path)
        if known is None or not machine.spend(known.steps):
            return self._called_first(key, ref, root, site)
        repeat(known, machine.trace, site)
        self._asked.add(known.asked)
        return known.value

    def _called_first(self, key: Key, ref: FunctionRef, root: Frame, site: Site) -> Value:
        machine, trace, asked, steps = self.machine, self.trace, self._asked, self.machine.steps
        part, learned = Trace(guarding=trace.guarding, held=trace.held), Asked()
        machine.trace = self.trace = part
        self._asked = learned
        try:
            value = self._returned_by(ref, root, site)
        finally:
            machine.trace = self.trace = trace
            self._asked = asked
            add_to(trace, part)
            asked.add(learned)
        if _is_fresh(root):
            self._provisions.keep(key, Provision(value, part, learned, machine.steps - steps, ref, site))
        return value

    def _returned_by(self, ref: FunctionRef, root: Frame, site: Site) -> Value:
        """What a dependency returns or yields; what stands behind its `yield` runs after the answer."""
        module = self.machine.modules.get(ref.file)
        if module is None or (ref.file, ref.index) in self.machine.active:
            return NOTHING
        function = module.facts.functions[ref.index]
        params = function.params[1:] if ref.receiver is not None else function.params
        given = Arguments()
        before = len(self.trace.deferred)
        for param in params:
            if not param.kind:
                given.keywords[param.name] = self._by_name(param, ref, root)
        value, completions, frame = self.machine.run_function(ref, given, site, root)
        for completion in completions:
            if completion.failure is not None:
                self._failed(completion)
        if frame is None or frame.yielded is None:
            return value
        for event in self.trace.deferred[before:]:
            event.detached = True
        return frame.yielded

    # --- what it answers --------------------------------------------------------------------------------------------

    def _unanswered(self, completions: list[Completion]) -> None:
        for completion in completions:
            if completion.failure is not None:
                self._failed(completion)

    def _completed(self, completion: Completion, root: Frame) -> None:
        if completion.failure is not None:
            self._failed(completion)
            return
        if shapes.holds_coroutine(completion.value) and self._framework.name in _PYTHON_ANSWERS:
            self.machine.breaks(completion.site, "answers with a coroutine that is not awaited")
            if self.machine.strict:
                root.state.dead = False
                return
        value = queries.fire(self.machine, completion.value, root, completion.site)
        for status, body in self._answers(value):
            kind = web.answer_kind(status, self.served.route.status)
            self.trace.replies.append(Reply(kind, body, status, completion.cause, completion.site))

    def _answers(self, value: Value) -> list[tuple[int | None, Value]]:
        answers = [ref for ref in value.refs if isinstance(ref, AnswerRef)]
        coded = [ref for ref in value.refs if isinstance(ref, CodedRef)]
        if self._framework.tuple_answers and "0" in value.fields and (coded or "1" in value.fields):
            inner = value.fields["0"]
            content = join(value.fields.get("content"), inner.fields.get("content", inner))
            statuses = tuple(ref.status for ref in coded) or (web.status_of(value.fields["1"]),)
            return [(status, content) for status in (*statuses, *(ref.status for ref in answers))]
        if not answers:
            return [(None, value)]
        content = value.fields.get("content", NOTHING)
        rest = {key: one for key, one in value.fields.items() if key not in _OF_ANSWERS}
        found: list[tuple[int | None, Value]] = [(ref.status, content) for ref in answers]
        if rest:
            found.append((None, Value(value.atoms, rest, ())))
        return found

    def _failed(self, completion: Completion) -> None:
        failure = completion.failure
        if failure is None:
            return
        answer = failures.answers(failure.value)
        status = answer.status if answer is not None else _UNPROCESSED
        kind = AnswerKind.RAISE if answer is None else web.answer_kind(status)
        if any("NotImplemented" in name for name in failure.types):
            kind = AnswerKind.REFUSED
        body = failure.value.fields.get("content", NOTHING)
        self.trace.replies.append(Reply(kind, body, status, completion.cause, completion.site))


def _is_upload(ref: object) -> bool:
    return isinstance(ref, ObjectRef) and ref.path.endswith(".UploadFile")


def _is_silent(completion: Completion) -> bool:
    """It ended with nothing: the next function is called."""
    value = completion.value
    return completion.failure is None and (not value or (value.lit is not None and value.lit.kind is LitKind.NONE))


def _is_fresh(root: Frame) -> bool:
    """Nothing that a dependency did has changed the way on which control comes to the handler."""
    return not root.state.dead and root.state.cause is Cause.NORMAL


def _handles(value: Value) -> bool:
    return any(isinstance(ref, HandleRef) for ref in value.refs)


def _functions(value: Value) -> list[FunctionRef]:
    found: list[FunctionRef] = []
    for ref in value.refs:
        if isinstance(ref, FunctionRef):
            found.append(ref)
        elif isinstance(ref, CombinatorRef):
            found.extend(one for function in ref.functions for one in _functions(function))
    return found
