"""Anthropic Messages, `POST {base}/v1/messages`: the input is the sum of three fields, and `max_tokens` is required."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from monitor.core.types import Ask, Exchange, Form, Image, Placement, Reply, Usage, WireRequest
from monitor.dialects import agent
from monitor.dialects.finish import finish_of
from monitor.dialects.reading import JsonObject, count, details, label, object_in, objects_in, said, text_in, words
from monitor.dialects.reply import HIDDEN, read
from monitor.dialects.request import base64_text, post
from monitor.dialects.stream import Folded, Stream

DEFAULT_VERSION = "2023-06-01"
"""The `anthropic-version` that every gateway knows."""

_CACHE_FIELDS = ("cache_creation_input_tokens", "cache_read_input_tokens")
_TOOLS = [{"name": tool.name, "description": tool.purpose, "input_schema": tool.schema()} for tool in agent.TOOLS]
_TEXT_DELTAS = {"text_delta": "text", "thinking_delta": "thinking"}
"""The field of its block that each kind of delta continues; other kinds say nothing that we read."""


@dataclass(frozen=True, slots=True)
class AnthropicMessages:
    """The Messages dialect."""

    name: str = "anthropic-messages"
    auth_scheme: str = "x-api-key"
    forms: frozenset[Form] = frozenset(Form)

    def build(self, ask: Ask) -> WireRequest:
        """Images first, then the question, under the target's API version or `DEFAULT_VERSION`.

        From a tool's result the images come after the question, as they do to an agent.
        """
        body = {
            "model": ask.model,
            "max_tokens": ask.cap,
            **_setting(ask),
            "messages": _messages(ask),
            "stream": ask.stream,
        }
        version = ("anthropic-version", ask.api_version or DEFAULT_VERSION)
        return post("/v1/messages", body, ask.extra_body, (version,))

    def parse(self, exchange: Exchange) -> Reply:
        """All text blocks joined. Why the model refused stands in `stop_details`."""
        return read(exchange, _answer, _fold)


def _setting(ask: Ask) -> JsonObject:
    system = {"system": agent.SYSTEM} if ask.with_tools else {}
    return {**system, "tools": _TOOLS, "tool_choice": {"type": "auto"}} if agent.declares_tools(ask) else {}


def _messages(ask: Ask) -> list[JsonObject]:
    images = [*map(_image, ask.images)]
    if ask.placement is Placement.USER:
        return [{"role": "user", "content": [*images, _text(ask.question)]}]
    call = {"type": "tool_use", "id": agent.CALL_ID, "name": agent.CALLED.name, "input": agent.ARGUMENTS}
    content = [*images, _text(agent.RESULT)] if images else agent.RESULT
    result = {"type": "tool_result", "tool_use_id": agent.CALL_ID, "content": content}
    return [
        {"role": "user", "content": [_text(ask.question)]},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]


def _image(image: Image) -> JsonObject:
    if image.url is not None:
        return {"type": "image", "source": {"type": "url", "url": image.url}}
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


# --- streams ------------------------------------------------------------------------------------------------------


def _fold(stream: Stream) -> Folded:
    """`message_start` brings the message, blocks grow by deltas, `message_delta` brings the rest."""
    message: JsonObject = {}
    for event in stream.events:
        if event.kind == "message_start":
            message = object_in(event.data, "message")
        elif event.kind == "message_delta":
            usage = _cumulated(details(message, "usage"), details(event.data, "usage"))
            message = {**message, **details(event.data, "delta"), "usage": usage}
    ended = any(event.kind == "message_stop" for event in stream.events)
    return Folded({**message, "content": _blocks(stream)}, None if ended else "message_stop")


def _cumulated(before: JsonObject, now: JsonObject) -> JsonObject:
    """The later figures, which are cumulative. A 0 after a figure is none: gateways that know the input tokens only
    at the start, or only at the end, write 0 at the other (envoyproxy/ai-gateway#1631, #2290).
    """
    return {**before, **{key: value for key, value in now.items() if value or not before.get(key)}}


def _blocks(stream: Stream) -> list[JsonObject]:
    """The content blocks, whole again, in the order in which they began."""
    blocks: dict[int | None, JsonObject] = {}
    pieces: defaultdict[tuple[int | None, str], list[str]] = defaultdict(list)
    for event in stream.events:
        index = count(event.data.get("index"))
        if event.kind == "content_block_start":
            blocks[index] = object_in(event.data, "content_block")
        elif event.kind == "content_block_delta":
            delta = object_in(event.data, "delta")
            if field := _TEXT_DELTAS.get(str(delta.get("type"))):
                pieces[index, field].append(text_in(delta, field))
                blocks.setdefault(index, {"type": field})
    for (index, field), texts in pieces.items():
        blocks[index] = {**blocks[index], field: text_in(blocks[index], field) + "".join(texts)}
    return list(blocks.values())
