"""Calls of libraries that are no store and no web framework: what they give, by dotted name, most specific first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import files, lists, store_calls
from assay.probes.code.flow.does import Does
from assay.probes.code.flow.flask_rows import CALLERS
from assay.probes.code.flow.library_rows import ERROR_NAMES, HOLDER_MAKERS, HOLDERS, behaviour
from assay.probes.code.flow.refs import (
    CHOSEN,
    ClassRef,
    CombinatorRef,
    ContainerRef,
    ErrorRef,
    FunctionRef,
    HolderRef,
    InjectedRef,
    LibRef,
    ObjectRef,
    RouterRef,
    TextRef,
    ViewRef,
)
from assay.probes.code.flow.shapes import TASK, settled
from assay.probes.code.flow.state import Arguments, Failure
from assay.probes.code.flow.values import (
    DEFAULT,
    NOTHING,
    Atom,
    Kind,
    Site,
    Value,
    atom,
    carried,
    join,
    join_all,
    literal,
    marked,
    mixed,
)
from assay.probes.code.syntax import Lit, LitKind
from assay.probes.code.view import EffectKind

if TYPE_CHECKING:
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame


_WITH_DEFAULT: Final = "collections.defaultdict"
_TYPED: Final = {
    f"{module}.{name}": keyword
    for module in ("typing", "typing_extensions")
    for name, keyword in (("NewType", "tp"), ("cast", "val"))
}
"""A value under another type: the second argument, and how it is called."""
_FIELDS: Final = frozenset({"pydantic.Field", "pydantic.fields.Field"})
_NAMESPACE: Final = "types.SimpleNamespace"
_PAIRING: Final = frozenset({"builtins.enumerate", "builtins.zip", "builtins.reversed"})


_SETTINGS: Final = "django.conf.settings."


def value_of(machine: Machine, path: str, site: Site) -> Value:
    """Reading a name of a library."""
    special = machine.web.value(path)
    if special is not None:
        return special
    known = machine.models.types.get(path)
    if known is not None and path.rpartition(".")[2][:1].islower() and "/" in path:
        return machine.handle_value(known[0], known[1].name)
    if path in HOLDERS:
        return Value(refs=(HolderRef(HOLDERS[path]),))
    if path in CALLERS:
        return machine.callers.value(machine, CALLERS[path], site)
    if path.startswith(_SETTINGS):
        return atom(Kind.ENV, site, path.removeprefix(_SETTINGS))
    if path in {"sys.version", "sys.platform", "js.process.version", "js.process.pid"}:
        return atom(Kind.HOST, site)
    return Value(refs=(LibRef(path),))


def call(
    machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site, node: object, base: Value | None
) -> Value:
    """Call something of a library that is neither store nor web framework."""
    if path in HOLDER_MAKERS:
        return Value(refs=(HolderRef(path, site),))
    if path in CALLERS:
        return machine.callers.value(machine, CALLERS[path], site)
    if path in _FIELDS:
        default = arguments.at(0, "default")
        return default if default is not None and default.lit is not None else NOTHING
    if path == _NAMESPACE:
        return _keyword_dict(arguments, site, lasting=machine.lasting)
    if path in _TYPED:
        return arguments.at(1, _TYPED[path]) or NOTHING
    if path == "builtins.getattr":
        return _getattr(machine, arguments, frame, site)
    does = behaviour(path)
    if does is None:
        return _unknown(machine, path, arguments, site)
    match does:
        case Does.PURE | Does.SAME | Does.NUMBER:
            arguments.positional = [store_calls.iterated(machine, one, frame, site) for one in arguments.positional]
            return _computed(machine, path, does, arguments, site, base)
        case Does.NOTHING:
            return Value(refs=(ObjectRef(path),)) if "." in path else NOTHING
        case Does.RANDOM | Does.CLOCK | Does.UUID | Does.HOST | Does.TOKEN | Does.PAGE:
            return _origin(machine, path, does, arguments, site)
        case Does.ENV:
            return _environment(arguments, site)
        case Does.PATH:
            parts = [base] if base is not None and path.startswith(files.PATH) else []
            return files.joined([*parts, *arguments.all()], site)
        case Does.FILE_READ | Does.FILE_WRITE | Does.OPEN:
            return files.call(machine, path, does, arguments, frame, site, base)
        case Does.EXTERNAL:
            return _external(machine, path, arguments, frame, site)
        case Does.ERROR:
            return Value(
                None, {"message": arguments.at(0) or NOTHING}, (ErrorRef((path, "builtins.Exception", "js.Error")),)
            )
        case Does.CONTAINER if path == _WITH_DEFAULT:
            return _container(machine, Arguments(), site).with_field("?", _default(machine, arguments, frame, site))
        case Does.CONTAINER:
            return _container(machine, arguments, site)
        case Does.CALL_FIRST | Does.CALL_SECOND | Does.DETACH | Does.TASK | Does.GATHER | Does.WRAP | Does.WRAPPER:
            return _calling(machine, does, arguments, frame, site, node)


def _computed(machine: Machine, path: str, does: Does, arguments: Arguments, site: Site, base: Value | None) -> Value:
    given = arguments.all()
    if path == "js.Date" and not given:
        return atom(Kind.CLOCK, site)
    if path == "builtins.callable" and given:
        return _callable(given[0], site)
    if path in {"builtins.next", "builtins.anext"} and given:
        return given[0].fields.get("\0yield") or given[0].elements()
    if machine.lasting and path in _PAIRING:
        pairs = lists.paired(path, given[:1] if path == "builtins.enumerate" else given, site)
        if pairs is not None:
            return pairs
    if path in {"builtins.enumerate", "builtins.range"} and given:
        return _counted(path, given[0], site, lasting=machine.lasting)
    functions = [one for one in given if any(isinstance(ref, FunctionRef) for ref in one.refs)]
    if functions and path in {"js.Array.from", "builtins.map"}:
        return NOTHING if not given else machine.mapped(path, arguments, site)
    if does is Does.SAME:
        first = given[0] if given else NOTHING
        if path == "js.Object.values":
            return Value(None, {"[]": join_all(first.fields.values())}, ()) if first.fields else first
        if path in {"js.Object.assign", "itertools.chain"}:
            return join_all(given)
        if path == "builtins.dict":
            return _keyword_dict(arguments, site, lasting=machine.lasting)
        return first if given else _container(machine, arguments, site)
    if does is Does.NUMBER:
        return mixed([Value(carried(given[0].all_atoms()))] if given else [])
    everything = [*given, base] if base is not None else given
    if not given and base is None:
        return NOTHING
    return _object(path, mixed(one for one in everything if one is not None))


def _counted(path: str, first: Value, site: Site, *, lasting: bool) -> Value:
    """An index is a number that the loop makes: what is counted off says how often, and is no part of it."""
    index = Value({Atom(Kind.LITERAL, LitKind.NUM.value): site})
    element = index if path == "builtins.range" else Value(None, {"0": index, "1": first.elements()})
    return Value(None, {"[]": element}, (ContainerRef(site, lasting),))


def _callable(value: Value, site: Site) -> Value:
    if any(isinstance(ref, FunctionRef | ClassRef) for ref in value.refs):
        return literal(Lit(LitKind.BOOL, "true", site.line), site)
    plain = value.lit is not None or any(isinstance(ref, ContainerRef) for ref in value.refs)
    return literal(Lit(LitKind.BOOL, "false", site.line), site) if plain else mixed([value])


def _object(path: str, value: Value) -> Value:
    return value if value.atoms else value.with_refs((ObjectRef(path),))


def _keyword_dict(arguments: Arguments, site: Site, *, lasting: bool) -> Value:
    value = arguments.at(0) or Value(refs=(ContainerRef(site, lasting),))
    for key, one in arguments.keywords.items():
        value = value.with_field("?" if key == "**" else key, one)
    return value


def _getattr(machine: Machine, arguments: Arguments, frame: Frame, site: Site) -> Value:
    base, name = settled(arguments.at(0) or NOTHING), arguments.at(1)
    if name is None or name.lit is None:
        chosen = tuple(LibRef(f"{ref.path}.{CHOSEN}") for ref in base.refs if isinstance(ref, LibRef))
        return mixed([base]).with_refs(chosen)
    found = machine.member(base, name.lit.text, frame, site)
    default = arguments.at(2)
    return join(found, marked(default, DEFAULT)) if default is not None else found


def _origin(machine: Machine, path: str, does: Does, arguments: Arguments, site: Site) -> Value:
    kind = Kind(does.value)
    value = atom(kind, site, path)
    if kind in {Kind.TOKEN, Kind.PAGE} or (kind is Kind.RANDOM and path.endswith((".choice", ".sample", ".choices"))):
        value = value.with_atoms(mixed(arguments.all()).atoms) if kind is not Kind.RANDOM else value
    if kind is Kind.HOST and path.endswith(("exit", "path.join")):
        return NOTHING
    del machine
    return value


def _environment(arguments: Arguments, site: Site) -> Value:
    name = arguments.at(0)
    value = atom(Kind.ENV, site, name.lit.text if name is not None and name.lit is not None else "?")
    default = arguments.at(1, "default")
    if default is None:
        return value
    usual = (TextRef(default.lit.text, usual=True),) if is_text(default) and default.lit is not None else ()
    return join(value, marked(default, DEFAULT)).with_refs(usual)


def _external(machine: Machine, path: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    service = path.partition(".")[0].removeprefix("js")
    data = join_all([Value(one.all_atoms()) for one in arguments.all()])
    made = path.endswith((".()", f".{CHOSEN}")) or path.rpartition(".")[2][:1].isupper()
    if made and path not in _STARTS:
        return Value(atom(Kind.EXTERNAL, site, service).atoms, None, (ObjectRef(path.removesuffix(".()")),))
    if path.endswith(_CLIENT_MAKERS) and path.startswith(_CLOUDS):
        return Value(atom(Kind.EXTERNAL, site, service).atoms, None, (ObjectRef(f"{service}.service"),))
    machine.note(EffectKind.EXTERNAL, frame, site, library=service, target=path, data=data)
    return atom(Kind.EXTERNAL, site, service).with_refs((ObjectRef(path),) if made else ())


_STARTS: Final = frozenset({"subprocess.Popen"})
"""Classes whose objects do something by being made."""
_CLIENT_MAKERS: Final = (".client", ".resource", ".create_client")
_CLOUDS: Final = ("boto3.", "aioboto3.", "aiobotocore.")


def _container(machine: Machine, arguments: Arguments, site: Site) -> Value:
    value = Value(refs=(ContainerRef(site, machine.lasting),))
    first = arguments.at(0)
    if first is not None and first.fields:
        value = Value(None, first.fields, value.refs)
    return value


def _default(machine: Machine, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """What stands under a key that was not put into a `defaultdict`."""
    factory = arguments.at(0)
    return NOTHING if factory is None else machine.invoke(factory, Arguments(), frame, site)


def _calling(machine: Machine, does: Does, arguments: Arguments, frame: Frame, site: Site, node: object) -> Value:
    if does is Does.CALL_SECOND:
        arguments = Arguments(arguments.positional[1:], arguments.keywords, arguments.spread)
    first = arguments.at(0)
    if does is Does.GATHER:
        if arguments.spread is not None or len(arguments.positional) != 1:
            fields = {str(index): one for index, one in enumerate(arguments.positional)}
            return machine.fired(
                Value(None, {**fields, **({"[]": arguments.spread} if arguments.spread else {})}), frame, site
            )
        return machine.fired(first or NOTHING, frame, site)
    if does is Does.WRAPPER:
        return Value(refs=(LibRef("functools.cache"),)) if first is None or not first.refs else first
    if does is Does.WRAP:
        return _wrapped(machine, first or NOTHING, node)
    if first is None:
        target = arguments.keywords.get("target")
        if does is Does.DETACH and target is not None:
            given = arguments.keywords.get("args", NOTHING).fields
            rest = Arguments([given[key] for key in sorted(filter(str.isdigit, given), key=int)])
            machine.detached(lambda: machine.invoke(target, rest, frame, site, None))
        return NOTHING
    rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.spread)
    if does is Does.TASK and arguments.began is not None:
        for event in machine.trace.events[arguments.began :]:
            event.detached = True
    if does is Does.DETACH or does is Does.TASK:
        machine.detached(lambda: machine.invoke(first, rest, frame, site, None))
        return first.shaped(TASK) if does is Does.TASK else NOTHING
    return machine.invoke(first, rest, frame, site, node)


def _wrapped(machine: Machine, value: Value, node: object) -> Value:
    """What a wrapper that is called in an expression gives: a generator becomes something else there."""
    modules = [(machine.modules.get(ref.file), ref.index) for ref in value.refs if isinstance(ref, FunctionRef)]
    yields = any(module is not None and module.facts.functions[index].is_generator for module, index in modules)
    return Value(refs=(CombinatorRef((value,)),)) if node is not None and yields else value


def _unknown(machine: Machine, path: str, arguments: Arguments, site: Site) -> Value:
    """A library that nobody described: functions handed in may be called; everything else passes, marked."""
    last = path.removesuffix(".()").rpartition(".")[2]
    given = arguments.all()
    functions = tuple(one for one in given if any(isinstance(ref, FunctionRef | CombinatorRef) for ref in one.refs))
    if last[:1].isupper() and not path.endswith(".()"):
        if last.endswith(ERROR_NAMES):
            return Value(None, {"message": arguments.at(0) or NOTHING}, (ErrorRef((path, "builtins.Exception")),))
        atoms = Value({}).with_atoms({})
        return Value(atoms.atoms, None, (ObjectRef(path),))
    if functions:
        return Value(refs=(CombinatorRef(functions),))
    passed = [
        one for one in given if any(isinstance(ref, ClassRef | RouterRef | InjectedRef | ViewRef) for ref in one.refs)
    ]
    result = machine.unknown(NOTHING, arguments, site, path, outside=True)
    if passed and len(given) == 1:
        return passed[0]
    return Value(result.atoms, None, (ObjectRef(path),))


def reject(machine: Machine, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """`Promise.reject(e)`."""
    value = arguments.at(0) or NOTHING
    machine.fail(Failure(value, ("js.Error",), frame.state.cause, site), frame)
    return NOTHING


def is_text(value: Value) -> bool:
    """A known string."""
    return value.lit is not None and value.lit.kind is LitKind.STR
