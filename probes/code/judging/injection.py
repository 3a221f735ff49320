"""What a framework gives a handler: by position, by name, by dependency injection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import types
from assay.probes.code.flow.lineage import facts_of, is_mapped, lineage, method_of
from assay.probes.code.flow.refs import (
    ClassRef,
    CombinatorRef,
    FunctionRef,
    HandleRef,
    InjectedRef,
    InstanceRef,
    NextRef,
    ObjectRef,
    RequestRef,
    ResponseRef,
    TypeRef,
)
from assay.probes.code.flow.state import Arguments, Frame
from assay.probes.code.flow.trace import Trace
from assay.probes.code.flow.values import IDENTITY, NOTHING, Kind, Site, Value, atom, join, marked
from assay.probes.code.frameworks.base import Given
from assay.probes.code.judging.answers import failed
from assay.probes.code.judging.behind import commits
from assay.probes.code.judging.provisions import Asked, Provision, add_to, key_of, repeat
from assay.probes.code.judging.receiver import with_dependencies
from assay.probes.code.libraries import is_library
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from assay.probes.code.facts import Function, Param
    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.frameworks.base import Framework
    from assay.probes.code.judging.provisions import Key, Provisions
    from assay.probes.code.linking.wiring import Served

GUARDS: Final = re.compile(
    r"auth|current|user|token|permission|role|admin|login|verify|require|api_?key|rate_?limit|throttle|tenant|principal|csrf",
    re.IGNORECASE,
)
"""Names of functions and parameters that identify the caller or let callers in."""
_ANNOTATED: Final = "Annotated"
_PARAMETER: Final = re.compile(r"[{<:](?:\w+:)?(\w+)")


class Injector:
    """Gives one run of a handler, and everything that the handler depends on, its arguments.

    `asked` is what it was asked for so far.
    """

    def __init__(self, machine: Interpreter, served: Served, provisions: Provisions) -> None:
        self.machine = machine
        self.asked = Asked()
        self.asked.takes_data = "{" in served.path or ":" in served.path or "<" in served.path
        self._served = served
        self._provides = dict(served.provides)
        self._provisions = provisions
        self._framework: Framework = served.route.framework
        self._in_path = frozenset(_PARAMETER.findall(served.route.path) + _PARAMETER.findall(served.path))

    def equipped(self, ref: FunctionRef, root: Frame) -> FunctionRef:
        """The method of a class-based router, on an object that has been given what it asks for."""
        if ref.receiver is None or not self._framework.injectors:
            return ref
        receiver = with_dependencies(
            self.machine,
            ref.receiver,
            lambda provider, site, name: self.provide(provider, root, site, name),
            lambda function, constructor: self.arguments(function, constructor, root),
            root,
        )
        return FunctionRef(ref.file, ref.index, ref.frame, receiver)

    def arguments(self, function: Function, ref: FunctionRef, root: Frame) -> Arguments:
        """What a function is given by its parameters."""
        params = list(function.params)
        if ref.receiver is not None and self.machine.is_python(ref.file):
            params = params[1:]
        if self._framework.parameters:
            self.asked.takes_data = True
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
            names = _PARAMETER.findall(self._served.path)
            rest = [one.name for one in params[len(row) :] if not one.kind and one.default is None]
            part = atom(Kind.REQUEST, self._served.route.site, "path")
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
                return atom(Kind.EXCEPTION, self._served.route.site)

    def _by_name(self, param: Param, ref: FunctionRef, root: Frame) -> Value:
        """A parameter that the framework fills by its annotation, its default, or from the request."""
        machine, frame = self.machine, ref.frame
        site = Site(ref.file, param.line)
        default = machine.quietly(param.default, frame) if param.default is not None else NOTHING
        hint = machine.quietly(param.hint, frame) if param.hint is not None else NOTHING
        stated = types.injected(self._provides.get(param.name, NOTHING)) or types.injected(default)
        stated = stated or types.injected(hint)
        promised = machine.promised(param, frame) if stated is None or stated.provider is None else NOTHING
        if stated is not None:
            return self._injected(stated, param, ref, promised, root)
        if any(isinstance(one, RequestRef | ResponseRef) for one in promised.refs):
            return promised
        if any(isinstance(one, HandleRef | FunctionRef) for one in default.refs):
            return default
        if promised.refs and not any(
            isinstance(one, InstanceRef | HandleRef) or _is_upload(one) for one in promised.refs
        ):
            return promised
        if self._framework.body_parameters and param.name not in self._framework.body_parameters:
            given = self._given_by_name(param, promised, site)
            if given is not None:
                return given
        part = self._part(param, promised)
        self.asked.takes_data = True
        return Value(atom(Kind.REQUEST, site, part).atoms, None, promised.refs)

    def _given_by_name(self, param: Param, promised: Value, site: Site) -> Value | None:
        """An object that is not the body was put together by somebody who was not followed; `None` for plain data."""
        if any(isinstance(one, HandleRef) for one in promised.refs):
            return self._opened_elsewhere(promised, None, param, site)
        return promised if any(isinstance(one, InstanceRef) for one in promised.refs) else None

    def _part(self, param: Param, promised: Value) -> str:
        is_in_path = param.name in self._in_path
        self.asked.in_path[param.name] = is_in_path
        if is_in_path:
            return "path"
        body = (
            any(isinstance(one, InstanceRef | ObjectRef) for one in promised.refs) or "dict" in param.annotation.lower()
        )
        return "body" if body else "query"

    def _injected(self, stated: InjectedRef, param: Param, ref: FunctionRef, promised: Value, root: Frame) -> Value:
        site = Site(ref.file, param.line)
        before = len(self.machine.trace.deferred)
        provider = stated.provider or self._annotated(param, ref.frame)
        value = promised if provider is None else self.provide(provider, root, site, param.name)
        for event in self.machine.trace.deferred[before:] if stated.ends_before_answer else ():
            event.detached = False
        self._ask(value)
        if param.hint is not None and not any(isinstance(one, HandleRef | InstanceRef) for one in value.refs):
            promised = self.machine.promised(param, ref.frame)
            if any(isinstance(one, HandleRef) for one in promised.refs):
                return self._opened_elsewhere(promised, stated.provider, param, site)
            if not value.refs:
                value = join(value, self._identified(param, promised, site))
        return value

    def _annotated(self, param: Param, frame: Frame) -> Value | None:
        """The class of the project that is made where a dependency names nothing (`Depends()`)."""
        hint = self.machine.quietly(param.hint, frame) if param.hint is not None else NOTHING
        named = [
            one for ref in hint.refs if isinstance(ref, TypeRef) and ref.name == _ANNOTATED for one in ref.parts[:1]
        ]
        classes = [ref for one in named or [hint] for ref in one.refs if isinstance(ref, ClassRef)]
        return Value(refs=tuple(classes)) if classes else None

    def _ask(self, value: Value) -> None:
        """The store handles that an endpoint asks for; what identifies its caller has its own."""
        if not self.machine.trace.guarding:
            self.asked.handles.extend(one for one in value.refs if isinstance(one, HandleRef))

    def _opened_elsewhere(self, handle: Value, provider: Value | None, param: Param, site: Site) -> Value:
        """A session that the annotation promises and the project opens where it was not followed.

        Whether it is committed there is told by the text of what gives it.
        """
        self._ask(handle)
        self.machine.trace.handed_on.setdefault(param.name, site)
        for ref in provider.refs if provider is not None else ():
            if isinstance(ref, FunctionRef) and commits(self.machine, ref):
                self.asked.ends_with_commit = site
        return handle

    def _identified(self, param: Param, promised: Value, site: Site) -> Value:
        """A mapped object that a guard promises is the row of the caller, wherever it was read."""
        mapped = [one.of for one in promised.refs if isinstance(one, InstanceRef) and is_mapped(self.machine, one.of)]
        if not mapped or not GUARDS.search(param.name):
            return promised
        library = lineage(self.machine, mapped[0]).library
        table = facts_of(self.machine, mapped[0]).name
        return promised.with_atoms(atom(Kind.ROW, site, f"{library}:{table}", IDENTITY).atoms)

    def provide(self, provider: Value, root: Frame, site: Site, name: str) -> Value:
        """The value of a dependency: its function is run with dependencies of its own."""
        machine = self.machine
        stated = types.injected(provider)
        if stated is not None and stated.provider is not None:
            provider = stated.provider
        result: Value | None = None
        for ref in provider.refs:
            guards = bool(GUARDS.search(name)) or (isinstance(ref, FunctionRef) and self.guards(ref))
            saved = machine.trace.guarding
            machine.trace.guarding = saved or guards
            one = self._provided_by(ref, root, site)
            machine.trace.guarding = saved
            result = join(result, marked(one, IDENTITY) if guards and not _handles(one) else one)
        return result or NOTHING

    def guards(self, ref: FunctionRef) -> bool:
        """The function is named as one that checks the caller."""
        module = self.machine.modules.get(ref.file)
        return module is not None and bool(GUARDS.search(module.facts.functions[ref.index].name))

    def _provided_by(self, ref: object, root: Frame, site: Site) -> Value:
        machine = self.machine
        if isinstance(ref, FunctionRef):
            return self._by_function(ref, root, site)
        if isinstance(ref, ClassRef):
            return self._made(ref, root, site)
        if isinstance(ref, InstanceRef | CombinatorRef):
            return machine.invoke_ref(ref, Arguments(), root, site)
        return NOTHING

    def _made(self, ref: ClassRef, root: Frame, site: Site) -> Value:
        """An object of a class, whose constructor is given what it asks for."""
        machine = self.machine
        constructor = method_of(machine, ref, "__init__") if machine.is_python(ref.file) else None
        plain = constructor is None or is_mapped(machine, ref) or is_library(constructor[0].file)
        if plain or constructor is None or (constructor[0].file, constructor[1]) in machine.active:
            return machine.instance_of(Value(refs=(ref,)), root, site)
        return with_dependencies(
            machine,
            Value(refs=(InstanceRef(ref, exact=True),)),
            lambda provider, at, name: self.provide(provider, root, at, name),
            lambda function, called: self.arguments(function, called, root),
            root,
        )

    def _by_function(self, ref: FunctionRef, root: Frame, site: Site) -> Value:
        """What a function gives that the framework calls, remembered where nothing but the endpoint differs."""
        machine = self.machine
        if machine.trace.turns or machine.trace.held or machine.active or self._provides or not _is_fresh(root):
            return self._returned_by(ref, root, site)
        key = key_of(machine, ref, self._framework.name)
        known = self._provisions.find(key, self._in_path)
        if known is None or not machine.spend(known.steps):
            return self._called_first(key, ref, root, site)
        repeat(known, machine.trace, site)
        self.asked.add(known.asked)
        return known.value

    def _called_first(self, key: Key, ref: FunctionRef, root: Frame, site: Site) -> Value:
        machine, trace, asked, steps = self.machine, self.machine.trace, self.asked, self.machine.steps
        part, learned = Trace(guarding=trace.guarding, held=trace.held), Asked()
        machine.trace = part
        self.asked = learned
        try:
            with machine.without_summaries():
                value = self._returned_by(ref, root, site)
        finally:
            machine.trace = trace
            self.asked = asked
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
        before = len(self.machine.trace.deferred)
        for param in params:
            if not param.kind:
                given.keywords[param.name] = self._by_name(param, ref, root)
        value, completions, frame = self.machine.run_function(ref, given, site, root)
        for completion in completions:
            if completion.failure is not None:
                failed(self.machine.trace, completion)
        if frame is None or frame.yielded is None:
            return value
        for event in self.machine.trace.deferred[before:]:
            event.detached = True
        return frame.yielded


def _is_upload(ref: object) -> bool:
    return isinstance(ref, ObjectRef) and ref.path.endswith(".UploadFile")


def _is_fresh(root: Frame) -> bool:
    """Nothing that a dependency did has changed the way on which control comes to the handler."""
    return not root.state.dead and root.state.cause is Cause.NORMAL


def _handles(value: Value) -> bool:
    return any(isinstance(ref, HandleRef) for ref in value.refs)
