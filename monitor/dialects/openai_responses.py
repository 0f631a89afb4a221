"""OpenAI Responses, `POST {base}/responses`: an answer is a list of items, of which only messages are said to us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monitor.core.types import Ask, Exchange, Finish, Form, Image, Placement, Reply, ReplyError, Usage, WireRequest
from monitor.dialects import agent
from monitor.dialects.finish import finish_of
from monitor.dialects.reading import (
    JsonObject,
    count,
    details,
    label,
    object_in,
    objects_in,
    rendered,
    said,
    text_in,
    texts_in,
)
from monitor.dialects.reply import HIDDEN, billed_usd, read
from monitor.dialects.request import image_url, post
from monitor.dialects.stream import Folded, Stream

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})


@dataclass(frozen=True, slots=True)
class OpenAiResponses:
    """The Responses dialect."""

    name: str = "openai-responses"
    auth_scheme: str = "bearer"
    forms: frozenset[Form] = frozenset(Form)

    def build(self, ask: Ask) -> WireRequest:
        """Images first, then the question. `store` is false, for its default keeps every probe at the provider's.

        From a tool's result the images come after the question, as they do to an agent.
        """
        body = {
            "model": ask.model,
            **_setting(ask),
            "input": _input(ask),
            "max_output_tokens": ask.cap,
            "store": False,
            "stream": ask.stream,
        }
        return post("/responses", body, ask.extra_body)

    def parse(self, exchange: Exchange) -> Reply:
        """All messages of the output joined. A response that `failed` is an error of the reply."""
        return read(exchange, _answer, _fold)


def _setting(ask: Ask) -> JsonObject:
    system = {"instructions": agent.SYSTEM} if ask.with_tools else {}
    return {**system, "tools": [*map(_tool, agent.TOOLS)], "tool_choice": "auto"} if agent.declares_tools(ask) else {}


def _tool(tool: agent.Tool) -> JsonObject:
    what = {"type": "function", "name": tool.name, "description": tool.purpose}
    return {**what, "parameters": tool.schema(), "strict": False}


def _input(ask: Ask) -> list[JsonObject]:
    """A text-only result is a plain string, which servers know that take no images there."""
    images = [*map(_image, ask.images)]
    if ask.placement is Placement.USER:
        return [{"role": "user", "content": [*images, _text(ask.question)]}]
    call = {"call_id": agent.CALL_ID, "name": agent.CALLED.name, "arguments": rendered(agent.ARGUMENTS)}
    output = [*images, _text(agent.RESULT)] if images else agent.RESULT
    return [
        {"role": "user", "content": [_text(ask.question)]},
        {"type": "function_call", **call},
        {"type": "function_call_output", "call_id": agent.CALL_ID, "output": output},
    ]


def _image(image: Image) -> JsonObject:
    return {"type": "input_image", "image_url": image_url(image), "detail": "auto"}


def _text(question: str) -> JsonObject:
    return {"type": "input_text", "text": question}


def _answer(body: JsonObject) -> Reply:
    if body.get("status") == "failed":
        return Reply(error=ReplyError("the response failed without saying why"))
    items = objects_in(body, "output")
    parts = [part for item in items if item.get("type") == "message" for part in objects_in(item, "content")]
    return Reply(
        text=said(text_in(part, "text") for part in parts if part.get("type") == "output_text"),
        finish=_finish(body, items),
        refusal=said(text_in(part, "refusal") for part in parts if part.get("type") == "refusal"),
        reasoning=said(text for item in items if item.get("type") == "reasoning" for text in _thoughts(item)),
        usage=_usage(details(body, "usage")),
        model=label(body.get("model")),
        response_id=label(body.get("id")),
    )


def _finish(body: JsonObject, items: list[JsonObject]) -> Finish | None:
    """`status` says whether, `incomplete_details` why; a completed response may consist of calls only."""
    if body.get("status") == "incomplete":
        return finish_of(details(body, "incomplete_details").get("reason")) or Finish.OTHER
    kinds = {item.get("type") for item in items if isinstance(item.get("type"), str)}
    if body.get("status") == "completed" and "function_call" in kinds and "message" not in kinds:
        return Finish.TOOL_CALLS
    return finish_of(body.get("status"))


def _thoughts(item: JsonObject) -> list[str]:
    return [*texts_in(item, "summary"), *texts_in(item, "content")] or [HIDDEN]


def _usage(usage: JsonObject) -> Usage:
    """This dialect has no field for image tokens."""
    return Usage(
        input_total=count(usage.get("input_tokens")),
        output=count(usage.get("output_tokens")),
        cached=count(details(usage, "input_tokens_details").get("cached_tokens")),
        reasoning=count(details(usage, "output_tokens_details").get("reasoning_tokens")),
        billed_usd=billed_usd(usage),
    )


# --- streams ------------------------------------------------------------------------------------------------------


def _fold(stream: Stream) -> Folded:
    """The last event has the whole response, but gateways leave out its output (BerriAI/litellm#32724)."""
    last = next((event for event in reversed(stream.events) if event.kind in _ENDS), None)
    if last is None:
        started = [details(event.data, "response") for event in stream.events]
        first = next(filter(None, started), {})
        begun = {key: value for key, value in first.items() if key != "status"}
        return Folded({**begun, "output": _streamed(stream)}, "response.completed, .incomplete or .failed")
    response = object_in(last.data, "response")
    streamed = [] if _says(response.get("output")) else _streamed(stream)
    return Folded({**response, "output": streamed} if streamed else response, None)


def _streamed(stream: Stream) -> list[JsonObject]:
    """The items that came one by one; where even they are empty, the text that came in pieces."""
    items = [object_in(event.data, "item") for event in stream.events if event.kind == "response.output_item.done"]
    deltas = [text_in(event.data, "delta") for event in stream.events if event.kind == "response.output_text.delta"]
    if not deltas or _says(items):
        return items
    return [*items, {"type": "message", "content": [{"type": "output_text", "text": "".join(deltas)}]}]


def _says(items: Any) -> bool:
    """Is there any text in the messages among the items?"""
    objects = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return any(texts_in(item, "content") for item in objects if item.get("type") == "message")
