"""Anthropic Messages, as a server speaks it. Input is the sum of three fields, none of them for images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from monitor.core.types import Finish
from monitor.sandbox.messages import Attachment, Bill, Completion, Problem, Prompt
from monitor.sandbox.wires.events import Event, EventStream, pieces
from monitor.sandbox.wires.wire import Address, Json, Lenient, Strict, Wire, billed, lines, strictly

_STOP = {
    Finish.STOP: "end_turn",
    Finish.LENGTH: "max_tokens",
    Finish.REFUSAL: "refusal",
    Finish.FILTER: "refusal",
}
_TYPES = {
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
}


class _TextBlock(Strict):
    type: Literal["text"]
    text: str

    @property
    def attachments(self) -> list[Attachment]:
        return []


class _Inline(Strict):
    type: Literal["base64"]
    media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    data: str

    @property
    def attachment(self) -> Attachment:
        return Attachment(self.media_type, self.data)


class _ByUrl(Strict):
    type: Literal["url"]
    url: str

    @property
    def attachment(self) -> Attachment:
        return Attachment("", None, self.url)


class _ImageBlock(Strict):
    type: Literal["image"]
    source: Annotated[_Inline | _ByUrl, Field(discriminator="type")]

    @property
    def text(self) -> str:
        return ""

    @property
    def attachments(self) -> list[Attachment]:
        return [self.source.attachment]


class _ToolUse(Strict):
    type: Literal["tool_use"]
    id: str
    name: str
    input: Json

    @property
    def text(self) -> str:
        return lines(self.name, billed([self.input]))

    @property
    def attachments(self) -> list[Attachment]:
        return []


_Shown = Annotated[_TextBlock | _ImageBlock, Field(discriminator="type")]


class _ToolResult(Strict):
    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[_Shown] = ""
    is_error: bool = False

    @property
    def text(self) -> str:
        return _text(self.content)

    @property
    def attachments(self) -> list[Attachment]:
        blocks = [] if isinstance(self.content, str) else self.content
        return [replace(image, in_tool_result=True) for block in blocks for image in block.attachments]


_Block = Annotated[_TextBlock | _ImageBlock | _ToolUse | _ToolResult, Field(discriminator="type")]


class _Message(Strict):
    role: Literal["user", "assistant"]
    content: str | Annotated[list[_Block], Field(min_length=1)]

    @property
    def blocks(self) -> list[_TextBlock | _ImageBlock | _ToolUse | _ToolResult]:
        if isinstance(self.content, str):
            return [_TextBlock(type="text", text=self.content)]
        return list(self.content)

    def says(self, block: _TextBlock | _ImageBlock | _ToolUse | _ToolResult) -> bool:
        """Are these words of the user?"""
        return self.role == "user" and isinstance(block, _TextBlock)


class _Body(Lenient):
    model: str
    max_tokens: Annotated[int, Field(ge=1)]
    system: str | list[_TextBlock] = ""
    tools: list[Json] | None = None
    messages: Annotated[list[_Message], Field(min_length=1)]
    stream: bool = False


def _text(content: str | Sequence[_TextBlock | _ImageBlock]) -> str:
    return content if isinstance(content, str) else lines(*(block.text for block in content))


def _read(body: bytes, _address: Address) -> Prompt:
    request = strictly(_Body, body)
    blocks = [block for message in request.messages for block in message.blocks]
    others = [block.text for message in request.messages for block in message.blocks if not message.says(block)]
    return Prompt(
        model=request.model,
        text=lines(*(block.text for message in request.messages for block in message.blocks if message.says(block))),
        attachments=tuple(attachment for block in blocks for attachment in block.attachments),
        cap=request.max_tokens,
        setting=lines(_text(request.system), billed(request.tools), *others),
        gives_tools=bool(request.tools),
        streams=request.stream,
    )


def _write(completion: Completion) -> Json:
    refused = completion.finish in (Finish.REFUSAL, Finish.FILTER)
    return {
        "id": f"msg_{completion.id}",
        "type": "message",
        "role": "assistant",
        "model": completion.model,
        "content": [] if refused else [{"type": "text", "text": completion.text}],
        "stop_reason": _STOP[completion.finish],
        "stop_sequence": None,
        "usage": _usage(completion.bill),
    }


def _usage(bill: Bill) -> Json:
    return {
        "input_tokens": bill.input,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": bill.output,
    }


def _write_problem(problem: Problem) -> Json:
    """`{"type": "error", "error": {type, message}, "request_id"}`."""
    kind = _TYPES.get(problem.status, "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": problem.message}, "request_id": "req_sandbox"}


# --- streams ------------------------------------------------------------------------------------------------------


def _write_stream(completion: Completion, _prompt: Prompt) -> EventStream:
    """The message with its input tokens, its one block as it grows, then why it stopped and the output tokens."""
    whole = _write(completion)
    begun: Json = {"content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    started, ended = _block_events(whole["content"][0]["text"]) if whole["content"] else ([], [])
    why = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    delta = {"type": "message_delta", "delta": why, "usage": {"output_tokens": completion.bill.output}}
    opening = [{"type": "message_start", "message": {**whole, **begun}}, *started]
    return EventStream(_named(opening), _named([*ended, delta, {"type": "message_stop"}]))


def _block_events(text: str) -> tuple[list[Json], list[Json]]:
    """The events of a text block before its last piece, and from there on."""
    start: Json = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    deltas: list[Json] = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        for piece in pieces(text)
    ]
    return [start, {"type": "ping"}, *deltas[:-1]], [deltas[-1], {"type": "content_block_stop", "index": 0}]


def _named(events: Sequence[Json]) -> tuple[Event, ...]:
    return tuple(Event(data, data["type"]) for data in events)


def _write_trouble(problem: Problem, _before: int) -> Event:
    return Event(_write_problem(problem), "error")


ANTHROPIC = Wire(
    name="anthropic-messages",
    paths=("/v1/messages",),
    family="claude-sonnet-4-5",
    bad_image="Could not process image",
    unfetched="Unable to download the file. Please verify the URL and try again.",
    keys=(("x-api-key", ""), ("authorization", "Bearer ")),
    read=_read,
    write=_write,
    write_stream=_write_stream,
    write_problem=_write_problem,
    write_trouble=_write_trouble,
    required_headers=("anthropic-version",),
)
