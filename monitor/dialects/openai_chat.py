"""OpenAI Chat Completions, `POST {base}/chat/completions`: the dialect that most compatible servers speak.

They differ in the parameter that caps the output, so this module also tells a refusal of that parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from monitor.core.types import Ask, Exchange, Form, Image, Placement, Reply, ReplyError, Usage, WireRequest
from monitor.dialects import agent
from monitor.dialects.errors import error_of
from monitor.dialects.finish import finish_of
from monitor.dialects.reading import (
    JsonObject,
    count,
    details,
    first_in,
    label,
    object_in,
    objects_in,
    rendered,
    said,
    text_in,
    words,
)
from monitor.dialects.reply import billed_usd, read
from monitor.dialects.request import image_url, post
from monitor.dialects.stream import Folded, Stream

AUTO = "auto"
NEWER, OLDER = "max_completion_tokens", "max_tokens"

_REASONING_PARTS = ("thinking", "reasoning")
_UNSUPPORTED_CODES = ("unsupported_parameter", "unknown_parameter")
_REFUSALS = (
    # OpenAI, Azure, serde, Go and protobuf servers, Python keyword arguments, AWS
    (
        r"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extraneous) (?:\w+ ){{0,2}}"
        r"(?:parameter|param|argument|field|property|name|key|input|option)s?(?: \w+){{0,2}}\W+{this}\b"
    ),
    # "… is not supported with this model", Groq's "property '…' is unsupported"
    (
        r"\b{this}\W{{0,3}}(?: (?:parameter|argument|field|property))? (?:is|was|are|were) "
        r"(?:not (?:supported|allowed|permitted|recogni[sz]ed|expected)|un(?:supported|known|expected|recogni[sz]ed))"
    ),
    # pydantic, in its own words and as vLLM, Mistral and FastAPI pass its error list on
    r"\b{this}\W+(?:msg\W+)?extra (?:inputs|fields) (?:are )?not permitted",
    # JSON Schema, litellm
    r"additional properties are not allowed \W{{0,3}}{this}\b",
    r"(?:does not|doesn't) support (?:the )?(?:parameter|param|argument)s?\W+{this}\b",
    # those that only name the remedy
    r"\buse\W+{other}\W+instead\b",
    r"\bdid you mean\W+{other}\b",
)


@dataclass(frozen=True, slots=True)
class OpenAiChat:
    """The Chat Completions dialect."""

    name: str = "openai-chat"
    auth_scheme: str = "bearer"
    forms: frozenset[Form] = frozenset(Form) - {Form.TOOL_RESULT}

    def build(self, ask: Ask) -> WireRequest:
        """One user message, images first; the control's content is a plain string. ValueError for a tool's result.

        A string is the form that text-only servers know too, so the control passes where "content must be a string"
        is how an image is refused. `detail` is left to its default, `auto`.
        """
        if ask.placement is Placement.TOOL_RESULT:
            raise ValueError(f"{self.name} has no images in tool results: its tool messages are text only")
        body = {
            "model": ask.model,
            "messages": [*_system(ask), {"role": "user", "content": _content(ask)}],
            _sent(ask.cap_parameter): ask.cap,
            **_tools(ask),
            "stream": ask.stream,
            **({"stream_options": {"include_usage": True}} if ask.stream else {}),
        }
        return post("/chat/completions", body, ask.extra_body)

    def parse(self, exchange: Exchange) -> Reply:
        """The first choice. An error inside it (OpenRouter) is an error of the reply."""
        return read(exchange, _answer, _fold)


def other_cap_parameter(parameter: str) -> str:
    """The parameter to try when `parameter` (`auto` included) was refused."""
    return NEWER if _sent(parameter) == OLDER else OLDER


def cap_parameter_refused(reply: Reply, parameter: str) -> bool:
    """Does the target say that it does not know or support `parameter` (`auto`: the one sent for it)?

    Complaints about the parameter's value ("is too large") are no refusals, nor is the advice to use it.
    """
    if reply.error is None:
        return False
    this = _sent(parameter)
    if reply.error.param == this and reply.error.code in _UNSUPPORTED_CODES:
        return True
    names = {"this": re.escape(this), "other": re.escape(other_cap_parameter(this))}
    return any(re.search(wording.format(**names), reply.error.words, re.IGNORECASE) for wording in _REFUSALS)


def _sent(parameter: str) -> str:
    return NEWER if parameter == AUTO else parameter


def _system(ask: Ask) -> list[JsonObject]:
    return [{"role": "system", "content": agent.SYSTEM}] if ask.with_tools else []


def _tools(ask: Ask) -> JsonObject:
    return {"tools": [*map(_tool, agent.TOOLS)], "tool_choice": "auto"} if agent.declares_tools(ask) else {}


def _tool(tool: agent.Tool) -> JsonObject:
    function = {"name": tool.name, "description": tool.purpose, "parameters": tool.schema()}
    return {"type": "function", "function": function}


def _content(ask: Ask) -> str | list[JsonObject]:
    if not ask.images:
        return ask.question
    return [*map(_image, ask.images), {"type": "text", "text": ask.question}]


def _image(image: Image) -> JsonObject:
    return {"type": "image_url", "image_url": {"url": image_url(image)}}


def _answer(body: JsonObject) -> Reply:
    choice = first_in(body, "choices")
    error = _choice_error(choice)
    if error:
        return Reply(error=error)
    message = object_in(choice, "message")
    parts = _parts(message)
    return Reply(
        text=said(text_in(part, "text") for part in parts if part.get("type") not in _REASONING_PARTS),
        finish=finish_of(choice.get("finish_reason")),
        refusal=words(message.get("refusal")) or said(text_in(part, "refusal") for part in parts),
        reasoning=_reasoning(message, parts),
        usage=_usage(details(body, "usage")),
        model=label(body.get("model")),
        response_id=label(body.get("id")),
    )


def _choice_error(choice: JsonObject) -> ReplyError | None:
    if choice.get("error"):
        return error_of(choice["error"])
    return ReplyError("the choice ended in an error without words") if choice.get("finish_reason") == "error" else None


def _parts(message: JsonObject) -> list[JsonObject]:
    """The content as parts: some gateways answer with the part array of requests instead of a string."""
    if isinstance(message.get("content"), list):
        return objects_in(message, "content")
    return [{"type": "text", "text": text_in(message, "content")}]


def _reasoning(message: JsonObject, parts: list[JsonObject]) -> str | None:
    """DeepSeek's and vLLM's `reasoning_content`, OpenRouter's `reasoning`, Mistral's thinking parts."""
    inline: list[Any] = [
        part.get("thinking") or part.get("text") for part in parts if part.get("type") in _REASONING_PARTS
    ]
    return words(message.get("reasoning_content")) or words(message.get("reasoning")) or said(map(rendered, inline))


def _usage(usage: JsonObject) -> Usage:
    prompt = details(usage, "prompt_tokens_details")
    return Usage(
        input_total=count(usage.get("prompt_tokens")),
        output=count(usage.get("completion_tokens")),
        image=count(prompt.get("image_tokens")),
        cached=count(prompt.get("cached_tokens")),
        reasoning=count(details(usage, "completion_tokens_details").get("reasoning_tokens")),
        billed_usd=billed_usd(usage),
    )


# --- streams ------------------------------------------------------------------------------------------------------

_SPOKEN = ("refusal", "reasoning_content", "reasoning")


def _fold(stream: Stream) -> Folded:
    """Chunks bring pieces of the first choice, the last ones its finish_reason, the usage and `[DONE]`.

    Servers that leave out `[DONE]` (ikawrakow/ik_llama.cpp#467) have ended when both others came: the usage that we
    ask for follows everything else.
    """
    body: JsonObject = {}
    choice: JsonObject = {}
    deltas: list[JsonObject] = []
    for event in stream.events:
        body |= {key: event.data[key] for key in ("id", "model", "usage") if event.data.get(key)}
        if event.data.get("choices"):
            chunk = first_in(event.data, "choices")
            choice |= {key: chunk[key] for key in ("finish_reason", "error") if chunk.get(key)}
            deltas += [object_in(chunk, "delta")] if chunk.get("delta") is not None else []
    message = {"message": _message(deltas)} if deltas else {}
    body["choices"] = [{**choice, **message}] if choice or message else []
    ended = stream.done or ("finish_reason" in choice and "usage" in body)
    return Folded(body, None if ended else "[DONE]")


def _message(deltas: list[JsonObject]) -> JsonObject:
    """The message that the deltas are pieces of. Mistral's come as part arrays."""
    content: list[Any] = []
    for delta in deltas:
        piece = delta.get("content")
        content += piece if isinstance(piece, list) else [{"type": "text", "text": piece}]
    return {"content": content, **{key: _joined(deltas, key) for key in _SPOKEN}}


def _joined(deltas: list[JsonObject], key: str) -> str:
    return "".join(piece for delta in deltas if isinstance(piece := delta.get(key), str))
