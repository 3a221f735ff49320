"""What runs when a Python application is served: told backwards, from a place to what starts or serves it.

A place runs when its module is loaded, or when its function is used by one that runs: a handler, a start-up hook, a
function that makes the application. Functions are followed by name over files whose bytes hold that name, so that a
project is not lowered for the sake of one place. Commands of a command line and `if __name__ == "__main__"` start no
service.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.probes.code.names import last_name
from assay.probes.code.rules.nodes import walk
from assay.probes.code.syntax import Attr, Call, If, Lit, Name, Test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assay.probes.code.facts import FileFacts, Function, Param
    from assay.probes.code.syntax import Expr, Stmt
    from assay.probes.code.view import ProjectView

_DEPTH: Final = 4
_FILES_PER_NAME: Final = 40
_STARTS: Final = frozenset({
    "on_event", "before_first_request", "before_serving", "before_request", "after_request", "listener",
    "before_server_start", "after_server_start", "main_process_start", "middleware", "exception_handler",
    "on_startup", "on_shutdown",
})  # fmt: skip
_COMMANDS: Final = frozenset({"command", "group", "cli", "callback", "task", "shared_task", "fixture", "actor", "job"})
_METADATA: Final = re.compile(r"\w*meta(?:data)?|\w*db|database|sqlalchemy", re.IGNORECASE)
_APPLICATIONS: Final = frozenset({"FastAPI", "Flask", "Quart", "Starlette", "Sanic", "Litestar"})


class Body(NamedTuple):
    """A function by its index, or the top level of a file without one."""

    file: str
    function: int | None
    line: int


class Serving:
    """Tells of places of a project whether they run when it is served."""

    def __init__(self, view: ProjectView) -> None:
        self._view = view
        self._handlers = {
            (flow.handler_at.file, flow.handler_at.line) for flow in view.endpoints if flow.handler_at is not None
        }
        self._known: dict[tuple[str, int | None], bool] = {}

    def runs(self, body: Body) -> bool:
        """The body runs when the application starts or answers."""
        return self._runs(body.file, body.function, _DEPTH)

    def _runs(self, file: str, index: int | None, depth: int) -> bool:
        key = (file, index)
        if key not in self._known:
            self._known[key] = False
            self._known[key] = self._found(file, index, depth)
        return self._known[key]

    def _found(self, file: str, index: int | None, depth: int) -> bool:
        if index is None:
            return file in self._view.loaded
        facts = self._view.facts(file)
        if facts is None:
            return False
        function = facts.functions[index]
        names = {last_name(one) for one in function.decorators}
        if names & _COMMANDS:
            return False
        if file in self._view.loaded and (names & _STARTS or _makes_application(function)):
            return True
        if (file, function.line) in self._handlers:
            return True
        return depth > 0 and self._is_used(facts, index, depth - 1)

    def _is_used(self, facts: FileFacts, index: int, depth: int) -> bool:
        function = facts.functions[index]
        if function.enclosing is not None and self._runs(facts.path, function.enclosing, depth):
            return True
        name = function.name
        if function.owner is not None and name == "__init__":
            name = facts.classes[function.owner].name
        if not name or name.startswith("__"):
            return False
        return any(self._runs(user.file, user.function, depth) for user in self._users(facts, name))

    def _users(self, defined: FileFacts, name: str) -> Iterator[Body]:
        word = name.encode()
        files = [path for path in sorted(self._view.loaded) if word in self._view.source(path)]
        for path in files[:_FILES_PER_NAME]:
            facts = self._view.facts(path)
            if facts is None or (path != defined.path and not self._imports(facts, defined.path)):
                continue
            for body in bodies(facts):
                if any(_mentions(node, name) for node in nodes_of(facts, body)):
                    yield body

    def _imports(self, facts: FileFacts, path: str) -> bool:
        """The file imports from that file, directly or through the package in which it stands."""
        stem = path.removesuffix("/__init__.py").removesuffix(".py")
        for one in facts.imports:
            target = self._view.resolve(one.module, facts.path)
            if target is None:
                continue
            base = target.removesuffix("/__init__.py").removesuffix(".py")
            if base == stem or stem.startswith(f"{base}/"):
                return True
        return False


def bodies(facts: FileFacts) -> Iterator[Body]:
    """The top level of a file, then its functions."""
    yield Body(facts.path, None, 1)
    for index, function in enumerate(facts.functions):
        yield Body(facts.path, index, function.line)


def nodes_of(facts: FileFacts, body: Body) -> Iterator[object]:
    """Every node of a body, without what only runs as a script; at top level with decorators, defaults and classes."""
    if body.function is not None:
        yield from walk(facts.functions[body.function].body)
        return
    yield from walk(tuple(one for one in facts.top if not is_script_guard(one)))
    for function in facts.functions:
        if function.enclosing is None:
            yield from walk(function.decorators)
            yield from walk(tuple(default for one in function.params for default in _given(one)))
    for class_ in facts.classes:
        if class_.enclosing is None:
            yield from walk(class_.body)


def _given(param: Param) -> Iterator[Expr]:
    if param.default is not None:
        yield param.default
    if param.hint is not None:
        yield param.hint


def is_script_guard(statement: Stmt) -> bool:
    """`if __name__ == "__main__":`."""
    if not isinstance(statement, If) or not isinstance(statement.test, Test):
        return False
    names = [one.id for one in statement.test.operands if isinstance(one, Name)]
    texts = [one.text for one in statement.test.operands if isinstance(one, Lit)]
    return names == ["__name__"] and texts == ["__main__"]


def is_metadata(expression: object) -> bool:
    """What holds the tables of a project by the names in use: `Base.metadata`, a Flask-SQLAlchemy `db`."""
    return bool(_METADATA.fullmatch(last_name(expression)))


def _mentions(node: object, name: str) -> bool:
    return (isinstance(node, Name) and node.id == name) or (isinstance(node, Attr) and node.name == name)


def _makes_application(function: Function) -> bool:
    return any(isinstance(node, Call) and last_name(node.fn) in _APPLICATIONS for node in walk(function.body))


def python_files(view: ProjectView, gate: Callable[[bytes], object]) -> Iterator[FileFacts]:
    """The facts of the Python files whose bytes pass the gate."""
    for path in view.files:
        if path.endswith(".py") and gate(view.source(path)):
            facts = view.facts(path)
            if facts is not None:
                yield facts
