"""Every error as `application/problem+json` (RFC 9457): what is wrong, whose fault it is, and what is allowed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from monitor.core.ports import LedgerAway
from monitor.web.headers import SECURITY_HEADERS

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5
AWAY: Final = "the database is away; probing and /metrics go on, ask again in a few seconds"


class ProblemResponse(JSONResponse):
    """An RFC 9457 problem; it is never cached."""

    media_type = MEDIA_TYPE

    def __init__(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Sequence[object]
    ) -> None:
        title = HTTPStatus(status).phrase
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
        super().__init__(body, status, {"cache-control": "no-store", **(headers or {})})


class NotOneOfError(Exception):
    """A parameter's value is none of those that exist here."""

    def __init__(self, parameter: str, value: str, allowed: Iterable[str]) -> None:
        super().__init__(f"{parameter}: {value!r} is not known here")
        self.parameter = parameter
        self.allowed = sorted(allowed)


class NotFoundError(Exception):
    """There is no such thing; the message says which."""


def install(app: FastAPI) -> None:
    """Let `app` answer every error with a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotOneOfError, _not_one_of)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(LedgerAway, _away)
    app.add_exception_handler(Exception, _internal)


async def _http(request: Request, error: Exception) -> ProblemResponse:
    status = getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
    words = {
        HTTPStatus.NOT_FOUND: f"nothing is served at {request.url.path}; /openapi.json lists what is",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not allowed here",
    }
    detail = words.get(status, str(getattr(error, "detail", "")))
    return ProblemResponse(status, detail, getattr(error, "headers", None))


async def _invalid(_request: Request, error: Exception) -> ProblemResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [_input_error(fault) for fault in found]
    detail = "; ".join(f"{fault['parameter']}: {fault['problem']}" for fault in errors)
    return ProblemResponse(HTTPStatus.BAD_REQUEST, detail, errors=errors)


def _input_error(fault: Mapping[str, Any]) -> dict[str, str]:
    """One wrong input in pydantic's words, which say what is allowed; the value itself is not repeated."""
    where = [str(step) for step in fault["loc"] if step not in ("query", "path")]
    return {"parameter": ".".join(where) or "request", "problem": str(fault["msg"])}


async def _not_one_of(_request: Request, error: Exception) -> ProblemResponse:
    allowed = error.allowed if isinstance(error, NotOneOfError) else []
    return ProblemResponse(HTTPStatus.BAD_REQUEST, str(error), allowed=allowed)


async def _not_found(_request: Request, error: Exception) -> ProblemResponse:
    return ProblemResponse(HTTPStatus.NOT_FOUND, str(error))


async def _away(request: Request, error: Exception) -> ProblemResponse:
    log.warning("cannot serve", extra={"path": request.url.path, "cause": str(error)})
    return ProblemResponse(HTTPStatus.SERVICE_UNAVAILABLE, AWAY, {"retry-after": str(RETRY_AFTER_S)})


async def _internal(_request: Request, _error: Exception) -> ProblemResponse:
    """Runs outside of all middleware, hence the headers; the server logs the traceback."""
    detail = "a fault of visionpath itself, not of the request; the daemon's log has it"
    return ProblemResponse(HTTPStatus.INTERNAL_SERVER_ERROR, detail, SECURITY_HEADERS)
