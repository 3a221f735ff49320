"""What a web framework is to the scanner, stated as data.

A framework file exports `FRAMEWORK` and nothing else: rows that say which library calls make an app or a router,
which of its members declare a route or mount another router, what an answer looks like, and how a handler is given
its request. It knows no syntax and runs no analysis: the interpreter evaluates module-level code, meets these
library objects, and reads the rows. So loops, lists, factories and aliases work alike in every framework and language.

Library objects are named by their dotted import path as the importing file would write it: `fastapi.APIRouter`,
`flask.Blueprint`, `express.Router`. A JavaScript module's default export, and the module itself when it is called,
is the module name alone (`express`); a named export is `module.name`.

Rows are `NamedTuple`s, whose classes are made several times faster than dataclasses: every scan waits for them. They
are written with keywords all the same.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Arg(NamedTuple):
    """Where a call keeps something: by keyword, else by position, else nowhere.

    `field` reads one field of the argument found (`{ prefix: "/x" }`). A negative position counts from the end. The
    keyword `**` means all keyword arguments together, as one object (`jsonify(id=1, name=name)`). `rest` is the
    argument at the position with all that follow, as a list.
    """

    position: int | None = None
    keyword: str = ""
    field: str = ""
    rest: bool = False


_FIRST: Final = Arg(0)


class Role(StrEnum):
    """What a router-like object is: an `APP` serves requests, a `ROUTER` is served only where it is mounted."""

    APP = "app"
    ROUTER = "router"


class Part(StrEnum):
    """Which part of the request a value is."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"
    HEADER = "header"
    USER = "user"


class Given(StrEnum):
    """What a positional parameter of a handler is."""

    REQUEST = "request"
    RESPONSE = "response"
    NEXT = "next"
    ERROR = "error"
    CONTEXT = "context"
    """Request and response in one object (Hono, Koa)."""


class HandlerAt(StrEnum):
    """Where a route declaration keeps its handler when that is no single argument."""

    DECORATED = "decorated"
    """The declaration is a decorator: the function below it."""
    LAST_FUNCTION = "last-function"
    """The last argument that is a function; the functions before it, lists included, are middleware."""


class PlugInRow(NamedTuple):
    """Objects of the project that are given to an application, and add to it: their `member` is called with a router.

    `given` is where the application is given a list of them, `kind` the kind of the router.
    """

    given: Arg
    member: str
    kind: str


class RouterKind(NamedTuple):
    """A library call that makes a router. `kind` is the name by which the rows below refer to it."""

    kind: str
    makes: tuple[str, ...]
    role: Role
    prefix: Arg | None = None
    tags: tuple[str, ...] = ()
    """Type names by which a parameter is known to be one (`Express`, `fastapi.FastAPI`)."""
    starts: tuple[Arg, ...] = ()
    """Where the call is given what runs once before the first request (`lifespan=`)."""
    takes: tuple[Arg, ...] = ()
    """Where the call is given routes and routers that it serves (`Starlette(routes=[...])`)."""
    onto: Arg | None = None
    """Where the call is given the router on which this one is mounted (`Api(app)`)."""
    named: Arg | None = None
    """Where the call is given a name that is the prefix where none is given (`Namespace("users")`)."""
    plug_ins: PlugInRow | None = None


class RouteRow(NamedTuple):
    """A member of a router that declares a route.

    `methods` are its methods; where `methods_from` finds a list of literals in the call, those count instead.
    `least` is the number of positional arguments below which the call is none (`app.get("env")`). `path` is `None`
    where the router itself stands for one path (`app.route("/x").get(handler)`).
    """

    on: tuple[str, ...]
    member: str
    methods: tuple[str, ...]
    path: Arg | None = _FIRST
    handler: HandlerAt | Arg = HandlerAt.DECORATED
    methods_from: Arg | None = None
    status: Arg | None = None
    least: int = 0
    chains: bool = False
    """The call gives back the router (`route("/x").get(a).post(b)`)."""


class RouteValueRow(NamedTuple):
    """A library call that makes a route which a router takes later (`Route("/x", handler)`).

    Its fields are those of a `RouteRow`.
    """

    makes: tuple[str, ...]
    methods: tuple[str, ...]
    path: Arg = _FIRST
    handler: HandlerAt | Arg = Arg(1)
    methods_from: Arg | None = None
    status: Arg | None = None
    of_objects: tuple[str, ...] = ()
    """Its methods where the handler is an object that is called, not a function; empty: the same."""


class MountRow(NamedTuple):
    """A member of a router that mounts others, or takes routes that were made as values.

    `routers` is where the mounted ones stand; `None` means every argument that is a router. `prefix` likewise; an
    argument that is no string is no prefix (`app.use(router)`). `plugin`: the argument is a function that is called
    with a new router of kind `plugin`, mounted under the prefix (Fastify). `onto`: it is the other way round, the
    argument is what this router is mounted on (`api.init_app(app)`).
    """

    on: tuple[str, ...]
    member: str
    routers: Arg | None = None
    prefix: Arg | None = None
    plugin: str = ""
    overrides_prefix: bool = False
    """The prefix given here replaces the router's own instead of standing before it (Flask blueprints)."""
    onto: bool = False
    by_text: bool = False
    """A mounted one may be named by the text of its module and name (`"shop.api.router"`)."""


class SubRouterRow(NamedTuple):
    """A member that gives a router of `kind`, mounted under `prefix` (`app.route("/x")`)."""

    on: tuple[str, ...]
    member: str
    kind: str
    prefix: Arg | None = None
    least: int = 1
    named: Arg | None = None
    """Where the call is given a name that is the prefix where none is given."""


class MiddlewareRow(NamedTuple):
    """A member that puts functions before every handler of the router (`use(fn)`, `before_request`).

    `hooks`: they are called without arguments, and what one gives back, unless nothing, is the answer.
    """

    on: tuple[str, ...]
    member: str
    decorates: bool = False
    hooks: bool = False


class StartRow(NamedTuple):
    """A member that registers what runs once before the first request (`on_event("startup")`, `before_serving`).

    `event` is where the call names the event; only `startup` counts then.
    """

    on: tuple[str, ...]
    member: str
    event: Arg | None = None
    function: HandlerAt | Arg = HandlerAt.DECORATED


class ErrorHandlerRow(NamedTuple):
    """A member that registers what answers when a handler raises (`exception_handler`, `errorhandler`)."""

    on: tuple[str, ...]
    member: str
    function: HandlerAt | Arg = HandlerAt.DECORATED


class AnswerRow(NamedTuple):
    """A library call whose result is an answer, or, where `raises`, an exception that becomes one.

    `status` is a number, or where the call keeps it; `None` means the default of the handler. `status_default` is
    what a call without that argument means. `throws`: calling it already raises (`abort(404)`).
    """

    makes: str
    content: Arg | None = _FIRST
    status: Arg | int | None = None
    status_default: int | None = None
    raises: bool = False
    throws: bool = False
    renders: bool = False
    """It is a page, whatever its content is."""


class ResponseMember(NamedTuple):
    """A member of a response object.

    One with `content` or `ends` answers; one with only `status` sets it and gives the object.
    `redirects` and `renders` say what kind of answer it is where its content says nothing.
    """

    member: str
    content: Arg | None = None
    status: Arg | int | None = None
    ends: bool = False
    redirects: bool = False
    renders: bool = False


class RequestMember(NamedTuple):
    """A member of a request object: which part of the request it is. `called`: it is a method that gives that part."""

    member: str
    part: Part
    called: bool = False
    handle: str = ""
    """The store handle that it is: the row of the caller."""


class ViewRow(NamedTuple):
    """A class whose methods named like HTTP methods are handlers (`flask.views.MethodView`).

    It is registered through `member`, or as it is. Where `dispatch` is set, that method alone is the handler, for the
    methods that the registration or the class's field `methods` lists. `skips` is the number of arguments of `member`
    that the class is not made with. `request` is the field in which an object of the class holds the request.
    """

    base: str
    member: str = "as_view"
    methods: tuple[str, ...] = ("get", "post", "put", "patch", "delete", "head", "options")
    dispatch: str = ""
    skips: int = 1
    request: str = ""
    responds: bool = False
    """An object of it is the response too: it answers through its own members (`self.write`)."""
    path: str = ""
    """The field in which an object of the class holds what the path gives."""


class ControllerRow(NamedTuple):
    """A class whose methods are decorated as routes, and which a router takes as a whole (`litestar.Controller`).

    `prefix` is its field that holds the prefix.
    """

    base: str
    prefix: str = "path"


class TableRow(NamedTuple):
    """A library call that gives one line of a table of routes (`path("users/", view)`).

    What it routes to is a function, a view, another table or a router. `is_pattern`: the path is a regular expression.
    """

    makes: tuple[str, ...]
    path: Arg = Arg(0, "route")
    target: Arg = Arg(1, "view")
    is_pattern: bool = False


class ResourceRow(NamedTuple):
    """A member of a router that is given a prefix and a class whose methods are the actions of a resource."""

    on: tuple[str, ...]
    member: str
    prefix: Arg = Arg(0, "prefix")
    view: Arg = Arg(1, "viewset")
    trailing: str = "/"


class StandardAction(NamedTuple):
    """An action that a resource serves by its name; `detail`: it is one of the resource's objects."""

    name: str
    method: str
    detail: bool


class ActionRow(NamedTuple):
    """A decorator that makes a method one more action of a resource.

    `detail` is set where the decorator's name says it.
    """

    makes: str
    detail: bool | None = None


class RestrictingRow(NamedTuple):
    """A decorator that lets only some methods through to a function.

    `methods` is where the call lists them, `default` what a call without a list means, `direct` what the decorator
    means that is not called.
    """

    makes: str
    methods: Arg | None = None
    default: tuple[str, ...] = ()
    direct: tuple[str, ...] = ()


class Tables(NamedTuple):
    """Routes that stand in tables, which modules hold under a fixed name.

    `name` is that name. A table is served where another includes it; `root` is the setting that names the module of the
    first one, `settings` the environment variable that names the module of the settings. `includes` are the calls that
    give a table by the text of its module, the module, or a list; `wraps` are calls that give the table they are given.
    """

    name: str
    root: str
    settings: str
    entries: tuple[TableRow, ...]
    includes: tuple[str, ...] = ()
    wraps: tuple[str, ...] = ()
    resources: tuple[ResourceRow, ...] = ()
    standard: tuple[StandardAction, ...] = ()
    actions: tuple[ActionRow, ...] = ()
    restricting: tuple[RestrictingRow, ...] = ()
    nested: tuple[str, ...] = ()
    """Library calls that make a router below one object of a resource: its parent, that resource's prefix, its name."""


class Framework(NamedTuple):
    """A web framework.

    `imports` are its module names: a file that imports one uses it. `gate` are byte strings of which at least one
    stands in every file that declares or mounts a route. `parameters` tells what a handler's positional parameters
    are, by their number where it matters: the first row that is at least as long as the parameter list; empty where
    parameters are request data by name. `injectors` are calls that state a dependency (`fastapi.Depends`).
    `request_objects` are names that are the request (`flask.request`); `request_types` are types by which a
    parameter is. `answers_by_return`: what a handler returns is the body of its answer.
    """

    name: str
    languages: tuple[str, ...]
    imports: tuple[str, ...]
    gate: tuple[bytes, ...]
    routers: tuple[RouterKind, ...]
    routes: tuple[RouteRow, ...]
    mounts: tuple[MountRow, ...] = ()
    values: tuple[RouteValueRow, ...] = ()
    sub_routers: tuple[SubRouterRow, ...] = ()
    pairs: RouteValueRow | None = None
    """What a pair of a path and a handler is that is given to a router (`Application([("/x", Handler)])`)."""
    itself: tuple[str, ...] = ()
    """Members of a router that stand for the router itself (`app.router`, `app.routes`)."""
    middleware: tuple[MiddlewareRow, ...] = ()
    starts: tuple[StartRow, ...] = ()
    state_members: tuple[str, ...] = ()
    """Members of an app under which it keeps what its handlers share (`app.state`)."""
    current_apps: tuple[str, ...] = ()
    """Names that are the app that serves the request (`flask.current_app`)."""
    error_handlers: tuple[ErrorHandlerRow, ...] = ()
    answers: tuple[AnswerRow, ...] = ()
    response: tuple[ResponseMember, ...] = ()
    response_types: tuple[str, ...] = ()
    request: tuple[RequestMember, ...] = ()
    own_request: tuple[RequestMember, ...] = ()
    """Members of a view that give a part of the request (`self.get_argument`)."""
    request_objects: tuple[str, ...] = ()
    request_types: tuple[str, ...] = ()
    parameters: tuple[tuple[Given, ...], ...] = ()
    injectors: tuple[str, ...] = ()
    body_parameters: tuple[str, ...] = ()
    """The names of the parameters that hold the body, where any other object is given by a dependency."""
    views: tuple[ViewRow, ...] = ()
    controllers: tuple[ControllerRow, ...] = ()
    tables: Tables | None = None
    served_by: str = ""
    """The framework whose tables of routes serve its routers."""
    answers_by_return: bool = True
    tuple_answers: bool = False
    """`return body, 404` is an answer with that status (Flask)."""
    status_first: bool = False
    """`return 404, body` is an answer with that status (Django Ninja)."""
    path_styles: tuple[tuple[str, str], ...] = ()
    """Regular expressions and replacements that turn the parameters of this framework's paths into `{name}` for
    comparing.

    One that takes only some texts becomes `{name:kind}`, one that takes slashes too `{name:path}`.
    """
    most_specific: bool = False
    """Of several routes that match, the most specific one answers (Flask); elsewhere the first that was declared."""
    path_decides: bool = False
    """Of several patterns whose path matches, the first answers whatever the method (Django)."""
    last_slash_is_free: bool = False
    """A path with and without a slash at its end is the same (Express); elsewhere these are two routes."""
    path_by_name: bool = False
    """Behind the positional parameters of a handler come those of the path, by name."""
