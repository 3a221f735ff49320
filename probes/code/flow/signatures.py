"""Whether the arguments written at a call fit what is called: a function or class of the project, in Python.

Only what is certain counts: the whole signature is the project's own, no decorator can have changed it, and every
argument stands there by position or by name. Values are not looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import decorator_names, facts_of, knows_bases, lineage, method_of, parses
from assay.probes.code.flow.refs import ClassRef, FunctionRef, LibRef
from assay.probes.code.lines import between
from assay.probes.code.names import last_name
from assay.probes.code.syntax import Attr, Call, Name, Opaque, TName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.probes.code.facts import Class, Function, Param
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Arguments, Frame
    from assay.probes.code.syntax import Expr

_TRANSPARENT: Final = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "override", "final", "contextmanager", "asynccontextmanager"}
)
_PLAIN_BASES: Final = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})
_PYDANTIC: Final = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel"})
_DATACLASS: Final = "dataclasses.dataclass"
_VALIDATORS: Final = frozenset({"model_validator", "root_validator"})
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_TEXT: Final = re.compile(r"(['\"]).*?\1")
_REQUIRED_TYPES: Final = frozenset(
    [
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "dict",
        "list",
        "tuple",
        "set",
        "frozenset",
        "date",
        "datetime",
        "time",
        "timedelta",
        "Decimal",
        "UUID",
        "EmailStr",
        "HttpUrl",
        "List",
        "Dict",
        "Tuple",
        "Set",
        "FrozenSet",
        "Sequence",
        "Mapping",
        "Literal",
        "Union",
    ]
)
"""Types of fields that have to be given in every version of Pydantic; what may be `None` is optional in the first."""


def misfit(machine: Machine, ref: FunctionRef | ClassRef, arguments: Arguments, frame: Frame, node: object) -> str:
    """Why this call can only raise, or an empty string where nothing is proven."""
    if arguments.spread is not None or "**" in arguments.keywords or not machine.is_python(ref.file):
        return ""
    if isinstance(ref, FunctionRef):
        return _function_misfit(machine, ref, arguments, frame, node)
    return _class_misfit(machine, ref, arguments, frame, node)


def _function_misfit(machine: Machine, ref: FunctionRef, arguments: Arguments, frame: Frame, node: object) -> str:
    module = machine.modules.get(ref.file)
    if module is None or module.facts.problems:
        return ""
    function = module.facts.functions[ref.index]
    if not _keeps_signature(function) or not module.defines_once(function):
        return ""
    unbound = function.owner is not None and ref.receiver is None and "staticmethod" not in decorator_names(function)
    if unbound and _is_variable(node, frame):
        return ""
    named = ref.receiver is not None and function.params and not function.params[0].kind
    params = function.params[1:] if named else function.params
    return _unfitting(f"`{function.name}`", params, arguments)


def _keeps_signature(function: Function) -> bool:
    return bool(function.name) and all(name in _TRANSPARENT for name in decorator_names(function))


def _is_variable(node: object, frame: Frame) -> bool:
    """The class is reached through a variable or parameter, so that another class, or an object, may be meant."""
    base = node.fn if isinstance(node, Call) else None
    while isinstance(base, Attr):
        base = base.base
    return not isinstance(base, Name) or base.id in frame.state.vars


def _unfitting(title: str, params: Sequence[Param], arguments: Arguments) -> str:
    """How arguments miss a list of parameters. Which ones may only be named is not known, and not held against them."""
    kinds = [param.kind for param in params]
    end = kinds.index("*") if "*" in kinds else len(params)
    placed = [param for param in params[:end] if not param.kind]
    given = len(arguments.positional)
    if given > len(placed) and "*" not in kinds:
        return f"{title} takes {len(placed)} arguments by position and is given {given}"
    names = {param.name for param in params if not param.kind}
    unknown = next((name for name in arguments.keywords if name not in names), None)
    if unknown is not None and "**" not in kinds:
        return f"{title} has no parameter `{unknown}`"
    filled = {param.name for param in placed[:given]} | arguments.keywords.keys()
    missing = next((one.name for one in params if not one.kind and one.default is None and one.name not in filled), "")
    return f"{title} is called without `{missing}`" if missing else ""


# --- classes ----------------------------------------------------------------------------------------------------------


def _class_misfit(machine: Machine, ref: ClassRef, arguments: Arguments, frame: Frame, node: object) -> str:
    class_ = facts_of(machine, ref)
    spelled = node.fn.id if isinstance(node, Call) and isinstance(node.fn, Name) else ""
    if spelled != class_.name and _is_variable(node, frame):
        return ""
    known = lineage(machine, ref)
    parts = [facts_of(machine, one) for one in known.classes]
    if (
        not knows_bases(machine, ref)
        or not parses(machine, known.classes)
        or any(_makes_its_own_way(machine, one) for one in known.classes)
    ):
        return ""
    title = f"`{class_.name}`"
    libraries = set(known.libraries)
    constructor = method_of(machine, ref, "__init__")
    if constructor is not None:
        return _constructor_misfit(machine, constructor, title, arguments, libraries, parts)
    if libraries & _PYDANTIC and libraries <= _PYDANTIC | _PLAIN_BASES:
        return _model_misfit(machine, known.classes, title, arguments)
    if libraries - _PLAIN_BASES:
        return ""
    if any(one.decorators for one in parts):
        return _dataclass_misfit(machine, known.classes, title, arguments)
    return f"`{class_.name}` takes no arguments" if arguments.positional or arguments.keywords else ""


def _makes_its_own_way(machine: Machine, ref: ClassRef) -> bool:
    """Objects of the class may be made by something else than its constructor."""
    class_ = facts_of(machine, ref)
    header = between(machine.source(ref.file), class_.line, class_.line + 3)
    return b"metaclass" in header or any(name == "__new__" for name, _ in class_.methods)


def _constructor_misfit(
    machine: Machine,
    constructor: tuple[ClassRef, int],
    title: str,
    arguments: Arguments,
    libraries: set[str],
    parts: Sequence[Class],
) -> str:
    owner, index = constructor
    module = machine.modules.get(owner.file)
    if module is None or any(one.decorators for one in parts) or any("enum" in name.lower() for name in libraries):
        return ""
    function = module.facts.functions[index]
    if function.decorators or not module.defines_once(function):
        return ""
    return _unfitting(title, function.params[1:], arguments)


def _fields(machine: Machine, classes: Sequence[ClassRef]) -> dict[str, tuple[ClassRef, str, Expr | None]]:
    """The annotated fields of a class and its bases: where each was stated last, its type and its value."""
    found: dict[str, tuple[ClassRef, str, Expr | None]] = {}
    for one in reversed(classes):
        class_ = facts_of(machine, one)
        values = {bind.target.id: bind.value for bind in class_.fields if isinstance(bind.target, TName)}
        found.update({name: (*found[name][:2], value) for name, value in values.items() if name in found})
        found.update({name: (one, text, values.get(name)) for name, text in class_.annotations})
    return found


# --- dataclasses ------------------------------------------------------------------------------------------------------


def _dataclass_misfit(machine: Machine, classes: Sequence[ClassRef], title: str, arguments: Arguments) -> str:
    if not all(_is_dataclass(machine, one) for one in classes):
        return ""
    fields = _fields(machine, classes)
    if any("KW_ONLY" in text for _, text, _ in fields.values()):
        return ""
    taken = {name: one for name, one in fields.items() if "ClassVar" not in one[1] and not _is_excluded(one[2])}
    if len(arguments.positional) > len(taken):
        return f"{title} takes {len(taken)} arguments by position and is given {len(arguments.positional)}"
    unknown = next((name for name in arguments.keywords if name not in taken), None)
    if unknown is not None:
        return f"{title} has no field `{unknown}`"
    filled = set(list(taken)[: len(arguments.positional)]) | arguments.keywords.keys()
    missing = next((name for name, one in taken.items() if _is_open(one[2]) and name not in filled), "")
    return f"{title} is made without its field `{missing}`" if missing else ""


def _is_dataclass(machine: Machine, ref: ClassRef) -> bool:
    class_ = facts_of(machine, ref)
    if not class_.decorators:
        return not class_.annotations
    node = class_.decorators[0]
    if len(class_.decorators) > 1 or (isinstance(node, Call) and any(name == "init" for name, _ in node.kwargs)):
        return False
    named = machine.evaluate(node.fn if isinstance(node, Call) else node, ref.frame)
    return [getattr(one, "path", "") for one in named.refs] == [_DATACLASS]


def _is_excluded(value: Expr | None) -> bool:
    return isinstance(value, Call) and any(name == "init" for name, _ in value.kwargs)


def _is_open(value: Expr | None) -> bool:
    """A field without a default. What else than `field` may stand there is a default."""
    if value is None:
        return True
    names = {name for name, _ in value.kwargs} if isinstance(value, Call) else set()
    return isinstance(value, Call) and last_name(value) == "field" and not names & {"default", "default_factory"}


# --- Pydantic ---------------------------------------------------------------------------------------------------------


def _model_misfit(machine: Machine, classes: Sequence[ClassRef], title: str, arguments: Arguments) -> str:
    model = lineage(machine, classes[0])
    if model.required is None:
        open_ = not any(facts_of(machine, one).decorators or _fills_itself(machine, one) for one in classes)
        fields = _fields(machine, classes).items() if open_ else ()
        model.required = open_, tuple(name for name, one in fields if _is_required(machine, name, *one))
    open_, required = model.required
    if not open_:
        return ""
    if arguments.positional:
        return f"{title} is a model and takes its fields by name only"
    missing = next((name for name in required if name not in arguments.keywords), "")
    return f"{title} is made without its field `{missing}`" if missing else ""


def _fills_itself(machine: Machine, ref: ClassRef) -> bool:
    """A validator of the whole model, or another name of a field, may give what the call does not."""
    class_ = facts_of(machine, ref)
    body = between(machine.source(ref.file), class_.line, class_.end_line)
    return b"alias" in body or any(name.encode() in body for name in sorted(_VALIDATORS))


def _is_required(machine: Machine, name: str, owner: ClassRef, text: str, value: Expr | None) -> bool:
    if name.startswith("_") or name == "model_config" or not all(_must_be_given(machine, owner, text)):
        return False
    if value is None:
        return True
    if not isinstance(value, Call) or last_name(value) not in {"Field", ""}:
        return isinstance(value, Opaque) and value.kind == "ellipsis"
    named = {key for key, _ in value.kwargs}
    first = value.args[0] if value.args else None
    open_ = first is None or (isinstance(first, Opaque) and first.kind == "ellipsis")
    return last_name(value) == "Field" and open_ and not named & {"default", "default_factory", "**"}


def _must_be_given(machine: Machine, owner: ClassRef, text: str) -> Iterator[bool]:
    """Of each name in an annotation, whether a field of that type has to be given."""
    module = machine.modules.get(owner.file)
    words = _WORD.findall(_TEXT.sub("", text) if "Literal" in text else text)
    yield bool(words)
    for word in words:
        found = machine.modules.name(module, word) if module is not None else None
        refs = found.refs if found is not None else ()
        project = any(isinstance(ref, ClassRef) for ref in refs)
        library = found is None or any(isinstance(ref, LibRef) for ref in refs)
        yield project or (library and word in _REQUIRED_TYPES)


__all__ = ["misfit"]
