"""Anthropic Messages, as a server speaks it. Input is the sum of three fields, none of them for images."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from monitor.core.types import Finish
from monitor.sandbox.messages import Attachment, Bill, Completion, Problem, Prompt
from monitor.sandbox.wires.wire import Json, Lenient, Strict, Wire, strictly

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


class _Source(Strict):
    type: Literal["base64"]
    media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    data: str


class _ImageBlock(Strict):
    type: Literal["image"]
    source: _Source


_Block = Annotated[_TextBlock | _ImageBlock, Field(discriminator="type")]


class _Message(Strict):
    role: Literal["user", "assistant"]
    content: str | Annotated[list[_Block], Field(min_length=1)]

    @property
    def blocks(self) -> list[_TextBlock | _ImageBlock]:
        if isinstance(self.content, str):
            return [_TextBlock(type="text", text=self.content)]
        return list(self.content)


class _Body(Lenient):
    model: str
    max_tokens: Annotated[int, Field(ge=1)]
    messages: Annotated[list[_Message], Field(min_length=1)]
    stream: Literal[False] = False


def _read(body: bytes, _path_model: str) -> Prompt:
    request = strictly(_Body, body)
    blocks = [block for message in request.messages for block in message.blocks]
    images = [block.source for block in blocks if isinstance(block, _ImageBlock)]
    return Prompt(
        model=request.model,
        text="\n".join(block.text for block in blocks if isinstance(block, _TextBlock)),
        attachments=tuple(Attachment(source.media_type, source.data) for source in images),
        cap=request.max_tokens,
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


ANTHROPIC = Wire(
    name="anthropic-messages",
    path="/v1/messages",
    family="claude-sonnet-4-5",
    bad_image="Could not process image",
    keys=(("x-api-key", ""), ("authorization", "Bearer ")),
    read=_read,
    write=_write,
    write_problem=_write_problem,
    required_headers=("anthropic-version",),
)
