"""What a persistence library is to the scanner, stated as data.

A library file exports `LIBRARY`: which library calls give which typed handle, and what the members of a handle do. A
typed handle comes first and the member second, so that a project's own class with a method named `insert` is no
store, and a client whose configuration cannot be found is one. Handle kinds are names of our own
(`sqlalchemy.Session`); library objects are named by their dotted import path, as in `frameworks/base.py`.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Act(StrEnum):
    """What calling a member does."""

    BUILD_READ = "build-read"
    BUILD_WRITE = "build-write"
    BUILD_SQL = "build-sql"
    """A statement whose verb is the first word of its text."""
    CHAIN = "chain"
    """Goes on with what the receiver is; `data` arguments are added to what it writes."""
    READ = "read"
    WRITE = "write"
    RUN = "run"
    """Executes the statement that is its first argument: a built one, or SQL text."""
    FIRE = "fire"
    """Executes the pending statement that is the receiver."""
    STAGE = "stage"
    FLUSH = "flush"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    HANDLE = "handle"
    ROWS = "rows"
    """Takes rows out of a result that was fetched when its statement ran."""
    CALL = "call"
    """Calls the function that is its first argument with the handle."""
    AUTOCOMMIT = "autocommit"
    """From here on writes take effect at once."""
    OPEN = "open"
    """Connects, checks or configures: may fail, reads and writes nothing."""
    NOTHING = "nothing"


class Gives(StrEnum):
    """What the call gives back."""

    ROW = "row"
    ROWS = "rows"
    COUNT = "count"
    WRITTEN = "written"
    SAME = "same"
    NONE = "none"
    HANDLE = "handle"


class Durability(StrEnum):
    """What kind of place the data goes to."""

    DATABASE = "database"
    KEY_VALUE = "key-value"
    OBJECTS = "objects"
    MEMORY = "memory"
    FILE = "file"
    """A local file: it stays on one machine, and no second process may write it."""
    CACHE = "cache"


class Row(NamedTuple):
    """What the members of one handle kind do.

    `lazy`: nothing happens before the result is awaited, iterated or executed. `data` are positions of the arguments
    that are written, `None` for every argument, empty for none; `fields` narrows them to those fields of an object
    argument. `path` is the field of the result under which the rows stand (`rows`, `data`). `handle` is the kind of
    what is given back. `commits`: a write takes effect at once.
    """

    on: str
    members: tuple[str, ...]
    act: Act
    gives: Gives = Gives.ROWS
    lazy: bool = False
    data: tuple[int, ...] | None = ()
    fields: tuple[str, ...] = ()
    path: str = ""
    handle: str = ""
    commits: bool = True
    throws: bool = True
    table: int | None = None
    """The position of the argument that names the table or model."""
    exits: bool = False
    """The handle that is given commits at the end of a `with` block."""
    statement: int = 0
    """The position of the statement that is executed."""
    through: bool = False
    """A function that works on the connection that it is given."""
    deferred: bool = False
    """The query runs when its rows are used: building it cannot fail."""


def row(
    on: str,
    members: str,
    act: Act,
    *,
    gives: Gives = Gives.ROWS,
    lazy: bool = False,
    data: tuple[int, ...] | None = (),
    fields: tuple[str, ...] = (),
    path: str = "",
    handle: str = "",
    commits: bool = True,
    throws: bool = True,
    table: int | None = None,
    exits: bool = False,
    statement: int = 0,
    through: bool = False,
    deferred: bool = False,
) -> Row:
    """A row with its members written in one string, separated by spaces."""
    names = tuple(members.split())
    last = exits, statement, through, deferred
    return Row(on, names, act, gives, lazy, data, fields, path, handle, commits, throws, table, *last)


class Library(NamedTuple):
    """A persistence library.

    `makes` maps a library call to the handle it gives; `types` a type name (annotation, base class of an instance)
    to the handle an object of it is; `models` a base class to the handle kind that its subclasses, the mapped
    tables, are. `attributes` maps `(handle, member)` to the handle that reading the member gives; the member `*`
    stands for any, and its name becomes the table. `fields` maps the handle of a row to the handle that any other
    member of it may be, because members stand for rows of other tables; `relations` are the declarations that make one
    such a member, any other declaration makes it a plain column. `errors` are the dotted prefixes of what a failure
    raises. `exits` are the kinds of handles that commit at the end of a `with` block. `asynchronous` are the paths
    among `makes` and `types` whose handles have to be awaited: of those, `awaits` are the members of each kind that
    give coroutines, and `lacks` the members of its rows that only the other one has.
    """

    name: str
    rows: tuple[Row, ...]
    makes: Mapping[str, str] = MappingProxyType({})
    types: Mapping[str, str] = MappingProxyType({})
    models: Mapping[str, str] = MappingProxyType({})
    attributes: Mapping[tuple[str, str], str] = MappingProxyType({})
    fields: Mapping[str, str] = MappingProxyType({})
    relations: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    durability: Durability = Durability.DATABASE
    exits: tuple[str, ...] = ()
    asynchronous: tuple[str, ...] = ()
    awaits: Mapping[str, str] = MappingProxyType({})
    lacks: Mapping[str, str] = MappingProxyType({})
    declared: bool = False
    """The configuration of the project says that it is a store."""


class StoreModels:
    """The rows of all libraries, by what they are asked for."""

    def __init__(self, libraries: Iterable[Library]) -> None:
        self.makes: dict[str, tuple[str, Library]] = {}
        self.types: dict[str, tuple[str, Library]] = {}
        self.models: dict[str, tuple[str, Library]] = {}
        self._rows: dict[tuple[str, str], tuple[Row, Library]] = {}
        self._attributes: dict[tuple[str, str], str] = {}
        self.fields: dict[str, str] = {}
        self.libraries: dict[str, Library] = {}
        self.kinds: set[str] = set()
        self.exits: set[str] = set()
        self._declared: dict[str, str] = {}
        for library in libraries:
            self._add(library)

    def _add(self, library: Library) -> None:
        self.libraries[library.name] = library
        self.makes.update({path: (kind, library) for path, kind in library.makes.items()})
        self.types.update({path: (kind, library) for path, kind in library.types.items()})
        self.models.update({path: (kind, library) for path, kind in library.models.items()})
        self._attributes.update(library.attributes)
        self.exits.update(library.exits)
        if library.declared:
            self._declared[library.name] = library.name
        self.fields.update(library.fields)
        self.kinds.update((*library.makes.values(), *library.types.values(), *library.models.values()))
        for one in library.rows:
            for member in one.members:
                self._rows[one.on, member] = (one, library)

    def row(self, kind: str, member: str) -> tuple[Row, Library] | None:
        """The row for a member of a handle, or of a module (then `kind` is its dotted path)."""
        return self._rows.get((kind, member)) or self._rows.get((kind, "*"))

    def declared(self, path: str) -> str:
        """The kind of handle that the configuration makes of a class, named by dotted name or `file:class`."""
        if not self._declared:
            return ""
        file, _, name = path.rpartition(":")
        if not file:
            return self._declared.get(path, "")
        module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return next((one for one in self._declared if f".{module}.{name}".endswith(f".{one}")), "")

    def iterates(self, kind: str) -> tuple[Row, Library] | None:
        """The row for iterating over a handle or indexing it."""
        return self._rows.get((kind, "[]"))

    def attribute(self, kind: str, member: str) -> tuple[str, bool] | None:
        """The handle that reading a member gives, and whether the member's name is a table."""
        exact = self._attributes.get((kind, member))
        if exact is not None:
            return exact, False
        any_member = self._attributes.get((kind, "*"))
        return None if any_member is None else (any_member, True)

    def gives(self, kind: str) -> frozenset[str]:
        """The handles that members of a handle are."""
        return frozenset(given for (on, _), given in self._attributes.items() if on == kind)

    def is_store_error(self, path: str, library: str) -> bool:
        """A dotted error name that a failure of this library may be an instance of."""
        known = self.libraries.get(library)
        prefixes = known.errors if known else ()
        if path.rpartition(".")[2] in _BUSINESS:
            return False
        return path in _BROAD or any(path == one or path.startswith(f"{one}.") for one in (*prefixes, *_SHARED))


_BROAD: Final = frozenset(
    {"builtins.Exception", "builtins.BaseException", "builtins.OSError", "builtins.ConnectionError"}
)
_REFUSALS: Final = (
    "IntegrityError UniqueViolation UniqueViolationError ForeignKeyViolation ForeignKeyViolationError"
    " NotNullViolation NotNullViolationError CheckViolation CheckViolationError DuplicateKeyError NotUniqueError"
    " NoResultFound MultipleResultsFound DoesNotExist MultipleObjectsReturned ValidationError"
    " NotFoundError NotFound NoMatch DocumentNotFound ResourceExistsError ResourceNotFoundError NoSuchKey"
    " ConditionalCheckFailedException ProtectedError RestrictedError"
)
_BUSINESS: Final = frozenset(_REFUSALS.split())
"""Answers of a store that works: what was asked for is not there, or is there already."""
_SHARED: Final = ("sqlalchemy.exc.SQLAlchemyError", "sqlalchemy.exc.OperationalError", "sqlalchemy.exc.DBAPIError")
