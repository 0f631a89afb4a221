"""OpenAI Responses, as a server speaks it. Its usage has no field for images."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from monitor.core.types import Finish
from monitor.sandbox.messages import Attachment, Bill, Completion, Problem, Prompt
from monitor.sandbox.wires.events import Event, EventStream, pieces
from monitor.sandbox.wires.openai_errors import UNFETCHED, write_problem
from monitor.sandbox.wires.wire import Address, Json, Lenient, Strict, Wire, billed, lines, pictured, strictly

_INCOMPLETE = {Finish.LENGTH: "max_output_tokens", Finish.FILTER: "content_filter"}


class _TextPart(Strict):
    type: Literal["input_text"]
    text: str


class _ImagePart(Strict):
    type: Literal["input_image"]
    image_url: str
    detail: Literal["auto", "low", "high"] = "auto"


_Part = Annotated[_TextPart | _ImagePart, Field(discriminator="type")]


_Content = str | Annotated[list[_Part], Field(min_length=1)]


class _Message(Strict):
    type: Literal["message"] = "message"
    role: Literal["system", "developer", "user", "assistant"]
    content: _Content

    @property
    def said(self) -> str:
        """What the user says; empty for anybody else."""
        return _text(self.content) if self.role == "user" else ""

    @property
    def setting(self) -> str:
        return "" if self.role == "user" else _text(self.content)

    @property
    def attachments(self) -> list[Attachment]:
        return _images(self.content)


class _Call(Strict):
    type: Literal["function_call"]
    call_id: str
    name: str
    arguments: str
    id: str | None = None
    status: str | None = None

    @property
    def setting(self) -> str:
        return lines(self.name, self.arguments)

    @property
    def attachments(self) -> list[Attachment]:
        return []


class _CallOutput(Strict):
    type: Literal["function_call_output"]
    call_id: str
    output: _Content
    id: str | None = None
    status: str | None = None

    @property
    def setting(self) -> str:
        return _text(self.output)

    @property
    def attachments(self) -> list[Attachment]:
        return [replace(attachment, in_tool_result=True) for attachment in _images(self.output)]


def _kind(item: Any) -> Any:
    """The tag of an item: a message need not say that it is one."""
    return item.get("type", "message") if isinstance(item, dict) else getattr(item, "type", None)


_Item = Annotated[
    Annotated[_Message, Tag("message")]
    | Annotated[_Call, Tag("function_call")]
    | Annotated[_CallOutput, Tag("function_call_output")],
    Discriminator(_kind),
]


class _Body(Lenient):
    model: str
    instructions: str | None = None
    input: str | Annotated[list[_Item], Field(min_length=1)]
    tools: list[Json] | None = None
    max_output_tokens: Annotated[int, Field(ge=16)] | None = None
    stream: bool = False

    @property
    def items(self) -> list[_Message | _Call | _CallOutput]:
        if isinstance(self.input, str):
            return [_Message(role="user", content=self.input)]
        return list(self.input)


def _text(content: str | list[_TextPart | _ImagePart]) -> str:
    if isinstance(content, str):
        return content
    return lines(*(part.text for part in content if isinstance(part, _TextPart)))


def _images(content: str | list[_TextPart | _ImagePart]) -> list[Attachment]:
    parts = [] if isinstance(content, str) else content
    return [pictured(part.image_url) for part in parts if isinstance(part, _ImagePart)]


def _read(body: bytes, _address: Address) -> Prompt:
    request = strictly(_Body, body)
    return Prompt(
        model=request.model,
        text=lines(*(item.said for item in request.items if isinstance(item, _Message))),
        attachments=tuple(attachment for item in request.items for attachment in item.attachments),
        cap=request.max_output_tokens,
        setting=lines(request.instructions, billed(request.tools), *(item.setting for item in request.items)),
        gives_tools=bool(request.tools),
        streams=request.stream,
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
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": bill.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": bill.input + bill.output,
    }


# --- streams ------------------------------------------------------------------------------------------------------


def _write_stream(completion: Completion, _prompt: Prompt) -> EventStream:
    """The response as it begins, its one item as it grows, and the whole response with its usage."""
    whole = _write(completion)
    begun = {**whole, "status": "in_progress", "incomplete_details": None, "output": [], "usage": None}
    opening: list[Json] = [{"type": f"response.{state}", "response": begun} for state in ("created", "in_progress")]
    started, ended = _item_events(whole["output"][0]) if whole["output"] else ([], [])
    opening += started
    end: Json = {"type": f"response.{whole['status']}", "response": whole}
    return EventStream(tuple(_numbered(opening)), tuple(_numbered([*ended, end], len(opening))))


def _item_events(item: Json) -> tuple[list[Json], list[Json]]:
    """The events of a message before its last piece, and from there on."""
    (part,) = item["content"]
    kind, field = part["type"], "refusal" if part["type"] == "refusal" else "text"
    text = part[field]
    begun = {**item, "status": "in_progress", "content": []}
    place: Json = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    logprobs: Json = {} if field == "refusal" else {"logprobs": []}
    deltas = [{"type": f"response.{kind}.delta", **place, "delta": piece, **logprobs} for piece in pieces(text)]
    opening: list[Json] = [
        {"type": "response.output_item.added", "output_index": 0, "item": begun},
        {"type": "response.content_part.added", **place, "part": {**part, field: ""}},
        *deltas[:-1],
    ]
    closing: list[Json] = [
        deltas[-1],
        {"type": f"response.{kind}.done", **place, field: text, **logprobs},
        {"type": "response.content_part.done", **place, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
    ]
    return opening, closing


def _numbered(events: list[Json], first: int = 0) -> list[Event]:
    return [Event({**data, "sequence_number": number}, data["type"]) for number, data in enumerate(events, first)]


def _write_trouble(problem: Problem, before: int) -> Event:
    error = write_problem(problem)["error"]
    what = {"code": error["code"], "message": error["message"], "param": error["param"]}
    return Event({"type": "error", **what, "sequence_number": before}, "error")


RESPONSES = Wire(
    name="openai-responses",
    paths=("/v1/responses",),
    family="gpt-5.4-nano",
    bad_image="You uploaded an image that this gateway cannot read",
    unfetched=UNFETCHED,
    keys=(("authorization", "Bearer "), ("api-key", "")),
    read=_read,
    write=_write,
    write_stream=_write_stream,
    write_problem=write_problem,
    write_trouble=_write_trouble,
)
