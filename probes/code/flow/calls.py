"""Calls: what is called, with what, and what comes back; project functions are interpreted in place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import Import, ImportScope
from assay.probes.code.flow import (
    classes,
    containers,
    failures,
    members,
    opening,
    promises,
    queries,
    routers,
    shapes,
    signatures,
    store_calls,
    views,
    web,
)
from assay.probes.code.flow.bindings import bind
from assay.probes.code.flow.refs import (
    BoundRef,
    ClassRef,
    CombinatorRef,
    ContainerRef,
    DeclarationRef,
    FunctionRef,
    HandleRef,
    HolderRef,
    InstanceRef,
    LibRef,
    NextRef,
    ObjectRef,
    PendingRef,
    Ref,
    RequestRef,
    ResponseRef,
    RouterRef,
)
from assay.probes.code.flow.state import Arguments, Completion, Frame, State
from assay.probes.code.flow.values import (
    NOTHING,
    THROUGH_UNKNOWN,
    Kind,
    Site,
    Value,
    atom,
    carried,
    flat,
    join,
    join_all,
)
from assay.probes.code.libraries import is_library
from assay.probes.code.syntax import Attr, Call, Expr, Item, Lit, LitKind, Name, Spread
from assay.probes.code.view import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.probes.code.facts import Function, Param
    from assay.probes.code.flow.machine import Machine

_COMPLETIONS: Final = 8
_FANOUT: Final = 4
_LOADERS: Final = {"require": "", "import": "*"}


def evaluate_call(machine: Machine, node: Call, frame: Frame) -> Value:
    """The value of a call."""
    fixed = frame.state.override.get(id(node))
    if fixed is not None:
        return fixed
    site = frame.site(node.line)
    if isinstance(node.fn, Attr):
        if promises.is_promise_member(node.fn.name, frame):
            return promises.settle(machine, node, node.fn, frame)
        if isinstance(node.fn.base, Name) and node.fn.base.id == "super":
            return _super_method(machine, node, node.fn.name, frame)
        following = _next_method(machine, node.fn, frame)
        if following is not None:
            return machine.invoke(following, arguments_of(machine, node, frame), frame, site, node)
        base = _receiver(machine, node.fn.base, frame)
        shapes.check_member(machine, base, node.fn.name, site)
        opening.check_opened(machine, node.fn.base, base, frame, site)
        if node.fn.name == "__new__":
            return _bare_instance(machine, node, base, frame)
        inherited = _inherited(machine, node, frame)
        arguments = arguments_of(machine, node, frame)
        if inherited is not None:
            return NOTHING if frame.state.dead else machine.invoke_ref(inherited, arguments, frame, site, node)
        return NOTHING if frame.state.dead else machine.method(base, node.fn.name, arguments, frame, site, node)
    if isinstance(node.fn, Name) and node.fn.id == "super":
        return _super(machine, node, frame)
    loaded = _loaded(machine, node, frame)
    if loaded is not None:
        return loaded
    callee = machine.evaluate(node.fn, frame)
    arguments = arguments_of(machine, node, frame)
    return NOTHING if frame.state.dead else machine.invoke(callee, arguments, frame, site, node)


def _loaded(machine: Machine, node: Call, frame: Frame) -> Value | None:
    """The module that `require("m")` or `import("m")` inside an expression gives."""
    if frame.module.is_python or not isinstance(node.fn, Name) or not node.args:
        return None
    name, text = _LOADERS.get(node.fn.id), node.args[0]
    if name is None or not isinstance(text, Lit) or text.kind is not LitKind.STR:
        return None
    return machine.modules.imported(Import(text.text, name, "", node.line, ImportScope.FUNCTION), frame.module)


def arguments_of(machine: Machine, node: Call, frame: Frame) -> Arguments:
    """The arguments of a call, evaluated from left to right."""
    found = Arguments(nodes=node.args, written=frame.module.is_python)
    for expression in node.args:
        if isinstance(expression, Spread):
            _spread(found, machine.evaluate(expression.value, frame))
        else:
            found.positional.append(machine.evaluate(expression, frame))
    for name, expression in node.kwargs:
        found.keywords[name] = join(found.keywords.get(name), machine.evaluate(expression, frame))
    return found


def _spread(found: Arguments, value: Value) -> None:
    """The arguments of `*values`: one by one where they are known, as those that a function itself was given."""
    found.written = False
    whole = not value.atoms and not value.refs and all(key.isdigit() for key in value.fields)
    if whole and found.spread is None:
        found.positional.extend(value.fields[key] for key in sorted(value.fields, key=int))
        found.nodes = found.nodes[: len(found.positional) - len(value.fields)]
    else:
        found.spread = join(found.spread, value.elements())


def _receiver(machine: Machine, node: Expr, frame: Frame) -> Value:
    if _is_super(node):
        return _parent_view(machine, frame)
    return machine.evaluate(node, frame)


def _next_method(machine: Machine, member: Attr, frame: Frame) -> Value | None:
    """The method that `super().name` means: the next one in the order of lookup of the object's own class."""
    call = member.base
    if not (isinstance(call, Call) and isinstance(call.fn, Name) and call.fn.id == "super" and frame.module.is_python):
        return None
    holder: Frame | None = frame
    while holder is not None and (holder.function is None or holder.function.owner is None):
        holder = holder.parent
    if holder is None or holder.function is None or holder.function.owner is None:
        return None
    itself = machine.lookup(_self_name(frame), frame, 0)
    owner = (frame.module.path, holder.function.owner)
    for ref in itself.refs:
        if isinstance(ref, InstanceRef):
            order = classes.lineage(machine, ref.of).classes
            places = [index for index, one in enumerate(order) if (one.file, one.index) == owner]
            for one in order[places[0] + 1 :] if places else ():
                for name, index in classes.facts_of(machine, one).methods:
                    if name == member.name:
                        return Value(refs=(FunctionRef(one.file, index, one.frame, itself),))
    return None


def _self_name(frame: Frame) -> str:
    one: Frame | None = frame
    while one is not None and one.function is not None:
        name = classes.receiver_name(one.function, python=one.module.is_python)
        if name in one.state.vars and one.function.owner is not None:
            return name
        one = one.parent
    return "this"


def _inherited(machine: Machine, node: Call, frame: Frame) -> FunctionRef | None:
    """The method that `super().name` means: the next one behind this class in the order of the object's own class."""
    fn = node.fn
    if not (isinstance(fn, Attr) and _is_super(fn.base) and frame.module.is_python):
        return None
    holder = _method_frame(frame)
    if holder is None or holder.function is None or holder.function.owner is None:
        return None
    itself = machine.lookup(_self_name(frame), frame, 0)
    here = (frame.module.path, holder.function.owner)
    for ref in itself.refs:
        own = ref.of if isinstance(ref, InstanceRef) else ref if isinstance(ref, ClassRef) else None
        order = classes.lineage(machine, own).classes if own is not None else []
        places = [(one.file, one.index) for one in order]
        for one in order[places.index(here) + 1 :] if here in places else ():
            found = classes.own_method(machine, one, fn.name)
            if found is not None:
                return FunctionRef(one.file, found, one.frame, itself)
    return None


def _bare_instance(machine: Machine, node: Call, base: Value, frame: Frame) -> Value:
    """`super().__new__(cls)`: an object on which no `__init__` has run."""
    arguments = arguments_of(machine, node, frame)
    given = arguments.at(0) or base
    made = tuple(InstanceRef(ref, machine.lasting) for ref in given.refs if isinstance(ref, ClassRef))
    return Value(refs=made) if made else NOTHING


def _is_super(node: Expr) -> bool:
    return isinstance(node, Call) and isinstance(node.fn, Name) and node.fn.id == "super"


def _method_frame(frame: Frame) -> Frame | None:
    """The frame of the method in which this one runs."""
    holder: Frame | None = frame
    while holder is not None and (holder.function is None or holder.function.owner is None):
        holder = holder.parent
    return holder


def _parent_view(machine: Machine, frame: Frame) -> Value:
    """`super()`: the object, seen as one of its class's bases."""
    holder = _method_frame(frame)
    if holder is None or holder.function is None or holder.function.owner is None:
        return NOTHING
    itself = machine.lookup(_self_name(frame), frame, 0)
    owner = ClassRef(frame.module.path, holder.function.owner, holder.parent or frame)
    parents = classes.lineage(machine, owner).classes[1:2]
    known = classes.lineage(machine, owner)
    lasting = any(isinstance(ref, InstanceRef) and ref.lasting for ref in itself.refs)
    refs: list[Ref] = [InstanceRef(parent, lasting=lasting) for parent in parents]
    if known.handle:
        refs.append(HandleRef(known.handle, known.library, classes.facts_of(machine, owner).name))
    refs.extend(ref for ref in itself.refs if isinstance(ref, RouterRef))
    return itself.with_refs(tuple(refs))


def _super(machine: Machine, node: Call, frame: Frame) -> Value:
    if frame.module.is_python:
        return _parent_view(machine, frame)
    return _super_method(machine, node, "constructor", frame)


def _super_method(machine: Machine, node: Call, name: str, frame: Frame) -> Value:
    view = _parent_view(machine, frame)
    return machine.method(view, name, arguments_of(machine, node, frame), frame, frame.site(node.line), node)


def invoke(
    machine: Machine, callee: Value, arguments: Arguments, frame: Frame, site: Site, node: object = None
) -> Value:
    """Call a value: every ref that it may be, joined; without any, what comes out is what went in, marked."""
    callables = [ref for ref in callee.refs if not isinstance(ref, ContainerRef | RequestRef)]
    if not callables:
        return unknown_call(machine, callee, arguments, site, _spelled(node))
    if arguments.written and not _fits(machine, callables, callee, arguments, frame, site, node):
        return NOTHING
    return join_all([machine.invoke_ref(ref, arguments, frame, site, node) for ref in callables[:_FANOUT]])


def _fits(
    machine: Machine,
    callables: Sequence[Ref],
    callee: Value,
    arguments: Arguments,
    frame: Frame,
    site: Site,
    node: object,
) -> bool:
    """The call goes on: its arguments fit, or nothing is proven, or this run overlooks that they do not."""
    one = callables[0]
    if len(callables) > 1 or callee.atoms or not isinstance(one, FunctionRef | ClassRef):
        return True
    why = signatures.misfit(machine, one, arguments, frame, node)
    if why:
        machine.breaks(site, why)
    return not frame.state.dead


def _spelled(node: object) -> str:
    if not isinstance(node, Call):
        return ""
    parts: list[str] = []
    inner: Expr = node.fn
    while isinstance(inner, Attr):
        parts.append(inner.name)
        inner = inner.base
    if isinstance(inner, Name):
        parts.append(inner.id)
    return ".".join(reversed(parts))


def unknown_call(machine: Machine, callee: Value, arguments: Arguments, site: Site, name: str) -> Value:
    """A call of something that is not known: everything that goes in may come out."""
    if name:
        machine.trace.unresolved.setdefault(name, site)
    inputs = [callee, *arguments.all()]
    found = flat(join_all([Value(value.all_atoms()) for value in inputs]), THROUGH_UNKNOWN)
    if any(one.kind in {Kind.REQUEST, Kind.DERIVED} for one in found.atoms):
        machine.trace.handed_on.setdefault(name, site)
    return Value(carried(found.atoms)).with_atoms(atom(Kind.UNKNOWN, site, name).atoms)


def invoke_ref(
    machine: Machine, ref: Ref, arguments: Arguments, frame: Frame, site: Site, node: object = None
) -> Value:
    """Call one ref."""
    match ref:
        case FunctionRef():
            return call_function(machine, ref, arguments, frame, site, node)
        case ClassRef():
            return classes.make(machine, ref, arguments, frame, site, exact=True)
        case LibRef(path=path):
            return machine.library_call(path, arguments, frame, site, node)
        case ObjectRef(path=path):
            return machine.library_call(f"{path}.()", arguments, frame, site, node)
        case HandleRef():
            return store_calls.member(machine, Value(refs=(ref,)), ref, "()", arguments, frame, site) or NOTHING
        case PendingRef():
            return Value(refs=(ref,))
        case BoundRef(receiver=receiver, name=name):
            return machine.method(receiver, name, arguments, frame, site, node)
        case DeclarationRef(register=register):
            target = arguments.at(0) or NOTHING
            return register(target) or target
        case NextRef():
            return web.passed_on(machine, ref, arguments, frame, site)
        case CombinatorRef(functions=functions):
            loose = replace(arguments, written=False)
            return join_all([machine.invoke(one, loose, frame, site, node) for one in functions])
        case InstanceRef():
            return machine.method(Value(refs=(ref,)), "__call__", arguments, frame, site, node)
        case ResponseRef():
            return NOTHING
        case _:
            return NOTHING


def method(
    machine: Machine, base: Value, name: str, arguments: Arguments, frame: Frame, site: Site, node: object
) -> Value:
    """Call a member of a value."""
    own = base.fields.get(name)
    if own is not None and any(isinstance(ref, FunctionRef | BoundRef | LibRef | CombinatorRef) for ref in own.refs):
        return machine.invoke(own, arguments, frame, site, node)
    if own is not None and own.lit is not None and any(isinstance(ref, InstanceRef) for ref in base.refs):
        late = machine.member(base, name, frame, site)
        if late.refs:
            return machine.invoke(late, arguments, frame, site, node)
        return unknown_call(machine, NOTHING, arguments, site, name)  # a callback that is set somewhere else
    results: list[Value] = []
    handled = False
    if arguments.written and sum(isinstance(ref, InstanceRef | ClassRef | LibRef) for ref in base.refs) > 1:
        arguments = replace(arguments, written=False)
    overrides = any(isinstance(ref, RouterRef | ResponseRef) for ref in base.refs) and any(
        machine.has_method(ref, name) for ref in base.refs
    )
    for ref in base.refs[:_FANOUT]:
        if (overrides and isinstance(ref, RouterRef)) or _answered_by_another(machine, base, ref, name):
            continue
        result = _method_of_ref(machine, base, ref, name, arguments, frame, site, node)
        if result is not None:
            handled = True
            results.append(result)
    if handled:
        return join_all(results)
    return shapes.settled(containers.method(machine, base, name, arguments, frame, site, node))


def _answered_by_another(machine: Machine, base: Value, ref: Ref, name: str) -> bool:
    """Of a mapped object the project's own method answers, else the store's handle, which knows its table."""
    if isinstance(ref, HandleRef) and ref.model is not None:
        return any(isinstance(one, InstanceRef) and machine.has_method(one, name) for one in base.refs)
    if not isinstance(ref, InstanceRef) or machine.has_method(ref, name):
        return False
    kind = classes.lineage(machine, ref.of).handle
    held = any(isinstance(one, HandleRef) and one.kind == kind for one in base.refs)
    return held and machine.models.row(kind, name) is not None


def _method_of_ref(
    machine: Machine,
    base: Value,
    ref: Ref,
    name: str,
    arguments: Arguments,
    frame: Frame,
    site: Site,
    node: object,
) -> Value | None:
    match ref:
        case HandleRef():
            return store_calls.member(machine, base, ref, name, arguments, frame, site)
        case PendingRef():
            return queries.chained(machine, base, ref, name, arguments, frame, site)
        case HolderRef():
            return members.holder_method(machine, ref, name, arguments, frame, site)
        case RouterRef():
            return routers.member(machine, ref, name, arguments, frame, site)
        case ResponseRef():
            given = web.own_request(machine, ref, name, site)
            if given is not None:
                return given
            answered = web.response_member(machine, ref, name, arguments, frame, site)
            _keep_status(machine, base, ref, answered, frame, node)
            return answered
        case RequestRef():
            return web.request_call(machine, ref, name, arguments, frame, site)
        case LibRef(path=path) | ObjectRef(path=path):
            return machine.library_call(f"{path}.{name}", arguments, frame, site, node, base)
        case InstanceRef() | ClassRef():
            view = views.as_view(machine, ref, name, arguments, frame, site) if isinstance(ref, ClassRef) else None
            if view is not None:
                return view
            found = machine.member(base.with_refs((ref,)), name, frame, site)
            callables = tuple(_bound_to(one, ref, base) for one in found.refs if not isinstance(one, ContainerRef))
            if not callables:
                held = found.fields or any(one.kind is not Kind.MEMORY for one in found.atoms)
                return None if held else _missing_method(machine, base, ref, name, site)
            return machine.invoke(found.with_refs(callables), arguments, frame, site, node)
        case FunctionRef() | CombinatorRef():
            return _function_member(machine, ref, name, arguments, frame, site, node)
        case BoundRef():
            return machine.method(machine.member(base, name, frame, site), "()", arguments, frame, site, node)
        case ContainerRef():
            return None
        case _:
            found = machine.member(base.with_refs((ref,)), name, frame, site)
            if not found.refs or any(isinstance(one, BoundRef) for one in found.refs):
                return None
            return machine.invoke(found, arguments, frame, site, node)


def _bound_to(method_: Ref, ref: Ref, base: Value) -> Ref:
    """A method of a mapped class is called on the object with its handle, which knows the table."""
    handles = tuple(one for one in base.refs if isinstance(one, HandleRef))
    receiver = method_.receiver if isinstance(method_, FunctionRef) else None
    if not handles or receiver is None or not isinstance(ref, InstanceRef) or receiver.refs != (ref,):
        return method_
    return (
        replace(method_, receiver=receiver.with_refs((ref, *handles))) if isinstance(method_, FunctionRef) else method_
    )


def _keep_status(machine: Machine, base: Value, ref: ResponseRef, answered: Value, frame: Frame, node: object) -> None:
    """A view that answers through itself keeps the status that was set on it."""
    new = next((one for one in answered.refs if isinstance(one, ResponseRef) and one.status != ref.status), None)
    if new is None or not isinstance(node, Call) or not isinstance(node.fn, Attr):
        return
    if any(isinstance(one, InstanceRef) for one in base.refs):
        refs = tuple(new if isinstance(one, ResponseRef) else one for one in base.refs)
        machine.assign(node.fn.base, base.with_refs(refs), frame)


def _missing_method(machine: Machine, base: Value, ref: InstanceRef | ClassRef, name: str, site: Site) -> Value | None:
    """A method that the project's own class does not have; proven only where the whole lineage is the project's."""
    if not isinstance(ref, InstanceRef) or not ref.exact or "?" in base.fields:
        return None
    known = classes.lineage(machine, ref.of)
    closed = all(one in _PLAIN_BASES for one in known.libraries) and machine.knows_bases(ref.of)
    closed = closed and machine.parses(known.classes)
    if not closed or machine.has_dynamic_members(ref.of, name):
        return None
    machine.breaks(site, f"`{classes.facts_of(machine, ref.of).name}` has no method `{name}`")
    return None


_PLAIN_BASES: Final = frozenset({"builtins.object", "abc.ABC"})


def _function_member(
    machine: Machine, ref: Ref, name: str, arguments: Arguments, frame: Frame, site: Site, node: object
) -> Value:
    """`fn.bind(x)`, `fn.call(this, ...)`, and what task queues hang on a function."""
    match name:
        case "bind":
            return Value(refs=(ref,))
        case "call":
            rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.spread, arguments.nodes[1:])
            return machine.invoke_ref(ref, rest, frame, site, node)
        case "apply" if not frame.module.is_python:
            spread = arguments.at(1)
            return machine.invoke_ref(ref, Arguments(spread=spread.elements() if spread else None), frame, site, node)
        case "delay" | "apply_async" | "send" | "kiq" | "s":
            machine.detached(lambda: machine.invoke_ref(ref, arguments, frame, site, node))
            return NOTHING
        case _:
            return NOTHING


def call_function(
    machine: Machine, ref: FunctionRef, arguments: Arguments, frame: Frame, site: Site, node: object = None
) -> Value:
    """Call a function of the project: its normal value; its other outcomes become forks of the caller."""
    value, completions, inner = machine.run_function(ref, arguments, site, frame)
    if inner is None:
        return value
    _write_back(machine, ref, inner, arguments, frame, node)
    alive = [one for one in completions if one.failure is None]
    for one in completions:
        if one.failure is not None:
            failures.rise(machine, one.failure, frame)
    if not alive:
        frame.state.dead = True
        return NOTHING
    normal = [one for one in alive if one.cause is Cause.NORMAL]
    if not normal:
        normal = [one for one in alive if one.cause is Cause.EMPTY] or alive
        if normal[0].cause is not Cause.EMPTY and frame.state.cause is Cause.NORMAL:
            frame.state.cause = normal[0].cause
    if node is not None and frame.state.cause is Cause.NORMAL:
        for cause in dict.fromkeys(one.cause for one in alive if one not in normal):
            other = join_all([one.value for one in alive if one.cause is cause])
            frame.forks.append((id(node), cause, _given_back(inner, other, arguments)))
    if len(normal) > 1:
        frame.tails[id(node)] = normal[:_COMPLETIONS]
    return _given_back(inner, value, arguments)


def _given_back(inner: Frame, value: Value, arguments: Arguments) -> Value:
    """What the caller holds: of a call that nobody wrote so, it is not certain what a coroutine has become."""
    if inner.function is None:
        return value
    if arguments.written:
        return shapes.called(inner.function, value)
    return value.shaped(None) if inner.function.is_async or inner.function.is_generator else value


def run_function(
    machine: Machine, ref: FunctionRef, arguments: Arguments, site: Site, caller: Frame | None
) -> tuple[Value, list[Completion], Frame | None]:
    """Interpret a function body."""
    module = machine.modules.get(ref.file)
    key = (ref.file, ref.index)
    if module is None or not machine.may_enter(key):
        return unknown_call(machine, NOTHING, arguments, site, ""), [], None
    function = module.facts.functions[ref.index]
    frame = Frame(module, function, ref.frame, lasting=machine.lasting)
    frame.at = site if is_library(ref.file) else None
    frame.state = State(_parameters(machine, ref, function, arguments, frame))
    machine.enter(key, frame, site, caller)
    try:
        ends = machine.execute(function.body, frame, [frame.state])
    finally:
        machine.leave(key)
    frame.falls_through = bool(ends)
    for end in ends:
        frame.completions.append(Completion(NOTHING, end.cause, frame.site(function.end_line)))
        frame.state = end
    completions = _simplified(frame, function)
    normal = [one for one in completions if one.failure is None and one.cause is Cause.NORMAL]
    normal = normal or [one for one in completions if one.failure is None]
    values = [one.value for one in normal]
    value = shapes.returned(function, join_all(values), values)
    if frame.yielded is not None:
        value = Value(None, {"[]": frame.yielded, "\0yield": frame.yielded})
        completions = [Completion(value, Cause.NORMAL, site)]
    return value, completions, frame


def _simplified(frame: Frame, function: Function) -> list[Completion]:
    """The completions, without the implicit one of a function that also returns something in the same way."""
    del function
    seen: dict[tuple[str, int, bool], int] = {}
    kept: list[Completion] = []
    for one in frame.completions:
        key = (one.cause.value, one.site.line, one.failure is None)
        if key in seen:
            index = seen[key]
            kept[index].value = join(kept[index].value, one.value)
        elif len(kept) < _COMPLETIONS * 2:
            seen[key] = len(kept)
            kept.append(one)
    return kept


def _parameters(
    machine: Machine, ref: FunctionRef, function: Function, arguments: Arguments, frame: Frame
) -> dict[str, Value]:
    bound: dict[str, Value] = {}
    params = list(function.params)
    if ref.receiver is not None:
        if not frame.module.is_python:
            bound["this"] = ref.receiver
        elif params:
            bound[params.pop(0).name] = ref.receiver
    position = 0
    for param in params:
        value: Value | None
        if param.kind == "*":
            rest = arguments.positional[position:] + ([arguments.spread] if arguments.spread else [])
            value = Value(None, {str(index): one for index, one in enumerate(rest)})
        elif param.kind == "**":
            known = {one.name for one in params}
            extra = {key: one for key, one in arguments.keywords.items() if key not in known and key != "**"}
            value = Value(None, extra)
        else:
            value = _argument(arguments, param, position)
            position += 1
        _bind_parameter(machine, param, value, ref, frame, bound)
    return bound


def _argument(arguments: Arguments, param: Param, position: int) -> Value | None:
    found = arguments.at(position, param.name)
    whole = arguments.keywords.get("**")
    if found is None and whole is not None:
        found = whole.fields.get(param.name)
    if found is None and arguments.spread is not None and position >= len(arguments.positional):
        found = arguments.spread or None
    if found is None and whole is not None and whole.atoms:
        found = Value(whole.atoms)
    return found


def _bind_parameter(
    machine: Machine, param: Param, given: Value | None, ref: FunctionRef, frame: Frame, bound: dict[str, Value]
) -> None:
    value = given
    if value is None and param.default is not None:
        frame.state = State(bound)
        python = frame.module.is_python
        value = machine.quietly(param.default, ref.frame) if python else machine.evaluate(param.default, frame)
    if value is None or (not value.refs and not value.fields and param.hint is not None):
        value = join(value, machine.promised(param, ref.frame))
    if param.pattern is not None:
        frame.state = State(bound)
        bind(machine, param.pattern, value, frame, declares=True)
    else:
        bound[param.name] = value


def _write_back(
    machine: Machine, ref: FunctionRef, inner: Frame, arguments: Arguments, frame: Frame, node: object
) -> None:
    """What the callee did to the objects it was given is seen by the caller."""
    function = inner.function
    if function is None or not isinstance(node, Call):
        return
    if ref.receiver is not None and isinstance(node.fn, Attr):
        final = inner.state.vars.get(classes.receiver_name(function, python=inner.module.is_python))
        if final is not None and final is not ref.receiver:
            _store_back(machine, node.fn.base, final, ref.receiver, frame)
    params = function.params[1:] if ref.receiver is not None and inner.module.is_python else function.params
    for param, given, expression in zip(params, arguments.positional, arguments.nodes, strict=False):
        final = inner.state.vars.get(param.name)
        if final is not None and final is not given and (final.fields or final.refs) and given.refs:
            same = any(ref_ in final.refs for ref_ in given.refs if isinstance(ref_, ContainerRef | InstanceRef))
            if same:
                _store_back(machine, expression, final, given, frame)


def _store_back(machine: Machine, place: Expr, final: Value, before: Value, frame: Frame) -> None:
    if _is_super(place):
        place = Name(_self_name(frame), place.line)
    if isinstance(place, Name) and place.id == "super":
        place = Name(_self_name(frame), place.line)
    if isinstance(place, Name | Attr | Item):
        held = machine.evaluate(place, frame)
        if held.refs or not before.refs:
            machine.store_back(place, held, final, frame)
