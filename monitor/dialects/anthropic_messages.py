"""Anthropic Messages, `POST {base}/v1/messages`: the input is the sum of three fields, and `max_tokens` is required."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.types import Ask, Exchange, Image, Reply, Usage, WireRequest
from monitor.dialects.finish import finish_of
from monitor.dialects.reading import JsonObject, count, details, label, objects_in, said, text_in, words
from monitor.dialects.reply import HIDDEN, read
from monitor.dialects.request import base64_text, post

DEFAULT_VERSION = "2023-06-01"
"""The `anthropic-version` that every gateway knows."""

_CACHE_FIELDS = ("cache_creation_input_tokens", "cache_read_input_tokens")


@dataclass(frozen=True, slots=True)
class AnthropicMessages:
    """The Messages dialect."""

    name: str = "anthropic-messages"
    auth_scheme: str = "x-api-key"

    def build(self, ask: Ask) -> WireRequest:
        """One user message, images first, under the target's API version or `DEFAULT_VERSION`."""
        body = {
            "model": ask.model,
            "max_tokens": ask.cap,
            "messages": [{"role": "user", "content": [*map(_image, ask.images), _text(ask.question)]}],
            "stream": False,
        }
        version = ("anthropic-version", ask.api_version or DEFAULT_VERSION)
        return post("/v1/messages", body, ask.extra_body, (version,))

    def parse(self, exchange: Exchange) -> Reply:
        """All text blocks joined. Why the model refused stands in `stop_details`."""
        return read(exchange, _answer)


def _image(image: Image) -> JsonObject:
    source = {"type": "base64", "media_type": image.media_type, "data": base64_text(image)}
    return {"type": "image", "source": source}


def _text(question: str) -> JsonObject:
    return {"type": "text", "text": question}


def _answer(body: JsonObject) -> Reply:
    blocks = objects_in(body, "content")
    stop = details(body, "stop_details")
    return Reply(
        text=said(text_in(block, "text") for block in blocks if block.get("type") == "text"),
        finish=finish_of(body.get("stop_reason")),
        refusal=words(stop.get("explanation")) or words(stop.get("category")),
        reasoning=said(map(_thought, blocks)),
        usage=_usage(details(body, "usage")),
        model=label(body.get("model")),
        response_id=label(body.get("id")),
    )


def _thought(block: JsonObject) -> str:
    is_thought = block.get("type") in ("thinking", "redacted_thinking")
    return (words(block.get("thinking")) or HIDDEN) if is_thought else ""


def _usage(usage: JsonObject) -> Usage:
    """This dialect has no field for image tokens."""
    return Usage(
        input_total=_input_total(usage),
        output=count(usage.get("output_tokens")),
        cached=count(usage.get("cache_read_input_tokens")),
        reasoning=count(details(usage, "output_tokens_details").get("thinking_tokens")),
    )


def _input_total(usage: JsonObject) -> int | None:
    """What was sent, cached or not: a cache field may be missing, but without `input_tokens` nothing is known."""
    uncached = count(usage.get("input_tokens"))
    return None if uncached is None else uncached + sum(count(usage.get(field)) or 0 for field in _CACHE_FIELDS)
