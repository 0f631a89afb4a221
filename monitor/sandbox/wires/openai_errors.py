"""OpenAI's error body, which Chat Completions and Responses share."""

from __future__ import annotations

from monitor.sandbox.messages import Problem
from monitor.sandbox.wires.wire import Json

UNFETCHED = "{why} while downloading {url}."
"""A template: `why` is `Timeout` or `Error`."""

_TYPES = {429: "rate_limit_error", 500: "server_error", 502: "server_error"}
_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def write_problem(problem: Problem) -> Json:
    """`{"error": {message, type, param, code}}`."""
    return {
        "error": {
            "message": problem.message,
            "type": _TYPES.get(problem.status, "invalid_request_error"),
            "param": problem.param,
            "code": problem.code or _CODES.get(problem.status),
        }
    }
