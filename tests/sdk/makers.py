"""What the makers' SDKs (openai, anthropic, google-genai) hold a request and a reply of each dialect to be, and where
in a reply their users find things.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from anthropic.types import Message
from anthropic.types.message_create_params import MessageCreateParams
from google.genai import types as google
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses import Response
from openai.types.responses.response_create_params import ResponseCreateParams
from pydantic import BaseModel, Field
from pydantic_core import SchemaValidator

from monitor.core.types import Reply
from tests.sdk.strictness import strict


class GenerateContent(BaseModel):
    """The one request that no single type of its SDK describes: google-genai puts it together out of these
    (`google.genai.models._GenerateContentParameters_to_mldev`).
    """

    contents: list[google.Content]
    system_instruction: google.Content | None = Field(None, alias="systemInstruction")
    tools: list[google.Tool] | None = None
    tool_config: google.ToolConfig | None = Field(None, alias="toolConfig")
    generation_config: google.GenerationConfig = Field(alias="generationConfig")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply says, whoever read it. Tokens; None where nothing is said."""

    text: str | None
    input_tokens: int | None
    output_tokens: int | None
    image_tokens: int | None
    model: str | None
    id: str | None


@dataclass(frozen=True, slots=True)
class Maker:
    """The SDK's types for one dialect, and how its users read a reply."""

    request: Any
    reply: Any
    read: Callable[[Any], Reading]


def ours(reply: Reply) -> Reading:
    """What our own dialect read."""
    usage = reply.usage
    return Reading(reply.text or None, usage.input_total, usage.output, usage.image, reply.model, reply.response_id)


def _chat(reply: ChatCompletion) -> Reading:
    usage = reply.usage
    details = usage.prompt_tokens_details if usage else None
    return Reading(
        text=reply.choices[0].message.content or None,
        input_tokens=usage.prompt_tokens if usage else None,
        output_tokens=usage.completion_tokens if usage else None,
        image_tokens=details.image_tokens if details else None,
        model=reply.model,
        id=reply.id,
    )


def _responses(reply: Response) -> Reading:
    usage = reply.usage
    return Reading(
        text=reply.output_text or None,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        image_tokens=None,
        model=reply.model,
        id=reply.id,
    )


def _messages(reply: Message) -> Reading:
    usage = reply.usage
    cache = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return Reading(
        text="".join(block.text for block in reply.content if block.type == "text") or None,
        input_tokens=usage.input_tokens + cache,
        output_tokens=usage.output_tokens,
        image_tokens=None,
        model=reply.model,
        id=reply.id,
    )


def _generate_content(reply: google.GenerateContentResponse) -> Reading:
    usage = reply.usage_metadata
    modalities = (usage.prompt_tokens_details if usage else None) or []
    images = [entry.token_count for entry in modalities if entry.modality is google.MediaModality.IMAGE]
    return Reading(
        text=reply.text or None,
        input_tokens=usage.prompt_token_count if usage else None,
        output_tokens=usage.candidates_token_count if usage else None,
        image_tokens=images[0] if images else None,
        model=reply.model_version,
        id=reply.response_id,
    )


MAKERS = {
    "openai-chat": Maker(CompletionCreateParams, ChatCompletion, _chat),
    "openai-responses": Maker(ResponseCreateParams, Response, _responses),
    "anthropic-messages": Maker(MessageCreateParams, Message, _messages),
    "gemini": Maker(GenerateContent, google.GenerateContentResponse, _generate_content),
}
"""By the dialect's name."""


@cache
def request_type(dialect: str) -> SchemaValidator:
    return strict(MAKERS[dialect].request)


@cache
def reply_type(dialect: str) -> SchemaValidator:
    return strict(MAKERS[dialect].reply)
