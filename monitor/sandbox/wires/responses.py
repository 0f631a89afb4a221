"""OpenAI Responses, as a server speaks it. Its usage has no field for images."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from monitor.core.types import Finish
from monitor.sandbox.messages import Bill, Completion, Prompt
from monitor.sandbox.wires.openai_errors import write_problem
from monitor.sandbox.wires.wire import Json, Lenient, Strict, Wire, inlined, strictly

_INCOMPLETE = {Finish.LENGTH: "max_output_tokens", Finish.FILTER: "content_filter"}


class _TextPart(Strict):
    type: Literal["input_text"]
    text: str


class _ImagePart(Strict):
    type: Literal["input_image"]
    image_url: str
    detail: Literal["auto", "low", "high"] = "auto"


_Part = Annotated[_TextPart | _ImagePart, Field(discriminator="type")]


class _Message(Strict):
    type: Literal["message"] = "message"
    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[_Part], Field(min_length=1)]

    @property
    def parts(self) -> list[_TextPart | _ImagePart]:
        if isinstance(self.content, str):
            return [_TextPart(type="input_text", text=self.content)]
        return list(self.content)


class _Body(Lenient):
    model: str
    input: str | Annotated[list[_Message], Field(min_length=1)]
    max_output_tokens: Annotated[int, Field(ge=16)] | None = None
    stream: Literal[False] = False

    @property
    def parts(self) -> list[_TextPart | _ImagePart]:
        if isinstance(self.input, str):
            return [_TextPart(type="input_text", text=self.input)]
        return [part for message in self.input for part in message.parts]


def _read(body: bytes, _path_model: str) -> Prompt:
    request = strictly(_Body, body)
    return Prompt(
        model=request.model,
        text="\n".join(part.text for part in request.parts if isinstance(part, _TextPart)),
        attachments=tuple(inlined(part.image_url) for part in request.parts if isinstance(part, _ImagePart)),
        cap=request.max_output_tokens,
    )


def _write(completion: Completion) -> Json:
    reason = _INCOMPLETE.get(completion.finish)
    status = "completed" if reason is None else "incomplete"
    return {
        "id": f"resp_{completion.id}",
        "object": "response",
        "created_at": 0,
        "status": status,
        "error": None,
        "incomplete_details": None if reason is None else {"reason": reason},
        "model": completion.model,
        "output": _output(completion, status),
        "parallel_tool_calls": True,
        "store": False,
        "tool_choice": "auto",
        "tools": [],
        "usage": _usage(completion.bill),
    }


def _output(completion: Completion, status: str) -> list[Json]:
    if completion.finish is Finish.FILTER:
        return []
    content = [_content(completion)]
    identity = {"id": f"msg_{completion.id}", "type": "message", "role": "assistant"}
    return [{**identity, "status": status, "content": content}]


def _content(completion: Completion) -> Json:
    if completion.finish is Finish.REFUSAL:
        return {"type": "refusal", "refusal": completion.text}
    return {"type": "output_text", "text": completion.text, "annotations": [], "logprobs": []}


def _usage(bill: Bill) -> Json:
    return {
        "input_tokens": bill.input,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": bill.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": bill.input + bill.output,
    }


RESPONSES = Wire(
    name="openai-responses",
    path="/v1/responses",
    family="gpt-5.4-nano",
    bad_image="You uploaded an image that this gateway cannot read",
    keys=(("authorization", "Bearer "), ("api-key", "")),
    read=_read,
    write=_write,
    write_problem=write_problem,
)
