"""Hand-written clients of the four dialects, independent of `monitor.dialects`, and an in-process way to the sandbox."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
from starlette.types import ASGIApp

from monitor.challenges import REGISTRY as CHALLENGES
from monitor.core.types import Image

Json = dict[str, Any]

QUESTIONS = {name: challenge.question for name, challenge in CHALLENGES.items()}


def chance(seed: int = 0) -> Callable[[int], int]:
    """A source of chance that tells the same story every time."""
    counter = count()

    def draw(below: int) -> int:
        digest = hashlib.sha256(f"{seed}/{next(counter)}".encode()).digest()
        return int.from_bytes(digest) % below

    return draw


def base64_of(image: Image) -> str:
    return base64.b64encode(image.data).decode()


def data_url(image: Image) -> str:
    return f"data:{image.media_type};base64,{base64_of(image)}"


@dataclass(frozen=True, eq=False)
class Speaker:
    """A client of one dialect: how to ask, and where in the reply things stand (KeyError where they do not)."""

    name: str
    path: str
    headers: Json
    body: Callable[[str, str, Sequence[Image], int], Json]
    text: Callable[[Json], str]
    finish: Callable[[Json], str]
    input_tokens: Callable[[Json], int]
    output_tokens: Callable[[Json], int]
    echo: str
    reply_id: str
    prices: dict[int, int]
    """Side in pixels -> image tokens of the family that this dialect bills."""

    def ask(self, model: str, question: str, images: Sequence[Image] = (), cap: int = 64) -> httpx.Request:
        return self.request(model, self.body(model, question, images, cap))

    def request(self, model: str, body: Json, headers: Json | None = None) -> httpx.Request:
        url = f"http://sandbox{self.path.format(model=model)}"
        return httpx.Request("POST", url, headers=self.headers if headers is None else headers, json=body)


def _chat_body(model: str, question: str, images: Sequence[Image], cap: int) -> Json:
    shown: list[Json] = [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in images]
    message = {"role": "user", "content": [*shown, {"type": "text", "text": question}]}
    return {"model": model, "messages": [message], "max_completion_tokens": cap, "stream": False}


def _responses_body(model: str, question: str, images: Sequence[Image], cap: int) -> Json:
    shown: list[Json] = [{"type": "input_image", "image_url": data_url(image), "detail": "auto"} for image in images]
    message = {"role": "user", "content": [*shown, {"type": "input_text", "text": question}]}
    return {"model": model, "input": [message], "max_output_tokens": cap, "store": False}


def _anthropic_body(model: str, question: str, images: Sequence[Image], cap: int) -> Json:
    sources = [{"type": "base64", "media_type": image.media_type, "data": base64_of(image)} for image in images]
    shown: list[Json] = [{"type": "image", "source": source} for source in sources]
    message = {"role": "user", "content": [*shown, {"type": "text", "text": question}]}
    return {"model": model, "max_tokens": cap, "messages": [message]}


def _gemini_body(_model: str, question: str, images: Sequence[Image], cap: int) -> Json:
    blobs = [{"mimeType": image.media_type, "data": base64_of(image)} for image in images]
    shown: list[Json] = [{"inlineData": blob} for blob in blobs]
    contents = [{"role": "user", "parts": [*shown, {"text": question}]}]
    return {"contents": contents, "generationConfig": {"maxOutputTokens": cap}}


def _anthropic_input(reply: Json) -> int:
    fields = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(reply["usage"][field] for field in fields)


CHAT = Speaker(
    name="openai-chat",
    path="/v1/chat/completions",
    headers={"authorization": "Bearer anything"},
    body=_chat_body,
    text=lambda reply: reply["choices"][0]["message"]["content"],
    finish=lambda reply: reply["choices"][0]["finish_reason"],
    input_tokens=lambda reply: reply["usage"]["prompt_tokens"],
    output_tokens=lambda reply: reply["usage"]["completion_tokens"],
    echo="model",
    reply_id="id",
    prices={256: 255, 448: 255},
)
RESPONSES = Speaker(
    name="openai-responses",
    path="/v1/responses",
    headers={"authorization": "Bearer anything"},
    body=_responses_body,
    text=lambda reply: reply["output"][0]["content"][0]["text"],
    finish=lambda reply: (reply["incomplete_details"] or {"reason": reply["status"]})["reason"],
    input_tokens=lambda reply: reply["usage"]["input_tokens"],
    output_tokens=lambda reply: reply["usage"]["output_tokens"],
    echo="model",
    reply_id="id",
    prices={256: 77, 448: 236},
)
ANTHROPIC = Speaker(
    name="anthropic-messages",
    path="/v1/messages",
    headers={"x-api-key": "anything", "anthropic-version": "2023-06-01"},
    body=_anthropic_body,
    text=lambda reply: reply["content"][0]["text"],
    finish=lambda reply: reply["stop_reason"],
    input_tokens=_anthropic_input,
    output_tokens=lambda reply: reply["usage"]["output_tokens"],
    echo="model",
    reply_id="id",
    prices={256: 100, 448: 256},
)
GEMINI = Speaker(
    name="gemini",
    path="/v1beta/models/{model}:generateContent",
    headers={"x-goog-api-key": "anything"},
    body=_gemini_body,
    text=lambda reply: reply["candidates"][0]["content"]["parts"][0]["text"],
    finish=lambda reply: reply["candidates"][0]["finishReason"],
    input_tokens=lambda reply: reply["usageMetadata"]["promptTokenCount"],
    output_tokens=lambda reply: reply["usageMetadata"]["candidatesTokenCount"],
    echo="modelVersion",
    reply_id="responseId",
    prices={256: 258, 448: 1032},
)
SPEAKERS = (CHAT, RESPONSES, ANTHROPIC, GEMINI)


async def send(app: ASGIApp, request: httpx.Request) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        return await client.send(request)


def exchange(app: ASGIApp, request: httpx.Request) -> httpx.Response:
    """The sandbox's answer, without a socket."""
    return asyncio.run(send(app, request))
