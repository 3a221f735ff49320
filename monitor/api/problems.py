"""Every error of the API in one shape: `application/problem+json` (RFC 9457).

`type` is a stable word of the project, `title` says it in general, `detail` in particular. Nothing here holds an
address, SQL or a trace; what the client did not cause is told in the log under the request's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assay.audit.errors import InvalidQuery, InvalidScan, StoreRejected, StoreUnavailable, UnsupportedServer
from assay.monitor.logs import logger
from assay.monitor.probing import UnknownTargetError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
_LOG = logger("assay.api")


@dataclass(kw_only=True)
class ProblemError(Exception):
    """An answer that is an error."""

    status: HTTPStatus
    type: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[Mapping[str, str], ...] = ()


def store_unavailable(reason: str, detail: str) -> ProblemError:
    """The store cannot take or give it now: nothing was done, and nothing stands in for it."""
    return ProblemError(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        type="store-unavailable",
        detail=f"{detail} ({reason})",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def problem_response(problem: ProblemError, request_id: str) -> Response:
    """The answer for a problem."""
    body: dict[str, object] = {
        "type": f"urn:assay:problem:{problem.type}",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail,
        "request_id": request_id,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(body), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem."""

    def answer(request: Request, error: Exception) -> Response:
        return problem_response(_problem(error), request.state.request_id)

    for kind in (
        ProblemError,
        HTTPException,
        RequestValidationError,
        StoreUnavailable,
        StoreRejected,
        UnsupportedServer,
        InvalidQuery,
        InvalidScan,
        UnknownTargetError,
        Exception,
    ):
        app.add_exception_handler(kind, answer)


def _problem(error: Exception) -> ProblemError:  # noqa: PLR0911 - one return per kind of error
    match error:
        case ProblemError():
            return error
        case HTTPException():
            status = HTTPStatus(error.status_code)
            return ProblemError(
                status=status,
                type=status.phrase.lower().replace(" ", "-"),
                detail=str(error.detail),
                headers=error.headers or {},
            )
        case RequestValidationError():
            return _invalid_request(error)
        case StoreUnavailable():
            _LOG.warning("store_unavailable", reason=error.reason, detail=str(error))
            return store_unavailable(error.reason, "the store cannot do this now; nothing was done")
        case UnsupportedServer():
            _LOG.error("store_unsupported", detail=str(error))
            return store_unavailable("unsupported_server", "the store's server is too old; nothing was done")
        case InvalidQuery():
            return ProblemError(status=HTTPStatus.BAD_REQUEST, type="invalid-query", detail=str(error))
        case InvalidScan():
            return ProblemError(status=HTTPStatus.UNPROCESSABLE_ENTITY, type="invalid-scan", detail=str(error))
        case UnknownTargetError():
            detail = f"no target is named {str(error)[:100]!a}; GET /v1/probes lists them"
            return ProblemError(status=HTTPStatus.NOT_FOUND, type="unknown-target", detail=detail)
        case _:  # a defect: Starlette raises it again once it is answered, and the request's frame logs it
            return internal_problem()


def internal_problem() -> ProblemError:
    """A defect of Assay itself."""
    return ProblemError(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        type="internal",
        detail="Assay itself failed; its log says more under this request_id",
    )


def _invalid_request(error: RequestValidationError) -> ProblemError:
    """What was wrong, and where; never the value itself, which may be a secret."""
    errors = tuple(
        {"where": ".".join(str(part) for part in each["loc"]), "what": str(each["msg"])} for each in error.errors()
    )
    return ProblemError(
        status=HTTPStatus.BAD_REQUEST,
        type="invalid-request",
        detail="; ".join(f"{each['where']}: {each['what']}" for each in errors[:5]),
        errors=errors[:20],
    )
