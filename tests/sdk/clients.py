"""The SDKs' own clients, asking what a dialect asks the way a user of the SDK would write it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from anthropic import AsyncAnthropic
from anthropic.types import ImageBlockParam, Message, TextBlockParam
from google import genai
from google.genai import types as google
from google.genai.client import AsyncClient as AsyncGoogle
from openai import AsyncOpenAI
from openai.types.chat import (
    ChatCompletion,
    ChatCompletionContentPartImageParam,
    ChatCompletionContentPartTextParam,
)
from openai.types.responses import Response, ResponseInputImageParam, ResponseInputTextParam
from starlette.types import ASGIApp

from monitor.core.types import Ask, Image
from monitor.dialects.openai_chat import OLDER

KEY = "not-a-key"


@dataclass(frozen=True, slots=True)
class Clients:
    """One of each maker's, for the same server."""

    openai: AsyncOpenAI
    anthropic: AsyncAnthropic
    google: AsyncGoogle


@asynccontextmanager
async def clients(
    root: str, wire: httpx2.AsyncClient | None = None, timeout_s: float = 30, google_version: str | None = None
) -> AsyncIterator[Clients]:
    """Clients for the server at `root`, over `wire`, or else a transport that each makes itself. No retries.

    But Google's gets one: it would make its own from aiohttp, in a way that aiohttp deprecates.
    """
    stainless: Any = {"api_key": KEY, "timeout": timeout_s, "max_retries": 0, "http_client": wire}
    async with (
        AsyncOpenAI(base_url=f"{root}/v1", **stainless) as for_openai,
        AsyncAnthropic(base_url=root, **stainless) as for_anthropic,
        httpx2.AsyncClient(trust_env=False) as plain,
    ):
        options = google.HttpOptions(
            base_url=root,
            api_version=google_version,
            timeout=round(timeout_s * 1000),
            httpx_async_client=wire or plain,
        )
        async with genai.Client(api_key=KEY, http_options=options).aio as for_google:
            yield Clients(for_openai, for_anthropic, for_google)


@asynccontextmanager
async def clients_of(
    app: ASGIApp, sent: list[httpx2.Request] | None = None, google_version: str | None = None
) -> AsyncIterator[Clients]:
    """Clients for `app` in this process, without a socket. Every request is noted in `sent`."""
    noted = [] if sent is None else sent

    async def note(request: httpx2.Request) -> None:
        noted.append(request)

    transport = httpx2.ASGITransport(app)
    async with (
        httpx2.AsyncClient(transport=transport, event_hooks={"request": [note]}, trust_env=False) as wire,
        clients("http://sandbox", wire, google_version=google_version) as makers,
    ):
        yield makers


def _base64(image: Image) -> str:
    return b64encode(image.data).decode()


def _data_url(image: Image) -> str:
    return f"data:{image.media_type};base64,{_base64(image)}"


async def _chat(makers: Clients, ask: Ask) -> ChatCompletion:
    images: list[ChatCompletionContentPartImageParam] = [
        {"type": "image_url", "image_url": {"url": _data_url(image)}} for image in ask.images
    ]
    text: ChatCompletionContentPartTextParam = {"type": "text", "text": ask.question}
    older = ask.cap_parameter == OLDER
    return await makers.openai.chat.completions.create(
        model=ask.model,
        messages=[{"role": "user", "content": [*images, text] if images else ask.question}],
        max_tokens=ask.cap if older else openai.omit,
        max_completion_tokens=openai.omit if older else ask.cap,
        stream=False,
    )


async def _responses(makers: Clients, ask: Ask) -> Response:
    images: list[ResponseInputImageParam] = [
        {"type": "input_image", "image_url": _data_url(image), "detail": "auto"} for image in ask.images
    ]
    text: ResponseInputTextParam = {"type": "input_text", "text": ask.question}
    return await makers.openai.responses.create(
        model=ask.model,
        input=[{"role": "user", "content": [*images, text]}],
        max_output_tokens=ask.cap,
        store=False,
        stream=False,
    )


async def _messages(makers: Clients, ask: Ask) -> Message:
    images: list[ImageBlockParam] = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": _base64(image)}}
        for image in ask.images
    ]
    text: TextBlockParam = {"type": "text", "text": ask.question}
    return await makers.anthropic.messages.create(
        model=ask.model,
        messages=[{"role": "user", "content": [*images, text]}],
        max_tokens=ask.cap,
        stream=False,
    )


async def _generate_content(makers: Clients, ask: Ask) -> google.GenerateContentResponse:
    images = [google.Part.from_bytes(data=image.data, mime_type=image.media_type) for image in ask.images]
    text = google.Part.from_text(text=ask.question)
    return await makers.google.models.generate_content(
        model=ask.model,
        contents=google.Content(role="user", parts=[*images, text]),
        config=google.GenerateContentConfig(max_output_tokens=ask.cap),
    )


ASKERS: dict[str, Callable[[Clients, Ask], Awaitable[Any]]] = {
    "openai-chat": _chat,
    "openai-responses": _responses,
    "anthropic-messages": _messages,
    "gemini": _generate_content,
}
"""By the dialect's name: the SDK's reply, or the SDK's exception."""
