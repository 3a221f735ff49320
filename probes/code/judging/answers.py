"""What the completions of a handler tell a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.flow import failures, queries, shapes, web
from assay.probes.code.flow.refs import AnswerRef, CodedRef
from assay.probes.code.flow.trace import Reply, Trace
from assay.probes.code.flow.values import NOTHING, Value, join
from assay.probes.code.syntax import LitKind
from assay.probes.code.view import AnswerKind, Cause

if TYPE_CHECKING:
    from assay.probes.code.flow.interpreter import Interpreter
    from assay.probes.code.flow.state import Completion, Frame
    from assay.probes.code.frameworks.base import Framework
    from assay.probes.code.linking.wiring import Route

_UNPROCESSED: Final = 500
_OF_ANSWERS: Final = frozenset({"content", "headers", "status", "status_code", "mimetype", "content_type", "cookies"})
_PYTHON_ANSWERS: Final = frozenset({"fastapi", "starlette", "flask"})
_NEED_ANSWERS: Final = frozenset({"flask", "django"})
"""Those that answer 500 where a handler returns nothing."""
_FAILURES: Final = frozenset({Cause.STORE_FAILURE, Cause.FAILURE, Cause.NOT_CONFIGURED})


def completed(machine: Interpreter, route: Route, completion: Completion, root: Frame) -> None:
    """Record what a handler's completion answers."""
    if completion.failure is not None:
        failed(machine.trace, completion)
        return
    if shapes.holds_coroutine(completion.value) and route.framework.name in _PYTHON_ANSWERS:
        machine.breaks(completion.site, "answers with a coroutine that is not awaited")
        if machine.strict:
            root.state.dead = False
            return
    value = queries.fire(machine, completion.value, root, completion.site)
    if route.framework.name in _NEED_ANSWERS and completion.cause in _FAILURES and _is_none(value):
        machine.trace.replies.append(Reply(AnswerKind.RAISE, NOTHING, _UNPROCESSED, completion.cause, completion.site))
        return
    for status, body in _answers(route.framework, value):
        kind = web.answer_kind(status, route.status)
        machine.trace.replies.append(Reply(kind, body, status, completion.cause, completion.site))


def _is_none(value: Value) -> bool:
    return not value or (value.lit is not None and value.lit.kind is LitKind.NONE)


def _answers(framework: Framework, value: Value) -> list[tuple[int | None, Value]]:
    answers = [ref for ref in value.refs if isinstance(ref, AnswerRef)]
    coded = [ref for ref in value.refs if isinstance(ref, CodedRef)]
    if framework.tuple_answers and "0" in value.fields and (coded or "1" in value.fields):
        inner = value.fields["0"]
        content = join(value.fields.get("content"), inner.fields.get("content", inner))
        statuses = tuple(ref.status for ref in coded) or (web.status_of(value.fields["1"]),)
        return [(status, content) for status in (*statuses, *(ref.status for ref in answers))]
    first = web.status_of(value.fields.get("0")) if framework.status_first and "1" in value.fields else None
    if first is not None and first != web.UNKNOWN_STATUS:
        return [(first, value.fields["1"])]
    if not answers:
        return [(None, value)]
    content = value.fields.get("content", NOTHING)
    rest = {key: one for key, one in value.fields.items() if key not in _OF_ANSWERS}
    found: list[tuple[int | None, Value]] = [(ref.status, content) for ref in answers]
    if rest:
        found.append((None, Value(value.atoms, rest, ())))
    return found


def failed(trace: Trace, completion: Completion) -> None:
    """Record what a completion that is an exception answers."""
    failure = completion.failure
    if failure is None:
        return
    answer = failures.answers(failure.value)
    status = answer.status if answer is not None else _UNPROCESSED
    kind = AnswerKind.RAISE if answer is None else web.answer_kind(status)
    if any("NotImplemented" in name for name in failure.types):
        kind = AnswerKind.REFUSED
    body = failure.value.fields.get("content", NOTHING)
    trace.replies.append(Reply(kind, body, status, completion.cause, completion.site))
