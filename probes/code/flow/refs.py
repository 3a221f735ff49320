"""What a value can refer to besides data: things that are called, looked into, mounted or executed.

Refs are compared by what they are, so that joining a value with itself changes nothing. A closure is compared by
identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site, Value
    from assay.probes.code.linking.wiring import Route, Router


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A function of the project. `frame` is where it was defined, `receiver` what it is bound to."""

    file: str
    index: int
    frame: Frame
    receiver: Value | None = None


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class of the project."""

    file: str
    index: int
    frame: Frame


class InstanceRef(NamedTuple):
    """An object of a class of the project; its fields are the fields of the value.

    `lasting`: it outlives the request. `exact`: it was made by calling this very class, so no subclass can be meant.
    """

    of: ClassRef
    lasting: bool = False
    exact: bool = False


class ModuleRef(NamedTuple):
    """A module of the project, by its path."""

    path: str


class PlaceRef(NamedTuple):
    """A file or folder of the project by its path; `dotted`: it stands for its name as a module."""

    path: str
    dotted: bool = False


class LibRef(NamedTuple):
    """Something of a library, by its dotted import path."""

    path: str


class ObjectRef(NamedTuple):
    """What calling something of a library gave, by the dotted path that was called.

    Its own type is not known better.
    """

    path: str


class HandleRef(NamedTuple):
    """A store handle.

    Its kind as the rows in `stores/` name it, the library, the table and the mapped class where known. `autocommits`:
    what is written through it takes effect at once. `exits`: it commits at the end of a `with` block. `fleeting`: the
    database lives in this process's memory. `awaited`: it is the asynchronous one of two that share their rows.
    """

    kind: str
    library: str
    table: str = ""
    model: ClassRef | None = None
    autocommits: bool = False
    exits: bool = False
    fleeting: bool = False
    awaited: bool = False


class PendingRef(NamedTuple):
    """A query that is built and not yet executed. `data` is what it would write; `row` is what executing it does.

    `control` is what it does to its session alone, as `sql.control_of` tells it.
    """

    library: str
    writes: bool
    table: str
    lazy: bool
    commits: bool
    site: Site
    data: Value | None = None
    handle: str = ""
    model: ClassRef | None = None
    control: str = ""


REQUEST = "request"
CHOSEN = "?"
"""The last part of a library's path where a name that is not known was read from it."""


class HolderRef(NamedTuple):
    """An object that only carries what the project hangs on it.

    `scope`: the state of the request (`request`), or the dotted name of the class of one such object, made at `site`.
    """

    scope: str
    site: Site | None = None


class RouterRef(NamedTuple):
    """An app or router of a web framework."""

    router: Router


class DeclarationRef(NamedTuple):
    """A decorator of a framework that waits for its function: `register` is told what the function is.

    What it gives back takes the function's place; nothing means that the function stays what it is.
    """

    register: Callable[[Value], Value | None]
    site: Site


class RouteRef(NamedTuple):
    """Routes that were made as values and wait for a router to take them (`Route("/x", handler)`)."""

    routes: tuple[Route, ...]


class ViewRef(NamedTuple):
    """A class whose methods are handlers, and the object of it that they are called on."""

    of: ClassRef
    instance: Value
    actions: Value | None = None
    """The methods that are called for each HTTP method, where the registration names them."""


class BundleRef(NamedTuple):
    """The elements of a list that is too wide for fields, in order: what is wired must not be lost."""

    items: tuple[Value, ...]


class RequestRef(NamedTuple):
    """The request object of a framework."""

    framework: str


class ResponseRef(NamedTuple):
    """The response object of a framework, with the status set so far.

    `None` by default, 0 for one that is not known.
    """

    framework: str
    status: int | None = None


class NextRef(NamedTuple):
    """The function that passes on to the next handler, or, given an error, to the error handler."""

    framework: str


class CodedRef(NamedTuple):
    """A pair of a body and a literal status, which some frameworks take for an answer."""

    status: int


class AnswerRef(NamedTuple):
    """An answer that was built.

    Its status (`None`: the handler's default, 0: not known), and whether it is to be raised.
    """

    status: int | None
    raises: bool = False


class ContainerRef(NamedTuple):
    """A list, dict, set or Map with an identity. `lasting`: its owner outlives the request."""

    site: Site
    lasting: bool


class BoundRef(NamedTuple):
    """A member of something that is no project object, taken but not yet called."""

    receiver: Value
    name: str


class InjectedRef(NamedTuple):
    """A stated dependency (`Depends(f)`): what is called to give the value.

    `ends_before_answer`: what stands behind its `yield` runs before the answer is sent (`scope="function"`).
    """

    provider: Value | None
    ends_before_answer: bool = False


class TypeRef(NamedTuple):
    """A type with its parts (`Annotated[X, Depends(f)]`, `Optional[X]`, `list[X]`)."""

    name: str
    parts: tuple[Value, ...]


class ErrorRef(NamedTuple):
    """An exception object. `types` are its class and bases, by project name or dotted path."""

    types: tuple[str, ...]


class TextRef(NamedTuple):
    """A text that is known only as far as its beginning.

    `usual`: it is just this, unless it is configured otherwise.
    """

    prefix: str
    usual: bool = False


class CombinatorRef(NamedTuple):
    """A function of a library that was given functions (`asyncHandler(fn)`, `wraps(fn)`): calling it calls those."""

    functions: tuple[Value, ...]


Ref = (
    FunctionRef
    | ClassRef
    | InstanceRef
    | ModuleRef
    | PlaceRef
    | LibRef
    | ObjectRef
    | HandleRef
    | PendingRef
    | HolderRef
    | RouterRef
    | DeclarationRef
    | RouteRef
    | ViewRef
    | BundleRef
    | RequestRef
    | ResponseRef
    | NextRef
    | AnswerRef
    | CodedRef
    | ContainerRef
    | BoundRef
    | InjectedRef
    | TypeRef
    | ErrorRef
    | CombinatorRef
    | TextRef
)


def library_path(ref: Ref) -> str:
    """The dotted path of an object of a library, or of what such an object holds; empty for anything else."""
    if isinstance(ref, ObjectRef):
        return ref.path
    held = [library_path(one) for one in ref.receiver.refs] if isinstance(ref, BoundRef) else []
    return f"{held[0]}.{ref.name}" if isinstance(ref, BoundRef) and len(held) == 1 and held[0] else ""
