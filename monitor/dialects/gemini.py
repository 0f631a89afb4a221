"""Gemini, `POST {base}/v1beta/models/{model}:generateContent`: thoughts stand among the parts and beside the output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from monitor.core.types import Ask, Exchange, Finish, Form, Image, Placement, Reply, Usage, WireRequest
from monitor.dialects import agent
from monitor.dialects.finish import finish_of
from monitor.dialects.reading import (
    JsonObject,
    ShapeError,
    count,
    details,
    first_in,
    label,
    object_in,
    objects_in,
    said,
    text_in,
    words,
)
from monitor.dialects.reply import read
from monitor.dialects.request import base64_text, post
from monitor.dialects.stream import Folded, Stream

_BLOCKED: JsonObject = {"finishReason": "SAFETY"}
"""What stands for the candidate that a blocked prompt does not get."""

_TOOLS = {
    "functionDeclarations": [
        {"name": tool.name, "description": tool.purpose, "parameters": tool.schema("OBJECT", "STRING")}
        for tool in agent.TOOLS
    ]
}

_UNSIGNED = "skip_thought_signature_validator"
"""Gemini 3 answers 400 to a call that it did not sign itself, unless this stands there
(https://ai.google.dev/gemini-api/docs/thought-signatures).
"""

_LATEST = ("promptFeedback", "usageMetadata", "modelVersion", "responseId")
"""Fields of which the last event of a stream that has them counts."""


@dataclass(frozen=True, slots=True)
class Gemini:
    """The generateContent dialect. The key travels in a header: URLs get logged."""

    name: str = "gemini"
    auth_scheme: str = "x-goog-api-key"
    forms: frozenset[Form] = frozenset(Form)

    def build(self, ask: Ask) -> WireRequest:
        """Images first, then the question. The model may be written as Google lists it, with `models/` before it.

        From a tool's result the images come after the question, as they do to an agent.
        """
        body = {
            **_setting(ask),
            "contents": _contents(ask),
            "generationConfig": {"maxOutputTokens": ask.cap},
        }
        model = quote(ask.model.removeprefix("models/"), safe="")
        method = "streamGenerateContent?alt=sse" if ask.stream else "generateContent"
        return post(f"/v1beta/models/{model}:{method}", body, ask.extra_body)

    def parse(self, exchange: Exchange) -> Reply:
        """The first candidate. A prompt that was blocked has none; then the reason is the refusal."""
        return read(exchange, _answer, _fold)


def _setting(ask: Ask) -> JsonObject:
    system = {"systemInstruction": {"parts": [{"text": agent.SYSTEM}]}} if ask.with_tools else {}
    tools = {"tools": [_TOOLS], "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}}}
    return {**system, **tools} if agent.declares_tools(ask) else {}


def _contents(ask: Ask) -> list[JsonObject]:
    images = [*map(_image, ask.images)]
    if ask.placement is Placement.USER:
        return [{"role": "user", "parts": [*images, {"text": ask.question}]}]
    call = {"name": agent.CALLED.name, "args": agent.ARGUMENTS}
    result = {"name": agent.CALLED.name, "response": {"output": agent.RESULT}}
    return [
        {"role": "user", "parts": [{"text": ask.question}]},
        {"role": "model", "parts": [{"functionCall": call, "thoughtSignature": _UNSIGNED}]},
        {"role": "user", "parts": [{"functionResponse": {**result, "parts": images} if images else result}]},
    ]


def _image(image: Image) -> JsonObject:
    if image.url is not None:
        return {"fileData": {"mimeType": image.media_type, "fileUri": image.url}}
    return {"inlineData": {"mimeType": image.media_type, "data": base64_text(image)}}


def _answer(body: JsonObject) -> Reply:
    block = _block(details(body, "promptFeedback"))
    candidate = first_in(body, "candidates") if block is None else _BLOCKED
    finish = finish_of(candidate.get("finishReason"))
    parts = _parts(candidate)
    return Reply(
        text=said(text_in(part, "text") for part in parts if part.get("thought") is not True),
        finish=finish,
        refusal=block or _why_filtered(candidate, finish),
        reasoning=said(text_in(part, "text") for part in parts if part.get("thought") is True),
        usage=_usage(details(body, "usageMetadata")),
        model=label(body.get("modelVersion")),
        response_id=label(body.get("responseId")),
    )


def _block(feedback: JsonObject) -> str | None:
    reason, message = words(feedback.get("blockReason")), words(feedback.get("blockReasonMessage"))
    return f"{reason}: {message}" if reason and message else reason


def _why_filtered(candidate: JsonObject, finish: Finish | None) -> str | None:
    return words(candidate.get("finishMessage")) if finish is Finish.FILTER else None


def _parts(candidate: JsonObject) -> list[JsonObject]:
    """The parts said; a candidate that was cut or filtered may have none, but then it says why it stopped."""
    if candidate.get("content") is None and words(candidate.get("finishReason")) is None:
        raise ShapeError("the first candidate has neither content nor finishReason")
    content = object_in(candidate, "content") if candidate.get("content") is not None else {}
    return objects_in(content, "parts") if content.get("parts") is not None else []


def _usage(usage: JsonObject) -> Usage:
    """Candidates and thoughts are counted apart, but both are output: billed so, and under the cap together."""
    thoughts = count(usage.get("thoughtsTokenCount"))
    return Usage(
        input_total=count(usage.get("promptTokenCount")),
        output=_sum(count(usage.get("candidatesTokenCount")), thoughts),
        image=_image_tokens(usage.get("promptTokensDetails")),
        cached=count(usage.get("cachedContentTokenCount")),
        reasoning=thoughts,
    )


def _image_tokens(modalities: Any) -> int | None:
    entries = [entry for entry in modalities if isinstance(entry, dict)] if isinstance(modalities, list) else []
    return _sum(*(count(entry.get("tokenCount")) for entry in entries if entry.get("modality") == "IMAGE"))


def _sum(*counts: int | None) -> int | None:
    """The sum of what was reported; None when nothing was."""
    reported = [tokens for tokens in counts if tokens is not None]
    return sum(reported) if reported else None


# --- streams ------------------------------------------------------------------------------------------------------


def _fold(stream: Stream) -> Folded:
    """Each event is a response of its own, with some more parts; the last one says why the model stopped."""
    body: JsonObject = {}
    candidate: JsonObject = {}
    parts: list[JsonObject] = []
    for event in stream.events:
        body |= {key: event.data[key] for key in _LATEST if event.data.get(key)}
        if event.data.get("candidates"):
            latest = first_in(event.data, "candidates")
            parts += _streamed_parts(latest)
            candidate |= {key: value for key, value in latest.items() if value is not None}
    if candidate:
        body["candidates"] = [{**candidate, "content": {"parts": parts}}]
    ended = words(candidate.get("finishReason")) or _block(details(body, "promptFeedback"))
    return Folded(body, None if ended else "finishReason")


def _streamed_parts(candidate: JsonObject) -> list[JsonObject]:
    content = details(candidate, "content")
    return objects_in(content, "parts") if content.get("parts") is not None else []
