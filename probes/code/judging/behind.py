"""What surrounds every request and commits: a middleware, or what Flask runs after a request.

It is told by its shape: a function that is handed the rest of the application, or is registered to run after a request,
and that commits or enters something which does. Which session it commits is not followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow.lineage import decorator_names
from assay.probes.code.lines import between

if TYPE_CHECKING:
    from assay.probes.code.facts import Function
    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.flow.refs import FunctionRef
    from assay.probes.code.flow.values import Site

_AFTER: Final = frozenset(
    {"after_request", "after_app_request", "teardown_request", "teardown_app_request", "teardown_appcontext"}
)
_MARKS: Final = (b"call_next", *(name.encode() for name in sorted(_AFTER)))
_COMMIT: Final = b".commit("


def commits_behind(machine: Interpreter) -> Site | None:
    """Where a commit stands that runs behind every handler."""
    for path in machine.python_files:
        source = machine.source(path)
        if _COMMIT not in source or not any(mark in source for mark in _MARKS):
            continue
        module = machine.modules.get(path)
        lines = source.split(b"\n")
        for function in module.facts.functions if module is not None else ():
            text = b"\n".join(lines[function.line - 1 : function.end_line])
            if module is not None and _surrounds(function) and (_COMMIT in text or b"with " in text):
                return module.frame.site(function.line)
    return None


def commits(machine: Interpreter, ref: FunctionRef) -> bool:
    """A commit stands in the text of a function."""
    module = machine.modules.get(ref.file)
    if module is None:
        return False
    function = module.facts.functions[ref.index]
    return _COMMIT in between(machine.source(ref.file), function.line, function.end_line)


def _surrounds(function: Function) -> bool:
    passes_on = any(param.name == "call_next" for param in function.params)
    return passes_on or bool(_AFTER.intersection(decorator_names(function)))
