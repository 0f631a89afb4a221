"""OpenAI Chat Completions, as a server speaks it. Image tokens are itemised as DashScope and Zhipu do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from monitor.core.types import Finish
from monitor.sandbox.messages import Bill, Completion, Prompt
from monitor.sandbox.wires.openai_errors import write_problem
from monitor.sandbox.wires.wire import Json, Lenient, Strict, Wire, inlined, strictly

_FINISH = {Finish.STOP: "stop", Finish.LENGTH: "length", Finish.REFUSAL: "stop", Finish.FILTER: "content_filter"}


class _TextPart(Strict):
    type: Literal["text"]
    text: str


class _ImageUrl(Strict):
    url: str
    detail: Literal["auto", "low", "high"] = "auto"


class _ImagePart(Strict):
    type: Literal["image_url"]
    image_url: _ImageUrl


_Part = Annotated[_TextPart | _ImagePart, Field(discriminator="type")]


class _Message(Strict):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[_Part], Field(min_length=1)]

    @property
    def parts(self) -> list[_TextPart | _ImagePart]:
        if isinstance(self.content, str):
            return [_TextPart(type="text", text=self.content)]
        return list(self.content)


class _Body(Lenient):
    model: str
    messages: Annotated[list[_Message], Field(min_length=1)]
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    stream: Literal[False] = False


def _read(body: bytes, _path_model: str) -> Prompt:
    request = strictly(_Body, body)
    parts = [part for message in request.messages for part in message.parts]
    return Prompt(
        model=request.model,
        text="\n".join(part.text for part in parts if isinstance(part, _TextPart)),
        attachments=tuple(inlined(part.image_url.url) for part in parts if isinstance(part, _ImagePart)),
        cap=request.max_completion_tokens or request.max_tokens,
    )


def _write(completion: Completion) -> Json:
    choice = {
        "index": 0,
        "message": _message(completion),
        "logprobs": None,
        "finish_reason": _FINISH[completion.finish],
    }
    return {
        "id": f"chatcmpl-{completion.id}",
        "object": "chat.completion",
        "created": 0,
        "model": completion.model,
        "choices": [choice],
        "usage": _usage(completion.bill),
    }


def _message(completion: Completion) -> Json:
    refused = completion.finish is Finish.REFUSAL
    content = None if completion.finish in (Finish.REFUSAL, Finish.FILTER) else completion.text
    return {"role": "assistant", "content": content, "refusal": completion.text if refused else None}


def _usage(bill: Bill) -> Json:
    itemised = {} if bill.image is None else {"image_tokens": bill.image, "text_tokens": bill.text}
    return {
        "prompt_tokens": bill.input,
        "completion_tokens": bill.output,
        "total_tokens": bill.input + bill.output,
        "prompt_tokens_details": {"cached_tokens": 0, **itemised},
    }


CHAT = Wire(
    name="openai-chat",
    path="/v1/chat/completions",
    family="gpt-4o",
    bad_image="You uploaded an image that this gateway cannot read",
    keys=(("authorization", "Bearer "), ("api-key", "")),
    read=_read,
    write=_write,
    write_problem=write_problem,
)
