"""OpenAI Chat Completions, as a server speaks it. Image tokens are itemised as DashScope and Zhipu do."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from monitor.core.types import Finish
from monitor.sandbox.messages import Bill, Completion, Problem, Prompt
from monitor.sandbox.wires.events import Event, EventStream, pieces
from monitor.sandbox.wires.openai_errors import UNFETCHED, write_problem
from monitor.sandbox.wires.wire import Address, Json, Lenient, Strict, Wire, billed, lines, pictured, strictly

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
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | Annotated[list[_Part], Field(min_length=1)] | None = None
    tool_calls: list[Json] | None = None
    tool_call_id: str | None = None

    @property
    def parts(self) -> list[_TextPart | _ImagePart]:
        if isinstance(self.content, str):
            return [_TextPart(type="text", text=self.content)]
        return list(self.content or ())

    @property
    def text(self) -> str:
        return lines(*(part.text for part in self.parts if isinstance(part, _TextPart)))

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.content is None and not (self.role == "assistant" and self.tool_calls):
            raise ValueError("content: Field required")
        return self

    @model_validator(mode="after")
    def _shows_images_as_the_user_only(self) -> Self:
        if self.role != "user" and any(isinstance(part, _ImagePart) for part in self.parts):
            raise ValueError(
                "Image URLs are only allowed for messages with role 'user', "
                f"but this message with role '{self.role}' contains an image URL."
            )
        return self


class _StreamOptions(Lenient):
    include_usage: bool = False


class _Body(Lenient):
    model: str
    messages: Annotated[list[_Message], Field(min_length=1)]
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    tools: list[Json] | None = None
    stream: bool = False
    stream_options: _StreamOptions | None = None


def _read(body: bytes, _address: Address) -> Prompt:
    request = strictly(_Body, body)
    parts = [part for message in request.messages for part in message.parts]
    return Prompt(
        model=request.model,
        text=lines(*(message.text for message in request.messages if message.role == "user")),
        attachments=tuple(pictured(part.image_url.url) for part in parts if isinstance(part, _ImagePart)),
        cap=request.max_completion_tokens or request.max_tokens,
        setting=_setting(request),
        gives_tools=bool(request.tools),
        streams=request.stream,
        counts=request.stream_options is not None and request.stream_options.include_usage,
    )


def _setting(request: _Body) -> str:
    others = [message for message in request.messages if message.role != "user"]
    return lines(billed(request.tools), *(lines(message.text, billed(message.tool_calls)) for message in others))


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


# --- streams ------------------------------------------------------------------------------------------------------


def _write_stream(completion: Completion, prompt: Prompt) -> EventStream:
    """Pieces of the first choice, its finish_reason, then the usage if it was asked for, and `[DONE]`."""
    begun = {**_identity(completion), **({"usage": None} if prompt.counts else {})}
    *before, last = [Event({**begun, "choices": [_choice(delta)]}) for delta in _deltas(completion)]
    finish = Event({**begun, "choices": [_choice({}, _FINISH[completion.finish])]})
    usage = Event({**begun, "choices": [], "usage": _usage(completion.bill)})
    return EventStream(tuple(before), (last, finish, *([usage] if prompt.counts else []), Event("[DONE]")))


def _deltas(completion: Completion) -> list[Json]:
    start: Json = {"role": "assistant", "content": "", "refusal": None}
    if completion.finish is Finish.FILTER:
        return [start]
    field = "refusal" if completion.finish is Finish.REFUSAL else "content"
    return [start, *({field: piece} for piece in pieces(completion.text))]


def _choice(delta: Json, finish: str | None = None) -> Json:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _identity(completion: Completion) -> Json:
    kind = {"object": "chat.completion.chunk", "created": 0}
    return {"id": f"chatcmpl-{completion.id}", **kind, "model": completion.model}


def _write_trouble(problem: Problem, _before: int) -> Event:
    return Event(write_problem(problem))


CHAT = Wire(
    name="openai-chat",
    paths=("/v1/chat/completions",),
    family="gpt-4o",
    bad_image="You uploaded an image that this gateway cannot read",
    unfetched=UNFETCHED,
    keys=(("authorization", "Bearer "), ("api-key", "")),
    read=_read,
    write=_write,
    write_stream=_write_stream,
    write_problem=write_problem,
    write_trouble=_write_trouble,
)
