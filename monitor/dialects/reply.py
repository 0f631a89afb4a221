"""What all dialects do alike with an exchange: status first, then a declared error, then the dialect's own shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from monitor.core.types import Exchange, Reply, ReplyError
from monitor.dialects.errors import declared_error, http_error
from monitor.dialects.reading import JsonObject, ShapeError, amount, json_in, object_of
from monitor.dialects.retry import retry_header

HIDDEN = "(hidden)"
"""Stands for reasoning that a target keeps encrypted: it took place, but cannot be read."""

TICKS_PER_USD = 10_000_000_000


def read(exchange: Exchange, answer: Callable[[JsonObject], Reply]) -> Reply:
    """The reply in `exchange`. `answer` reads the dialect's own shape out of a 2xx body and may raise ShapeError.

    Never raises. Without any HTTP answer, and for a 2xx body of another shape, the reply is `malformed`; any other
    status makes it an `error`, and so does an error in a 2xx body.
    """
    if exchange.status is None:
        return Reply(malformed="no HTTP answer")
    if not 200 <= exchange.status < 300:
        return Reply(error=_patient(http_error(exchange), exchange))
    try:
        reply = _reply(exchange, answer)
    except ShapeError as fault:
        return Reply(malformed=str(fault))
    return reply if reply.error is None else Reply(error=_patient(reply.error, exchange))


def billed_usd(usage: JsonObject) -> float | None:
    """What the provider says it billed: OpenRouter's `cost` in USD, xAI's ticks of 1e-10 USD."""
    cost, ticks = amount(usage.get("cost")), amount(usage.get("cost_in_usd_ticks"))
    return cost if ticks is None else ticks / TICKS_PER_USD


def _reply(exchange: Exchange, answer: Callable[[JsonObject], Reply]) -> Reply:
    body = json_in(exchange.body)
    error = declared_error(body)
    return answer(object_of(body)) if error is None else Reply(error=error)


def _patient(error: ReplyError, exchange: Exchange) -> ReplyError:
    """The error with the delay that the headers ask for, where its body asks for none."""
    if error.retry_after is not None:
        return error
    return replace(error, retry_after=retry_header(exchange.headers))
