"""An error body of any of WIRE.md's five shapes, and what gateways wrap around them, becomes one `ReplyError`.

Nothing is lost on the way: what has no known shape is quoted, and an upstream's error inside a gateway's comes last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from monitor.core.types import Exchange, ReplyError
from monitor.dialects.reading import (
    JsonObject,
    ShapeError,
    details,
    excerpt,
    json_in,
    json_value,
    label,
    rendered,
    words,
)
from monitor.dialects.retry import retry_info

LONGEST_MESSAGE = 2000
"""Characters kept of a message: validators like to quote the whole request, image included."""

DEEPEST = 3
"""Gateways before gateways whose wrapping is undone."""

_MESSAGE_KEYS = ("message", "detail", "msg", "error_description", "Message", "errors")
_HTML_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,300})</title", re.IGNORECASE)


def declared_error(body: Any) -> ReplyError | None:
    """The error that `body` declares itself to be, whatever the status; None when it declares none.

    Shapes: `{"error":{…}}`, `{"type":"error","error":{…}}`, either in a list of one, `{"error":"text","code":…}`, and
    the flat `{"object":"error","message":…}`.
    """
    found = _declared(body)
    return None if found is None else _reply_error(found, DEEPEST)


def http_error(exchange: Exchange) -> ReplyError:
    """The error of an answer whose status says that it is one, however little its body tells."""
    try:
        body = json_in(exchange.body)
    except ShapeError:
        return ReplyError(_page(exchange))
    return _any_error(body, DEEPEST) or ReplyError(f"HTTP {exchange.status}: {excerpt(rendered(body), 300)}")


def error_of(value: Any) -> ReplyError:
    """The error that stands under an `error` key, be it an object or mere words."""
    return _reply_error(value if isinstance(value, dict) else {"message": value}, DEEPEST)


def _declared(body: Any) -> JsonObject | None:
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if isinstance(error, dict) and error:
        return error
    if error:
        return {**body, "message": _both(error, body.get("message"))}
    marks = (label(body.get("object")), label(body.get("type")))
    return body if any(mark and mark.lower() == "error" for mark in marks) else None


def _both(error: Any, message: Any) -> Any:
    """`error` is the message, unless another one explains it: `{"error":"Not Found","message":"no such route"}`."""
    parts = [part for part in (words(error), words(message)) if part]
    return ": ".join(parts) or error


def _any_error(body: Any, depth: int) -> ReplyError | None:
    """As declared, or any object or text that can be read as an error once it is known to be one."""
    found = _declared(body)
    if found is None and isinstance(body, dict) and any(body.get(key) for key in _MESSAGE_KEYS):
        found = body
    if found is None and words(body):
        found = {"message": body}
    return None if found is None else _reply_error(found, depth)


def _reply_error(error: JsonObject, depth: int) -> ReplyError:
    message = _message(error)
    inner = _nested(error, message, depth)
    own = ReplyError(
        message=excerpt(message, LONGEST_MESSAGE) or "an error without words",
        type=label(error.get("type")) or label(error.get("status")),
        code=_code(error),
        param=label(error.get("param")),
        retry_after=retry_info(error.get("details")),
    )
    return own if inner is None else _within(own, inner, wraps_only=message.startswith(("{", "[")))


def _within(outer: ReplyError, inner: ReplyError, *, wraps_only: bool) -> ReplyError:
    """The upstream's words win; the gateway's own stand before them, unless its message was just the wrapping."""
    return ReplyError(
        message=inner.message if wraps_only else excerpt(f"{outer.message}: {inner.message}", LONGEST_MESSAGE),
        type=inner.type or outer.type,
        code=inner.code or outer.code,
        param=inner.param or outer.param,
        retry_after=inner.retry_after if outer.retry_after is None else outer.retry_after,
    )


def _message(error: JsonObject) -> str:
    for key in _MESSAGE_KEYS:
        if error.get(key):
            return rendered(error[key]).strip()
    return ""


def _code(error: JsonObject) -> str | None:
    """The most telling code: Anthropic's `details.error_code`, Google's ErrorInfo `reason`, then `code` itself."""
    named = next(_named_codes(error.get("details")), None)
    code = error.get("code")
    is_number = isinstance(code, int) and not isinstance(code, bool)
    return named or label(str(code) if is_number else code)


def _named_codes(errors_details: Any) -> Iterator[str]:
    for detail in errors_details if isinstance(errors_details, list) else (errors_details,):
        if isinstance(detail, dict):
            yield from filter(None, (label(detail.get("error_code")), label(detail.get("reason"))))


def _nested(error: JsonObject, message: str, depth: int) -> ReplyError | None:
    return _any_error(_upstream(error, message), depth - 1) if depth else None


def _upstream(error: JsonObject, message: str) -> Any:
    """The upstream's own error: OpenRouter's `metadata.raw` (JSON or plain text), or a message that is JSON."""
    raw = details(error, "metadata").get("raw")
    if raw:
        return _parsed(raw) or raw
    return _parsed(message) if message.startswith(("{", "[")) else None


def _parsed(text: Any) -> Any:
    try:
        return json_value(text) if isinstance(text, str) else None
    except ShapeError:
        return None


def _page(exchange: Exchange) -> str:
    """What a proxy's page or plain text says, in a line: of HTML the title only, of binary nothing."""
    try:
        text = exchange.body.decode("utf-8").strip()
    except UnicodeDecodeError:
        text = ""
    if text.startswith("<"):
        title = _HTML_TITLE.search(text)
        text = title[1] if title else ""
    line = excerpt(text, 200)
    return f"HTTP {exchange.status}: {line}" if line else f"HTTP {exchange.status} with no readable error"
