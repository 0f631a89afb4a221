"""What all dialects do alike with an exchange: status first, then a declared error, then the dialect's own shape.

A stream is folded into the body that the same answer would have had in one piece, so that one reader serves both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from monitor.core.types import Exchange, Reply, ReplyError
from monitor.dialects.errors import declared_error, http_error
from monitor.dialects.reading import JsonObject, ShapeError, amount, json_in, object_of
from monitor.dialects.retry import retry_header, retry_words
from monitor.dialects.stream import Fold, Folded, is_stream, stream_in

Answer = Callable[[JsonObject], Reply]
"""Reads a dialect's own shape out of a 2xx body; may raise ShapeError."""

HIDDEN = "(hidden)"
"""Stands for reasoning that a target keeps encrypted: it took place, but cannot be read."""

TICKS_PER_USD = 10_000_000_000


def read(exchange: Exchange, answer: Answer, fold: Fold) -> Reply:
    """The reply in `exchange`. `fold` makes a body of a stream and may raise ShapeError, as `answer` may.

    Never raises. Without any HTTP answer, and for a 2xx body of another shape, the reply is `malformed`; any other
    status makes it an `error`, and so does an error in a 2xx body. An incomplete stream is `truncated`.
    """
    if exchange.status is None:
        return Reply(malformed="no HTTP answer")
    if not 200 <= exchange.status < 300:
        return Reply(error=_patient(_streamed_error(exchange) or http_error(exchange), exchange))
    try:
        reply = _streamed(exchange, answer, fold) if is_stream(exchange) else _said(json_in(exchange.body), answer)
    except ShapeError as fault:
        return Reply(malformed=str(fault))
    return reply if reply.error is None else Reply(error=_patient(reply.error, exchange))


def billed_usd(usage: JsonObject) -> float | None:
    """What the provider says it billed: OpenRouter's `cost` in USD, xAI's ticks of 1e-10 USD."""
    cost, ticks = amount(usage.get("cost")), amount(usage.get("cost_in_usd_ticks"))
    return cost if ticks is None else ticks / TICKS_PER_USD


def _said(body: Any, answer: Answer) -> Reply:
    error = declared_error(body)
    return answer(object_of(body)) if error is None else Reply(error=error)


def _streamed(exchange: Exchange, answer: Answer, fold: Fold) -> Reply:
    stream = stream_in(exchange.body)
    if stream.error is not None:
        return Reply(error=stream.error)
    folded = fold(stream)
    incomplete = _incomplete(exchange, folded)
    try:
        reply = _said(folded.body, answer)
    except ShapeError:
        if incomplete is None:
            raise
        return Reply(truncated=incomplete)
    return reply if reply.error else replace(reply, truncated=incomplete)


def _incomplete(exchange: Exchange, folded: Folded) -> str | None:
    if folded.missing is not None:
        return f"a stream without {folded.missing}"
    return "a stream cut off after its last event" if exchange.failure else None


def _streamed_error(exchange: Exchange) -> ReplyError | None:
    """The error that came as an event although the status already said that there is one."""
    try:
        return stream_in(exchange.body).error if is_stream(exchange) else None
    except ShapeError:
        return None


def _patient(error: ReplyError, exchange: Exchange) -> ReplyError:
    """The error with the delay that it asks for: in its body as a figure, in the headers, else in its words."""
    if error.retry_after is not None:
        return error
    named = retry_header(exchange.headers)
    return replace(error, retry_after=retry_words(error.message) if named is None else named)
